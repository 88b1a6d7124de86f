"""Purchases per customer as the models of lifetimes and spending see them, counted in the engine.

Several orders of one day are one purchase. Weeks are the unit of time.
"""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.leaving import kept_order
from cx_metrics.analyses.retention_scope import DAY, those_of
from cx_metrics.dialect import bucket, seconds_between
from cx_metrics.metrics.lifetimes import Histories
from cx_metrics.metrics.spending import Spends
from cx_metrics.model import orders
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

WEEK = 7.0  # days
DAILY = 30_000  # customers; of more, times are rounded to weeks, so that alike ones are counted together
_BIN = 100.0  # bins of spend for a factor of e: a hundredth apart
Array = npt.NDArray[np.float64]
Frame = pd.DataFrame


def customers_with_orders(warehouse: Warehouse, scope: Scope, until: datetime.datetime) -> int:
    """How many customers of the scope had ordered before a time."""
    rows = _purchases(scope, until)
    return int(warehouse.read(sa.select(sa.func.count(sa.distinct(rows.c.customer_id)).label("n")))["n"].iloc[0])


def histories(
    warehouse: Warehouse, scope: Scope, until: datetime.datetime, cut: datetime.datetime, daily: bool
) -> Frame:
    """Customers who had bought before `cut`, alike ones together.

    repeats, recency, age (weeks), later (purchases from the cut until `until`), customers, priced (of these, with the
    amount of a repeat purchase known), spent (what the repeat purchases of the priced ones came to).
    """
    people = _people(scope, until, cut)
    last_day = sa.cast(cut - datetime.timedelta(days=1), sa.DateTime)
    recency, age = seconds_between(people.c.first, people.c.last), seconds_between(people.c.first, last_day)
    unit = DAY if daily else WEEK * DAY
    times = {"recency": recency, "age": age}
    rounded = [sa.func.floor(seconds / unit + 0.5).label(name) for name, seconds in times.items()]
    mean = people.c.spent / sa.func.nullif(people.c.amounts, 0.0)
    known = sa.case((people.c.amounts > 0, 1), else_=0)
    each = sa.select(people.c.repeats, *rounded, people.c.later, known.label("priced"),
                     sa.func.coalesce(mean * people.c.repeats, 0.0).label("spent")).subquery("each_one")  # fmt: skip
    keys = [each.c[name] for name in ("repeats", "recency", "age", "later")]
    sums = [_double(sa.func.count()).label("customers"), _double(sa.func.sum(each.c.priced)).label("priced"),
            _double(sa.func.sum(each.c.spent)).label("spent")]  # fmt: skip
    found = warehouse.read(sa.select(*keys, *sums).group_by(*keys).order_by(*keys)).astype(float)
    days = 1.0 if daily else WEEK
    return found.assign(recency=found["recency"] * days / WEEK, age=found["age"] * days / WEEK)


def spends(warehouse: Warehouse, scope: Scope, until: datetime.datetime) -> Spends:
    """Mean spend per repeat purchase of customers with one whose amount is known and above 0, alike ones together."""
    people = _people(scope, until, until)
    log = sa.func.ln(people.c.spent / people.c.amounts)
    where = (people.c.repeats > 0, people.c.amounts > 0, people.c.spent > 0)
    each = sa.select(people.c.repeats, log.label("log_mean")).where(*where).subquery("each_one")
    place = sa.func.floor(each.c.log_mean * _BIN)
    found = warehouse.read(
        sa.select(each.c.repeats, _double(sa.func.avg(each.c.log_mean)).label("log_mean"),
                  _double(sa.func.count()).label("customers"))
        .group_by(each.c.repeats, place).order_by(each.c.repeats, place)
    ).astype(float)  # fmt: skip
    return Spends(*(column.to_numpy() for column in (found["repeats"], np.exp(found["log_mean"]), found["customers"])))


