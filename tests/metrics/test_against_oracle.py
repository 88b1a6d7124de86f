"""Every metric, grouped and filtered, against its second computation in plain pandas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pytest

from cx_metrics.metrics.catalog import METRICS, figures, figures_together
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Engine
from tests.metrics.company import tables
from tests.metrics.oracle import ORACLES, Figure, Frame, facts_of

ALL = Scope()
SPRING = Scope(date(2024, 3, 1), date(2024, 5, 31))


@pytest.fixture(scope="module")
def facts() -> dict[str, Frame]:
    return facts_of(tables())


@pytest.fixture(scope="session")
def company(engine: Engine) -> Warehouse:
    return engine.warehouse(tables())


def keyed(found: pd.DataFrame, names: list[str]) -> dict[Any, Any]:
    """Key (period, dimensions; missing = None) -> row."""
    return {tuple(None if pd.isna(row[name]) else row[name] for name in names): row for _, row in found.iterrows()}


def check(metric: Metric, shown: Mapping[Any, Any], expected: Mapping[Any, Figure]) -> None:
    """Same cells; n and value equal where they are shown; what must be hidden is."""
    assert set(shown) == set(expected)
    for key, (n, value) in expected.items():
        row = shown[key]
        if 0 < n < HIDDEN_BELOW:
            assert pd.isna(row["n"])
        if pd.isna(row["n"]) or n < metric.minimum_n:
            assert pd.isna(row["value"]) and pd.isna(row["low"]) and pd.isna(row["high"])
            assert row["suppressed"] == (n > 0)
            continue
        assert (row["n"], row["suppressed"]) == (n, False), key
        if math.isnan(value):
            assert pd.isna(row["value"]), key
            continue
        assert row["value"] == pytest.approx(value, rel=1e-9, abs=1e-9), key
        assert pd.isna(row["low"]) or row["low"] <= row["value"] + 1e-9
        assert pd.isna(row["high"]) or row["value"] <= row["high"] + 1e-9


def compare(
    name: str, company: Warehouse, facts: dict[str, Frame], scope: Scope, by: tuple[str, ...], every: str | None
) -> None:
    found = figures(company, METRICS[name], scope, by, every)
    names = [*(["period"] if every else []), *by]
    assert list(found.columns) == [*names, "n", "value", "low", "high", "suppressed"]
    check(METRICS[name], keyed(found, names), ORACLES[name].figures(facts, scope, by, every))


def test_every_metric_has_an_oracle() -> None:
    assert set(ORACLES) == set(METRICS)


@pytest.mark.parametrize("name", METRICS)
class TestFigures:
    """Value and n are those of the oracle."""

    def test_all_and_by_each_dimension(self, name: str, company: Warehouse, facts: dict[str, Frame]) -> None:
        compare(name, company, facts, ALL, (), None)
        for dimension in METRICS[name].dimensions:
            compare(name, company, facts, ALL, (dimension,), None)

    def test_by_two_dimensions(self, name: str, company: Warehouse, facts: dict[str, Frame]) -> None:
        compare(name, company, facts, ALL, (METRICS[name].dimensions[0], "country"), None)

    def test_every_month_and_by_region_every_quarter(
        self, name: str, company: Warehouse, facts: dict[str, Frame]
    ) -> None:
        compare(name, company, facts, ALL, (), "month")
        compare(name, company, facts, ALL, ("region",), "quarter")

    def test_filtered_period_every_week(self, name: str, company: Warehouse, facts: dict[str, Frame]) -> None:
        scope = Scope(SPRING.start, SPRING.end, filters=(("region", ("north", NOT_GIVEN)), ("country", ("DE", "FR"))))
        compare(name, company, facts, scope, ("segment",), "week")
        compare(name, company, facts, scope, (), "year")


@pytest.mark.parametrize("every", [None, "month"])
def test_together_is_the_same_as_each_alone(company: Warehouse, every: str | None) -> None:
    together = figures_together(company, tuple(METRICS.values()), SPRING, every)
    assert set(together["metric"]) == set(METRICS)
    for name, metric in METRICS.items():
        alone = figures(company, metric, SPRING, (), every)
        mine = together[together["metric"] == name].drop(columns="metric")
        if every:
            mine = mine.sort_values("period")
        pd.testing.assert_frame_equal(mine[alone.columns].reset_index(drop=True), alone, check_dtype=False, rtol=1e-12)


def test_together_leaves_out_metrics_without_the_filters_dimension(company: Warehouse) -> None:
    found = figures_together(company, tuple(METRICS.values()), Scope(filters=(("channel", ("web",)),)))
    assert set(found["metric"]) == {name for name, metric in METRICS.items() if "channel" in metric.dimensions}


@pytest.mark.parametrize(("every", "monday"), [("week", True), ("month", False), ("quarter", False), ("year", False)])
def test_the_buckets_of_time_add_up(company: Warehouse, every: str, monday: bool) -> None:
    found = figures(company, METRICS["contacts"], ALL, (), every)
    total = figures(company, METRICS["contacts"], ALL).iloc[0]["n"]
    assert found["n"].sum() == total
    assert all((time.weekday() == 0) == monday or not monday for time in found["period"])
