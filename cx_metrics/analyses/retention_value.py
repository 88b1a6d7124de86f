"""What customers are worth over the next one and three years: from purchases, from subscriptions, and together."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.retention_lifetimes import SHOWN, Bought
from cx_metrics.analyses.retention_purchases import WEEK, as_histories, currencies, spends
from cx_metrics.analyses.retention_remaining import HELD, held_out, rates, remaining, running, unfit
from cx_metrics.analyses.retention_scope import MONTH_DAYS, Looked
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.lifetimes import Histories, alive, expected
from cx_metrics.metrics.spending import Spending, fit, natural
from cx_metrics.metrics.spending import expected as spend_expected
from cx_metrics.model import subscriptions
from cx_metrics.warehouse import Warehouse

HORIZONS = (12, 36)  # months
DISCOUNT = 0.10  # a year
FEWEST_SPENDS = 50  # customers with a repeat purchase whose amount is known
SEVERAL = "the amounts are in several currencies, which do not add up"
VALUE = ("source", "months", "customers", "value", "low", "high", "per_customer", "currency")
BY_EARLIER = ("earlier", "customers", "alive", "purchases", "value")
_QUARTERS, _STEP = 3, 1e-3  # months that are discounted together; of a logarithm, for slopes
Array = npt.NDArray[np.float64]
Frame = pd.DataFrame


@dataclass(frozen=True)
class Worth:
    """table: VALUE, sources "orders", "subscriptions" and, where both are in one currency, "together". by_earlier:
    BY_EARLIER, of buyers, over the first horizon. spending: the fitted model. held: HELD, of subscriptions. reasons:
    source -> why it has no value."""

    table: Frame
    by_earlier: Frame
    spending: Spending | None
    held: Frame
    reasons: dict[str, str]


def worth(warehouse: Warehouse, looked: Looked, bought: Bought) -> Worth:
    """The value of the scope's customers; bought: the model of their purchases."""
    ordered, by_earlier, spending, why = _of_orders(warehouse, looked, bought)
    reasons = {"orders": why} if why else {}
    subscribed, held, why = _of_subscriptions(warehouse, looked)
    reasons |= {"subscriptions": why} if why else {}
    parts = ordered + subscribed
    if ordered and subscribed and len({part.currency for part in parts}) == 1:
        parts += [together([part for part in parts if part.months == months]) for months in HORIZONS]
    table = pd.DataFrame([part.row() for part in parts], columns=list(VALUE))
    return Worth(table, by_earlier, spending, held, reasons)


@dataclass(frozen=True)
class Part:
    """What customers are worth from a source within so many months, in a currency, with a 95 % interval."""

    source: str
    months: int
    customers: float
    value: float
    low: float
    high: float
    currency: str

    def row(self) -> tuple[object, ...]:
        """As VALUE."""
        per_customer = self.value / self.customers if self.customers > 0 else float("nan")
        return self.source, self.months, self.customers, self.value, self.low, self.high, per_customer, self.currency


def together(parts: list[Part]) -> Part:
    """Sources of one horizon added up, their intervals as those of independent estimates. How many customers these are
    is not said, for one with both counts in both."""
    value = sum(part.value for part in parts)
    down, up = (float(np.sqrt(sum(gap**2 for gap in gaps))) for gaps in (
        [part.value - part.low for part in parts], [part.high - part.value for part in parts]))  # fmt: skip
    return Part("together", parts[0].months, float("nan"), value, value - down, value + up, parts[0].currency)


# --- purchases ---------------------------------------------------------------------------------------------------


def _of_orders(warehouse: Warehouse, looked: Looked, bought: Bought) -> tuple[list[Part], Frame, Spending | None, str]:
    empty = pd.DataFrame(columns=list(BY_EARLIER))
    if bought.model is None or looked.orders_until is None:
        return [], empty, None, bought.reason
    known = currencies(warehouse, looked.scope, looked.orders_until)
    if len(known) > 1:
        return [], empty, None, SEVERAL
    seen = spends(warehouse, looked.scope, looked.orders_until)
    if seen.customers.sum() < FEWEST_SPENDS:
        few = f"{FEWEST_SPENDS} customers with a repeat purchase of a known amount are needed"
        return [], empty, None, f"{few}; there are {seen.customers.sum():,.0f}"
    spending = fit(seen)
    people, currency = float(bought.rows["customers"].sum()), known[0] if known else ""
    parts = []
    for months in HORIZONS:
        value, half = _with_interval(bought, spending, months)
        parts.append(Part("orders", months, people, value, max(value - half, 0.0), value + half, currency))
    return parts, _by_earlier(bought, spending), spending, ""


