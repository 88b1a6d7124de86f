"""Sums of an initiative's target metric per group and week. For arithmetic, never shown as such.

A week is seven days from the initiative's first day on, so that the start never splits one: week 0 begins with it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.initiative import Filters
from cx_metrics.dialect import seconds_between
from cx_metrics.metrics.differences import SIGNS, clustered_error, pull
from cx_metrics.metrics.estimators import Mean, Net, Share, Z
from cx_metrics.metrics.metric import Metric, Whole
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

BOTH = 2  # the arm of rows that fall in both groups
_WEEK = 7 * 86_400.0


@dataclass(frozen=True)
class Question:
    """metric: under the company's limits. target, comparison: the groups. start: first day. weeks: the first and the
    last that are looked at, both included, or None = all."""

    metric: Metric
    target: Filters
    comparison: Filters
    start: datetime.date
    weeks: tuple[int, int] | None = None


def by_rows(metric: Metric) -> bool:
    """Whether the metric is a plain mean of its rows, each with a contribution of its own."""
    kind: Any = metric.kind
    if isinstance(kind, Mean):
        return True
    return isinstance(kind, Share | Net) and kind.weight is None and getattr(kind, "distinct", None) is None


def _contribution(metric: Metric) -> tuple[Any, Any]:
    """Which rows count, and what each gives: 0 or 100, -100, 0 or 100, or its value."""
    kind: Any = metric.kind
    if isinstance(kind, Share):
        return kind.counted, sa.case((kind.hit, 100.0), else_=0.0)
    if isinstance(kind, Net):
        return kind.counted, sa.case((kind.up, 100.0), (kind.down, -100.0), else_=0.0)
    return sa.and_(kind.counted, kind.values.is_not(None)), sa.cast(kind.values, sa.Double)


def _week(asked: Question) -> Any:
    zero: Any = sa.literal_column(f"TIMESTAMP '{asked.start.isoformat()} 00:00:00'")  # no parameter, lest groups differ
    return sa.cast(sa.func.floor(seconds_between(zero, asked.metric.time) / _WEEK), sa.Integer)


def _within(asked: Question) -> list[Any]:
    if asked.weeks is None:
        return []
    first, last = (asked.start + datetime.timedelta(days=7 * week) for week in (asked.weeks[0], asked.weeks[1] + 1))
    return Scope(first, last - datetime.timedelta(days=1)).conditions(asked.metric.time, {})


def _fits(metric: Metric, filters: Filters) -> Any:
    return sa.and_(*metric.fact.conditions(Scope(filters=filters), metric.time))


def _arm(asked: Question) -> Any:
    target, comparison = _fits(asked.metric, asked.target), _fits(asked.metric, asked.comparison)
    return sa.case((sa.and_(target, comparison), BOTH), (target, 1), (comparison, 0))


def _used(*filters: Filters) -> list[str]:
    return [name for one in filters for name, _ in one]


def _rows(asked: Question, **more: Any) -> sa.Subquery:
    """The rows of both groups: arm, week, y and what else is named."""
    counted, y = _contribution(asked.metric)
    columns = {"arm": _arm(asked), "week": _week(asked), "y": sa.cast(y, sa.Double), **more}
    labelled = [column.label(name) for name, column in columns.items()]
    source = asked.metric.fact.source(_used(asked.target, asked.comparison))
    either = sa.or_(_fits(asked.metric, asked.target), _fits(asked.metric, asked.comparison))
    where = [counted, asked.metric.time.is_not(None), either, *_within(asked)]
    return sa.select(*labelled).select_from(source).where(*where).subquery("rows")


def _sums(warehouse: Warehouse, rows: sa.Subquery, keys: tuple[str, ...]) -> pd.DataFrame:
    named = [rows.c[name] for name in keys]
    y = rows.c.y
    sums = {"n": sa.func.count(), "total": sa.func.sum(y), "squares": sa.func.sum(y * y)}
    labelled = [sa.cast(value, sa.Double).label(name) for name, value in sums.items()]
    found = warehouse.read(sa.select(*named, *labelled).group_by(*named).order_by(*named))
    return found.astype(dict.fromkeys(sums, float))


def weekly_sums(warehouse: Warehouse, asked: Question) -> pd.DataFrame:
    """arm (1 target, 0 comparison, BOTH), week, n, total, squares of a metric that is `by_rows`."""
    return _sums(warehouse, _rows(asked), ("arm", "week"))


def sums_by_value(warehouse: Warehouse, asked: Question, dimension: str) -> pd.DataFrame:
    """value, week, n, total, squares of every value of a dimension, whichever group it belongs to."""
    metric = asked.metric
    counted, y = _contribution(metric)
    value = metric.fact.dimensions[dimension]
    columns = (sa.cast(value, sa.Text).label("value"), _week(asked).label("week"), sa.cast(y, sa.Double).label("y"))
    where = [counted, metric.time.is_not(None), value.is_not(None), *_within(asked)]
    rows = sa.select(*columns).select_from(metric.fact.source([dimension])).where(*where).subquery("rows")
    return _sums(warehouse, rows, ("value", "week"))


def units(metric: Metric) -> dict[str, str]:
    """By what rows may be clustered: name for people -> column of the fact's rows."""
    known = {"agents": "agent_id", "customers": "customer_id"}
    return {name: column for name, column in known.items() if column in metric.fact.rows.c}


