"""What the models of value are given and what becomes of it: against pandas, by hand, and on simulated customers."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.retention_lifetimes import Bought, bought, held_out, unfit
from cx_metrics.analyses.retention_purchases import as_histories, currencies, histories, repeats_by_week, spends
from cx_metrics.analyses.retention_remaining import Rates, rates, remaining, running
from cx_metrics.analyses.retention_scope import MONTH_DAYS, looked_at
from cx_metrics.analyses.retention_value import DISCOUNT, Part, discounted, together, worth
from cx_metrics.metrics.lifetimes import expected
from cx_metrics.metrics.spending import expected as spend_expected
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.test_retention import company, days
from tests.conftest import Embedded, MakeWarehouse

Row = dict[str, Any]
UNTIL, CUT = datetime.datetime(2025, 1, 1), datetime.datetime(2024, 7, 1)


@pytest.fixture(scope="module")
def tables() -> dict[str, list[Row]]:
    """The company, with several orders on some days and amounts that are missing."""
    made = company(150, seed=9)
    orders = made["orders"]
    for place, row in enumerate(list(orders)):
        if place % 7 == 0:
            orders.append({**row, "order_id": f"again{place}", "ordered_at": row["ordered_at"].replace(hour=23)})
        if place % 11 == 0:
            row["amount"] = None
    return made


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse, tables: dict[str, list[Row]]) -> Warehouse:
    return make_shared_warehouse(tables)


def by_day(tables: dict[str, list[Row]]) -> pd.DataFrame:
    """Purchases in plain pandas: customer_id, day, spent (missing where no amount is known), first."""
    orders = pd.DataFrame(tables["orders"])
    orders = orders[orders["status"] == "sent"].assign(day=lambda rows: rows["ordered_at"].dt.normalize())
    found = orders.groupby(["customer_id", "day"])["amount"].sum(min_count=1).reset_index(name="spent")
    return found.assign(first=found.groupby("customer_id")["day"].transform("min"))


@pytest.mark.parametrize("daily", [True, False])
def test_histories_as_of_pandas(daily: bool, warehouse: Warehouse, tables: dict[str, list[Row]]) -> None:
    rows = by_day(tables)
    rows = rows[rows["first"] < CUT]
    early = rows[rows["day"] < CUT]
    again = early[early["day"] > early["first"]].groupby("customer_id")["spent"]
    people = early.groupby("customer_id").agg(first=("day", "min"), last=("day", "max"), repeats=("day", "size"))
    people["repeats"] -= 1
    people["later"] = rows[rows["day"] >= CUT].groupby("customer_id").size()
    ages = {"recency": people["last"] - people["first"], "age": pd.Timestamp("2024-06-30") - people["first"]}
    for name, gap in ages.items():
        people[name] = gap.dt.days / 7 if daily else np.floor(gap.dt.days / 7 + 0.5)
    people["spent"] = again.mean() * people["repeats"]
    people["priced"] = people["spent"].notna().astype(float)
    people = people.fillna(0.0).assign(customers=1.0)
    keys = ["repeats", "recency", "age", "later"]
    wanted = people.groupby(keys)[["customers", "priced", "spent"]].sum().reset_index()
    found = histories(warehouse, Scope(), UNTIL, CUT, daily)
    pd.testing.assert_frame_equal(found, wanted[list(found.columns)].astype(float), check_exact=False)


def test_spends_and_weeks_as_of_pandas(warehouse: Warehouse, tables: dict[str, list[Row]]) -> None:
    """Means are put in bins a hundredth wide, so that they are off by less than that."""
    rows = by_day(tables)
    again = rows[rows["day"] > rows["first"]].groupby("customer_id")["spent"].agg(["mean", "size"])
    again = again[again["mean"] > 0]
    found = spends(warehouse, Scope(), UNTIL)
    assert found.customers.sum() == len(again) and (found.repeats * found.customers).sum() == again["size"].sum()
    assert (found.mean * found.customers).sum() == pytest.approx(again["mean"].sum(), rel=1e-4)
    weekly = repeats_by_week(warehouse, Scope(), UNTIL, CUT)
    own = rows[(rows["day"] > rows["first"]) & (rows["first"] < CUT)]
    wanted = ((own["day"] - rows["day"].min()).dt.days // 7).value_counts().sort_index()
    assert dict(zip(weekly["week"], weekly["purchases"], strict=True)) == wanted.to_dict()
    assert currencies(warehouse, Scope(), UNTIL) == ("EUR",)


def test_leaving_rates_as_of_pandas(warehouse: Warehouse, tables: dict[str, list[Row]]) -> None:
    """Months that customers lived at each age within the last year, one by one."""
    until, begin = UNTIL, UNTIL - datetime.timedelta(days=365)
    ages = 30
    left, lived = np.zeros(ages), np.zeros(ages)
    for row in tables["subscriptions"]:
        end = min(row.get("ended_at") or until, until)
        a, b = ((at - row["started_at"]).total_seconds() / 86400 / MONTH_DAYS for at in (begin, end))
        a = max(a, 0.0)
        if b <= a:
            continue
        for age in range(ages):
            lived[age] += max(min(b, age + 1) - max(a, age), 0.0)
        if row.get("ended_at") and row["ended_at"] < until:
            left[int(b)] += 1
    looked = looked_at(warehouse, Scope())
    found = rates(warehouse, looked, until)
    assert found.left == pytest.approx(left[: len(found.left)]) and found.lived == pytest.approx(
        lived[: len(found.left)]
    )
    now = running(warehouse, looked, until)
    still = [row for row in tables["subscriptions"] if "ended_at" not in row]
    assert now["customers"].sum() == len(still) and now["amount"].sum() == sum(row["monthly_amount"] for row in still)


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_remaining_months_at_a_steady_rate() -> None:
    """The sum of exp(-0.1 k) d^(k / 12) over the months, whatever the age; beyond the known ages it goes on."""
    monthly, ages = np.full(5, 0.1), np.array([0.0, 3.0, 50.0])
    wanted = sum(np.exp(-0.1 * month) * 0.9 ** (month / 12) for month in range(1, 13))
    assert remaining(monthly, ages, 12, 0.9) == pytest.approx([wanted] * 3)
    rising = remaining(np.array([0.0, 0.5]), np.array([0.0]), 2)
    assert rising == pytest.approx([1.0 + np.exp(-0.5)])


def test_ages_with_few_are_put_together() -> None:
    """Two ages with enough, then thin ones: these get the rate of all from twelve months before the first thin one."""
    found = Rates(np.array([5.0, 10.0, 3.0]), np.array([100.0, 50.0, 10.0])).monthly()
    assert found == pytest.approx([0.05, 0.2, 18 / 160, 18 / 160])
    assert Rates(np.array([1.0]), np.array([4.0])).monthly() == pytest.approx([0.25, 0.25])


def test_the_held_out_figures_by_hand() -> None:
    early = pd.DataFrame({"repeats": [0.0, 2.0], "age": [10.0, 20.0], "later": [0.0, 3.0], "customers": [30.0, 10.0]})
    by, total = held_out(early, np.array([0.5, 2.0]), 5.0)
    row = total.iloc[0]
    assert (row["actual"], row["predicted"], row["naive_predicted"]) == (30, 35, 5)
    assert row["error"] == pytest.approx(100 / 6) and row["naive_error"] == pytest.approx(-100 * 25 / 30)
    assert row["mean_error"] == pytest.approx((30 * 0.5 + 10 * 1) / 40)
    assert row["naive_mean_error"] == pytest.approx(10 * 2.5 / 40)
    assert by["actual"].tolist() == [0, 3] and by["predicted"].tolist() == [0.5, 2.0]


def test_small_groups_are_hidden_in_the_held_out_figures() -> None:
    early = pd.DataFrame({"repeats": [0.0, 1.0, 2.0], "age": 10.0, "later": 1.0, "customers": [4.0, 9.0, 10.0]})
    by, _ = held_out(early, np.ones(3), 5.0)
    assert by["earlier"].tolist() == [1, 2] and by["actual"].isna().tolist() == [True, False]


def test_two_sources_together() -> None:
    parts = [Part("orders", 12, 5, 100, 97, 104, "EUR"), Part("subscriptions", 12, 5, 50, 46, 53, "EUR")]
    both = together(parts)
    assert (both.value, both.low, both.high) == (150, 145, 155) and np.isnan(both.customers)


def test_what_a_model_needs() -> None:
    assert unfit(100, 50, 26) == ""
    assert unfit(99, 50, 26).endswith("there are 99, 50 and 26")


# --- together --------------------------------------------------------------------------------------------------------


def test_value_is_purchases_times_spend(warehouse: Warehouse) -> None:
    """The value from orders, one row of customers at a time, without the sums that make it quick."""
    looked = looked_at(warehouse, Scope())
    model = bought(warehouse, looked)
    assert isinstance(model, Bought) and model.model is not None
    found = worth(warehouse, looked, model)
    assert found.spending is not None
    seen, rows = as_histories(model.rows), model.rows
    months = [end * MONTH_DAYS / 7 for end in range(0, 13, 3)]
    upto = [np.zeros(len(rows)), *(expected(model.model.parameters, weeks, seen) for weeks in months[1:])]
    purchases = sum((upto[k] - upto[k - 1]) / (1 + DISCOUNT) ** ((3 * k - 1.5) / 12) for k in range(1, 5))
    assert discounted(model.model.parameters, seen, 12) == pytest.approx(purchases)
    total = 0.0
    for row, count in zip(rows.to_dict("records"), np.asarray(purchases), strict=True):
        priced = row["priced"]
        mean = spend_expected(found.spending.parameters, np.array([row["repeats"]]),
                              np.array([row["spent"] / priced if priced else 0.0]))[0]  # fmt: skip
        others = spend_expected(found.spending.parameters, np.zeros(1), np.zeros(1))[0]
        total += count * (priced * mean + (row["customers"] - priced) * others)
    value = found.table.set_index(["source", "months"])
    assert value["value"]["orders", 12] == pytest.approx(total)
    share = found.by_earlier.dropna()
    assert ((share["alive"] > 0) & (share["alive"] <= 1)).all()


def test_several_currencies_have_no_value(embedded: Embedded) -> None:
    made = company(150, seed=9)
    for row in made["orders"][::2]:
        row["currency"] = "USD"
    for row in made["subscriptions"][::2]:
        row["currency"] = "USD"
    warehouse = embedded.warehouse(made)
    looked = looked_at(warehouse, Scope())
    model = bought(warehouse, looked)
    found = worth(warehouse, looked, model)
    assert model.model is not None and found.table.empty
    assert set(found.reasons) == {"orders", "subscriptions"}
    assert all("several currencies" in why for why in found.reasons.values())


def test_subscribers_who_leave_as_before_are_foreseen(embedded: Embedded) -> None:
    """800 who leave at a steady rate: the held-out part is off by little, and the value is that of the rate."""
    random = np.random.default_rng(8)
    rows = []
    for number in range(800):
        start = float(random.uniform(0, 900))
        end = start + float(random.exponential(20 * MONTH_DAYS))
        ended = {"ended_at": days(end)} if end < 1095 else {}
        rows.append({"subscription_id": f"s{number}", "customer_id": f"c{number}", "started_at": days(start),
                     "monthly_amount": 10, "currency": "EUR", **ended})  # fmt: skip
    contact = {"interaction_id": "last", "occurred_at": days(1095)}
    warehouse = embedded.warehouse({"subscriptions": rows, "interactions": [contact]})
    looked = looked_at(warehouse, Scope())
    found = worth(warehouse, looked, bought(warehouse, looked))
    held = found.held.iloc[0]
    assert abs(held["error"]) < 10 < 30 < held["naive_error"]
    value = found.table.set_index("months").loc[12]
    each = sum(np.exp(-month / 20) / 1.1 ** (month / 12) for month in range(1, 13))
    wanted = 10 * each * value["customers"]
    assert value["low"] < wanted < value["high"] and value["per_customer"] == pytest.approx(10 * each, rel=0.06)
