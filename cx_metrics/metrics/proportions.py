"""Shares of counts that are in memory already: intervals, and which of many are clearly larger than the rest."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cx_metrics.metrics.estimators import Z

Floats = npt.NDArray[np.float64]


def wilson_interval(share: float, n: float) -> tuple[float, float]:
    """Wilson (1927) score interval of a share (0-1) of n, as shares; n may be an effective one."""
    if not n > 0 or math.isnan(share):
        return math.nan, math.nan
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    low, high = ((share + Z * Z / (2 * n) + sign * half) / (1 + Z * Z / n) for sign in (-1, 1))
    return max(low, 0.0), min(high, 1.0)


def ratio_above(
    hits: npt.ArrayLike, n: npt.ArrayLike, rest_hits: npt.ArrayLike, rest_n: npt.ArrayLike, margin: float
) -> Floats:
    """One-sided p of "share / share of the rest <= margin", elementwise; missing where a count is missing or n is 0.

    The score test of the ratio (Koopman 1984; Miettinen and Nurminen 1985) with Gart and Nam's (1988) correction for
    skewness. The simpler test of the log ratio with its Wald error would alarm up to 40 times too often at the levels
    that many cells need (shares near 1, n = 30).
    """
    x1, n1, x0, n0 = (np.asarray(given, dtype=float) for given in (hits, n, rest_hits, rest_n))
    with np.errstate(all="ignore"):
        a, b = (n1 + n0) * margin, -(n1 * margin + x1 + n0 + x0 * margin)
        q0 = (-b - np.sqrt(np.maximum(b * b - 4 * a * (x1 + x0), 0.0))) / (2 * a)  # likeliest rest at the margin
        q1 = margin * q0
        v1, v0 = q1 * (1 - q1) / n1, margin**2 * q0 * (1 - q0) / n0
        variance = v1 + v0
        score = (x1 / n1 - margin * x0 / n0) / np.sqrt(variance)
        skew = (v1 * (1 - 2 * q1) / n1 - margin * v0 * (1 - 2 * q0) / n0) / variance**1.5 / 6
        z = (np.sqrt(np.maximum(1 + 4 * skew * (score + skew), 0.0)) - 1) / (2 * skew)
    z = np.where(np.abs(skew) < 1e-9, score, z)
    nothing_there = (x1 + x0 == 0) & (n1 > 0) & (n0 > 0)
    return np.where(nothing_there, 1.0, _upper_tail(np.where(np.isfinite(z), z, np.nan)))


def _upper_tail(z: Floats) -> Floats:
    return np.array([0.5 * math.erfc(x / math.sqrt(2)) if x == x else np.nan for x in z.ravel()]).reshape(z.shape)


def two_sided(z: npt.ArrayLike) -> Floats:
    """p of a standard normal value in both directions, elementwise; missing where it is."""
    given = np.abs(np.asarray(z, dtype=float))
    return 2.0 * _upper_tail(given)


def holm(p: npt.ArrayLike) -> Floats:
    """p adjusted so that all tests together keep one level (Holm 1979); missing ones were not asked."""
    given = np.asarray(p, dtype=float)
    asked = np.flatnonzero(~np.isnan(given))
    order = asked[np.argsort(given[asked], kind="stable")]
    found = np.full(given.shape, np.nan)
    steps = given[order] * np.arange(len(order), 0, -1)
    found[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else steps
    return found
