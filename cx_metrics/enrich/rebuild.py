"""Putting rows back with their derived columns anew.

Rows are taken out and added again, because updating text columns in place is, on the embedded engine, a hundred times
slower: each changed value merges into its block's list of changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from cx_metrics.model import KEYS

Derive = Callable[[sa.FromClause], tuple[dict[str, Any], sa.FromClause]]


def rebuild(target: sa.Connection, table: sa.Table, concerned: sa.ColumnElement[bool], derive: Derive) -> None:
    """Derive columns of the rows of `table` that `concerned` selects.

    derive: given those rows, the new expressions by column, and what to select them from (the rows, joined or not).
    """
    if target.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is None:
        return
    columns = [sa.Column(column.name, column.type) for column in table.columns]
    rows = sa.Table(f"taken_{table.name}", sa.MetaData(), *columns, prefixes=["TEMPORARY"])
    rows.create(target)
    target.execute(sa.insert(rows).from_select(list(rows.c.keys()), sa.select(table).where(concerned)))
    key = KEYS[table.name][0]
    target.execute(sa.delete(table).where(table.c[key].in_(sa.select(rows.c[key]))))
    derived, source = derive(rows)
    values = [derived.get(column.name, column).label(column.name) for column in rows.columns]
    target.execute(sa.insert(table).from_select(list(rows.c.keys()), sa.select(*values).select_from(source)))
    rows.drop(target)
