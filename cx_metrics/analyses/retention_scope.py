"""Whom the Retention page looks at, and until when: filters that customers have, and where the data end."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.dialect import seconds_between
from cx_metrics.metrics.facts import OF_CUSTOMER
from cx_metrics.model import customers, interactions, orders, subscriptions
from cx_metrics.scope import DIMENSIONS, NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse

MONTH_DAYS = 30.4375
DAY = 86_400.0
CHANNEL = "channel"  # of the customer's first contact
GROUPS = {
    **{name: DIMENSIONS[name] for name in ("segment", "region", "country", "generation")}, CHANNEL: "first channel",
}  # fmt: skip
FIRST_CONTACT_DAYS = 30  # after the start; a later first contact would only be had by those who stayed that long


@dataclass(frozen=True)
class Looked:
    """scope: with the filters that customers have. dropped: the others. orders_until, subscriptions_until: the
    midnight at which looking ends, None where there are no such rows before it."""

    scope: Scope
    dropped: tuple[str, ...]
    orders_until: datetime.datetime | None
    subscriptions_until: datetime.datetime | None


def looked_at(warehouse: Warehouse, scope: Scope) -> Looked:
    """The part of a scope that holds for customers, and the ends of the two kinds of data."""
    kept = tuple((name, values) for name, values in scope.filters if name in OF_CUSTOMER)
    dropped = tuple(name for name, _ in scope.filters if name not in OF_CUSTOMER)
    ordered, started = orders.c.ordered_at, subscriptions.c.started_at
    ends = sa.select(
        *(sa.select(end(column)).scalar_subquery().label(name) for name, end, column in (
            ("first_order", sa.func.min, ordered), ("last_order", sa.func.max, ordered),
            ("first_start", sa.func.min, started), ("last_start", sa.func.max, started),
            ("last_contact", sa.func.max, interactions.c.occurred_at),
        ))
    )  # fmt: skip
    found = warehouse.read(ends).iloc[0]
    anything = found[["last_order", "last_start", "last_contact"]].dropna()
    bought = _until(found["first_order"], found["last_order"], scope.end)
    subscribed = _until(found["first_start"], anything.max() if len(anything) else None, scope.end)
    return Looked(replace(scope, filters=kept), dropped, bought, subscribed)


def _until(first: Any, last: Any, end: datetime.date | None) -> datetime.datetime | None:
    """Midnight after the last day of the data, or of the scope where that is earlier."""
    if pd.isna(first):
        return None
    day = pd.Timestamp(last).date()
    midnight = datetime.datetime.combine(min(day, end or day) + datetime.timedelta(days=1), datetime.time())
    return midnight if pd.Timestamp(first) < midnight else None


def those_of(people: sa.FromClause, scope: Scope) -> sa.Select[Any]:
    """The rows of `people` (with a customer_id) whose customers pass the scope's filters."""
    where = Scope(filters=scope.filters).conditions(None, OF_CUSTOMER)
    source = people.outerjoin(customers, customers.c.customer_id == people.c.customer_id) if where else people
    return sa.select(*people.c).select_from(source).where(*where)


def days_between(start: Any, end: Any) -> Any:
    """Whole days from one time to another, as a number of SQL."""
    return sa.func.floor(seconds_between(start, end) / DAY)


def grouped(people: sa.FromClause, by: str) -> sa.Subquery:
    """`people` (customer_id, first_at, ...) with a column `group`: a text, NOT_GIVEN where missing; "all" without by.

    by: of GROUPS, or empty. By channel, only those who came since contacts are in the data: of the others nobody knows.
    """
    group: Any = sa.literal("all")
    source: sa.FromClause = people
    where: list[Any] = []
    if by == CHANNEL:
        first = _first_contacts()
        early = days_between(people.c.first_at, first.c.occurred_at) <= FIRST_CONTACT_DAYS
        source = people.outerjoin(first, sa.and_(first.c.customer_id == people.c.customer_id, early))
        group = sa.func.coalesce(first.c.channel, NOT_GIVEN)
        where = [people.c.first_at >= sa.select(sa.func.min(interactions.c.occurred_at)).scalar_subquery()]
    elif by:
        source = people.outerjoin(customers, customers.c.customer_id == people.c.customer_id)
        group = sa.func.coalesce(OF_CUSTOMER[by], NOT_GIVEN)
    return sa.select(*people.c, group.label("group")).select_from(source).where(*where).subquery("grouped")


def _first_contacts() -> sa.Subquery:
    """The first contact of each customer: customer_id, occurred_at, channel."""
    place = sa.func.row_number().over(
        partition_by=interactions.c.customer_id, order_by=(interactions.c.occurred_at, interactions.c.interaction_id)
    )
    contact = interactions.c
    rows = sa.select(contact.customer_id, contact.occurred_at, contact.channel, place.label("place"))
    numbered = rows.where(contact.customer_id.is_not(None)).subquery("numbered")
    kept = sa.select(numbered.c.customer_id, numbered.c.occurred_at, numbered.c.channel)
    return kept.where(numbered.c.place == 1).subquery("first_contacts")
