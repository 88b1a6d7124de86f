"""Sums for taking a change apart: one scan for both periods and all dimensions. For arithmetic, never shown as such.

A text that a dimension does not give is missing here; of a dimension with very many values the smallest are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.metrics.estimators import Expression, Mean, Net, Quantile, Share, Total
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse

OTHERS = "other groups"  # groups that are too small, or too many, to stand alone
SUMS = ("n", "size", "total", "squares", "skew", "spread")
_MOST = 50  # values of a dimension
_FINEST = 2000  # different values of a figure that are told apart


def sums_by(
    warehouse: Warehouse, metric: Metric, scope: Scope, earlier: Scope, sets: Sequence[tuple[str, ...]],
    kept: Mapping[str, Sequence[str]] | None = None, threshold: float | None = None,
) -> pd.DataFrame:  # fmt: skip
    """which (number of the set), the dimensions, rest (whether small values are pooled in it), period, SUMS.

    sets: dimensions to group by together; one alone keeps its 50 largest values. kept: dimension -> values that stand
    alone, all others being OTHERS. threshold: of a quantile, the value from which on rows count 0, others 100.
    """
    names = sorted({name for one in sets for name in one})
    rows = _rows(metric, scope, earlier, names, _columns(metric, threshold), kept or {})
    distinct = _distinct(metric)
    summed = _of_distinct(rows) if distinct is not None else _sums(rows, _weighted(metric))
    by = [tuple(rows.c[name] for name in one) for one in sets]
    grouped = sa.func.grouping_sets(*(sa.tuple_(rows.c.period, *one) for one in by))
    cells = sa.select(
        _number(sets, rows), rows.c.period, *(rows.c[name] for name in names),
        *(sa.cast(value, sa.Double).label(name) for name, value in summed.items()),
    ).group_by(grouped)  # fmt: skip
    alone = all(len(one) == 1 for one in sets)
    asked = _largest(cells.subquery("cells"), names, list(summed)) if alone else cells
    found = warehouse.read(asked)
    found[list(summed)] = found[list(summed)].astype(float)
    missing = {name: found["n"] for name in ("size", "squares") if name not in found}
    missing |= {"skew": found["total"]} if "skew" not in found else {}
    found = found.assign(**missing)
    return found if "rest" in found else found.assign(rest=0)


def _columns(metric: Metric, threshold: float | None) -> dict[str, Any]:
    """counted, y, and w or who where there is one: what `sums_by` sums of each row."""
    kind: Any = metric.kind
    found: dict[str, Any] = {"counted": kind.counted}
    if isinstance(kind, Share):
        found["y"] = sa.case((kind.hit, 100.0), else_=0.0)
    elif isinstance(kind, Net):
        found["y"] = sa.case((kind.up, 100.0), (kind.down, -100.0), else_=0.0)
    elif isinstance(kind, Quantile):
        found["counted"] = sa.and_(kind.counted, kind.values.is_not(None))
        found["y"] = sa.case((kind.values <= threshold, 100.0), else_=0.0)
    elif isinstance(kind, Mean | Total) and kind.values is not None:
        found["counted"] = sa.and_(kind.counted, kind.values.is_not(None))
        found["y"] = kind.values
    else:
        found["y"] = sa.literal(1.0)
    if _weighted(metric):
        found["w"] = sa.func.coalesce(kind.weight, 0.0)
    if (who := _distinct(metric)) is not None:
        found["who"] = who
    return found


def _weighted(metric: Metric) -> bool:
    return getattr(metric.kind, "weight", None) is not None


def _distinct(metric: Metric) -> Expression | None:
    found: Expression | None = getattr(metric.kind, "distinct", None)
    return found


def _rows(
    metric: Metric, scope: Scope, earlier: Scope, names: Sequence[str], columns: Mapping[str, Any],
    kept: Mapping[str, Sequence[str]],
) -> sa.Subquery:  # fmt: skip
    """The rows that count: period (0 before, 1 now), the dimensions as texts, y, and w or who."""
    dimensions, used = metric.fact.dimensions, [*names, *(name for name, _ in scope.filters)]
    now, before = (sa.and_(*metric.fact.conditions(one, metric.time)) for one in (scope, earlier))
    texts: dict[str, Any] = {name: sa.cast(dimensions[name], sa.Text) for name in names}
    for name, values in kept.items():
        known = [value for value in values if value not in (NOT_GIVEN, OTHERS)]
        stays = [(texts[name].in_(known), texts[name])]
        stays += [(texts[name].is_(None), sa.literal(NOT_GIVEN))] if NOT_GIVEN in values else []
        texts[name] = sa.case(*stays, else_=OTHERS)
    plain = [value.label(name) for name, value in columns.items() if name != "counted"]
    asked: sa.Select[Any] = sa.select(sa.case((now, 1), else_=0).label("period"))
    named: list[Any] = [text.label(name) for name, text in texts.items()]
    asked = asked.add_columns(*named)
    asked = asked.add_columns(*plain).select_from(metric.fact.source(used))
    return asked.where(sa.or_(now, before), columns["counted"]).subquery("rows")


def _sums(rows: sa.Subquery, weighted: bool) -> dict[str, Expression]:
    y: Any = sa.cast(rows.c.y, sa.Double)
    if not weighted:
        return {"n": sa.func.count(), "total": sa.func.sum(y), "spread": sa.func.sum(y * y)}
    w: Any = sa.cast(rows.c.w, sa.Double)
    products = {"size": w, "total": w * y, "squares": w * w, "skew": w * w * y, "spread": w * w * y * y}
    return {"n": sa.func.count(), **{name: sa.func.sum(product) for name, product in products.items()}}


def _of_distinct(rows: sa.Subquery) -> dict[str, Expression]:
    """Different ones: all, and those with any row that hits (or, of a count, all again)."""
    hits = sa.cast(sa.func.count(sa.distinct(sa.case((rows.c.y > 0, rows.c.who)))), sa.Double)
    one = sa.func.max(rows.c.y)  # 100 of a share, 1 of a count
    return {"n": sa.func.count(sa.distinct(rows.c.who)), "total": hits * one, "spread": hits * one * one}


def _number(sets: Sequence[tuple[str, ...]], rows: sa.Subquery) -> sa.Label[Any]:
    """Which of the sets a row of the answer belongs to."""
    names = sorted({name for one in sets for name in one})
    there = []
    for number, one in enumerate(sets):
        marks = [sa.func.grouping(rows.c[name]) == (0 if name in one else 1) for name in names]
        there.append((sa.and_(*marks), number))
    return sa.case(*there).label("which")


def _largest(cells: sa.Subquery, names: Sequence[str], sums: Sequence[str]) -> sa.Select[Any]:
    """Cells of one dimension each, those beyond its largest values added up (rest = 1)."""
    value = sa.func.coalesce(*(cells.c[name] for name in names), None) if len(names) > 1 else cells.c[names[0]]
    valued = sa.select(
        cells.c.which, cells.c.period, value.label("value"), *(cells.c[name] for name in sums)
    ).subquery()
    both = sa.func.sum(valued.c.n).over(partition_by=[valued.c.which, valued.c.value])
    sized = sa.select(*valued.c, both.label("both")).subquery()
    order = [sized.c.both.desc(), sized.c.value]
    place = sa.func.dense_rank().over(partition_by=sized.c.which, order_by=order)
    placed = sa.select(*sized.c, place.label("place")).subquery()
    beyond = placed.c.place > _MOST
    named = sa.select(
        placed.c.which, placed.c.period, sa.case((beyond, None), else_=placed.c.value).label("value"),
        sa.case((beyond, 1), else_=0).label("rest"), *(placed.c[name] for name in sums),
    ).subquery()  # fmt: skip
    keys = [named.c[name] for name in ("which", "value", "rest", "period")]
    added = (sa.func.sum(named.c[name]).label(name) for name in sums)
    return sa.select(*keys, *added).group_by(*keys)


def distributions(
    warehouse: Warehouse, metric: Metric, scope: Scope, earlier: Scope, names: Sequence[str]
) -> pd.DataFrame:
    """Of a quantile: which (number of the dimension, missing: all rows), value, period, x, n, in order of x.

    Where a figure has more than 2,000 different values, neighbours that hold a 2,000th of the rows are one, the largest
    of them.
    """
    assert isinstance(metric.kind, Quantile)
    columns = _columns(metric, 0.0) | {"x": sa.cast(metric.kind.values, sa.Double)}
    del columns["y"]
    rows = _rows(metric, scope, earlier, names, columns, {})
    counted = sa.select(rows.c.x, sa.func.count().label("n")).group_by(rows.c.x).subquery("counted")
    upto = sa.cast(sa.func.sum(counted.c.n).over(order_by=counted.c.x), sa.Double)
    whole = sa.cast(sa.func.sum(counted.c.n).over(), sa.Double)
    step = sa.func.ceil(_FINEST * upto / whole)
    ranked = sa.select(counted.c.x, step.label("step"), sa.func.count().over().label("different")).subquery()
    top = sa.func.max(ranked.c.x).over(partition_by=ranked.c.step)
    steps = sa.select(
        ranked.c.x, sa.case((ranked.c.different > _FINEST, top), else_=ranked.c.x).label("top")
    ).subquery()
    stepped = sa.select(rows.c.period, *(rows.c[name] for name in names), steps.c.top.label("x"))
    stepped_rows = stepped.select_from(rows.join(steps, rows.c.x == steps.c.x)).subquery("stepped")
    own = [stepped_rows.c[name] for name in names]
    keys = (stepped_rows.c.period, stepped_rows.c.x)
    sets: list[tuple[str, ...]] = [(name,) for name in names]
    grouped = sa.func.grouping_sets(sa.tuple_(*keys), *(sa.tuple_(*keys, column) for column in own))
    value = sa.func.coalesce(*own, None) if len(own) > 1 else own[0] if own else sa.null()
    number = _number(sets, stepped_rows) if sets else sa.literal(None).label("which")
    asked = sa.select(number, value.label("value"), *keys, sa.func.count().label("n")).group_by(grouped)
    found = warehouse.read(asked).astype({"x": float, "n": float})
    return found.sort_values(["which", "x"], ignore_index=True)
