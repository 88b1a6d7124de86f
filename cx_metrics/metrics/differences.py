"""Difference in differences from sums per unit: Y ~ treated + post + treated x post by ordinary least squares.

The four means fit such a model exactly, so sums per unit and cell hold all that the effect and its errors need.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

CELLS = ((0, 0), (0, 1), (1, 0), (1, 1))  # (treated, post)
SIGNS = (1.0, -1.0, -1.0, 1.0)  # with which their means make up the effect


@dataclass(frozen=True)
class Difference:
    """value: the effect, in the outcome's unit. plain: its standard error where rows are independent and vary alike.
    clustered: where rows of one unit are not independent (Liang and Zeger 1986; Cameron and Miller 2015, with their
    correction for few units), NaN with one unit. means, n: of the cells, in the order of CELLS. units: how many."""

    value: float
    plain: float
    clustered: float
    means: tuple[float, ...]
    n: tuple[float, ...]
    units: int


def difference(cells: pd.DataFrame) -> Difference:
    """The effect from unit, treated (0, 1), post (0, 1), n, total, squares (sum of y^2), any number of rows per unit.

    The errors equal those of statsmodels' `ols(...).fit()` and `.fit(cov_type="cluster")` on the rows. Raises
    ValueError where one of the four cells is empty.
    """
    sums = cells.groupby(["treated", "post"])[["n", "total", "squares"]].sum().reindex(list(CELLS)).fillna(0.0)
    n = sums["n"].to_numpy(float)
    if (n <= 0).any():
        raise ValueError("one of the four cells has no rows")
    means = sums["total"].to_numpy(float) / n
    rest = float((sums["squares"].to_numpy(float) - n * means**2).sum())
    plain = math.sqrt(max(rest, 0.0) / (n.sum() - 4) * (1 / n).sum()) if n.sum() > 4 else math.nan
    place = 2 * cells["treated"].to_numpy(int) + cells["post"].to_numpy(int)
    signs = np.array(SIGNS)[place]
    pulls = pull(cells["n"].to_numpy(float), cells["total"].to_numpy(float), means[place], n[place], signs)
    by_unit = pd.Series(pulls).groupby(cells["unit"].to_numpy()).sum()
    clustered = clustered_error(float((by_unit**2).sum()), len(by_unit), float(n.sum()))
    return Difference(float(means @ np.array(SIGNS)), plain, clustered, tuple(means), tuple(n), len(by_unit))


def pull(rows: Any, total: Any, mean: Any, size: Any, sign: Any) -> Any:
    """How far rows (how many, and their total) of a cell pull the effect away: their residuals, summed, over the rows
    of the whole cell (`size`), with its sign. Of numbers, arrays or SQL."""
    return (total - rows * mean) * (sign / size)


def clustered_error(squares: float, units: int, rows: float) -> float:
    """Standard error of the effect from the sum of the squared pulls of units; NaN with fewer than two units."""
    if units < 2 or rows <= 4:
        return math.nan
    return math.sqrt(squares * units / (units - 1) * (rows - 1) / (rows - 4))
