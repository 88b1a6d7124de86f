"""How customers move: the ways that cases take, where they go next, how far customers get, where they go in circles.

Each part is an analysis of its own, so that a page can ask for it alone; `journey` puts them together.
"""

from __future__ import annotations

from collections.abc import Sequence

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.journey_cases import ways
from cx_metrics.analyses.journey_compared import comparison
from cx_metrics.analyses.journey_funnel import funnel
from cx_metrics.analyses.journey_loops import loops
from cx_metrics.analyses.journey_moves import transitions
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse


def journey(
    warehouse: Warehouse,
    scope: Scope,
    of: str = "stage",
    compare: tuple[str, str, str] | None = None,
    stages: Sequence[str] = (),
) -> Analysis:
    """The whole analysis for a scope whose period is set (see `catalog.resolved`).

    of: "stage" or "channel", what ways and transitions lead through. compare: dimension, one value, the other. stages:
    the funnel's steps in order, by default those of the journey. Tables: cases, starts_ends, steps, variants (`ways`),
    loops, loop_ways (`loops`), transitions, funnel, funnel_leavers (`funnel`), comparison, comparison_moves
    (`comparison`). Raises ScopeError.
    """
    parts = [ways(warehouse, scope, of), loops(warehouse, scope), transitions(warehouse, scope, of)]
    parts.append(funnel(warehouse, scope, stages))
    if compare:
        parts.append(comparison(warehouse, scope, of, compare))
    return combined(scope, parts)


def combined(scope: Scope, parts: Sequence[Analysis]) -> Analysis:
    """Analyses as one: their tables, sentences and assumptions in this order."""
    tables = {name: table for found in parts for name, table in found.tables.items()}
    sentences = tuple(sentence for found in parts for sentence in found.sentences)
    assumptions = tuple(dict.fromkeys(text for found in parts for text in found.assumptions))
    return Analysis("journey", scope, tables, sentences, assumptions)
