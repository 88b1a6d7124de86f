"""Logistic regression on counts: how likely something is under each combination of traits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_RIDGE = 1e-3  # keeps a coefficient finite where all or none of those with a trait were hit
_STEPS = 60
_ENOUGH = 1e-9


def probability(log_odds: Array) -> Array:
    """Probabilities from log odds, of any shape."""
    found: Array = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -40.0, 40.0)))
    return found


def logistic(design: Array, tried: Array, hits: Array) -> tuple[Array, Array]:
    """Coefficients (p,) of a logistic regression and the inverse of its information matrix (p, p).

    design: traits of each combination, (r, p), the first column constant. tried, hits: how many there were and were
    hit, (r,). Newton's method (McCullagh and Nelder 1989, chapter 4); a ridge of 0.001 on all but the constant keeps
    coefficients finite.
    """
    ridge = np.full(design.shape[1], _RIDGE)
    ridge[0] = 1e-9
    found = np.zeros(design.shape[1])
    now = _loss(design, tried, hits, found, ridge)
    for _ in range(_STEPS):
        expected = probability(design @ found)
        slope = design.T @ (hits - tried * expected) - ridge * found
        bend = (design * (tried * expected * (1 - expected))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        following = _loss(design, tried, hits, found + step, ridge)
        while following > now + _ENOUGH and np.abs(step).max() > _ENOUGH:
            step = step / 2
            following = _loss(design, tried, hits, found + step, ridge)
        found, now = found + step, following
        if np.abs(step).max() < _ENOUGH:
            break
    return found, np.asarray(np.linalg.inv(bend), dtype=np.float64)


def _loss(design: Array, tried: Array, hits: Array, at: Array, ridge: Array) -> float:
    log_odds = design @ at
    return float(tried @ np.logaddexp(0.0, log_odds) - hits @ log_odds + 0.5 * ridge @ at**2)
