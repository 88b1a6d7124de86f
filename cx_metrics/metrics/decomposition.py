"""A change of a figure taken apart: what changed within groups, what the mix of groups did; the two add up to it.

Of groups g with shares p and values m in the periods 0 (before) and 1 (now), with midpoint weights (Kitagawa 1955):
    within_g = (m1 - m0) x (p0 + p1) / 2
    mix_g    = (p1 - p0) x ((m0 + m1) / 2 - c), c the mean of the two totals
so that all parts together are the change of the total, exactly; c shifts mix between groups and cancels in their sum.
A group that only one period has is taken to have the same value in the other: all of its part is mix.

Intervals and p: delta method over values and (multinomial) shares, from the influence of each row. Shares and net
shares get added rows as in Brown and Li (2005), so that groups at 0 or 100 % are not taken for certain; a total
gets them once, spread over its groups by size. Means use Student's t with Welch and Satterthwaite's degrees of freedom.
The interval of mix, a sum of products, is that of the distribution of the product instead (MacKinnon et al. 2007), by
random draws from a fixed seed: small products are far from normal, and the delta method alone covers 88 % of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from cx_metrics.metrics.estimators import Z

Floats = npt.NDArray[np.float64]
Prior = tuple[float, float, float]  # rows that are added to a group for its interval: how many, sum of y, sum of y^2
OF_SHARE: Prior = (1.0, 50.0, 5e3)  # half a hit, half a miss, in per cent (Brown and Li 2005)
OF_NET: Prior = (3.0, 0.0, 1.5e4)  # as for the figure itself: 3/4 up, 3/4 down of three (Rocks 2016)
NONE: Prior = (0.0, 0.0, 0.0)
_DRAWS = 1000


@dataclass(frozen=True)
class Cells:
    """Sums of rows with value y and weight w, each an array of 2 periods (before, now) x groups.

    n: rows. size: sum of w. total: of w y. squares: of w^2. skew: of w^2 y. spread: of w^2 y^2. prior: see above.
    """

    n: Floats
    size: Floats
    total: Floats
    squares: Floats
    skew: Floats
    spread: Floats
    prior: Prior = NONE

    @property
    def shares(self) -> Floats:
        """Of each group in its period's size, 0 to 1."""
        found: Floats = self.size / self.size.sum(axis=1, keepdims=True)
        return found

    @property
    def values(self) -> Floats:
        """Mean of y of each group; a group that is not there in one period has its value of the other."""
        own = np.where(self.size > 0, self.total / np.where(self.size > 0, self.size, 1.0), np.nan)
        return np.where(np.isnan(own), own[::-1], own)

    def within_variance(self) -> float:
        """Which part of the variance of y (both periods) is within groups; 0 where the groups determine the value."""
        own = np.nan_to_num(self.spread - self.values * (2 * self.skew - self.values * self.squares)).sum()
        mean = self.total.sum(axis=1) / self.size.sum(axis=1)
        whole = (self.spread.sum(axis=1) - mean * (2 * self.skew.sum(axis=1) - mean * self.squares.sum(axis=1))).sum()
        return float(own / whole) if whole > 0 else 1.0


@dataclass(frozen=True)
class Parts:
    """Of each group, and last (where there is a sum) of all together: size with its 95 % interval, and two-sided p."""

    size: Floats
    low: Floats
    high: Floats
    p: Floats


def decompose(cells: Cells) -> dict[str, Parts]:
    """Parts "within" and "mix" of each group and, last, of all together. Every group needs rows in one period."""
    share, value = cells.shares, cells.values
    difference, shift = value[1] - value[0], share[1] - share[0]
    weight, level = share.mean(axis=0), value.mean(axis=0) - (share * value).sum(axis=1).mean()
    own = np.eye(len(shift))
    by_value = np.vstack([np.diag(weight), weight])
    by_share = np.vstack([np.diag(difference), difference]) / 2
    within = _estimated(
        cells, _with_sum(difference * weight), np.stack([-by_value, by_value]), np.stack([by_share, by_share])
    )
    of_values, of_shares = [], []
    for period, sign in ((0, -1.0), (1, 1.0)):
        of_values.append(np.vstack([shift[:, None] * (own - share[period]), shift]) / 2)
        moved = sign * np.diag(level) - np.outer(shift, value[period]) / 2
        of_shares.append(np.vstack([moved, sign * level]))
    mix = _as_product(cells, _estimated(cells, _with_sum(shift * level), np.stack(of_values), np.stack(of_shares)))
    alone = np.append((cells.size == 0).any(axis=0), False)
    return {"within": _unknown(within, alone), "mix": mix}


def differences(cells: Cells) -> Parts:
    """Each group's own change of value, for figures whose groups do not add up; missing without rows in one period."""
    own = np.eye(cells.n.shape[1])
    found = _estimated(cells, cells.values[1] - cells.values[0], np.stack([-own, own]), np.zeros((2, *own.shape)))
    return _unknown(found, (cells.size == 0).any(axis=0))


def contributions(total: Floats, squares: Floats) -> Parts:
    """What each group adds to the change of a count or sum, and last all together.

    total, squares: 2 periods x groups, the sum of values and of their squares (both n for a count), which is the
    variance of a compound Poisson sum.
    """
    size, variance = _with_sum(total[1] - total[0]), _with_sum(squares.sum(axis=0))
    return _parts(size, size, variance, np.full(len(size), np.inf))


