"""Contact hours against plain pandas, and shared out so that they sum to the total."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from cx_metrics.analyses.friction_hours import friction_hours
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.random_company import SIGNALS, contacts, random_company
from tests.conftest import Embedded, Engine

PART = Scope(datetime.date(2024, 5, 1), datetime.date(2024, 12, 31), filters=(("stage", ("pay", "use")),))
FLAGS = [f"x{place}" for place in range(len(SIGNALS))]


@pytest.fixture(scope="module")
def company(engine: Engine) -> Warehouse:
    return random_company(engine)


def expected(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """One row per contact with friction: stage, hours, and the signals."""
    rows = contacts(warehouse)
    if scope is PART:
        inside = (rows["occurred_at"] >= "2024-05-01") & (rows["occurred_at"] < "2025-01-01")
        rows = rows[(inside & rows["stage"].isin(["pay", "use"])).astype(bool)]
    rows = rows[rows[FLAGS].sum(axis=1) > 0]
    back = (rows["hours_until_next"].astype(float) <= 168).fillna(False)
    hours = rows["next_handle_seconds"].astype(float).fillna(0.0).where(back, 0.0) / 3600
    return rows[["stage", *FLAGS]].assign(hours=hours, many=rows[FLAGS].sum(axis=1).astype(float))


@pytest.mark.parametrize("scope", [Scope(), PART], ids=["all", "part"])
def test_against_pandas(company: Warehouse, scope: Scope) -> None:
    table, stages = friction_hours(company, scope)
    rows = expected(company, scope)
    by_signal = table.set_index("signal")
    for place, signal in enumerate(SIGNALS):
        own = rows[rows[FLAGS[place]] > 0]
        parts = own["hours"] / own["many"]
        if len(own):
            found = by_signal.loc[signal.name]
            assert found["contacts"] == len(own) and found["value"] == pytest.approx(parts.sum())
            assert found["high"] - found["value"] == pytest.approx(1.959964 * (parts**2).sum() ** 0.5)
        at = stages[stages["signal"] == signal.name]
        for stage, here in own.assign(part=parts).groupby("stage", dropna=False):
            line = at[at["stage"].isna()] if pd.isna(stage) else at[at["stage"] == stage]
            assert line["value"].tolist() == pytest.approx([here["part"].sum()])
            assert line["contacts"].tolist() == [len(here)]
    total = by_signal.loc["total"]
    assert total["contacts"] == len(rows) and total["value"] == pytest.approx(rows["hours"].sum())
    assert total["value"] > 0 and table["signal"].iloc[-1] == "total"
    assert by_signal["value"].drop("total").sum() == pytest.approx(total["value"])
    assert stages["value"].sum() == pytest.approx(total["value"])


def test_two_signals_share_an_hour(embedded: Embedded) -> None:
    """A transferred contact, repeated the next day for an hour: half an hour each."""
    first = {"interaction_id": "1", "customer_id": "c", "reason": "r", "occurred_at": "2025-01-01", "transfers": 1}
    second = {**first, "interaction_id": "2", "occurred_at": "2025-01-02", "transfers": 0, "handle_seconds": 3600}
    last = {**first, "interaction_id": "3", "customer_id": "d", "occurred_at": "2025-06-01", "transfers": 0}
    table, _ = friction_hours(embedded.warehouse({"interactions": [first, second, last]}), Scope())
    assert table.set_index("signal")["value"].to_dict() == {"transfer": 0.5, "repeat_contact": 0.5, "total": 1.0}


def test_nothing_to_share(empty_warehouse: Warehouse) -> None:
    table, stages = friction_hours(empty_warehouse, Scope())
    assert table["signal"].tolist() == ["total"] and table["value"].tolist() == [0.0] and stages.empty
