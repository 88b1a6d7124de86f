"""Retention by hand, against pandas and statsmodels, and on companies that lack one half of the data."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from cx_metrics.analyses.leaving import ORDER, SUBSCRIPTION
from cx_metrics.analyses.retention import retained, retention, staying
from cx_metrics.analyses.retention_churn import kept_in_a_year
from cx_metrics.analyses.retention_cohorts import cohorts
from cx_metrics.analyses.retention_lifetimes import bought
from cx_metrics.analyses.retention_purchases import spends
from cx_metrics.analyses.retention_scope import MONTH_DAYS, looked_at
from cx_metrics.analyses.retention_survival import IDLE_DAYS, durations
from cx_metrics.analyses.retention_words import NEEDED, of_kept
from cx_metrics.intake.load import import_plans
from cx_metrics.intake.mapping import mapping_plans
from cx_metrics.metrics.spending import fit
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse

Row = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
CDNOW = ROOT.parent / "shared" / "real" / "cdnow"
START = datetime.datetime(2023, 1, 1)
END = datetime.datetime(2024, 12, 31, 15)  # of the last order and the last contact
REGIONS = ("north", "south", "west")


def days(number: float) -> datetime.datetime:
    return START + datetime.timedelta(days=float(number))


def company(people: int = 240, seed: int = 5) -> dict[str, list[Row]]:
    """Customers with a subscription, orders, or both; the south leaves earlier; a few are of a tiny region."""
    random = np.random.default_rng(seed)
    customers: list[Row] = []
    orders: list[Row] = []
    subscriptions: list[Row] = []
    for number in range(people):
        region = "islands" if number < 4 else REGIONS[number % 3]
        name = f"c{number:03}"
        customers.append({"customer_id": name, "region": region, "segment": "home" if number % 2 else "business"})
        start = float(random.integers(0, 600))
        if number % 4:
            stayed = float(random.exponential(150 if region == "south" else 500)) + 1
            ended = {"ended_at": days(start + stayed)} if start + stayed < 720 else {}
            subscriptions.append({"subscription_id": f"s{number}", "customer_id": name, "started_at": days(start),
                                  "monthly_amount": float(10 + number % 5), "currency": "EUR", **ended})  # fmt: skip
        rate, day = float(random.gamma(2.0, 0.01)) + 0.002, start
        while number % 5 and day < 729:
            orders.append({"order_id": f"o{len(orders)}", "customer_id": name, "ordered_at": days(day), "currency": "EUR",
                           "amount": float(np.round(random.gamma(4.0, 10.0), 2)),
                           "status": "cancelled" if random.random() < 0.05 else "sent"})  # fmt: skip
            if random.random() < 0.1:
                break
            day += float(random.exponential(1 / rate))
    orders.append({"order_id": "last", "customer_id": "c001", "ordered_at": END, "amount": 5.0, "currency": "EUR",
                   "status": "sent"})  # fmt: skip
    return {"customers": customers, "orders": orders, "subscriptions": subscriptions}


@pytest.fixture(scope="module")
def tables() -> dict[str, list[Row]]:
    return company()


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse, tables: dict[str, list[Row]]) -> Warehouse:
    return make_shared_warehouse(tables)


@pytest.fixture(scope="module")
def shop(embedded: Embedded, tables: dict[str, list[Row]]) -> Warehouse:
    """Orders without any subscription."""
    return embedded.warehouse({name: tables[name] for name in ("customers", "orders")})


def lasted(tables: dict[str, list[Row]], rule: str, until: datetime.datetime) -> pd.DataFrame:
    """region, days, left of each customer, in plain pandas."""
    if rule == "subscription":
        rows = pd.DataFrame(tables["subscriptions"])[["customer_id", "started_at", "ended_at"]]
        rows = rows[rows["started_at"] < until]
        rows["left"] = rows["ended_at"] < until
        rows["last"] = rows["ended_at"].where(rows["left"], until)
    else:
        orders = pd.DataFrame(tables["orders"])
        orders = orders[(orders["status"] == "sent") & (orders["ordered_at"] < until)]
        rows = orders.groupby("customer_id")["ordered_at"].agg(started_at="min", last="max").reset_index()
        mark = until - datetime.timedelta(days=IDLE_DAYS)
        rows = rows[rows["started_at"] < mark]
        rows["left"] = rows["last"] < mark
        rows["last"] = rows["last"].where(rows["left"], mark)
    rows["days"] = (rows["last"] - rows["started_at"]).dt.days
    return rows.merge(pd.DataFrame(tables["customers"]), on="customer_id")[["region", "days", "left"]]


# --- survival --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [SUBSCRIPTION, ORDER], ids=lambda rule: rule.name)
@pytest.mark.parametrize("end", [None, datetime.date(2024, 6, 30)])
def test_survival_as_of_statsmodels(
    rule: Any, end: datetime.date | None, warehouse: Warehouse, tables: dict[str, list[Row]]
) -> None:
    until = datetime.datetime.combine(end or END.date(), datetime.time()) + datetime.timedelta(days=1)
    wanted = lasted(tables, rule.name, until)
    name = "survival" if rule is SUBSCRIPTION else "survival_orders"
    found = staying(warehouse, Scope(end=end), "region").tables
    groups = found[f"{name}_groups"].set_index("group")
    assert set(groups.index) == set(REGIONS)  # the islands are too few
    for region in REGIONS:
        own = wanted[wanted["region"] == region]
        other = SurvfuncRight(own["days"].to_numpy(float), own["left"].to_numpy(float))
        curve = found[name][found[name]["group"] == region]
        assert list(curve.columns) == ["group", "months", "survival", "low", "high", "at_risk"]
        for row in curve.to_dict("records"):
            before = np.flatnonzero(other.surv_times <= row["months"] * MONTH_DAYS)
            assert row["survival"] == pytest.approx(other.surv_prob[before[-1]] if len(before) else 1.0)
            assert row["at_risk"] == (own["days"] >= row["months"] * MONTH_DAYS).sum() >= 10
            assert row["low"] <= row["survival"] <= row["high"]
        assert (groups["n"][region], groups["left"][region]) == (len(own), own["left"].sum())
    large = wanted[wanted["region"].isin(REGIONS)]
    statistic, p = survdiff(large["days"].to_numpy(float), large["left"].to_numpy(float), large["region"].to_numpy())
    test = found[f"{name}_test"].iloc[0]
    assert (test["chi2"], test["p"]) == (pytest.approx(float(statistic)), pytest.approx(float(p)))
    assert (test["groups"], test["df"], test["n"]) == (3, 2, len(large))


def test_durations_are_counted_in_the_engine(warehouse: Warehouse, tables: dict[str, list[Row]]) -> None:
    found = durations(warehouse, looked_at(warehouse, Scope()), SUBSCRIPTION, "")
    assert found["seen"].sum() == len(tables["subscriptions"]) and found["days"].is_unique
    assert found["left"].sum() == sum("ended_at" in row for row in tables["subscriptions"])


def test_first_channel_is_of_a_contact_near_the_start(embedded: Embedded) -> None:
    """Who wrote only a year later is of no channel; who came before contacts were kept is not looked at."""
    subscriptions, contacts = [], [{"interaction_id": "first", "occurred_at": days(50), "channel": "post"}]
    for number in range(60):
        group, start = ("early", "late", "old")[number % 3], 10 if number % 3 == 2 else 60
        subscriptions.append({"subscription_id": f"s{number}", "customer_id": f"c{number}", "started_at": days(start),
                              "ended_at": days(start + 40 + number)})  # fmt: skip
        at = {"early": 70, "late": 450, "old": 55}[group]
        contacts.append({"interaction_id": f"i{number}", "customer_id": f"c{number}", "occurred_at": days(at),
                         "channel": "phone"})  # fmt: skip
    found = staying(embedded.warehouse({"subscriptions": subscriptions, "interactions": contacts}), Scope(), "channel")
    groups = found.tables["survival_groups"].set_index("group")["n"]
    assert groups.to_dict() == {"phone": 20, "(not given)": 20}


def test_an_unknown_group() -> None:
    with pytest.raises(ScopeError, match=r"^customers cannot be grouped by 'mood' here; they can by: segment, "):
        retention(None, Scope(), "mood")  # type: ignore[arg-type]


# --- cohorts and revenue kept ----------------------------------------------------------------------------------------


def test_cohorts_of_subscriptions(embedded: Embedded) -> None:
    """Twenty begin in January 2024: ten leave in March, of whom five come back in May; June is not over."""
    rows = []
    for number in range(20):
        ended = {"ended_at": "2024-03-10"} if number < 10 else {}
        rows.append({"subscription_id": f"a{number}", "customer_id": f"c{number}", "started_at": "2024-01-05", **ended})
        if number < 5:
            rows.append({"subscription_id": f"b{number}", "customer_id": f"c{number}", "started_at": "2024-05-20"})
    rows.append({"subscription_id": "last", "customer_id": "z", "started_at": "2024-06-15"})
    warehouse = embedded.warehouse({"subscriptions": rows})
    bounded, rolling = cohorts(warehouse, looked_at(warehouse, Scope()))
    own = bounded[bounded["cohort"] == "2024-01-01"].set_index("months_since")
    assert own["value"].to_dict() == {1: 100, 2: 100, 3: 50, 4: 75} and set(own["n"]) == {20}
    own = rolling[rolling["cohort"] == "2024-01-01"].set_index("months_since")
    assert own["value"].to_dict() == {1: 100, 2: 100, 3: 75, 4: 75}


def year_of_changes(currency: str = "EUR") -> list[Row]:
    """Sixty pay 10 in June 2023: of these ten pay 15 a year later, ten 6, twenty nothing; ten are new."""
    rows: list[Row] = []
    for number in range(60):
        changed = number < 40
        ended = {"ended_at": "2024-02-10"} if changed else {}
        paid: Row = {"monthly_amount": 10, "currency": currency if number % 2 else "EUR"}
        rows.append({"subscription_id": f"a{number}", "customer_id": f"c{number}", "started_at": "2023-01-05", **paid,
                     **ended})  # fmt: skip
        if number < 20:
            rows.append({"subscription_id": f"b{number}", "customer_id": f"c{number}", "started_at": "2024-02-10",
                         **paid, "monthly_amount": 15 if number < 10 else 6})  # fmt: skip
    new = [{"subscription_id": f"n{number}", "customer_id": f"n{number}", "started_at": "2024-07-03",
            "monthly_amount": 99, "currency": "EUR"} for number in range(10)]  # fmt: skip
    return rows + new


def test_revenue_kept_in_a_year(make_warehouse: MakeWarehouse) -> None:
    """Of 600 a month: + 50 - 40 - 200 = 410, or 68.3 %; without the 50 it is 60 %."""
    warehouse = make_warehouse({"subscriptions": year_of_changes()})
    table, bridge, month = kept_in_a_year(warehouse, looked_at(warehouse, Scope()))
    figures = table.set_index("metric")
    assert month == datetime.date(2024, 6, 1) and figures["n"].tolist() == [60, 60]
    assert figures["value"].tolist() == pytest.approx([100 * 410 / 600, 60.0])
    started, ended = np.full(60, 10.0), np.repeat([15.0, 6.0, 0.0, 10.0], [10, 10, 20, 20])
    spread = np.std(ended - ended.mean() / 10 * started, ddof=1) / np.sqrt(60) / 10
    assert figures["high"]["nrr"] - figures["value"]["nrr"] == pytest.approx(196 * spread, rel=1e-3)
    share = 0.6  # Wilson's interval of 36 in 60
    assert figures["low"]["grr"] == pytest.approx(47.4, abs=0.1) and figures["value"]["grr"] == 100 * share
    assert bridge.set_index("part")["amount"].to_dict() == pytest.approx(
        {"start": 600, "expansion": 50, "contraction": -40, "churn": -200, "end": 410}
    )
    assert bridge["customers"].tolist() == [60, 10, 10, 20, 40]
    earlier = kept_in_a_year(warehouse, looked_at(warehouse, Scope(end=datetime.date(2024, 1, 15))))
    assert earlier[2] == datetime.date(2023, 12, 1) and earlier[0]["n"].tolist() == [0, 0]


def test_several_currencies_have_no_kept_share(embedded: Embedded) -> None:
    warehouse = embedded.warehouse({"subscriptions": year_of_changes("USD")})
    table, bridge, _ = kept_in_a_year(warehouse, looked_at(warehouse, Scope()))
    assert table["n"].tolist() == [60, 60] and table["value"].isna().all() and bridge.empty
    assert "all in one currency" in of_kept(table, None, subscribed=True)[0]


# --- everything ------------------------------------------------------------------------------------------------------


def test_the_whole_answer(warehouse: Warehouse) -> None:
    """Its parts agree with each other, on both engines."""
    found = retention(warehouse, Scope(datetime.date(2024, 1, 1), datetime.date(2024, 12, 31)))
    tables = found.tables
    assert set(tables["survival"]["group"]) == {"all"} and tables["survival"]["survival"].between(0, 1).all()
    value = tables["value"].set_index(["source", "months"])
    assert set(value.index.get_level_values("source")) == {"orders", "subscriptions", "together"}
    for months in (12, 36):
        parts = value["value"]["orders", months] + value["value"]["subscriptions", months]
        assert value["value"]["together", months] == pytest.approx(parts)
    assert (value["low"] <= value["value"]).all() and (value["value"] <= value["high"]).all()
    assert (value["value"].xs(36, level=1) > value["value"].xs(12, level=1)).all()
    assert tables["held_out_total"]["actual"].iloc[0] > 0 and len(tables["held_out_subscriptions"]) == 1
    assert "still have a subscription" in found.sentences[0] and "EUR" in found.sentences[0]
    held = tables["tracking"]
    assert (np.diff(held["expected"]) > 0).all() and (np.diff(held["actual"]) >= 0).all() and held["held_out"].any()
    assert found.to_dict()["tables"]["survival"][0] == {
        "group": "all", "months": 0.0, "survival": 1.0, "low": 1.0, "high": 1.0,
        "at_risk": tables["survival"]["at_risk"].iloc[0],
    }  # fmt: skip


def test_a_shop_without_subscriptions(shop: Warehouse) -> None:
    found = retained(shop, Scope(filters=(("channel", ("web",)),)), "region")
    assert "are still buying" in found.said["answer"][0] and "kept" in found.said and found.said["kept"] == ()
    tables = found.analysis.tables
    assert set(tables["value"]["source"]) == {"orders"} and "survival_orders" not in tables
    assert set(tables["churn"]["metric"]) == {"inactivity_churn"}
    assert found.analysis.assumptions[0].startswith("Filters by channel do not hold for customers")
    one = retention(shop, Scope(filters=(("region", ("south",)),))).tables["survival_groups"]
    assert one["n"].iloc[0] < tables["survival_groups"]["n"].sum()


def test_subscriptions_without_orders(embedded: Embedded, tables: dict[str, list[Row]]) -> None:
    found = retained(embedded.warehouse({"subscriptions": tables["subscriptions"]}), Scope())
    of = found.analysis.tables
    assert set(of["value"]["source"]) == {"subscriptions"} and of["held_out"].empty and len(of["cohorts"])
    assert any("no value from orders" in sentence for sentence in found.said["value"])


@pytest.mark.parametrize("kept", [{}, {"interactions": [{"interaction_id": "1", "occurred_at": "2024-01-05"}]}])
def test_without_customers_who_could_stay(kept: dict[str, list[Row]], embedded: Embedded) -> None:
    found = retention(embedded.warehouse(kept), Scope())
    assert found.sentences == (NEEDED,) and found.tables["survival"].empty


@pytest.mark.parametrize(
    ("rows", "kept"), [(1, ("orders", "subscriptions")), (12, ("orders",)), (12, ("subscriptions",))]
)
def test_hardly_any_data(rows: int, kept: tuple[str, ...], embedded: Embedded) -> None:
    given = {
        "orders": [{"order_id": f"o{n}", "customer_id": f"c{n}", "ordered_at": days(n)} for n in range(rows)],
        "subscriptions": [
            {"subscription_id": f"s{n}", "customer_id": f"c{n}", "started_at": days(n)} for n in range(rows)
        ],
    }
    found = retained(embedded.warehouse({name: given[name] for name in kept}), Scope())
    assert found.analysis.tables["value"].empty and "cannot be said yet" in found.said["answer"][0].lower()
    assert all("nan" not in sentence for sentence in found.analysis.sentences)


@pytest.mark.skipif(not CDNOW.is_dir(), reason=f"the public data set is not in {CDNOW}")
def test_cdnow_from_the_file_to_the_paper(embedded: Embedded) -> None:
    """Imported, counted in the engine and fitted: the parameters of Fader, Hardie and Lee 2005 after 39 weeks."""
    warehouse = Warehouse(embedded.new_url())
    import_plans(warehouse, mapping_plans(ROOT / "sample_data" / "mappings" / "cdnow.toml", CDNOW))
    early = bought(warehouse, looked_at(warehouse, Scope(end=datetime.date(1997, 9, 30))))
    assert early.model is not None
    assert early.model.parameters == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=6e-4)
    money = fit(spends(warehouse, Scope(), datetime.datetime(1997, 10, 1)))
    assert money.parameters == pytest.approx([6.25, 3.74, 15.44], abs=0.02)
    whole = bought(warehouse, looked_at(warehouse, Scope()))
    assert abs(whole.held.total["error"].iloc[0]) < 5
