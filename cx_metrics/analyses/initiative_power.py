"""Advice before an initiative starts: how long until an effect of the expected size would show."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cx_metrics.analyses import initiative_reasons as reasons
from cx_metrics.analyses.initiative import Initiative
from cx_metrics.analyses.initiative_cells import Question
from cx_metrics.analyses.initiative_checks import FEWEST_AFTER, FEWEST_BEFORE, FEWEST_ROWS
from cx_metrics.analyses.initiative_course import Array, Course, alike, around
from cx_metrics.analyses.initiative_effect import course_of, usual_metric
from cx_metrics.analyses.initiative_words import group_name, sized
from cx_metrics.metrics.catalog import data_period
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.lasting_noise import errors, half_width
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import ScopeError, short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import in_sentence, number

_WEEKS, _YEAR = 104, 52  # weeks before the start that are used, and after it that are looked ahead
_RECENT = 13  # weeks whose volume is the present one
_SEEN = 2.8 / Z  # see initiative_effect
CURVE = ["weeks", "smallest"]


@dataclass(frozen=True)
class Power:
    """How long until the expected effect would show four times in five, if all goes on as before.

    weeks: from the start; None = not within a year, or nothing can be said. shows_by: the day these weeks end.
    sentence: for people. reason: why nothing can be said, else "". smallest: the effect that would show after a year,
    in the metric's unit. rows: per week at present, of the target and the comparison group. weeks_before: of data
    behind it. curve: weeks (after the start), smallest (effect that would show by then). assumptions: of it."""

    initiative: Initiative
    metric: Metric | None
    weeks: int | None
    shows_by: datetime.date | None
    sentence: str
    reason: str
    smallest: float
    rows: tuple[float, float]
    weeks_before: int
    curve: pd.DataFrame
    assumptions: tuple[str, ...]


def _nothing(initiative: Initiative, metric: Metric | None, reason: str) -> Power:
    nobody, curve = (math.nan, math.nan), pd.DataFrame(columns=CURVE)
    said = f"How long it takes until an effect shows cannot be said: {reason}."
    return Power(initiative, metric, None, None, said, reason, math.nan, nobody, 0, curve, ())


def power(warehouse: Warehouse, initiative: Initiative) -> Power:
    """The advice, from the weeks before the start (or, where that lies ahead, before the end of the data)."""
    try:
        metric = usual_metric(initiative.metric)
        period = data_period(warehouse)
        reason = reasons.of_plan(initiative, metric) or ("" if period else "there are no data")
        if reason or period is None:
            return _nothing(initiative, metric, reason)
        today = min(initiative.start, period[1] + datetime.timedelta(days=1))
        weeks = (max(-_WEEKS, -((today - period[0]).days // 7)), -1)
        if weeks[0] > -FEWEST_BEFORE:
            return _nothing(initiative, metric, f"there are fewer than {FEWEST_BEFORE} weeks of data before it")
        days = reasons.looked_at(today, weeks)
        reason = reasons.of_groups(warehouse, initiative, metric, days)
        asked = Question(metric, initiative.target, initiative.comparison, today, weeks)
        return (
            _nothing(initiative, metric, reason) if reason else _advice(initiative, metric, course_of(warehouse, asked))
        )
    except ScopeError as error:
        return _nothing(initiative, None, str(error))


def _advice(initiative: Initiative, metric: Metric, course: Course) -> Power:
    if course.n.sum(axis=1).min() < FEWEST_ROWS or np.isfinite(course.sampling).sum() < FEWEST_BEFORE:
        few = f"there are fewer than {FEWEST_ROWS} rows or {FEWEST_BEFORE} weeks with data in a group"
        return _nothing(initiative, metric, few)
    if not (course.sampling[np.isfinite(course.sampling)] > 0).any():
        return _nothing(initiative, metric, "every row has the same value")
    smallest = seen(alike(course, metric))
    curve = pd.DataFrame({"weeks": np.arange(FEWEST_AFTER, _YEAR + 1), "smallest": smallest})
    expected = abs(initiative.expected)
    enough = curve.loc[curve["smallest"] <= expected, "weeks"] if expected else curve["weeks"][:0]
    weeks = int(enough.iloc[0]) if len(enough) else None
    rows = course.n[:, -_RECENT:].mean(axis=1)
    found = replace(
        _nothing(initiative, metric, ""), weeks=weeks, smallest=float(smallest[-1]), curve=curve,
        rows=(float(rows[1]), float(rows[0])), weeks_before=len(course.weeks),
        shows_by=initiative.start + datetime.timedelta(days=7 * weeks - 1) if weeks else None,
        assumptions=(
            "Volume stays as in the last 13 weeks, and the groups differ from week to week as much as so far.",
            "The effect begins at once and lasts; one that grows takes longer to show.",
            "Four times in five: one chance in five is left that it does not show by then.",
        ),
    )  # fmt: skip
    return replace(found, sentence=_sentence(found, metric))


def seen(course: Course) -> Array:
    """The smallest effect that would be seen four times in five, by weeks after the start, from FEWEST_AFTER on."""
    found = around(course, np.ones((len(course.weeks), 1)))
    known = np.isfinite(course.sampling)
    weight = np.where(known, course.weight.sum(axis=0), 0.0)
    before = weight / weight.sum()
    future = float(np.median(course.sampling[known][-_RECENT:]))  # a week's, at the present volume
    past = float((before[known] ** 2 * course.sampling[known]).sum())
    smallest = []
    for weeks in range(FEWEST_AFTER, _YEAR + 1):
        shares = np.concatenate([-before, np.full(weeks, 1 / weeks)])
        error = errors(found, shares, np.array(past + future / weeks))
        smallest.append(_SEEN * float(half_width(found.weight, error)))
    return np.minimum.accumulate(np.array(smallest))


def _sentence(found: Power, metric: Metric) -> str:
    initiative, (target, comparison) = found.initiative, found.rows
    title = in_sentence(metric.title)
    volume = (
        f"with {number(target)} rows a week in {group_name(initiative.target)} and {number(comparison)} in "
        f"{group_name(initiative.comparison)}"
    )
    if not initiative.expected:
        return f"No expected effect is given; after a year one of {sized(found.smallest, metric)} would show, {volume}."
    effect = f"An effect of {sized(initiative.expected, metric)} on {title}"
    if found.weeks is None or found.shows_by is None:
        return (
            f"{effect} would not show within a year, {volume}: by then one of {sized(found.smallest, metric)} would, "
            "four times in five."
        )
    when = f"after {found.weeks} weeks (by {short_date(found.shows_by)})"
    return f"{effect} would show {when}, four times in five, {volume}."
