"""Intervals from random groups of customers: 64 groups that keep each customer whole, resampled many times.

An engine sums per group, so that resampling needs no rows (Wolter 2007, Introduction to Variance Estimation, chapters 2
and 5). The groups are the same on every engine and in every run.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from cx_metrics.metrics.estimators import Z, students_t

Array = npt.NDArray[np.float64]
GROUPS = 64
FEWEST = 5  # groups that a signal must occur in: below, nothing can be said of how far chance moves its effect
_SEED = 20_260_101


def group_of(*keys: Any) -> sa.ColumnElement[str]:
    """The random group of a row, two characters, from the first of the keys that is not missing."""
    digest = sa.func.md5(keys[0] if len(keys) == 1 else sa.func.coalesce(*keys))
    second = sa.func.substr(digest, 2, 1)
    quarter = sa.case((second < "4", "0"), (second < "8", "1"), (second < "c", "2"), else_="3")
    return sa.func.substr(digest, 1, 1).concat(quarter)


def resamples(groups: int, times: int) -> Array:
    """How often each group is drawn in each resample, (times, groups); the same numbers in every run."""
    drawn = np.random.default_rng(_SEED).multinomial(groups, np.full(groups, 1 / groups), size=times)
    return drawn.astype(float)


def interval(estimate: Array, redrawn: Array, groups: Array) -> tuple[Array, Array]:
    """95 % intervals of estimates (p,) from their values in each resample (times, p), symmetric.

    groups: in how many groups there is anything that moves the estimate, (p,). The spread of the resamples, with
    Student's t on groups - 1 degrees of freedom: few groups know little about their own spread.
    """
    count = np.maximum(groups, 2)
    spread = redrawn.std(axis=0) * np.sqrt(count / (count - 1))
    half = students_t(count - 1) * spread
    return estimate - half, estimate + half


def interval_of_sums(estimate: Array, parts: Array, groups: Array) -> tuple[Array, Array]:
    """95 % intervals of estimates (p,) that are sums over random groups, from each group's part (g, p), symmetric.

    groups: in how many groups there is anything that moves the estimate, (p,); see `interval`.
    """
    count = np.maximum(groups, 2)
    half = students_t(count - 1) * parts.std(axis=0) * np.sqrt(len(parts) * count / (count - 1))
    return estimate - half, estimate + half


def skewed_interval(estimate: Array, redrawn: Array) -> tuple[Array, Array]:
    """95 % intervals of estimates (p,) that are biased upward and skewed, such as weights; never below zero.

    Percentiles of the resamples (times, p), moved by how often they lie below the estimate (BC, Efron 1981).
    """
    normal, times = NormalDist(), len(redrawn)
    ends = []
    for value, drawn in zip(estimate, redrawn.T, strict=True):
        below = min(max(float((drawn < value).mean()), 0.5 / times), 1 - 0.5 / times)
        moved = 2 * normal.inv_cdf(below)
        ends.append(np.quantile(drawn, [normal.cdf(moved - Z), normal.cdf(moved + Z)]))
    low, high = np.array(ends).reshape(-1, 2).T
    return np.minimum(low, estimate), np.maximum(high, estimate)
