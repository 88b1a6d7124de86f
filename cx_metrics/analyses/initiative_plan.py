"""What somebody writes down when an initiative is registered: the fields, in words, and their checks."""

from __future__ import annotations

import dataclasses
import datetime
import math
from dataclasses import dataclass

import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.analyses.initiative import STATES, Filters, Initiative
from cx_metrics.analyses.initiative_reasons import disjoint
from cx_metrics.analyses.prediction_entry import measured_on
from cx_metrics.metrics.catalog import metric_named, metrics
from cx_metrics.metrics.change import Change, size
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import DIMENSIONS, ScopeError
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, in_sentence

NOBODY = "nobody"
LONGEST, LONGEST_TEXT = 120, 1000  # characters of a name, and of a hypothesis or a reason
_LARGEST = {"%": 100.0, "points": 200.0, "score 0-100": 100.0, "score 1-7": 6.0, "score -1 to 1": 2.0}
_EARLIEST, _LATEST = datetime.date(1990, 1, 1), datetime.date(2100, 1, 1)
_MOST_VALUES = 500


@dataclass(frozen=True)
class Plan:
    """The fields of an initiative that people fill in; see `Initiative`."""

    name: str
    owner: str
    hypothesis: str
    metric: str
    target: Filters
    comparison: Filters
    start: datetime.date
    expected: float
    last_day: datetime.date | None = None
    cost: float | None = None
    currency: str = ""
    state: str = "planned"


FIELDS = tuple(field.name for field in dataclasses.fields(Plan))
FIXED = ("metric", "target", "comparison", "start", "last_day", "expected")  # what proves nothing if it moves later


def plan_of(initiative: Initiative) -> Plan:
    """What was filled in."""
    return Plan(**{name: getattr(initiative, name) for name in FIELDS})


def draft(plan: Plan) -> Initiative:
    """The plan as an initiative that is not registered yet (number 0), e.g. to ask how long it would take."""
    filled = {name: getattr(plan, name) for name in FIELDS}
    return Initiative(number=0, version=0, change="", who="", at="", **filled)


# --- words -----------------------------------------------------------------------------------------------------------


def group_words(filters: Filters, none: str) -> str:
    """A group in words: "team: Care North"; none: what no filter at all stands for."""
    return measured_on(filters) if filters else none


def effect_words(value: float, unit: str) -> str:
    """An effect with its sign and unit: "+8.0 points", "-30 s"."""
    return size(Change(value, value, value, relative=False), unit)


def field_words(plan: Plan) -> dict[str, str]:
    """Every field of a plan in words, by the field's name; a metric that is no longer there by its name alone."""
    metric = metrics(journey.current().limits).get(plan.metric)
    title, unit = (metric.title, metric.unit) if metric else (plan.metric, "")
    return {
        "name": plan.name, "owner": plan.owner, "hypothesis": plan.hypothesis, "metric": title,
        "target": group_words(plan.target, "everybody"), "comparison": group_words(plan.comparison, NOBODY),
        "start": f"{plan.start}", "last_day": f"{plan.last_day}" if plan.last_day else "open",
        "expected": effect_words(plan.expected, unit),
        "cost": "not said" if plan.cost is None else f"{amount(plan.cost, 'money')} {plan.currency}",
        "currency": plan.currency, "state": plan.state,
    }  # fmt: skip


# --- checks ----------------------------------------------------------------------------------------------------------


def checked(plan: Plan) -> Plan:
    """The plan with its texts and groups tidied. Raises ScopeError, one sentence."""
    metric = metric_named(plan.metric, journey.current().limits)
    name, owner = (_text(getattr(plan, field), field, LONGEST) for field in ("name", "owner"))
    hypothesis = _text(plan.hypothesis, "hypothesis", LONGEST_TEXT)
    target, comparison = (_group(metric, getattr(plan, field), field) for field in ("target", "comparison"))
    if comparison and not disjoint(target, comparison):
        raise ScopeError("target and comparison group overlap; give both different values of the same dimension")
    _check_days(plan)
    _check_expected(metric, plan.expected)
    currency = " ".join(plan.currency.split()).upper()
    if plan.cost is not None and not (math.isfinite(plan.cost) and plan.cost >= 0):
        raise ScopeError(f"the cost of {plan.cost:g} is no sum of money; write it as 12000")
    if plan.cost is not None and not 1 <= len(currency) <= 10:
        raise ScopeError("the cost has no currency; write it as EUR")
    if plan.state not in STATES:
        raise ScopeError(f"{plan.state!r} is no state of an initiative; there are: {', '.join(STATES)}")
    return dataclasses.replace(
        plan, name=name, owner=owner, hypothesis=hypothesis, target=target, comparison=comparison,
        expected=float(plan.expected), cost=None if plan.cost is None else float(plan.cost),
        currency="" if plan.cost is None else currency,
    )  # fmt: skip


