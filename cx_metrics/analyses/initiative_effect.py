"""What an initiative did: difference in differences of its target metric, with what it needs to be believed."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as students_t

from cx_metrics import journey
from cx_metrics.analyses import initiative_cells as cells
from cx_metrics.analyses import initiative_checks as checks
from cx_metrics.analyses import initiative_reasons as reasons
from cx_metrics.analyses import initiative_words as words
from cx_metrics.analyses.initiative import Initiative
from cx_metrics.analyses.initiative_checks import CELLS, FEWEST_ROWS, PLACEBO, SERIES, STUDY, Trend
from cx_metrics.analyses.initiative_course import Course, Step, alike, effect_of, figure, from_figures, from_sums
from cx_metrics.analyses.initiative_words import HURTS, NOT_MEASURABLE, NOT_SHOWN, VERDICTS, WORKS
from cx_metrics.metrics.catalog import METRICS, data_period, defined, usual_definitions
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse

__all__ = [
    "AFTER", "BEFORE", "COMPARISON", "HURTS", "NOT_MEASURABLE", "NOT_SHOWN", "TARGET", "VERDICTS", "WORKS", "Effect",
    "Trend", "effect",
]  # fmt: skip
TARGET, COMPARISON, BEFORE, AFTER = "target", "comparison", "before", "after"
_WEEKS = 104  # before the start, at most
_UNITS = 10  # of each group, from which on errors are clustered by them
_SEEN = 2.8 / Z  # an effect that is seen four times in five, in halves of the interval: (1.96 + 0.84) / 1.96


@dataclass(frozen=True)
class Effect:
    """The effect of an initiative on its target metric; numbers are NaN and frames empty where there is none.

    verdict: one of VERDICTS. sentence: the verdict with its numbers, for people. reason: why it is not measurable, else
    "". details: what the checks say, one sentence each. value, low, high: the effect with its 95 % interval, in the
    metric's unit (points for shares). smallest: the effect that would have been shown four times in five. errors:
    standard error by method: "agents", "customers" (clustered by them) and "weeks" (the weekly difference of the
    groups, whose shocks may last); the widest interval counts.
    cells: group (TARGET, COMPARISON), time (BEFORE, AFTER), n, value, low, high, suppressed: four rows. first, last:
    days that were looked at. weeks_before, weeks_after: whole weeks, counted from the start. pre_trend: None = none.
    placebos: kind ("date", "group"), label, start, value, low, high, shown: the same analysis where nothing began.
    study: period (first day), weeks (from the start to the period's middle, negative = before), after, n, value, low,
    high: target minus comparison against the last period before the start, which is 0; study_every: days of a period.
    series: period (first day), group (TARGET, COMPARISON), n, value, low, high, suppressed: both groups in time;
    every: days of a period. assumptions: what it rests on. Where the groups moved apart before the start, the verdict
    is NOT_MEASURABLE, and numbers and frames are given all the same."""

    initiative: Initiative
    metric: Metric | None
    verdict: str
    sentence: str
    reason: str
    details: tuple[str, ...]
    value: float
    low: float
    high: float
    smallest: float
    errors: dict[str, float]
    cells: pd.DataFrame
    first: datetime.date | None
    last: datetime.date | None
    weeks_before: int
    weeks_after: int
    pre_trend: Trend | None
    placebos: pd.DataFrame
    study: pd.DataFrame
    study_every: int
    series: pd.DataFrame
    every: int
    assumptions: tuple[str, ...]


def _nothing(initiative: Initiative, metric: Metric | None, reason: str) -> Effect:
    empty = {name: pd.DataFrame(columns=columns) for name, columns in
             (("cells", CELLS), ("placebos", PLACEBO), ("study", STUDY), ("series", SERIES))}  # fmt: skip
    nan = math.nan
    return Effect(
        initiative, metric, NOT_MEASURABLE, f"Not measurable: {reason}.", reason, (), nan, nan, nan, nan, {},
        empty["cells"], None, None, 0, 0, None, empty["placebos"], empty["study"], 7, empty["series"], 7, (),
    )  # fmt: skip


def usual_metric(name: str) -> Metric:
    """A metric under the company's usual limits and definitions. Raises ScopeError."""
    if name not in METRICS:
        raise ScopeError(f"there is no metric {name!r}")
    return defined(name, Scope(limits=journey.current().limits, definitions=usual_definitions()))


def effect(warehouse: Warehouse, initiative: Initiative, others: tuple[Initiative, ...] = ()) -> Effect:
    """What the initiative did, by the data there are. others: all initiatives, its own version may be among them.

    Never raises for what the data or the plan lack: the verdict is then NOT_MEASURABLE with the reason.
    """
    try:
        metric = usual_metric(initiative.metric)
        period = data_period(warehouse)
        reason = reasons.of_plan(initiative, metric) or reasons.of_time(initiative, period[1] if period else None)
        if reason or period is None:
            return _nothing(initiative, metric, reason)
        return _looked_at(warehouse, initiative, metric, others, period)
    except ScopeError as error:
        return _nothing(initiative, None, str(error))


def _looked_at(
    warehouse: Warehouse, initiative: Initiative, metric: Metric, others: tuple[Initiative, ...],
    period: tuple[datetime.date, datetime.date],
) -> Effect:  # fmt: skip
    weeks = reasons.window(initiative, *period, _WEEKS)
    days = reasons.looked_at(initiative.start, weeks)
    reason = reasons.of_groups(warehouse, initiative, metric, days)
    reason = reason or reasons.of_others(warehouse, initiative, metric, others, days)
    if reason or weeks[1] < 0:
        return _nothing(initiative, metric, reason or "not yet: the first week is not over")
    asked = cells.Question(metric, initiative.target, initiative.comparison, initiative.start, weeks)
    course = course_of(warehouse, asked)
    found = replace(_nothing(initiative, metric, ""), **_shown(course, asked))
    reason = reasons.of_course(course, asked.start)
    if reason:
        return replace(found, reason=reason, sentence=f"Not measurable: {reason}.")
    return _judged(warehouse, asked, alike(course, metric), others, found)


def course_of(warehouse: Warehouse, asked: cells.Question) -> Course:
    """Both groups, from the first to the last week in which both have data (or, where one has none, as asked)."""
    assert asked.weeks is not None
    if cells.by_rows(asked.metric):
        course = from_sums(cells.weekly_sums(warehouse, asked), *asked.weeks)
    else:
        course = from_figures(cells.weekly_figures(warehouse, asked), asked.metric, *asked.weeks)
    there = course.weeks[(course.n > 0).all(axis=0)]
    either = course.weeks[(course.n > 0).any(axis=0)]
    return course.between(int(there[0]), int(either[-1])) if len(there) else course


def _shown(course: Course, asked: cells.Question) -> dict[str, Any]:
    """What can be shown of both groups, whether or not there is an effect."""
    metric, rows = asked.metric, []
    for arm, group in ((1, TARGET), (0, COMPARISON)):
        for after, time in ((False, BEFORE), (True, AFTER)):
            cell: dict[str, Any] = figure(course, metric, arm, course.after == after)
            rows.append({"group": group, "time": time, **checks.hidden(cell, metric.minimum_n)})
    table, every = checks.series(course, metric, asked.start, (COMPARISON, TARGET))
    days = reasons.looked_at(asked.start, (int(course.weeks[0]), int(course.weeks[-1])))
    return {
        "cells": pd.DataFrame(rows, columns=CELLS), "series": table, "every": every, "first": days.start,
        "last": days.end, "weeks_before": int((~course.after).sum()), "weeks_after": int(course.after.sum()),
    }  # fmt: skip


def _judged(
    warehouse: Warehouse, asked: cells.Question, course: Course, others: tuple[Initiative, ...], found: Effect
) -> Effect:
    metric, initiative = asked.metric, found.initiative
    step = effect_of(course)
    errors, half = _errors(warehouse, replace(asked, weeks=(int(course.weeks[0]), int(course.weeks[-1]))), course, step)
    low, high, smallest = step.value - half, step.value + half, _SEEN * half
    trend = checks.pre_trend(course)
    placebos = _placebos(warehouse, asked, course, others)
    table, span = checks.study(course, asked.start)
    said = words.verdict(metric, initiative.expected, step.value, low, high)
    text = words.measured(said, metric, initiative.comparison, step.value, low, high, smallest, initiative.expected)
    reason = words.moving_apart(trend, metric) if trend.clear else ""
    unseen = reasons.unseen(metric, others, initiative.number)
    return replace(
        found, verdict=NOT_MEASURABLE if reason else said, sentence=f"Not measurable: {reason}." if reason else text,
        reason=reason, details=tuple(words.evidence(metric, trend, placebos, step.value)), value=step.value, low=low,
        high=high, smallest=smallest, errors=errors, pre_trend=trend, placebos=placebos, study=table,
        study_every=7 * span, assumptions=words.assumptions(metric, cells.by_rows(metric), errors, unseen),
    )  # fmt: skip


def _errors(warehouse: Warehouse, asked: cells.Question, course: Course, step: Step) -> tuple[dict[str, float], float]:
    """Standard errors by method, and half of the widest interval."""
    errors, half = {}, step.half
    if cells.by_rows(asked.metric):
        order = [(arm, after) for arm in (0, 1) for after in (False, True)]
        means = np.array([figure(course, asked.metric, arm, course.after == after)["value"] for arm, after in order])
        size = np.array([course.n_of(arm, after) for arm, after in order])
        for name, column in cells.units(asked.metric).items():
            error, treated, untreated = cells.unit_error(warehouse, asked, column, means, size)
            if min(treated, untreated) >= _UNITS and math.isfinite(error):
                errors[name] = error
                half = max(half, float(students_t.ppf(0.975, treated + untreated - 1)) * error)
    return {**errors, "weeks": step.half / Z}, half


def _placebos(
    warehouse: Warehouse, asked: cells.Question, course: Course, others: Sequence[Initiative]
) -> pd.DataFrame:
    """False starts, and, where both groups are values of one dimension, its other values as false target groups."""
    dates = checks.false_starts(course, asked.start)
    names = {name for name, _ in (*asked.target, *asked.comparison)}
    if not cells.by_rows(asked.metric) or len(names) != 1:
        return dates
    (dimension,) = names
    used = {value for filters in (asked.target, asked.comparison) for _, values in filters for value in values}
    used |= {value for one in others for name, values in one.target if name == dimension for value in values}
    sums = cells.sums_by_value(warehouse, asked, dimension)
    compared = sums[sums["value"].isin(dict(asked.comparison)[dimension])]
    against = compared.groupby("week", as_index=False)[["n", "total", "squares"]].sum().assign(arm=0)
    ends = int(course.weeks[0]), int(course.weeks[-1])
    courses = {
        str(value): from_sums(pd.concat([own.assign(arm=1), against], ignore_index=True), *ends)
        for value, own in sums.groupby("value")
        if value not in used and own["n"].sum() >= 4 * FEWEST_ROWS
    }
    groups = checks.false_groups(courses, asked.start)
    return pd.concat([frame for frame in (dates, groups) if len(frame)], ignore_index=True) if len(groups) else dates
