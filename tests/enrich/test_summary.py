"""What is counted with each import is what is there, after a second import and after customers were joined too."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.model import completeness, coverage, known_customers
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse, import_tables


def contact(key: str, customer: str | None, day: str, **more: Any) -> dict[str, Any]:
    return {"interaction_id": key, "customer_id": customer, "occurred_at": day, **more}


FIRST = {
    "interactions": [
        contact("1", "a", "2024-01-05", team="x"), contact("2", "a", "2024-03-01"), contact("3", None, "2024-03-09"),
    ],
    "survey_answers": [
        {"answer_id": "1", "customer_id": "b", "instrument": "csat", "score": 4, "answered_at": "2024-05-01"},
        {"answer_id": "2", "customer_id": "c", "instrument": "csat", "invited_at": "2024-02-01"},
    ],
    "touchpoint_owners": [{"touchpoint": "t", "team": "x"}],
}  # fmt: skip
SECOND = {
    "interactions": [contact("4", "a", "2024-02-01"), contact("1", "b", "2024-01-05")],
    "orders": [{"order_id": "1", "customer_id": "a", "ordered_at": "2024-06-01"}],
}


@pytest.fixture
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    return make_warehouse(FIRST)


def known(warehouse: Warehouse) -> dict[str, tuple[Any, ...]]:
    """contacts, last contact and last doing by customer, times as days."""
    rows = warehouse.read(sa.select(known_customers))
    days = [[None if pd.isna(at) else str(at)[:10] for at in rows[name]] for name in ("last_contact", "newest_at")]
    return dict(zip(rows["customer_id"], zip(rows["contacts"], *days, strict=True), strict=True))


def held(warehouse: Warehouse, table: str) -> list[tuple[Any, ...]]:
    """month, rows, first and last, times as days."""
    rows = warehouse.read(sa.select(coverage).where(coverage.c.table_name == table).order_by(coverage.c.month))
    return [
        tuple(None if pd.isna(row[name]) else str(row[name])[:10] for name in ("month", "rows", "first", "last"))
        for row in rows.to_dict("records")
    ]


def test_known_customers(warehouse: Warehouse) -> None:
    assert known(warehouse) == {
        "a": (2, "2024-03-01", "2024-03-01"),
        "b": (0, None, "2024-05-01"),
        "c": (0, None, None),
    }
    import_tables(warehouse, SECOND)
    assert known(warehouse) == {
        "a": (2, "2024-03-01", "2024-06-01"), "b": (1, "2024-01-05", "2024-05-01"), "c": (0, None, None),
    }  # fmt: skip


def test_coverage(warehouse: Warehouse) -> None:
    assert held(warehouse, "interactions") == [
        ("2024-01-01", "1", "2024-01-05", "2024-01-05"), ("2024-03-01", "2", "2024-03-01", "2024-03-09"),
    ]  # fmt: skip
    assert [row[:2] for row in held(warehouse, "survey_answers")] == [("2024-02-01", "1"), ("2024-05-01", "1")]
    assert held(warehouse, "touchpoint_owners") == [(None, "1", None, None)]
    import_tables(warehouse, SECOND)
    assert [row[:2] for row in held(warehouse, "interactions")] == [
        ("2024-01-01", "1"), ("2024-02-01", "1"), ("2024-03-01", "2"),
    ]  # fmt: skip


def test_completeness(warehouse: Warehouse) -> None:
    rows = warehouse.read(sa.select(completeness))
    found = {(row["table_name"], row["column_name"]): (row["given"], row["rows"]) for row in rows.to_dict("records")}
    assert found["interactions", "customer_id"] == (2, 3)
    assert found["interactions", "team"] == (1, 3)
    assert found["survey_answers", "score"] == (1, 2)
    assert found["orders", "amount"] == (0, 0)
    assert ("interactions", "interaction_id") not in found and ("interactions", "case_outcome") not in found
