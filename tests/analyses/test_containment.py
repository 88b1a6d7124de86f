"""What becomes of contacts with bots, on contacts that can be counted by hand. Each case is a stage of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from cx_metrics.analyses.containment import NO_CUSTOMER, NO_OUTCOME, PARTS, YOUNG, containment, returns
from cx_metrics.charts.bots import ABANDONED, DURABLE, ELSEWHERE, ESCALATED, SAME, SOMEWHERE, UNRESOLVED
from cx_metrics.journey import Limits
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

Row = dict[str, Any]
Tables = dict[str, pd.DataFrame]
START = datetime(2024, 3, 4, 9)
END = datetime(2024, 6, 1, 9)  # the newest contact
WEEK, SECOND = timedelta(days=7), timedelta(seconds=1)
_numbers = itertools.count(1)


def contact(stage: str, at: datetime = START, **more: Any) -> Row:
    """A contact of a customer of its own that the chat bot resolved, unless `more` says otherwise."""
    number = next(_numbers)
    return {
        "interaction_id": f"i{number:05}", "customer_id": f"c{number}", "occurred_at": at, "stage": stage,
        "reason": "invoice", "channel": "chat", "handled_by": "bot", "outcome": "resolved", **more,
    }  # fmt: skip


def followed(stage: str, after: timedelta, count: int, again: Row | None = None, **more: Any) -> Iterator[Row]:
    """Contacts of the bot, each followed by one of the same customer with a person in another stage."""
    for _ in range(count):
        first = contact(stage, **more)
        next_one = contact("with people", first["occurred_at"] + after, handled_by="human")
        yield from (first, {**next_one, "customer_id": first["customer_id"], **(again or {})})


def contacts() -> Iterator[Row]:
    yield contact("end", END, handled_by="human")
    for outcome, count in (("resolved", 10), ("abandoned", 4), ("unresolved", 3), ("escalated", 2)):
        yield from (contact("parts", outcome=outcome) for _ in range(count))
        yield from followed("parts", WEEK, 1, {"channel": "phone"}, outcome=outcome)
        yield from followed("parts", WEEK + SECOND, 1, {"channel": "phone"}, outcome=outcome)
        yield from followed("parts", timedelta(), 1, outcome=outcome)  # in the same second, on the same channel
    yield from followed("another reason", timedelta(days=1), 10, {"reason": "login"})
    yield from followed("no channel", timedelta(days=1), 6, {"channel": None})
    yield from followed("no channel", timedelta(days=1), 4, channel=None)
    yield from (contact("left out", customer_id=None, outcome=None) for _ in range(6))
    yield from (contact("left out", outcome=None) for _ in range(7))
    yield from (contact("left out", END - WEEK + SECOND) for _ in range(8))
    yield from (contact("left out", END - WEEK) for _ in range(10))
    yield from (contact("nine") for _ in range(9))
    yield from (contact("four") for _ in range(4))
    yield from (contact("self-service", handled_by="self_service") for _ in range(12))
    yield from (contact("people", handled_by="human") for _ in range(12))
    yield from (contact("unknown handler", handled_by=None) for _ in range(12))


@pytest.fixture(scope="module")
def company(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse({"interactions": list(contacts())})


@pytest.fixture(scope="module")
def found(company: Warehouse) -> Tables:
    """Everything, under the usual limits."""
    return containment(company, Scope())


def of_stage(found: Tables, stage: str) -> dict[str, float]:
    """part -> contacts, those that are not 0."""
    table = found["containment_by_stage"]
    own = table[(table["stage"] == stage) & (table["contacts"] > 0)]
    return dict(zip(own["part"], own["contacts"], strict=True))


def test_the_parts(found: Tables) -> None:
    assert of_stage(found, "parts") == {
        DURABLE: 10 + 1, ABANDONED: 4 + 1, UNRESOLVED: 3 + 1, ESCALATED: 2 + 3, ELSEWHERE: 3, SAME: 3,
    }  # fmt: skip


def test_they_sum_to_all_and_have_shares(found: Tables) -> None:
    table = found["containment_by_stage"]
    own = table[table["stage"] == "parts"].set_index("part")
    assert set(own["n"]) == {31} and own["contacts"].sum() == 31
    assert own["share"].sum() == pytest.approx(100)
    assert own["share"][DURABLE] == pytest.approx(100 * 11 / 31)
    assert own["low"][DURABLE] < own["share"][DURABLE] < own["high"][DURABLE]
    assert [part for part in PARTS if part in own.index] == list(own.index)


def test_another_reason_is_no_return(found: Tables) -> None:
    assert of_stage(found, "another reason") == {DURABLE: 10}


def test_a_missing_channel_is_neither_the_same_nor_another(found: Tables) -> None:
    assert of_stage(found, "no channel") == {SOMEWHERE: 10}


def test_who_is_left_out_is_counted(company: Warehouse, found: Tables) -> None:
    assert of_stage(found, "left out") == {DURABLE: 10}  # exactly a week old is old enough
    left = containment(company, Scope(filters=(("stage", ("left out",)),)))["left_out"]
    assert dict(zip(left["why"], left["n"], strict=True)) == {NO_CUSTOMER: 6, NO_OUTCOME: 7, YOUNG: 8}


def test_a_shorter_window(company: Warehouse) -> None:
    found = containment(company, Scope(limits=Limits(repeat_days=6)))
    assert ELSEWHERE not in of_stage(found, "parts")
    assert of_stage(found, "left out") == {DURABLE: 18}


def test_small_cells_are_hidden(found: Tables) -> None:
    table = found["containment_by_stage"]
    nine, four = (table[table["stage"] == stage] for stage in ("nine", "four"))
    assert nine["suppressed"].all() and nine[["contacts", "share", "low", "high"]].isna().all(axis=None)
    assert four["n"].isna().all() and four["suppressed"].all()
    # four alone would be the rest of all, so that its smallest sibling is hidden with it
    assert nine["n"].isna().all()


def test_handlers_are_apart_and_people_are_not_here(found: Tables) -> None:
    by_stage = found["containment_by_stage"].set_index("stage")
    assert set(by_stage.loc["self-service", "handled_by"]) == {"self_service"}
    assert not {"people", "with people", "unknown handler", "end"} & set(by_stage.index)
    whole = found["containment"].set_index(["handled_by", "part"])
    assert whole["contacts"]["self_service", DURABLE] == 12
    assert whole["contacts"]["bot"].sum() == whole["n"]["bot", DURABLE] == 31 + 10 + 10 + 10 + 9 + 4


def test_a_period_sees_returns_beyond_its_end(company: Warehouse, found: Tables) -> None:
    day = Scope(START.date(), START.date())
    assert of_stage(containment(company, day), "parts") == of_stage(found, "parts")
    nothing = containment(company, Scope(date(2030, 1, 1), date(2030, 12, 31)))
    assert all(table.empty for table in nothing.values())


def test_stages_are_in_journey_order_and_reasons_by_size(make_warehouse: MakeWarehouse) -> None:
    rows = [contact(stage, reason=f"{stage} reason") for stage, count in
            (("pay", 12), ("discover", 11), ("zoo", 14), ("buy", 13)) for _ in range(count)]  # fmt: skip
    tables = containment(make_warehouse({"interactions": [*rows, contact("end", END)]}), Scope())
    stages = tables["containment_by_stage"]["stage"]
    assert list(dict.fromkeys(stages)) == ["discover", "buy", "pay", "zoo"]
    reasons = tables["containment_by_reason"]["reason"]
    assert list(dict.fromkeys(reasons)) == [f"{stage} reason" for stage in ("zoo", "buy", "pay", "discover")]


def test_missing_names_and_names_like_them(make_warehouse: MakeWarehouse) -> None:
    rows = [contact("pay", reason=reason) for reason in (*[None] * 8, *["(not given)"] * 7, *["login"] * 10)]
    table = containment(make_warehouse({"interactions": [*rows, contact("pay", END)]}), Scope())[
        "containment_by_reason"
    ]
    durable = table[table["part"] == DURABLE].set_index("reason")["contacts"]
    assert durable.to_dict() == {"(not given)": 15, "login": 10}


# --- where they came back --------------------------------------------------------------------------------------------


def test_where_they_came_back(make_warehouse: MakeWarehouse) -> None:
    rows = [contact("end", END, handled_by="human", channel="post")]
    for channel, hours in (("phone", range(1, 31)), ("email", range(100, 110))):
        for hour in hours:
            rows += followed("pay", timedelta(hours=hour), 1, {"channel": channel})
    rows += [row for hour in range(6) for row in followed("pay", timedelta(hours=hour), 1, {"channel": "post"})]
    rows += [row for hour in range(4) for row in followed("pay", timedelta(hours=hour), 1, {"channel": "store"})]
    rows += list(followed("pay", timedelta(hours=1), 12))  # on the same channel
    found = returns(make_warehouse({"interactions": rows}), Scope())
    assert found["channel"].tolist() == ["chat"] * 4
    assert found["return_channel"].tolist()[:2] == ["phone", "email"]
    top = found.iloc[:2]
    assert top["n"].tolist() == [30, 10] and top["of"].tolist() == [50, 50]
    assert top["share"].tolist() == pytest.approx([60, 20]) and top["median_hours"].tolist() == [15.5, 104.5]
    small = found.iloc[2:].set_index("return_channel")
    assert small["n"].isna().all()  # the four, and the six with them, whose number would give them away
    assert small[["share", "low", "median_hours", "of"]].isna().all(axis=None)
    assert pd.Series(small["suppressed"]).all()
