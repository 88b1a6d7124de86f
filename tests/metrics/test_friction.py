"""The friction rate and the signals' rates, counted by contacts, cases and customers, on figures that a hand can count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from cx_metrics.journey import Limits
from cx_metrics.metrics.catalog import METRICS, figures, metric_named, metrics
from cx_metrics.metrics.friction import COUNTED, declare, friction_rate, rate_name, signal_rate
from cx_metrics.metrics.signals import signals
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

START, END = datetime(2024, 1, 2), datetime(2024, 6, 1)
APART = timedelta(days=10)  # nobody comes back within a week
USUAL = Limits()
SIGNALS = {signal.name: signal for signal in signals(USUAL)}


def contacts() -> Iterator[dict[str, Any]]:
    """Ten customers without friction, five with friction in one of two cases, four contacts of nobody knows whom; young ones."""
    told = [(f"quiet{n}", f"q{n}", ("resolved", None)) for n in range(10)]
    told += [(f"stuck{n}", f"s{n}", ("abandoned", "resolved", "abandoned")) for n in range(5)]
    told += [(f"stuck{n}", f"t{n}", ("resolved", "resolved", "resolved")) for n in range(5)]
    told += [(None, None, ("abandoned",)) for _ in range(4)]  # type: ignore[list-item]
    number = 0
    for customer, case, outcomes in told:
        for place, outcome in enumerate(outcomes):
            number += 1
            yield {"interaction_id": f"i{number:03}", "customer_id": customer, "case_id": case, "reason": case,
                   "outcome": outcome, "occurred_at": START + place * APART, "channel": "phone" if place else "web"}  # fmt: skip
    for n in range(3):  # younger than a week: a further contact may still come, but given up they have
        yield {"interaction_id": f"y{n}", "customer_id": f"young{n}", "outcome": "abandoned", "occurred_at": END}


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse({"interactions": list(contacts())})


def figure(found: Any) -> tuple[int, float]:
    (row,) = found.to_dict("records")
    return int(row["n"]), float(row["value"])


@pytest.mark.parametrize(
    ("counted", "n", "hits"), [("contacts", 54, 14), ("cases", 24, 9), ("customers", 15, 5)], ids=list(COUNTED)
)
def test_the_friction_rate(warehouse: Warehouse, counted: str, n: int, hits: int) -> None:
    """Young contacts are left out, and unknown customers where customers are counted."""
    expected = (n, pytest.approx(100 * hits / n))
    assert figure(figures(warehouse, friction_rate(USUAL, counted), Scope())) == expected
    assert figure(figures(warehouse, METRICS[rate_name("", counted)], Scope())) == expected


@pytest.mark.parametrize(
    ("counted", "n", "hits"), [("contacts", 47, 17), ("cases", 27, 12), ("customers", 18, 8)], ids=list(COUNTED)
)
def test_the_rate_of_a_signal(warehouse: Warehouse, counted: str, n: int, hits: int) -> None:
    """Of the contacts whose outcome is known, the young ones too, for nothing can change it."""
    found = figures(warehouse, signal_rate(SIGNALS["abandonment"], counted), Scope())
    assert figure(found) == (n, pytest.approx(100 * hits / n))


def test_a_case_counts_in_every_group_that_it_has_contacts_in(warehouse: Warehouse) -> None:
    """On the web each case has its first contact, on the phone the others; so the parts add up to more than the whole."""
    found = figures(warehouse, friction_rate(USUAL, "cases"), Scope(), ("channel",))
    assert [(row.channel, row.n, row.value) for row in found.itertuples()] == [("phone", 20, 25), ("web", 24, 37.5)]


def test_contacts_are_judged_once_they_are_old_enough(warehouse: Warehouse) -> None:
    age = (END - START - 2 * APART).days
    for days, n in ((0.01, 54), (age, 54), (age + 1, 44), (age + 11, 24)):
        assert figure(figures(warehouse, friction_rate(Limits(repeat_days=days)), Scope()))[0] == n
    assert figures(warehouse, friction_rate(Limits(repeat_days=age + 21)), Scope())["n"].tolist() == [0]


def test_a_longer_window_finds_more_that_came_back(warehouse: Warehouse) -> None:
    """Within ten days, after every contact but the last on each reason."""
    usual, longer = (metric_named("repeat_contact_rate", limits) for limits in (USUAL, Limits(repeat_days=10)))
    assert figure(figures(warehouse, usual, Scope())) == (50, 0)
    n, value = figure(figures(warehouse, longer, Scope()))
    assert (n, round(n * value / 100)) == (50, 10 + 5 * 2 * 2)


class TestDeclarations:
    def test_every_signal_is_a_metric(self) -> None:
        names = [rate_name(name) for name in SIGNALS]
        declared = {metric.name: metric for metric in declare(USUAL)}
        assert set(names) < set(declared) <= set(METRICS)
        assert {rate_name("", counted) for counted in COUNTED} < set(declared)
        assert (rate_name("transfer"), rate_name("", "cases")) == ("transfer_rate", "friction_rate_of_cases")
        assert rate_name("long_wait", "customers") == "long_wait_rate_of_customers"

    def test_rules_are_the_definitions(self) -> None:
        assert METRICS["long_wait_rate"].definition == (
            "Share of contacts with this signal of friction: the first answer took longer than 120 seconds; on written "
            "channels (web, email, social, post) longer than 24 hours."
        )
        moved = metrics(Limits(wait_seconds=30, repeat_days=14))
        assert "longer than 30 seconds" in moved["long_wait_rate"].definition
        for name in ("fcr", "durable_self_service", "repeat_contact_rate"):
            assert "within 14 days" in moved[name].definition
        assert "younger than 14 days" in moved["friction_rate"].formula

    def test_the_same_limits_are_declared_once(self) -> None:
        assert metrics(Limits(transfers=2)) is metrics(Limits(transfers=2))
        assert metrics(USUAL) is METRICS
        assert list(metrics(Limits(transfers=2))) == list(METRICS)
