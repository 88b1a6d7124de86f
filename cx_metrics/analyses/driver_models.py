"""Which signals move a survey metric, by how much, and how sure that is: one linear model per metric.

`distinguishable` rests on the effect, not on the weight: a signal that costs nothing, but comes along with one that
does, has a weight all the same, so that comparing weights with a random predictor's (Tonidandel, LeBreton and Johnson
2009) calls it a driver.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cx_metrics.analyses.answers_with_signals import OUTCOMES
from cx_metrics.analyses.driver_moments import Sums, moments, sums
from cx_metrics.metrics.least_squares import fit
from cx_metrics.metrics.random_groups import FEWEST, interval, resamples, skewed_interval
from cx_metrics.metrics.signals import Signal, signals
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

FEWEST_ANSWERS = 100
PER_COLUMN = 3  # answers that a model needs for each of its columns
RESAMPLES = 1_000
Array = npt.NDArray[np.float64]
FIGURES = ("weight", "low", "high", "share", "effect", "effect_low", "effect_high")
COLUMNS = ("signal", "title", "n", "hits", *FIGURES, "distinguishable")


@dataclass(frozen=True)
class DriverModel:
    """What moves one metric. outcome: csat, nps or ces. n: answers; relationship: those of them about no contact.

    drivers: one row per signal, the weightiest first: signal, title, n (answers of which it can be said), hits (those
    with it), weight (relative weight; they sum to r_squared), low, high, share (of r_squared), effect (change of the
    metric where the signal is there, in its points, adjusted), effect_low, effect_high, distinguishable; missing for
    signals that are too rare. Counts from 1 to 4 are missing. lost: signal, title, hits, value (points of the metric
    that the signal takes from all answers: minus effect x share of answers with it), low, high, and a last row for the
    total. reason: why there is no model, else empty.
    """

    outcome: str
    n: int
    relationship: int
    drivers: pd.DataFrame
    lost: pd.DataFrame
    r_squared: float
    control_r_squared: float
    reason: str = ""


def driver_models(warehouse: Warehouse, scope: Scope) -> dict[str, DriverModel]:
    """The model of each metric that there are answers for (csat, nps, ces), in a scope; drivers and price share it."""
    return _models(warehouse, warehouse.version(), scope)


@functools.lru_cache(maxsize=8)
def _models(warehouse: Warehouse, _version: str, scope: Scope) -> dict[str, DriverModel]:
    found = signals(scope.limits)
    return {name: model(name, given, found) for name, given in sums(warehouse, scope, found).items()}


def model(name: str, given: Sums, found: tuple[Signal, ...], times: int = RESAMPLES) -> DriverModel:
    """The model of one metric from the sums over its answers; times: how often the groups are resampled."""
    counts = given.signals.assign(
        signal=[signal.name for signal in found], title=[signal.title for signal in found]
    )  # fmt: skip
    used = [int(place) for place in np.flatnonzero(counts["usable"])]
    if given.n < FEWEST_ANSWERS:
        return _none(name, given, counts, f"there are {given.n} answers, {FEWEST_ANSWERS} are needed")
    if not used:
        return _none(name, given, counts, "no signal is common enough")
    matrices, controls = moments(given)
    if given.n < PER_COLUMN * matrices.shape[1]:
        return _none(name, given, counts, f"{given.n} answers are too few for {matrices.shape[1]} columns")
    whole = fit(matrices.sum(axis=0), controls)
    drawn = np.tensordot(resamples(len(matrices), times), matrices, 1)
    redrawn = fit(drawn, controls)
    spread = counts["spread"].to_numpy(float)[used]
    effect_low, effect_high = interval(whole.effects, redrawn.effects, spread)
    low, high = skewed_interval(whole.weights, redrawn.weights)
    explained = float(whole.r_squared)
    share = whole.weights / explained if explained > 0 else np.zeros(len(used))
    columns = (whole.weights, low, high, share, whole.effects, effect_low, effect_high)
    drivers = counts.assign(**dict.fromkeys(FIGURES, np.nan), distinguishable=False)
    drivers.loc[used, list(FIGURES)] = np.column_stack(columns)
    drivers.loc[used, "distinguishable"] = (effect_low > 0) | (effect_high < 0)
    lost = _lost(counts.loc[used], whole.effects, redrawn.effects, _prevalence(matrices, drawn, controls), spread)
    return DriverModel(
        name, given.n, given.relationship, _shown(drivers), lost, explained, float(whole.control_r_squared)
    )


def _none(name: str, given: Sums, counts: pd.DataFrame, reason: str) -> DriverModel:
    drivers = counts.assign(**dict.fromkeys(FIGURES, np.nan), distinguishable=False)
    empty = pd.DataFrame(columns=["signal", "title", "hits", "value", "low", "high"])
    return DriverModel(name, given.n, given.relationship, _shown(drivers), empty, np.nan, np.nan, reason)


def _shown(drivers: pd.DataFrame) -> pd.DataFrame:
    """In the order of the weights, with counts that are too small to show left out."""
    rarer = np.minimum(drivers["hits"], drivers["n"] - drivers["hits"])
    hidden = (rarer > 0) & (rarer < HIDDEN_BELOW)
    shown = drivers.assign(hits=drivers["hits"].mask(hidden))[list(COLUMNS)]
    return shown.sort_values("weight", ascending=False, na_position="last", kind="stable").reset_index(drop=True)


def _prevalence(matrices: Array, drawn: Array, controls: int) -> tuple[Array, Array]:
    """Share of all answers that have each signal, (p,), and the same in each resample, (times, p)."""
    whole = matrices.sum(axis=0)
    predictors = slice(controls, -1)
    return whole[0, predictors] / whole[0, 0], drawn[:, 0, predictors] / drawn[:, :1, 0]


def _lost(
    counts: pd.DataFrame, effects: Array, redrawn: Array, prevalence: tuple[Array, Array], spread: Array
) -> pd.DataFrame:
    parts, drawn = -effects * prevalence[0], -redrawn * prevalence[1]
    values = np.append(parts, parts.sum())
    low, high = interval(
        values, np.column_stack([drawn, drawn.sum(axis=1)]), np.append(spread, spread.max(initial=FEWEST))
    )
    named = pd.DataFrame({
        "signal": [*counts["signal"], "total"], "title": [*counts["title"], "All signals"],
        "hits": [*counts["hits"], np.nan], "value": values, "low": low, "high": high,
    })  # fmt: skip
    order = (-named["value"]).where(named["signal"] != "total", np.inf)
    return named.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def title_of(outcome: str) -> str:
    """The short name of a metric: CSAT, NPS, CES."""
    assert outcome in OUTCOMES
    return outcome.upper()
