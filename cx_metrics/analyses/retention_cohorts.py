"""Cohorts: of those who came in a month, who came back in each later one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.retention_scope import Looked
from cx_metrics.dialect import month_number
from cx_metrics.metrics.catalog import figures
from cx_metrics.metrics.estimators import Share
from cx_metrics.metrics.facts import Fact
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.retention import COHORT_MONTHS, COHORT_RETENTION, ROLLING_RETENTION, months_of_subscriptions
from cx_metrics.model import subscriptions
from cx_metrics.warehouse import Warehouse

MONTHLY = 24  # cohorts; with more, they are quarters
COLUMNS = ("cohort", "every", "months_since", "n", "value", "low", "high", "suppressed")


def _subscribers(rolling: bool) -> Fact:
    """One row per subscriber and month after the first subscription's; returned = 1: one ran in it (rolling: later)."""
    sub, month = subscriptions.c, months_of_subscriptions()
    first = (
        sa.select(sub.customer_id, sa.func.min(sub.started_at).label("first_at"))
        .where(sub.customer_id.is_not(None))
        .group_by(sub.customer_id)
        .subquery("first_subscription")
    )
    since = month.c.number - month_number(first.c.first_at)
    running = sub.ended_at.is_(None) | (month_number(sub.ended_at) >= month.c.number)
    began = month_number(sub.started_at) <= month.c.number
    came = running if rolling else sa.and_(running, began)
    there = sa.func.max(sa.case((came, 1), else_=0))
    rows = (
        sa.select(first.c.customer_id, first.c.first_at, since.label("months_since"), there.label("returned"))
        .select_from(first)
        .join(month, sa.and_(since >= 1, since <= COHORT_MONTHS))
        .join(subscriptions, sub.customer_id == first.c.customer_id)
        .group_by(first.c.customer_id, first.c.first_at, since)
        .subquery("subscriber_cohorts_rolling" if rolling else "subscriber_cohorts")
    )
    return Fact(rows.name, rows, {"months_since": rows.c.months_since}, ("subscriptions",))


def _of_subscriptions(metric: Metric, rolling: bool) -> Metric:
    fact = _subscribers(rolling)
    hit: Any = fact.rows.c.returned == 1
    return replace(metric, fact=fact, time=fact.rows.c.first_at, kind=Share(sa.true(), hit))


_METRICS = {
    "order": (COHORT_RETENTION, ROLLING_RETENTION),
    "subscription": (_of_subscriptions(COHORT_RETENTION, False), _of_subscriptions(ROLLING_RETENTION, True)),
}


def cohorts(warehouse: Warehouse, looked: Looked) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bounded and rolling retention of the cohorts that came in the scope's period.

    COLUMNS: cohort (its first day), every (month or quarter), months_since 1 to 12 (months that are over), n, value,
    low, high (per cent). Start: the first order, or, where there are no orders, the first subscription; return: an
    order, or a running subscription.
    """
    kind = "order" if looked.orders_until is not None else "subscription"
    found, every = [], "month"
    for metric in _METRICS[kind]:
        table = _asked(warehouse, metric, looked, every)
        if every == "month" and table["cohort"].nunique() > MONTHLY:
            every = "quarter"
            table = _asked(warehouse, metric, looked, every)
        found.append(table)
    return found[0], found[1]


def _asked(warehouse: Warehouse, metric: Metric, looked: Looked, every: str) -> pd.DataFrame:
    table = figures(warehouse, metric, looked.scope, ("months_since",), every).rename(columns={"period": "cohort"})
    return table.assign(every=every)[list(COLUMNS)].astype({"months_since": int})
