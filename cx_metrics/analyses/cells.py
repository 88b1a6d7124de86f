"""Counts in cells: contacts counted once, added up over fewer dimensions, small cells hidden by the statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.metrics.estimators import Expression, wilson
from cx_metrics.metrics.suppression import suppress
from cx_metrics.scope import NOT_GIVEN
from cx_metrics.warehouse import Warehouse

MINIMUM = 10  # contacts from which on a value is shown
RANKED = 30  # contacts from which on cells are compared


def tallied(rows: sa.Select[Any], groups: Sequence[str], sums: Sequence[str] = ()) -> sa.CTE:
    """One scan: the groups, n (rows) and the sums of columns of `rows`, all double.

    A missing text is called NOT_GIVEN. Where a text in the data is called so itself, both are cells of their own here
    and one in `added_up`.
    """
    given = rows.subquery()
    raw = _summed(given, groups, {"n": sa.func.count(), **{name: sa.func.sum(given.c[name]) for name in sums}})
    named = [_named(raw.c[name]).label(name) for name in groups]
    return sa.select(*named, *(raw.c[name] for name in ("n", *sums))).cte()


def _named(column: Any) -> Expression:
    return sa.func.coalesce(column, NOT_GIVEN) if isinstance(column.type, sa.String) else column


def added_up(counts: sa.FromClause, groups: Sequence[str], sums: Mapping[str, Expression]) -> sa.CTE:
    """Cells of `groups` only. sums: name -> what is added up, over the columns of `counts`."""
    summed = _summed(counts, groups, {name: sa.func.sum(value) for name, value in sums.items()})
    return sa.select(*summed.c).cte()


def _summed(rows: sa.FromClause, groups: Sequence[str], sums: Mapping[str, Expression]) -> sa.Subquery:
    keys = [rows.c[name] for name in groups]
    doubled = (sa.cast(sa.func.coalesce(value, 0), sa.Double).label(name) for name, value in sums.items())
    return sa.select(*keys, *doubled).select_from(rows).group_by(*keys).subquery()


def small_hidden(cells: sa.FromClause, groups: Sequence[str], values: Sequence[str]) -> sa.Select[Any]:
    """The cells with groups, n, values and `suppressed`: n below 5 hides the cell, n below 10 its values.

    cells: groups (never missing), n and the values. Where a subtraction would bring a hidden cell back, a sibling is
    hidden too, see `suppress`.
    """
    nothing = [sa.literal(0.0).label(name) for name in ("value", "low", "high")]
    sizes = sa.select(*(cells.c[name] for name in groups), cells.c.n, *nothing).where(cells.c.n > 0).subquery()
    seen = suppress(sizes, groups, MINIMUM).subquery()
    same = sa.and_(sa.true(), *(seen.c[name] == cells.c[name] for name in groups))
    shown = [sa.case((seen.c.value.is_not(None), cells.c[name])).label(name) for name in values]
    keys = (cells.c[name] for name in groups)
    return sa.select(*keys, seen.c.n, *shown, seen.c.suppressed).select_from(cells.join(seen, same))


def share_columns(hits: Expression, n: Expression) -> list[sa.Label[Any]]:
    """share, low, high: hits of n in per cent with the Wilson interval; missing where either is."""
    part = hits / sa.func.nullif(n, 0.0)
    low, high = wilson(part, n)
    return [(100 * part).label("share"), low.label("low"), high.label("high")]


def answered(warehouse: Warehouse, question: sa.Select[Any] | sa.CompoundSelect[Any], *numbers: str) -> pd.DataFrame:
    """The answer, with these columns as numbers even where all are missing and `suppressed` as yes or no."""
    found = warehouse.read(question)
    kinds = dict.fromkeys(numbers, float) | ({"suppressed": bool} if "suppressed" in found else {})
    return found.astype(kinds)


def in_order(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Rows sorted by these columns: stages and channels in journey order, other names by the alphabet after them."""
    place = journey.current().place
    order = sorted(range(len(table)), key=lambda row: [place(table[name].iloc[row]) for name in names])
    return table.iloc[order].reset_index(drop=True)
