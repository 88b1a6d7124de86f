"""Logistic regression on counts against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from cx_metrics.metrics.logistic import logistic, probability


def test_against_statsmodels() -> None:
    random = np.random.default_rng(5)
    design = np.column_stack([np.ones(40), random.integers(0, 2, (40, 3))]).astype(float)
    tried = random.integers(5, 60, 40).astype(float)
    hits = random.binomial(tried.astype(int), probability(design @ np.array([-1.0, 0.8, -0.5, 0.0]))).astype(float)
    reference = sm.GLM(np.column_stack([hits, tried - hits]), design, family=sm.families.Binomial()).fit()
    found, spread = logistic(design, tried, hits)
    assert found == pytest.approx(reference.params, abs=1e-3)
    assert np.sqrt(np.diag(spread)) == pytest.approx(reference.bse, rel=1e-3)


@pytest.mark.parametrize("hit", [0.0, 20.0])
def test_a_trait_that_decides_alone_stays_finite(hit: float) -> None:
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    found, spread = logistic(design, np.array([100.0, 20.0]), np.array([30.0, hit]))
    assert np.isfinite(found).all() and np.isfinite(spread).all()
    assert probability(design @ found) == pytest.approx([0.3, hit / 20], abs=0.01)


def test_combinations_that_were_never_tried_do_not_matter() -> None:
    design = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    found, _ = logistic(design, np.array([100.0, 50.0, 0.0]), np.array([30.0, 30.0, 0.0]))
    alone, _ = logistic(design[:2, :2], np.array([100.0, 50.0]), np.array([30.0, 30.0]))
    assert found[:2] == pytest.approx(alone) and found[2] == pytest.approx(0.0)


def test_probabilities() -> None:
    assert probability(np.array([0.0, 1000.0, -1000.0])) == pytest.approx([0.5, 1.0, 0.0])
