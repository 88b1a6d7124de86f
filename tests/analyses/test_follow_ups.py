"""Follow-ups, and what customers met lately, against plain loops over the random company."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from cx_metrics.analyses import follow_ups as module
from cx_metrics.analyses.customers_at_risk import BANDS, LOOK_BACK_DAYS
from cx_metrics.analyses.follow_ups import follow_ups
from cx_metrics.analyses.leaving import ORDER, SUBSCRIPTION, Rule
from cx_metrics.analyses.leaving_chances import HORIZON_DAYS, leaving_chances
from cx_metrics.journey import Limits
from cx_metrics.metrics.random_groups import GROUPS
from cx_metrics.metrics.signals import signals
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.random_company import SIGNALS, bought, contacts, group, random_company, subscribed
from tests.conftest import Embedded

WINDOW = pd.Timedelta(days=7)
DAY = pd.Timedelta(days=1)
PART = Scope(datetime.date(2024, 3, 1), datetime.date(2024, 10, 31), filters=(("channel", ("phone", "chat")),))
KEPT = ("delivered", "shipped")


@pytest.fixture(scope="module")
def company(embedded: Embedded) -> Warehouse:
    return random_company(embedded)


def leaving(warehouse: Warehouse, rule: Rule) -> dict[str, tuple[pd.Timestamp, pd.Timestamp | None]]:
    """Per customer: when they came, and when they had left."""
    if rule is ORDER:
        rows = kept_orders(warehouse)
        return {key: (part["ordered_at"].min(), None) for key, part in rows.groupby("customer_id")}
    rows = subscribed(warehouse)
    return {
        str(key): (part["started_at"].min(), None if part["ended_at"].isna().any() else part["ended_at"].max())
        for key, part in rows.groupby("customer_id")
    }


def kept_orders(warehouse: Warehouse) -> pd.DataFrame:
    rows = bought(warehouse)
    return rows[rows["customer_id"].notna() & (rows["status"].isna() | rows["status"].isin(KEPT))]


def expected(warehouse: Warehouse, rule: Rule, scope: Scope) -> pd.DataFrame:
    """What `follow_ups` should give, contact by contact."""
    seen = contacts(warehouse)
    people, orders = leaving(warehouse, rule), kept_orders(warehouse)
    end = seen["occurred_at"].max() if rule is SUBSCRIPTION else bought(warehouse)["ordered_at"].max()
    found = []
    for customer, own in seen[seen["customer_id"].isin(list(people))].groupby("customer_id"):
        came, left = people[customer]
        ordered = sorted(orders.loc[orders["customer_id"] == customer, "ordered_at"])
        for row in own.to_dict("records"):
            at = row["occurred_at"]
            begins = at + WINDOW
            if came > at or (left is not None and left <= begins) or end <= begins:
                continue
            later = [t for t in own["occurred_at"] if t > begins]
            orders_after = [t for t in ordered if t > begins]
            event = left if rule is SUBSCRIPTION else min(orders_after, default=None)
            found.append({
                "interaction_id": row["interaction_id"], "customer_id": customer, "at": at, "group": group(str(customer)),
                "stage": row["stage"], "channel": row["channel"], "segment": row["segment"],
                "until_event": days(event, begins), "until_contact": days(min(later, default=None), begins),
                "until_end": days(end, begins), "x1": row["x1"], "v1": row["v1"],
            })  # fmt: skip
    table = pd.DataFrame(found)
    if scope is PART:
        inside = (table["at"] >= "2024-03-01") & (table["at"] < "2024-11-01") & table["channel"].isin(["phone", "chat"])
        table = table[inside.astype(bool)]
    return table


def days(time: pd.Timestamp | None, since: pd.Timestamp) -> float | None:
    return None if time is None else (time - since) / DAY


@pytest.mark.parametrize("scope", [Scope(), PART], ids=["all", "part"])
@pytest.mark.parametrize("rule", [SUBSCRIPTION, ORDER], ids=["subscription", "order"])
def test_against_loops(company: Warehouse, rule: Rule, scope: Scope) -> None:
    found, total = follow_ups(company, scope, rule, SIGNALS)
    wanted = expected(company, rule, scope)
    names = ["customer_id", "at", "stage", "channel", "segment", "group"]
    figures = ["until_event", "until_contact", "until_end", "x1", "v1"]
    assert len(found) == len(wanted) > 100 and total >= len(found)
    order = [*names, *figures]
    left, right = (
        frame[order].astype(dict.fromkeys(figures, float)).astype(dict.fromkeys(names, str)).fillna({"segment": ""})
        for frame in (found, wanted)
    )  # fmt: skip
    left, right = (frame.replace({"<NA>": "nan", "None": "nan"}) for frame in (left, right))
    left, right = (frame.sort_values(order, ignore_index=True) for frame in (left, right))
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


@pytest.mark.parametrize("rule", [SUBSCRIPTION, ORDER], ids=["subscription", "order"])
def test_what_customers_met_lately(company: Warehouse, rule: Rule) -> None:
    found = leaving_chances(company, Scope(), rule, SIGNALS)
    rows, _ = follow_ups(company, Scope(), rule, SIGNALS)
    judged = rows[rows["until_end"] >= HORIZON_DAYS - 7].reset_index(drop=True)
    assert len(found) == len(judged) > 300
    flags = [f"x{place}" for place in range(len(SIGNALS))]
    for place in range(0, len(judged), 7):
        row = judged.loc[place]
        own = rows[(rows["customer_id"] == row["customer_id"]) & (rows["at"] <= row["at"])]
        own = own[own["at"] >= row["at"] - LOOK_BACK_DAYS * DAY]
        number = sum(2**bit for bit, flag in enumerate(flags) if own[flag].max() > 0)
        assert found["pattern"][place] == number
        assert found["band"][place] == max(band for band in BANDS if band <= len(own))
        happened = row["until_event"] <= HORIZON_DAYS - 7
        assert found["left_us"][place] == (happened if rule is SUBSCRIPTION else not happened)


def test_many_contacts_are_drawn_as_whole_customers_of_all_groups(
    company: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, total = follow_ups(company, Scope(), SUBSCRIPTION, SIGNALS)
    some, same_total = follow_ups(company, Scope(), SUBSCRIPTION, SIGNALS, limit=600)
    assert same_total == total and 300 < len(some) <= 600 < len(whole)
    per_customer = whole.groupby("customer_id").size()
    assert (some.groupby("customer_id").size() == per_customer[sorted(some["customer_id"].unique())]).all()
    # The draw has nothing to do with the random groups: as many of them are there as so many customers fill by chance.
    people = some["customer_id"].nunique()
    assert some["group"].nunique() > 0.6 * GROUPS * (1 - (1 - 1 / GROUPS) ** people)
    assert (module.LIMIT, follow_ups(company, Scope(), SUBSCRIPTION, SIGNALS, limit=600)[0].equals(some)) == (
        20_000,
        True,
    )


def test_the_window_is_the_one_of_the_limits(embedded: Embedded) -> None:
    """A follow-up begins after as many days as the signals look ahead."""
    start = datetime.datetime(2025, 1, 1)
    moments = (0, 5, 20, 400)
    rows = [
        {"interaction_id": str(day), "customer_id": "c", "occurred_at": start + datetime.timedelta(days=day)}
        for day in moments
    ]  # fmt: skip
    one = {"subscription_id": "s", "customer_id": "c", "started_at": "2024-01-01", "ended_at": start + 30 * DAY}
    warehouse = embedded.warehouse({"interactions": rows, "subscriptions": [one]})
    for limits, wanted in (
        (Limits(), [(23.0, 13.0), (18.0, 8.0), (3.0, 373.0)]),
        (Limits(repeat_days=2), [(28.0, 3.0), (23.0, 13.0), (8.0, 378.0)]),
        (Limits(repeat_days=15), [(15.0, 5.0), (10.0, 380.0)]),
    ):
        found, _ = follow_ups(warehouse, Scope(limits=limits), SUBSCRIPTION, signals(limits))
        assert list(zip(found["until_event"], found["until_contact"], strict=True)) == wanted


def test_nobody_to_follow(empty_warehouse: Warehouse) -> None:
    for rule in (SUBSCRIPTION, ORDER):
        found, total = follow_ups(empty_warehouse, Scope(), rule, SIGNALS)
        assert found.empty and total == 0 and leaving_chances(empty_warehouse, Scope(), rule, SIGNALS).empty
