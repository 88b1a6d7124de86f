"""Where customers get stuck: friction by stage and channel, by signal, and over time."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.change_points import ALARM, change_points, seasonal, why_none
from cx_metrics.analyses.friction_words import FIGURES, sentences
from cx_metrics.analyses.overview import usual_interval
from cx_metrics.analyses.sensitivity import sensitivity
from cx_metrics.analyses.shifts import shifts
from cx_metrics.metrics.catalog import compared, figures, figures_together
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.friction import COUNTED, friction_rate, signal_rate
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.signals import signals
from cx_metrics.model import interactions as contact
from cx_metrics.model import rules
from cx_metrics.scope import NOT_GIVEN, Scope, ScopeError
from cx_metrics.warehouse import Warehouse


def friction(warehouse: Warehouse, scope: Scope, counted: str = "contacts", signal: str = "") -> Analysis:
    """Friction in a scope whose period is set.

    counted: contacts, cases or customers. signal: name of one of `signals`, or "" for any of them. Tables: total;
    cells (stage, channel); signals (signal, title, rule, ...; most frequent first); course (period, ...);
    change_points (period, before, after, low, high: per cent and percentage points); shifts (channel, period, before,
    after, low, high); sensitivity (left_out, rank_correlation, worst). Raises ScopeError for an unknown signal.
    """
    metric = _metric(scope, counted, signal)
    total = figures(warehouse, metric, scope)
    history = figures(warehouse, metric, replace(scope, start=None, end=None), (), "week")
    tables = {
        "total": total,
        "cells": _in_order(figures(warehouse, metric, scope, ("stage", "channel"))),
        "signals": ranked_signals(warehouse, scope, counted),
        "course": figures(warehouse, metric, scope, (), usual_interval(scope)),
        "change_points": _within(pd.DataFrame(change_points(history), columns=_POINT), scope),
        "shifts": _within(shifts(warehouse, scope), scope),
        "sensitivity": sensitivity(warehouse, scope),
    }
    earlier = compared(warehouse, scope)
    before = figures(warehouse, metric, earlier) if earlier else None
    return Analysis(
        "friction", scope, tables, sentences(metric, tables, before, why_none(history)),
        _assumptions(warehouse, scope, history),
    )  # fmt: skip


_POINT = ["period", "before", "after", "low", "high"]


def _metric(scope: Scope, counted: str, signal: str) -> Metric:
    if not signal:
        return friction_rate(scope.limits, counted)
    known = {found.name: found for found in signals(scope.limits)}
    if signal not in known:
        raise ScopeError(f"there is no signal {signal!r}; there are: {', '.join(known)}")
    return signal_rate(known[signal], counted)


def ranked_signals(warehouse: Warehouse, scope: Scope, counted: str = "contacts") -> pd.DataFrame:
    """Each signal's figures, the most frequent first; n is 0 where the data cannot show it.

    of_all: per cent of all contacts (cases, customers) that are known to have the signal.
    """
    everyone = _everyone(warehouse, scope, counted)
    found = signals(scope.limits)
    rates = [signal_rate(signal, counted) for signal in found]
    values = figures_together(warehouse, rates, scope).set_index("metric")
    names = ("name", "title", "rule", "needs")
    told = pd.DataFrame([{name: getattr(signal, name) for name in names} for signal in found])
    figured = values.reindex([rate.name for rate in rates])[[*FIGURES, "suppressed"]].reset_index(drop=True)
    table = pd.concat([told.rename(columns={"name": "signal"}), figured], axis=1)
    table["of_all"] = table["n"] * table["value"] / everyone if everyone else None
    return table.sort_values(["of_all", "title"], ascending=[False, True], na_position="last", ignore_index=True)


def _everyone(warehouse: Warehouse, scope: Scope, counted: str) -> float:
    """How many contacts, cases or customers there are."""
    of = COUNTED[counted]
    count = sa.func.count() if of is None else sa.func.count(of.distinct())
    source = CONTACTS.source([name for name, _ in scope.filters])
    where = scope.conditions(contact.c.occurred_at, CONTACTS.dimensions)
    return float(warehouse.read(sa.select(count.label("n")).select_from(source).where(*where))["n"][0])


def _in_order(cells: pd.DataFrame) -> pd.DataFrame:
    named = cells.assign(**{name: cells[name].fillna(NOT_GIVEN) for name in ("stage", "channel")})
    place = journey.current().place
    order = sorted(named.index, key=lambda row: (place(named["stage"][row]), place(named["channel"][row])))
    return named.loc[order].reset_index(drop=True)


def _within(table: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Changes whose first week reaches into the period; they are looked for in all data."""
    if table.empty or scope.start is None or scope.end is None:
        return table
    at = pd.to_datetime(table["period"])
    inside = (at > pd.Timestamp(scope.start) - pd.Timedelta(days=7)) & (at <= pd.Timestamp(scope.end))
    return table[inside].reset_index(drop=True)


def _assumptions(warehouse: Warehouse, scope: Scope, history: pd.DataFrame) -> tuple[str, ...]:
    limits = scope.limits
    season = "A yearly season is taken out first." if seasonal(history) else (
        "The data are shorter than two years, so that a season looks like a change."
    )  # fmt: skip
    return (
        f"Contacts younger than {limits.repeat_days:g} days are left out of whatever asks for a further contact.",
        "Signals that the data cannot show count as absent; the table of signals says which.",
        episode_rule(warehouse),
        f"Change points are looked for in all weeks of the data; {ALARM:.0%} of figures that never changed would get a "
        f"mark all the same. {season} They say when, not why.",
        "The friction rate gives each signal the same weight; the table of weights shows how far the order of places "
        "depends on that. There is no industry standard.",
    )  # fmt: skip


def episode_rule(warehouse: Warehouse) -> str:
    """What makes a case, in a sentence; and what journey.toml says, where it was changed after the last import."""
    kept = warehouse.read(sa.select(rules.c.value).where(rules.c.name == "episode_hours"))
    hours = float(kept["value"][0]) if len(kept) else journey.EPISODE_HOURS
    said = (
        "A case is what the source calls one; where it gives none, contacts of one customer on one reason form a case "
        f"as long as no more than {hours:g} hours lie between them."
    )
    wanted = journey.current().episode_hours
    return said if wanted == hours else f"{said} journey.toml says {wanted:g} hours, which the next import applies."
