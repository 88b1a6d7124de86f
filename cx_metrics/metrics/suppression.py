"""Small groups are hidden inside the statement, so that no page can forget.

n below 5: count and value are hidden, and, where a subtraction from the total would reveal the cell, one of its
siblings too. n below the metric's minimum: the count stands, the value is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

HIDDEN_BELOW = 5


def suppress(cells: sa.Subquery, groups: Sequence[str], minimum_n: int) -> sa.Select[tuple[object, ...]]:
    """Cells (groups, n, value, low, high) with small ones hidden, and a column `suppressed`.

    groups: the columns that tell the cells apart. In a line along one of them (the others held fixed) never exactly
    one cell is hidden, unless it is alone there.
    """
    small = sa.case((sa.and_(cells.c.n > 0, cells.c.n < HIDDEN_BELOW), 1), else_=0)
    marked = sa.select(*cells.c, small.label("hidden"))
    current = _closed(marked, groups) if len(groups) > 1 else _with_siblings(marked.subquery(), groups)
    hidden = current.c.hidden == 1
    unseen = sa.or_(hidden, sa.and_(current.c.n > 0, current.c.n < minimum_n))
    shown = [sa.case((sa.not_(unseen), current.c[name])).label(name) for name in ("value", "low", "high")]
    n = sa.case((sa.not_(hidden), current.c.n)).label("n")
    return sa.select(*(current.c[group] for group in groups), n, *shown, unseen.label("suppressed"))


def _closed(marked: sa.Select[tuple[object, ...]], groups: Sequence[str]) -> sa.Subquery:
    """Hide siblings until no line needs one: a sibling hidden along one dimension can be alone along another.

    How many steps that takes depends on the table, so the statement recurses; each step hides at least one more cell.
    """
    steps = marked.add_columns(sa.literal(0).label("step")).cte(recursive=True)
    before = sa.select(*steps.c, steps.c.hidden.label("hidden_before")).subquery()
    after = _with_siblings(before, groups)
    news = sa.func.max(after.c.hidden - after.c.hidden_before).over()
    moved = sa.select(*after.c, news.label("news")).subquery()
    following = [moved.c.step + 1 if column.name == "step" else moved.c[column.name] for column in steps.c]
    steps = steps.union_all(sa.select(*following).where(moved.c.news == 1))
    last = sa.select(*steps.c, sa.func.max(steps.c.step).over().label("last_step")).subquery()
    return sa.select(*last.c).where(last.c.step == last.c.last_step).subquery()


def _with_siblings(cells: sa.Subquery, groups: Sequence[str]) -> sa.Subquery:
    for group in groups:
        cells = _with_sibling(cells, group, groups)
    return cells


def _with_sibling(cells: sa.Subquery, group: str, groups: Sequence[str]) -> sa.Subquery:
    """Where exactly one cell of a line along `group` is hidden, hide another one.

    The one that would need the fewest further siblings along the other dimensions is taken, of these the smallest.
    """

    def hidden_along(name: str) -> sa.ColumnElement[int]:
        line = [cells.c[other] for other in groups if other != name] or None
        return sa.func.sum(cells.c.hidden).over(partition_by=line)

    untouched = [sa.case((hidden_along(name) == 0, 1), else_=0) for name in groups if name != group]
    counted = sa.select(
        *cells.c, hidden_along(group).label("hidden_here"), sum(untouched, start=sa.literal(0)).label("untouched")
    ).subquery()
    line = [counted.c[name] for name in groups if name != group] or None
    keys = [counted.c[name] for name in groups]
    order = (counted.c.hidden, sa.case((counted.c.n > 0, 0), else_=1), counted.c.untouched, counted.c.n, *keys)
    place = sa.func.row_number().over(partition_by=line, order_by=order)
    placed = sa.select(*counted.c, place.label("place")).subquery()
    too = sa.and_(placed.c.hidden_here == 1, placed.c.place == 1, placed.c.hidden == 0, placed.c.n > 0)
    hidden = sa.case((too, 1), else_=placed.c.hidden).label("hidden")
    return sa.select(*(hidden if column.name == "hidden" else placed.c[column.name] for column in cells.c)).subquery()
