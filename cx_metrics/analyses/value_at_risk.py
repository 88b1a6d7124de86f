"""The revenue that friction puts at risk, shared out over the signals so that the parts sum to the total.

A customer's chance of leaving comes from a logistic regression on the signals that the customer met. What all of them
add to that chance, times the customer's yearly value, is the revenue at risk; overlaps are shared out by Shapley's
value, exactly, over the signals that each customer met.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cx_metrics.analyses.customers_at_risk import Patterns, patterns, present
from cx_metrics.analyses.driver_moments import FEWEST_HITS
from cx_metrics.analyses.leaving import FEWEST_LEAVERS, RULES, Rule
from cx_metrics.analyses.leaving_chances import HORIZON_DAYS, leaving_chances
from cx_metrics.metrics.logistic import logistic, probability
from cx_metrics.metrics.random_groups import FEWEST, interval_of_sums
from cx_metrics.metrics.shapley import members, shapley
from cx_metrics.metrics.signals import Signal, signals
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

_STEP = 1e-4  # of a coefficient, for slopes
_LEVEL = 30  # judged contacts that a segment, band or quarter needs to be one of its own
Array = npt.NDArray[np.float64]
COLUMNS = ("signal", "title", "customers", "value", "low", "high", "share")


@dataclass(frozen=True)
class RevenueAtRisk:
    """rule: how leaving is seen, None where it cannot be. customers: those priced, with a yearly value of `value` in
    `currency`. judged: contacts that enough days of data follow; leavers: customers who left after one of them.

    parts: signal, title, customers (priced ones who met it), value (yearly revenue at risk), low, high, share (of the
    customers' yearly value, 0-1), and a last row for the total. reason: why there is no price, else empty.
    """

    rule: Rule | None
    customers: int
    value: float
    currency: str
    judged: int
    leavers: int
    parts: pd.DataFrame
    reason: str = ""


@dataclass(frozen=True)
class Cells:
    """One row per combination of signals, band and segment, r; one column per random group, g.

    design: constant, signals in the model, bands, segments, (r, p). present: the signals alone, (r, s). Per row and
    group: judged (contacts), left (of them), value (yearly, of those priced); (r, g).
    """

    design: Array
    present: Array
    judged: Array
    left: Array
    value: Array


def revenue_at_risk(warehouse: Warehouse, scope: Scope) -> RevenueAtRisk:
    """The yearly revenue at risk in a scope, by subscriptions where enough ended, else by orders."""
    found, seen = signals(scope.limits), []
    for rule in RULES:
        judged = leaving_chances(warehouse, scope, rule, found)
        left, stayed = (judged.loc[judged["left_us"] == side, "customer_id"].nunique() for side in (1, 0))
        if min(left, stayed) >= FEWEST_LEAVERS:
            return _priced(rule, judged, patterns(warehouse, scope, rule, found), found)
        seen.append(f"{left} left and {stayed} stayed by their {rule.name}s")
    judged_when = f"of the customers with a contact of the period that {HORIZON_DAYS} days of data follow"
    return _none(f"{judged_when}, {', and '.join(seen)}; {FEWEST_LEAVERS} of each are needed")


def _none(reason: str) -> RevenueAtRisk:
    return RevenueAtRisk(None, 0, 0.0, "", 0, 0, pd.DataFrame(columns=list(COLUMNS)), reason)


def _priced(rule: Rule, judged: pd.DataFrame, given: Patterns, found: tuple[Signal, ...]) -> RevenueAtRisk:
    """judged: contacts after which it can be seen who left. given: customers to be priced."""
    total = float(given.rows["value"].sum())
    if len(given.currencies) > 1:
        return _none("the amounts are in several currencies, which do not add up")
    if total <= 0:
        return _none("the customers' orders and subscriptions have no amounts")
    learnt = judged.assign(judged=1, n=0, value=0.0)
    rows = pd.concat([learnt, given.rows.assign(judged=0, left_us=0.0)], ignore_index=True)
    there = present(rows, len(found))
    used = np.flatnonzero(_usable(rows, there))
    if not len(used):
        return _none("no signal is common enough among the contacts that enough days of data follow")
    values, low, high = priced_parts(cells(rows, there[:, used]))
    names, customers = [found[place] for place in used], rows["n"].to_numpy(float)
    table = pd.DataFrame({
        "signal": [*(signal.name for signal in names), "total"],
        "title": [*(signal.title for signal in names), "All signals"],
        "customers": [*(customers @ there[:, used]), customers.sum()],
        "value": values, "low": low, "high": high, "share": values / total,
    })  # fmt: skip
    order = (-table["value"]).where(table["signal"] != "total", np.inf).sort_values(kind="stable").index
    parts, left = table.loc[order].reset_index(drop=True), judged.loc[judged["left_us"] == 1, "customer_id"].nunique()
    currency = given.currencies[0] if given.currencies else ""
    return RevenueAtRisk(rule, int(customers.sum()), total, currency, len(judged), left, parts)


def _usable(rows: pd.DataFrame, there: Array) -> npt.NDArray[np.bool_]:
    """Signals with enough judged contacts, in enough random groups, of leavers and others, with them and without."""
    judged, left, group = rows["judged"].to_numpy(float), rows["left_us"].to_numpy(float), rows["group"].to_numpy()
    enough = np.ones(there.shape[1], dtype=bool)
    for side in (there, 1 - there):
        people = judged[:, None] * side
        spread = np.array([len(np.unique(group[column > 0])) for column in people.T])
        gone = left @ side
        enough &= (people.sum(axis=0) >= FEWEST_HITS) & (spread >= FEWEST)
        enough &= np.minimum(gone, people.sum(axis=0) - gone) >= FEWEST
    return enough


def cells(rows: pd.DataFrame, there: Array) -> Cells:
    """Rows put together by what the model sees.

    rows: band, segment, quarter, group, judged, left_us, value. there: which signals their customers met, (rows, s).
    """
    judged = rows["judged"]
    newest = rows["quarter"][judged > 0].max()  # later ones are priced as if they were this one
    controls = {"band": rows["band"], "segment": rows["segment"], "quarter": rows["quarter"].clip(upper=newest)}
    levels = {name: _levels(given, judged) for name, given in controls.items()}
    keys = pd.DataFrame({**levels, "code": there @ (2 ** np.arange(there.shape[1]))})
    number = keys.groupby(list(keys.columns), sort=True).ngroup().to_numpy()
    first = keys.assign(number=number).drop_duplicates("number").sort_values("number")
    columns = [np.ones(len(first)), *there[first.index].T]
    for name in levels:
        columns += [(first[name] == level).to_numpy(dtype=float) for level in sorted(set(keys[name]))[1:]]
    groups = np.unique(rows["group"], return_inverse=True)[1]
    sums = []
    for name in ("judged", "left_us", "value"):
        matrix = np.zeros((len(first), int(groups.max()) + 1))
        np.add.at(matrix, (number, groups), rows[name].to_numpy(float))
        sums.append(matrix)
    return Cells(np.column_stack(columns), there[first.index], *sums)


def _levels(given: pd.Series, judged: pd.Series) -> pd.Series:
    """Levels as texts, those with few judged contacts put together."""
    texts = given.where(given.notna(), "\0").astype(str)
    counts = judged.groupby(texts).sum()
    return texts.where(texts.map(counts) >= _LEVEL, "\1")


def priced_parts(given: Cells) -> tuple[Array, Array, Array]:
    """Each signal's part of the revenue at risk and, last, the total; with 95 % intervals, each (s + 1,).

    The intervals follow from what each random group contributes to the parts, directly and through the coefficients
    (Taylor linearisation, Wolter 2007, chapter 6): the same as refitting the model to resamples, without the wait.
    """
    tried, left, value = given.judged.sum(axis=1), given.left.sum(axis=1), given.value.sum(axis=1)
    fitted, spread = logistic(given.design, tried, left)
    added = added_chances(given.design, given.present, fitted)
    slopes = np.empty((len(fitted), added.shape[1]))
    for place in range(len(fitted)):
        step = np.zeros(len(fitted))
        step[place] = _STEP
        up, down = (added_chances(given.design, given.present, fitted + sign * step) for sign in (1, -1))
        slopes[place] = value @ (up - down) / (2 * _STEP)
    expected = probability(given.design @ fitted)
    score = given.design.T @ (given.left - given.judged * expected[:, None])
    moved = given.value.T @ added + score.T @ spread @ slopes
    moved = np.column_stack([moved, moved.sum(axis=1)])
    met = (given.present[:, :, None] * (given.judged > 0)[:, None, :]).any(axis=0).sum(axis=1)
    parts = value @ added
    values = np.append(parts, parts.sum())
    low, high = interval_of_sums(values, moved, np.append(met, met.max()))
    return values, low, high


def added_chances(design: Array, present: Array, coefficients: Array) -> Array:
    """Each signal's part of what the signals that are there add to the chance, (r, s).

    design: (r, p) with the constant first and then the signals. present: (r, s). coefficients: (p,) in log odds. The
    parts of a row are Shapley's value and sum to its chance minus the chance without any signal; none is cut off at
    zero.
    """
    players = present.shape[1]
    effects = coefficients[1 : 1 + players]
    without = design @ coefficients - present @ effects
    parts = np.zeros(present.shape)
    sizes = present.sum(axis=1).astype(int)
    for size in range(1, players + 1):
        rows = np.flatnonzero(sizes == size)
        if len(rows):
            there = np.nonzero(present[rows])[1].reshape(len(rows), size)
            chances = probability(without[rows, None] + effects[there] @ members(size).T)
            parts[rows[:, None], there] = shapley(chances)
    return parts
