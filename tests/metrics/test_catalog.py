"""The catalogue: every metric fully declared, answering for no data and little data, and refusing what it lacks."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from cx_metrics.journey import Limits
from cx_metrics.metrics import friction, gap, kept_revenue, operations, resolution, retention, survey, value, words
from cx_metrics.metrics.catalog import METRICS, data_period, figures, figures_together, metric_named, resolved
from cx_metrics.metrics.metric import Metric
from cx_metrics.model import metadata
from cx_metrics.scope import DIMENSIONS, FILTERS, Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

UNITS = {"%", "points", "seconds", "hours", "count", "money", "score 0-100", "score 1-7", "score -1 to 1"}
ALL = tuple(METRICS.values())
EACH_KIND = tuple({(metric.fact.name, type(metric.kind)): metric for metric in ALL}.values())
ONE_OF_EACH: dict[str, list[dict[str, Any]]] = {
    "customers": [{"customer_id": "c", "region": "north"}],
    "interactions": [{
        "interaction_id": "i", "customer_id": "c", "occurred_at": "2024-03-05 10:00", "wait_seconds": 5,
        "handle_seconds": 9, "transfers": 0, "reopens": 0, "outcome": "resolved", "initiated_by": "customer",
        "handled_by": "bot", "stage": "pay", "promised_at": "2024-03-05", "ended_at": "2024-03-05 11:00",
        "sentiment_end": 0,
    }],
    "messages": [
        {"message_id": f"m{n}", "interaction_id": "i", "author": author, "text": text} for n, (author, text) in enumerate([
            ("customer", "This is terrible, I am really angry with you."), ("customer", "Thank you, that helped me."),
            ("agent", "I am so sorry that your parcel never came."),
        ])
    ],
    "survey_answers": [
        {"answer_id": instrument, "customer_id": "c", "instrument": instrument, "score": 5, "invited_at": "2024-03-04",
         "answered_at": "2024-03-06"} for instrument in ("csat", "nps", "ces")
    ],
    "orders": [{"order_id": "o", "customer_id": "c", "ordered_at": "2024-03-01", "amount": 5, "currency": "EUR"}],
    "subscriptions": [{"subscription_id": "s", "customer_id": "c", "started_at": "2023-12-01"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def single(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    """One row of everything."""
    return make_shared_warehouse(ONE_OF_EACH)


class TestDeclarations:
    def test_names_are_unique(self) -> None:
        modules = (survey, gap, operations, resolution, retention, kept_revenue, value)
        declared = [m.name for module in modules for m in module.METRICS]
        declared += [metric.name for module in (friction, words) for metric in module.declare(Limits())]
        assert [name for name, count in Counter(declared).items() if count > 1] == []
        assert set(declared) == set(METRICS)
        titles = Counter(metric.title for metric in ALL)
        assert [title for title, count in titles.items() if count > 1] == []

    @pytest.mark.parametrize("metric", ALL, ids=METRICS)
    def test_everything_is_said(self, metric: Metric) -> None:
        for text in (metric.title, metric.formula, metric.source, metric.needs):
            assert text.strip() == text != ""
            assert not text.endswith(".")
        assert metric.definition[0].isupper() and metric.definition.endswith(".")
        assert ". " not in metric.definition, "one sentence"
        assert metric.unit in UNITS
        assert metric.better in ("higher", "lower", "neither")
        assert metric.minimum_n >= 5

    @pytest.mark.parametrize("metric", ALL, ids=METRICS)
    def test_rivals_know_each_other(self, metric: Metric) -> None:
        for rival in metric.rivals:
            assert rival != metric.name
            assert metric.name in METRICS[rival].rivals

    @pytest.mark.parametrize("metric", ALL, ids=METRICS)
    def test_what_it_needs_exists(self, metric: Metric) -> None:
        """`needs` names columns as table.column, and dimensions have a title."""
        for word in metric.needs.replace(",", " ").split():
            table, _, column = word.partition(".")
            assert not column or column in metadata.tables[table].columns
        assert set(metric.dimensions) <= set(DIMENSIONS)
        assert set(metric.fact.tables) <= set(metadata.tables)

    def test_the_scope_bar_offers_dimensions(self) -> None:
        assert set(FILTERS) <= set(DIMENSIONS)


class TestScopeErrors:
    """Each is one sentence that says what there is instead."""

    def test_unknown_metric(self) -> None:
        with pytest.raises(ScopeError, match=r"^there is no metric 'cast'; there are: csat, csat_mean, "):
            metric_named("cast", Limits())

    def test_unknown_dimension(self) -> None:
        with pytest.raises(ScopeError, match=r"^nps has no dimension 'colour'; it has: stage, channel, "):
            METRICS["nps"].select(Scope(), ("colour",))

    def test_unknown_interval(self) -> None:
        with pytest.raises(ScopeError, match=r"^'day' is no interval; there are: week, month, quarter, year$"):
            METRICS["nps"].select(Scope(), (), "day")

    def test_filter_on_a_dimension_that_the_metric_lacks(self) -> None:
        with pytest.raises(ScopeError, match=r"^there is no 'channel' to filter by here; there are: status, "):
            METRICS["revenue"].select(Scope(filters=(("channel", ("web",)),)))

    def test_filter_by_a_number_that_is_none(self) -> None:
        with pytest.raises(ScopeError, match=r"^'months_since' is filtered by whole numbers; x is none$"):
            METRICS["cohort_retention"].select(Scope(filters=(("months_since", ("x",)),)))


class TestNoData:
    def test_the_total_is_n_zero(self, empty_warehouse: Warehouse) -> None:
        found = figures_together(empty_warehouse, ALL, Scope())
        assert set(found["metric"]) == set(METRICS)
        assert (found["n"] == 0).all() and not found["suppressed"].any()
        assert found.loc[~found["metric"].isin(["contacts", "active_customers", "revenue"]), "value"].isna().all()

    @pytest.mark.parametrize("metric", EACH_KIND, ids=lambda metric: metric.name)
    def test_groups_and_periods_are_no_rows(self, empty_warehouse: Warehouse, metric: Metric) -> None:
        assert figures(empty_warehouse, metric, Scope(), metric.dimensions[-1:], "month").empty

    def test_every_week_is_no_rows(self, empty_warehouse: Warehouse) -> None:
        assert figures_together(empty_warehouse, ALL, Scope(), "week").empty

    def test_there_is_no_period(self, empty_warehouse: Warehouse) -> None:
        assert data_period(empty_warehouse) is None
        assert resolved(empty_warehouse, Scope()) == Scope()


class TestOneRow:
    def test_nothing_is_shown_every_month(self, single: Warehouse) -> None:
        found = figures_together(single, ALL, Scope(), "month")
        assert len(found) > 20
        assert found["suppressed"].all() and found[["n", "value", "low", "high"]].isna().to_numpy().all()

    def test_nothing_is_shown(self, single: Warehouse) -> None:
        found = figures_together(single, ALL, Scope())
        some = found["n"].isna()
        assert found.loc[some, "suppressed"].all()
        assert (found.loc[~some, "n"] == 0).all()
        assert found.loc[some, ["value", "low", "high"]].isna().to_numpy().all()
        young = {"fcr", "durable_self_service", "repeat_contact_rate", "bot_dead_end_rate", "cohort_retention",
                 "inactivity_churn", "nrr", "grr", *(name for name in METRICS if name.startswith("friction_rate"))}  # fmt: skip
        rolling = {"cohort_retention_rolling"}
        unasked = {metric.name for metric in gap.METRICS} | {"fcr_surveyed"}
        assert set(found.loc[~some, "metric"]) == young | rolling | unasked | {"channel_switch_rate"}  # of no channel

    @pytest.mark.parametrize("metric", EACH_KIND, ids=lambda metric: metric.name)
    def test_nor_in_groups_and_periods(self, single: Warehouse, metric: Metric) -> None:
        found = figures(single, metric, Scope(), ("region",), "month")
        assert found[["n", "value", "low", "high"]].isna().to_numpy().all()
        assert set(found["region"]) <= {"north"}

    def test_the_period_is_that_of_what_happened(self, single: Warehouse) -> None:
        assert data_period(single) == (date(2024, 3, 1), date(2024, 3, 6))
        assert resolved(single, Scope(end=date(2024, 3, 3))) == Scope(date(2024, 3, 1), date(2024, 3, 3))


def test_a_dimension_asked_for_twice_is_one_column(single: Warehouse) -> None:
    found = figures(single, METRICS["contacts"], Scope(), ("region", "region"))
    assert list(found.columns) == ["region", "n", "value", "low", "high", "suppressed"]


def test_a_filter_on_what_no_text_can_be(single: Warehouse) -> None:
    assert figures(single, METRICS["contacts"], Scope(filters=(("region", ("north\0",)),))).iloc[0]["n"] == 0


def test_a_filter_on_a_missing_value(single: Warehouse) -> None:
    given = Scope(filters=(("channel", ("(not given)", "web")),))
    assert single.read(sa.select(METRICS["contacts"].select(given).subquery().c.suppressed)).iloc[0, 0]
    assert figures(single, METRICS["contacts"], Scope(filters=(("channel", ("web",)),))).iloc[0]["n"] == 0
