"""What changed from one period to the other, and why: within groups, or by their mix; what is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.change_findings import findings
from cx_metrics.analyses.change_parts import CANDIDATES, Parted, parted, totals_of
from cx_metrics.analyses.change_tables import COLUMNS
from cx_metrics.analyses.change_words import Finding, told, words
from cx_metrics.metrics.catalog import compared, data_period, defined, headlines, with_data
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import Scope, short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import in_sentence, listing

_TOTAL = ("metric", "unit", "n_before", "n_now", "value_before", "value_now", "change", "low", "high", "relative")
_FOUND = ("metric", "dimension", "group", "part", "size", "low", "high", "text")


def changes(warehouse: Warehouse, scope: Scope, names: Sequence[str] = (), dimension: str = "") -> Analysis:
    """What changed in a scope against its comparison period; names: of metrics (none: all headline metrics with data).

    Tables: totals (metric, unit, n, value before and now, change with its interval, relative: in per cent of before),
    parts (metric and `COLUMNS`: see `Parted`), two_way (the same for the best pair of dimensions), findings (metric,
    dimension, group, part, size, low, high, text). dimension: look at this one only. Raises ScopeError.
    """
    chosen = [defined(name, scope) for name in dict.fromkeys(names)] or with_data(warehouse, headlines(scope))
    earlier, why = comparison(warehouse, scope)
    if earlier is None:
        return Analysis("changes", scope, _tables([], []), (why,), _assumptions(scope, None, []))
    only = [dimension] if dimension else None
    found: list[Metric] = []
    unable: list[Metric] = []
    for metric in chosen:
        able = all(name in metric.dimensions for name, _ in scope.filters)
        (found if able else unable).append(metric)
    before, now = (totals_of(warehouse, found, one) for one in (earlier, scope))
    results = [
        parted(warehouse, metric, scope, earlier, only, not only, (before[metric.name], now[metric.name]))
        for metric in found
    ]
    own = [findings(one) for one in results]
    said = [sentence for one, those in zip(results, own, strict=True) for sentence in [*told(one, those), *notes(one)]]
    said += [f"{metric.title} cannot be filtered like this; it is left out." for metric in unable]
    said = said or ["There are no figures with data to compare."]
    return Analysis("changes", scope, _tables(results, own), tuple(said), _assumptions(scope, earlier, results))


def comparison(warehouse: Warehouse, scope: Scope) -> tuple[Scope | None, str]:
    """The comparison period's scope, or None and one sentence why nothing can be compared."""
    if scope.compare == "none":
        return None, "No comparison period is chosen, so that nothing can have changed."
    earlier = compared(warehouse, scope)
    if earlier is None:
        period = data_period(warehouse)
        reach = f" (they begin on {short_date(period[0])})" if period else ""
        return None, f"The data do not reach back far enough to compare{reach}; a shorter period may do."
    if not apart(scope, earlier):
        return None, "The two periods overlap, so that what changed between them cannot be told; choose a shorter one."
    return earlier, ""


def apart(scope: Scope, earlier: Scope) -> bool:
    """Whether the earlier period ends before the scope's begins, so that no row is in both."""
    return earlier.end is not None and scope.start is not None and earlier.end < scope.start


def notes(found: Parted) -> list[str]:
    """What cannot be taken apart about a metric, and why."""
    title = in_sentence(found.metric.title)
    if found.change is None:
        return []
    if found.way == "none":
        return [f"The change of {title} is not separated into groups and mix: that is not defined for it here."]
    if found.way == "sum":
        return [f"For {title}, a sum, each group's contribution adds up to the change; there is no mix."]
    if found.way == "apart":
        return [f"In {title} whoever is counted may be in several groups, so groups do not add up and are compared one "
                "by one."]  # fmt: skip
    if found.definition:
        return [f"{title[:1].upper()}{title[1:]} all but follows from {listing([words(x) for x in found.definition])}, "
                "which says nothing about why it changed and is left out."]  # fmt: skip
    return []


def _tables(results: Sequence[Parted], found: Sequence[Sequence[Finding]]) -> dict[str, pd.DataFrame]:
    totals = pd.DataFrame([_total(one) for one in results], columns=list(_TOTAL))
    columns = ["metric", *COLUMNS]
    parts, two_way = (
        pd.concat([getattr(one, name).assign(metric=one.metric.name) for one in results if len(getattr(one, name))]
                  or [pd.DataFrame(columns=columns)], ignore_index=True)[columns]
        for name in ("parts", "two_way")
    )  # fmt: skip
    rows = pd.DataFrame([asdict(one) for those in found for one in those])
    rows = rows.reindex(columns=list(_FOUND))
    return {"totals": totals, "parts": parts, "two_way": two_way, "findings": rows}


def _total(one: Parted) -> dict[str, object]:
    ends = {name: getattr(one.change, name) if one.change else None for name in ("low", "high", "relative")}
    return {
        "metric": one.metric.name, "unit": one.metric.unit, "n_before": one.before.n, "n_now": one.now.n,
        "value_before": one.before.value, "value_now": one.now.value,
        "change": one.change.value if one.change else None, **ends,
    }  # fmt: skip


def _assumptions(scope: Scope, earlier: Scope | None, results: Sequence[Parted]) -> tuple[str, ...]:
    periods = f"{_period(scope)} against {_period(earlier)}. " if earlier else ""
    looked_at = listing(sorted({f"{one.pairs} for {one.metric.name}" for one in results if one.pairs}))
    return (
        f"{periods}Within: what changed in the groups' own values; mix: what their shares did. Midpoint weights "
        "(Kitagawa 1955), so that the parts add up to the change. A group that only one period has counts as mix.",
        "Intervals are 95 % and allow for chance in values and shares; rows count as independent of each other and the "
        "two periods too. Counts are taken for Poisson.",
        "A difference is called a change where it survives false discovery control (Benjamini and Hochberg, at most "
        "5 % expected to be chance) over all dimensions, groups and parts of a figure; below n = 30 nothing is tested, "
        "and groups with n below 10 are one row.",
        f"Two-way: the pairs of the {CANDIDATES} dimensions whose parts exceed chance most are looked at"
        f"{f' ({looked_at})' if looked_at else ''}, the one whose parts exceed chance most beyond the best single "
        "dimension is shown, and all are controlled together.",
        "A dimension that leaves less than half of a figure's variance within its groups is taken for part of the "
        "figure's definition. Quantiles: groups' parts come from the share of values below the quantile.",
        "A part says where a change lies, not what caused it: who comes through a group may differ, dimensions "
        "overlap, and events are marks, not causes.",
    )


def _period(scope: Scope) -> str:
    return " to ".join(short_date(day) if day else "open" for day in (scope.start, scope.end))
