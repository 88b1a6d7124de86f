"""How much a figure changed from one period to another, with a 95 % interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.metric import Metric
from cx_metrics.wording import duration, is_missing

_RELATIVE = ("count", "money")


@dataclass(frozen=True)
class Figure:
    """A figure of one period: n rows behind it, value with interval low to high; None where hidden or unknown."""

    n: float | None
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Change:
    """A difference in the metric's unit, or, for counts and sums, in per cent of the earlier value (`relative`)."""

    value: float
    low: float
    high: float
    relative: bool

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def change(metric: Metric, now: Figure, before: Figure) -> Change | None:
    """The change between two independent periods, or None where either figure is missing.

    Differences combine the two intervals (MOVER, Zou and Donner 2008; for shares this is Newcombe's method 10).
    Counts and sums are compared as a ratio, with a normal interval on the log scale.
    """
    figures = [x for figure in (now, before) for x in (figure.value, figure.low, figure.high)]
    if any(is_missing(x) for x in figures):
        return None
    value, low, high, was, was_low, was_high = (float(x) for x in figures if x is not None)
    if metric.unit in _RELATIVE:
        return _ratio(value, low, high, was, was_low, was_high)
    difference = value - was
    down = math.hypot(value - low, was_high - was)
    up = math.hypot(high - value, was - was_low)
    return Change(difference, difference - down, difference + up, relative=False)


def _ratio(value: float, low: float, high: float, was: float, was_low: float, was_high: float) -> Change | None:
    if value <= 0 or was <= 0:
        return None
    error = math.hypot((high - low) / (2 * Z * value), (was_high - was_low) / (2 * Z * was))
    ratio = value / was
    low_end, high_end = (100 * (ratio * math.exp(sign * Z * error) - 1) for sign in (-1, 1))
    return Change(100 * (ratio - 1), low_end, high_end, relative=True)


def size(found: Change, unit: str) -> str:
    """The change alone, signed: "+2.1 points", "-1 min 7 s", "+14.7 %"; shares differ in percentage points."""
    return _sized(found.value, found, unit) + _suffix(found, unit)


def span(found: Change, unit: str) -> str:
    """The change's 95 % interval: "-4.8 to -1.5 points"."""
    return f"{_sized(found.low, found, unit)} to {_sized(found.high, found, unit)}{_suffix(found, unit)}"


def moved(found: Change, unit: str) -> str:
    """In a sentence: "up 2.1 points (0.4 to 3.8)", or "no clear change (-0.4 to +1.2 points)"."""
    if not found.clear:
        return f"no clear change ({span(found, unit)})"
    up = found.value > 0
    away = found if up else Change(-found.value, -found.high, -found.low, found.relative)
    value, low, high = (_sized(x, found, unit).lstrip("+") for x in (away.value, away.low, away.high))
    return f"{'up' if up else 'down'} {value}{_suffix(found, unit)} ({low} to {high})"


def _sized(x: float, found: Change, unit: str) -> str:
    if not found.relative and unit in ("seconds", "hours"):
        return "+" * (x > 0) + duration(x * (3600.0 if unit == "hours" else 1.0))
    digits = 0 if found.relative and abs(x) >= 100 else 1 if found.relative or unit in ("%", "points") else 2
    return f"{round(x, digits) + 0.0:+,.{digits}f}"


def _suffix(found: Change, unit: str) -> str:
    if found.relative:
        return " %"
    return " points" if unit in ("%", "points") else ""


def judgement(metric: Metric, found: Change | None) -> str:
    """better, worse, changed (where neither direction is good), or no clear change."""
    if found is None or not found.clear:
        return "no clear change"
    if metric.better == "neither":
        return "changed"
    return "better" if (found.value > 0) == (metric.better == "higher") else "worse"
