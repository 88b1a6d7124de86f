"""The figures of teams: what happens at the touchpoints that a team owns, and in the contacts that it handles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import answered, small_hidden
from cx_metrics.dialect import bucket
from cx_metrics.metrics.estimators import Share, Z
from cx_metrics.metrics.facts import ANSWERS, CONTACTS, Fact
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.signals import any_signal, signals
from cx_metrics.metrics.suppression import HIDDEN_BELOW, suppress
from cx_metrics.model import interactions as contact
from cx_metrics.model import survey_answers as answer
from cx_metrics.model import touchpoint_owners as owner
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

OWNS, HANDLES = "owns", "handles"
WAYS = (OWNS, HANDLES)
_HOUR = 3600.0
_SUMS = ("told", "hours", "squares", "repeats", "repeat_hours", "friction", "friction_hours")
HOURS = ("hours", "hours_low", "hours_high", "repeats", "repeat_hours", "friction_hours")


def able(fact: Fact, scope: Scope) -> bool:
    """Whether a fact has every dimension that the scope filters by."""
    return all(name in fact.dimensions for name, _ in scope.filters)


def rates(
    warehouse: Warehouse, metric: Metric, scope: Scope, every: str | None = None, ways: Sequence[str] = WAYS
) -> pd.DataFrame:
    """A share by way and team: way (owns, handles), team, period (with `every`), n, value (%), low, high, suppressed.

    owns: rows at touchpoints that the team owns, counted for each of its owners; handles: rows of the team itself.
    metric: of contacts or of answers. Empty where the metric lacks a dimension of the scope's filters.
    """
    keys = ["team", *(["period"] if every else [])]
    columns = ["way", *keys, "n", "value", "low", "high", "suppressed"]
    if not able(metric.fact, scope):
        return pd.DataFrame(columns=columns)
    parts = [warehouse.read(_rates(metric, scope, way, every)).assign(way=way) for way in ways]
    return pd.concat(parts, ignore_index=True)[columns].astype(dict.fromkeys(("n", "value", "low", "high"), float))


def _joined(fact: Fact, scope: Scope, way: str) -> tuple[sa.FromClause, Any]:
    """What to select from, and the column of the team."""
    source = fact.source([name for name, _ in scope.filters])
    if way == HANDLES:
        return source, fact.own["team"]
    return source.join(owner, owner.c.touchpoint == fact.own["touchpoint"]), owner.c.team


def _rates(metric: Metric, scope: Scope, way: str, every: str | None) -> sa.Select[Any]:
    assert isinstance(metric.kind, Share)
    source, team = _joined(metric.fact, scope, way)
    groups = [team.label("team"), *([bucket(every, metric.time).label("period")] if every else [])]
    sums = metric.kind.sums()
    summed = (
        sa.select(*groups, *(expression.label(name) for name, expression in sums.items()))
        .select_from(source)
        .where(team.is_not(None), *metric.fact.conditions(scope, metric.time))
        .group_by(*(group.element for group in groups))
        .subquery("summed")
    )
    found = metric.kind.estimate({name: summed.c[name] for name in sums})
    names = [group.name for group in groups]
    figures = [getattr(found, name).label(name) for name in ("n", "value", "low", "high")]
    cells = sa.select(*(summed.c[name] for name in names), *figures).where(found.n > 0).subquery("cells")
    shown = suppress(cells, names, metric.minimum_n)
    return shown.order_by(*(shown.selected_columns[name] for name in names))


def contact_hours(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """Contacts and their handling time by way and team: way, team, n (contacts), customers, told (contacts with a
    handling time), hours, hours_low, hours_high, repeats, repeat_hours (of contacts that were a further contact on the
    same reason within the window), friction_hours (of contacts with a signal of friction), suppressed.

    Interval: compound Poisson (the variance of a sum is the sum of squares).
    """
    parts = []
    for way in WAYS:
        question = _hours(scope, way)
        numbers = ("n", "customers", *_SUMS)
        parts.append(answered(warehouse, question, *numbers).assign(way=way))
    found = pd.concat(parts, ignore_index=True)
    half = Z * found["squares"] ** 0.5
    low = (found["hours"] - half).clip(lower=0.0)
    table = found.assign(hours_low=low, hours_high=found["hours"] + half)
    few = table["customers"] < HIDDEN_BELOW
    table["customers"] = table["customers"].mask(few)
    return table[["way", "team", "n", "customers", "told", *HOURS, "suppressed"]]


def _hours(scope: Scope, way: str) -> sa.Select[Any]:
    source, team = _joined(CONTACTS, scope, way)
    hours = contact.c.handle_seconds / _HOUR
    repeat = sa.func.coalesce(contact.c.hours_since_previous <= 24.0 * scope.limits.repeat_days, sa.false())
    stuck = any_signal(signals(scope.limits))
    values = {
        "told": sa.case((contact.c.handle_seconds.is_not(None), 1.0), else_=0.0), "hours": hours,
        "squares": hours * hours, "repeats": sa.case((repeat, 1.0), else_=0.0),
        "repeat_hours": sa.case((repeat, hours)), "friction": sa.case((stuck, 1.0), else_=0.0),
        "friction_hours": sa.case((stuck, hours)),
    }  # fmt: skip
    totals = (sa.func.coalesce(sa.func.sum(value), 0.0) for value in values.values())
    sums = [sa.cast(total, sa.Double).label(name) for name, total in zip(values, totals, strict=True)]
    people = sa.cast(sa.func.count(contact.c.customer_id.distinct()), sa.Double).label("customers")
    cells = (
        sa.select(team.label("team"), sa.cast(sa.func.count(), sa.Double).label("n"), people, *sums)
        .select_from(source)
        .where(team.is_not(None), *CONTACTS.conditions(scope, contact.c.occurred_at))
        .group_by(team)
        .cte("cells")
    )
    shown = small_hidden(cells, ("team",), ("customers", *_SUMS))
    return shown.order_by(cells.c.team)


def customers_touched(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """Different customers that a team's work touched, either way: team, customers; fewer than 5 are hidden.

    Touched: a contact at a touchpoint that the team owns or that it handled, or an answer about such a touchpoint that
    goes with no contact.
    """
    parts = []
    for way in WAYS:
        source, team = _joined(CONTACTS, scope, way)
        where = CONTACTS.conditions(scope, contact.c.occurred_at)
        parts.append(sa.select(team.label("team"), contact.c.customer_id).select_from(source).where(*where))
    if able(ANSWERS, scope):
        source, team = _joined(ANSWERS, scope, OWNS)
        where = [answer.c.respondent == "customer", answer.c.interaction_id.is_(None), answer.c.score.is_not(None)]
        where += ANSWERS.conditions(scope, answer.c.answered_at)
        parts.append(sa.select(team, answer.c.customer_id).select_from(source).where(*where))
    pairs = sa.union(*parts).subquery("pairs")  # the union keeps each pair once
    people = sa.cast(sa.func.count(pairs.c.customer_id), sa.Double)
    shown = sa.case((people >= HIDDEN_BELOW, people)).label("customers")
    question = sa.select(pairs.c.team, shown).where(pairs.c.team.is_not(None)).group_by(pairs.c.team)
    return warehouse.read(question.order_by(pairs.c.team)).astype({"customers": float})
