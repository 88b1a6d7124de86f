"""Where the level of a weekly share changed, by how much, and at which rate of false alarms.

Model: a week's share (per cent) is level + season + noise. A level lasts at least four weeks. The season is one effect
per month of the year, fitted together with the levels. The noise is binomial sampling noise plus the week's own
deviation, which may last into the weeks after (AR(1)). A slow drift is no step; it shows as one or several.

Search: optimal segmentation with a penalty per change (ruptures' KernelCPD, Celisse et al. 2018) of the standardised
weeks, so that weeks with few contacts weigh little; a weighted least-squares fit of levels and season together then
drops the changes that are not worth the penalty.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cx_metrics.metrics.estimators import Z

Numbers = NDArray[np.float64]
Starts = tuple[int, ...]  # first weeks of all levels but the first

ALARM = 0.05  # share of series without any change that get a mark all the same
# Penalty of a change, by number of weeks: the 95th percentile of `evidence` over series without a change whose noise is
# AR(1) with the least favourable coefficient from 0 to 0.5 (derived by tests/benchmarks/false_alarms.py).
PENALTIES = {12: 5.5, 16: 8.0, 26: 10.5, 52: 11.8, 103: 11.8, 104: 17.0, 156: 15.2, 260: 13.7}
_FEWEST = 12  # weeks; fewer are not judged
_SHORTEST = 4  # weeks that a level lasts
_TWO_YEARS = 104  # weeks from which a season can be told from a change
_SMALLEST = 1.0  # percentage points that are worth a mark
_EVENTS = 5.0  # expected hits (or misses) within the shortest level; with fewer a share is far from normal
_HEAVIEST = 4.0  # what one week may weigh, in usual weeks
_ODD = 4.0  # standard errors from its neighbours to which an odd week is pulled in
_MOST = 4  # changes that `evidence` looks for
_ROUNDS = 5  # of levels and season in turn; two or three are the rule


@dataclass(frozen=True)
class ChangePoint:
    """period: start of the first week of the new level. before, after: levels in per cent, weighted by contacts, season
    taken out. low, high: 95 % interval of after - before, in percentage points."""

    period: pd.Timestamp
    before: float
    after: float
    low: float
    high: float


@dataclass(frozen=True)
class _Weeks:
    """The weeks that can be judged. period: starts; share: per cent; n: contacts; sampling: binomial variance at the
    pooled share; lasting: long-run variance of the weeks' own deviations (both in squared points); months: effects that
    sum to zero, one row per week, no column where no season is taken out; shortest: weeks that a level lasts."""

    period: pd.DatetimeIndex
    share: Numbers
    n: Numbers
    sampling: Numbers
    lasting: float
    months: Numbers
    shortest: int

    @property
    def weight(self) -> Numbers:
        return 1 / (self.sampling + self.lasting)


def change_points(course: pd.DataFrame) -> tuple[ChangePoint, ...]:
    """Changes of the level of a weekly share, oldest first; none where `why_none` gives a reason.

    course: period (start of the week), n (contacts), value (per cent; missing where hidden), one row per week, oldest
    first; weeks may be missing. Changes of less than one point and those whose interval contains 0 are left out. One
    odd week is no change: it is pulled in to four standard errors of its neighbours, and counts as four usual ones at
    most.
    """
    weeks = None if why_none(course) else _prepared(*_judgeable(course))
    starts = _searched(weeks) if weeks else ()
    while weeks and starts:
        found = _described(weeks, starts)
        worth = [_worth(change) for change in found]
        weakest = worth.index(min(worth))
        if worth[weakest] > 0:
            return found
        starts = _without(starts, weakest)
    return ()


def why_none(course: pd.DataFrame) -> str:
    """Why the course cannot be judged, in one sentence; "" where it can. course: as in `change_points`."""
    _, n, share = _judgeable(course)
    if len(n) < _FEWEST:
        return f"Fewer than {_FEWEST} weeks can be judged ({len(n)}): too few to tell a change of level from chance."
    if 2 * _shortest(n, _pooled(n, share)) > len(n):
        return "The share is too close to 0 or 100 % for so few contacts to tell a change of level from chance."
    return ""


def seasonal(course: pd.DataFrame) -> bool:
    """Whether there are enough weeks (104) to take a yearly season out. course: as in `change_points`."""
    return len(_judgeable(course)[1]) >= _TWO_YEARS


def evidence(course: pd.DataFrame) -> float:
    """The penalty from which on no change would be found, however many are looked for: the largest drop in squared
    standardised residuals per change, over one to four changes. course: as in `change_points`, and judgeable."""
    weeks = _prepared(*_judgeable(course))
    if weeks is None:
        return 0.0
    alone, best = _misfit(weeks, ()), 0.0
    most = min(_MOST, len(weeks.n) // weeks.shortest - 1)
    for season in _seasons(weeks):
        search = _search(weeks, season)
        search.predict(n_bkps=most)  # the largest first: it keeps the smaller ones
        for k in range(1, most + 1):
            best = max(best, (alone - _misfit(weeks, _settled(weeks, tuple(search.predict(n_bkps=k)[:-1])))) / k)
    return best


# --- the weeks -------------------------------------------------------------------------------------------------------


def _judgeable(course: pd.DataFrame) -> tuple[pd.DatetimeIndex, Numbers, Numbers]:
    """Periods, contacts and shares of the weeks that have a share; no week counts as more than four usual ones."""
    table = course.reindex(columns=["period", "n", "value"])
    n, share = (pd.to_numeric(table[name], errors="coerce").to_numpy(float, na_value=np.nan) for name in ("n", "value"))
    known = (n > 0) & np.isfinite(share)
    period, n, share = pd.DatetimeIndex(table["period"])[known], n[known], share[known]
    return period, np.minimum(n, _HEAVIEST * np.median(n)) if len(n) else n, share


def _pooled(n: Numbers, share: Numbers) -> float:
    return float((n * share).sum() / n.sum())


def _shortest(n: Numbers, pooled: float) -> int:
    """Weeks that a level has to last: four, more where hits (or misses) are rare; four where there are none at all."""
    events = float(n.mean()) * min(pooled, 100 - pooled) / 100
    return max(_SHORTEST, math.ceil(_EVENTS / events)) if events > 0 else _SHORTEST


def _prepared(period: pd.DatetimeIndex, n: Numbers, share: Numbers) -> _Weeks | None:
    """The weeks with their noise, odd weeks pulled in; None where all contacts hit or none does."""
    pooled = _pooled(n, share)
    sampling = pooled * (100 - pooled) / n
    if not (sampling > 1e-12).all():
        return None
    months = _months(period) if len(n) >= _TWO_YEARS else np.empty((len(n), 0))
    weeks = _Weeks(period, share, n, sampling, _lasting(share, sampling, ()), months, _shortest(n, pooled))
    starts: Starts = ()
    for _ in range(1 + bool(months.shape[1])):
        search = _search(weeks, _season(weeks, starts))
        most = min(KT(len(n)), len(n)//weeks.shortest-1)
        starts = tuple(search.predict(n_bkps=most)[:-1]) if most else ()
        weeks = replace(weeks, lasting=_lasting(share - _season(weeks, starts), sampling, starts))
    season = _season(weeks, starts)
    return replace(weeks, share=season + _pulled_in(share - season, 1 / weeks.weight))

def KT(T): return 0
CAP = 0.5


def _months(period: pd.DatetimeIndex) -> Numbers:
    """One column per month that occurs but the last; rows of the last are -1. A week's month is that of its middle."""
    month = (period + pd.Timedelta(days=3)).month.to_numpy()
    there = np.unique(month)
    return (month[:, None] == there[:-1]).astype(float) - (month[:, None] == there[-1])


