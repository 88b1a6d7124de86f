"""How long customers stay: Kaplan-Meier curves by group, and whether the groups differ."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.leaving import ORDER, SUBSCRIPTION, Rule, kept_order
from cx_metrics.analyses.retention_scope import MONTH_DAYS, Looked, days_between, grouped, those_of
from cx_metrics.metrics.retention import IDLE_MONTHS
from cx_metrics.metrics.survival_curve import Curve, Durations, kaplan_meier, log_rank
from cx_metrics.model import orders, subscriptions
from cx_metrics.warehouse import Warehouse

DRAWN, TESTED, MOST = 10, 30, 6  # customers of a group that is drawn, that is tested; groups
IDLE_DAYS = round(IDLE_MONTHS * MONTH_DAYS)
CURVE = ("group", "months", "survival", "low", "high", "at_risk")
GROUP = ("group", "n", "left", "expected", "median_months", "median_low", "median_high")
TEST = ("groups", "n", "left", "chi2", "df", "p")


@dataclass(frozen=True)
class Survival:
    """curves: CURVE, one row per group and whole month; groups: GROUP; test: TEST, one row or none. whole: the curve
    of all customers together, in days, None without any. small: groups that are too small to be drawn."""

    rule: Rule
    curves: pd.DataFrame
    groups: pd.DataFrame
    test: pd.DataFrame
    whole: Curve | None
    small: int


def subscribed(until: datetime.datetime) -> sa.Subquery:
    """One row per customer with a subscription that began before a time: customer_id, first_at, last_at (when the last
    one ended; missing where one ran then)."""
    sub = subscriptions.c
    over = sa.case((sub.ended_at < until, sub.ended_at))
    ended = sa.case((sa.func.count() == sa.func.count(over), sa.func.max(over)))
    rows = sa.select(sub.customer_id, sa.func.min(sub.started_at).label("first_at"), ended.label("last_at"))
    rows = rows.where(sub.customer_id.is_not(None), sub.started_at < until).group_by(sub.customer_id)
    return rows.subquery("subscribed")


def bought(until: datetime.datetime) -> sa.Subquery:
    """One row per customer whose first order is older than the idle time: customer_id, first_at, last_at (the last
    order; missing where it is younger)."""
    mark, order = until - datetime.timedelta(days=IDLE_DAYS), orders.c
    last = sa.func.max(order.ordered_at)
    rows = sa.select(order.customer_id, sa.func.min(order.ordered_at).label("first_at"),
                     sa.case((last < mark, last)).label("last_at"))  # fmt: skip
    rows = rows.where(kept_order(), order.ordered_at < until).group_by(order.customer_id)
    return rows.having(sa.func.min(order.ordered_at) < mark).subquery("bought")


def durations(warehouse: Warehouse, looked: Looked, rule: Rule, by: str) -> pd.DataFrame:
    """How many customers were seen for how many whole days: group, days, left, seen. by: of GROUPS, or empty."""
    until = looked.subscriptions_until if rule is SUBSCRIPTION else looked.orders_until
    if until is None:
        return pd.DataFrame(columns=["group", "days", "left", "seen"])
    end = until if rule is SUBSCRIPTION else until - datetime.timedelta(days=IDLE_DAYS)
    people = subscribed(until) if rule is SUBSCRIPTION else bought(until)
    rows = grouped(those_of(people, looked.scope).subquery("people"), by)
    days = days_between(rows.c.first_at, sa.func.coalesce(rows.c.last_at, sa.cast(end, sa.DateTime)))
    each = sa.select(rows.c.group, days.label("days"), rows.c.last_at).subquery("each_one")
    counted = sa.select(each.c.group, each.c.days, _count(each.c.last_at).label("left"), _count().label("seen"))
    found = warehouse.read(counted.group_by(each.c.group, each.c.days).order_by(each.c.group, each.c.days))
    return found.astype({"days": float, "left": float, "seen": float})


def _count(column: Any = None) -> Any:
    return sa.cast(sa.func.count() if column is None else sa.func.count(column), sa.Double)


def survival(warehouse: Warehouse, looked: Looked, rule: Rule, by: str) -> Survival:
    """The curves of the largest groups under a rule, and the log-rank test of those with customers enough."""
    counts = durations(warehouse, looked, rule, by)
    counts = counts[counts["days"] >= 0]  # an end before the start says nothing
    sizes = counts.groupby("group")["seen"].sum().sort_values(ascending=False, kind="stable")
    shown = sizes[sizes >= DRAWN].head(MOST)
    of = {name: _durations(counts[counts["group"] == name]) for name in shown.index}
    drawn = {name: kaplan_meier(given) for name, given in of.items()}
    tested = [name for name in shown.index if sizes[name] >= TESTED]
    result = log_rank([of[name] for name in tested]) if len(tested) > 1 else None
    hoped = dict(zip(tested, result.expected, strict=True)) if result else {}
    rows = []
    for name, given in of.items():
        middle = [days / MONTH_DAYS for days in drawn[name].first_below(0.5)]
        rows.append((name, given.seen.sum(), given.ended.sum(), hoped.get(name, np.nan), *middle))
    test = pd.DataFrame(columns=list(TEST))
    if result:
        people, left = float(sizes[tested].sum()), float(result.observed.sum())
        test = pd.DataFrame([(len(tested), people, left, result.statistic, result.freedom, result.p)], columns=TEST)
    curves = pd.concat([_monthly(name, curve) for name, curve in drawn.items()] or [pd.DataFrame(columns=CURVE)])
    whole = kaplan_meier(_durations(counts)) if sizes.sum() >= DRAWN else None
    groups = pd.DataFrame(rows, columns=list(GROUP))
    return Survival(rule, curves.reset_index(drop=True), groups, test, whole, int((sizes < DRAWN).sum()))


def _durations(counts: pd.DataFrame) -> Durations:
    added = counts.groupby("days")[["left", "seen"]].sum()
    return Durations(*(column.to_numpy(float) for column in (added.index, added["left"], added["seen"])))


def _monthly(name: str, curve: Curve) -> pd.DataFrame:
    """A curve at whole months, as long as enough customers have been seen for so long."""
    months = np.arange(np.floor(curve.time.max() / MONTH_DAYS) + 1)
    at = curve.at(months * MONTH_DAYS)
    rows = {"group": name, "months": months, "survival": at.survival, "low": at.low, "high": at.high}
    return pd.DataFrame(rows | {"at_risk": at.at_risk})[at.at_risk >= DRAWN]


def main_rule(looked: Looked) -> Rule | None:
    """By which rule leaving is seen first: subscriptions where there are any, else orders; None without either."""
    if looked.subscriptions_until is not None:
        return SUBSCRIPTION
    return ORDER if looked.orders_until is not None else None
