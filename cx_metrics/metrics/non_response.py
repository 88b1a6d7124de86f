"""A figure of those who answered, weighted to all who were asked: the inverse probability of answering.

Little and Rubin 2019, Statistical Analysis with Missing Data, section 3.3: each answer counts by one over the
probability that it was given, as a main-effects logistic model of what is known of everybody estimates it. It corrects
for what the model sees and for nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from cx_metrics.metrics.change import Figure
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.logistic import logistic, probability
from cx_metrics.metrics.proportions import wilson_interval

Array = npt.NDArray[np.float64]
HEAVIEST = 5.0  # times the mean weight; DeBell and Krosnick 2009, Computing Weights for ANES, section 3
_PSEUDO = 1.0  # answers added at each end of the scale before the common spread is taken, after Agresti and Coull 1998


@dataclass(frozen=True)
class Asked:
    """Invitations by combination of traits; arrays of r combinations.

    design: the traits, (r, p), first column constant. asked, answered: counts. total, squares: sums of the answers'
    values and of their squares; values lie in lowest to 1, lowest is 0 (shares, scores) or -1 (net scores).
    """

    design: Array
    asked: Array
    answered: Array
    total: Array
    squares: Array
    lowest: float = 0.0


@dataclass(frozen=True)
class NonResponse:
    """raw: of the answers as they are, n is their number. weighted: n is the effective one, (sum w)^2 / sum w^2 (Kish
    1965). difference: raw minus weighted. All in the unit of the values, with 95 % intervals. p: two-sided, that the
    difference is none. trimmed: share of the answers whose weight was cut.
    """

    raw: Figure
    weighted: Figure
    difference: Figure
    p: float
    trimmed: float


@dataclass(frozen=True)
class _Fit:
    """The answers under the model. weights: one over the probability, trimmed; cut: where they are. value: the weighted
    mean. expected: what the linearisation expects of an answer; silent, answered: what an invitation moves the weighted
    sum by, whatever the answer's deviation from that. deviations, squared: sums of these deviations and of their
    squares. All (r,). common: one variance for all answers. stretch: n / (n - p)."""

    weights: Array
    cut: npt.NDArray[np.bool_]
    value: float
    expected: Array
    silent: Array
    answered: Array
    deviations: Array
    squared: Array
    common: float
    stretch: float


def non_response(given: Asked) -> NonResponse:
    """The figure of those who answered beside the one weighted to all who were asked. Some must have answered."""
    fit = _fitted(given)
    n, asked_for = float(given.answered.sum()), fit.weights * given.answered
    whole = float(asked_for.sum())
    raw, raw_square = float(given.total.sum()) / n, float(given.squares.sum()) / n
    square = float(fit.weights @ given.squares) / whole
    effective = whole**2 / float(asked_for @ fit.weights)
    answered, silent = fit.answered / whole, fit.silent / whole
    variance = _variance(given, fit, fit.weights / whole, answered, silent)
    ends = _interval(raw, raw_square, (raw_square - raw**2) / n, n, given.lowest)
    weighted_ends = _interval(fit.value, square, variance, effective, given.lowest)
    apart = _variance(given, fit, 1 / n - fit.weights / whole, (fit.expected - raw) / n - answered, -silent)
    difference, error = raw - fit.value, math.sqrt(apart)
    freedom = max(effective - 1, 1.0)
    half = float(stats.t.ppf(0.975, freedom)) * error
    p = 1.0 if error == 0 or math.isclose(raw, fit.value, abs_tol=1e-12) else (
        2 * float(stats.t.sf(abs(difference) / error, freedom))
    )  # fmt: skip
    return NonResponse(
        Figure(n, raw, *ends), Figure(effective, fit.value, *weighted_ends),
        Figure(n, difference, difference - half, difference + half), p, float(given.answered[fit.cut].sum()) / n,
    )  # fmt: skip


def trimmed_weights(chance: Array, answered: Array) -> Array:
    """One over the chance of answering, at most five times the answers' mean weight. chance, answered: (r,)."""
    weights: Array = 1.0 / chance
    mean = float(answered @ weights) / float(answered.sum())
    return np.minimum(weights, HEAVIEST * mean)


def _fitted(given: Asked) -> _Fit:
    """The weights and what the estimated model does to the weighted mean (Lunceford and Davidian 2004, section 3)."""
    design, n = given.design, given.answered
    found, inverse = logistic(design, given.asked, n)
    chance = probability(design @ found)
    weights = trimmed_weights(chance, n)
    whole = float(n @ weights)
    value = float(weights @ given.total) / whole
    cut = weights * chance < 1 - 1e-12
    moved = np.where(cut, 0.0, (1 - chance) / chance)  # by which a weight follows the log odds
    slope = -(moved * (given.total - value * n)) @ design
    pull = design @ (inverse @ slope)  # of the model's estimate, per unit of answered minus chance
    expected = value - chance * pull
    answered = weights * (expected - value) + (1 - chance) * pull
    deviations = given.total - expected * n
    squared = np.maximum(given.squares - 2 * expected * given.total + n * expected**2, 0.0)
    ends = _PSEUDO * whole / n.sum() * ((1 - value) ** 2 + (given.lowest - value) ** 2)
    common = (float(weights @ squared) + ends) / (whole * (1 + 2 * _PSEUDO / n.sum()))
    stretch = float(n.sum()) / max(float(n.sum()) - design.shape[1], float(n.sum()) / 2)
    return _Fit(weights, cut, value, expected, -chance * pull, answered, deviations, squared, common, stretch)


def _variance(given: Asked, fit: _Fit, slope: Array, answered: Array, silent: Array) -> float:
    """Variance of a sum over invitations: slope x (value - expected) + answered, or silent. Each (r,).

    The deviations' part is the larger of two estimates, both with n - p degrees of freedom: each answer's own square
    (HC1, MacKinnon and White 1985), and one spread common to all. In small groups that count much the first alone is
    too small too often: three answers that agree would seem to be without error.
    """
    n = given.answered
    own = float((slope**2 * fit.squared).sum())
    common = fit.common * float((slope**2 * n).sum())
    between = float((2 * slope * answered * fit.deviations).sum() + (n * answered**2).sum())
    return max(fit.stretch * max(own, common) + between + float(((given.asked - n) * silent**2).sum()), 0.0)


def _interval(value: float, square: float, variance: float, n: float, lowest: float) -> tuple[float, float]:
    """95 % interval from the variance, by the sample size that it implies: Wilson's for values of 0 to 1 (of a score
    as if it were a share with that n), adjusted Wald for net scores (Rocks 2016: 3 added to n, 3/4 to each side).

    n: stands in where all answers are alike.
    """
    most = square - value**2 if lowest < 0 else value * (1 - value)
    implied = most / variance if variance > 0 and most > 0 else n
    if lowest == 0:
        return wilson_interval(min(max(value, 0.0), 1.0), implied)
    up, down = ((square + sign * value) / 2 * implied for sign in (1, -1))
    centre = (up - down) / (implied + 3)
    half = Z * math.sqrt(((up + down + 1.5) / (implied + 3) - centre**2) / (implied + 3))
    return max(centre - half, -1.0), min(centre + half, 1.0)
