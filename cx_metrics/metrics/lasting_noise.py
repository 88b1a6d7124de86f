"""How uncertain a contrast of a weekly series is when shocks last: sampling noise of known size plus an AR(1) part.

Two groups differ from week to week by more than the sampling of rows says, and such shocks last: taken as independent
they make chance look like an effect (Bertrand, Duflo and Mullainathan 2004). Their size and how long they last are not
known and, in few weeks, hardly estimable. So no single estimate is put in: the variance of the contrast is averaged
over all sizes and durations, each weighted by its restricted likelihood (Harville 1974) times a prior that leans to
shocks that last, which makes the tails as heavy as the ignorance is. Likelihoods: Kalman filter (Harvey 1989).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Array = npt.NDArray[np.float64]
_LASTS = np.array([0.0, 0.3, 0.5, 0.7, 0.8, 0.87, 0.92, 0.96])  # AR(1) coefficients, from week to week
_BELIEF = np.array([1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0, 2.0])  # of each; calibrated by simulation, see the tests
_SIZES = 22
_LEVEL = 0.05
_FAR = 1e12  # variance of a week without data, in variances of the others


@dataclass(frozen=True)
class Noise:
    """What may lie behind a series: weight (..., g) of each pair of `size` (variance of the shocks, (..., g)) and
    `lasts` (coefficient, (g,)); sampling: variance of each week, (..., t)."""

    weight: Array
    size: Array
    lasts: Array
    sampling: Array


def noise(series: Array, sampling: Array, design: Array) -> Noise:
    """The noise around a fit of `design`, (t, k) or (..., t, k). series: (..., t), NaN = no data; sampling: its
    variance, (..., t)."""
    known = np.isfinite(series) & np.isfinite(sampling)
    usual = np.nanmedian(np.where(known, sampling, np.nan), axis=-1, keepdims=True)
    spread = np.nanvar(np.where(known, series, np.nan), axis=-1, keepdims=True)
    largest = np.maximum(9 * usual, 15 * spread)
    steps = np.linspace(0, 1, _SIZES)
    sizes = np.concatenate([np.zeros_like(usual), 0.03 * usual * (largest / (0.03 * usual)) ** steps], axis=-1)
    size = np.repeat(sizes, len(_LASTS), axis=-1)
    lasts, belief = np.tile(_LASTS, _SIZES + 1), np.tile(_BELIEF, _SIZES + 1)
    variance = np.where(known, sampling, _FAR * usual)
    fit = _likelihood(np.where(known, series, 0.0), variance, design, size, lasts) + np.log(belief)
    weight = np.exp(fit - fit.max(axis=-1, keepdims=True))
    return Noise(weight / weight.sum(axis=-1, keepdims=True), size, lasts, variance)


def _likelihood(series: Array, variance: Array, design: Array, size: Array, lasts: Array) -> Any:
    """Restricted log likelihood of each size and coefficient, (..., g)."""
    width = design.shape[-1] + 1
    columns = np.moveaxis(np.broadcast_to(design, (*series.shape, width - 1)), -1, 0)
    columns = np.concatenate([columns, series[None]])[..., None]  # (k + 1, ..., t, 1): all are filtered alike
    mean, gram = np.zeros((width, *size.shape)), np.zeros((width, width, *size.shape))
    spread, log_sum = size.copy(), np.zeros_like(size)
    for week in range(series.shape[-1]):
        total = spread + variance[..., week, None]
        surprise = columns[..., week, :] - mean
        scaled = surprise / total
        for one in range(width):
            gram[one, one:] += surprise[one] * scaled[one:]
        log_sum += np.log(total)
        mean = lasts * (mean + spread * scaled)
        spread = lasts**2 * spread * (variance[..., week, None] / total) + size * (1 - lasts**2)
    gram = np.moveaxis(gram, (0, 1), (-2, -1))
    gram = np.triu(gram) + np.swapaxes(np.triu(gram, 1), -1, -2)
    own, cross = gram[..., :-1, :-1], gram[..., :-1, -1:]
    rest = gram[..., -1, -1] - (cross * np.linalg.solve(own, cross)).sum(axis=(-1, -2))
    return -0.5 * (log_sum + np.linalg.slogdet(own)[1] + rest)


def errors(found: Noise, contrast: Array, sampling: Array | None = None) -> Array:
    """Standard errors (..., g) of the sum of contrast (..., t) x series under each noise; sampling: the variance that
    sampling gives to it (...), where it is not that of the weeks' own."""
    weeks = np.arange(contrast.shape[-1])
    apart = np.abs(weeks[:, None] - weeks)
    each = len(_LASTS)
    shapes = np.stack([
        np.einsum("...i,ij,...j->...", contrast, np.power(rho, apart), contrast) for rho in found.lasts[:each]
    ], axis=-1)  # fmt: skip
    repeated = np.tile(shapes, found.size.shape[-1] // each)
    if sampling is None:
        sampling = (contrast**2 * found.sampling).sum(axis=-1)
    return np.asarray(np.sqrt(np.asarray(sampling)[..., None] + found.size * repeated))


def covariance(found: Noise) -> Array:
    """Of the weeks of one series, (t, t): the average over all noises."""
    weeks = np.arange(found.sampling.shape[-1])
    apart = np.abs(weeks[:, None] - weeks)
    shared = sum(
        (w * s * np.power(r, apart) for w, s, r in zip(found.weight, found.size, found.lasts, strict=True)),
        start=np.zeros(apart.shape),
    )
    return np.asarray(np.diag(found.sampling) + shared)


def tail(weight: Array, error: Array, size: Array) -> Array:
    """How likely chance alone makes a contrast at least `size` (...) large in either direction."""
    scaled = np.abs(np.asarray(size))[..., None] / error
    return np.asarray(2 * (weight * ndtr(-scaled)).sum(axis=-1))


def half_width(weight: Array, error: Array, level: float = _LEVEL) -> Array:
    """Half of the 1 - level interval: the size whose `tail` is the level."""
    low, high = np.zeros(error.shape[:-1]), 8 * error.max(axis=-1)
    for _ in range(50):
        middle = (low + high) / 2
        beyond = tail(weight, error, middle) > level
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    return np.asarray(high)
