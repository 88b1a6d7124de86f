"""What a team expects of a coming period: checked when it is recorded, read back as it was written."""

from __future__ import annotations

import calendar
import datetime
import json
import math
import re
from dataclasses import dataclass

import pandas as pd

from cx_metrics.analyses.choices import filter_values
from cx_metrics.journey import Limits
from cx_metrics.ledger import Ledger
from cx_metrics.metrics.catalog import metric_named
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import DIMENSIONS, ScopeError, parse_day, short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, in_sentence

Filters = tuple[tuple[str, tuple[str, ...]], ...]
Days = tuple[datetime.date, datetime.date]  # first and last, both included
EVERYBODY = "all customers"
_BOUNDS = {"%": (0.0, 100.0), "points": (-100.0, 100.0), "score 0-100": (0.0, 100.0), "score 1-7": (1.0, 7.0),
           "score -1 to 1": (-1.0, 1.0)}  # fmt: skip
_LONGEST, _LONGEST_NOTE = 120, 500  # characters of a name, and of a note
_LONGEST_PERIOD = 366  # days


@dataclass(frozen=True)
class Expectation:
    """What a team expects: value, and perhaps the range that it is 90 % sure of, in the metric's unit."""

    team: str
    who: str
    metric: str
    days: Days
    expected: float
    low: float | None = None
    high: float | None = None
    filters: Filters = ()
    note: str = ""


@dataclass(frozen=True)
class Prediction:
    """An expectation as it stands in the ledger. number: of the entry. entered_at: UTC."""

    number: int
    entered_at: datetime.datetime
    expectation: Expectation

    @property
    def in_time(self) -> bool:
        """Whether it was entered before its period began."""
        return self.entered_at < datetime.datetime.combine(self.expectation.days[0], datetime.time())


def period(text: str) -> Days:
    """A period from 2026-12, 2026-Q1 or 2026-12-01..2026-12-24. Raises ScopeError."""
    try:
        if found := re.fullmatch(r"(\d{4})-(\d{2})", text):
            return _months(int(found[1]), int(found[2]), 1)
        if found := re.fullmatch(r"(\d{4})-[qQ]([1-4])", text):
            return _months(int(found[1]), 3 * int(found[2]) - 2, 3)
    except ValueError:
        raise ScopeError(f"there is no month {text}; write it as 2026-12") from None
    first, dots, last = text.partition("..")
    if not dots:
        raise ScopeError(f"{text[:60]!r} is no period; write 2026-12, 2026-Q1 or 2026-12-01..2026-12-24")
    return parse_day(first), parse_day(last)


