"""All metrics, and how to get a metric's figures from a warehouse."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.journey import Definition, JourneyError, Limits
from cx_metrics.metrics import friction, gap, kept_revenue, operations, resolution, retention, survey, value, words
from cx_metrics.metrics.metric import Metric, select_together
from cx_metrics.model import interactions, orders, subscriptions, survey_answers
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse


@functools.lru_cache(maxsize=64)
def metrics(limits: Limits) -> dict[str, Metric]:
    """All metrics under these limits, by name."""
    of_contacts = (*operations.METRICS, *friction.declare(limits), *resolution.METRICS, *words.declare(limits))
    declared = (*survey.METRICS, *gap.METRICS, *of_contacts, *retention.METRICS, *kept_revenue.METRICS, *value.METRICS)
    return {metric.name: metric for metric in declared}


METRICS = metrics(Limits())


def _families() -> dict[str, tuple[str, ...]]:
    """Figures with rival definitions -> these, its own first; the headline stands for the others, else the first."""
    found: dict[str, tuple[str, ...]] = {}
    for metric in sorted(METRICS.values(), key=lambda metric: not metric.headline):
        if metric.rivals and not any(metric.name in names for names in found.values()):
            found[metric.name] = (metric.name, *metric.rivals)
    return found


FAMILIES = _families()
_TIMES = (
    interactions.c.occurred_at, survey_answers.c.answered_at, survey_answers.c.invited_at, orders.c.ordered_at,
)  # fmt: skip


def metric_named(name: str, limits: Limits) -> Metric:
    """The metric of that name under these limits. Raises ScopeError."""
    if name not in METRICS:
        raise ScopeError(f"there is no metric {name!r}; there are: {', '.join(METRICS)}")
    return metrics(limits)[name]


def defined(name: str, scope: Scope) -> Metric:
    """The metric of that name, under the definition that the scope chooses for it. Raises ScopeError."""
    known = {rival for names in FAMILIES.values() for rival in names}
    for chosen in scope.definitions:
        if chosen not in known:
            raise ScopeError(f"{chosen!r} is no rival definition; there are: {', '.join(sorted(known))}")
    found = [chosen for chosen in scope.definitions if chosen in FAMILIES.get(name, ())]
    return metric_named(found[-1] if found else name, scope.limits)


def headlines(scope: Scope) -> list[Metric]:
    """The headline metrics in the order of their declaration, each under the definition that the scope chooses."""
    return [defined(metric.name, scope) for metric in METRICS.values() if metric.headline]


def reported(name: str) -> tuple[Definition, ...]:
    """By which definitions the company reports a figure, oldest first (journey.toml). Raises JourneyError."""
    for row in journey.current().definitions:
        if row.use not in FAMILIES.get(row.figure, ()):
            known = FAMILIES.get(row.figure, ())
            there_are = f"it has: {', '.join(known)}" if known else f"figures with rivals: {', '.join(FAMILIES)}"
            raise JourneyError(
                f"journey.toml: [[definitions]]: {row.figure} has no definition {row.use!r}; {there_are}"
            )
    return tuple(row for row in journey.current().definitions if row.figure == name)


def usual_definitions() -> tuple[str, ...]:
    """The definitions by which the company reports now, where they are not the product's. Raises JourneyError."""
    newest = {figure: rows[-1].use for figure in FAMILIES if (rows := reported(figure))}
    return tuple(use for figure, use in newest.items() if use != figure)


def data_period(warehouse: Warehouse) -> tuple[datetime.date, datetime.date] | None:
    """First and last day of what happened, or None when the warehouse is empty.

    Subscriptions count only where there is nothing else: they may have begun long before the data do.
    """
    ends = [sa.select(sa.func.min(time).label("first"), sa.func.max(time).label("last")) for time in _TIMES]
    times = warehouse.read(sa.union_all(*ends)).dropna()
    if times.empty:
        started = subscriptions.c.started_at
        times = warehouse.read(
            sa.select(sa.func.min(started).label("first"), sa.func.max(started).label("last"))
        ).dropna()
    if times.empty:
        return None
    return pd.Timestamp(times["first"].min()).date(), pd.Timestamp(times["last"].max()).date()


def resolved(warehouse: Warehouse, scope: Scope) -> Scope:
    """The scope with its open ends set to those of the data."""
    period = data_period(warehouse)
    return scope.within(*period) if period else scope


def compared(warehouse: Warehouse, scope: Scope) -> Scope | None:
    """The comparison period's scope, or None where none is asked for or the data do not reach back to its first day."""
    earlier, period = scope.before(), data_period(warehouse)
    if earlier is None or earlier.start is None or period is None or earlier.start < period[0]:
        return None
    return earlier


def figures(
    warehouse: Warehouse, metric: Metric, scope: Scope, by: Sequence[str] = (), every: str | None = None
) -> pd.DataFrame:
    """A metric's figures: period (with `every`), the dimensions `by`, n, value, low, high, suppressed."""
    return warehouse.read(metric.select(scope, by, every))


def figures_together(
    warehouse: Warehouse, metrics: Sequence[Metric], scope: Scope, every: str | None = None
) -> pd.DataFrame:
    """Many metrics' figures: metric, period (with `every`), n, value, low, high, suppressed.

    Metrics that lack a dimension of the scope's filters are left out.
    """
    able = [metric for metric in metrics if all(name in metric.dimensions for name, _ in scope.filters)]
    frames = [warehouse.read(question) for question in select_together(able, scope, every)]
    filled = [frame for frame in frames if not frame.empty]
    return (
        pd.concat(filled, ignore_index=True)
        if filled
        else pd.DataFrame(columns=["metric", "n", "value", "low", "high"])
    )


def with_data(warehouse: Warehouse, metrics: Sequence[Metric]) -> list[Metric]:
    """Those of the metrics for which there is any row at all.

    Most have one in the newest two months; only for the others all data are looked through.
    """
    period = data_period(warehouse)
    newest = Scope(period[1] - datetime.timedelta(days=62)) if period else Scope()
    present: set[str] = set()
    for scope in (newest, Scope()):
        left = [metric for metric in metrics if metric.name not in present]
        found = figures_together(warehouse, left, scope)
        present |= set(found.loc[found["n"].isna() | (found["n"] > 0), "metric"])  # a hidden count is not zero
    return [metric for metric in metrics if metric.name in present]