def _lasting(share: Numbers, sampling: Numbers, starts: Starts) -> float:
    """Long-run variance of the weeks' own deviations, beyond sampling noise: s (1 + r) / (1 - r), with r up to 0.9.

    Half the mean squared difference of weeks k apart is sampling + s (1 - r^k) for AR(1) deviations of variance s and
    coefficient r, whatever the levels, as few differences span a change (Chakar et al. 2017 use k = 1, 2; four lags and
    the known sampling noise make it far less erratic, as Romano et al. 2022 do). s and r are the least-squares fit to
    k = 1..4. Differences beyond 2.5 robust standard deviations are cut there.
    """
    gaps, spread = np.zeros(4), 0.0
    lev = np.searchsorted(np.array(starts, dtype=int), np.arange(len(share)), side="right")
    for _ in range(3):  # the weights depend on the outcome
        for k in range(1, 5):
            half, noise = (share[k:] - share[:-k]) ** 2 / 2, (sampling[k:] + sampling[:-k]) / 2
            same = lev[k:] == lev[:-k]
            half, noise = half[same], noise[same]
            expected = noise + spread
            scale = max(1.0, float(np.median(half / expected)) / 0.4549)  # the median of a squared standard normal
            half = 1.0229 * np.minimum(half, 2.5**2 * scale * expected)  # 1 / its mean when cut at 2.5 squared
            gaps[k - 1] = ((half - noise) / expected**2).sum() / (1 / expected**2).sum()
        spread = max(float(gaps.mean()), 0.0)
    coefficients, shapes = _grid()
    size = np.maximum((shapes @ gaps) / (shapes**2).sum(axis=1), 0)
    best = int(np.argmin(((gaps - size[:, None] * shapes) ** 2).sum(axis=1)))
    return float(size[best] * (1 + coefficients[best]) / (1 - coefficients[best]))