def coming(today: datetime.date) -> dict[str, Days]:
    """The next month and the next quarter, by their names ("Dec 2026", "Q1 2027")."""
    year, month = _later(today.year, today.month, 1)
    start = _later(today.year, 3 * ((today.month - 1) // 3) + 1, 3)
    return {
        f"{calendar.month_abbr[month]} {year}": _months(year, month, 1),
        f"Q{(start[1] + 2) // 3} {start[0]}": _months(*start, 3),
    }


def _months(year: int, month: int, count: int) -> Days:
    first = datetime.date(year, month, 1)
    return first, datetime.date(*_later(year, month, count), 1) - datetime.timedelta(days=1)


def _later(year: int, month: int, months: int) -> tuple[int, int]:
    place = year * 12 + month - 1 + months
    return place // 12, place % 12 + 1


def earlier(days: Days, back: int | None = None) -> Days:
    """The period as long as this one just before it; with `back`, the one that many months earlier.

    Whole calendar months are counted as months, other periods (without `back`) in days.
    """
    first, last = days
    whole = first.day == 1 and (last + datetime.timedelta(days=1)).day == 1
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if whole:
        return _months(*_later(first.year, first.month, -(back or months)), months)
    if back:
        return _shifted(first, -back), _shifted(last, -back)
    length = last - first + datetime.timedelta(days=1)
    return first - length, last - length


def _shifted(day: datetime.date, months: int) -> datetime.date:
    year, month = _later(day.year, day.month, months)
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def record(
    warehouse: Warehouse, ledger: Ledger, wanted: Expectation, limits: Limits, today: datetime.date
) -> str:  # fmt: skip
    """Keep an expectation; returns in a sentence what was recorded and on whom it will be measured.

    Where the data know the team and the figure can be told apart by team, it is measured on that team's customers.
    Raises ScopeError, one sentence.
    """
    metric = metric_named(wanted.metric, limits)
    team, who, note = (" ".join(text.split()) for text in (wanted.team, wanted.who, wanted.note))
    _check(metric, wanted, today)
    for text, what, most in ((team, "team", _LONGEST), (who, "name", _LONGEST), (note, "note", _LONGEST_NOTE)):
        if not text and what != "note":
            raise ScopeError(f"the {what} is empty; say whose prediction it is")
        if len(text) > most:
            raise ScopeError(f"the {what} has {len(text)} characters; {most} is the most")
    own = "team" in metric.dimensions and team in filter_values(warehouse)["team"]
    filters = dict(wanted.filters)
    filters |= {"team": (team,)} if own and "team" not in filters else {}
    first, last = wanted.days
    ledger.predict({
        "who": who, "team": team, "metric": metric.name, "first_day": first, "last_day": last, "low": wanted.low,
        "high": wanted.high, "filters": json.dumps(filters, ensure_ascii=False, sort_keys=True),
        "expected": wanted.expected, "note": note,
    })  # fmt: skip
    on = measured_on(tuple(filters.items()))
    value = f"{in_sentence(metric.title)} of {amount(wanted.expected, metric.unit)}"
    return f"{team} expects {value} from {short_date(first)} to {short_date(last)}, measured on {on}."


def _check(metric: Metric, wanted: Expectation, today: datetime.date) -> None:
    """Raise ScopeError where the period has begun, or the numbers cannot be values of the metric."""
    first, last = wanted.days
    if first > last:
        raise ScopeError(f"the period ends ({last}) before it begins ({first})")
    if first <= today:
        raise ScopeError(f"the period has begun on {first} already; choose one that begins after today ({today})")
    if (last - first).days >= _LONGEST_PERIOD:
        raise ScopeError("the period is longer than a year; choose a shorter one")
    lowest, highest = _BOUNDS.get(metric.unit, (0.0, math.inf))
    for value in (wanted.expected, wanted.low, wanted.high):
        if value is not None and not (math.isfinite(value) and lowest <= value <= highest):
            ends = f"from {lowest:g} to {highest:g}" if math.isfinite(highest) else f"from {lowest:g} on"
            raise ScopeError(f"{value:g} is no value of {metric.name}, which goes {ends} ({metric.unit})")
    if (wanted.low is None) != (wanted.high is None):
        raise ScopeError("a range has two ends; give both or neither")
    if wanted.low is not None and wanted.high is not None and not wanted.low <= wanted.expected <= wanted.high:
        raise ScopeError(f"the range {wanted.low:g} to {wanted.high:g} does not hold the expected {wanted.expected:g}")
    for name, _ in wanted.filters:
        if name not in metric.dimensions:
            raise ScopeError(f"{metric.name} has no dimension {name!r}; it has: {', '.join(metric.dimensions)}")


def measured_on(filters: Filters) -> str:
    """Whose value it is, in words: "team: Care North", "all customers"."""
    return ", ".join(f"{DIMENSIONS.get(name, name)}: {' or '.join(values)}" for name, values in filters) or EVERYBODY


def recorded(ledger: Ledger) -> tuple[Prediction, ...]:
    """Every prediction, in the order of entry."""
    found = []
    for row in ledger.predictions().to_dict("records"):
        filters = tuple((str(name), tuple(map(str, values))) for name, values in json.loads(row["filters"]).items())
        low, high = (None if pd.isna(row[name]) else float(row[name]) for name in ("low", "high"))
        wanted = Expectation(
            row["team"], row["who"], row["metric"], (row["first_day"], row["last_day"]), float(row["expected"]),
            low, high, filters, row["note"],
        )  # fmt: skip
        found.append(Prediction(int(row["prediction_id"]), pd.Timestamp(row["entered_at"]).to_pydatetime(), wanted))
    return tuple(found)
