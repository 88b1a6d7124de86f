"""A comparison of two groups among like contacts: differences within strata, not between them.

Exact strata (Cochran 1968): each stratum's difference counts by its share of the treated, so that the result is the
effect on these; the variance is the strata's own (Imbens and Rubin 2015, section 9.3). Matching removes what it
matches on and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cx_metrics.metrics.estimators import Z

Floats = npt.NDArray[np.float64]
_SUMS = ["n", "total", "squares"]


@dataclass(frozen=True)
class Group:
    """One side: n rows in strata that have both sides, their mean as the treated are spread over the strata, with its
    95 % interval, and how many rows lie in strata without the other side."""

    n: int
    mean: float
    low: float
    high: float
    left_out: int


@dataclass(frozen=True)
class Comparison:
    """treated minus untreated, in the unit of the values, with its 95 % interval; NaN where it cannot be said.

    strata: with both sides; strata_left_out: with one side only.
    """

    treated: Group
    untreated: Group
    difference: float
    low: float
    high: float
    strata: int
    strata_left_out: int

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def compare(cells: pd.DataFrame, strata: Sequence[str]) -> Comparison:
    """The groups compared within strata; without any, as they are.

    cells: the strata's columns, treated (1 or 0), n, total and squares (sums of the values and of their squares).
    """
    keys = list(strata) or ["stratum"]
    sums = cells.assign(stratum=0).groupby([*keys, "treated"], dropna=False)[_SUMS].sum().reset_index()
    places = sums.groupby(keys, dropna=False).ngroup().to_numpy()
    sides = [np.zeros((int(places.max(initial=-1)) + 1, len(_SUMS))) for _ in range(2)]
    for side, treated in zip(sides, (1, 0), strict=True):
        mine = (sums["treated"] == treated).to_numpy()
        side[places[mine]] = sums.loc[mine, _SUMS].to_numpy(dtype=float)
    both = (sides[0][:, 0] > 0) & (sides[1][:, 0] > 0)
    weights = sides[0][both, 0] / max(sides[0][both, 0].sum(), 1.0)
    (mean_1, variance_1), (mean_0, variance_0) = (_standardised(side[both], weights) for side in sides)
    groups = [
        Group(int(side[both, 0].sum()), mean, *_interval(mean, variance), int(side[~both, 0].sum()))
        for side, mean, variance in ((sides[0], mean_1, variance_1), (sides[1], mean_0, variance_0))
    ]
    difference = mean_1 - mean_0
    ends = _interval(difference, variance_1 + variance_0)
    return Comparison(groups[0], groups[1], difference, *ends, int(both.sum()), int((~both).sum()))


def _standardised(side: Floats, weights: Floats) -> tuple[float, float]:
    """Mean over strata with these weights, and its variance. side: n, total, squares of each stratum.

    A stratum with one row tells no variance: it gets that of all strata pooled.
    """
    if not len(side):
        return math.nan, math.nan
    n, total, squares = side.T
    around = np.maximum(squares - total**2 / n, 0.0)
    freedom = (n - 1).sum()
    pooled = around.sum() / freedom if freedom else math.nan
    own = np.divide(around, n - 1, out=np.full(len(n), pooled), where=n > 1)
    return float((weights * total / n).sum()), float((weights**2 * own / n).sum())


def _interval(value: float, variance: float) -> tuple[float, float]:
    half = Z * math.sqrt(variance) if variance == variance else math.nan
    return value - half, value + half
