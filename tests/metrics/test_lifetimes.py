"""BG/NBD against the paper's CDNOW figures, published single customers, simulated populations and itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import check_grad
from scipy.special import hyp2f1
from scipy.stats import beta

from cx_metrics.metrics.lifetimes import (
    Histories,
    Lifetimes,
    _log_likelihood,
    alive,
    expected,
    expected_of_new,
    fit,
    log_likelihood,
)

Array = npt.NDArray[np.float64]
CDNOW = Path(__file__).resolve().parents[2].parent / "shared" / "real" / "cdnow" / "CDNOW_sample.txt"
PAPER = np.array([0.243, 4.414, 0.793, 2.426])


def one(x: float, recency: float, age: float) -> Histories:
    return Histories(np.array([x], dtype=float), np.array([recency]), np.array([age]), np.ones(1))


# --- what is published -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cdnow() -> tuple[Histories, Array]:
    """The 2,357 customers of the paper after 39 weeks, and their purchases of the next 39."""
    if not CDNOW.is_file():
        pytest.skip("the CDNOW sample is not there")
    names = ["whole", "customer", "day", "cds", "dollars"]
    rows = pd.read_csv(CDNOW, sep=r"\s+", names=names, dtype={"day": str}).drop_duplicates(["customer", "day"])
    day, cut = pd.to_datetime(rows["day"]), pd.Timestamp("1997-09-30")
    early = day[day <= cut].groupby(rows["customer"]).agg(["size", "min", "max"])
    recency, age = ((end - early["min"]).dt.days.to_numpy(float) / 7 for end in (early["max"], cut))
    later = day[day > cut].groupby(rows["customer"]).size().reindex(early.index).fillna(0.0)
    seen = Histories(early["size"].to_numpy(float) - 1, recency, age, np.ones(len(early)))
    return seen, np.asarray(later, dtype=np.float64)


def test_the_parameters_of_the_paper(cdnow: tuple[Histories, Array]) -> None:
    """Table 2: r 0.243, alpha 4.414, a 0.793, b 2.426, log-likelihood -9582.4."""
    found = fit(cdnow[0])
    assert found.parameters == pytest.approx(PAPER, abs=6e-4)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05) and not found.at_bound


def test_tracking_as_in_the_paper(cdnow: tuple[Histories, Array]) -> None:
    """Summed over the customers, the model says 4 % too few repeat purchases by week 78, as the paper has it."""
    seen, later = cdnow
    known = seen.repeats.sum()
    said = [float(expected_of_new(PAPER, seen.age + weeks).sum()) for weeks in (0, 39)]
    assert said[0] / known == pytest.approx(1.015, abs=0.005)
    assert said[1] / (known + later.sum()) == pytest.approx(0.96, abs=0.005)
    assert expected(PAPER, 39.0, seen).sum() == pytest.approx(1653, rel=0.01)


def test_a_published_customer() -> None:
    """Customer 0001 of the note "Implementing the BG/NBD model in Excel": 1.226 purchases in the next 39 weeks."""
    assert float(expected(PAPER, 39.0, one(2, 30.43, 38.86))[0]) == pytest.approx(1.226, abs=1e-3)


# --- formulas --------------------------------------------------------------------------------------------------------


@given(st.integers(0, 30), st.floats(0.01, 1), st.floats(1, 150), st.floats(1, 100))
def test_the_formula_as_it_is_printed(x: int, share: float, age: float, horizon: float) -> None:
    """Equation 10 with its hypergeometric function untransformed."""
    r, alpha, a, b = parameters = np.array([0.8, 20.0, 1.3, 4.0])
    recency = share * age if x else 0.0
    series = hyp2f1(r + x, b + x, a + b + x - 1, horizon / (alpha + age + horizon))
    factor = ((alpha + age) / (alpha + age + horizon)) ** (r + x)
    left = a / (b + x - 1) * ((alpha + age) / (alpha + recency)) ** (r + x) if x else 0.0
    printed = (a + b + x - 1) / (a - 1) * (1 - factor * series) / (1 + left)
    seen = one(x, recency, age)
    assert float(expected(parameters, horizon, seen)[0]) == pytest.approx(printed, rel=1e-6, abs=1e-9)
    assert float(alive(parameters, seen)[0]) == pytest.approx(1 / (1 + left))


@given(st.floats(40.5, 400), st.floats(0.1, 50), st.integers(0, 20), st.floats(1, 100))
def test_customers_who_hardly_differ(a: float, ratio: float, x: int, horizon: float) -> None:
    """With a large, the formula for it is near the integral over all chances to leave."""
    r, alpha, b = 0.8, 20.0, a * ratio
    found = float(expected(np.array([r, alpha, a, b]), horizon, one(x, 0.0, 30.0))[0])
    chances = beta(a, b + x)
    at = chances.ppf((np.arange(2000) + 0.5) / 2000)
    each = (1 - (1 + at * horizon / (alpha + 30.0)) ** -(r + x)) / at
    still = float(alive(np.array([r, alpha, a, b]), one(x, 0.0, 30.0))[0])
    assert found == pytest.approx(float(each.mean()) * still, rel=5e-3)


@given(st.floats(0.3, 3.0), st.integers(0, 200))
def test_expectations_are_steady_in_a_and_for_frequent_buyers(a: float, x: int) -> None:
    """No number of purchases and no a, 1 included, brings a figure that cannot be."""
    for at in (a, 1.0):
        found = expected(np.array([0.5, 5.0, at, 2.0]), 52.0, one(x, 100.0 if x else 0.0, 104.0))[0]
        near = expected(np.array([0.5, 5.0, at + 1e-4, 2.0]), 52.0, one(x, 100.0 if x else 0.0, 104.0))[0]
        assert 0 <= found <= 52.0 * (x + 1) and near == pytest.approx(found, rel=5e-3)


def test_the_likelihood_by_simulation_of_its_meaning() -> None:
    """The chance of no repeat purchase in an age is (alpha / (alpha + T))^r."""
    parameters = np.array([0.7, 9.0, 0.5, 3.0])
    assert log_likelihood(parameters, one(0, 0, 26.0)) == pytest.approx(0.7 * np.log(9 / 35))


def test_the_slope_is_that_of_the_likelihood() -> None:
    random = np.random.default_rng(3)
    x, age = random.poisson(2.0, 60).astype(float), random.uniform(5, 90, 60)
    seen = Histories(x, np.where(x > 0, age * random.random(60), 0.0), age, random.integers(1, 9, 60).astype(float))
    at = np.array([0.6, 8.0, 0.9, 3.0])
    off = check_grad(lambda p: _log_likelihood(p, seen)[0], lambda p: _log_likelihood(p, seen)[1], at)
    assert off < 1e-4 * abs(_log_likelihood(at, seen)[1]).max()


# --- populations -----------------------------------------------------------------------------------------------------


def population(parameters: Array, customers: int, weeks: float, later: float) -> tuple[Histories, Array]:
    """Customers who buy and leave as the model says, and their purchases of the weeks after."""
    random = np.random.default_rng(11)
    r, alpha, a, b = parameters
    rates, chances = random.gamma(r, 1 / alpha, customers), random.beta(a, b, customers)
    ages = random.uniform(weeks / 3, weeks, customers)
    repeats, recency, after = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    for place in range(customers):
        time = 0.0
        while True:
            time += random.exponential(1 / rates[place])
            if time > ages[place] + later:
                break
            if time <= ages[place]:
                repeats[place], recency[place] = repeats[place] + 1, time
            else:
                after[place] += 1
            if random.random() < chances[place]:
                break
    return Histories(repeats, recency, ages, np.ones(customers)), after


@pytest.fixture(scope="module")
def simulated() -> tuple[Histories, Array, Lifetimes]:
    seen, after = population(np.array([0.6, 8.0, 0.8, 3.0]), 4000, 80.0, 40.0)
    return seen, after, fit(seen)


def test_known_parameters_are_found(simulated: tuple[Histories, Array, Lifetimes]) -> None:
    found = simulated[2]
    errors = np.sqrt(np.diag(found.spread))
    off = (np.log(found.parameters) - np.log([0.6, 8.0, 0.8, 3.0])) / errors
    assert (np.abs(off) < 3).all() and (errors < 0.4).all()


def test_what_comes_is_what_was_expected(simulated: tuple[Histories, Array, Lifetimes]) -> None:
    seen, after, found = simulated
    predicted = expected(found.parameters, 40.0, seen)
    assert predicted.sum() == pytest.approx(after.sum(), rel=0.05)
    often = seen.repeats >= 3
    assert predicted[often].sum() == pytest.approx(after[often].sum(), rel=0.08)


def test_alike_customers_can_be_counted_together(simulated: tuple[Histories, Array, Lifetimes]) -> None:
    seen = simulated[0]
    first = slice(0, 300)
    repeats, recency, age = (np.tile(column[first], 2) for column in (seen.repeats, seen.recency, seen.age))
    twice = Histories(repeats, recency, age, np.ones(600))
    once = Histories(seen.repeats[first], seen.recency[first], seen.age[first], np.full(300, 2.0))
    at = np.array([0.5, 6.0, 1.0, 4.0])
    assert log_likelihood(at, once) == pytest.approx(log_likelihood(at, twice))


def test_customers_who_never_leave_run_to_the_bound() -> None:
    """With no sign of leaving, the chance of it goes to nothing, and the fit says that it cannot tell."""
    random = np.random.default_rng(2)
    age = np.full(500, 50.0)
    repeats = random.poisson(random.gamma(2.0, 0.1, 500) * 50).astype(float)
    found = fit(Histories(repeats, np.where(repeats > 0, 49.9, 0.0), age, np.ones(500)))
    share = found.parameters[2] / found.parameters[2:].sum()
    assert share < 0.02 and np.isfinite(found.spread).all()
    predicted = expected(
        found.parameters, 50.0, Histories(repeats, np.where(repeats > 0, 49.9, 0.0), age, np.ones(500))
    )
    assert predicted.sum() == pytest.approx(repeats.sum(), rel=0.05)
