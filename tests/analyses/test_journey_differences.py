"""Differences of two groups against scipy and published results, and how often they alarm for nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cx_metrics.analyses.journey_differences import of_means, of_medians, of_mixes, of_shares
from cx_metrics.metrics.change import Figure
from cx_metrics.metrics.estimators import Z


def share(hits: int, n: int) -> Figure:
    """A share in per cent with its Wilson interval, from scipy."""
    low, high = stats.binomtest(hits, n).proportion_ci(method="wilson")
    return Figure(n, 100 * hits / n, 100 * low, 100 * high)


def mean(values: np.ndarray) -> Figure:
    """A mean with its normal interval."""
    half = Z * values.std(ddof=1) / math.sqrt(len(values))
    return Figure(len(values), values.mean(), values.mean() - half, values.mean() + half)


def test_shares_as_newcombe_published() -> None:
    """Newcombe 1998, Statistics in Medicine 17, table II, (a), method 10: 56 of 70 and 48 of 80."""
    apart = of_shares(share(56, 70), share(48, 80)).found
    assert apart and (apart.value, apart.low, apart.high) == pytest.approx((20, 5.24, 33.39), abs=0.01)


@given(st.integers(30, 400), st.integers(30, 400), st.floats(0, 1), st.floats(0, 1))
def test_p_of_shares_is_pearsons(n: int, m: int, first: float, second: float) -> None:
    hits, others = round(n * first), round(m * second)
    p = of_shares(share(hits, n), share(others, m)).p
    if hits + others in (0, n + m):
        assert p == 1
        return
    table = [[hits, n - hits], [others, m - others]]
    assert p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_means_are_welchs(seed: int) -> None:
    dice = np.random.default_rng(seed)
    a, b = dice.poisson(1.3, 40) + 1.0, dice.poisson(1.9, 300) + 1.0
    found, right = of_means(mean(a), mean(b)), stats.ttest_ind(a, b, equal_var=False)
    interval = right.confidence_interval()
    assert found.p == pytest.approx(right.pvalue, rel=1e-9) and found.found
    assert (found.found.low, found.found.high) == pytest.approx((interval.low, interval.high))


def test_means_without_spread() -> None:
    one, two = Figure(40, 1, 1, 1), Figure(40, 2, 2, 2)
    assert of_means(one, one).p == 1 and of_means(one, two).p == 0


@pytest.mark.parametrize("shape", [(3, 4), (0.4, 30)])
def test_medians_alarm_as_often_as_stated(shape: tuple[float, float]) -> None:
    """Two samples of the same waits, intervals from order statistics: 5 % differ clearly, give or take."""
    dice = np.random.default_rng(2)
    rounds, n, m = 1500, 90, 140
    alarms = 0
    for _ in range(rounds):
        figures = [_median(dice.gamma(*shape, size)) for size in (n, m)]
        apart = of_medians(*figures)
        assert apart.found and apart.p is not None
        assert (apart.p < 0.05) == apart.found.clear
        alarms += apart.found.clear
    assert alarms / rounds < 0.065


def _median(values: np.ndarray) -> Figure:
    ordered, n = np.sort(values), len(values)
    ranks = (math.ceil(n / 2 - Z * math.sqrt(n) / 2), math.ceil(n / 2 + Z * math.sqrt(n) / 2))
    return Figure(n, float(np.median(ordered)), *(float(ordered[rank - 1]) for rank in ranks))


def test_medians_far_apart_differ() -> None:
    assert (of_medians(Figure(50, 9, 8, 10), Figure(50, 3, 2, 4)).p or 1) < 1e-6
    assert of_medians(Figure(50, 3, 3, 3), Figure(50, 3, 3, 3)).p == 1
    assert of_medians(Figure(50, 4, 4, 4), Figure(50, 3, 3, 3)).p == 0


@pytest.mark.parametrize("seed", range(6))
def test_mixes_are_pearsons(seed: int) -> None:
    counts = np.random.default_rng(seed).integers(8, 200, (2, 6))
    assert of_mixes(counts) == pytest.approx(stats.chi2_contingency(counts).pvalue)


def test_rare_kinds_are_pooled() -> None:
    """The last two are expected below 5; the third one joins them, for the two together are too few as well."""
    pooled = stats.chi2_contingency([[50, 30, 12], [40, 50, 13]]).pvalue
    assert of_mixes([[50, 1, 30, 2, 9], [40, 2, 50, 1, 10]]) == pytest.approx(pooled)
    enough = stats.chi2_contingency([[50, 30, 7], [40, 50, 8]]).pvalue
    assert of_mixes([[50, 3, 30, 4, 0], [40, 4, 50, 4, 0]]) == pytest.approx(enough)


def test_nothing_to_compare() -> None:
    missing, there = Figure(3, None, None, None), Figure(50, 10, 5, 15)
    for test in (of_shares, of_means, of_medians):
        assert test(missing, there).p is None and test(there, missing).found is None
    assert of_medians(there, Figure(50, 10, 5, None)).p is None  # an end beyond the data
    assert of_mixes([]) is None and of_mixes([[5, 6], [0, 0]]) is None and of_mixes([[9], [8]]) is None