def _grid() -> tuple[Numbers, Numbers]:
    """Coefficients r from 0 to 0.9, and 1 - r^k for k = 1..4."""
    coefficients = np.linspace(0, CAP, 46)
    return coefficients, 1 - coefficients[:, None] ** np.arange(1, 5)


def _pulled_in(share: Numbers, variance: Numbers) -> Numbers:
    """Odd weeks pulled in towards the median of the seven weeks around them, which follows a change of level."""
    around, noise = (sliding_window_view(np.pad(x, 3, mode="reflect"), 7) for x in (share, variance))
    middle, far = np.median(around, axis=1), _ODD * np.sqrt(variance + noise.mean(axis=1) / 4)  # a median varies, too
    return np.clip(share, middle - far, middle + far)


# --- levels and season -----------------------------------------------------------------------------------------------


def _design(weeks: _Weeks, starts: Starts) -> Numbers:
    """One column per level, then those of the months."""
    level = np.searchsorted(np.array(starts, dtype=int), np.arange(len(weeks.n)), side="right")
    return np.column_stack([level[:, None] == np.arange(len(starts) + 1), weeks.months])


def _solved(design: Numbers, weight: Numbers) -> Numbers:
    """The matrix that makes weighted least-squares coefficients of shares; a level that is just one month stays so."""
    weighted = design * weight[:, None]
    gram = design.T @ weighted
    return np.linalg.solve(gram + 1e-10 * np.trace(gram) * np.eye(len(gram)), weighted.T)


def _misfit(weeks: _Weeks, starts: Starts) -> float:
    """Weighted sum of squared residuals of the levels and the season."""
    design = _design(weeks, starts)
    rest = weeks.share - design @ (_solved(design, weeks.weight) @ weeks.share)
    return float((weeks.weight * rest**2).sum())


def _season(weeks: _Weeks, starts: Starts) -> Numbers:
    """The season's effect on each week, given where levels start."""
    effects = (_solved(_design(weeks, starts), weeks.weight) @ weeks.share)[len(starts) + 1 :]
    return weeks.months @ effects


def _seasons(weeks: _Weeks) -> list[Numbers]:
    """What a search may begin with: the season without any change, and (as that takes half of a change) no season."""
    return [_season(weeks, ()), np.zeros(len(weeks.n))][: 1 + bool(weeks.months.shape[1])]


# --- the search ------------------------------------------------------------------------------------------------------


def _search(weeks: _Weeks, season: Numbers) -> Any:
    """ruptures' search over the standardised weeks, season taken out."""
    from ruptures import KernelCPD  # takes a second, which pages without change points should not

    share = weeks.share - season
    signal = (share - np.average(share, weights=weeks.weight)) * np.sqrt(weeks.weight)
    return KernelCPD(kernel="linear", min_size=weeks.shortest).fit(signal[:, None])


