"""One moment of a customer's timeline: what was said, the words that show something, and how the mood went."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.analyses.conversation import Moment
from cx_metrics.analyses.moods import cues_in_words
from cx_metrics.charts.mood import mood_chart
from cx_metrics.judges.mood import label
from cx_metrics.scope import short_date
from pages import _marks, _ui

FACES = {"customer": "user", "agent": ":material/support_agent:", "bot": ":material/smart_toy:"}
STYLE = "white-space: pre-wrap; overflow-wrap: anywhere"


def show(moment: Moment) -> None:
    """The moment in full."""
    st.markdown(f"**{_ui.literal(moment.title)}**")
    st.text(moment.described)
    messages: list[dict[Any, Any]] = moment.messages.to_dict("records")
    places = [place for place, said in enumerate(messages, 1) if said["mood"] == said["mood"]]
    if len(places) > 1:
        moods = [float(messages[place - 1]["mood"]) for place in places]
        st.plotly_chart(
            mood_chart(places, moods, [label(mood) for mood in moods], "message"), config={"displayModeBar": False},
            alt="the customer's mood from message to message", key="course",
        )  # fmt: skip
        st.caption("The customer's mood, message by message, as the judge on the Data page sees it: an estimate.")
    for said in messages:
        with st.chat_message(said["author"], avatar=FACES[said["author"]]):
            st.caption(
                said["when"]
                if said["mood"] != said["mood"]
                else f"{said['when']} · {label(said['mood'])} ({said['mood']:+.2f})"
            )
            if said["evidence"]:
                st.html(f"<div style='{STYLE}'>{_marks.marked(said['text'], said['evidence'])}</div>")
                st.caption(_ui.literal(cues_in_words(said["evidence"])))
            else:
                st.text(said["text"])
    st.caption(moment.shown)


def show_course(moods: pd.DataFrame) -> None:
    """How the mood went from contact to contact. moods: as `analyses.moods.moods_of` gives them, two or more."""
    ends = moods["end"].astype(float).tolist()
    st.plotly_chart(
        mood_chart(moods["at"].tolist(), ends, [label(end) for end in ends], ""), config={"displayModeBar": False},
        alt="the customer's mood at the end of each contact", key="moods",
    )  # fmt: skip
    worst = moods.iloc[int(moods["lowest"].astype(float).to_numpy().argmin())]
    st.caption(
        f"Mood of the customer's last words in {len(moods):,} contacts with words, an estimate; worst on "
        f"{short_date(worst['at'].date())} ({worst['mood']})."
    )
