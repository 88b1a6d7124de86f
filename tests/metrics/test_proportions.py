"""Intervals of shares, the test that one is clearly larger than another, and many such tests at one level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint, test_proportions_2indep

from cx_metrics.metrics.proportions import holm, ratio_above, wilson_interval

MARGIN = 1.25
SHARES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.6, 0.75)  # of the rest; times the margin below 1
test_proportions_2indep.__test__ = False  # a function of the reference library, not a test


@given(st.integers(0, 200), st.integers(1, 200))
def test_wilson_is_that_of_the_reference(hits: int, n: int) -> None:
    hits = min(hits, n)
    wanted = proportion_confint(hits, n, method="wilson")
    assert wilson_interval(hits / n, n) == pytest.approx(wanted, abs=1e-12)


def test_wilson_without_rows() -> None:
    assert all(np.isnan(wilson_interval(0.5, 0)))
    assert all(np.isnan(wilson_interval(float("nan"), 10)))


def level(n: int, rest_n: int, rest: float, alpha: float) -> float:
    """How often the test rejects at `alpha` where the ratio is exactly the margin: all outcomes added up."""
    hits, rest_hits = np.arange(n + 1)[:, None], np.arange(rest_n + 1)[None, :]
    chance = stats.binom.pmf(hits, n, MARGIN * rest) * stats.binom.pmf(rest_hits, rest_n, rest)
    p = ratio_above(*np.broadcast_arrays(hits, n, rest_hits, rest_n), MARGIN)
    return float(chance[p <= alpha].sum())


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 20])
@pytest.mark.parametrize(("n", "rest_n"), [(30, 30), (30, 100), (30, 400), (150, 60)])
def test_false_alarms_stay_at_the_level(n: int, rest_n: int, alpha: float) -> None:
    found = [level(n, rest_n, rest, alpha) / alpha for rest in SHARES]
    assert max(found) < 1.3  # the test of the log ratio with its Wald error reaches 46 at the second level
    assert max(found) > 0.4  # and it does not keep the level by never saying anything


def test_large_samples_agree_with_the_reference() -> None:
    """statsmodels has the score test without the correction for skewness, which vanishes in large samples."""
    for hits, n, rest_hits, rest_n in ((13_100, 40_000, 52_000, 200_000), (25_300, 80_000, 25_000, 100_000)):
        wanted = test_proportions_2indep(
            hits, n, rest_hits, rest_n, value=MARGIN, compare="ratio", method="score", alternative="larger",
            correction=False,
        ).pvalue  # fmt: skip
        assert 1e-6 < wanted < 0.999
        assert float(ratio_above(hits, n, rest_hits, rest_n, MARGIN)) == pytest.approx(wanted, rel=0.02)


@pytest.mark.parametrize(
    ("counts", "p"),
    [
        ((0, 30, 0, 100), 1.0),  # nothing to see
        ((30, 30, 100, 100), pytest.approx(1.0, abs=0.01)),  # all of both
        ((30, 30, 0, 100), pytest.approx(0.0, abs=1e-6)),
        ((0, 30, 50, 100), pytest.approx(1.0, abs=1e-6)),
    ],
)
def test_ends_of_the_scale(counts: tuple[int, int, int, int], p: object) -> None:
    assert float(ratio_above(*counts, MARGIN)) == p


def test_a_missing_count_has_no_p() -> None:
    found = ratio_above([10, np.nan, 10], [30, 30, 0], [10, 10, 10], [100, 100, 100], MARGIN)
    assert np.isnan(found).tolist() == [False, True, True]


def test_holm_is_that_of_the_reference() -> None:
    random = np.random.default_rng(1)
    for size in (1, 2, 5, 12):
        p = np.round(random.random(size) ** 3, 2)  # with ties
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], abs=1e-12)


def test_holm_leaves_out_what_was_not_asked() -> None:
    found = holm([0.01, np.nan, 0.04])
    assert found[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(found[1])
    assert np.isnan(holm([np.nan])).all() and holm([]).shape == (0,)
