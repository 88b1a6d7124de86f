"""What became of customers after each contact: how long until they left, or came back with an order.

The follow-up begins when the window for a further contact is over. Signals such as a repeat contact are known only
then; begun earlier, it would credit them with days on which nobody who shows them can have left (immortal time, Suissa
2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.answers_with_signals import CONTROLS
from cx_metrics.analyses.leaving import DAY, SUBSCRIPTION, Rule, at_risk, customers_under, kept_order
from cx_metrics.dialect import bucket, seconds_between
from cx_metrics.metrics.facts import CONTACTS, last_time
from cx_metrics.metrics.random_groups import group_of
from cx_metrics.metrics.signals import Signal
from cx_metrics.model import interactions, orders
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

LIMIT = 20_000  # contacts; more would make the answer slower, hardly clearer
_SPARE = 1.2  # customers drawn beyond the expected need, so that the limit is reached
_HEX = 8  # digits of the hash that customers are drawn by
_UNTIL = ("event", "contact", "end")


def follow_ups(
    warehouse: Warehouse, scope: Scope, rule: Rule, found: tuple[Signal, ...], limit: int = LIMIT
) -> tuple[pd.DataFrame, int]:
    """The period's contacts of customers who had not left by the end of the window, and how many there are.

    One row per contact, at most `limit`, of whole customers in the order of a hash, each customer's by time:
    customer_id, at, group (random group), stage, channel, segment, quarter (its first day), until_event, until_contact
    and until_end (days from the end of the window until the customer left, or ordered; until the next contact; until
    the data end; missing: never), and per signal i x<i> (there) and v<i> (it can be said).
    """
    total = int(warehouse.read(_count(scope, rule))["n"].astype(int).sum())
    rows = warehouse.read(_rows(scope, rule, found, _threshold(total, limit), limit))
    if len(rows) == limit and rows["customer_id"].nunique() > 1:  # the last customer may have been cut in two
        rows = rows[rows["customer_id"] != rows["customer_id"].iloc[-1]]
    days = {f"until_{name}": rows[f"until_{name}"].astype(float) / DAY for name in _UNTIL}
    told = rows.drop(columns=["x", "v"]).assign(**days)
    for kind in ("x", "v"):
        numbers = rows[kind].to_numpy(np.int64)
        told = told.assign(**{f"{kind}{place}": ((numbers >> place) & 1).astype(float) for place in range(len(found))})
    return told[days["until_end"] > 0].reset_index(drop=True), total


def bits(conditions: Sequence[Any]) -> sa.ColumnElement[int]:
    """A number whose bit i says whether condition i holds: one column travels faster than many."""
    held = [sa.case((condition, 2**place), else_=0) for place, condition in enumerate(conditions)]
    return sa.cast(sum(held, start=sa.literal(0)), sa.BigInteger)


def _pause(scope: Scope) -> int:
    """Seconds from a contact to the end of the window for a further one."""
    return int(DAY * scope.limits.repeat_days)


def _count(scope: Scope, rule: Rule) -> sa.Select[Any]:
    people = customers_under(rule)
    source = CONTACTS.source([name for name, _ in scope.filters])
    source = source.join(people, interactions.c.customer_id == people.c.customer_id)
    where = scope.conditions(interactions.c.occurred_at, CONTACTS.dimensions)
    where.append(at_risk(people, interactions.c.occurred_at, _pause(scope)))
    return sa.select(sa.func.count().label("n")).select_from(source).where(*where)


def _threshold(total: int, limit: int) -> str | None:
    """Hashes below this one belong to about as many contacts as are wanted; None: all."""
    share = _SPARE * limit / max(total, 1)
    return None if share >= 1 else f"{int(share * 16**_HEX):0{_HEX}x}"


def _rows(scope: Scope, rule: Rule, found: tuple[Signal, ...], threshold: str | None, limit: int) -> sa.Select[Any]:
    under, pause = customers_under(rule), _pause(scope)
    digest = sa.func.substr(sa.func.md5(under.c.customer_id), 9)  # its first digits make the random groups
    drawn = sa.select(*under.c, digest.label("digest"))
    course = _course((drawn if threshold is None else drawn.where(digest < threshold)).cte("drawn"), rule, pause)
    contact, at, by_subscription = interactions, interactions.c.occurred_at, rule is SUBSCRIPTION
    times = (
        course.c.last_at if by_subscription else course.c.next_order_at,
        course.c.next_contact_at,
        last_time("interactions", "occurred_at") if by_subscription else last_time("orders", "ordered_at"),
    )
    until = [
        (seconds_between(at, time) - pause).label(f"until_{name}") for name, time in zip(_UNTIL, times, strict=True)
    ]
    flags = [
        bits([signal.there for signal in found]).label("x"),
        bits([signal.judged for signal in found]).label("v"),
    ]
    controls = [CONTACTS.dimensions[name].label(name) for name in CONTROLS]
    controls += [bucket("quarter", at).label("quarter"), group_of(course.c.customer_id).label("group")]
    return (
        sa.select(course.c.customer_id, at.label("at"), *controls, *until, *flags)
        .select_from(CONTACTS.source(CONTROLS).join(course, contact.c.interaction_id == course.c.interaction_id))
        .where(*scope.conditions(at, CONTACTS.dimensions), at_risk(course, at, pause))
        .order_by(course.c.digest, course.c.customer_id, at, contact.c.interaction_id)
        .limit(limit)
    )


def _course(people: sa.CTE, rule: Rule, pause: int) -> sa.Subquery:
    """One row per contact of these customers, in or out of the scope, with the first contact and the first order that
    came more than `pause` seconds later."""

    def since(time: Any) -> Any:
        return sa.cast(seconds_between(people.c.first_at, time), sa.BigInteger).label("since")

    contact, at, kind = interactions, interactions.c.occurred_at, sa.literal(1).label("kind")
    happened: Any = sa.select(people.c.customer_id, contact.c.interaction_id, at.label("at"), since(at), kind)
    happened = happened.join(people, contact.c.customer_id == people.c.customer_id)
    if rule is not SUBSCRIPTION:
        missing, at = sa.cast(sa.null(), sa.Text), orders.c.ordered_at
        bought = sa.select(people.c.customer_id, missing, at, since(at), sa.literal(0))
        bought = bought.join(people, orders.c.customer_id == people.c.customer_id).where(kept_order())
        happened = sa.union_all(happened, bought)
    happened = happened.subquery("happened")
    later: Any = {"partition_by": happened.c.customer_id, "order_by": happened.c.since, "range_": (pause + 1, None)}
    contact_at, order_at = (sa.case((happened.c.kind == number, happened.c.at)) for number in (1, 0))
    seen = sa.select(
        happened.c.customer_id, happened.c.interaction_id,
        sa.func.min(contact_at).over(**later).label("next_contact_at"),
        sa.func.min(order_at).over(**later).label("next_order_at"),
    ).subquery("seen")  # fmt: skip
    return (
        sa.select(*seen.c, people.c.first_at, people.c.last_at, people.c.digest)
        .join(people, seen.c.customer_id == people.c.customer_id)
        .where(seen.c.interaction_id.is_not(None))
        .subquery("course")
    )
