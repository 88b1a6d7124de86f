"""Measures of orders, worked out by hand."""

from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.model import orders
from tests.conftest import MakeWarehouse, import_tables


def order(key: str, customer: str | None, day: str, **other: Any) -> dict[str, Any]:
    return {"order_id": key, "customer_id": customer, "ordered_at": f"2024-01-{day}", **other}


ORDERS = [
    order("1", "ann", "03", promised_at="2024-01-10", delivered_at="2024-01-10T23:59"),
    order("2", "ann", "01T10:00", promised_at="2024-01-10T09:00", delivered_at="2024-01-10T18:00"),
    order("3", "ann", "03", promised_at="2024-01-10", delivered_at="2024-01-11T00:00"),
    order("4", "bob", "02", promised_at="2024-01-10"),
    order("5", None, "02", delivered_at="2024-01-09"),
    order("6", None, "01"),
]


def told(found: pd.DataFrame, *columns: str) -> dict[str, tuple[Any, ...]]:
    rows = found.set_index("order_id").sort_index()[list(columns)].astype(object)
    return {str(key): tuple(None if pd.isna(cell) else cell for cell in row) for key, *row in rows.itertuples()}


@pytest.mark.parametrize("pieces", [1, 3])
def test_orders(make_warehouse: MakeWarehouse, pieces: int) -> None:
    """A promise holds until its day ends. Same-day orders are ordered by key; orders of nobody have no history."""
    warehouse = make_warehouse({})
    for start in range(pieces):
        import_tables(warehouse, {"orders": ORDERS[start::pieces]})
    found = warehouse.read(sa.select(orders))
    for name in ("first_ordered_at", "next_ordered_at"):
        found[name] = found[name].dt.strftime("%d %H")
    assert told(found, "delivery", "order_number", "first_ordered_at", "next_ordered_at") == {
        "1": ("on time", 2, "01 10", "03 00"),
        "2": ("on time", 1, "01 10", "03 00"),
        "3": ("late", 3, "01 10", None),
        "4": ("not delivered", 1, "02 00", None),
        "5": (None, None, None, None),
        "6": ("not delivered", None, None, None),
    }
