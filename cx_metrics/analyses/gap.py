"""Where expectation, experience and belief part: figures by item and group, over time, and what cannot be compared."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.cells import in_order
from cx_metrics.analyses.gap_estimates import estimate_words, gap_estimates
from cx_metrics.analyses.gap_words import ASSUMPTIONS, ESTIMATES, gap_sentences, one_sided_words, unnamed_words
from cx_metrics.metrics.catalog import figures
from cx_metrics.metrics.facts import GAP_ANSWERS, ITEM
from cx_metrics.metrics.gap import (
    BELIEF_GOOD,
    EXPERIENCE_GOOD,
    GAPS,
    IMPORTANCE,
    LEVELS,
    POINTS,
    SERVICE_GAP_WEIGHTED,
    SIDES,
)
from cx_metrics.metrics.metric import FIGURES
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse

GROUPS = ("stage", "dimension", "segment", "channel", "generation", "team", "region")
_REFERENCES = Path(__file__).with_name("references.toml")
_STEPS = {"month": "MS", "quarter": "QS", "year": "YS"}
_NEEDED = {  # gap -> the sides it needs
    "service_gap": ("experience", "expectation"),
    "belief_gap": ("belief", "experience"),
    "knowledge_gap": ("believed_expectation", "expectation"),
}


def gap(warehouse: Warehouse, scope: Scope) -> Analysis:
    """The gaps in a scope whose period is set.

    Tables total, stage, dimension, item (stage x dimension), segment, channel, generation, team and region hold, per
    group, expectation, experience, belief and believed_expectation (0-100) with n_*, *_low and *_high, and service_gap,
    belief_gap and knowledge_gap (points) likewise. course: gap, every, period, n, value, low, high, suppressed in all
    data under the filters. importance: dimension, n, share (% of 100). not_comparable: stage, dimension, gap, asked,
    missing. estimated: stages without answers about experience, see `gap_estimates`. shares and references: title,
    brand, customer (%), source. Groups that no answer names are left out.
    """
    told, sides = _told(warehouse, scope)
    tables = {"total": measured(warehouse, scope, (), sides)}
    tables |= {by: measured(warehouse, scope, (by,), sides) for by in told}
    tables["item"] = measured(warehouse, scope, ITEM, sides)
    tables["course"] = course(warehouse, scope)
    tables["importance"] = importance(warehouse, scope)
    tables["not_comparable"] = not_comparable(warehouse, scope)
    tables["weighted"] = figures(warehouse, SERVICE_GAP_WEIGHTED, scope)
    tables["shares"] = _shares(warehouse, scope)
    tables["references"] = references()
    tables["estimated"], why = gap_estimates(warehouse, scope, tables.get("stage", pd.DataFrame()))
    said = (
        *gap_sentences(tables), *estimate_words(tables["estimated"]), *one_sided_words(tables["not_comparable"]),
    )  # fmt: skip
    unnamed = unnamed_words([by for by in GROUPS if by not in told and by not in ITEM])
    estimated = [ESTIMATES] if len(tables["estimated"]) else [why] if why else []
    return Analysis("gap", scope, tables, said, (*ASSUMPTIONS, *unnamed, *estimated))


def _told(warehouse: Warehouse, scope: Scope) -> tuple[list[str], frozenset[str]]:
    """By what the answers to items can be grouped (dimensions that any of them names), and which sides were asked."""
    dimensions = GAP_ANSWERS.dimensions
    asked = sa.or_(*SIDES.values())
    sides = [sa.func.sum(sa.case((of, 1), else_=0)).label(side) for side, of in SIDES.items()]
    counts: Any = sa.select(*(sa.func.count(dimensions[by]).label(by) for by in GROUPS), *sides)
    source = GAP_ANSWERS.source([*GROUPS, *(name for name, _ in scope.filters)])
    where = GAP_ANSWERS.conditions(scope, answer.c.answered_at)
    (found,) = warehouse.read(counts.select_from(source).where(*where, asked)).to_dict("records")
    present = frozenset(side for side in SIDES if found[side] and found[side] == found[side])
    return [by for by in GROUPS if found[by]], present


def measured(
    warehouse: Warehouse, scope: Scope, by: Sequence[str], sides: Collection[str] = tuple(SIDES)
) -> pd.DataFrame:
    """The four levels and three gaps side by side: by, and per measure M: M, n_M, M_low, M_high.

    sides: those that were asked at all; nothing is looked up for the others.
    """
    parts = []
    for metric in (*LEVELS, *GAPS):
        known = set(_NEEDED.get(metric.name, (metric.name,))) <= set(sides)
        nothing = pd.DataFrame(columns=[*by, *FIGURES]) if by else pd.DataFrame([dict.fromkeys(FIGURES)]).assign(n=0)
        parts.append(_columns(figures(warehouse, metric, scope, by) if known else nothing, metric.name, by))
    if not by:
        return pd.concat(parts, axis=1)
    whole = pd.concat([part.set_index(list(by)) for part in parts], axis=1).reset_index()
    return in_order(_believed_of_all(whole, by[0]) if len(by) == 1 else whole, *by)


def _columns(found: pd.DataFrame, name: str, by: Sequence[str]) -> pd.DataFrame:
    """Figures of one measure as columns M, n_M, M_low, M_high; a missing group is called so."""
    texts = {
        of: pd.Series([NOT_GIVEN if x is None or x != x else str(x) for x in found[of]], dtype=object) for of in by
    }
    figure = {name: "value", f"n_{name}": "n", f"{name}_low": "low", f"{name}_high": "high"}
    return pd.DataFrame(texts | {column: found[of].astype(float) for column, of in figure.items()})


def _believed_of_all(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Where employees name no group, what they say of all customers stands beside each group."""
    unnamed, sides = table[by] == NOT_GIVEN, ["belief", "believed_expectation"]
    counts = [f"n_{side}" for side in sides]
    if by in ITEM or not unnamed.any() or bool(table.loc[~unnamed, counts].notna().to_numpy().any()):
        return table
    filled = table.copy()
    for side in sides:
        for column in (side, f"n_{side}", f"{side}_low", f"{side}_high"):
            filled.loc[~unnamed, column] = float(table.loc[unnamed, column].iloc[0])
    return filled[~unnamed | table[["n_experience", "n_expectation"]].notna().any(axis=1)]


