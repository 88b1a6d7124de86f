"""When a customer has left: the end of their last subscription, or no further order. Shared by retention and price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import seconds_between
from cx_metrics.metrics.estimators import Expression, Total
from cx_metrics.metrics.value import REVENUE
from cx_metrics.model import orders, subscriptions

FEWEST_LEAVERS = 30  # below, nothing is said of why customers leave
HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True)
class Rule:
    """How leaving is seen. name: of what it is seen in. verb, event: what customers do who are seen to leave or return,
    for people. definition: in sentences."""

    name: str
    verb: str
    event: str
    definition: str


SUBSCRIPTION = Rule(
    "subscription", "leave", "left",
    "A customer has left when the last of their subscriptions has ended; customers without one are not looked at.",
)  # fmt: skip
ORDER = Rule(
    "order", "come back with an order", "came back with an order",
    "There are too few ended subscriptions, so staying is seen in orders: a customer who had ordered before comes back "
    "with the next order.",
)  # fmt: skip
RULES = (SUBSCRIPTION, ORDER)


def subscribers() -> sa.Subquery:
    """One row per customer with a subscription: customer_id, first_at (its start), last_at (the end of the last one;
    missing while one runs)."""
    ended = sa.case((sa.func.count() == sa.func.count(subscriptions.c.ended_at), sa.func.max(subscriptions.c.ended_at)))
    return (
        sa.select(
            subscriptions.c.customer_id,
            sa.func.min(subscriptions.c.started_at).label("first_at"),
            ended.label("last_at"),
        )
        .where(subscriptions.c.customer_id.is_not(None))
        .group_by(subscriptions.c.customer_id)
        .subquery("subscribers")
    )


def kept_order() -> Expression:
    """Orders of known customers that were not cancelled or returned."""
    assert isinstance(REVENUE.kind, Total)
    return sa.and_(REVENUE.kind.counted, orders.c.customer_id.is_not(None))


def buyers() -> sa.Subquery:
    """One row per customer with an order that was kept: customer_id, first_at (the first one), last_at (always missing,
    for a buyer can always come back)."""
    return (
        sa.select(
            orders.c.customer_id,
            sa.func.min(orders.c.ordered_at).label("first_at"),
            sa.cast(sa.null(), sa.DateTime).label("last_at"),
        )
        .where(kept_order())
        .group_by(orders.c.customer_id)
        .subquery("buyers")
    )


def customers_under(rule: Rule) -> sa.Subquery:
    """The customers whose leaving can be seen under a rule: customer_id, first_at, last_at."""
    return subscribers() if rule is SUBSCRIPTION else buyers()


def at_risk(customers: sa.FromClause, time: Any, seconds: float = 0.0) -> Expression:
    """Those of `customers_under` who had come at a time and not left up to so many seconds later."""
    stayed = sa.or_(customers.c.last_at.is_(None), seconds_between(time, customers.c.last_at) > seconds)
    return sa.and_(customers.c.first_at <= time, stayed)
