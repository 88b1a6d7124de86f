"""Operational measures on contacts that can be counted by hand. Each case is a stage of its own in one warehouse."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from cx_metrics.metrics.catalog import METRICS, figures
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse
from tests.metrics.test_survival import MAINTAINED, NOT_MAINTAINED

Row = dict[str, Any]
START = datetime(2024, 3, 4, 9)
END = datetime(2024, 6, 1, 9)  # the newest contact
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
_numbers = itertools.count(1)


def contact(stage: str, at: datetime = START, **more: Any) -> Row:
    """A resolved contact of a customer of its own, unless `more` says otherwise."""
    number = next(_numbers)
    return {
        "interaction_id": f"i{number:05}", "customer_id": f"c{number}", "occurred_at": at, "stage": stage,
        "reason": "invoice", "channel": "email", "initiated_by": "customer", "outcome": "resolved", **more,
    }  # fmt: skip


def with_return(
    stage: str, after: timedelta, count: int, at: datetime = START, again: Row | None = None, **more: Any
) -> Iterator[Row]:
    """Contacts, each followed by another one of its customer, of an unknown outcome and different in `again`."""
    for _ in range(count):
        first = contact(stage, at, **more)
        key = contact(stage)["interaction_id"]
        yield from (
            first,
            {**first, "interaction_id": key, "occurred_at": at + after, "outcome": None, **(again or {})},
        )


def contacts() -> Iterator[Row]:
    phone: Row = {"channel": "phone"}
    yield contact("end", END)
    # first contact resolution
    yield from with_return("returns", WEEK, 3, again=phone)
    yield from with_return("returns", WEEK + SECOND, 3, again=phone)
    yield from (contact("returns") for _ in range(6))
    yield from with_return("another reason", timedelta(days=1), 10, again={"reason": "login"})
    yield from (contact("unknown customers", customer_id=None) for _ in range(20))
    yield from (contact("unknown customers") for _ in range(10))
    for i in range(10):
        yield from (contact("same second", customer_id=f"twin{i}") for _ in range(2))
    yield from (contact("young", END - WEEK) for _ in range(10))
    yield from with_return("young", WEEK, 2, END - WEEK)
    yield from (contact("young", END - WEEK + SECOND) for _ in range(20))
    yield from (contact("filtered", channel="chat") for _ in range(8))
    yield from with_return("filtered", timedelta(days=1), 2, channel="chat", again={"stage": "elsewhere", **phone})
    # bots
    bot: Row = {"handled_by": "bot"}
    yield from (contact("bots", **bot) for _ in range(6))
    yield from with_return("bots", timedelta(days=2), 3, handled_by="self_service", again={"handled_by": "human"})
    yield from (contact("bots", outcome="abandoned", **bot) for _ in range(3))
    yield from (contact("bots", outcome=None, **bot) for _ in range(5))
    yield from (contact("bots", handled_by="human") for _ in range(5))
    # how contacts went
    for transfers, reopens, outcome, count in (
        (0, 0, "resolved", 8), (1, 0, "resolved", 4), (None, 1, "resolved", 3), (2, 2, "escalated", 2),
        (0, None, "abandoned", 3), (0, 0, "unresolved", 1), (None, None, None, 4),
    ):  # fmt: skip
        yield from (contact("how", transfers=transfers, reopens=reopens, outcome=outcome) for _ in range(count))
    # durations
    for seconds in range(0, 1100, 100):
        yield contact("durations", wait_seconds=seconds, handle_seconds=2 * seconds)
    yield contact("durations")
    yield from proactive()
    yield from cases()


def proactive() -> Iterator[Row]:
    """12 contacts by the company before the customer's own, 3 after it, 5 by customers, 4 of unknown origin."""
    company: Row = {"initiated_by": "company"}
    yield from (contact("proactive", **company) for _ in range(6))
    for i in range(6):  # a case: the first word counts, not the reason
        yield contact("proactive", START + WEEK, case_id=f"notice{i}", customer_id=f"p{i}", **company)
    for i in range(2):
        mine: Row = {"case_id": f"asked{i}", "customer_id": f"q{i}"}
        yield contact("proactive", **mine)
        yield contact("proactive", START + WEEK, reason="other", **mine, **company)
    yield contact("proactive", customer_id="r")
    yield contact("proactive", START + WEEK, customer_id="r", **company)
    yield contact("proactive")
    yield contact("proactive", START + WEEK, customer_id="p0", reason="login")
    yield from (contact("proactive", initiated_by=None) for _ in range(4))


