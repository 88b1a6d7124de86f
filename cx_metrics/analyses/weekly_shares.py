"""Weekly shares as arrays: which weeks can be judged, and how much they vary by chance.

Chance is binomial sampling noise plus a week's own deviation, which may last into the weeks after it (AR(1)).
"""

from __future__ import annotations

import functools
import math

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

SHORTEST = 4  # weeks that a level lasts
_HEAVIEST = 4.0  # what one week may weigh, in usual weeks
_EVENTS = 5.0  # expected hits (or misses) within the shortest level; with fewer a share is far from normal
_ODD = 4.0  # standard errors from its neighbours to which an odd week is pulled in
_LAGS = 4
_MANY = 16  # weeks from which all lags are used, half of them below
_STRONGEST = 0.5  # largest AR(1) coefficient
_CUT = 2.5  # robust standard deviations at which a difference is cut
_MEDIAN, _KEPT = 0.4549, 0.9776  # of a squared standard normal: its median, and its mean when cut


def judgeable(course: pd.DataFrame) -> tuple[pd.DatetimeIndex, Numbers, Numbers]:
    """Periods, contacts and shares (per cent) of the weeks that have a share. course: period, n, value.

    No week counts as more than four usual ones, so that a single load of old contacts does not make the level.
    """
    table = course.reindex(columns=["period", "n", "value"])
    n, share = (pd.to_numeric(table[name], errors="coerce").to_numpy(float, na_value=np.nan) for name in ("n", "value"))
    known = (n > 0) & np.isfinite(share)
    period, n, share = pd.DatetimeIndex(table["period"])[known], n[known], share[known]
    return period, np.minimum(n, _HEAVIEST * np.median(n)) if len(n) else n, share


def pooled(n: Numbers, share: Numbers) -> float:
    """The share of all weeks together, in per cent."""
    return float((n * share).sum() / n.sum())


def shortest(n: Numbers, share: Numbers) -> int:
    """Weeks that a level has to last: four, more where hits (or misses) are rare; four where there are none at all."""
    whole = pooled(n, share)
    events = float(n.mean()) * min(whole, 100 - whole) / 100
    return max(SHORTEST, math.ceil(_EVENTS / events)) if events > 0 else SHORTEST


def months(period: pd.DatetimeIndex) -> Numbers:
    """The month of each week's middle, as columns whose effects sum to zero: one column per month that occurs but the
    last, whose rows are -1."""
    month = (period + pd.Timedelta(days=3)).month.to_numpy()
    there = np.unique(month)
    columns: Numbers = (month[:, None] == there[:-1]).astype(float) - (month[:, None] == there[-1])
    return columns


def lasting(share: Numbers, sampling: Numbers) -> float:
    """Long-run variance of the weeks' own deviations, s (1 + r) / (1 - r), in squared points; sampling: binomial
    variance of each week, on top of which it comes.

    Half the mean squared difference of weeks k apart is sampling + s (1 - r^k) for AR(1) deviations of variance s and
    coefficient r, whatever the levels, as few differences span a change. Chakar et al. (2017) solve that for k = 1, 2;
    the least-squares fit to four lags with the sampling variance known is far less erratic. r goes up to 0.5 only: a
    larger one cannot be told from a change, which makes differences grow with k, and would hide large changes.
    """
    lags = _LAGS if len(share) >= _MANY else _LAGS // 2  # among few weeks too many of the pairs span a change
    gaps, spread = np.zeros(lags), 0.0
    for _ in range(3):  # the weights depend on the outcome
        for k in range(1, lags + 1):
            half, noise = (share[k:] - share[:-k]) ** 2 / 2, (sampling[k:] + sampling[:-k]) / 2
            expected = noise + spread
            scale = max(1.0, float(np.median(half / expected)) / _MEDIAN)
            half = np.minimum(half, _CUT**2 * scale * expected) / _KEPT
            gaps[k - 1] = ((half - noise) / expected**2).sum() / (1 / expected**2).sum()
        spread = max(float(gaps.mean()), 0.0)
    coefficients, shapes = _grid(lags)
    size = np.maximum((shapes @ gaps) / (shapes**2).sum(axis=1), 0)
    best = int(np.argmin(((gaps - size[:, None] * shapes) ** 2).sum(axis=1)))
    return float(size[best] * (1 + coefficients[best]) / (1 - coefficients[best]))


@functools.cache
def _grid(lags: int) -> tuple[Numbers, Numbers]:
    """Coefficients r, and 1 - r^k in columns k = 1, 2, ..."""
    coefficients = np.linspace(0, _STRONGEST, 51)
    return coefficients, 1 - coefficients[:, None] ** np.arange(1, lags + 1)


def pulled_in(share: Numbers, variance: Numbers) -> Numbers:
    """The shares with odd weeks pulled in towards the median of the seven weeks around them, which follows changes of
    level; variance: of each week."""
    around, noise = (sliding_window_view(np.pad(x, 3, mode="reflect"), 7) for x in (share, variance))
    middle, far = np.median(around, axis=1), _ODD * np.sqrt(variance + noise.mean(axis=1) / 4)  # a median varies, too
    return np.clip(share, middle - far, middle + far)
