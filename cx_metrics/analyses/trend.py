"""One metric over time and by group: its course, its groups, and whether a change is one of mix."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cx_metrics.analyses.choices import events_between
from cx_metrics.analyses.overview import figure
from cx_metrics.charts.trend import ALL
from cx_metrics.metrics.catalog import compared, figures, metric_named
from cx_metrics.metrics.change import Change, Figure, change, moved
from cx_metrics.metrics.estimators import Mean, Net, Share
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import DIMENSIONS, NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, in_sentence, interval

_DRAWN = 7  # groups in the chart; the palette tells no more apart
_RANKED = 30  # smallest n that is compared with others


@dataclass(frozen=True)
class Trend:
    """course: period, group, n, value, low, high, suppressed; group "All" is the total, the 7 largest others follow.

    groups: group, n, value, low, high, suppressed over the whole period, largest first. total: of the period.
    change: against the comparison period. events: marks within the period. sentences: what the figures say.
    """

    metric: Metric
    scope: Scope
    by: str | None
    course: pd.DataFrame
    groups: pd.DataFrame
    total: Figure
    change: Change | None
    events: pd.DataFrame
    sentences: tuple[str, ...]


def trend(warehouse: Warehouse, name: str, scope: Scope, by: str | None, every: str) -> Trend:
    """The trend of a metric in a scope whose period is set; by: a dimension or None; every: week, month, ..."""
    metric = metric_named(name, scope.limits)
    total = _one(figures(warehouse, metric, scope))
    earlier = compared(warehouse, scope)
    before = _one(figures(warehouse, metric, earlier)) if earlier else None
    found = change(metric, total, before) if before else None
    course = figures(warehouse, metric, scope, (), every).assign(group=ALL)
    groups = pd.DataFrame()
    if by:
        groups = _grouped(figures(warehouse, metric, scope, (by,)), by)
        groups = groups.sort_values("n", ascending=False, na_position="last")
        largest = list(groups["group"].head(_DRAWN))
        split = _grouped(figures(warehouse, metric, scope, (by,), every), by)
        course = pd.concat([course, split[split["group"].isin(largest)]], ignore_index=True)
    events = events_between(warehouse, scope.start, scope.end) if scope.start and scope.end else pd.DataFrame()
    said = [_total_sentence(metric, scope, total, found)]
    if by and len(groups):
        said += _group_sentences(metric, groups)
        if earlier and before and found and found.clear and _adds_up(metric):
            old = _grouped(figures(warehouse, metric, earlier, (by,)), by)
            said += _mix_sentences(by, decompose(old, groups, before.n or 0.0, total.n or 0.0))
    return Trend(metric, scope, by, course, groups, total, found, events, tuple(said))


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


def _adds_up(metric: Metric) -> bool:
    """Whether the figure is the mean of its groups' figures, weighted by their n."""
    plain = isinstance(metric.kind, Share | Net | Mean) and getattr(metric.kind, "weight", None) is None
    return plain and getattr(metric.kind, "distinct", None) is None


def _mix_sentences(by: str, parts: tuple[float, float, str, float, float] | None) -> list[str]:
    """Whether the total moved because the groups changed or because their shares did. parts: what `decompose` gives."""
    if parts is None:
        return []
    within, mix, mover, was, now = parts
    said = (
        f"Of the change, {mix:+.1f} points come from a different mix (by {DIMENSIONS[by]}) and {within:+.1f} from "
        "changes within the groups (point estimates)"
    )
    if abs(mix) > abs(within):
        said += f"; the largest shift is {mover}, from {was:.0f} % to {now:.0f} % of the rows behind the figure"
    return [said + "."]


def decompose(
    before: pd.DataFrame, now: pd.DataFrame, n_before: float, n_now: float
) -> tuple[float, float, str, float, float] | None:
    """A change of a total split into change within groups and change of mix, which add up to it exactly.

    before, now: group, n, value; n_before, n_now: of the totals, hidden groups included. Returns (within, mix, group
    whose share moved most, its share before and now in %), or None where hidden groups leave more than 5 % out.
    Midpoint weights (Kitagawa 1955), so that no term is left over.
    """
    columns = ["group", "n", "value"]
    both = before[columns].merge(now[columns], on="group", suffixes=("_0", "_1")).dropna()
    known = both[["n_0", "n_1"]].sum()
    if len(both) < 2 or known["n_0"] < 0.95 * n_before or known["n_1"] < 0.95 * n_now:
        return None
    share_0, share_1 = both["n_0"] / known["n_0"], both["n_1"] / known["n_1"]
    within = float(((both["value_1"] - both["value_0"]) * (share_0 + share_1) / 2).sum())
    mix = float(((share_1 - share_0) * (both["value_0"] + both["value_1"]) / 2).sum())
    place = (share_1 - share_0).abs().idxmax()
    return within, mix, str(both["group"][place]), float(100 * share_0[place]), float(100 * share_1[place])
