"""Who did it well?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cx_metrics.analyses.recognition import wall
from cx_metrics.charts.recognition import Praise, chat_message, missing_letters, picture
from cx_metrics.scope import short_date
from pages import _celebrated, _consent, _scope, _ui
from pages._ledger import required


def praised(row: dict[Any, Any]) -> None:
    """One nomination, with its exports."""
    praise = Praise(row["situation"], row["customer_said"], row["reply"], row["agent"], row["team"],
                    short_date(row["at"].date()))  # fmt: skip
    with st.container(border=True):
        st.markdown(f"**{_ui.literal(praise.situation)}**")
        if praise.customer_said:
            st.caption(f"The customer: {_ui.literal(praise.customer_said)}")
        st.markdown(_ui.literal(praise.reply))
        st.caption(f"{_ui.literal(praise.signed)}; nominated by {_ui.literal(row['who'])}")
        name = f"well-done-{row['nomination_id']}"
        with st.container(horizontal=True):
            st.download_button("Image", lambda: picture(praise), f"{name}.png", "image/png", icon=":material/image:",
                               key=f"image {name}")  # fmt: skip
            st.download_button("Chat message", chat_message(praise), f"{name}.md", "text/markdown",
                               icon=":material/chat:", key=f"chat {name}")  # fmt: skip
            with st.popover("Copy", icon=":material/content_copy:"):
                st.code(chat_message(praise), language=None, wrap_lines=True)
        if missing_letters(praise):
            st.caption("The image leaves out letters of a script that its font lacks; the chat message has all.")


st.title("Who did it well?")
scope = _scope.current()
kept = required()
shown, waiting = wall(kept)
count = f"{len(shown)} repl{'y is' if len(shown) == 1 else 'ies are'} on the wall"
wait = int((~waiting["answered"]).sum())
st.markdown(f"##### {count}; {wait} wait{'s' if wait == 1 else ''} for the agent's consent.")
_ui.link("empathy", "Find and nominate replies on the Empathy page", ":material/volunteer_activism:")
st.subheader("Replies")
for found in shown.to_dict("records"):
    praised(found)
_celebrated.initiatives(kept)
_celebrated.teams(kept, scope)
_celebrated.monthly(kept)
st.subheader("Consent")
_consent.forms(kept, shown, waiting)
st.caption("Ask the agent first: nothing of a nomination is shown before that, and consent can be taken back at any "
           "time. Personal data of customers is masked by rules; read the text before you share it. What was "
           "nominated, and who agreed, stays in the ledger. Period and filters above apply to the teams' feeling "
           "alone, and there the period only.")  # fmt: skip
