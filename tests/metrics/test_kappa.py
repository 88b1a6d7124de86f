"""Weighted kappa against scikit-learn and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from cx_metrics.metrics.kappa import in_words, weighted_kappa

COUNTS = [[20, 5, 1], [4, 10, 6], [0, 3, 12]]


def test_against_other_implementations() -> None:
    found = weighted_kappa(COUNTS)
    people = [i for i in range(3) for j in range(3) for _ in range(COUNTS[i][j])]
    rules = [j for i in range(3) for j in range(3) for _ in range(COUNTS[i][j])]
    assert found.n == 61
    assert found.kappa == pytest.approx(cohen_kappa_score(people, rules, weights="linear"))
    reference = cohens_kappa(np.array(COUNTS), wt="linear")
    assert (found.low, found.high) == pytest.approx((reference.kappa_low, reference.kappa_upp), abs=1e-6)


def test_fleiss_1981() -> None:
    """Unweighted kappa of two grades is the weighted one: Fleiss 1981, Statistical Methods for Rates and Proportions,
    gives the large-sample error that statsmodels has too."""
    table = [[40, 9], [6, 45]]
    reference = cohens_kappa(np.array(table))
    found = weighted_kappa(table)
    assert found.kappa == pytest.approx(reference.kappa)
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * reference.std_kappa, rel=1e-4)


@given(arrays(int, (3, 3), elements=st.integers(0, 30)))
def test_any_table(counts: np.ndarray) -> None:
    found = weighted_kappa(counts)
    if min(np.count_nonzero(counts.sum(axis=axis)) for axis in (0, 1)) < 2:
        assert math.isnan(found.kappa) and math.isnan(found.low)
        return
    assert -1 <= found.low <= found.kappa <= found.high <= 1
    assert weighted_kappa(counts.T).kappa == pytest.approx(found.kappa)
    assert found.kappa == pytest.approx(cohens_kappa(counts, wt="linear", return_results=False))


def test_complete_agreement_and_nothing() -> None:
    assert weighted_kappa(np.diag([5, 6, 7])).kappa == 1
    assert weighted_kappa(np.zeros((3, 3))).n == 0


@pytest.mark.parametrize(
    ("kappa", "words"),
    [(-0.1, "poor"), (0.0, "slight"), (0.3, "fair"), (0.5, "moderate"), (0.6, "substantial"), (0.95, "almost perfect"),
     (1.0, "almost perfect"), (math.nan, "")],
)  # fmt: skip
def test_words(kappa: float, words: str) -> None:
    assert in_words(kappa) == words
