"""Whom an initiative is for, and whom it is compared with: chosen by a dimension and its values in the data."""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.initiative import Filters
from cx_metrics.analyses.initiative_plan import Plan, values_of
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import DIMENSIONS
from pages import _ui

Chosen = tuple[str, tuple[str, ...], tuple[str, ...], str, tuple[str, ...]]  # by, target, comparison, only in, values


def groups(metric: Metric, before: Plan | None, key: str) -> tuple[Filters, Filters]:
    """Target and comparison group. before: the plan that is changed; groups that the fields cannot hold stay."""
    chosen = _as_chosen(before) if before else ("team", (), (), "", ())
    if chosen is None and before is not None:
        st.caption("The groups stay as they are; they are of a kind that only a file can change.")
        return before.target, before.comparison
    known, target, comparison, only, those = chosen or ("", (), (), "", ())
    dimensions = list(metric.dimensions)
    with st.container(horizontal=True):
        by = st.selectbox("Groups are told by", dimensions, _place(dimensions, known or "team"),
                          DIMENSIONS.__getitem__, key=f"i by {key} {metric.fact.name}", width=220)  # fmt: skip
        usual = by == known
        mine = _values("Target group", metric, by, target if usual else (), key)
        theirs = _values("Comparison group", metric, by, comparison if usual else (), key)
    with st.container(horizontal=True):
        rest = ["", *(name for name in dimensions if name != by)]
        within = st.selectbox("Both only in", rest, _place(rest, only), lambda name: DIMENSIONS.get(name, "all"),
                              key=f"i only {key} {metric.fact.name} {by}", width=220)  # fmt: skip
        values = _values("These", metric, within, those if within == only else (), key) if within else ()
    both: Filters = ((within, values),) if values else ()
    return (((by, mine),) if mine else ()) + both, (((by, theirs), *both) if theirs else ())


def _place(options: list[str], name: str) -> int:
    return options.index(name) if name in options else 0


def _values(label: str, metric: Metric, by: str, usual: tuple[str, ...], key: str) -> tuple[str, ...]:
    """Values of a dimension; one that the data do not hold yet may be typed."""
    options = list(dict.fromkeys((*_ui.ask(values_of, metric.name, by), *usual)))
    chosen = st.multiselect(label, options, list(usual), key=f"i {label} {key} {metric.fact.name} {by}", width=320,
                            accept_new_options=True, placeholder="choose or type")  # fmt: skip
    return tuple(chosen)


def _as_chosen(plan: Plan) -> Chosen | None:
    """The groups of a plan as the fields hold them; None where they cannot."""
    if not plan.comparison:
        by, only = [*plan.target, ("", ()), ("", ())][:2]
        return (*by, (), *only) if len(plan.target) <= 2 else None
    both = [part for part in plan.target if part in plan.comparison]
    mine, theirs = ([part for part in group if part not in both] for group in (plan.target, plan.comparison))
    if len(both) > 1 or len(mine) != 1 or len(theirs) != 1 or mine[0][0] != theirs[0][0]:
        return None
    only = both[0] if both else ("", ())
    return (*mine[0], theirs[0][1], *only)
