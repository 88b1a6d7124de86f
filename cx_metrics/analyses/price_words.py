"""The price of friction in sentences, and what it rests on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.customers_at_risk import LOOK_BACK_DAYS, YEAR_DAYS
from cx_metrics.analyses.driver_models import DriverModel, title_of
from cx_metrics.analyses.leaving import SUBSCRIPTION
from cx_metrics.analyses.leaving_chances import HORIZON_DAYS, LIMIT
from cx_metrics.analyses.value_at_risk import RevenueAtRisk
from cx_metrics.metrics.random_groups import GROUPS
from cx_metrics.scope import Scope
from cx_metrics.wording import listing, number

_NAMED = 3  # parts named in a sentence; the tables have all


def sentences(
    tables: dict[str, pd.DataFrame], revenue: RevenueAtRisk, models: dict[str, DriverModel]
) -> tuple[str, ...]:
    """The price in money, points and hours, then why one of them is missing. tables: of the analysis."""
    totals = tables["totals"].dropna(subset="value").set_index("measure")
    said = _money(totals.loc["revenue"], tables["revenue"], revenue) if "revenue" in totals.index else []
    for name in ("csat", "nps"):
        if name in totals.index:
            own = tables["points"][tables["points"]["metric"] == name]
            said.append(_points(title_of(name), totals.loc[name], own))
    if "hours" in totals.index:
        said.append(_hours(totals.loc["hours"], tables["hours"]))
    if "revenue" not in totals.index:
        said.append(f"There is no price in money: {revenue.reason}.")
    for name in ("csat", "nps"):
        if name not in totals.index:
            why = models[name].reason if name in models else "there are no answers that go with contacts"
            said.append(f"There is no price in {title_of(name)} points: {why}.")
    return tuple(said)


def _money(total: Any, parts: pd.DataFrame, revenue: RevenueAtRisk) -> list[str]:
    unit = f" {revenue.currency}" if revenue.currency else ""
    figure = f"{number(total['value'])}{unit} a year ({number(total['low'])} to {number(total['high'])})"
    whole = f"{number(revenue.value)}{unit} a year that the {revenue.customers:,} customers with a contact are worth"
    if total["low"] > 0:
        share = 100 * total["value"] / revenue.value
        said = [f"Friction puts {figure} at risk: {share:.1f} % of the {whole}."]
    else:
        said = [f"No revenue at risk can be told from zero: {figure} of the {whole}."]
    clear = [
        f"{row['title'].lower()} {number(row['value'])}{unit} ({number(row['low'])} to {number(row['high'])})"
        for row in parts[parts["low"] > 0].head(_NAMED).to_dict("records")
    ]
    said.append(f"Clearly above zero: {listing(clear)}." if clear else "No signal's part is clearly above zero.")
    return said


def _points(title: str, total: Any, parts: pd.DataFrame) -> str:
    span = f"{total['low']:.1f} to {total['high']:.1f}; n = {total['n']:,.0f} answers"
    figures = f"{total['value']:.1f} points of {title} ({span})"
    said = f"Friction costs {figures}" if total["low"] > 0 else f"No loss of {title} can be told from zero: {figures}"
    largest = parts[parts["low"] > 0].head(_NAMED)
    named = [f"{row['title'].lower()} {row['value']:.1f}" for row in largest.to_dict("records")]
    return f"{said}; its largest parts: {listing(named)}." if named else f"{said}."


def _hours(total: Any, parts: pd.DataFrame) -> str:
    largest = parts[parts["value"] > 0].head(_NAMED)
    named = [f"{row['title'].lower()} {number(row['value'])}" for row in largest.to_dict("records")]
    span = f"{number(total['low'])} to {number(total['high'])}; after {total['n']:,.0f} contacts"
    said = f"Further contacts after one with friction took {number(total['value'])} hours ({span})"
    return f"{said}; the largest parts: {listing(named)}." if named else f"{said}."


def assumptions(scope: Scope, revenue: RevenueAtRisk) -> tuple[str, ...]:
    """What the figures rest on and do not cover."""
    days = scope.limits.repeat_days
    return (
        *(_of_money(days, revenue) if revenue.rule else ()),
        "Points lost: the effect of a signal on the metric (see the drivers) times the share of answers with it. They "
        "are points among those who answered, not among customers who were never asked.",
        f"Hours: the handling time of the customer's next contact on the same reason, within {days:g} days, shared "
        "equally over the signals of the contact before. A repeat contact is one of these signals by its definition.",
        "All of these are associations: they are the price of friction only as far as friction is the cause. The parts "
        "sum to the total, so that none is cut off at zero: one below it may be the work of chance.",
    )


def _of_money(days: float, revenue: RevenueAtRisk) -> tuple[str, ...]:
    assert revenue.rule is not None
    left = "left" if revenue.rule is SUBSCRIPTION else "did not order"
    return (
        f"Revenue at risk: each customer's yearly value times what the signals of the {LOOK_BACK_DAYS} days up to the "
        "last contact of the period add to the chance of leaving; where several signals meet, their sum is shared out "
        "by Shapley's value, exactly. By stage, a signal's part is shared out by where its contacts were.",
        f"Leaving: {revenue.rule.definition} It counts from {days:g} days after a contact, when the signals are known, "
        f"to {HORIZON_DAYS} days after it. The chances come from a logistic regression on the signals, the number of "
        f"contacts, segment and quarter, over {revenue.judged:,} contacts of the period that enough days of data "
        f"follow (at most {LIMIT:,}, of whole customers drawn at random); {revenue.leavers:,} of these customers "
        f"{left}.",
        "Yearly value: twelve months of the subscriptions that ran at the last contact, and the orders of the "
        f"{YEAR_DAYS} days before it that were kept. It is revenue, not margin, and no later year counts.",
        f"Intervals are 95 %, from {GROUPS} random groups that keep each customer whole.",
    )
