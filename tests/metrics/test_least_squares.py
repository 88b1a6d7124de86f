"""Least squares from moments against statsmodels on the rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import statsmodels.api as sm

from cx_metrics.metrics.least_squares import fit

Array = npt.NDArray[np.float64]


def rows(seed: int, n: int = 400) -> tuple[Array, Array, Array]:
    """Controls with a constant, predictors, outcome; all correlated."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, 3, n)
    controls = np.column_stack([np.ones(n), kind == 1, kind == 2]).astype(float)
    predictors = (random.random((n, 3)) < 0.2 + 0.2 * (kind == 1)[:, None]).astype(float)
    outcome = 100.0 * (random.random(n) < 0.5 + 0.2 * predictors[:, 0] - 0.1 * (kind == 1))
    return controls, predictors, outcome


def moments(*columns: Array) -> Array:
    together = np.column_stack(columns)
    return together.T @ together


@pytest.mark.parametrize("seed", range(5))
def test_effects_are_those_of_the_full_regression(seed: int) -> None:
    controls, predictors, outcome = rows(seed)
    found = fit(moments(controls, predictors, outcome), controls.shape[1])
    full = sm.OLS(outcome, np.column_stack([controls, predictors])).fit()
    alone = sm.OLS(outcome, controls).fit()
    assert found.effects == pytest.approx(full.params[controls.shape[1] :], rel=1e-7)
    assert float(found.control_r_squared) == pytest.approx(alone.rsquared, abs=1e-9)
    assert float(found.r_squared) == pytest.approx(1 - full.ssr / alone.ssr, abs=1e-9)
    assert found.weights.sum() == pytest.approx(float(found.r_squared))


def test_redundant_controls_change_nothing() -> None:
    controls, predictors, outcome = rows(1)
    more = np.column_stack([controls, controls[:, 1] + controls[:, 2], 1 - controls[:, 1]])
    plain, wide = (fit(moments(c, predictors, outcome), c.shape[1]) for c in (controls, more))
    assert wide.effects == pytest.approx(plain.effects, rel=1e-6)
    assert wide.weights == pytest.approx(plain.weights, rel=1e-6)


def test_a_predictor_that_the_controls_explain_has_no_effect() -> None:
    controls, predictors, outcome = rows(2)
    found = fit(moments(controls, predictors, controls[:, 1], outcome), controls.shape[1])
    assert found.effects[-1] == 0.0 and found.weights[-1] == 0.0
    assert found.effects[:-1] == pytest.approx(fit(moments(controls, predictors, outcome), 3).effects)


def test_many_at_once() -> None:
    several = [moments(*rows(seed)) for seed in range(3)]
    together = fit(np.array(several), 3)
    for place, one in enumerate(several):
        assert together.effects[place] == pytest.approx(fit(one, 3).effects)
        assert together.weights[place] == pytest.approx(fit(one, 3).weights)


def test_an_outcome_that_does_not_vary() -> None:
    controls, predictors, _ = rows(3)
    found = fit(moments(controls, predictors, np.full(len(controls), 100.0)), 3)
    assert (
        np.abs(found.effects).max() < 1e-6 and float(found.r_squared) == 0.0 and float(found.control_r_squared) == 0.0
    )
