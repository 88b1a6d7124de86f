"""Relative weights: how much of what a regression explains is due to each of several correlated predictors."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_NONE = 1e-9  # an eigenvalue below this part of the largest is rounding: a predictor says what others say


def relative_weights(among: Array, outcome: Array) -> Array:
    """Johnson's (2000) relative weights, which sum to R squared exactly.

    among: correlations of the p predictors with each other, (..., p, p); a predictor that does not vary has zeros in
    its row, column and diagonal, and gets the weight 0. outcome: their correlations with the outcome, (..., p).
    Returns (..., p). With R = V D V', Lambda = V D^(1/2) V' and beta = Lambda^-1 r: weights = Lambda^2 beta^2
    (squares by element). Where predictors are redundant, the inverse leaves out what has no variance.
    """
    values, vectors = _spectrum(among)
    root = np.sqrt(values)
    inverse = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0)
    turned = np.swapaxes(vectors, -1, -2)
    loadings = (vectors * root[..., None, :]) @ turned
    beta = ((vectors * inverse[..., None, :]) @ turned) @ outcome[..., None]
    weights: Array = (loadings**2 @ beta**2)[..., 0]
    return weights


def standardised(among: Array, outcome: Array) -> Array:
    """Standardised regression coefficients R^-1 r, (..., p); the smallest ones where predictors are redundant."""
    values, vectors = _spectrum(among)
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)
    turned = np.swapaxes(vectors, -1, -2)
    found: Array = (((vectors * inverse[..., None, :]) @ turned) @ outcome[..., None])[..., 0]
    return found


def correlations(covariance: Array) -> tuple[Array, Array]:
    """Correlations from a covariance matrix (..., k, k), zero where something does not vary; and variances (..., k)."""
    variances: Array = np.clip(np.diagonal(covariance, axis1=-2, axis2=-1), 0.0, None)
    scale = np.divide(1.0, np.sqrt(variances), out=np.zeros_like(variances), where=variances > 0)
    return covariance * scale[..., :, None] * scale[..., None, :], variances


def _spectrum(among: Array) -> tuple[Any, Any]:
    values, vectors = np.linalg.eigh(among)
    return np.where(values > _NONE * values[..., -1:], values, 0.0), vectors
