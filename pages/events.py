"""What happened when? Events as people enter them, and those that came in files."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cx_metrics.analyses.events import imported, listed, sentence
from pages import _event_forms, _ui
from pages._ledger import required

form = "D MMM YYYY, HH:mm"
LOOK: dict[str, Any] = {
    "occurred_at": st.column_config.DatetimeColumn("when (UTC)", format=form), "title": "what", "event_id": "number",
    "came_by": "came by", "entered_at": st.column_config.DatetimeColumn("entered (UTC)", format=form),
    "who": "entered by", "withdrawn_at": st.column_config.DatetimeColumn("withdrawn (UTC)", format=form),
    "withdrawn_by": "withdrawn by",
}  # fmt: skip

st.title("What happened when?")
rows = listed(_ui.ask(imported, None, None), required().events())
st.markdown(f"##### {_ui.literal(sentence(rows))}")
_event_forms.forms(rows)
st.subheader("All events")
st.dataframe(rows, hide_index=True, placeholder="", column_config=LOOK, alt="all events, newest first")
_ui.download(rows, "events")
st.caption("Events are marked on every figure over time; they do not prove that one was the cause. What came in a file "
           "is changed by importing it anew. The same on the command line:")  # fmt: skip
st.code('cx-metrics events\ncx-metrics events --add "2026-05-01" "New price list" --kind price', language=None)
