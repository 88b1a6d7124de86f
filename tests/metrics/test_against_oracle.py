"""Every metric, grouped and filtered, against its second computation in plain pandas."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import pytest

from cx_metrics.journey import Limits
from cx_metrics.metrics.catalog import METRICS, figures, figures_together, metric_named
from cx_metrics.metrics.friction import declare
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Engine
from tests.metrics.company import tables
from tests.metrics.oracle import ORACLES, Figure, facts_of, under

ALL = Scope()
WARM = Scope(date(2024, 3, 1), date(2024, 9, 30))
NORTH = Scope(
    date(2024, 2, 15), date(2024, 12, 24), filters=(("region", ("north", NOT_GIVEN)), ("country", ("DE", "FR")))
)
MOVED = Limits(
    wait_seconds=60, written_wait_hours=0.5, repeat_days=3, transfers=2, reopens=2, stage_visits=3, promise_hours=12,
    sentiment=0.25, sentiment_fall=1, written=("chat", "email"),
)  # fmt: skip
LONG = Limits(repeat_days=14)
Asked = Callable[[str, Scope, tuple[str, ...], str | None], Mapping[Any, Figure]]


@pytest.fixture(scope="session")
def expected() -> Asked:
    """The oracle's figures; each question is computed once for all engines."""
    facts = facts_of(tables())
    limited = functools.cache(lambda limits: under(facts, limits))

    @functools.cache
    def ask(name: str, scope: Scope, by: tuple[str, ...], every: str | None) -> Mapping[Any, Figure]:
        return ORACLES[name].figures(limited(scope.limits), scope, by, every)

    return ask


@pytest.fixture(scope="session")
def company(engine: Engine) -> Warehouse:
    return engine.warehouse(tables())


def check(metric: Metric, shown: Mapping[Any, Any], wanted: Mapping[Any, Figure]) -> None:
    """Same cells; n and value equal where they are shown; what must be hidden is."""
    assert set(shown) == set(wanted)
    for key, (n, value) in wanted.items():
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
    name: str, company: Warehouse, expected: Asked, scope: Scope, by: tuple[str, ...] = (), every: str | None = None
) -> None:
    metric = metric_named(name, scope.limits)
    found = figures(company, metric, scope, by, every)
    keys = [*(["period"] if every else []), *by]
    assert list(found.columns) == [*keys, "n", "value", "low", "high", "suppressed"]
    shown = {tuple(None if pd.isna(row[key]) else row[key] for key in keys): row for _, row in found.iterrows()}
    check(metric, shown, expected(name, scope, by, every))


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize(
    ("scope", "by", "every"),
    [
        pytest.param(ALL, 0, None, id="all"),
        pytest.param(WARM, 2, None, id="by-two"),
        pytest.param(ALL, 0, "month", id="monthly"),
        pytest.param(NORTH, 1, "quarter", id="filtered-by-one-quarterly"),
    ],
)
def test_figures(name: str, scope: Scope, by: int, every: str | None, company: Warehouse, expected: Asked) -> None:
    dimensions, turn = METRICS[name].dimensions, list(METRICS).index(name)
    names = tuple(dimensions[(turn + step) % len(dimensions)] for step in range(by))
    compare(name, company, expected, scope, names, every)


@pytest.mark.parametrize("name", ["nps", "cohort_retention", "revenue"])
def test_by_each_dimension_of_its_fact(name: str, company: Warehouse, expected: Asked) -> None:
    for dimension in METRICS[name].dimensions:
        compare(name, company, expected, ALL, (dimension,))


@pytest.mark.parametrize("name", ["contacts", "wait_median", "resolution_median", "repeat_purchase"])
@pytest.mark.parametrize("every", ["week", "year"])
def test_filtered_every(name: str, every: str, company: Warehouse, expected: Asked) -> None:
    compare(name, company, expected, NORTH, (), every)


LIMITED = [
    "fcr",
    "durable_self_service",
    *(metric.name for metric in declare(Limits()) if "friction" in metric.definition),
]


@pytest.mark.parametrize("limits", [pytest.param(MOVED, id="moved"), pytest.param(LONG, id="long")])
@pytest.mark.parametrize("name", LIMITED)
def test_other_limits(name: str, limits: Limits, company: Warehouse, expected: Asked) -> None:
    compare(name, company, expected, Scope(limits=limits), ("channel",))


@pytest.mark.parametrize("limits", [Limits(), LONG], ids=["usual", "long"])
@pytest.mark.parametrize("name", LIMITED)
def test_last_days_of_the_data(name: str, limits: Limits, company: Warehouse, expected: Asked) -> None:
    """Contacts around one window before the newest contact, which is of 8 April: at the hour, before it and after it."""
    compare(name, company, expected, Scope(date(2025, 3, 24), limits=limits), (), "week")


def test_by_three(company: Warehouse, expected: Asked) -> None:
    compare("contacts", company, expected, WARM, ("channel", "region"), "month")


def test_every_metric_has_an_oracle() -> None:
    assert set(ORACLES) == set(METRICS)


@pytest.mark.parametrize("every", [None, "month"])
def test_together_is_the_same_as_each_alone(company: Warehouse, every: str | None) -> None:
    headlines = {name: metric for name, metric in METRICS.items() if metric.headline}
    together = figures_together(company, tuple(headlines.values()), WARM, every)
    assert set(together["metric"]) == set(headlines)
    for name, metric in headlines.items():
        alone = figures(company, metric, WARM, (), every)
        mine = together.loc[together["metric"] == name, alone.columns]
        if every:
            mine, alone = mine.set_index("period").sort_index(), alone.set_index("period")
        pd.testing.assert_frame_equal(
            mine.astype(float).reset_index(drop=not every), alone.astype(float).reset_index(drop=not every), rtol=1e-12
        )


def test_together_leaves_out_metrics_without_the_filters_dimension(company: Warehouse) -> None:
    found = figures_together(company, tuple(METRICS.values()), Scope(filters=(("channel", ("web",)),)))
    assert set(found["metric"]) == {name for name, metric in METRICS.items() if "channel" in metric.dimensions}
