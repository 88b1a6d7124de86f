"""Gaps of stages whose customers were asked nothing about their experience: estimates, with the model's error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import sqlalchemy as sa
from scipy.special import stdtrit

from cx_metrics.analyses.estimate_experience import COLUMNS, experience
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.model import interactions as contact
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval

_ENDS = ("", "_low", "_high")
_GAPS = {"belief_gap": ("belief", 1.0), "service_gap": ("expectation", -1.0)}  # gap = sign x (other side - experience)
GAP_COLUMNS = [f"{name}_estimated{end}" for name in _GAPS for end in _ENDS]


def gap_estimates(warehouse: Warehouse, scope: Scope, stages: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Stages without answers about experience: stage, contacts, estimated, low, high, error, freedom (see
    `estimated_experience`), belief_gap_estimated and service_gap_estimated with _low and _high (points; missing where
    the other side was not asked either); and why there is no estimate, in a sentence, or "".

    stages: stage and, per side, side, side_low, side_high, as `gap` gives them. The errors of both sides add up as
    squares; the degrees of freedom are the model's, the fewer of the two.
    """
    able = all(name in CONTACTS.dimensions for name, _ in scope.filters)
    if not able or not _silent(warehouse, scope, stages):  # most often, and then no model has to be learnt
        return pd.DataFrame(columns=[*COLUMNS, *GAP_COLUMNS]), ""
    found = experience(warehouse, scope)
    table = found.stages
    if table.empty:
        return table.assign(**dict.fromkeys(GAP_COLUMNS, np.nan)), found.reason if found.link is not None else ""
    if "stage" not in stages:
        return table.assign(**dict.fromkeys(GAP_COLUMNS, np.nan)), ""
    known = table[["stage"]].merge(stages, on="stage", how="left")
    for name, (side, sign) in _GAPS.items():
        error = (known[f"{side}_high"] - known[f"{side}_low"]).to_numpy(dtype=float) / (2 * Z)
        value = sign * (known[side].to_numpy(dtype=float) - table["estimated"].to_numpy(dtype=float))
        half = stdtrit(table["freedom"].to_numpy(dtype=float), 0.975) * np.hypot(error, table["error"].astype(float))
        for end, figure in zip(_ENDS, (value, value - half, value + half), strict=True):
            table = table.assign(**{f"{name}_estimated{end}": np.asarray(figure, dtype=float)})
    return table, ""


def _silent(warehouse: Warehouse, scope: Scope, stages: pd.DataFrame) -> bool:
    """Whether there are contacts in a stage that no customer answered about."""
    source = CONTACTS.source([name for name, _ in scope.filters])
    where = [*CONTACTS.conditions(scope, contact.c.occurred_at), contact.c.stage.is_not(None)]
    there = warehouse.read(sa.select(contact.c.stage).select_from(source).where(*where).distinct())
    answered = set(stages.loc[stages["n_experience"].notna(), "stage"]) if "stage" in stages else set()
    return bool(set(there["stage"]) - answered)


def estimate_words(estimated: pd.DataFrame) -> list[str]:
    """One sentence per stage that is estimated, the most contacts first; beyond three they are counted."""
    ordered = estimated.sort_values("contacts", ascending=False, kind="stable").to_dict("records")
    said = [_words(row) for row in ordered[:3]]
    more = len(ordered) - len(said)
    return said + (
        [f"{more} more stages are estimated likewise."]
        if more > 1
        else ["One more stage is estimated likewise."]
        if more
        else []
    )


def _words(row: dict[object, object]) -> str:
    value, low, high = (float(str(row[key])) for key in ("estimated", "low", "high"))
    gap, below, above = (float(str(row[f"belief_gap_estimated{end}"])) for end in _ENDS)
    level = f"{value:.1f} of 100 ({low:.1f} to {high:.1f})"
    said = f"Nobody was asked about the experience of {row['stage']}: it is estimated at {level}"
    figure = f"{amount(gap, 'points')} ({interval(below, above, 'points')})"
    return f"{said}, the belief gap at {figure}." if gap == gap else f"{said}."