def evidence(squares: float, k: int) -> float:
    """How far k squared standard normal deviates exceed chance: (their sum - k) / sqrt(2 k)."""
    return (squares - k) / math.sqrt(2 * k) if k > 0 else -math.inf


def _with_sum(parts: Floats) -> Floats:
    return np.append(parts, parts.sum())


def _unknown(parts: Parts, where: npt.NDArray[np.bool_]) -> Parts:
    low, high, p = (np.where(where, np.nan, x) for x in (parts.low, parts.high, parts.p))
    return Parts(parts.size, low, high, p)


def _estimated(cells: Cells, size: Floats, by_value: Floats, by_share: Floats) -> Parts:
    """by_value, by_share: derivatives of each part (rows) by the values and shares of groups (columns), per period."""
    groups, (share, value) = cells.n.shape[1], (cells.shares, cells.values)
    absent = cells.size == 0
    by_value = by_value + np.where(absent[::-1, None], by_value[::-1], 0.0)  # its value is that of the other period
    by_value = np.where(absent[:, None], 0.0, by_value)
    variance, moved, squared = np.zeros(len(size)), np.zeros(len(size)), np.zeros(len(size))
    of_sum = np.arange(len(size)) >= groups
    for t in (0, 1):
        added = np.where(of_sum[:, None], share[t], 1.0)
        shift, of_value, rows = _added(cells, t, value[t], added)
        moved += (by_value[t] * shift).sum(axis=1)
        from_values = by_value[t] ** 2 * of_value
        whole = cells.size[t].sum()
        influence = (by_share[t] - by_share[t] @ share[t][:, None]) / whole
        per_size = by_value[t] / np.where(absent[t], 1.0, cells.size[t])
        both = 2 * influence * per_size * (cells.skew[t] - value[t] * cells.squares[t])
        variance += (from_values + influence**2 * cells.squares[t] + both).sum(axis=1)
        squared += (from_values**2 / np.maximum(rows - 1, 1.0)).sum(axis=1)
    known = variance > 0
    freedom = np.full(len(size), np.inf)
    if cells.prior == NONE:
        freedom = np.where(squared > 0, variance**2 / np.where(squared > 0, squared, 1.0), np.inf)
    return _parts(size, size + moved, np.where(known, variance, np.nan), freedom)


def _as_product(cells: Cells, mix: Parts) -> Parts:
    """Mix with the interval of its distribution when shares and values vary by chance."""
    rng, shape = np.random.default_rng(0), (_DRAWS, cells.n.shape[1])
    shares, values = [], []
    for t in (0, 1):
        value, there = cells.values[t], cells.size[t] > 0
        shift, variance, _ = _added(cells, t, value, cells.shares[t])
        size = np.maximum(cells.size[t] + np.sqrt(cells.squares[t]) * rng.standard_normal(shape), 0.0)
        size = np.where(size.sum(axis=1, keepdims=True) > 0, size, cells.size[t])
        shares.append(size / size.sum(axis=1, keepdims=True))
        values.append(np.where(there, value + shift + np.sqrt(variance) * rng.standard_normal(shape), np.nan))
    before, now = (np.where(np.isnan(own), other, own) for own, other in (values, values[::-1]))
    centre = ((shares[0] * before).sum(axis=1) + (shares[1] * now).sum(axis=1)) / 2
    parts = (shares[1] - shares[0]) * ((before + now) / 2 - centre[:, None])
    low, high = np.quantile(np.column_stack([parts, parts.sum(axis=1)]), [0.025, 0.975], axis=0)
    return Parts(mix.size, low, high, mix.p)


def _added(cells: Cells, t: int, value: Floats, added: Floats) -> tuple[Floats, Floats, Floats]:
    """With added rows (parts x groups, in units of the prior): by how much a value moves, its variance; effective n."""
    there = cells.squares[t] > 0
    squares = np.where(there, cells.squares[t], 1.0)
    n = np.where(there, cells.size[t] ** 2 / squares, 1.0)  # Kish
    own = np.maximum(cells.spread[t] - value * (2 * cells.skew[t] - value * squares), 0.0) / squares
    rows, of_y, of_square = (x * added for x in cells.prior)
    more = n + rows
    mean = (n * value + of_y) / more
    spread = np.maximum((n * (own + value**2) + of_square) / more - mean**2, 0.0)
    lost = 1.0 if cells.prior == NONE else 1.0 - added  # the added rows make up for the degree of freedom
    variance = np.where(there, spread / np.maximum(more - lost, 1.0), 0.0)
    return np.where(there, mean - value, 0.0), variance, n


def _parts(size: Floats, centre: Floats, variance: Floats, freedom: Floats) -> Parts:
    error = np.sqrt(np.maximum(variance, 0.0))
    with np.errstate(all="ignore"):
        z = np.abs(centre) / error
        p = np.where(np.isinf(freedom), 2 * stats.norm.sf(z), 2 * stats.t.sf(z, np.minimum(freedom, 1e9)))
        half = error * np.where(np.isinf(freedom), Z, stats.t.isf(0.025, np.minimum(freedom, 1e9)))
    return Parts(size, centre - half, centre + half, p)
