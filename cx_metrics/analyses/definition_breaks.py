"""Where a figure's definition changed over time: by the company's decision, or because a survey got another scale."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import sqlalchemy as sa

from cx_metrics.dialect import bucket
from cx_metrics.metrics.catalog import FAMILIES, defined, figures, metric_named, reported
from cx_metrics.metrics.estimators import Mean, Net, Share
from cx_metrics.metrics.facts import ANSWERS, GAP_ANSWERS
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.survey import RESPONSE_RATE
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

_COLUMNS = ["at", "words"]


def spans(name: str, scope: Scope) -> list[tuple[Metric, Scope]]:
    """The definitions that a figure had within the scope, oldest first, each with its part of the period.

    One span where the reader chose a definition other than the one reported now: that one then holds for all time.
    Raises ScopeError, and JourneyError for a history that names no definition.
    """
    shown, history = defined(name, scope), reported(name)
    if not history or history[-1].use != shown.name:
        return [(shown, scope)]
    parts = []
    starts = [row.since for row in history]
    if starts[0] is not None:  # before the first entry the product's own definition held
        history, starts = (replace(history[0], use=name, since=None), *history), [None, *starts]
    for row, since, until in zip(history, starts, [*starts[1:], None], strict=True):
        first = max((day for day in (since, scope.start) if day), default=None)
        last = min((day for day in (_before(until), scope.end) if day), default=None)
        if first is None or last is None or first <= last:
            parts.append((metric_named(row.use, scope.limits), replace(scope, start=first, end=last)))
    return parts


def _before(day: datetime.date | None) -> datetime.date | None:
    return None if day is None else day - datetime.timedelta(days=1)


def course_of(
    warehouse: Warehouse, parts: Sequence[tuple[Metric, Scope]], by: Sequence[str], every: str
) -> pd.DataFrame:
    """Figures over time, each part of the period under the definition that held then (column definition).

    parts: as `spans` gives them. A part that begins within an interval begins with its own first day.
    """
    found = []
    for place, (metric, scope) in enumerate(parts):
        part = figures(warehouse, metric, scope, by, every)
        if place and scope.start:
            begun = pd.Timestamp(scope.start)
            part["period"] = [max(pd.Timestamp(period), begun) for period in part["period"]]
        found.append(part.assign(definition=definition_words(metric)))
    return pd.concat(found, ignore_index=True) if len(found) > 1 else found[0]


def breaks(warehouse: Warehouse, name: str, scope: Scope) -> pd.DataFrame:
    """When a figure's definition changed within the scope: at (time), words. Oldest first."""
    parts = spans(name, scope)
    found = [
        (pd.Timestamp(str(own.start)), f"{metric.title}: {before.variant} until then, {metric.variant} from then on")
        for (before, _), (metric, own) in itertools.pairwise(parts)
    ]
    for metric, own in parts:
        found += _scales(warehouse, metric, own)
    return pd.DataFrame(sorted(found), columns=_COLUMNS).astype({"at": "datetime64[us]"})


def _scales(warehouse: Warehouse, metric: Metric, scope: Scope) -> list[tuple[pd.Timestamp, str]]:
    """Months from which on most answers came on another scale than in the months before."""
    of_answers = metric.fact in (ANSWERS, GAP_ANSWERS) and metric.name != RESPONSE_RATE.name
    if not of_answers or not isinstance(metric.kind, Share | Net | Mean):
        return []
    month, scale = bucket("month", answer.c.answered_at), (answer.c.scale_min, answer.c.scale_max)
    question = (
        sa.select(month.label("month"), *scale, sa.func.count().label("n"))
        .select_from(metric.fact.source([of for of, _ in scope.filters]))
        .where(*metric.fact.conditions(scope, metric.time), metric.kind.counted)
        .group_by(month, *scale)
    )
    rows = warehouse.read(question).sort_values(["month", "n"]).drop_duplicates("month", keep="last")
    found, before = [], None
    for month_start, low, high in rows[["month", "scale_min", "scale_max"]].itertuples(index=False):
        if before is not None and (low, high) != before:
            old, new = (f"{a:g}-{b:g}" for a, b in (before, (low, high)))
            words = f"most answers came on a scale of {old} until then, {new} from then on"
            found.append((pd.Timestamp(month_start), words))
        before = (low, high)
    return found


def definition_words(metric: Metric) -> str:
    """The definition that a figure is shown by, where it has rivals: "top two boxes"; else ""."""
    rivals = any(metric.name in names for names in FAMILIES.values())
    return metric.variant if rivals else ""
