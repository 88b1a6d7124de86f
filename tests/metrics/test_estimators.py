"""Estimators against published numbers and reference implementations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from cx_metrics.metrics.estimators import Mean, Net, Quantile, Share, Total, Z, byar, wilson
from cx_metrics.metrics.metric import Kind
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.metrics.literal import literal_rows, metric_over

ROW = {"label": sa.Text, "x": sa.Double, "weight": sa.Double, "unit": sa.Text}


def rows_of(scores: Sequence[Any], weights: Sequence[Any] | None = None, label: str = "a") -> list[tuple[Any, ...]]:
    return [(label, x, 1.0 if weights is None else weights[i], "EUR") for i, x in enumerate(scores)]


def estimated(warehouse: Warehouse, rows: Sequence[Sequence[Any]], kind: Any) -> pd.DataFrame:
    """Figures by label, indexed by it. kind: from the rows' columns to an estimator."""
    given = literal_rows(ROW, rows)
    made: Kind = kind(given.c)
    return warehouse.read(metric_over(given, made).select(Scope(), ("label",))).set_index("label").astype(float)


def figure(warehouse: Warehouse, rows: Sequence[Sequence[Any]], kind: Any) -> list[float]:
    """n, value, low, high of the only label."""
    found = estimated(warehouse, rows, kind).iloc[0]
    return list(found[["n", "value", "low", "high"]])