def _searched(weeks: _Weeks) -> Starts:
    """Where levels start: the least misfit plus penalties over several searches, each with the season of the last."""
    sizes = sorted(PENALTIES)
    penalty = float(np.interp(math.log(len(weeks.n)), np.log(sizes), [PENALTIES[size] for size in sizes]))
    best: tuple[float, Starts] = (_misfit(weeks, ()), ())
    for season in _seasons(weeks):
        tried: set[Starts] = set()
        for _ in range(_ROUNDS):
            score, starts = min(_thinned(weeks, tuple(_search(weeks, season).predict(pen=penalty)[:-1]), penalty))
            best = min(best, (score, starts))
            if starts in tried or not weeks.months.shape[1]:
                break
            tried.add(starts)
            season = _season(weeks, starts)
    return best[1]


def _thinned(weeks: _Weeks, starts: Starts, penalty: float) -> Iterator[tuple[float, Starts]]:
    """Misfit plus penalties of these changes, then without the weakest, and so on down to none."""
    while True:
        if len(starts) <= _MOST:
            starts = _settled(weeks, starts)
        yield _misfit(weeks, starts) + penalty * len(starts), starts
        if not starts:
            break
        starts = min((_without(starts, i) for i in range(len(starts))), key=lambda fewer: _misfit(weeks, fewer))


def _gains(weeks: _Weeks, starts: Starts) -> Numbers:
    """What one more change would take off the misfit, by its first week; -inf where a level would be too short."""
    design, weight = _design(weeks, starts), weeks.weight
    solved = _solved(design, weight)
    rest = weeks.share - design @ (solved @ weeks.share)
    after = lambda x: np.cumsum(x[::-1], axis=0)[::-1]  # sums over the weeks from each on
    drop = after(weight * rest)
    crossed = after(design * weight[:, None])
    own = after(weight) - np.einsum("ij,ij->i", crossed, after(solved.T))
    gains = drop**2 / np.maximum(own, 1e-9)
    edges = np.array([0, *starts, len(rest)])
    near = np.abs(np.arange(len(rest))[:, None] - edges).min(axis=1) < weeks.shortest
    gains[near] = -np.inf
    return gains


def _settled(weeks: _Weeks, starts: Starts) -> Starts:
    """Each change moved to where it takes most off the misfit, given the others, until all stay."""
    for _ in range(_ROUNDS):
        before = starts
        for i in range(len(starts)):
            rest = _without(starts, i)
            starts = tuple(sorted((*rest, int(np.argmax(_gains(weeks, rest))))))
        if starts == before:
            break
    return starts


def _without(starts: Starts, place: int) -> Starts:
    return starts[:place] + starts[place + 1 :]


# --- what is told ----------------------------------------------------------------------------------------------------


def _described(weeks: _Weeks, starts: Starts) -> tuple[ChangePoint, ...]:
    """The changes with their levels, weighted by contacts, and sandwich intervals of the differences."""
    design, count = _design(weeks, starts), len(starts) + 1
    solved = _solved(design, weeks.n)
    levels = np.clip((solved @ weeks.share)[:count], 0, 100)
    size = weeks.n @ design[:, :count]
    likely = (levels * size + 100 * 2) / (size + 4)  # two hits and two misses more, lest a level of 0 % has no variance
    variance = design[:, :count] @ (likely * (100 - likely)) / weeks.n + weeks.lasting
    covariance = (solved * variance) @ solved.T
    found = []
    for i, start in enumerate(starts):
        error = math.sqrt(covariance[i, i] + covariance[i + 1, i + 1] - 2 * covariance[i, i + 1])
        before, after = float(levels[i]), float(levels[i + 1])
        ends = (after - before - Z * error, after - before + Z * error)
        found.append(ChangePoint(weeks.period[start], before, after, *ends))
    return tuple(found)


def _worth(change: ChangePoint) -> float:
    """How far from zero the interval lies; 0 where it contains zero or the change is too small."""
    if change.low <= 0 <= change.high or abs(change.after - change.before) < _SMALLEST:
        return 0.0
    return min(abs(change.low), abs(change.high))
