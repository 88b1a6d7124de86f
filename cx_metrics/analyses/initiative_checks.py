"""Whether the effect of an initiative can be believed: trends before it, false starts and false groups, its course."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from cx_metrics.analyses.initiative_course import Course, around, contrast, effect_of, figure, stepped
from cx_metrics.metrics.lasting_noise import covariance, errors, half_width, noise, tail
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.suppression import HIDDEN_BELOW

FEWEST_ROWS, FEWEST_BEFORE, FEWEST_AFTER = 30, 8, 4  # rows per cell, weeks
_YEAR = 365.25 / 7
_QUARTER = 13
_SPANS = (4, _QUARTER)  # weeks of a period of the event study
_LENGTHS = (1, 4, _QUARTER)  # weeks of a period of the chart
_MOST = 24  # false starts
_MINIMUM = 10  # rows from which a figure is shown
PLACEBO = ["kind", "label", "start", "value", "low", "high", "shown"]
STUDY = ["period", "weeks", "after", "n", "value", "low", "high"]
CELLS = ["group", "time", "n", "value", "low", "high", "suppressed"]
SERIES = ["period", "group", "n", "value", "low", "high", "suppressed"]


@dataclass(frozen=True)
class Trend:
    """Whether the groups moved apart before the start. per_year, low, high: slope of target minus comparison, in the
    metric's unit per year. p: of the slope; p_leads: that the quarters before the start differ by chance (NaN = too
    few)."""

    per_year: float
    low: float
    high: float
    p: float
    p_leads: float

    @property
    def clear(self) -> bool:
        """The groups moved apart: slope or quarters lie beyond chance at 1 %."""
        return self.p < 0.01 or self.p_leads < 0.01

    @property
    def hint(self) -> bool:
        """At 5 %."""
        return self.p < 0.05 or self.p_leads < 0.05


def day(start: datetime.date, week: float) -> datetime.date:
    """The first day of a week that is counted from the start."""
    return start + datetime.timedelta(days=round(7 * week))


def pre_trend(course: Course) -> Trend:
    """The slope of the groups' difference before the start, and the joint test of its quarters."""
    before = course.between(int(course.weeks[0]), -1)
    known = np.isfinite(before.apart) & np.isfinite(before.sampling)
    weight = np.where(known, 1 / np.where(known, before.sampling, 1.0), 0.0)
    time = before.weeks - (weight * before.weeks).sum() / weight.sum()
    shares = weight * time / (weight * time**2).sum()
    slope = float((shares * np.nan_to_num(before.apart)).sum())
    found = around(before, np.column_stack([np.ones(len(time)), time / 52.0]))
    error = errors(found, shares)
    half, p = float(half_width(found.weight, error)), float(tail(found.weight, error, np.array(slope)))
    return Trend(slope * _YEAR, (slope - half) * _YEAR, (slope + half) * _YEAR, p, _leads(before))


def _leads(before: Course) -> float:
    """Wald test that all quarters before the start have the same difference, with lasting shocks in the covariance."""
    block = before.weeks // _QUARTER
    whole = [k for k in np.unique(block) if (block == k).sum() == _QUARTER]
    if len(whole) < 3:
        return float("nan")
    parts = [contrast(before, block == k, block == whole[-1]) for k in whole[:-1]]
    value, shares = np.array([part[0] for part in parts]), np.array([part[2] for part in parts])
    if not np.isfinite(shares).all():
        return float("nan")
    spread = shares @ covariance(around(before, np.ones((len(before.weeks), 1)))) @ shares.T
    return float(chi2.sf(value @ np.linalg.solve(spread, value), len(value)))


