"""Churn by month under both rules, and what is kept of the subscription revenue, by month and over a year."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.retention_scope import Looked
from cx_metrics.metrics.catalog import figures_together
from cx_metrics.metrics.facts import Fact
from cx_metrics.metrics.kept_revenue import GRR, NRR, kept_revenue, kept_share
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.retention import CHURN, INACTIVITY_CHURN
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

YEAR = 12  # months
FIGURES = ("metric", "n", "value", "low", "high", "suppressed")
BRIDGE = ("part", "customers", "amount")
_YEARLY = kept_revenue(YEAR)
_FEW = 10


def churn_course(warehouse: Warehouse, looked: Looked) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Churn by month and over the period, under each rule that has data: (metric, period, n, value, low, high) and
    (metric, n, value, low, high)."""
    return _courses(warehouse, looked.scope, _able(looked, {CHURN: True, INACTIVITY_CHURN: False}))


def kept_course(warehouse: Warehouse, looked: Looked) -> tuple[pd.DataFrame, pd.DataFrame]:
    """NRR and GRR likewise."""
    return _courses(warehouse, looked.scope, _able(looked, {NRR: True, GRR: True}))


def _able(looked: Looked, metrics: dict[Metric, bool]) -> list[Metric]:
    ends = {True: looked.subscriptions_until, False: looked.orders_until}
    return [metric for metric, contract in metrics.items() if ends[contract] is not None]


def _courses(warehouse: Warehouse, scope: Scope, metrics: list[Metric]) -> tuple[pd.DataFrame, pd.DataFrame]:
    empty = pd.DataFrame(columns=list(FIGURES))
    if not metrics:
        return empty.assign(period=pd.Series(dtype="datetime64[us]")), empty
    course = figures_together(warehouse, metrics, scope, "month").reset_index(drop=True)
    if course.empty:  # without the column that tells the months apart
        course = course.reindex(columns=["metric", "period", *FIGURES[1:]]).astype({"period": "datetime64[us]"})
    order = course["metric"].map([metric.name for metric in metrics].index)
    course = course.assign(order=order).sort_values(["order", "period"]).reset_index(drop=True)
    whole = figures_together(warehouse, metrics, scope)
    return course[["metric", "period", *FIGURES[1:]]], whole[list(FIGURES)]


def kept_in_a_year(warehouse: Warehouse, looked: Looked) -> tuple[pd.DataFrame, pd.DataFrame, datetime.date | None]:
    """NRR and GRR over the twelve months up to the last whole one of the scope; from what to what; that month.

    Figures: metric, n, value, low, high. Bridge: part (start, expansion, contraction, churn, end), customers, amount
    (a month, in the currency); empty with fewer than 10 customers or several currencies.
    """
    empty = pd.DataFrame(columns=list(FIGURES)), pd.DataFrame(columns=list(BRIDGE))
    month = _last_month(warehouse, looked) if looked.subscriptions_until is not None else None
    if month is None:
        return *empty, None
    scope = replace(looked.scope, start=month, end=month)
    rows = _YEARLY.rows.c
    metrics = [replace(metric, fact=_YEARLY, time=rows.month, kind=kept_share(_YEARLY, metric is GRR))
               for metric in (NRR, GRR)]  # fmt: skip
    table = figures_together(warehouse, metrics, scope)[list(FIGURES)]
    bridge = _bridge(warehouse, scope) if table["value"].notna().any() else empty[1]
    return table, bridge, month


def _last_month(warehouse: Warehouse, looked: Looked) -> datetime.date | None:
    """The first day of the last whole month of the scope for which there are rows."""
    assert looked.subscriptions_until is not None
    until: datetime.datetime = looked.subscriptions_until
    months = sa.select(sa.func.max(_YEARLY.rows.c.month).label("month")).where(_YEARLY.rows.c.month < until)
    found = warehouse.read(months)["month"].iloc[0]
    if pd.isna(found):
        return None
    month = pd.Timestamp(found)
    if month + pd.offsets.MonthBegin(1) > until:  # the scope ends within it
        month = month - pd.offsets.MonthBegin(1)
    return month.date()


def _bridge(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """What became of the amounts of a year before, by what each customer's did."""
    fact: Fact = _YEARLY
    rows: Any = fact.rows.c
    more, less = rows.ended > rows.started, sa.and_(rows.ended < rows.started, rows.ended > 0)
    parts = {
        "start": (sa.true(), rows.started), "expansion": (more, rows.ended - rows.started),
        "contraction": (less, rows.ended - rows.started), "churn": (rows.ended == 0, -rows.started),
        "end": (rows.ended > 0, rows.ended),
    }  # fmt: skip
    sums = [
        sa.cast(sa.func.coalesce(sa.func.sum(sa.case((which, value))), 0), sa.Double).label(f"{name} {what}")
        for name, (which, amount) in parts.items() for what, value in (("customers", 1), ("amount", amount))
    ]  # fmt: skip
    where = fact.conditions(scope, rows.month)
    asked = sa.select(*sums).select_from(fact.source([name for name, _ in scope.filters]))
    found = warehouse.read(asked.where(*where, rows.started > 0, rows.unknown == 0)).iloc[0]
    told = [(name, found[f"{name} customers"], found[f"{name} amount"]) for name in parts]
    table = pd.DataFrame(told, columns=list(BRIDGE))
    few = (table["customers"] > 0) & (table["customers"] < _FEW)
    if few.any():  # one hidden part could be told from the others
        return pd.DataFrame(columns=list(BRIDGE))
    return table
