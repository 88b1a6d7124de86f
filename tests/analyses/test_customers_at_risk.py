"""Customers to be priced against plain loops over the random company."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.customers_at_risk import BANDS, LOOK_BACK_DAYS, YEAR_DAYS, patterns, present
from cx_metrics.analyses.leaving import ORDER, SUBSCRIPTION, Rule
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.random_company import SIGNALS, contacts, group, random_company, subscribed
from tests.analyses.test_follow_ups import DAY, WINDOW, kept_orders, leaving
from tests.conftest import Embedded, Server

EARLY = Scope(datetime.date(2024, 2, 1), datetime.date(2024, 8, 31))  # orders are in one currency up to then
PHONE = Scope(filters=(("channel", ("phone",)), ("segment", ("home",))))


@pytest.fixture(scope="module")
def company(server: Server) -> Warehouse:
    return random_company(server)


def expected(warehouse: Warehouse, rule: Rule, scope: Scope) -> pd.DataFrame:
    """One row per customer."""
    seen, people = contacts(warehouse), leaving(warehouse, rule)
    if scope is EARLY:
        seen = seen[(seen["occurred_at"] >= "2024-02-01") & (seen["occurred_at"] < "2024-09-01")]
    if scope is PHONE:
        seen = seen[((seen["channel"] == "phone") & (seen["segment"] == "home")).fillna(False).astype(bool)]
    found: list[dict[str, Any]] = []
    for customer, own in seen[seen["customer_id"].isin(list(people))].groupby("customer_id"):
        came, left = people[customer]
        stayed = own["occurred_at"] + WINDOW < left if left is not None else own["occurred_at"].notna()
        own_there = own[(own["occurred_at"] >= came) & stayed]
        if own_there.empty:
            continue
        last = own_there["occurred_at"].max()
        lately = own[(own["occurred_at"] <= last) & (own["occurred_at"] >= last - LOOK_BACK_DAYS * DAY)]
        number = sum(2**bit for bit in range(len(SIGNALS)) if lately[f"x{bit}"].max() > 0)
        found.append({
            "pattern": number, "band": max(band for band in BANDS if band <= len(lately)),
            "segment": own["segment"].iloc[0], "quarter": last.to_period("Q").start_time, "group": group(str(customer)),
            "value": value(warehouse, str(customer), last),
        })  # fmt: skip
    return pd.DataFrame(found)


def value(warehouse: Warehouse, customer: str, last: pd.Timestamp) -> float:
    plans, orders = subscribed(warehouse), kept_orders(warehouse)
    own = plans[plans["customer_id"] == customer]
    running = own[(own["started_at"] <= last) & (own["ended_at"].isna() | (own["ended_at"] > last))]
    lately = orders[(orders["customer_id"] == customer) & (orders["ordered_at"] <= last)]
    lately = lately[lately["ordered_at"] > last - YEAR_DAYS * DAY]
    return 12 * float(running["monthly_amount"].sum()) + float(lately["amount"].sum())


@pytest.mark.parametrize(
    ("rule", "scope"), [(SUBSCRIPTION, Scope()), (SUBSCRIPTION, PHONE), (ORDER, Scope()), (ORDER, EARLY)],
    ids=["subscription-all", "subscription-phone", "order-all", "order-early"],
)  # fmt: skip
def test_against_loops(company: Warehouse, rule: Rule, scope: Scope) -> None:
    found = patterns(company, scope, rule, SIGNALS)
    wanted = expected(company, rule, scope)
    by = ["pattern", "band", "segment", "quarter", "group"]
    assert found.rows["n"].sum() == len(wanted) > 20
    left, right = (
        frame.assign(segment=frame["segment"].astype(object).where(frame["segment"].notna(), "-").astype(str))
        for frame in (found.rows, wanted.assign(n=1))
    )
    totals = [frame.groupby(by)[["n", "value"]].sum().astype(float) for frame in (left, right)]
    pd.testing.assert_frame_equal(*totals, check_index_type=False)
    assert found.currencies == (("EUR",) if scope is EARLY else found.currencies)
    if scope == Scope():
        assert len(found.currencies) > 1


def test_which_signals_a_pattern_stands_for() -> None:
    rows = pd.DataFrame({"pattern": [0, 5, 6]})
    assert present(rows, 3).tolist() == [[0, 0, 0], [1, 0, 1], [0, 1, 1]]
    assert present(rows.iloc[:0].astype(np.int64), 3).shape == (0, 3)


def test_amounts_without_a_currency_are_one_of_their_own(embedded: Embedded) -> None:
    contact = {"interaction_id": "i", "customer_id": "c", "occurred_at": "2025-01-05"}
    plan = {"subscription_id": "s", "customer_id": "c", "started_at": "2024-01-01", "monthly_amount": 5}
    order = {"order_id": "o", "customer_id": "c", "ordered_at": "2025-01-01", "amount": 9, "currency": "EUR"}
    later = {**order, "order_id": "p", "ordered_at": "2025-01-06", "currency": "USD"}
    older = {**order, "order_id": "q", "ordered_at": "2023-12-31", "currency": "GBP"}
    for orders, currencies, worth in (
        ([], ("none given",), 60.0),
        ([order, later, older], ("EUR", "none given"), 69.0),
    ):
        warehouse = embedded.warehouse({"interactions": [contact], "subscriptions": [plan], "orders": orders})
        found = patterns(warehouse, Scope(), SUBSCRIPTION, SIGNALS)
        assert found.currencies == currencies and found.rows["value"].tolist() == [worth]