def discounted(parameters: Array, seen: Histories, months: int) -> Array:
    """Purchases expected within so many months, each discounted at the middle of its quarter; per customer."""
    total, before = np.zeros(len(seen.repeats)), np.zeros(len(seen.repeats))
    for end in range(_QUARTERS, months + 1, _QUARTERS):
        upto = expected(parameters, end * MONTH_DAYS / WEEK, seen)
        total += (upto - before) / (1 + DISCOUNT) ** ((end - _QUARTERS / 2) / 12)
        before = upto
    return total


def _spent(spending: Array, rows: Frame) -> Array:
    """Mean spend expected of each row of `histories`, added up over its customers."""
    repeats, priced, spent = (rows[name].to_numpy(float) for name in ("repeats", "priced", "spent"))
    p, q, v = spending
    of_priced = p * (priced * v + spent) / (p * repeats + q - 1)
    others = rows["customers"].to_numpy(float) - priced
    return np.asarray(of_priced + others * spend_expected(spending, np.zeros(1), np.zeros(1)))


def _with_interval(bought: Bought, spending: Spending, months: int) -> tuple[float, float]:
    """The value of all customers and half its 95 % interval, by the delta method over both models' parameters."""
    assert bought.model is not None
    seen, logs = as_histories(bought.rows), np.log(bought.model.parameters)
    purchases, spent = discounted(bought.model.parameters, seen, months), _spent(spending.parameters, bought.rows)
    slopes = np.array([
        float(spent @ (discounted(np.exp(logs + step), seen, months) - discounted(np.exp(logs - step), seen, months)))
        for step in _STEP * np.eye(4)
    ]) / (2 * _STEP)  # fmt: skip
    own = np.log(spending.parameters - np.array([0.0, 1.0, 0.0]))
    money = np.array([
        float(purchases @ (_spent(natural(own + step), bought.rows) - _spent(natural(own - step), bought.rows)))
        for step in _STEP * np.eye(3)
    ]) / (2 * _STEP)  # fmt: skip
    variance = float(slopes @ bought.model.spread @ slopes + money @ spending.spread @ money)
    return float(purchases @ spent), Z * float(np.sqrt(variance))


def _by_earlier(bought: Bought, spending: Spending) -> Frame:
    """By repeat purchases so far: the chance of not having left, purchases and value of the first horizon, per one."""
    assert bought.model is not None
    seen, count = as_histories(bought.rows), bought.rows["customers"].to_numpy(float)
    parameters = bought.model.parameters
    bought_then = expected(parameters, HORIZONS[0] * MONTH_DAYS / WEEK, seen)
    value = discounted(parameters, seen, HORIZONS[0]) * _spent(spending.parameters, bought.rows)
    table = pd.DataFrame({
        "earlier": bought.rows["repeats"].clip(upper=SHOWN), "customers": count,
        "alive": count * alive(parameters, seen), "purchases": count * bought_then, "value": value,
    })  # fmt: skip
    sums = table.groupby("earlier").sum().reset_index()
    for name in ("alive", "purchases", "value"):
        sums[name] = (sums[name] / sums["customers"]).where(sums["customers"] >= 10)
    return sums[sums["customers"] >= 5].reset_index(drop=True)


# --- subscriptions -----------------------------------------------------------------------------------------------


def _of_subscriptions(warehouse: Warehouse, looked: Looked) -> tuple[list[Part], Frame, str]:
    until, nothing = looked.subscriptions_until, pd.DataFrame(columns=list(HELD))
    if until is None:
        return [], nothing, "there are no subscriptions of known customers"
    now, known = running(warehouse, looked, until), rates(warehouse, looked, until)
    why = unfit(float(now["customers"].sum()), float(known.left.sum()))
    if why:
        return [], nothing, why
    held = held_out(warehouse, looked, until, _first_start(warehouse))
    priced = now[now["amount"] > 0]
    units = set(priced["low"]) | set(priced["high"])
    if len(units) > 1:
        return [], held, SEVERAL
    if priced.empty:
        return [], held, "the subscriptions have no amounts"
    people, amount, ages = (now[name].to_numpy(float) for name in ("priced", "amount", "age"))
    monthly, redrawn, kept = known.monthly(), known.monthly(known.redrawn()), 1 / (1 + DISCOUNT)
    parts = []
    for months in HORIZONS:
        value = float(amount @ remaining(monthly, ages, months, kept))
        low, high = np.quantile(remaining(redrawn, ages, months, kept) @ amount, [0.025, 0.975])
        ends = min(float(low), value), max(float(high), value)
        parts.append(Part("subscriptions", months, float(people.sum()), value, *ends, *units))
    return parts, held, ""


def _first_start(warehouse: Warehouse) -> datetime.datetime:
    found = warehouse.read(sa.select(sa.func.min(subscriptions.c.started_at).label("first")))["first"].iloc[0]
    return pd.Timestamp(found).to_pydatetime()
