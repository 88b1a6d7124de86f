"""What the warehouse holds, counted once with each import, so that no page looks through every row for it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.columns import given_columns
from cx_metrics.dialect import bucket
from cx_metrics.model import (
    CANONICAL,
    KEYS,
    TIME_COLUMN,
    completeness,
    coverage,
    interactions,
    known_customers,
    orders,
    subscriptions,
    survey_answers,
)


def summarise(target: sa.Connection) -> None:
    """Count anew what `known_customers`, `coverage` and `completeness` tell of all facts."""
    for table, rows in (
        (known_customers, _known_customers()), (coverage, _coverage()), (completeness, _completeness()),
    ):  # fmt: skip
        target.execute(sa.delete(table))
        target.execute(sa.insert(table).from_select(list(table.c.keys()), rows))


def _known_customers() -> sa.Select[Any]:
    parts = []
    for time in (interactions.c.occurred_at, survey_answers.c.answered_at, orders.c.ordered_at,
                 subscriptions.c.started_at):  # fmt: skip
        key, contacts = time.table.c.customer_id, time.table is interactions
        count, last = (sa.func.count(), sa.func.max(time)) if contacts else (sa.literal(0), _no_time())
        figures = (count.label("contacts"), last.label("last_contact"), sa.func.max(time).label("newest_at"))
        parts.append(sa.select(key, *figures).where(key.is_not(None)).group_by(key))
    one = sa.union_all(*parts).subquery("one")
    total = sa.cast(sa.func.sum(one.c.contacts), sa.BigInteger)
    newest = (sa.func.max(one.c.last_contact), sa.func.max(one.c.newest_at))
    return sa.select(one.c.customer_id, total, *newest).group_by(one.c.customer_id)


def _coverage() -> sa.CompoundSelect[Any]:
    parts = []
    for name, table in CANONICAL.items():
        time = _time(name)
        month = _no_time() if time is None else bucket("month", time)
        ends = [_no_time(), _no_time()] if time is None else [sa.func.min(time), sa.func.max(time)]
        groups = [table.c.source] if time is None else [table.c.source, month]
        parts.append(sa.select(sa.literal(name), table.c.source, month, sa.func.count(), *ends).group_by(*groups))
    return sa.union_all(*parts)


def _completeness() -> sa.CompoundSelect[Any]:
    parts = []
    for name, table in CANONICAL.items():
        columns = [column for column in given_columns(table) if column.name not in KEYS[name]]
        counts = (sa.func.count(column).label(column.name) for column in columns)
        counted = sa.select(sa.func.count().label("rows of the table"), *counts).cte(f"counted_{name}")
        for column in columns:
            figures = (counted.c["rows of the table"], counted.c[column.name])
            parts.append(sa.select(sa.literal(name), sa.literal(column.name), *figures))
    return sa.union_all(*parts)


def _time(table: str) -> sa.ColumnElement[Any] | None:
    """When a row of a table happened; None for tables without times."""
    if table == "survey_answers":  # most invitations are never answered
        return sa.func.coalesce(survey_answers.c.answered_at, survey_answers.c.invited_at)
    return CANONICAL[table].c[TIME_COLUMN[table]] if table in TIME_COLUMN else None


def _no_time() -> sa.ColumnElement[Any]:
    return sa.cast(sa.null(), sa.DateTime)
