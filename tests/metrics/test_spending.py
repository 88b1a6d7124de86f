"""Gamma-Gamma against published figures, a simulated population, and its own slope."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import check_grad

from cx_metrics.metrics.spending import Spends, _log_likelihood, correlation, expected, fit
from tests.metrics.test_lifetimes import CDNOW

PUBLISHED = np.array([6.25, 3.74, 15.44])


@pytest.fixture(scope="module")
def cdnow() -> Spends:
    """The 946 customers of the note with a repeat purchase within 39 weeks."""
    if not CDNOW.is_file():
        pytest.skip("the CDNOW sample is not there")
    names = ["whole", "customer", "day", "cds", "dollars"]
    rows = pd.read_csv(CDNOW, sep=r"\s+", names=names, dtype={"day": str})
    rows = rows[rows["day"] <= "19970930"].groupby(["customer", "day"])["dollars"].sum().reset_index()
    again = rows[rows["day"] > rows.groupby("customer")["day"].transform("min")]
    found = again.groupby("customer")["dollars"].agg(["size", "mean"])
    found = found[found["mean"] > 0]
    return Spends(found["size"].to_numpy(float), found["mean"].to_numpy(), np.ones(len(found)))


def test_published_parameters(cdnow: Spends) -> None:
    """Fader and Hardie 2013: p 6.25, q 3.74, v 15.44; the mean of a customer is 35 dollars."""
    found = fit(cdnow)
    assert len(cdnow.mean) == 946 and found.parameters == pytest.approx(PUBLISHED, abs=0.01)
    assert found.correlation == pytest.approx(0.11, abs=0.01)


def test_expected_spend_by_hand() -> None:
    """p (v + x m) / (p x + q - 1); of nobody's purchases the mean of all, p v / (q - 1)."""
    p, q, v = PUBLISHED
    found = expected(PUBLISHED, np.array([0.0, 2.0]), np.array([0.0, 60.0]))
    assert found == pytest.approx([p * v / (q - 1), p * (v + 60) / (2 * p + q - 1)])
    assert found[0] == pytest.approx(35.2, abs=0.1)
    many = expected(PUBLISHED, np.array([1e6]), np.array([30e6]))
    assert many == pytest.approx([30.0], rel=1e-4)  # who bought often is believed


def test_known_parameters_are_found() -> None:
    random = np.random.default_rng(4)
    p, q, v = 4.0, 3.5, 90.0
    repeats = random.integers(1, 12, 3000).astype(float)
    means = random.gamma(p * repeats, 1.0) / repeats / random.gamma(q, 1 / v, 3000)
    found = fit(Spends(repeats, means, np.ones(3000)))
    errors = np.sqrt(np.diag(found.spread))
    logs = np.log(found.parameters - [0, 1, 0]) - np.log([p, q - 1, v])
    assert (np.abs(logs / errors) < 3).all() and abs(found.correlation) < 0.1
    scaled = fit(Spends(repeats, 1000 * means, np.ones(3000)))
    assert scaled.parameters == pytest.approx(found.parameters * [1, 1, 1000], rel=1e-3)


def test_the_slope_is_that_of_the_likelihood() -> None:
    random = np.random.default_rng(5)
    seen = Spends(random.integers(1, 9, 50).astype(float), random.gamma(3, 10, 50), np.ones(50))
    at = np.array([3.0, 4.0, 20.0])
    off = check_grad(lambda p: _log_likelihood(p, seen)[0], lambda p: _log_likelihood(p, seen)[1], at)
    assert off < 1e-4 * abs(_log_likelihood(at, seen)[1]).max()


def test_correlation_is_pearsons() -> None:
    repeats, mean, count = (np.array(row, dtype=float) for row in ([1, 2, 5, 9], [3, 8, 2, 7], [2, 1, 3, 1]))
    rows = np.array([np.repeat(column, count.astype(int)) for column in (repeats, mean)])
    assert correlation(Spends(repeats, mean, count)) == pytest.approx(np.corrcoef(rows)[0, 1])
    assert np.isnan(correlation(Spends(repeats, np.full(4, 3.0), count)))
