"""Two sides compared: against published intervals and a reference library."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from cx_metrics.metrics.stratified import newcombe, welch, within_strata


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((5, 56, 0, 29), -0.0381, 0.1926),
     ((10, 10, 0, 10), 0.6075, 1.0)],
)  # fmt: skip
def test_newcombes_published_intervals(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17, table II, method 10: (a), (b), (e) and (h)."""
    found = newcombe(*counts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)
    reference = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
    assert (found.low, found.high) == pytest.approx(reference, abs=1e-9)


def test_welch_like_the_reference() -> None:
    chance = np.random.default_rng(3)
    one, two = chance.normal(3, 2, 40), chance.normal(2, 5, 90)
    found = welch(one.mean(), one.var(ddof=1), 40, two.mean(), two.var(ddof=1), 90)
    low, high = CompareMeans(DescrStatsW(one), DescrStatsW(two)).tconfint_diff(usevar="unequal")
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-3)


def sums(values: pd.Series, strata: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """n, total, squares of five strata."""
    parts = [values[strata == stratum].to_numpy() for stratum in range(5)]
    return (np.array([float(len(x)) for x in parts]), np.array([x.sum() for x in parts]),
            np.array([(x**2).sum() for x in parts]))  # fmt: skip


def test_within_strata_like_a_fit_with_levels() -> None:
    """The estimate is that of least squares with a level per stratum; its error nearly, as it pools the sides."""
    chance = np.random.default_rng(4)
    strata = pd.Series(chance.integers(0, 5, 900))
    side = pd.Series((chance.random(900) < 0.2 + 0.12 * strata).astype(int))
    values = pd.Series(chance.normal(4 * strata - 3 * side, 2))
    found = within_strata(sums(values[side == 1], strata[side == 1]), sums(values[side == 0], strata[side == 0]))
    fit = smf.ols("v ~ side + C(s)", pd.DataFrame({"v": values, "side": side, "s": strata})).fit()
    assert found.value == pytest.approx(fit.params["side"], abs=1e-9)
    assert found.error == pytest.approx(fit.bse["side"], rel=0.03)
    raw = values[side == 1].mean() - values[side == 0].mean()
    assert raw > 0 > found.high  # what the strata hid


def test_by_hand_and_unknown() -> None:
    own, rest = (np.array([2.0, 1.0]),) * 3, (np.array([2.0, 3.0]), np.array([1.0, 0.0]), np.array([1.0, 0.0]))
    assert within_strata(own, rest).value == pytest.approx((1 * 0.5 + 0.75 * 1.0) / 1.75)
    apart = (np.array([2.0, 0.0]),) * 3, (np.array([0.0, 3.0]),) * 3
    assert math.isnan(within_strata(*apart).value)
    assert math.isnan(within_strata(own, own).low)  # nothing varies
    assert math.isnan(newcombe(1, 1, 0, 0).low) and math.isnan(welch(1, 0, 1, 1, 0, 5).low)
    assert welch(2, 0, 5, 1, 0, 5).low == 1
