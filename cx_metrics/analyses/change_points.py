"""Where the level of a weekly share changed, by how much, and at which rate of false alarms.

A week's share (per cent) is level + season + chance. A level lasts at least four weeks. The season is one effect per
month of the year. A slow drift is no step; it shows as one or several.

ruptures' KernelCPD (Celisse et al. 2018) finds the best levels, with a penalty per change, of the standardised weeks,
so that weeks with few contacts weigh little. A weighted least-squares fit of levels and season together then moves
each change to where it fits best and drops those not worth the penalty: the season needs both at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cx_metrics.analyses.weekly_levels import Starts, Weeks, columns, fitted, gains, inverse
from cx_metrics.analyses.weekly_shares import Numbers, judgeable, lasting, months, pooled, pulled_in, shortest
from cx_metrics.metrics.estimators import Z

ALARM = 0.05  # share of series without any change that get a mark all the same
# Penalty of a change, by number of weeks: the 95th percentile of `evidence` over series without a change, with the
# least favourable of several kinds of chance (tests/benchmarks/false_alarms.py). From 104 weeks on, a season is fitted.
PENALTIES = {
    12: 8.8, 13: 9.4, 15: 10.7, 16: 7.8, 20: 10.0, 26: 10.6, 39: 11.0, 52: 11.4, 103: 11.8, 104: 17.0, 130: 17.0,
    156: 15.3, 260: 13.7,
}  # fmt: skip
_FEWEST = 12  # weeks; fewer are not judged
_TWO_YEARS = 104  # weeks from which a season can be told from a change
_SMALLEST = 1.0  # percentage points that are worth a mark
_MOST = 4  # changes that `evidence` looks for
_ROUNDS = 5  # of a search that goes on from its own result; two or three are the rule


@dataclass(frozen=True)
class ChangePoint:
    """period: start of the first week of the new level. before, after: levels in per cent, weighted by contacts, season
    taken out. low, high: 95 % interval of after - before, in percentage points."""

    period: pd.Timestamp
    before: float
    after: float
    low: float
    high: float


def change_points(course: pd.DataFrame) -> tuple[ChangePoint, ...]:
    """Changes of the level of a weekly share, oldest first; none where `why_none` gives a reason.

    course: period (start of the week), n (contacts), value (per cent; missing where hidden), one row per week, oldest
    first; weeks may be missing. Changes of less than one point and those whose interval contains 0 are left out. One
    odd week is no change: it is pulled in to four standard errors of its neighbours and counts as four usual ones at
    most.
    """
    period, n, share = judgeable(course)
    weeks = None if _reason(n, share) else _prepared(period, n, share)
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
    return _reason(*judgeable(course)[1:])


def seasonal(course: pd.DataFrame) -> bool:
    """Whether there are enough weeks (104) to take a yearly season out. course: as in `change_points`."""
    return len(judgeable(course)[1]) >= _TWO_YEARS


def evidence(course: pd.DataFrame) -> float:
    """The penalty from which on no change would be found, however many are looked for: the largest drop in the misfit
    per change, over one to four changes. course: as in `change_points`, and judgeable."""
    weeks = _prepared(*judgeable(course))
    if weeks is None:
        return 0.0
    alone, best = fitted(weeks, ()).misfit, 0.0
    most = min(_MOST, len(weeks.n) // weeks.shortest - 1)
    for season in _seasons(weeks):
        search = _search(weeks, season)
        search.predict(n_bkps=most)  # the largest first: it keeps the smaller ones
        for k in range(1, most + 1):
            starts = _settled(weeks, tuple(search.predict(n_bkps=k)[:-1]))
            best = max(best, (alone - fitted(weeks, starts).misfit) / k)
    return best


def _reason(n: Numbers, share: Numbers) -> str:
    if len(n) < _FEWEST:
        return f"Fewer than {_FEWEST} weeks can be judged ({len(n)}): too few to tell a change of level from chance."
    if 2 * shortest(n, share) > len(n):
        return "The share is too close to 0 or 100 % for so few contacts to tell a change of level from chance."
    return ""


def _prepared(period: pd.DatetimeIndex, n: Numbers, share: Numbers) -> Weeks | None:
    """The weeks with what varies by chance, odd weeks pulled in; None where all contacts hit or none does."""
    whole = pooled(n, share)
    sampling = whole * (100 - whole) / n
    if not (sampling > 1e-12).all():
        return None
    season = months(period) if len(n) >= _TWO_YEARS else np.empty((len(n), 0))
    own = lasting(share, sampling)
    weeks = Weeks(period, share, n, sampling + own, own, season, shortest(n, share))
    if season.shape[1]:
        own = lasting(share - fitted(weeks, ()).season, sampling)
        weeks = replace(weeks, variance=sampling + own, own=own)
    usual = fitted(weeks, ()).season
    return replace(weeks, share=usual + pulled_in(share - usual, weeks.variance))


# --- the search ------------------------------------------------------------------------------------------------------


def _seasons(weeks: Weeks) -> list[Numbers]:
    """What a search may begin with: the season without any change and, as that takes a part of a change, no season."""
    return [fitted(weeks, ()).season, np.zeros(len(weeks.n))][: 1 + bool(weeks.season.shape[1])]


def _search(weeks: Weeks, season: Numbers) -> Any:
    """ruptures' search over the standardised weeks, season taken out."""
    from ruptures import KernelCPD  # takes a second, which pages without change points should not

    share = weeks.share - season
    signal = (share - np.average(share, weights=1 / weeks.variance)) / np.sqrt(weeks.variance)
    return KernelCPD(kernel="linear", min_size=weeks.shortest).fit(signal[:, None])


