"""The verdict on an initiative in words, what supports it, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cx_metrics.analyses.initiative import Filters
from cx_metrics.analyses.initiative_checks import Trend
from cx_metrics.metrics.change import Change, size, span
from cx_metrics.metrics.estimators import Total
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import DIMENSIONS
from cx_metrics.wording import in_sentence, listing

WORKS, HURTS, NOT_SHOWN, NOT_MEASURABLE = "shown to work", "shown to hurt", "not shown", "not measurable"
VERDICTS = (WORKS, HURTS, NOT_SHOWN, NOT_MEASURABLE)


def group_name(filters: Filters) -> str:
    """A group for people: "Care North", or, of several conditions, "team Care North, region East"."""
    if not filters:
        return "everybody"
    if len(filters) == 1:
        return listing(list(filters[0][1]))
    return ", ".join(f"{DIMENSIONS.get(name, name)} {listing(list(values))}" for name, values in filters)


def verdict(metric: Metric, expected: float, value: float, low: float, high: float) -> str:
    """One of WORKS, HURTS, NOT_SHOWN. Where neither direction is better, the expected one is."""
    if low <= 0 <= high:
        return NOT_SHOWN
    upwards = expected > 0 if metric.better == "neither" else metric.better == "higher"
    return WORKS if (value > 0) == upwards else HURTS


def sized(x: float, metric: Metric) -> str:
    """A size without its sign: "7.3 points", "1 min 7 s", "12.00 a week"."""
    return size(Change(abs(x), abs(x), abs(x), relative=False), metric.unit).lstrip("+") + _pace(metric)


def _pace(metric: Metric) -> str:
    return " a week" if isinstance(metric.kind, Total) else ""  # a total depends on how long one counts


def spanned(low: float, high: float, metric: Metric) -> str:
    """The 95 % interval of an effect, signed."""
    return span(Change(low, low, high, relative=False), metric.unit) + _pace(metric)


def measured(
    found: str, metric: Metric, comparison: Filters, value: float, low: float, high: float, smallest: float,
    expected: float,
) -> str:  # fmt: skip
    """The sentence of a verdict with numbers."""
    title, interval = in_sentence(metric.title), f"95 % interval {spanned(low, high, metric)}"
    if found != NOT_SHOWN:
        return (
            f"{found[0].upper()}{found[1:]}: {title} is {sized(value, metric)} {'higher' if value > 0 else 'lower'} "
            f"than it would be if it had moved as in the comparison group, {group_name(comparison)} ({interval})."
        )
    said = (
        f"Not shown: the difference in {title} against {group_name(comparison)} may be chance ({interval}); an effect "
        f"of {sized(smallest, metric)} or more would have been seen four times in five."
    )
    if expected and abs(expected) < smallest:
        said += f" The effect that was expected, {sized(expected, metric)}, is smaller than that."
    return said


def moving_apart(trend: Trend, metric: Metric) -> str:
    """The reason where the groups did not run in parallel before the start."""
    if trend.p < 0.01:
        return (
            f"the groups were already moving apart before the start, by {sized(trend.per_year, metric)} more each year"
        )
    return "the groups did not move alike before the start: their difference went up and down by more than chance"


def evidence(metric: Metric, trend: Trend, placebos: pd.DataFrame, value: float) -> list[str]:
    """What the checks say, one sentence each."""
    slope = f"slope of their difference {spanned(trend.low, trend.high, metric)} each year"
    if trend.clear:
        said = [f"Before the start the groups did not run in parallel ({slope})."]
    elif trend.hint:
        said = [
            f"Before the start there are signs that the groups moved apart ({slope}): take the effect with caution."
        ]
    else:
        said = [f"Before the start the groups did not clearly move apart ({slope})."]
    for kind, name in (("date", "starts before the true one"), ("group", "groups without the initiative")):
        own = placebos[placebos["kind"] == kind]
        if len(own):
            shown, larger = int(own["shown"].sum()), int((own["value"].abs() >= abs(value)).sum())
            said.append(
                f"Of {len(own)} false {name}, {shown} {'comes' if shown == 1 else 'come'} out as an effect; "
                f"{larger} {'is' if larger == 1 else 'are'} at least as large as the real one."
            )
    return said


def assumptions(metric: Metric, by_row: bool, errors: dict[str, float], unseen: Sequence[str]) -> tuple[str, ...]:
    """What the effect rests on."""
    ways = [f"clustered by {name}" for name in errors if name != "weeks"]
    widest = f" and is the widest of {listing([*ways, 'the one of the weekly difference'])}" if ways else ""
    found = [
        "Without the initiative both groups would have moved alike; nothing else began in one of them alone.",
        "Both groups keep their mix of customers, channels and reasons; a change of the mix in one counts as effect.",
        "Nobody moved from one group to the other, and the initiative did not reach the comparison group.",
        "Weeks are counted from the first day of the initiative; a week that the data cover in part is left out.",
        "Shocks of a group may last from week to week: the interval averages over how large they are and how long they "
        f"last{widest}. It holds in simulations of weekly AR(1) shocks up to 0.8; a shock that never fades looks like "
        "an effect.",
    ]
    if isinstance(metric.kind, Total):
        found += [
            "Both groups would have changed by the same share: the comparison group is brought to the target's size.",
            "A total grows with the number of customers of a group, too: a share or a mean of the same rows is safer.",
        ]
    elif not by_row:
        found.append(
            f"{metric.title} is no mean of rows: the weekly figures of both groups are compared, weighted by rows."
        )
    if unseen:
        found.append(
            f"Whether {listing(list(unseen))} reached the same rows cannot be told from {in_sentence(metric.title)}."
        )
    return tuple(found)
