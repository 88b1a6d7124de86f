"""How satisfied are those whom nobody asked? Estimates from what happened in a contact, never mixed with answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.estimate_bias import COLUMNS as BIAS
from cx_metrics.analyses.estimate_bias import PAIR
from cx_metrics.analyses.estimate_design import column_names
from cx_metrics.analyses.estimate_experience import COLUMNS as EXPERIENCE
from cx_metrics.analyses.estimate_experience import Experience, estimated_experience, experience
from cx_metrics.analyses.estimate_features import level_words, levels
from cx_metrics.analyses.estimate_fit import Fit, degrees, half_width
from cx_metrics.analyses.estimate_groups import COLUMNS, groups
from cx_metrics.analyses.estimate_model import learnt
from cx_metrics.analyses.estimate_words import assumptions, sentences
from cx_metrics.journey import Limits
from cx_metrics.model import interactions as contact
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

__all__ = ["EFFECTS", "effects", "estimated_experience", "estimates", "expected"]
EFFECTS = ("what", "feature", "level", "compared_with", "n", "effect", "low", "high", "clear")
_ERRORS = ("n", "rmse", "rmse_mean", "mae", "mae_mean", "r_squared", "better", "low", "high")
_CALIBRATION = ("bin", "n", "estimated", "answered", "low", "high")


def estimates(warehouse: Warehouse, scope: Scope) -> Analysis:
    """Estimated satisfaction in a scope, 0-100.

    Tables: estimates (see `groups`; without error and freedom), effects (what moves it: EFFECTS, points against
    `compared_with`, everything else equal), backtest (one row, see `Backtest.errors`), calibration and bias (see
    `calibration` and `Bias`), experience (stages without an answer on it, see `estimated_experience`). Empty where
    nothing can be said; the first sentence says why. Raises ScopeError for a filter that contacts do not have.
    """
    found = learnt(warehouse, scope.limits)
    tested = found.backtest
    table = pd.DataFrame(columns=[*COLUMNS, "suppressed"])
    guessed, moved = Experience(pd.DataFrame(columns=list(EXPERIENCE)), ""), pd.DataFrame(columns=list(EFFECTS))
    if not found.reason and found.model is not None and tested is not None:
        scored = groups(warehouse, scope, found.model, tested.bias)
        moved = effects(found.model)
        table, guessed = scored[[*COLUMNS, "suppressed"]], experience(warehouse, scope, scored)
    tables = {
        "estimates": table, "effects": moved,
        "backtest": pd.DataFrame(columns=list(_ERRORS)) if tested is None else tested.errors,
        "calibration": pd.DataFrame(columns=list(_CALIBRATION)) if tested is None else tested.calibration,
        "bias": pd.DataFrame(columns=list(BIAS)) if tested is None else tested.bias.table,
        "experience": guessed.stages,
    }  # fmt: skip
    return Analysis("estimates", scope, tables, sentences(found, table, moved, guessed), assumptions(found))


def effects(fit: Fit) -> pd.DataFrame:
    """The coefficients of a model with errors, in the order of the features: EFFECTS. n: answers with the level. clear:
    the interval leaves out zero."""
    names = column_names(fit.design)
    variances = fit.variance(np.eye(len(fit.coefficients)))
    half = half_width(np.sqrt(variances), np.full(len(variances), len(fit.groups) - 1.0))
    known = {part.feature.name: part.feature for part in fit.design.parts}
    rows = [
        {
            "what": level_words(known[feature], level), "feature": known[feature].title, "level": level,
            "compared_with": usual, "n": n, "effect": value, "low": value - wide, "high": value + wide,
            "clear": abs(value) > wide,
        }
        for (feature, level, usual, n), value, wide in zip(names, fit.coefficients[1:], half[1:], strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(EFFECTS))


def expected(warehouse: Warehouse, interaction_ids: Sequence[str], limits: Limits | None = None) -> pd.DataFrame:
    """Estimated satisfaction of single contacts: interaction_id, estimated (0-100), estimated_low, estimated_high
    (95 %, of the mean of such contacts, the model's error included), spread (of single answers around it, points).

    Contacts that are not in the data are left out; empty where there is no model.
    """
    usual = limits or Limits()
    found = learnt(warehouse, usual)
    columns = ["interaction_id", "estimated", "estimated_low", "estimated_high", "spread"]
    if found.reason or found.model is None or found.backtest is None or not interaction_ids:
        return pd.DataFrame(columns=columns)
    fit = found.model
    used = tuple(part.feature for part in fit.design.parts)
    question = sa.select(contact.c.interaction_id, *levels(used)).where(contact.c.interaction_id.in_(interaction_ids))
    rows = warehouse.read(question.order_by(contact.c.occurred_at, contact.c.interaction_id))
    if rows.empty:
        return pd.DataFrame(columns=columns)
    traits = fit.design.matrix(rows)
    between, behind = found.backtest.bias.of(PAIR)
    variances = np.array([fit.variance(traits), np.full(len(rows), between)])
    freedom = degrees(variances, np.array([[len(fit.groups) - 1.0], [float(behind)]]))
    half, value = half_width(np.sqrt(variances.sum(axis=0)), freedom), fit.expected(traits)
    ends = (np.clip(end, 0.0, 100.0) for end in (value, value - half, value + half))
    return pd.DataFrame(dict(zip(columns, [rows["interaction_id"], *ends, fit.rmse], strict=True)))
