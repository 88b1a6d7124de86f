"""Numbers and changes in words, the same on every page, report and command."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


def is_missing(value: float | None) -> bool:
    """Whether there is no number to show."""
    return value is None or not math.isfinite(value)


def amount(value: float | None, unit: str) -> str:
    """A figure for people: 71.2 %, +30.1 points, 2 min 5 s, 1,234, 1.25 M. Missing: "–"."""
    if value is None or is_missing(value):
        return "–"
    value = round(value, 4) + 0.0  # no negative zero
    if unit == "%":
        return f"{round(value, 1) + 0.0:.1f} %"
    if unit == "points":
        return f"{round(value, 1) + 0.0:+.1f}"
    if unit in ("seconds", "hours"):
        return duration(value * (_HOUR if unit == "hours" else 1))
    return number(value) if unit in ("count", "money") else f"{value:.2f}"


def number(value: float) -> str:
    """1,234 below a million, 1.25 M above."""
    for limit, sign in ((1e9, "bn"), (1e6, "M")):
        if abs(value) >= limit:
            return f"{value / limit:,.2f} {sign}"
    return f"{value:,.0f}"


def duration(seconds: float) -> str:
    """45 s, 2 min 5 s, 3.4 h, 2.1 days."""
    size, whole = abs(seconds), round(abs(seconds))
    if whole < _MINUTE:
        text = f"{whole} s"
    elif whole < _HOUR:
        minutes, rest = divmod(whole, 60)
        text = f"{minutes} min {rest} s" if rest else f"{minutes} min"
    else:
        text = f"{size / _HOUR:.1f} h" if size < 2 * _DAY else f"{size / _DAY:.1f} days"
    return f"-{text}" if seconds < 0 and whole else text


def interval(low: float | None, high: float | None, unit: str) -> str:
    """The 95 % interval of a figure, e.g. "68.1 to 73.9 %"; an end that the data do not reach is named so."""
    if is_missing(low) and is_missing(high):
        return "–"
    texts = [amount(low, unit), amount(high, unit) if not is_missing(high) else "beyond the data"]
    if unit == "%":
        texts[0] = texts[0].removesuffix(" %")
    return " to ".join(texts)


def reliability(n: float | None) -> str:
    """What a sample of n carries: "hidden", "count only", "no ranking", "directional" or "" (from 100 on)."""
    if n is None or is_missing(n) or n < 5:
        return "hidden"
    words = ((10, "count only"), (30, "no ranking"), (100, "directional"))
    return next((word for limit, word in words if n < limit), "")


def listing(words: list[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


def in_sentence(title: str) -> str:
    """A title within a sentence: its first letter small, unless it begins a name or an abbreviation."""
    first = title.split(" ", 1)[0]
    return title if not first[1:].islower() or title.startswith("Net Promoter") else title[0].lower() + title[1:]


def told(value: Any) -> str:
    """Nested facts as one text: "a: 1; b: 2" for named ones, three digits for numbers with a fraction."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {told(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(told, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)
