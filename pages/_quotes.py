"""What customers said, in their own words, with the way to each one's timeline."""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.taxonomy import Themes
from cx_metrics.analyses.voice_quotes import quotes
from cx_metrics.charts.voice import mood_words
from cx_metrics.scope import Scope
from pages import _ui

when = st.column_config.DatetimeColumn("when (UTC)", format="D MMM YYYY, HH:mm")
text = st.column_config.TextColumn("what was said", width="large")
LABELS = {"at": when, "text": text, "why": "shown as", "key": None, "kind": None}


def draw(themes: Themes, scope: Scope, theme: str) -> None:
    """A few texts of a theme; a click on one opens its customer's timeline there."""
    found = _ui.ask(quotes, themes, scope, theme)
    if found.empty:
        st.caption("Fewer than five texts: none is shown.")
        return
    st.markdown(f"**In their words: {_ui.literal(theme)}**")
    st.caption("The newest, and those in the worst mood; what looks like a name, a number, an address or a handle is "
               "masked. Click one to see its customer's timeline.")  # fmt: skip
    rows = found.assign(mood=[mood_words(mood) for mood in found["mood"].astype(float)])
    rows = rows[["why", "text", "mood", "at", "stage", "channel", "kind", "key"]]
    picked = st.dataframe(rows, hide_index=True, key="quotes", on_select="rerun", selection_mode="single-row",
                          row_height=70, height="content", column_config=LABELS,
                          placeholder="", alt="quotes")  # fmt: skip
    for row in picked["selection"]["rows"]:
        _ui.go("customers", **{str(found["kind"][row]): str(found["key"][row])})
