"""Differences between two groups with their 95 % interval and p, from the groups' figures alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from cx_metrics.metrics.change import Change, Figure
from cx_metrics.metrics.estimators import Z
from cx_metrics.wording import is_missing

_EXPECTED = 5.0  # smallest count that a cell of a chi-square test is expected to have


@dataclass(frozen=True)
class Difference:
    """found: one group minus the other. p: two-sided, of no difference; None where it cannot be said."""

    found: Change | None
    p: float | None


def _numbers(one: Figure, other: Figure) -> list[float] | None:
    figures = [x for figure in (one, other) for x in (figure.value, figure.low, figure.high)]
    return None if any(is_missing(x) for x in figures) else [float(x) for x in figures if x is not None]


def _mover(one: Figure, other: Figure) -> Change | None:
    """Two independent figures' intervals combined (Zou and Donner 2008; for shares Newcombe's 1998 method 10)."""
    numbers = _numbers(one, other)
    if numbers is None:
        return None
    a, a_low, a_high, b, b_low, b_high = numbers
    down, up = math.hypot(a - a_low, b_high - b), math.hypot(a_high - a, b - b_low)
    return Change(a - b, a - b - down, a - b + up, relative=False)


def of_shares(one: Figure, other: Figure) -> Difference:
    """Shares in per cent with Wilson intervals: Newcombe's interval; p of the score test (Pearson's chi-square)."""
    found = _mover(one, other)
    if found is None or not one.n or not other.n or one.value is None or other.value is None:
        return Difference(None, None)
    pooled = (one.value * one.n + other.value * other.n) / (one.n + other.n) / 100
    error = math.sqrt(pooled * (1 - pooled) * (1 / one.n + 1 / other.n))
    return Difference(found, _two_sided(found.value / 100 / error) if error > 0 else 1.0)


def of_means(one: Figure, other: Figure) -> Difference:
    """Means with normal intervals, which hold their standard errors: Welch's (1947) interval and test."""
    numbers = _numbers(one, other)
    if numbers is None or not one.n or not other.n or min(one.n, other.n) < 2:
        return Difference(None, None)
    a, a_low, a_high, b, b_low, b_high = numbers
    squares = [((high - low) / (2 * Z)) ** 2 for low, high in ((a_low, a_high), (b_low, b_high))]
    error = math.sqrt(sum(squares))
    if error == 0:
        return Difference(Change(a - b, a - b, a - b, relative=False), 1.0 if a == b else 0.0)
    freedom = error**4 / (squares[0] ** 2 / (one.n - 1) + squares[1] ** 2 / (other.n - 1))
    half = float(special.stdtrit(freedom, 0.975)) * error
    p = 2 * float(special.stdtr(freedom, -abs(a - b) / error))
    return Difference(Change(a - b, a - b - half, a - b + half, relative=False), p)


def of_medians(one: Figure, other: Figure) -> Difference:
    """Medians with intervals from order statistics or survival curves: their intervals combined (Bonett and Price 2002
    take the standard errors from them); p agrees with the interval: below 5 % where it leaves out zero.
    """
    found = _mover(one, other)
    if found is None:
        return Difference(None, None)
    reach = found.value - found.low if found.value > 0 else found.high - found.value
    if reach == 0:
        return Difference(found, 1.0 if found.value == 0 else 0.0)
    return Difference(found, _two_sided(Z * found.value / reach))


def of_mixes(counts: npt.ArrayLike) -> float | None:
    """p of Pearson's chi-square test of homogeneity. counts: a row per group, a column per kind; kinds with an expected
    count below 5 are pooled. None where fewer than two kinds are left, or a group is empty.
    """
    table = np.asarray(counts, dtype=float)
    if table.size == 0 or (table.sum(axis=1) == 0).any():
        return None
    table = _pooled(table[:, table.sum(axis=0) > 0])
    if table.shape[1] < 2:
        return None
    expected = _expectation(table)
    statistic = float(((table - expected) ** 2 / expected).sum())
    return float(special.chdtrc((table.shape[0] - 1) * (table.shape[1] - 1), statistic))


def _expectation(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    expected: npt.NDArray[np.float64] = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return expected


def _pooled(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The kinds that are too rare as one, and that one with the next rarest where it is still too rare."""
    order = np.argsort(-table.sum(axis=0), kind="stable")
    table = table[:, order]
    enough = int((_expectation(table).min(axis=0) >= _EXPECTED).sum())
    while enough > 0:
        pooled = np.column_stack([table[:, :enough], table[:, enough:].sum(axis=1)]) if enough < len(order) else table
        if _expectation(pooled).min() >= _EXPECTED:
            return pooled
        enough -= 1
    one_kind: npt.NDArray[np.float64] = table.sum(axis=1, keepdims=True)
    return one_kind


def _two_sided(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))