class TestWilson:
    def test_the_definitions_numbers(self, empty_warehouse: Warehouse) -> None:
        rows = rows_of([5] * 74 + [2] * 33)
        n, value, low, high = figure(empty_warehouse, rows, lambda c: Share(sa.true(), c.x >= 4))
        assert (n, round(value, 1), round(low, 1), round(high, 1)) == (107, 69.2, 59.9, 77.1)

    def test_against_statsmodels(self, empty_warehouse: Warehouse) -> None:
        pairs = [(hits, n) for n in (1, 2, 5, 10, 107, 100_000) for hits in {0, 1, n // 3, n - 1, n} if hits <= n]
        given = literal_rows({"hits": sa.Double, "n": sa.Double}, pairs)
        ends = wilson(given.c.hits / given.c.n, given.c.n)
        found = empty_warehouse.read(sa.select(given, ends[0].label("low"), ends[1].label("high")))
        low, high = proportion_confint(found["hits"], found["n"], method="wilson")
        np.testing.assert_allclose(found[["low", "high"]], 100 * np.column_stack([low, high]), rtol=1e-9, atol=1e-9)


class TestShare:
    def test_weighted_interval_uses_the_effective_n(self, empty_warehouse: Warehouse) -> None:
        rows = rows_of([1] * 10 + [0] * 10, [3.0] * 10 + [1.0] * 10)
        n, value, low, high = figure(empty_warehouse, rows, lambda c: Share(sa.true(), c.x == 1, weight=c.weight))
        effective = (10 * 3 + 10) ** 2 / (10 * 9 + 10)
        assert (n, value, effective) == (20, 75, 16)
        assert [low, high] == pytest.approx([100 * x for x in proportion_confint(12, 16, method="wilson")])

    def test_equal_weights_change_nothing(self, empty_warehouse: Warehouse) -> None:
        rows = rows_of([1] * 7 + [0] * 13, [2.5] * 20)
        plain = figure(empty_warehouse, rows, lambda c: Share(sa.true(), c.x == 1))
        assert figure(empty_warehouse, rows, lambda c: Share(sa.true(), c.x == 1, weight=c.weight)) == pytest.approx(
            plain
        )

    def test_weights_of_zero_give_no_value(self, empty_warehouse: Warehouse) -> None:
        rows = rows_of([1] * 20, [0.0] * 20)
        found = figure(empty_warehouse, rows, lambda c: Share(sa.true(), c.x == 1, weight=c.weight))
        assert found[0] == 20
        assert np.isnan(found[1:]).all()

    def test_distinct_values_count_once(self, empty_warehouse: Warehouse) -> None:
        rows = rows_of([1, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8, 8])
        kind = figure(empty_warehouse, rows, lambda c: Share(sa.true(), c.x <= 2, distinct=c.x))
        assert kind[:2] == [8, 25]


class TestNet:
    def test_the_definitions_numbers(self, empty_warehouse: Warehouse) -> None:
        rows = rows_of([9] * 50 + [7] * 30 + [6] * 20)
        n, value, low, high = figure(empty_warehouse, rows, lambda c: Net(sa.true(), c.x >= 9, c.x <= 6))
        assert (n, value) == (100, 30)
        assert (round((low + high) / 2, 1), round((high - low) / 2, 1)) == (29.1, 15.1)

    def test_adjusted_wald_by_hand(self, empty_warehouse: Warehouse) -> None:
        rows = rows_of([10] * 4 + [8] * 5 + [0] * 3)
        up, down = 4.75 / 15, 3.75 / 15
        half = 1.959964 * np.sqrt((up + down - (up - down) ** 2) / 15)
        n, value, low, high = figure(empty_warehouse, rows, lambda c: Net(sa.true(), c.x >= 9, c.x <= 6))
        assert (n, value) == (12, pytest.approx(100 / 12))
        assert [low, high] == pytest.approx([100 * (up - down - half), 100 * (up - down + half)], rel=1e-6)

    @pytest.mark.parametrize(("score", "value"), [(10, 100.0), (8, 0.0), (0, -100.0)])
    def test_an_interval_stays_within_the_scale(self, empty_warehouse: Warehouse, score: int, value: float) -> None:
        found = figure(empty_warehouse, rows_of([score] * 10), lambda c: Net(sa.true(), c.x >= 9, c.x <= 6))
        assert found[1] == value
        assert -100 <= found[2] <= value <= found[3] <= 100

    def test_weighted_uses_the_effective_n(self, empty_warehouse: Warehouse) -> None:
        rows = rows_of([10] * 10 + [0] * 10, [3.0] * 10 + [1.0] * 10)
        up, down = (0.75 * 16 + 0.75) / 19, (0.25 * 16 + 0.75) / 19
        half = Z * np.sqrt((up + down - (up - down) ** 2) / 19)
        found = figure(empty_warehouse, rows, lambda c: Net(sa.true(), c.x >= 9, c.x <= 6, weight=c.weight))
        assert found == pytest.approx([20, 50, 100 * (up - down - half), 100 * (up - down + half)])


class TestMean:
    def test_against_numpy(self, empty_warehouse: Warehouse) -> None:
        scores = np.random.default_rng(1).normal(50, 20, 40)
        half = Z * scores.std(ddof=1) / np.sqrt(40)
        found = figure(empty_warehouse, rows_of([*map(float, scores), None]), lambda c: Mean(sa.true(), c.x))
        assert found == pytest.approx([40, scores.mean(), scores.mean() - half, scores.mean() + half])


class TestTotal:
    def test_byar_is_close_to_the_exact_poisson_limits(self, empty_warehouse: Warehouse) -> None:
        counts = [0, 5, 6, 8, 10, 20, 50, 100, 1000, 100_000]
        given = literal_rows({"n": sa.Double}, [(n,) for n in counts])
        low, high = byar(given.c.n)
        found = empty_warehouse.read(sa.select(given.c.n, low.label("low"), high.label("high")))
        np.testing.assert_allclose(found["low"][1:], stats.chi2.ppf(0.025, 2 * found["n"][1:]) / 2, rtol=0.015)
        np.testing.assert_allclose(found["high"], stats.chi2.ppf(0.975, 2 * found["n"] + 2) / 2, rtol=0.015)
        assert found["low"][0] == 0

    def test_a_sum_has_the_compound_poisson_interval(self, empty_warehouse: Warehouse) -> None:
        half = Z * np.sqrt(5 * 100 + 5 * 400)
        found = figure(empty_warehouse, rows_of([10.0] * 5 + [20.0] * 5), lambda c: Total(sa.true(), values=c.x))
        assert found == pytest.approx([10, 150, 150 - half, 150 + half])

    def test_no_sum_over_several_units(self, empty_warehouse: Warehouse) -> None:
        rows = rows_of([10.0] * 9)
        for unit, value in (("EUR", 100.0), ("USD", np.nan), (None, np.nan)):
            found = figure(
                empty_warehouse, [*rows, ("a", 10.0, 1.0, unit)], lambda c: Total(sa.true(), values=c.x, single=c.unit)
            )
            assert found[:2] == pytest.approx([10, value], nan_ok=True)

    def test_a_row_without_a_value_brings_no_unit(self, empty_warehouse: Warehouse) -> None:
        rows = [*rows_of([10.0] * 10), ("a", None, 1.0, "USD"), ("a", None, 1.0, None)]
        assert figure(empty_warehouse, rows, lambda c: Total(sa.true(), values=c.x, single=c.unit))[:2] == [10, 100]


class TestQuantile:
    def test_against_numpy(self, empty_warehouse: Warehouse) -> None:
        random = np.random.default_rng(2)
        groups = {f"{n:03}": random.integers(0, n, n).astype(float) for n in (5, 6, 11, 21, 50, 101)}
        rows = [row for label, values in groups.items() for row in rows_of([*values, None], label=label)]
        for q in (0.5, 0.9, 0.25):
            found = estimated(empty_warehouse, rows, lambda c, q=q: Quantile(sa.true(), c.x, q))
            assert list(found["n"]) == [len(values) for values in groups.values()]
            np.testing.assert_allclose(found["value"], [np.quantile(values, q) for values in groups.values()])

    @pytest.mark.parametrize("q", [0.5, 0.9])
    def test_the_interval_covers(self, empty_warehouse: Warehouse, q: float) -> None:
        """Values 1..n make the ends ranks, and ranks have an exact coverage."""
        sizes = [10, 12, 15, 20, 30, 40, 60, 100, 200]
        rows = [row for n in sizes for row in rows_of([float(rank) for rank in range(1, n + 1)], label=f"{n:03}")]
        found = estimated(empty_warehouse, rows, lambda c: Quantile(sa.true(), c.x, q))
        below = stats.binom.cdf(found["low"].fillna(0) - 1, sizes, q)
        above = stats.binom.sf(found["high"].fillna(np.inf) - 1, sizes, q)
        assert (1 - below - above).min() > 0.92  # the ranks come from a normal approximation
        np.testing.assert_allclose((1 - below - above)[-1], 0.95, atol=0.02)

    def test_an_end_beyond_the_data_is_open(self, empty_warehouse: Warehouse) -> None:
        rows = rows_of([float(rank) for rank in range(1, 11)])
        assert np.isnan(figure(empty_warehouse, rows, lambda c: Quantile(sa.true(), c.x, 0.9))[3])
        assert np.isnan(figure(empty_warehouse, rows, lambda c: Quantile(sa.true(), c.x, 0.1))[2])
