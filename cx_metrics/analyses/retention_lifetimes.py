"""How often customers will buy again: BG/NBD fitted, and held against what came after a part of the data."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cx_metrics.analyses.retention_purchases import (
    DAILY,
    WEEK,
    as_histories,
    customers_with_orders,
    histories,
    repeats_by_week,
)
from cx_metrics.analyses.retention_scope import Looked
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.lifetimes import NAMES, Histories, Lifetimes, expected, expected_of_new, fit
from cx_metrics.warehouse import Warehouse

FEWEST, FEWEST_REPEATS, SHORTEST = 100, 50, 26  # customers, repeat purchases, weeks: below, no model
LONGEST_HELD = 365  # days
HELD = 0.25  # of the span, at the end
SHOWN = 7  # earlier purchases from which on customers are put together
HELD_BY = ("earlier", "customers", "actual", "low", "high", "predicted")
HELD_TOTAL = (
    "customers", "weeks", "actual", "predicted", "error", "mean_error", "naive_predicted", "naive_error",
    "naive_mean_error",
)  # fmt: skip
TRACKING = ("week", "actual", "expected", "held_out")
PARAMETERS = ("parameter", "value", "low", "high")
Array = npt.NDArray[np.float64]
Frame = pd.DataFrame


@dataclass(frozen=True)
class Held:
    """A model fitted to the data before `cut` only. by: HELD_BY, per customer; total: HELD_TOTAL, one row, errors in
    per cent and mean absolute errors per customer; tracking: TRACKING, cumulative repeat purchases at the end of each
    week (a day)."""

    cut: datetime.date | None
    by: Frame
    total: Frame
    tracking: Frame


@dataclass(frozen=True)
class Bought:
    """model: fitted to all data, None with a reason. rows: as of `histories`. weeks: from the first order to the end.
    held: the test on the last part."""

    model: Lifetimes | None
    rows: Frame
    weeks: float
    held: Held
    reason: str = ""


def _untested() -> Held:
    empty = (pd.DataFrame(columns=list(names)) for names in (HELD_BY, HELD_TOTAL, TRACKING))
    return Held(None, *empty)


def bought(warehouse: Warehouse, looked: Looked) -> Bought:
    """The model of the scope's customers, or why there is none."""
    until = looked.orders_until
    if until is None:
        return Bought(None, pd.DataFrame(), 0.0, _untested(), "there are no orders of known customers")
    daily = customers_with_orders(warehouse, looked.scope, until) <= DAILY
    rows = histories(warehouse, looked.scope, until, until, daily)
    people, repeats = float(rows["customers"].sum()), float((rows["customers"] * rows["repeats"]).sum())
    weeks = float(rows["age"].max()) if len(rows) else 0.0
    reason = unfit(people, repeats, weeks)
    if reason:
        return Bought(None, rows, weeks, _untested(), reason)
    model = fit(as_histories(rows))
    held_days = min(round(HELD * weeks * WEEK), LONGEST_HELD)
    cut = until - datetime.timedelta(days=held_days)
    early = histories(warehouse, looked.scope, until, cut, daily)
    return Bought(model, rows, weeks, _tested(warehouse, looked, early, cut, until))


def unfit(people: float, repeats: float, weeks: float) -> str:
    """Why there is no model of so many customers, repeat purchases and weeks; empty where there is one."""
    needed = f"{FEWEST} customers, {FEWEST_REPEATS} repeat purchases and {SHORTEST} weeks of orders are needed"
    if people >= FEWEST and repeats >= FEWEST_REPEATS and weeks >= SHORTEST:
        return ""
    return f"{needed}; there are {people:,.0f}, {repeats:,.0f} and {weeks:.0f}"


