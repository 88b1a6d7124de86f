"""Which signals make customers leave sooner: a proportional-hazards model over contacts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cx_metrics.analyses.answers_with_signals import CONTROLS
from cx_metrics.analyses.driver_moments import FEWEST_HITS, control_columns
from cx_metrics.analyses.follow_ups import follow_ups
from cx_metrics.analyses.leaving import FEWEST_LEAVERS, RULES, Rule
from cx_metrics.metrics.cox import CoxError, cox
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.random_groups import FEWEST
from cx_metrics.metrics.signals import Signal, signals
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

_FEWEST_EVENTS = 5  # events with and without a signal; a level of a control needs as many to be one of its own
Array = npt.NDArray[np.float64]
COLUMNS = ("signal", "title", "n", "hits", "hazard_ratio", "low", "high", "distinguishable")


@dataclass(frozen=True)
class RetentionModel:
    """What makes customers leave, or come back with an order. rule: which of the two, None where neither can be seen.

    n: contacts looked at, total: that there are, events: how often it happened. drivers: one row per signal, the
    clearest first: signal, title, n (contacts of which it can be said), hits, hazard_ratio (of the event per unit of
    time, with the signal against without, adjusted), low, high, distinguishable; missing for signals that are too rare.
    reason: why there is no model, else empty.
    """

    rule: Rule | None
    n: int
    total: int
    events: int
    drivers: pd.DataFrame
    reason: str = ""


def retention_model(warehouse: Warehouse, scope: Scope) -> RetentionModel:
    """The model over the contacts of a scope, by subscriptions where enough ended, else by orders."""
    found, seen = signals(scope.limits), []
    for rule in RULES:
        rows, total = follow_ups(warehouse, scope, rule, found)
        rows = until_next(rows)
        events = int(rows["happened"].sum())
        if events >= FEWEST_LEAVERS:
            return _model(rule, rows, total, found)
        seen.append(f"{events} {'ends of subscriptions' if rule is RULES[0] else 'further orders'}")
    reason = f"after the contacts of this period there are {' and '.join(seen)}, {FEWEST_LEAVERS} are needed"
    return RetentionModel(None, 0, 0, 0, pd.DataFrame(columns=list(COLUMNS)), reason)


def until_next(rows: pd.DataFrame) -> pd.DataFrame:
    """Follow-ups with days, until the event, the next contact or the data's end, and happened (1: it was the event)."""
    others = rows[["until_contact", "until_end"]].min(axis=1)
    happened = (rows["until_event"] <= others).astype(float)
    return rows.assign(days=rows["until_event"].where(happened > 0, others), happened=happened)


def _model(rule: Rule, rows: pd.DataFrame, total: int, found: tuple[Signal, ...]) -> RetentionModel:
    present = rows[[f"x{place}" for place in range(len(found))]].to_numpy(float)
    judged = rows[[f"v{place}" for place in range(len(found))]].to_numpy(float)
    happened = rows["happened"].to_numpy(float)
    used = np.flatnonzero(_usable(present, judged, happened, rows["customer_id"]))
    controls = control_columns(rows, (*CONTROLS, "quarter"), "happened", _FEWEST_EVENTS)[:, 1:]
    columns = np.column_stack([present[:, used], judged[:, used], controls])
    kept = _independent(columns)
    kept = kept[_varying(columns[:, kept], happened) | (kept < len(used))]
    own = [place for place, number in enumerate(used) if place in kept]
    empty = pd.DataFrame(columns=list(COLUMNS))
    if not own:
        return RetentionModel(rule, len(rows), total, int(happened.sum()), empty, "no signal is common enough")
    try:
        fitted = cox(rows["days"].to_numpy(float), happened, columns[:, kept], rows["customer_id"].to_numpy())
    except CoxError as error:
        return RetentionModel(rule, len(rows), total, int(happened.sum()), empty, str(error))
    half = Z * fitted.errors[: len(own)]
    log_hazard = fitted.log_hazard[: len(own)]
    ends = np.exp(np.column_stack([log_hazard, log_hazard - half, log_hazard + half]))
    drivers = _table(present, judged, found, used[own], ends)
    return RetentionModel(rule, len(rows), total, int(happened.sum()), drivers)


def _usable(present: Array, judged: Array, happened: Array, customers: pd.Series) -> npt.NDArray[np.bool_]:
    """Signals common enough: contacts, events and customers with it and without it."""
    enough = np.ones(present.shape[1], dtype=bool)
    for side in (present, judged - present):
        people = np.array([customers[column > 0].nunique() for column in side.T])
        enough &= (side.sum(axis=0) >= FEWEST_HITS) & (happened @ side >= _FEWEST_EVENTS) & (people >= FEWEST)
    return enough


def _varying(columns: Array, happened: Array) -> npt.NDArray[np.bool_]:
    """0/1 columns with enough events on both sides for a finite hazard."""
    return np.minimum(happened @ columns, happened @ (1 - columns)) >= _FEWEST_EVENTS


def _independent(columns: Array) -> npt.NDArray[np.int64]:
    """Positions of the columns that are no combination of a constant and those before them."""
    basis = [np.full(len(columns), len(columns) ** -0.5)]
    kept = []
    for place, column in enumerate(columns.T):
        left = column
        for direction in (*basis, *basis):  # twice, against rounding
            left = left - (direction @ left) * direction
        if left @ left > 1e-9 * len(columns):
            basis.append(left / np.sqrt(left @ left))
            kept.append(place)
    return np.array(kept, dtype=np.int64)


def _table(
    present: Array, judged: Array, found: tuple[Signal, ...], used: npt.NDArray[np.int64], ends: Array
) -> pd.DataFrame:
    n, hits = judged.sum(axis=0), present.sum(axis=0)
    rarer = np.minimum(hits, n - hits)
    table = pd.DataFrame({
        "signal": [signal.name for signal in found], "title": [signal.title for signal in found], "n": n,
        "hits": np.where((rarer > 0) & (rarer < HIDDEN_BELOW), np.nan, hits),
        "hazard_ratio": np.nan, "low": np.nan, "high": np.nan, "distinguishable": False,
    })  # fmt: skip
    table.loc[used, ["hazard_ratio", "low", "high"]] = ends
    table["distinguishable"] = (table["low"] > 1) | (table["high"] < 1)
    size = np.log(table["hazard_ratio"]).abs()
    order = pd.DataFrame({"unclear": ~table["distinguishable"], "size": -size}).sort_values(["unclear", "size"])
    return table.loc[order.index].reset_index(drop=True)
