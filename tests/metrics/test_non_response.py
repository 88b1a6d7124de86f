"""Weighting to all who were asked: by hand, against statsmodels, against the bootstrap, and how often intervals cover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from cx_metrics.metrics import non_response as module
from cx_metrics.metrics.logistic import probability
from cx_metrics.metrics.non_response import HEAVIEST, Asked, non_response, trimmed_weights
from tests.benchmarks.coverage_weighted import coverage

TWO = np.array([[1.0, 0.0], [1.0, 1.0]])


def alike(asked: float, answered: float, total: float, squares: float, lowest: float = 0.0) -> Asked:
    """Nothing is known of anybody."""
    one = [np.array([x]) for x in (asked, answered, total, squares)]
    return Asked(np.ones((1, 1)), *one, lowest=lowest)


def test_two_groups_by_hand() -> None:
    """500 of 1,000 answer, 80 % are satisfied; 40 of 500 answer, 60 %: of all, (1,000 x 80 % + 500 x 60 %) / 1,500."""
    found = non_response(Asked(TWO, np.array([1000.0, 500.0]), np.array([500.0, 40.0]), *[np.array([400.0, 24.0])] * 2))
    assert (found.raw.n, found.raw.value) == (540, 424 / 540)
    assert found.weighted.value == pytest.approx(1100 / 1500, abs=1e-5)
    assert found.weighted.n == pytest.approx((500 * 2 + 40 * 12.5) ** 2 / (500 * 4 + 40 * 12.5**2), rel=1e-3)
    assert found.difference.value == pytest.approx(424 / 540 - 1100 / 1500, abs=1e-5)
    assert found.trimmed == 0
    # the variance of a mean of two strata of random size: within each of them, and between them
    within = (2 / 3) ** 2 * 0.8 * 0.2 / 500 + (1 / 3) ** 2 * 0.6 * 0.4 / 40
    between = (2 / 9 * 0.2**2) / 1500
    half = (found.weighted.high - found.weighted.low) / 2  # type: ignore[operator]
    assert half == pytest.approx(1.96 * (within + between) ** 0.5, rel=0.02)


def test_without_a_trait_it_is_the_raw_figure() -> None:
    found = non_response(alike(400, 107, 74, 74))
    assert found.weighted.value == pytest.approx(found.raw.value) and found.weighted.n == pytest.approx(107)
    low, high = proportion_confint(74, 107, method="wilson")
    assert (found.raw.low, found.raw.high) == (pytest.approx(low), pytest.approx(high))
    assert (round(100 * low, 1), round(100 * high, 1)) == (59.9, 77.1)  # definitions: CSAT of 74 of 107
    assert found.weighted.low < low < high < found.weighted.high  # type: ignore[operator]
    assert (found.difference.value, found.p) == (pytest.approx(0), 1.0)


def test_net_scores_as_in_the_definitions() -> None:
    found = non_response(alike(500, 100, 30, 70, lowest=-1.0)).raw
    assert found.value == pytest.approx(0.30)
    assert (found.low + found.high) / 2 == pytest.approx(0.291, abs=5e-4)  # type: ignore[operator]
    assert (found.high - found.low) / 2 == pytest.approx(0.151, abs=5e-4)  # type: ignore[operator]


@pytest.mark.parametrize(("total", "lowest"), [(0.0, 0.0), (40.0, 0.0), (40.0, -1.0), (-40.0, -1.0)])
def test_answers_that_are_all_alike(total: float, lowest: float) -> None:
    found = non_response(Asked(TWO, np.array([200.0, 100.0]), np.array([30.0, 10.0]), np.array([0.75, 0.25]) * total,
                               np.array([0.75, 0.25]) * abs(total), lowest))  # fmt: skip
    for figure in (found.raw, found.weighted):
        assert figure.value == pytest.approx(total / 40)
        assert lowest <= figure.low <= figure.value + 1e-9 and figure.value - 1e-9 <= figure.high <= 1  # type: ignore[operator]
        assert figure.high - figure.low > 0.03  # type: ignore[operator]
    assert found.difference.value == pytest.approx(0) and found.p == 1.0


def drawn(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """design, answered (0 or 1) and values of 3,000 invitations."""
    group, third = rng.integers(0, 2, 3000), rng.integers(0, 3, 3000)
    design = np.column_stack([np.ones(3000), group, third == 1, third == 2]).astype(float)
    answered = (rng.random(3000) < probability(design @ np.array([-0.2, -1.5, -0.5, 0.0]))).astype(float)
    return design, answered, np.clip(design @ np.array([0.6, -0.3, 0.0, 0.1]) + rng.normal(0, 0.2, 3000), 0, 1)


def summed(design: np.ndarray, answered: np.ndarray, values: np.ndarray, times: np.ndarray | None = None) -> Asked:
    """By combination; times: how often each invitation counts."""
    rows, place = np.unique(design @ [1.0, 1.0, 2.0, 4.0], return_index=True, return_inverse=True)[1:]
    count = np.ones(len(design)) if times is None else times
    sums = (answered * 0 + 1, answered, answered * values, answered * values**2)
    return Asked(design[rows], *(np.bincount(place, count * x) for x in sums))


def test_against_statsmodels() -> None:
    design, answered, values = drawn(np.random.default_rng(4))
    found = non_response(summed(design, answered, values))
    weights = answered / sm.GLM(answered, design, family=sm.families.Binomial()).fit().fittedvalues
    assert found.weighted.value == pytest.approx(weights @ values / weights.sum(), abs=1e-5)
    assert found.weighted.n == pytest.approx(weights.sum() ** 2 / (weights**2).sum(), rel=1e-4)


@pytest.mark.parametrize("heaviest", [HEAVIEST, 1.5])
def test_against_the_bootstrap(heaviest: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard errors of the figure and of the difference, with and without weights that are cut."""
    monkeypatch.setattr(module, "HEAVIEST", heaviest)
    rng = np.random.default_rng(3)
    design, answered, values = drawn(rng)
    found = non_response(summed(design, answered, values))
    again = []
    for _ in range(200):
        one = non_response(summed(design, answered, values, rng.multinomial(3000, np.full(3000, 1 / 3000))))
        again.append((one.weighted.value, one.difference.value))
    weighted, difference = np.std(again, axis=0)
    assert (found.trimmed > 0) is (heaviest < HEAVIEST)
    for figure, error in ((found.weighted, weighted), (found.difference, difference)):
        half = (figure.high - figure.low) / 2 / 1.96  # type: ignore[operator]
        assert 0.88 * error <= half <= 1.2 * error  # the spread is the larger of two, so rather too wide