def _searched(weeks: Weeks) -> Starts:
    """Where levels start: the least misfit plus penalties over several searches, each with the season of the last."""
    sizes = sorted(PENALTIES)
    penalty = float(np.interp(math.log(len(weeks.n)), np.log(sizes), [PENALTIES[size] for size in sizes]))
    outcomes: set[tuple[float, Starts]] = set()
    for season in _seasons(weeks):
        for _ in range(_ROUNDS):
            proposed = tuple(_search(weeks, season).predict(pen=penalty)[:-1])
            outcome = min(_thinned(weeks, proposed, penalty))
            if outcome in outcomes:
                break
            outcomes.add(outcome)
            season = fitted(weeks, outcome[1]).season
    return min(outcomes)[1]


def _thinned(weeks: Weeks, starts: Starts, penalty: float) -> Iterator[tuple[float, Starts]]:
    """Misfit plus penalties of these changes, then without the weakest, and so on down to none."""
    while True:
        starts = _settled(weeks, starts) if len(starts) <= _MOST else starts
        fit = fitted(weeks, starts)
        yield fit.misfit + penalty * len(starts), starts
        if not starts:
            return
        starts = _without(starts, int(np.argmin(fit.losses)))


def _settled(weeks: Weeks, starts: Starts) -> Starts:
    """Each change moved to where it takes most off the misfit, given the others, until all stay."""
    for _ in range(_ROUNDS):
        before = starts
        for i in range(len(starts)):
            others = _without(starts, i)
            gained = gains(weeks, others)
            best = int(np.argmax(gained))
            if np.isfinite(gained[best]):
                starts = tuple(sorted((*others, best)))
        if starts == before:
            break
    return starts


def _without(starts: Starts, place: int) -> Starts:
    return starts[:place] + starts[place + 1 :]


# --- what is told ----------------------------------------------------------------------------------------------------


def _described(weeks: Weeks, starts: Starts) -> tuple[ChangePoint, ...]:
    """The changes with the levels around them, weighted by contacts; sandwich intervals of the differences."""
    design, count = columns(weeks, starts), len(starts) + 1
    solved = inverse(design, weeks.n) @ (design * weeks.n[:, None]).T
    steps = (solved @ weeks.share)[:count]
    levels = np.clip(steps.cumsum(), 0, 100)
    place = design[:, 1:count].sum(axis=1).astype(int)
    size = np.bincount(place, weights=weeks.n)
    likely = (levels * size + 100 * 2) / (size + 4)  # two hits and two misses more, lest a level of 0 % has no variance
    variance = (likely * (100 - likely))[place] / weeks.n + weeks.own
    errors = np.sqrt((solved**2) @ variance)[:count]
    told = zip(starts, levels[:-1], levels[1:], steps[1:] - Z * errors[1:], steps[1:] + Z * errors[1:], strict=True)
    return tuple(ChangePoint(weeks.period[start], *map(float, values)) for start, *values in told)


def _worth(change: ChangePoint) -> float:
    """How far from zero the interval lies; 0 where it contains zero or the change is too small."""
    if change.low <= 0 <= change.high or abs(change.after - change.before) < _SMALLEST:
        return 0.0
    return min(abs(change.low), abs(change.high))