def course(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """Each gap over time in all data under the scope's filters, in the shortest steps that leave no hole.

    Studies come in waves: yearly ones drawn by month would be points without a line.
    """
    whole = replace(scope, start=None, end=None)
    parts = []
    for metric in GAPS:
        for every, step in _STEPS.items():
            found = figures(warehouse, metric, whole, (), every)
            if every == "year" or len(found) == len(_whole(found["period"], step)):
                break
        parts.append(found.assign(gap=metric.title, every=every))
    kept = [part for part in parts if len(part)]
    columns = ["gap", "every", "period", "n", "value", "low", "high", "suppressed"]
    return pd.concat(kept, ignore_index=True)[columns] if kept else pd.DataFrame(columns=columns)


def _whole(periods: pd.Series, step: str) -> pd.DatetimeIndex:
    """Every period from the first to the last."""
    return pd.date_range(periods.min(), periods.max(), freq=step) if len(periods) else pd.DatetimeIndex([])


def importance(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """How important customers call each dimension: dimension, n, share (% of all, sums to 100), weightiest first."""
    name, n = answer.c.dimension, sa.func.count()
    asked = sa.select(name, n.label("n"), sa.func.avg(POINTS).label("share"))
    source = asked.select_from(GAP_ANSWERS.source([of for of, _ in scope.filters]))
    where = GAP_ANSWERS.conditions(scope, answer.c.answered_at)
    found = warehouse.read(source.where(*where, IMPORTANCE, name.is_not(None)).group_by(name).having(n >= 10))
    found["share"] = 100.0 * found["share"].astype(float) / found["share"].astype(float).sum()
    return found.sort_values("share", ascending=False, ignore_index=True)


def not_comparable(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """Items that only one side of a gap was asked about: stage, dimension, gap, asked, missing (the sides)."""
    item = [answer.c[name] for name in ITEM]
    sides = [sa.func.max(sa.case((of, 1), else_=0)).label(side) for side, of in SIDES.items()]
    source = GAP_ANSWERS.source([name for name, _ in scope.filters])
    where = [*GAP_ANSWERS.conditions(scope, answer.c.answered_at), sa.or_(*SIDES.values())]
    asked = warehouse.read(sa.select(*item, *sides).select_from(source).where(*where).group_by(*item))
    found = []
    for row in asked.to_dict("records"):
        names = [NOT_GIVEN if row[name] is None or row[name] != row[name] else str(row[name]) for name in ITEM]
        for gap_name, needed in _NEEDED.items():
            there = [side for side in needed if row[side]]
            if len(there) == 1:
                found.append((*names, gap_name, there[0], *(set(needed) - set(there))))
    return in_order(pd.DataFrame(found, columns=[*ITEM, "gap", "asked", "missing"]), *ITEM)


def _shares(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """The own company's shares in the top two boxes, to set beside published ones: side, n, value, low, high."""
    parts = [figures(warehouse, metric, scope).assign(side=side)
             for metric, side in ((BELIEF_GOOD, "brand"), (EXPERIENCE_GOOD, "customer"))]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[["side", "n", "value", "low", "high", "suppressed"]]


def references() -> pd.DataFrame:
    """What others found: title, year, brand, customer (%; missing = not asked), source."""
    listed = tomllib.loads(_REFERENCES.read_text(encoding="utf-8"))["reference"]
    return pd.DataFrame(listed, columns=["title", "year", "brand", "customer", "source"])
