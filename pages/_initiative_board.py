"""The status board: every initiative by its state, with its verdict in words and a sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.analyses.initiative import STATES
from cx_metrics.analyses.initiative_effect import HURTS, NOT_MEASURABLE, NOT_SHOWN, WORKS, Effect
from cx_metrics.analyses.initiative_plan import NOBODY, effect_words
from cx_metrics.analyses.initiative_register import Registered
from cx_metrics.analyses.initiative_words import group_name, spanned
from cx_metrics.scope import short_date
from cx_metrics.wording import amount
from pages import _ui

SIGNS = {WORKS: "▲", HURTS: "▼", NOT_SHOWN: "○", NOT_MEASURABLE: "?"}  # told apart by their shape, not their colour
_MOST = 12  # cards of a state; the table has them all
WORDS: dict[str, Any] = {
    "last_day": "last day", "smallest_detectable": "smallest detectable", "why_not": "why not measurable",
    "cost_per_point": "cost per point", "cost_per_point_low": "cost per point from", "marking": "fixed beforehand?",
    "cost_per_point_high": "cost per point to",
}  # fmt: skip


def verdict(found: Effect) -> str:
    """A verdict with its sign."""
    return f"{SIGNS[found.verdict]} {found.verdict}"


def board(shown: Sequence[Registered], effects: Sequence[Effect]) -> None:
    """A column for each state, a card for each initiative."""
    for column, state in zip(st.columns(len(STATES)), STATES, strict=True):
        mine = [pair for pair in zip(shown, effects, strict=True) if pair[0].initiative.state == state]
        with column:
            st.markdown(f"**{state.capitalize()} ({len(mine)})**")
            for one, found in mine[:_MOST]:
                with st.container(border=True):
                    _card(one, found)
            if len(mine) > _MOST:
                st.caption(f"{len(mine) - _MOST} more are in the table below.")


def _card(one: Registered, found: Effect) -> None:
    plan, metric = one.initiative, found.metric
    st.markdown(f"**{_ui.literal(plan.name)}**  \n{verdict(found)}")
    expected = f"expected {effect_words(plan.expected, metric.unit)}" if metric else ""
    if metric and found.value == found.value:
        effect = f"{effect_words(found.value, metric.unit)} ({spanned(found.low, found.high, metric)})"
        expected = f"{effect}, {expected}"
    cost = "cost not said" if plan.cost is None else f"{amount(plan.cost, 'money')} {plan.currency}"
    title = metric.title if metric else plan.metric
    against = group_name(plan.comparison) if plan.comparison else NOBODY
    groups, start = f"{group_name(plan.target)} against {against}", f"from {short_date(plan.start)}"
    said = [found.reason, title, expected, groups, start, cost, plan.owner]
    st.caption(" · ".join(_ui.literal(word) for word in said if word))
    if one.marking:
        st.caption(f":material/warning: {_ui.literal(one.marking)}")
    st.button(
        "Look closer", key=f"i open {plan.number}", icon=":material/search:", on_click=_choose, args=(plan.number,)
    )


def _choose(number: int) -> None:
    """Before the next run, so that the field and the address follow; a link to the own page leaves the address."""
    st.session_state["initiative"] = str(number)


def table(frame: pd.DataFrame) -> None:
    """All initiatives, one row each. frame: as of `initiatives_analysis`."""
    signed = frame.assign(verdict=[f"{SIGNS[text]} {text}" for text in frame["verdict"]])
    st.dataframe(signed.round(2), hide_index=True, placeholder="–", column_config=WORDS, alt="all initiatives")
