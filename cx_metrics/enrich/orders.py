"""What an order's place in the customer's history is, and whether its promise was kept."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import day
from cx_metrics.enrich.rebuild import rebuild
from cx_metrics.model import orders


def mark_orders(connection: sa.Connection, first_load: int) -> None:
    """Set the derived columns of orders for the customers whose orders came or changed with these loads."""
    order, earlier = orders, orders.alias("earlier")
    touched = sa.select(earlier.c.customer_id).where(
        earlier.c.load_id >= first_load, earlier.c.customer_id.is_not(None)
    )
    rebuild(connection, order, sa.or_(order.c.load_id >= first_load, order.c.customer_id.in_(touched)), _marked)


def _marked(rows: sa.FromClause) -> tuple[dict[str, Any], sa.FromClause]:
    late = day(rows.c.delivered_at) > day(rows.c.promised_at)
    delivery = sa.case(
        (rows.c.delivered_at.is_(None), "not delivered"), (rows.c.promised_at.is_(None), None), (late, "late"),
        else_="on time",
    )  # fmt: skip
    history: Any = {"partition_by": rows.c.customer_id, "order_by": (rows.c.ordered_at, rows.c.order_id)}
    known = rows.c.customer_id.is_not(None)
    values = {
        "delivery": delivery,
        "order_number": sa.case((known, sa.func.row_number().over(**history))),
        "first_ordered_at": sa.case((known, sa.func.min(rows.c.ordered_at).over(partition_by=rows.c.customer_id))),
        "next_ordered_at": sa.case((known, sa.func.lead(rows.c.ordered_at).over(**history))),
    }
    return values, rows
