"""Why an initiative's effect cannot be measured, each reason as the rest of a sentence."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from cx_metrics.analyses.initiative import Filters, Initiative
from cx_metrics.analyses.initiative_checks import FEWEST_AFTER, FEWEST_BEFORE, FEWEST_ROWS, day, thinnest
from cx_metrics.analyses.initiative_course import Course
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import Scope, short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import listing

_GAP = 4  # empty weeks in a row that are a gap where rows are frequent
_WAVES = 3  # runs of empty weeks from which on they are a rhythm
_RARE = 7.0  # -log of the chance (one in a thousand) that a run of empty weeks has where rows come at random


def of_plan(initiative: Initiative, metric: Metric) -> str:
    """What stands against it whatever the data say; "" = nothing."""
    if not initiative.comparison:
        return "it has no comparison group"
    if not initiative.target:
        return "its target group is everybody, so that nobody is left to compare with"
    used = dict.fromkeys(name for name, _ in (*initiative.target, *initiative.comparison))
    missing = [name for name in used if name not in metric.dimensions]
    if missing:
        return f"{metric.title} cannot be told apart by {listing(missing)}"
    if metric.better == "neither" and not initiative.expected:
        return f"neither more nor less of {metric.title} is better, and no direction was expected"
    return ""


def of_time(initiative: Initiative, end: datetime.date | None) -> str:
    """Whether the data reach the start at all. end: their last day."""
    if end is None:
        return "there are no data"
    if initiative.start > end:
        return f"not yet: it begins on {short_date(initiative.start)}, after the end of the data ({short_date(end)})"
    return ""


def of_course(course: Course, start: datetime.date) -> str:
    """Too few weeks or rows, a gap, or nothing that varies."""
    before, after = int((~course.after).sum()), int(course.after.sum())
    if after < FEWEST_AFTER:
        return f"not yet: {_weeks(after)} since the start, and it takes {FEWEST_AFTER}"
    if before < FEWEST_BEFORE:
        return f"{_weeks(before)} of data before the start, and it takes {FEWEST_BEFORE}"
    if thinnest(course) < FEWEST_ROWS:
        return f"fewer than {FEWEST_ROWS} rows in a group before or after the start"
    if np.isfinite(course.deviation).any() and not (course.deviation > 0).any():
        return "every row has the same value"
    known = np.isfinite(course.sampling)
    if known[~course.after].sum() < FEWEST_BEFORE or known[course.after].sum() < FEWEST_AFTER:
        if np.isfinite(course.deviation).all():
            return "too few weeks have rows in both groups"
        return "too few rows a week for this metric; one that is a share or a mean needs fewer"
    return _gap(course, start)


def _weeks(count: int) -> str:
    return f"there {'is' if count == 1 else 'are'} {count} whole week{'' if count == 1 else 's'}"


def _gap(course: Course, start: datetime.date) -> str:
    """A run of empty weeks that chance does not make, nor the rhythm of a survey that is sent in waves."""
    for arm, name in ((1, "target"), (0, "comparison")):
        there = course.n[arm] > 0
        usual = float(np.median(course.n[arm][there])) * float(there.mean())
        runs = _empty(there)
        rhythm = 2 * float(np.median([length for _, length in runs])) if len(runs) >= _WAVES else 0.0
        longest = max(_GAP, math.ceil(_RARE / usual), rhythm)
        for place, length in runs:
            if length >= longest:
                began = short_date(day(start, int(course.weeks[place])))
                return f"the {name} group has no data for {length} weeks from {began} on"
    return ""


def _empty(there: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Runs of empty weeks: place of the first, and how many."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], there, [True]]).astype(int)))
    return [(int(first), int(last - first)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def shared_rows(warehouse: Warehouse, metric: Metric, one: Filters, other: Filters, period: Scope) -> int:
    """How many rows of the metric's fact fall in both groups within the period."""
    dimensions = metric.fact.dimensions
    where = [*period.conditions(metric.time, {}), *Scope(filters=one).conditions(metric.time, dimensions),
             *Scope(filters=other).conditions(metric.time, dimensions)]  # fmt: skip
    source = metric.fact.source([name for name, _ in (*one, *other)])
    return int(warehouse.read(sa.select(sa.func.count().label("n")).select_from(source).where(*where))["n"].iloc[0])


def of_groups(warehouse: Warehouse, initiative: Initiative, metric: Metric, period: Scope) -> str:
    """Rows that fall in both groups."""
    if disjoint(initiative.target, initiative.comparison):
        return ""
    both = shared_rows(warehouse, metric, initiative.target, initiative.comparison, period)
    return f"the target and the comparison group overlap: {both:,} rows fall in both" if both else ""


def disjoint(one: Filters, other: Filters) -> bool:
    """Whether two groups cannot share a row, going by their definitions alone."""
    there = dict(other)
    return any(name in there and not set(values) & set(there[name]) for name, values in one)


def of_others(
    warehouse: Warehouse, initiative: Initiative, metric: Metric, others: Sequence[Initiative], period: Scope
) -> str:
    """Another initiative that began within the period for customers or staff of either group.

    One that began earlier weighs on both sides of the start alike; a planned one has not begun.
    """
    for other in others:
        if other.number == initiative.number or other.state == "planned":
            continue
        if period.start is None or period.end is None or not period.start <= other.start <= period.end:
            continue
        for name, group in (("target", initiative.target), ("comparison", initiative.comparison)):
            if _meet(warehouse, metric, group, other.target, period):
                began = short_date(other.start)
                return f"{other.name!r} began on {began} and reaches its {name} group, too"
    return ""


def _meet(warehouse: Warehouse, metric: Metric, group: Filters, other: Filters, period: Scope) -> bool:
    if disjoint(group, other):
        return False
    if any(name not in metric.dimensions for name, _ in other):
        return False  # cannot be told from this metric's rows; the assumptions say so
    return shared_rows(warehouse, metric, group, other, period) > 0


def unseen(metric: Metric, others: Sequence[Initiative], number: int) -> list[str]:
    """Names of the initiatives whose groups the metric cannot tell apart."""
    known = set(metric.dimensions)
    return [one.name for one in others if one.number != number and not {name for name, _ in one.target} <= known]


def window(initiative: Initiative, first: datetime.date, end: datetime.date, most: int) -> tuple[int, int]:
    """The first and last whole week that the data cover, counted from the start; at most `most` before it."""
    last_day = min(initiative.last_day or end, end)
    last = ((last_day - initiative.start).days + 1) // 7 - 1
    earliest = -((initiative.start - first).days // 7)
    return max(-most, earliest), last


def looked_at(start: datetime.date, weeks: tuple[int, int]) -> Scope:
    """The days of these weeks."""
    return Scope(day(start, weeks[0]), day(start, weeks[1] + 1) - datetime.timedelta(days=1))