def currencies(warehouse: Warehouse, scope: Scope, until: datetime.datetime) -> tuple[str, ...]:
    """The currencies of the amounts, at most two; one that is not given is ""."""
    rows = _orders(scope, until).where(orders.c.amount > 0).subquery()
    name = sa.func.coalesce(rows.c.currency, "")
    ends = warehouse.read(sa.select(sa.func.min(name).label("a"), sa.func.max(name).label("b"))).iloc[0].dropna()
    return tuple(dict.fromkeys(map(str, ends)))


def repeats_by_week(warehouse: Warehouse, scope: Scope, until: datetime.datetime, cut: datetime.datetime) -> Frame:
    """Repeat purchases by week of those who had bought before `cut`: week (its number from the first), purchases."""
    rows = _dated(scope, until)
    start = sa.select(sa.func.min(rows.c.day)).scalar_subquery()
    week = sa.func.floor(seconds_between(start, rows.c.day) / (WEEK * DAY)).label("week")
    found = sa.select(week, _double(sa.func.count()).label("purchases"))
    found = found.where(rows.c.day > rows.c.first, rows.c.first < cut).group_by(week).order_by(week)
    return warehouse.read(found).astype(float)


def _orders(scope: Scope, until: datetime.datetime) -> sa.Select[Any]:
    order = orders.c
    rows = sa.select(order.customer_id, order.ordered_at, order.amount, order.currency)
    kept = rows.where(kept_order(), order.ordered_at < until).subquery("kept_orders")
    return those_of(kept, scope) if scope.filters else rows.where(kept_order(), order.ordered_at < until)


def _purchases(scope: Scope, until: datetime.datetime) -> sa.Subquery:
    """One row per customer and day with an order: customer_id, day, spent, amounts (1 where any amount is known)."""
    rows = _orders(scope, until).subquery("kept")
    day = bucket("day", rows.c.ordered_at)
    known = sa.case((sa.func.count(rows.c.amount) > 0, 1.0), else_=0.0)
    spent = sa.func.coalesce(sa.func.sum(rows.c.amount), 0.0)
    asked = sa.select(rows.c.customer_id, day.label("day"), _double(spent).label("spent"), known.label("amounts"))
    return asked.group_by(rows.c.customer_id, day).subquery("purchases")


def _dated(scope: Scope, until: datetime.datetime) -> sa.Subquery:
    """`_purchases` with the customer's first day."""
    rows = _purchases(scope, until)
    first = sa.func.min(rows.c.day).over(partition_by=rows.c.customer_id).label("first")
    return sa.select(*rows.c, first).subquery("dated")


def _people(scope: Scope, until: datetime.datetime, cut: datetime.datetime) -> sa.Subquery:
    """One row per customer who had bought before `cut`: first, last, repeats, later, spent, amounts (of repeats)."""
    rows = _dated(scope, until)
    before, again = rows.c.day < cut, sa.and_(rows.c.day < cut, rows.c.day > rows.c.first)
    counted = {
        "repeats": sa.func.sum(sa.case((again, 1), else_=0)),
        "later": sa.func.sum(sa.case((before, 0), else_=1)),
        "spent": sa.func.sum(sa.case((again, rows.c.spent), else_=0.0)),
        "amounts": sa.func.sum(sa.case((again, rows.c.amounts), else_=0.0)),
    }
    sums = [_double(value).label(name) for name, value in counted.items()]
    last = sa.func.max(sa.case((before, rows.c.day))).label("last")
    asked = sa.select(rows.c.customer_id, rows.c.first, last, *sums).where(rows.c.first < cut)
    return asked.group_by(rows.c.customer_id, rows.c.first).subquery("people")


def _double(value: Any) -> Any:
    return sa.cast(value, sa.Double)


def as_histories(table: Frame) -> Histories:
    """The rows of `histories` for the model."""
    return Histories(*(table[name].to_numpy(float) for name in ("repeats", "recency", "age", "customers")))
