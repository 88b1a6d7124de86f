"""Small groups are hidden inside the statement, so that no page can forget.

n below 5: count and value are hidden, and, where a subtraction from the total would reveal the cell, the smallest of its
siblings too. n below the metric's minimum: the count stands, the value is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

HIDDEN_BELOW = 5
_ROUNDS = 3  # hiding a sibling along one dimension can leave a single hidden cell along another


def suppress(cells: sa.Subquery, groups: Sequence[str], minimum_n: int) -> sa.Select[tuple[object, ...]]:
    """Cells (groups, n, value, low, high) with small ones hidden, and a column `suppressed`.

    groups: the columns that tell the cells apart; within each line along one of them at most... never exactly one cell
    is hidden when there is another to hide.
    """
    small = sa.case((sa.and_(cells.c.n > 0, cells.c.n < HIDDEN_BELOW), 1), else_=0)
    current = sa.select(*cells.c, small.label("hidden")).subquery()
    for _ in range(_ROUNDS if len(groups) > 1 else 1):
        for group in groups:
            current = _with_sibling(current, group, groups)
    hidden = current.c.hidden == 1
    unseen = sa.or_(hidden, sa.and_(current.c.n > 0, current.c.n < minimum_n))
    shown = [sa.case((sa.not_(unseen), current.c[name])).label(name) for name in ("value", "low", "high")]
    n = sa.case((sa.not_(hidden), current.c.n)).label("n")
    return sa.select(*(current.c[group] for group in groups), n, *shown, unseen.label("suppressed"))


def _with_sibling(cells: sa.Subquery, group: str, groups: Sequence[str]) -> sa.Subquery:
    """Where exactly one cell of a line along `group` is hidden, hide the smallest other one."""
    line = [cells.c[name] for name in groups if name != group] or None
    hidden_here = sa.func.sum(cells.c.hidden).over(partition_by=line)
    by_size = sa.func.row_number().over(
        partition_by=line,
        order_by=(cells.c.hidden, sa.case((cells.c.n > 0, 0), else_=1), cells.c.n, *(cells.c[name] for name in groups)),
    )
    marked = sa.select(*cells.c, hidden_here.label("hidden_here"), by_size.label("by_size")).subquery()
    too = sa.and_(marked.c.hidden_here == 1, marked.c.by_size == 1, marked.c.hidden == 0, marked.c.n > 0)
    kept = [column for column in marked.c if column.name not in ("hidden", "hidden_here", "by_size")]
    return sa.select(*kept, sa.case((too, 1), else_=marked.c.hidden).label("hidden")).subquery()