def test_heavy_weights_are_cut() -> None:
    weights = trimmed_weights(np.array([0.5, 0.001]), np.array([99.0, 1.0]))
    assert weights == pytest.approx([2.0, 5 * (99 * 2 + 1000) / 100])


def test_numbers_grow_tighter_with_more_of_the_same() -> None:
    small = Asked(TWO, np.array([1000.0, 500.0]), np.array([500.0, 40.0]), *[np.array([400.0, 24.0])] * 2)
    large = replace(small, **{name: 100 * getattr(small, name) for name in ("asked", "answered", "total", "squares")})
    one, hundred = (non_response(given) for given in (small, large))
    assert hundred.weighted.value == pytest.approx(one.weighted.value, abs=1e-4)
    ratio = (one.weighted.high - one.weighted.low) / (hundred.weighted.high - hundred.weighted.low)  # type: ignore[operator]
    assert ratio == pytest.approx(10, rel=0.05) and hundred.p < one.p < 0.1


def test_intervals_cover() -> None:
    """A small run of the benchmark, whose 500 data sets a case lie between 93 and 97 %."""
    cases = [("csat", 600, 0.8, True), ("nps", 600, 0.8, True), ("mean", 200, 0.5, True)]
    found = coverage(100, cases, seed=11)
    assert (found["covered"] >= 0.88).all() and 0.92 <= found["covered"].mean() <= 0.99
    assert (found["difference"] >= 0.88).all()
