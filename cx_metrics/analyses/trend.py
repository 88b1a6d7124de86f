"""One metric over time and by group: its course, its groups, and whether a change is one of mix."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cx_metrics.analyses.change_parts import parted
from cx_metrics.analyses.change_words import mixed
from cx_metrics.analyses.changes import apart
from cx_metrics.analyses.definition_breaks import breaks, course_of, spans
from cx_metrics.analyses.overview import figure
from cx_metrics.charts.trend import ALL
from cx_metrics.metrics.catalog import compared, defined, figures
from cx_metrics.metrics.change import Change, Figure, change, moved
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, in_sentence, interval

_DRAWN = 7  # groups in the chart; the palette tells no more apart
_RANKED = 30  # smallest n that is compared with others


@dataclass(frozen=True)
class Trend:
    """course: period, group, n, value, low, high, suppressed; group "All" is the total, the 7 largest others follow.

    groups: group, n, value, low, high, suppressed over the whole period, largest first. total: of the period.
    change: against the comparison period. breaks: at, words: where the definition changed.
    sentences: what the figures say.
    """

    metric: Metric
    scope: Scope
    by: str | None
    course: pd.DataFrame
    groups: pd.DataFrame
    total: Figure
    change: Change | None
    breaks: pd.DataFrame
    sentences: tuple[str, ...]


def trend(warehouse: Warehouse, name: str, scope: Scope, by: str | None, every: str) -> Trend:
    """The trend of a metric in a scope whose period is set; by: a dimension or None; every: week, month, ..."""
    metric, parts = defined(name, scope), spans(name, scope)
    total = _one(figures(warehouse, metric, scope))
    earlier = compared(warehouse, scope)
    before = _one(figures(warehouse, metric, earlier)) if earlier else None
    found = change(metric, total, before) if before else None
    course = course_of(warehouse, parts, (), every).assign(group=ALL)
    groups = pd.DataFrame()
    if by:
        groups = _grouped(figures(warehouse, metric, scope, (by,)), by)
        groups = groups.sort_values("n", ascending=False, na_position="last")
        largest = list(groups["group"].head(_DRAWN))
        split = _grouped(course_of(warehouse, parts, (by,), every), by)
        course = pd.concat([course, split[split["group"].isin(largest)]], ignore_index=True)
    said = [_total_sentence(metric, scope, total, found)]
    if by and len(groups):
        said += _group_sentences(metric, groups)
        if earlier and before and found and found.clear and apart(scope, earlier):
            said += mixed(parted(warehouse, metric, scope, earlier, (by,), two_way=False, totals=(before, total)), by)
    changed = breaks(warehouse, name, scope)
    return Trend(metric, scope, by, course, groups, total, found, changed, tuple(said))


def _one(frame: pd.DataFrame) -> Figure:
    names = ("n", "value", "low", "high")
    return figure(*(frame.iloc[0][name] for name in names)) if len(frame) else Figure(0, None, None, None)


def _grouped(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """With the groups' names as texts; one that is called like the total is put in quotes."""
    named = frame.rename(columns={by: "group"})
    texts = [NOT_GIVEN if x is None or x != x else str(x) for x in named["group"]]
    return named.assign(group=[f"“{text}”" if text == ALL else text for text in texts])


def _total_sentence(metric: Metric, scope: Scope, total: Figure, found: Change | None) -> str:
    n = f"n = {amount(total.n, 'count')}" if total.n is not None else "n below 5"
    if total.value is None:
        return f"There are too few data for {in_sentence(metric.title)} in this period ({n})."
    about = f"{interval(total.low, total.high, metric.unit)}, {n}"
    said = f"{metric.title} stood at {amount(total.value, metric.unit)} ({about}) in this period"
    return f"{said}: {moved(found, metric.unit)} against the comparison period." if found else f"{said}."


def _group_sentences(metric: Metric, groups: pd.DataFrame) -> list[str]:
    if metric.unit in ("count", "money"):
        known = groups.dropna(subset="value").sort_values("value", ascending=False)
        return [f"Most of it: {g}, {amount(v, metric.unit)}." for g, v in known[["group", "value"]].head(1).to_numpy()]
    ranked = groups[(groups["n"] >= _RANKED) & groups["value"].notna()].sort_values("value")
    if len(ranked) < 2:
        return []
    low, high = ranked.iloc[0], ranked.iloc[-1]
    apart = low["high"] < high["low"]
    ends = [
        f"{row['group']} {amount(row['value'], metric.unit)} ({interval(row['low'], row['high'], metric.unit)})"
        for row in (low, high)
    ]
    words = "Lowest and highest" if apart else "The groups do not differ clearly; lowest and highest"
    return [f"{words}: {ends[0]} and {ends[1]}."]
