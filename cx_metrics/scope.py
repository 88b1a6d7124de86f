"""The scope of a question: period, comparison period and filters; to a where-clause, to and from a URL."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from cx_metrics.journey import LOWEST, JourneyError, Limits, with_limits

DIMENSIONS: dict[str, str] = {
    "stage": "stage of the journey",
    "channel": "channel",
    "touchpoint": "touchpoint",
    "reason": "reason for contact",
    "team": "team",
    "handled_by": "handled by",
    "initiated_by": "begun by",
    "outcome": "outcome",
    "segment": "segment",
    "region": "region",
    "country": "country",
    "generation": "generation",
    "dimension": "survey item",
    "delivery": "delivery",
    "status": "order status",
    "currency": "currency",
    "source": "source",
    "months_since": "months since the first order",
}
FILTERS = ("stage", "channel", "segment", "region", "team")  # what the scope bar offers
COMPARISONS = {"previous": "the period before", "year": "a year earlier", "none": "no comparison"}
NOT_GIVEN = "(not given)"  # how a missing value of a dimension is written in URLs and on pages


class ScopeError(Exception):
    """A scope that cannot be read; the message is one sentence."""


@dataclass(frozen=True)
class Scope:
    """start, end: first and last day, both included; None = as far as the data goes. compare: key of COMPARISONS.

    filters: dimension -> values of which any may hold. limits: from when on something counts as friction.
    definitions: names of rival metrics that are shown instead of those they are rivals of.
    """

    start: datetime.date | None = None
    end: datetime.date | None = None
    compare: str = "previous"
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limits: Limits = field(default_factory=Limits)
    definitions: tuple[str, ...] = ()

    def within(self, first: datetime.date, last: datetime.date) -> Scope:
        """The same scope with its open ends set to the data's first and last day."""
        return replace(self, start=self.start or first, end=self.end or last)

    def before(self) -> Scope | None:
        """The comparison period's scope, or None."""
        if self.compare == "none" or self.start is None or self.end is None:
            return None
        try:
            if self.compare == "year":
                return replace(self, start=_year_earlier(self.start), end=_year_earlier(self.end))
            length = self.end - self.start + datetime.timedelta(days=1)
            return replace(self, start=self.start - length, end=self.end - length)
        except (OverflowError, ValueError):  # before the year 1
            return None

    def conditions(self, time: Any, dimensions: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
        """What a row must satisfy. time: its time column. dimensions: name -> column.

        Raises ScopeError for a filter on a dimension that the rows do not have, or on a value that it cannot have.
        """
        found: list[sa.ColumnElement[bool]] = []
        if self.start is not None:
            found.append(time >= datetime.datetime.combine(self.start, datetime.time()))
        if self.end is not None and self.end < datetime.date.max:
            found.append(time < datetime.datetime.combine(self.end + datetime.timedelta(days=1), datetime.time()))
        for name, values in self.filters:
            if name not in dimensions:
                raise ScopeError(f"there is no {name!r} to filter by here; there are: {', '.join(dimensions)}")
            given = _typed(name, dimensions[name], [value for value in values if value not in (NOT_GIVEN, "")])
            missing = [dimensions[name].is_(None)] if {NOT_GIVEN, ""} & set(values) else []
            found.append(sa.or_(dimensions[name].in_(given), *missing))
        return found

    def to_dict(self) -> dict[str, Any]:
        """As JSON: {"from", "to", "compare", "where": {dimension: [values]}}, and "limits" and "definitions" where any
        was moved or chosen."""
        start, end = (day.isoformat() if day else None for day in (self.start, self.end))
        where = {name: list(values) for name, values in self.filters}
        moved = self.limits.moved(Limits())
        said: dict[str, Any] = {"from": start, "to": end, "compare": self.compare, "where": where}
        said |= {"limits": moved} if moved else {}
        return said | ({"definitions": list(self.definitions)} if self.definitions else {})

    def describe(self) -> str:
        """In words, e.g. "1 Jan 2026 to 31 Mar 2026, stage: pay"."""
        period = " to ".join(short_date(day) if day else "open" for day in (self.start, self.end))
        return ", ".join([period, *(f"{DIMENSIONS[name]}: {' or '.join(values)}" for name, values in self.filters)])


def from_query(query: Mapping[str, Sequence[str]], limits: Limits | None = None) -> Scope:
    """The scope that URL parameters name; limits: those that hold where they name none.

    Raises ScopeError for a date, comparison or limit that cannot be read.
    """
    start, end = (parse_day(query[name][-1]) if query.get(name) else None for name in ("from", "to"))
    if start and end and start > end:
        raise ScopeError(f"the period ends ({end}) before it begins ({start})")
    compare = query["compare"][-1] if query.get("compare") else "previous"
    if compare not in COMPARISONS:
        raise ScopeError(f"{compare!r} is no comparison; there are: {', '.join(COMPARISONS)}")
    filters = tuple((name, tuple(query[name])) for name in DIMENSIONS if query.get(name))
    given = {name: query[name][-1] for name in LOWEST if query.get(name)}
    try:
        chosen = tuple(query.get("definition", ()))
        return Scope(start, end, compare, filters, with_limits(limits or Limits(), given), chosen)
    except JourneyError as error:
        raise ScopeError(str(error)) from error


def parse_day(text: str) -> datetime.date:
    """A day from YYYY-MM-DD. Raises ScopeError."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ScopeError(f"{text!r} is not a date; write it as 2026-03-31") from None


def short_date(day: datetime.date) -> str:
    """For people: 1 Jan 2026."""
    return f"{day.day} {day:%b %Y}"


def _typed(name: str, column: Any, values: list[str]) -> list[Any]:
    """Values to compare a column with. Raises ScopeError where the column holds numbers and a value is none."""
    if not isinstance(column.type, sa.Integer):
        return [value for value in values if "\0" not in value]  # servers refuse it, and no text in them holds it
    try:
        return [int(value) for value in values]
    except ValueError:
        raise ScopeError(f"{name!r} is filtered by whole numbers; {', '.join(values)} is none") from None


def _year_earlier(day: datetime.date) -> datetime.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
