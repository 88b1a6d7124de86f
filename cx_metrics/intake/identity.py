"""Identities: which key of which source is which customer.

A customer of another source with the same e-mail address is the same customer; within one source two keys stay two
customers (families share addresses). Facts keep the source's own key in `source_customer_key`, so that a match can be
undone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.columns import given_columns
from cx_metrics.model import CANONICAL, customers, identities

_SURE = 0.9  # an e-mail address can be shared or retired
FACTS = tuple(t for t in CANONICAL.values() if "source_customer_key" in t.c and t is not identities)


def match_customers(target: sa.Connection, fresh: sa.Table, source: str, load_id: int) -> tuple[int, int]:
    """Join staged customers to known ones of other sources by e-mail, and take them out of `fresh`.

    Their details fill what is empty in the known customer. Returns (newly matched, matched before).
    """
    before = _matched(identities, fresh, source)
    known = target.execute(sa.select(sa.func.count()).select_from(fresh).where(sa.exists().where(before))).scalar_one()
    same_mail = sa.func.lower(fresh.c.email) == sa.func.lower(customers.c.email)
    first = (
        sa.select(
            fresh.c.customer_id.label("source_customer_key"),
            sa.func.min(customers.c.customer_id).label("customer_id"),
        )
        .join(customers, sa.and_(same_mail, customers.c.source != source))
        .where(fresh.c.customer_id != customers.c.customer_id, ~sa.exists().where(before))
        .where(~sa.exists().where(customers.alias("own").c.customer_id == fresh.c.customer_id))
        .group_by(fresh.c.customer_id)
        .subquery()
    )
    values: list[Any] = [
        first.c.source_customer_key, first.c.customer_id, sa.literal("email"), sa.literal(_SURE, sa.Double),
        sa.literal(source), first.c.source_customer_key, sa.cast(sa.literal(load_id), sa.BigInteger),
    ]  # fmt: skip
    names = ["source_customer_key", "customer_id", "matched_by", "confidence", "source", "source_key", "load_id"]
    target.execute(sa.insert(identities).from_select(names, sa.select(*values)))
    count = sa.select(sa.func.count()).select_from(identities)
    matched = target.execute(count.where(identities.c.load_id == load_id)).scalar_one()
    if matched or known:
        details = [c.name for c in given_columns(customers) if c.name != "customer_id"]
        filled = {name: sa.func.coalesce(customers.c[name], fresh.c[name]) for name in details}
        same = sa.and_(_matched(identities, fresh, source), identities.c.customer_id == customers.c.customer_id)
        target.execute(sa.update(customers).values(filled).where(same))
        target.execute(sa.delete(fresh).where(sa.exists().where(_matched(identities, fresh, source))))
    return matched, known


def _matched(identity: sa.Table, rows: sa.Table, source: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        identity.c.source == source,
        identity.c.source_customer_key == rows.c.customer_id,
        identity.c.customer_id != rows.c.customer_id,
    )


def apply_identities(target: sa.Connection, rows: sa.Table, source: str) -> int:
    """Give the source's rows the customer that their source key belongs to; returns how many changed."""
    if (
        target.execute(sa.select(identities.c.customer_id).where(identities.c.source == source).limit(1)).first()
        is None
    ):
        return 0
    values = {"source_customer_key": rows.c.customer_id, "customer_id": identities.c.customer_id}
    theirs = [rows.c.source == source] if "source" in rows.c else []  # staged rows are of one source
    return target.execute(sa.update(rows).values(values).where(_matched(identities, rows, source), *theirs)).rowcount
