"""The price as the page and the command line tell it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.driver_models import driver_models
from cx_metrics.analyses.price import lost_points, price, stages
from cx_metrics.export import to_json
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.test_drivers import asked
from tests.conftest import Embedded, MakeWarehouse


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse(asked())


@pytest.fixture(scope="module")
def found(warehouse: Warehouse) -> Analysis:
    return price(warehouse, Scope())


def test_parts_sum_to_the_totals(found: Analysis) -> None:
    totals = found.tables["totals"].set_index("measure")
    assert list(totals.index) == ["revenue", "csat", "nps", "hours"]
    assert totals["unit"].to_dict() == {"revenue": "EUR", "csat": "points", "nps": "points", "hours": "hours"}
    points = found.tables["points"].groupby("metric")["value"].sum()
    parts = {name: found.tables[name]["value"].sum() for name in ("revenue", "hours")} | points.to_dict()
    assert parts == pytest.approx(totals["value"].to_dict())
    for name in ("revenue", "points", "hours"):
        assert "total" not in set(found.tables[name]["signal"])


def test_stages_sum_to_the_signals(found: Analysis) -> None:
    by = found.tables["stages"].groupby(["measure", "signal"])["value"].sum()
    revenue = found.tables["revenue"].set_index("signal")["value"]
    assert by["revenue"].to_dict() == pytest.approx(revenue.to_dict())
    assert set(found.tables["stages"]["stage"]) == {"pay"}


def test_the_planted_price_is_found(found: Analysis) -> None:
    revenue = found.tables["revenue"].set_index("signal")
    points = found.tables["points"].set_index(["metric", "signal"])
    assert revenue["low"]["abandonment"] > 0 and revenue["low"]["transfer"] < 0 < revenue["high"]["transfer"]
    # An abandoned contact costs 40 points and is one in five.
    assert points["value"]["csat", "abandonment"] == pytest.approx(8, abs=2)
    assert points["low"]["csat", "abandonment"] > 0 and points["low"]["nps", "abandonment"] > 0


def test_points_are_effect_times_share(warehouse: Warehouse, found: Analysis) -> None:
    models = driver_models(warehouse, Scope())
    for name in ("csat", "nps"):
        drivers = models[name].drivers.set_index("signal").dropna(subset="weight")
        own = found.tables["points"][found.tables["points"]["metric"] == name].set_index("signal")
        wanted = -drivers["effect"] * drivers["hits"] / models[name].n
        assert own["value"].to_dict() == pytest.approx(wanted.to_dict())
    assert lost_points({}).empty


def test_the_price_is_told_with_its_interval_and_what_it_rests_on(found: Analysis) -> None:
    assert found.sentences[0].startswith("Friction puts ") and " EUR a year (" in found.sentences[0]
    assert "Clearly above zero: abandonment" in found.sentences[1]
    said = " ".join(found.sentences)
    assert "points of CSAT (" in said and "points of NPS (" in said and " hours (" in said
    rest = " ".join(found.assumptions)
    for words in ("Shapley", "180 days", "It is revenue, not margin", "associations", "64 random groups", "365 days"):
        assert words in rest


def test_it_can_be_printed(found: Analysis) -> None:
    printed = json.loads(to_json(found.to_dict()))
    assert set(printed["tables"]) == {"revenue", "points", "hours", "stages", "totals"}
    assert printed["tables"]["revenue"][0]["signal"] == "abandonment"


def test_without_revenue_there_is_no_money(embedded: Embedded) -> None:
    tables = asked(people=100)
    told = price(embedded.warehouse({name: rows for name, rows in tables.items() if name != "subscriptions"}), Scope())
    assert told.tables["revenue"].empty and set(told.tables["stages"]["measure"]) <= {"hours"}
    assert "revenue" not in set(told.tables["totals"]["measure"])
    assert any(said.startswith("There is no price in money: ") for said in told.sentences)
    assert told.sentences[0].startswith("Friction costs ") and not any("Shapley" in text for text in told.assumptions)
    mixed = {
        **tables,
        "subscriptions": [{**row, "currency": row["subscription_id"][-1]} for row in tables["subscriptions"]],
    }
    refused = price(embedded.warehouse(mixed), Scope())
    assert refused.tables["revenue"].empty and any("several currencies" in said for said in refused.sentences)


def test_without_data(empty_warehouse: Warehouse) -> None:
    nothing = price(empty_warehouse, Scope())
    assert sum(said.startswith("There is no price in") for said in nothing.sentences) == 3
    assert nothing.tables["stages"].empty and nothing.tables["points"].empty


PARTS = st.lists(st.tuples(st.integers(1, 60), st.floats(0, 100)), min_size=1, max_size=12)


@given(PARTS, st.floats(-1000, 1000))
def test_stages_put_together_still_sum(parts: list[tuple[int, float]], revenue: float) -> None:
    hours = pd.DataFrame({
        "signal": [f"s{place % 2}" for place in range(len(parts))], "title": "T",
        "stage": [None if place == 3 else f"stage {place}" for place in range(len(parts))],
        "contacts": [float(n) for n, _ in parts], "value": [value for _, value in parts],
    })  # fmt: skip
    table = stages(pd.DataFrame({"signal": ["s0", "total"], "value": [revenue, 5.0]}), hours)
    sums = table.groupby(["measure", "signal"])["value"].sum()
    wanted = hours.groupby("signal")["value"].sum()
    assert sums["hours"].to_dict() == pytest.approx(wanted.to_dict())
    assert sums["revenue"].to_dict() == pytest.approx({"s0": revenue}, abs=1e-9)
    small = table[table["contacts"] < 10]
    assert (small["stage"] == "(other stages)").all()
    assert not table["stage"].isna().any()


def test_small_counts_are_hidden(embedded: Embedded) -> None:
    first = {"customer_id": "c", "reason": "r", "transfers": 1, "handle_seconds": 3600}
    rows = [
        {**first, "interaction_id": f"i{number}", "occurred_at": f"2025-01-{1 + number:02}", "stage": "pay"}
        for number in range(7)
    ] + [{**first, "interaction_id": f"j{number}", "occurred_at": f"2025-06-{1 + 9 * number:02}", "stage": "buy",
          "transfers": 0} for number in range(3)]  # fmt: skip
    hours = price(embedded.warehouse({"interactions": rows}), Scope()).tables["hours"].set_index("signal")
    assert hours["contacts"]["transfer"] == 7 and np.isnan(hours["value"]["transfer"])
    assert np.isnan(hours["value"]["repeat_contact"])
