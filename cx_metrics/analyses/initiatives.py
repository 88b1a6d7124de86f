"""What did we start, and does it work? Every initiative with its effect, as a table, in words, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.initiative_effect import VERDICTS, WORKS, Effect, effect
from cx_metrics.analyses.initiative_plan import NOBODY, group_words
from cx_metrics.analyses.initiative_register import Registered, visible
from cx_metrics.intake.sample import holds_sample
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import listing

COLUMNS = [
    "number", "name", "owner", "metric", "unit", "target", "comparison", "start", "last_day", "state", "expected",
    "effect", "low", "high", "n", "verdict", "smallest_detectable", "why_not", "cost", "currency", "cost_per_point",
    "cost_per_point_low", "cost_per_point_high", "marking",
]  # fmt: skip
_DETAILS = ("cells", "study", "series", "placebos")
_VERBS = {"running": ("runs", "run"), "finished": ("is finished", "are finished"),
          "stopped": ("was stopped", "were stopped"), "planned": ("is planned", "are planned")}  # fmt: skip
ASSUMPTIONS = (
    "An effect is looked for in all data around the start, at most two years before it: the period and the filters of "
    "a page or command do not apply.",
    "What counts as the plan is its newest version; what was changed after the start is marked, because a plan that "
    "moves once the figures are known proves little.",
    "Without a random draw of who gets the initiative, something else that met the target group alone at the same time "
    "would look like its effect.",
    "“Not shown” is not “does not work”: an effect smaller than the smallest detectable one would not have been seen.",
    "Each effect is tested by itself at 5 %: of twenty initiatives that do nothing, one is shown by chance.",
    "Cost per point is the cost divided by the effect, given only where the initiative is shown to work.",
)


def initiatives_analysis(warehouse: Warehouse, ledger_initiatives: Sequence[Registered], scope: Scope) -> Analysis:
    """Every initiative that is about the data at hand, with its effect. ledger_initiatives: as `registered` gives.

    Tables: initiatives (columns COLUMNS, one row each), and cells, study, series, placebos as of `Effect`, with number
    and name of the initiative in front.
    """
    shown = visible(ledger_initiatives, holds_sample(warehouse))
    others = tuple(one.initiative for one in shown)
    return told(shown, [effect(warehouse, one.initiative, others) for one in shown], scope)


def told(shown: Sequence[Registered], effects: Sequence[Effect], scope: Scope) -> Analysis:
    """The same from effects that are known already, in the order of the initiatives."""
    board = pd.DataFrame([_row(*pair) for pair in zip(shown, effects, strict=True)], columns=COLUMNS)
    details = {name: _together(shown, [getattr(one, name) for one in effects]) for name in _DETAILS}
    sentences = (answer(shown, effects), *(f"{one.initiative.name}: {one.sentence}" for one in effects))
    return Analysis("initiatives", scope, {"initiatives": board, **details}, sentences, ASSUMPTIONS)


def answer(shown: Sequence[Registered], effects: Sequence[Effect]) -> str:
    """How many there are and how many are shown to work, in a sentence."""
    if not shown:
        return "No initiative is registered yet: register the first one before it starts."
    counts = {state: sum(one.initiative.state == state for one in shown) for state in _VERBS}
    (first, count), *rest = [(state, count) for state, count in counts.items() if count]
    noun = "initiative" if count == 1 else "initiatives"
    parts = [f"{count:,} {noun} {_VERBS[first][count != 1]}"]
    said = listing([*parts, *(f"{count:,} {_VERBS[state][count != 1]}" for state, count in rest)])
    begun = [one.verdict for one in effects if one.initiative.state != "planned"]
    verdicts = [f"{begun.count(verdict):,} {verdict}" for verdict in VERDICTS if verdict in begun]
    return f"{said}: {', '.join(verdicts)}." if verdicts else f"{said}."


def _row(one: Registered, found: Effect) -> dict[str, Any]:
    plan, works = one.initiative, found.verdict == WORKS
    cost = math.nan if plan.cost is None else plan.cost
    unit = found.metric.unit if found.metric else ""
    weak, strong = sorted((abs(found.low), abs(found.high))) if works else (math.nan, math.nan)
    return {
        "number": plan.number, "name": plan.name, "owner": plan.owner, "metric": plan.metric, "unit": unit,
        "target": group_words(plan.target, "everybody"), "comparison": group_words(plan.comparison, NOBODY),
        "start": plan.start, "last_day": plan.last_day, "state": plan.state, "expected": plan.expected,
        "effect": found.value, "low": found.low, "high": found.high,
        "n": float(found.cells["n"].astype(float).sum()) if len(found.cells) else 0.0, "verdict": found.verdict,
        "smallest_detectable": found.smallest, "why_not": found.reason, "cost": cost, "currency": plan.currency,
        "cost_per_point": cost / abs(found.value) if works else math.nan, "cost_per_point_low": cost / strong,
        "cost_per_point_high": cost / weak, "marking": one.marking,
    }  # fmt: skip


def _together(shown: Sequence[Registered], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames of all initiatives as one, with number and name in front."""
    named = [
        frame.assign(number=one.initiative.number, name=one.initiative.name)
        for one, frame in zip(shown, frames, strict=True)
    ]
    filled = [frame for frame in named if len(frame)] or named[:1] or [pd.DataFrame(columns=["number", "name"])]
    both = pd.concat(filled, ignore_index=True)
    return both[["number", "name", *(column for column in both.columns if column not in ("number", "name"))]]
