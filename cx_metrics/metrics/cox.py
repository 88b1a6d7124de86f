"""Proportional hazards: how much sooner or later something happens where a trait is there.

Own arithmetic, because the reference libraries hold pandas back or give no errors by customer; checked against them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_STEPS = 60
_ENOUGH = 1e-8


class CoxError(Exception):
    """The model cannot be fitted; the message says why, in words that fit behind a colon."""


@dataclass(frozen=True)
class Cox:
    """log_hazard: coefficients (p,). errors: their standard errors, robust to what rows of one cluster share, (p,)."""

    log_hazard: Array
    errors: Array


@dataclass(frozen=True)
class _Risk:
    """Rows by time, the longest first. last: for each row the last one with the same time, so that ties share a risk
    set (Breslow 1974)."""

    traits: Array
    happened: Array
    last: npt.NDArray[np.int64]

    def sums(self, at: Array) -> tuple[Array, Array, Array]:
        """Each row's share exp(x b), and over its risk set the sum of the shares and the mean of the traits."""
        log_share = self.traits @ at
        share = np.exp(log_share - log_share.max())
        total = np.cumsum(share)[self.last]
        mean = np.cumsum(share[:, None] * self.traits, axis=0)[self.last] / total[:, None]
        return share, total, mean


def cox(times: Array, happened: Array, traits: Array, clusters: npt.NDArray[Any]) -> Cox:
    """The proportional-hazards model (Cox 1972) by Newton's method, with errors by cluster (Lin and Wei 1989).

    times: until the event or the end of observation, (n,). happened: 1 where it was the event. traits: (n, p), none
    redundant. clusters: whose row it is, (n,). Raises CoxError where no finite answer exists.
    """
    order = np.argsort(-times, kind="stable")
    centred = traits[order] - traits.mean(axis=0)
    falling = -times[order]
    last = np.searchsorted(falling, falling, side="right") - 1
    risk = _Risk(centred, happened[order].astype(float), last)
    found = np.zeros(traits.shape[1])
    for _ in range(_STEPS):
        slope, bend = _slope(risk, found)
        try:
            step = np.linalg.solve(bend, slope)
        except np.linalg.LinAlgError:
            raise CoxError("some traits cannot be told apart in these data") from None
        found = found + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        if not np.all(np.isfinite(found)) or np.abs(found).max() > 20:
            raise CoxError("a trait decides the outcome alone")
        if np.abs(step).max() < _ENOUGH:
            return Cox(found, _robust(risk, found, bend, clusters[order]))
    raise CoxError("the estimate does not settle")


def _slope(risk: _Risk, at: Array) -> tuple[Array, Array]:
    """Gradient and negative Hessian of Breslow's log partial likelihood."""
    share, total, mean = risk.sums(at)
    seen = risk.happened > 0
    slope = (risk.traits[seen] - mean[seen]).sum(axis=0)
    # Each row counts in the risk sets of all events at its time or before: sum those first, then one product.
    weight = share * _later(risk, risk.happened / total)
    bend = (risk.traits * weight[:, None]).T @ risk.traits - mean[seen].T @ mean[seen]
    return slope, bend


def _later(risk: _Risk, values: Array) -> Array:
    """For each row the sum of values over rows of the same or a shorter time (rows are by falling time)."""
    upward = np.cumsum(values[::-1], axis=0)[::-1]
    first = np.searchsorted(risk.last, risk.last, side="left")
    found: Array = upward[first]
    return found


def _robust(risk: _Risk, at: Array, bend: Array, clusters: npt.NDArray[Any]) -> Array:
    share, total, mean = risk.sums(at)
    rate = risk.happened / total
    felt = share[:, None] * (risk.traits * _later(risk, rate)[:, None] - _later(risk, rate[:, None] * mean))
    score = risk.happened[:, None] * (risk.traits - mean) - felt
    _, number = np.unique(clusters, return_inverse=True)
    summed = np.zeros((int(number.max()) + 1, score.shape[1]))
    np.add.at(summed, number, score)
    inverse = np.linalg.inv(bend)
    moved = summed @ inverse
    count = len(summed)
    found: Array = np.sqrt((moved**2).sum(axis=0) * count / max(count - 1, 1))
    return found
