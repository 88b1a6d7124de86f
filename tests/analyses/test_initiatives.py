"""All initiatives together: one sentence, one row each, and nothing about a company that is not shown."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from cx_metrics.analyses.initiative_effect import NOT_MEASURABLE, NOT_SHOWN, WORKS
from cx_metrics.analyses.initiative_register import register, registered
from cx_metrics.analyses.initiatives import COLUMNS, initiatives_analysis
from cx_metrics.analyses.sample_initiatives import register_sample
from cx_metrics.export import to_json
from cx_metrics.ledger import Ledger
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.initiative_company import IDLE, PLAN, tables
from tests.conftest import MakeWarehouse


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    """The three teams' answers."""
    return make_shared_warehouse(tables())


def test_each_is_a_row_with_its_effect(warehouse: Warehouse) -> None:
    ledger = Ledger("sqlite://")
    long_ago = datetime.date(2024, 1, 1)  # before the data, so that it weighs on all of them alike
    alone = replace(PLAN, name="=For all", target=(), comparison=(), start=long_ago, state="stopped")
    later = replace(PLAN, name="Later", start=datetime.date(2099, 1, 1), state="planned")
    for plan in (PLAN, IDLE, alone, later):
        register(ledger, plan, "Ann")
    found = initiatives_analysis(warehouse, registered(ledger), Scope())
    assert found.sentences[0] == (
        "2 initiatives run, 1 was stopped and 1 is planned: 1 shown to work, 1 not shown, 1 not measurable."
    )
    board = found.tables["initiatives"].set_index("name")
    assert list(found.tables["initiatives"].columns) == COLUMNS
    assert board["verdict"].tolist() == [WORKS, NOT_SHOWN, NOT_MEASURABLE, NOT_MEASURABLE]
    # North: 60 % before, 90 % after; South stays at 60 %, and so does West
    assert board["effect"].tolist()[:2] == pytest.approx([30, 0]) and board["n"].tolist() == [720, 720, 0, 0]
    works = board.loc["Callback promise"]
    assert works["low"] < 30 < works["high"] and works["cost_per_point"] == pytest.approx(300)
    assert works["cost_per_point_low"] == pytest.approx(9000 / works["high"])
    assert works["cost_per_point_high"] == pytest.approx(9000 / works["low"])
    assert board["cost_per_point"].isna().tolist() == [False, True, True, True]
    assert (works["target"], board.loc["=For all", "target"]) == ("team: North", "everybody")
    assert board.loc["=For all", "comparison"] == "nobody" and "comparison" in board.loc["=For all", "why_not"]
    for name in ("cells", "study", "series", "placebos"):
        table = found.tables[name]
        assert list(table.columns[:2]) == ["number", "name"] and set(table["number"]) == {1, 2}
    assert found.tables["cells"].groupby("number")["n"].sum().tolist() == [720, 720]
    assert '"Callback promise"' in to_json(found.to_dict())


def test_an_empty_register_says_how_to_begin(empty_warehouse: Warehouse) -> None:
    found = initiatives_analysis(empty_warehouse, (), Scope())
    assert found.sentences == ("No initiative is registered yet: register the first one before it starts.",)
    assert all(table.empty for table in found.tables.values()) and found.assumptions


def test_without_data_nothing_is_measurable(empty_warehouse: Warehouse) -> None:
    ledger = Ledger("sqlite://")
    register(ledger, PLAN, "Ann")
    register_sample(ledger)
    found = initiatives_analysis(empty_warehouse, registered(ledger), Scope())
    assert found.sentences == ("1 initiative runs: 1 not measurable.",
                               "Callback promise: Not measurable: there are no data.")  # fmt: skip
