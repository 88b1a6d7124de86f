"""What friction costs: revenue at risk where it is known, points of CSAT and NPS, and contact hours."""

from __future__ import annotations

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.driver_models import DriverModel, driver_models
from cx_metrics.analyses.friction_hours import friction_hours
from cx_metrics.analyses.price_words import assumptions, sentences
from cx_metrics.analyses.value_at_risk import RevenueAtRisk, revenue_at_risk
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

METRICS = ("csat", "nps")
TOTAL = "total"
_FEW = 10  # below, a value is hidden
_OTHERS = "(other stages)"


def price(warehouse: Warehouse, scope: Scope) -> Analysis:
    """The price of friction in a scope whose period is set, by signal; the parts sum to the totals.

    Tables: revenue (signal, title, customers, value: yearly revenue at risk, low, high, share of the customers' yearly
    value), points (signal, title, metric: csat or nps, hits, value: points lost, low, high), hours (signal, title,
    contacts, value, low, high), stages (measure: revenue or hours, stage, signal, title, contacts, value) and totals
    (measure: revenue, csat, nps or hours, unit, n, value, low, high). Counts below 5 and values of fewer than 10 are
    missing. Raises ScopeError for a filter that answers or contacts do not have.
    """
    models, revenue = driver_models(warehouse, scope), revenue_at_risk(warehouse, scope)
    hours, by_stage = friction_hours(warehouse, scope)
    points = lost_points(models)
    tables = {
        "revenue": _hidden(_without_total(revenue.parts), "customers"),
        "points": _without_total(points),
        "hours": _hidden(_without_total(hours), "contacts"),
        "stages": _hidden(stages(revenue.parts, by_stage), "contacts"),
        "totals": _totals(revenue, models, points, hours),
    }
    said = sentences(tables, revenue, models)
    return Analysis("price", scope, tables, said, assumptions(scope, revenue))


def lost_points(models: dict[str, DriverModel]) -> pd.DataFrame:
    """Points that each signal takes from CSAT and NPS, with a row "total" for each: the columns of `points`."""
    found = [models[name].lost.assign(metric=name) for name in METRICS if name in models and len(models[name].lost)]
    columns = ["signal", "title", "metric", "hits", "value", "low", "high"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def stages(revenue: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    """Each signal's parts by stage: measure, stage, signal, title, contacts (with the signal), value.

    revenue: signal, value; a signal's revenue is shared out in proportion to where its contacts were. hours: signal,
    title, stage, contacts, value. Stages with few contacts of a signal are put together, so that the parts still sum to
    the signal's own.
    """
    named = hours.assign(stage=hours["stage"].astype(object).where(hours["stage"].notna(), "(not given)"))
    named = named.assign(stage=named["stage"].where(named["contacts"] >= _FEW, _OTHERS))
    by = ["stage", "signal", "title"]
    spent = named.groupby(by, sort=False)[["contacts", "value"]].sum().reset_index().assign(measure="hours")
    parts = revenue.set_index("signal")["value"].astype(float)
    share = spent["contacts"] / spent.groupby("signal")["contacts"].transform("sum")
    money = spent.assign(measure="revenue", value=share * spent["signal"].map(parts).astype(float))
    both = [frame for frame in (money.dropna(subset="value"), spent) if len(frame)]
    columns = ["measure", *by, "contacts", "value"]
    if not both:
        return pd.DataFrame(columns=columns)
    return pd.concat(both).sort_values(["measure", "value"], ascending=False, ignore_index=True)[columns]


def _without_total(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["signal"] != TOTAL].reset_index(drop=True)


def _hidden(table: pd.DataFrame, count: str) -> pd.DataFrame:
    few = (table[count] > 0) & (table[count] < _FEW)
    figures = {name: table[name].mask(few) for name in ("value", "low", "high", "share") if name in table}
    return table.assign(**figures, **{count: table[count].mask(few & (table[count] < HIDDEN_BELOW))})


def _totals(
    revenue: RevenueAtRisk, models: dict[str, DriverModel], points: pd.DataFrame, hours: pd.DataFrame
) -> pd.DataFrame:
    totals = [("revenue", revenue.currency or "money", revenue.customers, revenue.parts)]
    totals += [(name, "points", model.n, points[points["metric"] == name]) for name, model in models.items()]
    totals += [("hours", "hours", 0, hours)]
    found = []
    for measure, unit, n, table in totals:
        for row in table[table["signal"] == TOTAL].to_dict("records"):
            figures = {name: row[name] for name in ("value", "low", "high")}
            found.append({"measure": measure, "unit": unit, "n": row.get("contacts", n), **figures})
    return _hidden(pd.DataFrame(found, columns=["measure", "unit", "n", "value", "low", "high"]), "n")
