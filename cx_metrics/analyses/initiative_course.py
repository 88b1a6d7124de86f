"""Both groups of an initiative week by week, and the effect with the most careful of its errors."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cx_metrics.metrics.estimators import Share, Total, Z
from cx_metrics.metrics.lasting_noise import Noise, errors, half_width, noise, tail
from cx_metrics.metrics.metric import Metric

Array = npt.NDArray[np.float64]
_FEWEST = 5  # rows behind a week's figure of a metric that is no mean of rows


@dataclass(frozen=True)
class Course:
    """weeks: numbers, 0 = the first of the initiative, (t,). n, value, variance: rows, figure and its sampling variance
    of the comparison (row 0) and the target group (row 1), (2, t); NaN where a week has none. weight: what a week
    counts within its group, (2, t). deviation: variance of single rows of each group, (2,), NaN where the
    metric is no mean of rows."""

    weeks: npt.NDArray[np.int64]
    n: Array
    value: Array
    variance: Array
    weight: Array
    deviation: Array

    @property
    def after(self) -> npt.NDArray[np.bool_]:
        """Which weeks belong to the initiative."""
        return np.asarray(self.weeks >= 0)

    @property
    def apart(self) -> Array:
        """Target minus comparison, (t,)."""
        return np.asarray(self.value[1] - self.value[0])

    @property
    def sampling(self) -> Array:
        """Sampling variance of `apart`, (t,)."""
        return np.asarray(self.variance.sum(axis=0))

    def between(self, first: int, last: int) -> Course:
        """The same, of these weeks only."""
        kept = (self.weeks >= first) & (self.weeks <= last)
        parts = {name: getattr(self, name)[:, kept] for name in ("n", "value", "variance", "weight")}
        return replace(self, weeks=self.weeks[kept], **parts)

    def n_of(self, arm: int, after: bool) -> float:
        """Rows of a cell."""
        return float(self.n[arm][self.after == after].sum())


@dataclass(frozen=True)
class Step:
    """value: the effect, in the metric's unit; half: half of its 95 % interval; p: how likely chance alone makes it as
    large, in either direction. sampling: its variance by sampling alone."""

    value: float
    half: float
    p: float
    sampling: float


def from_sums(sums: pd.DataFrame, first: int, last: int) -> Course:
    """From arm, week, n, total, squares of a metric that is a mean of rows; weeks without rows are missing."""
    weeks, tables = _tables(sums, ("n", "total", "squares"), first, last)
    n = np.nan_to_num(tables["n"])
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(n > 0, tables["total"] / n, np.nan)
        rest, spare = tables["squares"] - n * value**2, np.maximum(n - 1, 0).sum(axis=1)
        own, pooled = np.nansum(rest, axis=1) / spare, np.nansum(rest) / spare.sum()
        deviation = np.asarray(np.where(own > 1e-9 * pooled, own, pooled), float)
        variance = np.where(n > 0, deviation[:, None] / n, np.nan)
    return Course(weeks, n, value, np.asarray(variance, float), n, deviation)


def from_figures(figures: pd.DataFrame, metric: Metric, first: int, last: int) -> Course:
    """From arm, week, n, value, error of any metric; weeks with few rows are missing. Totals count each week alike."""
    weeks, tables = _tables(figures, ("n", "value", "error"), first, last)
    n = np.nan_to_num(tables["n"])
    known = (n >= _FEWEST) & np.isfinite(tables["value"]) & (tables["error"] > 0)
    value, error = (np.where(known, tables[name], np.nan) for name in ("value", "error"))
    weight = np.where(known, 1.0 if isinstance(metric.kind, Total) else n, 0.0)
    return Course(weeks, n, value, error**2, weight, np.full(2, np.nan))


def _tables(found: pd.DataFrame, names: tuple[str, ...], first: int, last: int) -> tuple[Any, dict[str, Array]]:
    weeks = np.arange(first, last + 1)
    cells = found.set_index(["arm", "week"]).sort_index()
    wanted = pd.MultiIndex.from_product([(0, 1), weeks])
    shaped = cells.reindex(wanted)[list(names)]
    return weeks, {name: shaped[name].to_numpy(float).reshape(2, -1) for name in names}


def alike(course: Course, metric: Metric) -> Course:
    """The same; of a total, with the comparison group brought to the size that the target group had before the start.

    Totals of groups that differ in size move apart when both grow by the same share.
    """
    before = [figure(course, metric, arm, ~course.after)["value"] for arm in (0, 1)]
    if not isinstance(metric.kind, Total) or not all(math.isfinite(x) and x > 0 for x in before):
        return course
    factor = np.array([[before[1] / before[0]], [1.0]])
    return replace(course, value=course.value * factor, variance=course.variance * factor**2)


def contrast(course: Course, plus: Any, minus: Any) -> tuple[float, float, Array]:
    """The difference of the groups in the weeks `plus` less that in the weeks `minus`; its sampling variance; what each
    week's difference counts in it, (t,). NaN where a group has no data in either."""
    value = variance = 0.0
    shares = np.zeros(len(course.weeks))
    for arm, sign in ((1, 1.0), (0, -1.0)):
        weight = np.where(np.isfinite(course.value[arm]), course.weight[arm], 0.0)
        for weeks, way in ((plus, 1.0), (minus, -1.0)):
            own = np.where(weeks, weight, 0.0)
            share = own / own.sum() if own.sum() > 0 else np.full(len(own), np.nan)
            value += sign * way * float((share * np.nan_to_num(course.value[arm])).sum())
            variance += float((share**2 * np.nan_to_num(course.variance[arm])).sum())
            shares += way * share / 2
    return value, variance, shares


def stepped(course: Course) -> Array:
    """The design of a level and a step at the start, (t, 2)."""
    return np.column_stack([np.ones(len(course.weeks)), course.after]).astype(float)


def around(course: Course, design: Array) -> Noise:
    """The noise of the groups' difference around a fit of the design."""
    return noise(course.apart, course.sampling, design)


def effect_of(course: Course) -> Step:
    """The effect, with the error of a weekly difference whose shocks may last."""
    value, sampling, shares = contrast(course, course.after, ~course.after)
    found = around(course, stepped(course))
    error = errors(found, shares, np.array(sampling))
    half = half_width(found.weight, error)
    return Step(value, float(half), float(tail(found.weight, error, np.array(value))), sampling)


def ends(metric: Metric, n: float, value: float, error: float) -> tuple[float, float]:
    """95 % interval of one figure: Wilson's of shares, else the normal one."""
    if isinstance(metric.kind, Share) and n > 0 and 0 <= value <= 100:
        share, square = value / 100, Z * Z
        half = Z * math.sqrt(max(share * (1 - share), 0.0) / n + square / (4 * n * n))
        scale = 1 + square / n
        return 100 * (share + square / (2 * n) - half) / scale, 100 * (share + square / (2 * n) + half) / scale
    return value - Z * error, value + Z * error


def figure(course: Course, metric: Metric, arm: int, weeks: Any) -> dict[str, float]:
    """n, value, low, high of a group in some weeks; NaN where it has no data."""
    own = np.where(weeks & np.isfinite(course.value[arm]), course.weight[arm], 0.0)
    n = float(course.n[arm][weeks].sum())
    if own.sum() <= 0:
        return {"n": n, "value": math.nan, "low": math.nan, "high": math.nan}
    share = own / own.sum()
    value = float((share * np.nan_to_num(course.value[arm])).sum())
    error = math.sqrt(float((share**2 * np.nan_to_num(course.variance[arm])).sum()))
    low, high = ends(metric, n, value, error)
    return {"n": n, "value": value, "low": low, "high": high}