def _tested(
    warehouse: Warehouse, looked: Looked, early: Frame, cut: datetime.datetime, until: datetime.datetime
) -> Held:
    people, repeats = float(early["customers"].sum()), float((early["customers"] * early["repeats"]).sum())
    if unfit(people, repeats, SHORTEST):
        return _untested()
    seen, horizon = as_histories(early), (until - cut).days / WEEK
    model = fit(seen)
    by, total = held_out(early, expected(model.parameters, horizon, seen), horizon)
    tracked = repeats_by_week(warehouse, looked.scope, until, cut)
    return Held(cut.date(), by, total, _tracking(model, seen, tracked, cut, until))


def held_out(early: Frame, predicted: Array, weeks: float) -> tuple[Frame, Frame]:
    """HELD_BY and HELD_TOTAL from what was predicted for each row of `histories` for the weeks after the cut.

    The naive prediction is that everybody goes on as before: repeats / age x weeks.
    """
    count, later = early["customers"].to_numpy(float), early["later"].to_numpy(float)
    age = early["age"].to_numpy(float)
    naive = np.where(age > 0, early["repeats"].to_numpy(float) / np.maximum(age, 1e-9) * weeks, 0.0)
    actual, hoped, simple = (float(count @ each) for each in (later, predicted, naive))
    people = float(count.sum())
    missed, simply_missed = (float(count @ np.abs(each - later)) / people for each in (predicted, naive))
    errors = [100 * (each / actual - 1) if actual else float("nan") for each in (hoped, simple)]
    total = (people, weeks, actual, hoped, errors[0], missed, simple, errors[1], simply_missed)
    weighted = pd.DataFrame({
        "earlier": early["repeats"].clip(upper=SHOWN), "customers": count, "later": count * later,
        "squares": count * later**2, "predicted": count * predicted,
    })  # fmt: skip
    sums = weighted.groupby("earlier").sum().reset_index()
    n, mean = sums["customers"], sums["later"] / sums["customers"]
    half = Z * np.sqrt((sums["squares"] / n - mean**2).clip(lower=0) / (n - 1).clip(lower=1))
    by = pd.DataFrame({"earlier": sums["earlier"], "customers": n, "actual": mean, "low": (mean - half).clip(lower=0),
                       "high": mean + half, "predicted": sums["predicted"] / n})  # fmt: skip
    by.loc[n < 10, ["actual", "low", "high", "predicted"]] = np.nan
    return by[n >= 5].reset_index(drop=True), pd.DataFrame([total], columns=list(HELD_TOTAL))


def _tracking(
    model: Lifetimes, seen: Histories, tracked: Frame, cut: datetime.datetime, until: datetime.datetime
) -> Frame:
    """Cumulative repeat purchases week by week of those who had bought before the cut."""
    before = float(seen.age.max())  # weeks from the first purchase of all to the last day before the cut
    whole = before + (until - cut).days / WEEK
    ends = np.arange(1, int(whole) + 1)
    born = before - seen.age  # when customers came, in weeks from the first
    # alike births are put together, as the sum over customers is all that counts
    births, place = np.unique(np.round(born, 6), return_inverse=True)
    count = np.bincount(place, weights=seen.customers)
    hoped = [float(count @ expected_of_new(model.parameters, end - births)) for end in ends]
    weekly = np.zeros(len(ends) + 1)
    inside = tracked[tracked["week"] < len(ends)]
    weekly[inside["week"].to_numpy(int)] = inside["purchases"].to_numpy(float)
    first = cut - datetime.timedelta(days=1 + round(before * WEEK))
    days = [pd.Timestamp(first + datetime.timedelta(days=7 * int(end))) for end in ends]
    table = {"week": days, "actual": weekly.cumsum()[:-1], "expected": hoped, "held_out": [day > cut for day in days]}
    return pd.DataFrame(table, columns=list(TRACKING))


def parameters(model: Lifetimes) -> Frame:
    """The parameters with their 95 % intervals, symmetric in their logarithms: PARAMETERS."""
    width = np.exp(Z * np.sqrt(np.diag(model.spread)))
    rows = zip(NAMES, model.parameters, model.parameters / width, model.parameters * width, strict=True)
    return pd.DataFrame(rows, columns=list(PARAMETERS))