def cases() -> Iterator[Row]:
    """The textbook's weeks of remission as hours until a case is resolved; open ones were opened that long ago."""
    for stage, times in (("maintained", MAINTAINED), ("not maintained", NOT_MAINTAINED)):
        for hours, ended in times:
            lasted = timedelta(hours=hours)
            if ended:
                yield contact(stage, ended_at=START + lasted)
            else:
                yield contact(stage, END - lasted, outcome="unresolved", ended_at=END)
    for i in range(10):  # from the first contact until the last one is resolved
        case: Row = {"case_id": f"long{i}", "customer_id": f"long{i}"}
        yield contact("long cases", **case, outcome="resolved", ended_at=START + timedelta(hours=1))
        yield contact("long cases", START + timedelta(hours=48), **case, wait_seconds=3600, handle_seconds=1800)
    yield from (contact("long cases") for _ in range(5))  # resolved, nobody knows when
    yield from (contact("long cases", outcome=None) for _ in range(5))


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse({"interactions": list(contacts())})


def figure(warehouse: Warehouse, metric: str, stage: str, **filters: str) -> list[float]:
    """n and value."""
    scope = Scope(filters=(("stage", (stage,)), *((name, (value,)) for name, value in filters.items())))
    found = figures(warehouse, METRICS[metric], scope).iloc[0]
    return [float(found["n"]), float(found["value"])]


class TestFirstContactResolution:
    def test_a_return_on_any_channel_within_seven_days(self, warehouse: Warehouse) -> None:
        """Exactly 168 hours are within, a second more is not."""
        assert figure(warehouse, "fcr", "returns") == [12, 75]

    def test_another_reason_is_another_matter(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "fcr", "another reason") == [10, 100]

    def test_unknown_customers_cannot_be_judged(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "fcr", "unknown customers") == [10, 100]

    def test_contacts_of_the_same_second_follow_each_other(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "fcr", "same second") == [20, 50]

    def test_contacts_younger_than_seven_days_are_left_out(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "fcr", "young") == [12, pytest.approx(100 * 10 / 12)]

    def test_a_filter_does_not_hide_the_return(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "fcr", "filtered", channel="chat") == [10, 80]

    def test_a_period_does_not_hide_the_return(self, warehouse: Warehouse) -> None:
        scope = Scope(START.date(), START.date(), filters=(("stage", ("returns",)),))
        assert figures(warehouse, METRICS["fcr"], scope).iloc[0][["n", "value"]].tolist() == [12, 75]

    def test_by_reopens(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "fcr_no_reopen", "how") == [15, 80]


@pytest.mark.parametrize(
    ("metric", "n", "value"),
    [
        ("contacts", 25, 25),
        ("transfer_rate", 18, 100 * 6 / 18),
        ("abandonment_rate", 21, 100 * 3 / 21),
        ("reopen_rate", 18, 100 * 5 / 18),
        ("escalation_free_resolution", 21, 100 * 11 / 21),
    ],
)
def test_shares_of_contacts(warehouse: Warehouse, metric: str, n: int, value: float) -> None:
    assert figure(warehouse, metric, "how") == [n, pytest.approx(value)]


def test_durable_self_service_is_resolved_without_a_return(warehouse: Warehouse) -> None:
    assert figure(warehouse, "durable_self_service", "bots") == [12, 50]


def test_proactive_is_before_the_customers_own_first_contact(warehouse: Warehouse) -> None:
    assert figure(warehouse, "proactive_share", "proactive") == [20, 60]


@pytest.mark.parametrize(
    ("metric", "value"), [("wait_median", 500), ("wait_p90", 900), ("handle_median", 1000), ("handle_p90", 1800)]
)
def test_durations(warehouse: Warehouse, metric: str, value: float) -> None:
    assert figure(warehouse, metric, "durations") == [11, value]


class TestResolution:
    def test_open_cases_are_censored(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "resolution_median", "maintained") == [11, 31]
        assert figure(warehouse, "resolution_median", "not maintained") == [12, 23]

    def test_ninety_per_cent(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "resolution_p90", "not maintained") == [12, 43]  # S(43) = 0.097

    def test_a_case_runs_from_its_first_contact_to_the_end_of_its_last(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "resolution_median", "long cases") == [10, 49.5]
