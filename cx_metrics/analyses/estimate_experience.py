"""Experience of stages whose customers were asked nothing about it, from the satisfaction estimated there.

Satisfaction after a contact is another item than the survey's experience items, so what the one says about the other is
measured on the stages that have both, and judged on stages left out one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa
from scipy.special import stdtrit

from cx_metrics.analyses.cells import MINIMUM
from cx_metrics.analyses.estimate_groups import groups
from cx_metrics.analyses.estimate_model import learnt
from cx_metrics.metrics.facts import ANSWERS
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

Array = npt.NDArray[np.float64]
FEWEST_STAGES = 4
FOR_A_LINE = 6  # stages from which on a slope is tried, too
COLUMNS = ("stage", "contacts", "estimated", "low", "high", "error", "freedom")


@dataclass(frozen=True)
class Link:
    """What satisfaction says about experience: experience = constant + slope x satisfaction, both 0-100.

    error: root of the mean squared error of stages left out; error_mean: the same for the mean of the other stages.
    freedom: degrees of freedom of `error`. satisfaction, variance: of the stages it was measured on.
    """

    constant: float
    slope: float
    error: float
    error_mean: float
    freedom: int
    satisfaction: Array
    variance: Array


@dataclass(frozen=True)
class Experience:
    """stages: see `estimated_experience`; empty where nothing can be said. reason: why, in a sentence, else empty.

    link: None where there is none. measured_on: the stages with both; everywhere: whether they are of the whole data
    because the scope has fewer than FEWEST_STAGES.
    """

    stages: pd.DataFrame
    reason: str
    link: Link | None = None
    measured_on: tuple[str, ...] = ()
    everywhere: bool = False


def estimated_experience(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """Stages of a scope without any customer's answer on experience (instrument perception): stage, contacts, estimated
    (0-100), low, high (95 %, the model's error included), error (standard error), freedom (its degrees of freedom).

    Empty where there is no such stage or nothing can be said; `experience` says why. To subtract another figure from
    it, add the squares of the standard errors and keep the degrees of freedom.
    """
    return experience(warehouse, scope).stages


def experience(warehouse: Warehouse, scope: Scope, satisfaction: pd.DataFrame | None = None) -> Experience:
    """The same with the reason and what it was measured on. satisfaction: `groups` of the scope, where it is known.

    Raises ScopeError for a filter that answers or contacts do not have.
    """
    model = learnt(warehouse, scope.limits)
    if model.reason or model.model is None or model.backtest is None:
        return _refused(model.reason)
    everything, fit, bias = Scope(limits=scope.limits), model.model, model.backtest.bias
    told = _told(warehouse, scope)
    own = _satisfaction(groups(warehouse, scope, fit, bias) if satisfaction is None else satisfaction)
    silent = own[~own.index.isin(told.index)].dropna(subset="satisfaction")
    if silent.empty:
        return Experience(_nothing(), "")
    both = _both(own, told)
    everywhere = len(both) < FEWEST_STAGES
    if everywhere and scope != everything:
        both = _both(_satisfaction(groups(warehouse, everything, fit, bias)), _told(warehouse, everything))
    names = tuple(str(name) for name in both.index)
    if len(both) < FEWEST_STAGES:
        few = f"{len(both)} stages have answers on it and estimated satisfaction, {FEWEST_STAGES} are needed"
        return _refused(few, None, names, everywhere)
    asked, felt, error = (both[name].to_numpy(dtype=float) for name in ("experience", "satisfaction", "error"))
    found = link(asked, felt, error**2)
    if found.error >= found.error_mean:
        errs = f"on stages left out its error is {found.error:.1f} points, that of the other stages' mean"
        return _refused(f"{errs} {found.error_mean:.1f}", found, names, everywhere)
    return Experience(_carried_over(silent, found), "", found, names, everywhere)


def _refused(why: str, found: Link | None = None, names: tuple[str, ...] = (), everywhere: bool = False) -> Experience:
    reason = f"Experience where nobody was asked about it cannot be estimated from satisfaction: {why}."
    return Experience(_nothing(), reason, found, names, everywhere)


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS))


def _both(own: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    return own.join(told, how="inner").dropna(subset=["satisfaction", "experience"])


def _carried_over(silent: pd.DataFrame, found: Link) -> pd.DataFrame:
    value, error = predicted(found, silent["satisfaction"].to_numpy(float), silent["error"].to_numpy(float) ** 2)
    half = stdtrit(found.freedom, 0.975) * error
    return pd.DataFrame({
        "stage": silent.index.astype(object), "contacts": silent["contacts"].to_numpy(), "estimated": value,
        "low": np.clip(value - half, 0, 100), "high": np.clip(value + half, 0, 100), "error": error,
        "freedom": float(found.freedom),
    })[list(COLUMNS)]  # fmt: skip


def link(told: Array, satisfaction: Array, variance: Array) -> Link:
    """What satisfaction, with its variance, says about what was told, one value per stage: a difference, or from
    FOR_A_LINE stages on a line, whichever errs less on stages left out."""
    count = len(told)
    mean_errors = (told - told.mean()) * count / (count - 1)  # each against the mean of the others
    apart = told - satisfaction
    shifted = (apart - apart.mean()) * count / (count - 1)
    errors, slope, freedom = shifted, 1.0, count - 1
    centred = satisfaction - satisfaction.mean()
    squares = float((centred**2).sum())
    if count >= FOR_A_LINE and squares > 0:
        steep = float((centred * told).sum() / squares)
        left = told - told.mean() - steep * centred
        leverage = np.minimum(1 / count + centred**2 / squares, 1 - 1e-9)
        drawn = left / (1 - leverage)  # the error of each stage left out (Allen 1974)
        if (drawn**2).sum() < (errors**2).sum():
            errors, slope, freedom = drawn, steep, count - 2
    constant = float(told.mean() - slope * satisfaction.mean())
    error, error_mean = (float(np.sqrt((values**2).mean())) for values in (errors, mean_errors))
    return Link(constant, slope, error, error_mean, freedom, satisfaction, variance)


def predicted(found: Link, satisfaction: Array, variance: Array) -> tuple[Array, Array]:
    """Estimates and their standard errors for stages with this satisfaction and its variance.

    The error on stages left out holds the usual error of their satisfaction; what a stage's own is larger is added, and
    so is, for a line, how much further out it lies than those usually do.
    """
    count = len(found.satisfaction)
    more = found.slope**2 * np.maximum(variance - found.variance.mean(), 0.0)
    far = np.zeros(len(satisfaction))
    if found.freedom < count - 1:
        centred = found.satisfaction - found.satisfaction.mean()
        far = np.maximum((satisfaction - found.satisfaction.mean()) ** 2 / (centred**2).sum() - 1 / count, 0.0)
    error = np.sqrt(found.error**2 * (1 + far) + more)
    return np.clip(found.constant + found.slope * satisfaction, 0.0, 100.0), error


def _satisfaction(table: pd.DataFrame) -> pd.DataFrame:
    """Per stage: contacts, satisfaction (estimated, of all contacts), error."""
    own = table[(table["by"] == "stage") & table["group"].notna()].set_index("group")
    return own[["contacts", "estimated", "error"]].rename(columns={"estimated": "satisfaction"})


def _told(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """Per stage that any customer answered about: experience (mean of all items, 0-100; missing below 10 answers)."""
    span = sa.func.nullif(answer.c.scale_max - answer.c.scale_min, 0.0)
    percent = 100.0 * (answer.c.score - answer.c.scale_min) / span
    where = [answer.c.instrument == "perception", answer.c.respondent == "customer", answer.c.counts == 1]
    where += [percent.is_not(None), answer.c.stage.is_not(None)]
    where += scope.conditions(answer.c.answered_at, ANSWERS.dimensions)
    source = ANSWERS.source([name for name, _ in scope.filters])
    n, mean = sa.func.count().label("n"), sa.cast(sa.func.avg(percent), sa.Double).label("experience")
    found = warehouse.read(
        sa.select(answer.c.stage, n, mean).select_from(source).where(*where).group_by(answer.c.stage)
    )
    shown = found["experience"].astype(float).where(found["n"] >= MINIMUM)
    return pd.DataFrame({"experience": shown.to_numpy()}, index=found["stage"])
