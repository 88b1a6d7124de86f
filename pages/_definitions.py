"""By which of rival definitions figures are shown: chosen in the scope bar, kept in the URL."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.analyses.definition_breaks import definition_words
from cx_metrics.metrics.catalog import FAMILIES, METRICS, usual_definitions
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import short_date
from pages import _ui, _url


def choose() -> tuple[str, ...]:
    """Names of the definitions that are shown instead of the product's own: the company's, or the reader's choice."""
    usual = {figure: figure for figure in FAMILIES}
    usual |= {figure: use for figure, names in FAMILIES.items() for use in usual_definitions() if use in names}
    moved = sum(st.session_state.get(figure, usual[figure]) != usual[figure] for figure in FAMILIES)
    with st.popover(f"Definitions ({moved} moved)" if moved else "Definitions", icon=":material/rule:"):
        st.caption(
            "Figures that are in use under several definitions. The choice holds on Overview, Trends and Changes; the "
            "other pages name the one that they use."
        )
        chosen = {
            figure: _url.one(METRICS[figure].title, names, figure, usual[figure], words)
            for figure, names in FAMILIES.items()
        }
    return tuple(use for figure, use in chosen.items() if use != figure)


def words(name: str) -> str:
    """A definition in the list of choices: what it is called, and what tells it from the others."""
    return f"{METRICS[name].title}: {METRICS[name].variant}"


def caption(metric: Metric, breaks: pd.DataFrame) -> None:
    """By which definition a figure is shown, and where it changed. breaks: at, words."""
    if said := definition_words(metric):
        st.caption(f"Definition: {said}. Others can be chosen under Definitions.")
    for at, words in breaks[["at", "words"]].itertuples(index=False):
        st.markdown(f":material/link_off: **The line is broken at {short_date(at)}:** {_ui.literal(words)}.")