def _text(text: str, what: str, most: int) -> str:
    clean = " ".join(text.split())
    if not clean:
        raise ScopeError(f"the {what} is empty; say it in a few words")
    if len(clean) > most:
        raise ScopeError(f"the {what} has {len(clean):,} characters; {most:,} is the most")
    return clean


def _group(metric: Metric, filters: Filters, what: str) -> Filters:
    """By dimension, in an order that does not depend on how it was written."""
    merged: dict[str, tuple[str, ...]] = {}
    for name, values in filters:
        if name not in metric.dimensions:
            raise ScopeError(
                f"the {what} group cannot be told by {name!r}: {in_sentence(metric.title)} has the dimensions "
                f"{', '.join(metric.dimensions)}"
            )
        clean = tuple(sorted({value.strip() for value in values if value.strip()}))
        if not clean:
            raise ScopeError(f"the {what} group names no {DIMENSIONS[name]}; give at least one value")
        merged[name] = tuple(sorted({*merged.get(name, ()), *clean}))
    return tuple(sorted(merged.items()))


def _check_days(plan: Plan) -> None:
    if not _EARLIEST <= plan.start <= _LATEST:
        raise ScopeError(f"the start {plan.start} lies outside {_EARLIEST.year} to {_LATEST.year}")
    if plan.last_day is not None and plan.last_day < plan.start:
        raise ScopeError(f"the last day ({plan.last_day}) lies before the start ({plan.start})")


def _check_expected(metric: Metric, expected: float) -> None:
    title = in_sentence(metric.title)
    if not math.isfinite(expected) or expected == 0:
        raise ScopeError(f"the expected effect is no number above or below 0; say by how much {title} is to move")
    words = effect_words(expected, metric.unit)
    if abs(expected) > _LARGEST.get(metric.unit, math.inf):
        raise ScopeError(f"{title} cannot move by {words}; write the effect in the figure's unit ({metric.unit})")
    if (expected < 0, metric.better) in ((True, "higher"), (False, "lower")):
        raise ScopeError(
            f"an expected effect of {words} would make {title} worse; write the change with its sign, "
            f"{'above' if metric.better == 'higher' else 'below'} 0 for better"
        )


# --- what the data know ----------------------------------------------------------------------------------------------


def values_of(warehouse: Warehouse, name: str, dimension: str) -> tuple[str, ...]:
    """The values that a metric's dimension has in the data, at most 500, in the order of the journey or alphabet."""
    metric = metric_named(name, journey.current().limits)
    column = sa.cast(metric.fact.dimensions[dimension], sa.Text).label("value")
    rows = sa.select(column).select_from(metric.fact.source([dimension]))
    where = metric.fact.dimensions[dimension].is_not(None)
    found = warehouse.read(rows.where(where).distinct().limit(_MOST_VALUES))
    return tuple(sorted(map(str, found["value"]), key=journey.current().place))


def unknown(warehouse: Warehouse, plan: Plan) -> tuple[str, ...]:
    """Sentences on values of the groups that the data do not hold: allowed, as a team may yet be founded, but often a
    slip of the pen."""
    said = []
    for what, filters in (("target", plan.target), ("comparison", plan.comparison)):
        for name, values in filters:
            known = values_of(warehouse, plan.metric, name)
            strange = [value for value in values if value not in known]
            if strange and len(known) < _MOST_VALUES:
                said.append(f"The data hold no {DIMENSIONS[name]} {' or '.join(strange)} yet (the {what} group).")
    return tuple(said)
