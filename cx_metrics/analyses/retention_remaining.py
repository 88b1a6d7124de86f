"""How many months running subscriptions are expected to last, as customers left over the last year, and how far off."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.retention_scope import DAY, MONTH_DAYS, Looked, those_of
from cx_metrics.analyses.retention_survival import subscribed
from cx_metrics.dialect import seconds_between
from cx_metrics.model import subscriptions
from cx_metrics.warehouse import Warehouse

WINDOW = 365  # days over which leaving is looked at
FEWEST, FEWEST_LEFT = 30, 30  # subscribers, and those of them who left in the window: below, nothing is expected
_STEADY = 30.0  # months lived by subscribers of an age below which ages are put together
TIMES, _SEED = 400, 20_260_101
HELD = ("customers", "months", "actual", "predicted", "error", "naive_predicted", "naive_error")
Array = npt.NDArray[np.float64]
Frame = pd.DataFrame


@dataclass(frozen=True)
class Rates:
    """Leaving by whole months since the start: left (customers), lived (months that customers lived at that age)."""

    left: Array
    lived: Array

    def monthly(self, left: Array | None = None) -> Array:
        """How many leave per month lived, by age; ages with few are put together with those around the oldest of the
        others. left: instead of the counted ones, e.g. redrawn, (..., ages)."""
        counts = self.left if left is None else left
        thin = np.flatnonzero(self.lived < _STEADY)
        steady = int(thin[0]) if len(thin) else len(self.lived)
        tail = slice(max(steady - 12, 0), len(self.lived))
        pooled = counts[..., tail].sum(axis=-1, keepdims=True) / max(float(self.lived[tail].sum()), 1e-9)
        own = counts[..., :steady] / np.maximum(self.lived[:steady], 1e-9)
        return np.concatenate([own, np.repeat(pooled, len(self.lived) - steady + 1, axis=-1)], axis=-1)

    def redrawn(self) -> Array:
        """Leavers as chance would have them, Poisson around the counted ones, (TIMES, ages)."""
        drawn = np.random.default_rng(_SEED).poisson(self.left, size=(TIMES, len(self.left)))
        return drawn.astype(float)


def rates(warehouse: Warehouse, looked: Looked, until: datetime.datetime) -> Rates:
    """Leaving in the WINDOW before a time: who left, and how long all lived, by months since the first start."""
    begin = until - datetime.timedelta(days=WINDOW)
    rows = those_of(subscribed(until), looked.scope).subquery("people")
    month = MONTH_DAYS * DAY
    entered = sa.case((rows.c.first_at >= begin, 0.0),
                      else_=seconds_between(rows.c.first_at, sa.cast(begin, sa.DateTime)) / month)  # fmt: skip
    left_at = seconds_between(rows.c.first_at, sa.func.coalesce(rows.c.last_at, sa.cast(until, sa.DateTime))) / month
    gone = sa.case((rows.c.last_at.is_not(None), 1), else_=0)
    each = sa.select(entered.label("a"), left_at.label("b"), gone.label("gone")).subquery("each_one")
    low, high = sa.func.floor(each.c.a).label("low"), sa.func.floor(each.c.b).label("high")
    sums = [sa.cast(sa.func.sum(value), sa.Double).label(name) for name, value in
            (("a", each.c.a), ("b", each.c.b), ("gone", each.c.gone))]  # fmt: skip
    asked = sa.select(low, high, sa.cast(sa.func.count(), sa.Double).label("n"), *sums)
    found = warehouse.read(asked.where(each.c.b > each.c.a).group_by(low, high)).astype(float)
    ages = int(found["high"].max()) + 1 if len(found) else 1
    left, lived = np.zeros(ages), np.zeros(ages)
    for low_age, high_age, n, a, b, gone_here in found[["low", "high", "n", "a", "b", "gone"]].to_numpy():
        first, last = int(low_age), int(high_age)
        left[last] += gone_here
        lived[first:last] += n
        lived[last] += n
        lived[first] -= a - n * first
        lived[last] -= n * (last + 1) - b
    return Rates(left, lived)


def running(warehouse: Warehouse, looked: Looked, until: datetime.datetime) -> Frame:
    """Customers with a subscription that runs at a time, by months since their first start: age, customers, priced (of
    these, with a known amount), amount (a month, of these), low, high (their currencies)."""
    sub = subscriptions.c
    people = those_of(subscribed(until), looked.scope).subquery("people")
    runs = sa.and_(sub.started_at < until, sa.or_(sub.ended_at.is_(None), sub.ended_at >= until))
    currency = sa.func.coalesce(sub.currency, "")
    each = (
        sa.select(people.c.customer_id, people.c.first_at, sa.func.sum(sub.monthly_amount).label("amount"),
                  sa.func.min(currency).label("low"), sa.func.max(currency).label("high"))
        .select_from(people.join(subscriptions, sub.customer_id == people.c.customer_id))
        .where(runs)
        .group_by(people.c.customer_id, people.c.first_at)
        .subquery("each_one")
    )  # fmt: skip
    age = sa.func.floor(seconds_between(each.c.first_at, sa.cast(until, sa.DateTime)) / (MONTH_DAYS * DAY))
    counts = [sa.cast(value, sa.Double).label(name) for name, value in (
        ("customers", sa.func.count()), ("priced", sa.func.count(each.c.amount)),
        ("amount", sa.func.coalesce(sa.func.sum(each.c.amount), 0)))]  # fmt: skip
    ends = sa.func.min(each.c.low).label("low"), sa.func.max(each.c.high).label("high")
    found = warehouse.read(sa.select(age.label("age"), *counts, *ends).group_by(age).order_by(age))
    return found.astype({"age": float, "customers": float, "priced": float, "amount": float})


def remaining(monthly: Array, ages: Array, months: int, kept_a_year: float = 1.0) -> Array:
    """Months for which customers of these ages are expected to pay within the next so many, each discounted to
    `kept_a_year` after a year. monthly: leaving rates by age, (..., ages); after the last it stays the same. (..., n).
    """
    count = monthly.shape[-1]
    hazard = np.concatenate([np.zeros((*monthly.shape[:-1], 1)), np.cumsum(monthly, axis=-1)], axis=-1)

    def run(age: Array) -> Array:
        beyond = np.maximum(age - count, 0.0) * monthly[..., -1:]
        return np.asarray(hazard[..., np.minimum(age, count).astype(int)] + beyond)

    total = np.zeros((*monthly.shape[:-1], len(ages)))
    for month in range(1, months + 1):
        total += np.exp(-(run(ages + month) - run(ages))) * kept_a_year ** (month / 12)
    return total


def unfit(customers: float, left: float) -> str:
    """Why nothing is expected of subscriptions; empty where something is."""
    if customers >= FEWEST and left >= FEWEST_LEFT:
        return ""
    needed = f"{FEWEST} running subscriptions and {FEWEST_LEFT} customers who left within {WINDOW} days are needed"
    return f"{needed}; there are {customers:,.0f} and {left:,.0f}"


def held_out(warehouse: Warehouse, looked: Looked, until: datetime.datetime, first: datetime.datetime) -> Frame:
    """HELD, one row or none: who still ran at the end of those who ran a part of the data before it, and how many would
    have been expected from the year before; naive: everybody stays. first: when the first subscription began."""
    months = min(int((until - first).days * 0.25 / MONTH_DAYS), 12)
    cut = until - datetime.timedelta(days=round(months * MONTH_DAYS))
    if months < 1:
        return pd.DataFrame(columns=list(HELD))
    then, known = running(warehouse, looked, cut), rates(warehouse, looked, cut)
    people = float(then["customers"].sum())
    if unfit(people, float(known.left.sum())):
        return pd.DataFrame(columns=list(HELD))
    ages, monthly = then["age"].to_numpy(float), known.monthly()
    there = remaining(monthly, ages, months) - remaining(monthly, ages, months - 1)
    hoped = float(then["customers"].to_numpy(float) @ there)
    actual = _still(warehouse, looked, cut, until)
    errors = [100 * (value / actual - 1) if actual else float("nan") for value in (hoped, people)]
    row: tuple[Any, ...] = (people, months, actual, hoped, errors[0], people, errors[1])
    return pd.DataFrame([row], columns=list(HELD))


def _still(warehouse: Warehouse, looked: Looked, cut: datetime.datetime, until: datetime.datetime) -> float:
    """How many of those with a subscription at the cut have not left when looking ends."""
    early = those_of(subscribed(cut), looked.scope).subquery("early")
    late = subscribed(until)
    joined = early.join(late, late.c.customer_id == early.c.customer_id)
    where = (early.c.last_at.is_(None), late.c.last_at.is_(None))
    return float(warehouse.read(sa.select(sa.func.count().label("n")).select_from(joined).where(*where))["n"].iloc[0])
