"""Two sides compared in counts that are in memory already: as they stand, and within strata."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cx_metrics.metrics.estimators import Z, students_t
from cx_metrics.metrics.proportions import wilson_interval

Floats = npt.NDArray[np.float64]
Sums = tuple[Floats, Floats, Floats]


@dataclass(frozen=True)
class Difference:
    """value: one side minus the other; low, high: 95 % interval; error: standard error, missing where unknown."""

    value: float
    low: float
    high: float
    error: float = math.nan


UNKNOWN = Difference(math.nan, math.nan, math.nan)


def newcombe(hits: float, n: float, rest_hits: float, rest_n: float) -> Difference:
    """Difference of two shares (0-1): hits / n - rest_hits / rest_n, with Newcombe's (1998) hybrid score interval
    (method 10, without correction for continuity). Unknown where a side is empty."""
    if not (n > 0 and rest_n > 0):
        return UNKNOWN
    one, two = hits / n, rest_hits / rest_n
    (low, high), (rest_low, rest_high) = wilson_interval(one, n), wilson_interval(two, rest_n)
    down = math.sqrt((one - low) ** 2 + (rest_high - two) ** 2)
    up = math.sqrt((high - one) ** 2 + (two - rest_low) ** 2)
    return Difference(one - two, one - two - down, one - two + up)


def welch(mean: float, variance: float, n: float, rest_mean: float, rest_variance: float, rest_n: float) -> Difference:
    """Difference of two means with Welch's (1947) interval. variance: of the values. Unknown where a side has fewer
    than two values."""
    if not (n > 1 and rest_n > 1):
        return UNKNOWN
    own, other = variance / n, rest_variance / rest_n
    error = math.sqrt(own + other)
    if error == 0:
        return Difference(mean - rest_mean, mean - rest_mean, mean - rest_mean, 0.0)
    freedom = (own + other) ** 2 / (own**2 / (n - 1) + other**2 / (rest_n - 1))
    half = float(students_t(freedom)) * error
    return Difference(mean - rest_mean, mean - rest_mean - half, mean - rest_mean + half, error)


def within_strata(own: Sums, rest: Sums) -> Difference:
    """Difference of means within strata, put together with the weights of Mantel and Haenszel (1959): n times the
    rest's n over their sum, which are those of a least-squares fit with one level per stratum, too.

    own, rest: per stratum how many values, their sum and the sum of their squares. The variance within strata is pooled
    over them on each side, as many strata are small, and drawn a little (as by two more values) to that of both sides,
    so that a side whose values are all alike has one. Unknown where no stratum has both sides or nothing varies.
    """
    both = (own[0] > 0) & (rest[0] > 0)
    if not both.any():
        return UNKNOWN
    sides = [tuple(part[both] for part in side) for side in (own, rest)]
    (n, total, _), (rest_n, rest_total, _) = sides
    weight = n * rest_n / (n + rest_n)
    spread = [max(float((squares - sums * sums / count).sum()), 0.0) for count, sums, squares in sides]
    freedom = [float((count - 1).sum()) for count, _, _ in sides]
    if sum(freedom) <= 0 or sum(spread) <= 0:
        return UNKNOWN
    usual = sum(spread) / sum(freedom)
    variance = sum(
        (apart + 2 * usual) / (free + 2) * float((weight**2 / side[0]).sum())
        for apart, free, side in zip(spread, freedom, sides, strict=True)
    )
    value = float((weight * (total / n - rest_total / rest_n)).sum() / weight.sum())
    error = math.sqrt(variance) / float(weight.sum())
    return Difference(value, value - Z * error, value + Z * error, error)
