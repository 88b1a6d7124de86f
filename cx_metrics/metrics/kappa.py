"""Agreement of two judges on ordered grades, beyond what chance alone would bring."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cx_metrics.metrics.estimators import Z

_WORDS = (
    (0.0, "poor"),
    (0.2, "slight"),
    (0.4, "fair"),
    (0.6, "moderate"),
    (0.8, "substantial"),
    (1.0, "almost perfect"),
)


@dataclass(frozen=True)
class Agreement:
    """n: cases that both judged. kappa: 1 = always the same, 0 = as chance would; low, high: its 95 % interval.

    NaN where it cannot be said: no case, or one of them gave every case the same grade.
    """

    n: int
    kappa: float
    low: float
    high: float


def weighted_kappa(counts: npt.ArrayLike) -> Agreement:
    """Cohen's kappa with linear weights (Cohen 1968): a grade beside counts half as wrong as one two away.

    counts: cases by the first judge's grade (rows) and the second's (columns), grades in order. The interval is the
    large-sample one of Fleiss, Cohen and Everitt (1969), kept within -1 and 1.
    """
    table = np.asarray(counts, dtype=float)
    n, grades = float(table.sum()), np.arange(len(table))
    if n == 0:
        return Agreement(0, math.nan, math.nan, math.nan)
    share = table / n
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    weight = 1 - np.abs(grades[:, None] - grades[None, :]) / max(len(table) - 1, 1)
    observed, chance = float((weight * share).sum()), float(rows @ weight @ columns)
    if max(rows.max(), columns.max()) > 1 - 1e-12:
        return Agreement(int(n), math.nan, math.nan, math.nan)
    kappa = (observed - chance) / (1 - chance)
    mean = (weight @ columns)[:, None] + (rows @ weight)[None, :]
    spread = (share * (weight * (1 - chance) - mean * (1 - observed)) ** 2).sum()
    variance = (spread - (observed * chance - 2 * chance + observed) ** 2) / (n * (1 - chance) ** 4)
    half = Z * math.sqrt(max(float(variance), 0.0))
    return Agreement(int(n), kappa, max(kappa - half, -1.0), min(kappa + half, 1.0))


def in_words(kappa: float) -> str:
    """The usual words for a kappa (Landis and Koch 1977): poor, slight, fair, moderate, substantial, almost perfect."""
    return next(words for limit, words in _WORDS if kappa < limit or limit == 1.0) if kappa == kappa else ""
