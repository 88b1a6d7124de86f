"""What an order's place in the customer's history is, and whether its promise was kept."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import day
from cx_metrics.model import orders


def mark_orders(connection: sa.Connection, first_load: int) -> None:
    """Set the derived columns of orders for the customers whose orders came or changed with these loads."""
    order = orders
    late = day(order.c.delivered_at) > day(order.c.promised_at)
    delivery = sa.case(
        (order.c.delivered_at.is_(None), "not delivered"), (order.c.promised_at.is_(None), None), (late, "late"),
        else_="on time",
    )  # fmt: skip
    connection.execute(sa.update(order).values(delivery=delivery).where(order.c.load_id >= first_load))
    touched = sa.select(order.c.customer_id).where(order.c.load_id >= first_load, order.c.customer_id.is_not(None))
    history: Any = {"partition_by": order.c.customer_id, "order_by": (order.c.ordered_at, order.c.order_id)}
    places = (
        sa.select(
            order.c.order_id,
            sa.func.row_number().over(**history).label("place"),
            sa.func.min(order.c.ordered_at).over(partition_by=order.c.customer_id).label("first"),
            sa.func.lead(order.c.ordered_at).over(**history).label("next"),
        )
        .where(order.c.customer_id.in_(touched))
        .subquery()
    )
    connection.execute(
        sa.update(order)
        .values(order_number=places.c.place, first_ordered_at=places.c.first, next_ordered_at=places.c.next)
        .where(order.c.order_id == places.c.order_id)
    )