def false_starts(course: Course, start: datetime.date) -> pd.DataFrame:
    """The analysis with starts that did not happen, on the weeks before the true one: columns PLACEBO."""
    before = course.between(int(course.weeks[0]), -1)
    length = min(int(course.after.sum()), len(before.weeks) // 2)
    first, last = FEWEST_BEFORE, len(before.weeks) - length
    if length < FEWEST_AFTER or last < first:
        return pd.DataFrame(columns=PLACEBO)
    places = np.unique(np.linspace(last, first, min(_MOST, (last - first) // 4 + 1)).round().astype(int))
    weeks = np.arange(len(before.weeks))
    after = (weeks >= places[:, None]) & (weeks < places[:, None] + length)
    earlier = weeks < places[:, None]
    parts = [contrast(before, now, then) for now, then in zip(after, earlier, strict=True)]
    value, sampling, shares = (np.array([part[k] for part in parts]) for k in range(3))
    used = after | earlier
    series = np.where(used, before.apart, np.nan)
    design = np.stack([np.ones(after.shape), weeks >= places[:, None]], axis=-1)
    found = noise(series, np.where(used, before.sampling, np.nan), design)
    half = half_width(found.weight, errors(found, shares, sampling))
    rows = zip([day(start, int(before.weeks[place])) for place in places], value, half, strict=True)
    return _placebos("date", [(f"start on {on}", on, v, h) for on, v, h in rows])


def false_groups(courses: Mapping[str, Course], start: datetime.date) -> pd.DataFrame:
    """The analysis with target groups that had no initiative, by name: columns PLACEBO."""
    found = []
    for name, course in courses.items():
        if thinnest(course) >= FEWEST_ROWS and np.isfinite(course.sampling).sum() >= FEWEST_BEFORE + FEWEST_AFTER:
            step = effect_of(course)
            found.append((name, start, step.value, step.half))
    return _placebos("group", found)


def _placebos(kind: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    table = [
        {"kind": kind, "label": label, "start": on, "value": value, "low": value - half, "high": value + half,
         "shown": bool(abs(value) > half)} for label, on, value, half in rows if np.isfinite(value + half)
    ]  # fmt: skip
    return pd.DataFrame(table, columns=PLACEBO)


def thinnest(course: Course) -> float:
    """Rows of the smallest of the four cells."""
    return min(course.n_of(arm, after) for arm in (0, 1) for after in (False, True))


def study(course: Course, start: datetime.date) -> tuple[pd.DataFrame, int]:
    """The groups' difference in each period against the last one before the start (columns STUDY), and the weeks of a
    period: four where nine in ten have 30 rows in each group, else thirteen. Periods are counted from the start; one
    that the data cover by less than half is left out."""
    span = next((span for span in _SPANS if _thick(course, span, FEWEST_ROWS)), _SPANS[-1])
    block = course.weeks // span
    kept = [int(k) for k in np.unique(block) if (block == k).sum() >= span / 2]
    if -1 not in kept:
        return pd.DataFrame(columns=STUDY), span
    found = around(course, stepped(course))
    rows = []
    for k in kept:
        n = float(course.n[:, block == k].sum())
        row = {"period": day(start, k * span), "weeks": (k + 0.5) * span, "after": k >= 0, "n": n}
        value, sampling, shares = contrast(course, block == k, block == -1)
        if k == -1:
            half = value = 0.0
        elif np.isfinite(shares).all() and course.n[:, block == k].sum(axis=1).min() >= _MINIMUM:
            half = float(half_width(found.weight, errors(found, shares, np.array(sampling))))
        else:
            value = half = float("nan")
        rows.append({**row, "value": value, "low": value - half, "high": value + half})
    return pd.DataFrame(rows, columns=STUDY), span


def _thick(course: Course, span: int, rows: int) -> bool:
    """Whether nine in ten periods have that many rows in each group."""
    block = course.weeks // span
    sums = np.array([course.n[:, block == k].sum(axis=1) for k in np.unique(block)])
    return bool((sums >= rows).mean() >= 0.9)


def series(course: Course, metric: Metric, start: datetime.date, names: tuple[str, str]) -> tuple[pd.DataFrame, int]:
    """Both groups in time (columns SERIES) and the days that a period lasts: a week, four or thirteen, the shortest
    that has 30 rows in nine of ten. names: of comparison and target. Small counts and values on few rows are hidden."""
    span = next((span for span in _LENGTHS if _thick(course, span, FEWEST_ROWS)), _LENGTHS[-1])
    block = course.weeks // span
    rows = []
    for k in np.unique(block):
        if (block == k).sum() < span / 2:
            continue
        for arm in (1, 0):
            found: dict[str, Any] = figure(course, metric, arm, block == k)
            rows.append({"period": day(start, int(k) * span), "group": names[arm], **hidden(found, metric.minimum_n)})
    return pd.DataFrame(rows, columns=SERIES), 7 * span


def hidden(found: dict[str, Any], minimum: int) -> dict[str, Any]:
    """A figure as it may be shown: no value on few rows, no count of fewer than five, and a column `suppressed`."""
    few = 0 < found["n"] < minimum
    gone = dict.fromkeys(("value", "low", "high"), float("nan")) if few else {}
    if 0 < found["n"] < HIDDEN_BELOW:
        gone["n"] = float("nan")
    return {**found, **gone, "suppressed": few}
