"""How customers' mood goes from the first words to the last, by how the contact ended."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from cx_metrics.wording import amount, interval
from pages import _ui

SIDES = {"start": "mood at the start", "end": "mood at the end", "change": "change"}


def draw(course: pd.DataFrame, sentences: Sequence[str]) -> None:
    """The sentences and a row for each outcome. course: as `empathy_course.course` gives."""
    st.subheader("Do customers leave in a better mood?")
    for sentence in sentences:
        st.markdown(_ui.literal(sentence))
    if course.empty:
        st.caption("No customer wrote twice or more in a contact of this period.")
        return
    told = {words: [_span(row, side) for row in course.to_dict("records")] for side, words in SIDES.items()}
    bad = [
        "hidden" if row["suppressed"] else f"{amount(row['share'], '%')} ({interval(row['low'], row['high'], '%')})"
        for row in course.to_dict("records")
    ]
    sizes = ["below 5" if n != n else amount(n, "count") for n in course["n"]]
    shown = pd.DataFrame({"outcome": course["outcome"], "n": sizes, **told, "left in a bad mood": bad})
    st.dataframe(shown, hide_index=True, alt="mood at the start and at the end by outcome")
    st.caption("Mood from -1 (very bad) to 1 (very good) with its 95 % interval, an estimate from the words.")
    _ui.download(course, "empathy-course")


def _span(row: dict[object, float], side: str) -> str:
    low, value, high = (row[side + end] for end in ("_low", "", "_high"))
    return "hidden" if value != value else f"{value:+.2f} ({low:+.2f} to {high:+.2f})"
