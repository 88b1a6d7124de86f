"""Every headline figure on one page: none invented, none lost, each compared only with what the data cover."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cx_metrics.analyses.overview import Card, Overview, overview, usual_interval
from cx_metrics.metrics.catalog import METRICS, figures, resolved
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded

HEADLINE = {name for name, metric in METRICS.items() if metric.headline}
Q1, Q2 = (
    (datetime.date(2026, 1, 1), datetime.date(2026, 3, 31)),
    (datetime.date(2026, 4, 1), datetime.date(2026, 6, 30)),
)


def answers(day: str, good: int, bad: int, instrument: str = "csat") -> list[dict[str, Any]]:
    """Answers of a day, each of another customer."""
    return [
        {"answer_id": f"{instrument}-{day}-{i}", "customer_id": f"{day}-{i}", "instrument": instrument,
         "score": 5 if i < good else 1, "answered_at": f"{day}T12:00:00"}
        for i in range(good + bad)
    ]  # fmt: skip


def of(*rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """A table of answers."""
    return {"survey_answers": [row for part in rows for row in part]}


def card(found: Overview, name: str) -> Card:
    """The card of a metric."""
    (one,) = [card for card in found.cards if card.metric.name == name]
    return one


def test_cards_show_what_the_metrics_say(sample_warehouse: Warehouse) -> None:
    scope = Scope(datetime.date(2025, 7, 1), datetime.date(2026, 6, 30))
    found = overview(sample_warehouse, scope)
    assert {card.metric.name for card in found.cards} == HEADLINE
    for place, card in enumerate(found.cards):
        earlier = [(card.before, scope.before())] if place % 4 == 0 else []
        for figure, when in [(card.figure, scope), *earlier]:
            assert when is not None and figure is not None
            row = figures(sample_warehouse, card.metric, when).iloc[0]
            for name in ("n", "value", "low", "high"):
                given = None if row[name] is None or row[name] != row[name] else row[name]
                assert getattr(figure, name) == pytest.approx(given), f"{card.metric.name}, {name}"


def test_every_card_is_in_one_section(sample_warehouse: Warehouse) -> None:
    found = overview(sample_warehouse, resolved(sample_warehouse, Scope()))
    shown = [card.metric.name for cards in found.sections().values() for card in cards]
    assert sorted(shown) == sorted(HEADLINE)


def test_sparks_follow_the_period(sample_warehouse: Warehouse) -> None:
    scope = Scope(datetime.date(2025, 7, 1), datetime.date(2026, 6, 30))
    course = figures(sample_warehouse, METRICS["contacts"], scope, (), "month")
    spark = card(overview(sample_warehouse, scope), "contacts").spark
    assert spark == tuple(course.sort_values("period")["value"]) and len(spark) == 12


def test_nothing_is_compared_with_days_before_the_data(embedded: Embedded) -> None:
    warehouse = embedded.warehouse(of(answers("2026-01-10", 60, 40), answers("2026-05-10", 90, 10)))
    found = card(overview(warehouse, Scope(*Q2, "previous")), "csat")  # the first quarter, of which ten days lack
    assert found.figure.n == 100 and found.before is None and found.change is None
    found = card(overview(warehouse, Scope(datetime.date(2026, 5, 1), datetime.date(2026, 5, 31), "year")), "csat")
    assert found.before is None


def test_better_worse_and_unclear(embedded: Embedded) -> None:
    start = answers("2026-01-01", 10, 10, "expectation")  # so that the data cover the period before
    warehouse = embedded.warehouse(
        of(start, answers("2026-02-10", 60, 40), answers("2026-02-11", 5, 5, "ces"), answers("2026-05-10", 90, 10),
           answers("2026-05-11", 5, 5, "ces"), answers("2026-06-30", 5, 5, "expectation"))
    )  # fmt: skip
    found = overview(warehouse, Scope(Q2[0], datetime.date(2026, 6, 29), "previous"))
    assert card(found, "csat").judgement == "better"
    assert found.judged("better") == ["customer satisfaction (CSAT)"] and found.judged("worse") == []
    assert "customer effort (CES 2.0)" in found.judged("no clear change")
    assert "up 30.0 points" in found.sentence and "the period before (1 Jan 2026 to 31 Mar 2026)" in found.sentence


def test_without_data_nothing_is_invented(empty_warehouse: Warehouse) -> None:
    found = overview(empty_warehouse, Scope(*Q1))
    assert found.cards == () and {metric.name for metric in found.missing} == HEADLINE
    assert "too few data" in found.sentence and found.lead is None


def test_figures_without_their_data_are_named(embedded: Embedded) -> None:
    found = overview(embedded.warehouse(of(answers("2026-01-10", 10, 10))), Scope(*Q1, "none"))
    assert {card.metric.name for card in found.cards} == {"csat"}
    assert {metric.name for metric in found.missing} == HEADLINE - {"csat"}
    assert found.sentence == "From 1 Jan 2026 to 31 Mar 2026, customer satisfaction (CSAT) stood at 50.0 %."


def test_a_hidden_figure_keeps_its_card(embedded: Embedded) -> None:
    found = overview(embedded.warehouse(of(answers("2026-01-10", 2, 1))), Scope(*Q1, "none"))
    assert card(found, "csat").figure.n is None and card(found, "csat").figure.value is None
    assert "too few data" in found.sentence and found.lead is None


def test_the_sentence_is_about_the_first_figure_that_shows(embedded: Embedded) -> None:
    tables = of(answers("2026-01-10", 2, 1), answers("2026-01-11", 10, 10, "ces"))
    found = overview(embedded.warehouse(tables), Scope(*Q1, "none"))
    assert found.lead is not None and found.lead.metric.name == "ces"
    assert "customer effort (CES 2.0)" in found.sentence


def test_figures_that_a_filter_does_not_apply_to_are_named(sample_warehouse: Warehouse) -> None:
    scope = Scope(*Q1, filters=(("channel", ("phone",)),))
    found = overview(sample_warehouse, scope)
    assert {metric.name for metric in found.unable} == {n for n in HEADLINE if "channel" not in METRICS[n].dimensions}
    assert not {card.metric.name for card in found.cards} & {metric.name for metric in found.unable}
    shown = card(found, "contacts").figure.value
    assert shown == figures(sample_warehouse, METRICS["contacts"], scope).iloc[0]["value"]


@pytest.mark.parametrize(
    ("days", "interval"),
    [(0, "week"), (89, "week"), (180, "month"), (364, "month"), (1000, "month"), (3000, "quarter")],
)
def test_the_interval_fits_the_period(days: int, interval: str) -> None:
    start = datetime.date(2020, 1, 1)
    assert usual_interval(Scope(start, start + datetime.timedelta(days=days))) == interval


def test_the_ends_of_time(embedded: Embedded) -> None:
    warehouse, first, last = embedded.warehouse(of(answers("2026-01-10", 10, 10))), datetime.date.min, datetime.date.max
    for scope in (Scope(first, last), Scope(first, first, "year"), Scope(last, last), Scope(Q1[0], last, "year")):
        assert overview(warehouse, scope).sentence
