"""Figures of those who answered beside the same weighted to all who were asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import RANKED, tallied
from cx_metrics.analyses.surveys_model import POOLED, kept, model, strength
from cx_metrics.analyses.surveys_sendings import NAMED, asked_items
from cx_metrics.metrics.non_response import Asked, non_response
from cx_metrics.metrics.proportions import holm
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

TRAITS = ("segment", "region", "country", "generation", "stage", "channel", "handled_by", "team")
MOST = 5_000  # combinations of traits that leave the engine
ALARM = 0.05  # chance that any figure is said to differ where none does
_UNITS = {"csat": "%", "nps": "points", "ces": "%", "experience": "score 0-100"}
_SUMS = ("asked", "answered", "total", "squares")
_NUMBERS = ("invitations", "answers", "raw", "raw_low", "raw_high", "value", "low", "high", "effective_n", "difference",
            "difference_low", "difference_high", "p", "trimmed")  # fmt: skip


def weighted(warehouse: Warehouse, scope: Scope, answers: Mapping[str, float]) -> pd.DataFrame:
    """instrument, figure, unit, invitations, answers, raw, raw_low, raw_high, value, low, high, effective_n,
    difference (raw minus weighted), difference_low, difference_high, p, trimmed (% of answers), p_holm, clear, traits
    (in the model), left_out (traits that vary and are not), why (there is no weighted figure).

    One row per instrument with answers; answers: how many there are in the scope by instrument, invited or not.
    Figures in per cent, points, or scores of 0-100; the time is that of the invitation.
    """
    values = _values(warehouse, scope)
    sizes = values.groupby(["trait", "instrument"], sort=False)[["n", "answered"]].sum().groupby("instrument").max()
    why = {name: _why(sizes, name) for name in NAMED if answers.get(name, 0.0) > 0 or name in sizes.index}
    able = [name for name, reason in why.items() if not reason]
    chosen, dropped, cells = _cells(warehouse, scope, values[values["instrument"].isin(able)])
    rows = []
    for name, reason in why.items():
        row: dict[str, Any] = {"instrument": name, "figure": NAMED[name], "unit": _UNITS[name], "why": reason}
        row |= dict.fromkeys(_NUMBERS) | {"traits": "", "left_out": ""} | _counts(sizes, name, answers)
        rows.append(row if reason else row | _row(cells[cells["instrument"] == name], name, chosen, dropped[name]))
    found = pd.DataFrame(rows, columns=["instrument", "figure", "unit", *_NUMBERS, "traits", "left_out", "why"])
    found = found.astype(dict.fromkeys(_NUMBERS, float))
    adjusted = holm(found["p"])
    return found.assign(p_holm=adjusted, clear=np.nan_to_num(adjusted, nan=1.0) <= ALARM)


def _values(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """trait, instrument, level, n (asked), answered: every value of every trait."""
    cells = tallied(asked_items(scope, TRAITS), ("instrument", *TRAITS), ["answered"])
    parts = []
    for name in TRAITS:
        keys = (cells.c.instrument, cells.c[name])
        sums = (sa.func.sum(cells.c[of]).label(of) for of in ("n", "answered"))
        parts.append(sa.select(sa.literal(name).label("trait"), keys[0], keys[1].label("level"), *sums).group_by(*keys))
    return warehouse.read(sa.union_all(*parts)).astype({"n": float, "answered": float})


def _why(sizes: pd.DataFrame, instrument: str) -> str:
    """Why there is no weighted figure, or nothing."""
    if instrument not in sizes.index:
        return "no invitation is known, so that nobody knows who stayed silent"
    asked, answered = (float(sizes[name][instrument]) for name in ("n", "answered"))
    if answered == asked:
        return "only invitations that were answered are known"
    if answered < RANKED:
        return f"{answered:.0f} answers are too few, {RANKED} are needed" if answered >= HIDDEN_BELOW else (
            f"fewer than {HIDDEN_BELOW} answers, {RANKED} are needed"
        )  # fmt: skip
    return ""


def _counts(sizes: pd.DataFrame, instrument: str, answers: Mapping[str, float]) -> dict[str, float | None]:
    known = instrument in sizes.index
    counts = {"invitations": float(sizes["n"][instrument]) if known else 0.0,
              "answers": float(sizes["answered"][instrument]) if known else answers[instrument]}  # fmt: skip
    return {name: None if 0 < n < HIDDEN_BELOW else n for name, n in counts.items()}


def _cells(
    warehouse: Warehouse, scope: Scope, values: pd.DataFrame
) -> tuple[Sequence[str], dict[str, list[str]], pd.DataFrame]:
    """Traits that are counted together, those of each instrument that would give too many combinations, and the counts:
    instrument, the traits, asked, answered, total, squares. values: see `_values`, of what is weighted."""
    if values.empty:
        return (), {}, pd.DataFrame(columns=["instrument"])
    levels = {name: _levels(part) for name, part in values.groupby("trait")}
    gains = {name: sum(strength(part["n"], part["answered"]) for _, part in own.groupby("instrument"))
             for name, own in values.groupby("trait")}  # fmt: skip
    ranked = sorted((name for name in TRAITS if levels[name]), key=lambda name: -gains[name])
    names = sorted(values["instrument"].unique())
    chosen = _few_enough(warehouse, scope, names, {name: levels[name] for name in ranked})
    items = asked_items(scope, TRAITS).subquery()
    x = items.c.value
    pooled = sa.select(items.c.instrument, *_pooled(items, {name: levels[name] for name in chosen}), items.c.answered,
                       x.label("total"), (x * x).label("squares"))  # fmt: skip
    counted = tallied(pooled.where(items.c.instrument.in_(names)), ("instrument", *chosen),
                      ["answered", "total", "squares"])  # fmt: skip
    found = warehouse.read(sa.select(*counted.c)).rename(columns={"n": "asked"})
    several = values.groupby(["instrument", "trait"])["level"].nunique() > 1
    dropped = {of: [name for name in ranked if name not in chosen and several[of, name]] for of in names}
    return chosen, dropped, found


def _levels(values: pd.DataFrame) -> list[str]:
    """The values of a trait that stand alone in any instrument; nothing where the trait does not vary."""
    found: dict[str, None] = {}
    varies = False
    for _, part in values.groupby("instrument"):
        alone = kept(part.set_index("level")["n"], part["answered"].sum() / part["n"].sum())
        varies = varies or (len(part) > 1 and bool(alone))
        found |= dict.fromkeys(alone)
    return list(found) if varies else []


def _pooled(rows: sa.Subquery, levels: Mapping[str, list[str]]) -> list[Any]:
    named = ((name, sa.func.coalesce(rows.c[name], "(not given)"), alone) for name, alone in levels.items())
    return [sa.case((column.in_(alone), column), else_=POOLED).label(name) for name, column, alone in named]


def _few_enough(
    warehouse: Warehouse, scope: Scope, instruments: list[str], levels: Mapping[str, list[str]]
) -> Sequence[str]:
    """Traits in this order as long as their combinations stay few; one that would make them too many is passed over."""
    if not levels or len(instruments) * math.prod(len(alone) + 1 for alone in levels.values()) <= MOST:
        return tuple(levels)
    items = asked_items(scope, TRAITS).subquery()
    pooled = sa.select(items.c.instrument, *_pooled(items, levels)).where(items.c.instrument.in_(instruments))
    cells, names = tallied(pooled, ("instrument", *levels)), list(levels)
    parts = []
    for place in range(1, len(names) + 1):
        several = sa.select(cells.c.instrument, *(cells.c[name] for name in names[:place])).distinct().subquery()
        parts.append(sa.select(sa.literal(place).label("place"), sa.func.count().label("n")).select_from(several))
    counts = warehouse.read(sa.union_all(*parts)).set_index("place")["n"]
    first = int((counts <= MOST).sum())  # counts grow with each trait
    chosen, n = names[:first], int(counts[first]) if first else len(instruments)
    for name in names[first + 1 :]:
        if n * (len(levels[name]) + 1) <= MOST:
            chosen, n = [*chosen, name], n * (len(levels[name]) + 1)
    return tuple(chosen)


def _row(cells: pd.DataFrame, instrument: str, traits: Sequence[str], dropped: Sequence[str]) -> dict[str, Any]:
    fitted = model(cells.reset_index(drop=True), traits)
    asked, answered, total, squares = (cells[name].to_numpy(dtype=float) for name in _SUMS)
    lowest = -1.0 if instrument == "nps" else 0.0
    found = non_response(Asked(fitted.design, asked, answered, total, squares, lowest))
    figures = {
        "raw": found.raw.value, "raw_low": found.raw.low, "raw_high": found.raw.high, "value": found.weighted.value,
        "low": found.weighted.low, "high": found.weighted.high, "difference": found.difference.value,
        "difference_low": found.difference.low, "difference_high": found.difference.high, "trimmed": found.trimmed,
    }  # fmt: skip
    shown = {name: 100 * value for name, value in figures.items() if value is not None}
    named = {"traits": ", ".join(fitted.used), "left_out": ", ".join([*fitted.left_out, *dropped])}
    return shown | named | {"effective_n": found.weighted.n, "p": found.p}
