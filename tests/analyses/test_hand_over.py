"""What people get who come from a bot: counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from cx_metrics.analyses.hand_over import escalated, hand_over
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

Row = dict[str, Any]
START = datetime(2024, 3, 4, 9)
HOUR = timedelta(hours=1)


def case(number: int, *contacts: Row) -> Iterator[Row]:
    """A customer's case: contacts with people by phone an hour apart, unless they say otherwise."""
    for place, more in enumerate(contacts):
        yield {
            "interaction_id": f"i{number:04}-{place}", "customer_id": f"c{number}", "case_id": f"k{number}",
            "occurred_at": START + place * HOUR, "reason": "invoice", "channel": "phone", "handled_by": "human",
            "wait_seconds": 60, "outcome": "resolved", **more,
        }  # fmt: skip


BOT: Row = {"handled_by": "bot", "channel": "chat", "wait_seconds": 0, "outcome": "unresolved"}
CASES: tuple[tuple[Row, ...], ...] = (
    *([(BOT, {"wait_seconds": seconds}) for seconds in (100, 200, 300, 400) * 3]),  # phone: 12 after a bot
    *([({"wait_seconds": seconds},) for seconds in (30, 40, 50) * 10]),  # and 30 first with people
    *([(BOT, {"channel": "store", "wait_seconds": 1000, "outcome": "unresolved"})] * 4),  # store: 4 after a bot
    *([({"channel": "store", "wait_seconds": 500},)] * 2),  # and 2 first
    *([({"channel": "email", "wait_seconds": 5},)] * 20),  # nobody came to email from a bot
    *([(BOT, {"channel": "app"})] * 3),  # nobody began with people in the app
    *([({"initiated_by": "company", "wait_seconds": 0},)] * 15),  # the company called
    *([({}, {"wait_seconds": 9999})] * 15),  # the second of two contacts with people
    *([({**BOT, "outcome": "escalated"},)] * 6),
    *([({**BOT, "outcome": "escalated"}, {"channel": "letter"})] * 4),
    *([({**BOT, "outcome": "escalated"}, {"channel": "letter", "occurred_at": START + timedelta(days=8)})] * 2),
)


@pytest.fixture(scope="module")
def company(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    rows = [row for number, contacts in enumerate(CASES) for row in case(number, *contacts)]
    end: Row = {"interaction_id": "end", "occurred_at": START + timedelta(days=30), "handled_by": "human"}
    texts = [
        {"message_id": f"m{place}", "interaction_id": row["interaction_id"], "author": "customer",
         "text": "As I already told your bot." if place % 2 else "Hello."}
        for place, row in enumerate(row for row in rows if row["interaction_id"].endswith("-1"))
    ]  # fmt: skip
    return make_shared_warehouse({"interactions": [*rows, end], "messages": texts})


@pytest.fixture(scope="module")
def found(company: Warehouse) -> pd.DataFrame:
    return hand_over(company, Scope()).set_index("measure")


def test_the_median_wait(found: pd.DataFrame) -> None:
    """After: 100 to 400, three times each, and 1000 four times. First: 45 of 60 weigh 12 / 45, and 2 weigh 4 / 2."""
    row = found.loc["median wait"]
    assert (row["n_after"], row["n_first"], row["strata"]) == (12 + 4, 45 + 2, 2)
    assert row["after"] == 300
    assert row["first"] == pytest.approx(55)  # 30 weigh exactly half of all, so between 50 and 60
    assert row["left_out"] == 3 + 6
    assert row["difference"] == row["after"] - row["first"]


def test_shares_count_like_contacts(found: pd.DataFrame) -> None:
    """By phone all are resolved, in the store none of the four after a bot: 12 of 16 against 1."""
    row = found.loc["resolved"]
    assert (row["after"], row["first"], row["difference"]) == (75, 100, -25)
    assert row["high"] < 0
    assert row["after_low"] < 75 < row["after_high"]


def test_long_waits(found: pd.DataFrame) -> None:
    """Above two minutes: 9 of 12 and 4 of 4 after a bot; the store's 2 weigh 4 of 16 among the first."""
    row = found.loc["long wait"]
    assert (row["after"], row["first"]) == pytest.approx((100 * 13 / 16, 100 * 4 / 16))


def test_words_are_known_of_some_only(found: pd.DataFrame) -> None:
    """No first contact has a text, so there is nothing to compare with."""
    row = found.loc["repeated information"]
    assert (row["n_after"], row["n_first"]) == (0, 0)
    assert pd.isna([row["after"], row["difference"], row["low"]]).all()


def test_small_sides_are_hidden(company: Warehouse) -> None:
    store = hand_over(company, Scope(filters=(("channel", ("store",)),)))
    told = store[store["measure"] != "repeated information"]
    assert told[["n_after", "n_first"]].isna().all(axis=None)
    assert store[["after", "first", "difference", "low", "high", "after_low"]].isna().all(axis=None)


def test_what_became_of_escalated_ones(company: Warehouse) -> None:
    (row,) = escalated(company, Scope()).to_dict("records")
    assert (row["handled_by"], row["n"], row["followed"], row["median_hours"]) == ("bot", 12, 4, 1)
    assert (row["share"], row["resolved"]) == pytest.approx((100 * 4 / 12, 100 * 6 / 12))


def test_without_contacts(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse({"interactions": [{"interaction_id": "1", "occurred_at": START}]})
    rows = hand_over(warehouse, Scope())
    assert len(rows) == 4 and (rows[["n_after", "n_first", "strata", "left_out"]] == 0).all(axis=None)
    assert escalated(warehouse, Scope()).empty
