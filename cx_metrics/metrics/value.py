"""What customers do: how many are active, what they buy, and whether they buy again."""

from __future__ import annotations

import sqlalchemy as sa

from cx_metrics.metrics.estimators import Share, Total
from cx_metrics.metrics.facts import ACTIVITY, ORDERS
from cx_metrics.metrics.metric import Metric
from cx_metrics.model import orders as order

_CANCELLED = ("canceled", "cancelled", "refunded", "returned", "voided", "unavailable", "failed")
_kept = sa.or_(order.c.status.is_(None), sa.func.lower(order.c.status).not_in(_CANCELLED))
_buyer = sa.and_(_kept, order.c.customer_id.is_not(None))

ACTIVE_CUSTOMERS = Metric(
    name="active_customers",
    title="Active customers",
    unit="count",
    better="higher",
    definition="Number of different customers with at least one contact or order in the period.",
    formula="count of distinct customers; interval: Poisson",
    source="Breslow and Day 1987 (Byar) for the interval",
    needs="contacts or orders with a customer: interactions.customer_id or orders.customer_id",
    fact=ACTIVITY,
    time=ACTIVITY.rows.c.happened_at,
    kind=Total(ACTIVITY.rows.c.customer_id.is_not(None), distinct=ACTIVITY.rows.c.customer_id),
    minimum_n=5,
    headline=True,
)
REVENUE = Metric(
    name="revenue",
    title="Revenue",
    unit="money",
    better="higher",
    definition="Sum of the amounts of orders that were not cancelled or returned, in their currency.",
    formula="sum of order amounts; with several currencies there is no sum until one is chosen; interval: compound "
    "Poisson",
    source="Variance of a compound Poisson sum: sum of squares",
    needs="orders with amounts: orders.amount",
    fact=ORDERS,
    time=order.c.ordered_at,
    kind=Total(_kept, values=order.c.amount, single=order.c.currency),
    undefined="the orders are in several currencies: choose one, or group by currency",
    minimum_n=5,
    headline=True,
)
REPEAT_PURCHASE = Metric(
    name="repeat_purchase",
    title="Repeat purchase rate",
    unit="%",
    better="higher",
    definition="Share of the period's buyers who had bought before, within the period or earlier.",
    formula="customers with an order in the period that is not their first / customers with an order in the period",
    source="Fader and Hardie, customer-base audit",
    needs="orders with a customer: orders.customer_id",
    fact=ORDERS,
    time=order.c.ordered_at,
    kind=Share(_buyer, order.c.order_number > 1, distinct=order.c.customer_id),
    headline=True,
)
METRICS = (ACTIVE_CUSTOMERS, REVENUE, REPEAT_PURCHASE)
