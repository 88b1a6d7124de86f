"""The words for a change: its total, its parts with their intervals, and that nothing changed clearly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cx_metrics.analyses.change_parts import CROSS, Parted
from cx_metrics.analyses.change_tables import ALL
from cx_metrics.metrics.change import Change, size, span
from cx_metrics.metrics.estimators import Z
from cx_metrics.scope import DIMENSIONS
from cx_metrics.wording import amount, duration, in_sentence, number

Row = dict[str, Any]  # of a table of parts, see `change_tables.COLUMNS`
_POWER = 2.8  # standard errors: a change that is seen four times in five (1.96 + 0.84)


@dataclass(frozen=True)
class Finding:
    """One difference that is called a change.

    part: "mix", "within", "contribution", "difference" or "reversal". size, low, high: in the metric's unit. group: the
    one that is named first. text: a sentence; short: its main clause.
    """

    metric: str
    dimension: str
    group: str
    part: str
    size: float
    low: float
    high: float
    text: str
    short: str


def words(dimension: str) -> str:
    """Dimensions for people: "channel", "channel × team"."""
    return CROSS.join(DIMENSIONS.get(name, name.replace("_", " ")) for name in dimension.split(CROSS))


def signed(x: float, unit: str) -> str:
    """A part of a change: "-5.3 points", "+1 min 7 s", "+1,234"."""
    sign = "-" if x < 0 else "+"
    return f"{'' if _zero(x, unit) else sign}{bare(abs(x), unit)}{_suffix(unit)}"


def ends(low: float, high: float, unit: str) -> str:
    """The interval of a part, signed: "-6.1 to -4.5"."""
    return " to ".join(signed(x, unit).removesuffix(_suffix(unit)) for x in (low, high))


def away(row: Row, unit: str) -> str:
    """A part without its sign, with its interval: "5.3 points (4.4 to 6.1)"."""
    low, high = (
        sorted((abs(row["low"]), abs(row["high"]))) if row["low"] * row["high"] > 0 else (row["low"], row["high"])
    )
    return f"{bare(abs(row['size']), unit)}{_suffix(unit)} ({bare(low, unit)} to {bare(high, unit)})"


def bare(x: float, unit: str) -> str:
    """A size without its sign or unit where the sentence has them: "5.3", "2 min 5 s", "1,234"."""
    if unit in ("seconds", "hours"):
        return duration(x * (3600.0 if unit == "hours" else 1.0))
    return number(x) if unit in ("count", "money") else f"{x:.1f}" if unit in ("%", "points") else f"{x:.2f}"


def _zero(x: float, unit: str) -> bool:
    return bare(abs(x), unit).strip("0.") in ("", " s")


def _suffix(unit: str) -> str:
    return " points" if unit in ("%", "points") else ""


def total(found: Parted) -> str:
    """What the figure did, e.g. "CSAT fell by 5.6 points (4.1 to 7.1), from 79.7 % to 74.2 %"."""
    metric, change = found.metric, found.change
    if change is None:
        enough = all((one.n or 0) >= metric.minimum_n for one in (found.before, found.now))
        why = metric.undefined if enough and metric.undefined else "there are too few data in one of the two periods"
        return f"{metric.title} cannot be compared: {why}."
    course = f"from {amount(found.before.value, metric.unit)} to {amount(found.now.value, metric.unit)}"
    if not change.clear:
        return f"{metric.title} did not change clearly ({span(change, metric.unit)}), {course}."
    down = change.value < 0
    moved = Change(-change.value, -change.high, -change.low, change.relative) if down else change
    by = size(moved, metric.unit).lstrip("+")
    low, high = (
        part.lstrip("+") for part in span(moved, metric.unit).removesuffix(" points").removesuffix(" %").split(" to ")
    )
    return f"{metric.title} {'fell' if down else 'rose'} by {by} ({low} to {high}), {course}."


def nothing(found: Parted) -> str:
    """What is said where no difference survives: how large one would have had to be."""
    change, metric = found.change, found.metric
    if change is None or found.way == "none":
        return ""
    half = (change.high - change.low) / 2 / Z * _POWER
    seen = size(Change(half, half, half, change.relative), metric.unit).lstrip("+")
    return (
        f"No difference in {in_sentence(metric.title)} by group is more than chance; a change of the figure as a whole "
        f"by {seen} would have been seen four times in five."
    )


def told(found: Parted, most: Sequence[Finding]) -> list[str]:
    """The sentences about one metric: its total, then the findings, or that there are none."""
    return [total(found), *(one.text for one in most)] if most else [total(found), *filter(None, [nothing(found)])]


def mixed(found: Parted, by: str) -> list[str]:
    """How much of a change is mix by one dimension, and whose share moved most; nothing where it cannot be said."""
    own = found.parts[found.parts["dimension"] == by]
    if found.way != "mix" or own.empty:
        return []
    unit, said = found.metric.unit, {}
    for row in own[own["group"] == ALL].to_dict("records"):
        said[row["part"]] = f"{signed(row['size'], unit)} ({ends(row['low'], row['high'], unit)})"
    text = (
        f"Of the change, {said['mix']} come from a different mix (by {words(by)}) and {said['within']} from changes "
        "within the groups"
    )
    size_of = own[own["group"] == ALL].set_index("part")["size"].abs()
    groups = own[(own["part"] == "mix") & (own["group"] != ALL)].to_dict("records")
    moved = max(groups, key=lambda row: abs(row["share_now"] - row["share_before"]))
    if size_of["mix"] > size_of["within"]:
        text += f"; the largest shift is {moved['group']}, from {moved['share_before']:.0f} % to "
        text += f"{moved['share_now']:.0f} % of the rows behind the figure"
    return [text + "."]
