"""Relative weights against published figures, a second formula, and what must hold for any of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.metrics.relative_weights import correlations, relative_weights, standardised

Array = npt.NDArray[np.float64]
# Example of the R package iopsych (relWt), with the output that its manual prints.
PRINTED = np.array(
    [[1.0, 0.2, 0.3, 0.4, -0.4], [0.2, 1.0, 0.5, 0.1, 0.1], [0.3, 0.5, 1.0, 0.2, -0.3],
     [0.4, 0.1, 0.2, 1.0, 0.4], [-0.4, 0.1, -0.3, 0.4, 1.0]]
)  # fmt: skip
PRINTED_WEIGHTS = [0.24066119, 0.05492664, 0.12143476, 0.28158189]


def data(seed: int, rows: int, columns: int) -> Array:
    """Correlated columns, the last one the outcome."""
    random = np.random.default_rng(seed)
    return random.standard_normal((rows, columns)) @ random.standard_normal((columns, columns))


def split(matrix: Array) -> tuple[Array, Array]:
    return matrix[..., :-1, :-1], matrix[..., :-1, -1]


def test_the_printed_example() -> None:
    assert relative_weights(*split(PRINTED)) == pytest.approx(PRINTED_WEIGHTS, abs=1e-8)


def test_johnsons_own_definition_by_singular_values() -> None:
    """X = P D Q', Z = P Q' are the closest orthogonal columns; weights = (Z'X)'^2 (Z'y)^2 (Johnson 2000, eq. 6 to 8)."""
    columns = data(4, 300, 6)
    scores = (columns - columns.mean(axis=0)) / columns.std(axis=0) / np.sqrt(len(columns))
    left, _, right = np.linalg.svd(scores[:, :-1], full_matrices=False)
    closest = left @ right
    expected = ((closest.T @ scores[:, :-1]) ** 2).T @ (closest.T @ scores[:, -1]) ** 2
    assert relative_weights(*split(np.corrcoef(columns, rowvar=False))) == pytest.approx(expected)


def test_uncorrelated_predictors_weigh_their_squared_correlations() -> None:
    assert relative_weights(np.eye(3), np.array([0.5, -0.3, 0.0])) == pytest.approx([0.25, 0.09, 0.0])


@given(seed=st.integers(0, 10_000), predictors=st.integers(1, 8))
def test_weights_sum_to_r_squared(seed: int, predictors: int) -> None:
    columns = data(seed, 60, predictors + 1)
    centred = columns - columns.mean(axis=0)
    left = centred[:, -1] - centred[:, :-1] @ np.linalg.lstsq(centred[:, :-1], centred[:, -1], rcond=None)[0]
    weights = relative_weights(*split(np.corrcoef(columns, rowvar=False)))
    assert weights.sum() == pytest.approx(1 - left.var() / centred[:, -1].var(), abs=1e-7)
    assert (weights >= 0).all()


def test_a_predictor_that_is_there_twice_shares_its_weight() -> None:
    among, outcome = split(PRINTED)
    twice = [0, 0, 1, 2, 3]
    doubled = relative_weights(among[np.ix_(twice, twice)], outcome[twice])
    assert doubled[0] == pytest.approx(doubled[1])
    assert doubled.sum() == pytest.approx(sum(PRINTED_WEIGHTS))


def test_many_matrices_at_once_and_predictors_that_do_not_vary() -> None:
    columns = data(1, 80, 4)
    covariance = np.cov(columns, rowvar=False)
    still = covariance.copy()
    still[1, :] = still[:, 1] = 0.0
    both, variances = correlations(np.array([covariance, still]))
    weights = relative_weights(*split(both))
    assert weights[0] == pytest.approx(relative_weights(*split(np.corrcoef(columns, rowvar=False))))
    assert weights[1][1] == 0.0 and variances[1][1] == 0.0
    alone = relative_weights(*split(np.corrcoef(columns[:, [0, 2, 3]], rowvar=False)))
    assert weights[1][[0, 2]] == pytest.approx(alone)


def test_standardised_coefficients_are_those_of_least_squares() -> None:
    among, outcome = split(PRINTED)
    assert standardised(among, outcome) == pytest.approx(np.linalg.solve(among, outcome))
