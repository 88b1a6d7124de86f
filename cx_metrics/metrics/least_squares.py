"""Least squares from sums alone: effects of predictors on an outcome, with controls taken out of both.

The matrix of moments Z'Z of the columns (controls with a constant, predictors, outcome) holds all that ordinary least
squares needs, so that an engine sums and no row travels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cx_metrics.metrics.relative_weights import correlations, relative_weights, standardised

Array = npt.NDArray[np.float64]
_RIDGE = 1e-10  # of a column's own size: enough to solve where controls are redundant, too little to move an effect


@dataclass(frozen=True)
class Fit:
    """effects: change of the outcome, in its unit, where a predictor is 1 instead of 0, (..., p).

    weights: relative weights, (..., p), which sum to r_squared: the share of the variance left by the controls that the
    predictors explain. control_r_squared: the share that the controls explain. Both (...).
    """

    effects: Array
    weights: Array
    r_squared: Array
    control_r_squared: Array


def fit(moments: Array, controls: int) -> Fit:
    """The regression of the last column on those after the controls, adjusted for the controls.

    moments: Z'Z, (..., k, k): first the controls, of which the first is the constant, then the predictors, then the
    outcome. Controls are taken out of predictors and outcome (Frisch and Waugh 1933, Lovell 1963).
    """
    total = _left_after(moments, 1)[..., -1, -1]
    among, variances = correlations(_left_after(moments, controls))
    predictors, outcome = among[..., :-1, :-1], among[..., :-1, -1]
    weights = relative_weights(predictors, outcome)
    scale = np.sqrt(variances)
    ratio = np.divide(scale[..., -1:], scale[..., :-1], out=np.zeros_like(scale[..., :-1]), where=scale[..., :-1] > 0)
    left = np.divide(variances[..., -1], total, out=np.ones_like(total), where=total > 0)
    return Fit(standardised(predictors, outcome) * ratio, weights, weights.sum(axis=-1), 1 - left)


def _left_after(moments: Array, controls: int) -> Any:
    """Moments of the other columns with the controls taken out; what is left by rounding counts as nothing."""
    own, cross = moments[..., :controls, :controls], moments[..., :controls, controls:]
    rest = moments[..., controls:, controls:]
    size = np.sqrt(np.diagonal(own, axis1=-2, axis2=-1))
    scale = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)
    scaled = own * scale[..., :, None] * scale[..., None, :] + _RIDGE * np.eye(controls)
    explained = np.linalg.solve(scaled, cross * scale[..., :, None])
    left = rest - np.swapaxes(cross * scale[..., :, None], -1, -2) @ explained
    before, after = (np.diagonal(matrix, axis1=-2, axis2=-1) for matrix in (rest, left))
    varies = after > 1e-8 * before
    return left * varies[..., :, None] * varies[..., None, :]