def unit_error(
    warehouse: Warehouse, asked: Question, column: str, means: np.ndarray, size: np.ndarray
) -> tuple[float, int, int]:
    """Standard error of the effect clustered by a column, and how many units the target and the comparison group have;
    rows without a unit are each their own. means, size: of the cells, in the order of `differences.CELLS`.

    The same as `differences.difference` gives, but units stay in the engine.
    """
    unit = sa.cast(asked.metric.fact.rows.c[column], sa.Text)
    rows = _rows(asked, unit=unit)
    place = 2 * rows.c.arm + sa.case((rows.c.week >= 0, 1), else_=0)
    pulls = [
        (place == k, pull(1, rows.c.y, float(means[k]), float(size[k]), SIGNS[k])) for k in range(4) if size[k] > 0
    ]
    pulled = sa.select(rows.c.unit, rows.c.arm, sa.case(*pulls).label("pull")).where(rows.c.arm != BOTH).subquery()
    sums = sa.func.sum(pulled.c.pull)
    of_arm = [sa.func.max(sa.case((pulled.c.arm == arm, 1), else_=0)).label(f"in_{arm}") for arm in (1, 0)]
    named = sa.select(sums.label("pull"), *of_arm).where(pulled.c.unit.is_not(None)).group_by(pulled.c.unit).subquery()
    squared: Any = sa.func.sum(named.c.pull * named.c.pull)
    total: list[Any] = [squared, sa.func.count(), sa.func.sum(named.c.in_1), sa.func.sum(named.c.in_0)]
    alone = sa.select(sa.func.sum(pulled.c.pull * pulled.c.pull), sa.func.count(), sa.null(), sa.null())
    both = sa.union_all(
        sa.select(*(value.label(f"v{k}") for k, value in enumerate(total))),
        alone.where(pulled.c.unit.is_(None)),
    )
    found = warehouse.read(both).astype(float).fillna(0.0)
    squares, count, treated, others = found.sum().tolist()
    return clustered_error(squares, int(count), float(size.sum())), int(treated), int(others)


def weekly_figures(warehouse: Warehouse, asked: Question) -> pd.DataFrame:
    """arm, week, n, value, error: the metric's own figure of each group and week, of any metric."""
    metric, frames = asked.metric, []
    for arm, filters in ((1, asked.target), (0, asked.comparison)):
        where = [_fits(metric, filters), metric.time.is_not(None), *_within(asked)]
        source, week = metric.fact.source(_used(filters)), _week(asked).label("week")
        kind = metric.kind
        if isinstance(kind, Whole):
            cells: Any = kind.cells(source, [week], where)
        else:
            sums = [value.label(name) for name, value in kind.sums().items()]
            summed = sa.select(week, *sums).select_from(source).where(*where).group_by(week.element).subquery()
            told = kind.estimate({name: summed.c[name] for name in kind.sums()})
            cells = sa.select(summed.c.week, told.n.label("n"), told.value.label("value"), told.low.label("low"),
                              told.high.label("high"))  # fmt: skip
        frames.append(warehouse.read(cells).assign(arm=arm))
    found = pd.concat(frames, ignore_index=True)
    figures = {name: pd.to_numeric(found[name]).astype(float) for name in ("n", "value", "low", "high")}
    error = (figures["high"] - figures["low"]) / (2 * Z)
    return found[["arm", "week"]].assign(n=figures["n"], value=figures["value"], error=error)
