"""The section of the Data page on judges of texts: which are in use, how good they are, what they could not judge."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.analyses.judged import in_words, judged, model_cards
from cx_metrics.wording import told
from pages import _ui

TITLES = {
    "mood": "Mood of customers' words", "language": "Language", "cues": "Cues", "empathy": "Empathy of replies",
    "personal": "Personal data in quotes", "scripted": "Scripted replies",
}  # fmt: skip

FIGURES = ("trained_on", "held_out", "figures")


def show() -> None:
    """The section."""
    cards, rows = _ui.ask(model_cards), _ui.ask(judged)
    st.markdown(f"**{_ui.literal(in_words(rows, cards['mood']))}**")
    labels = {"texts_of": "texts of", "texts": "texts", "judged": "judged", "blank": "blank"}
    st.dataframe(rows, hide_index=True, column_config=labels, alt="how many texts were judged, by author and language")
    st.caption("Judged: the mood of customers' words, the empathy of agents' replies. No text leaves this machine.")
    for name, title in TITLES.items():
        with st.expander(f"Model card: {title}"):
            for key, value in cards[name].items():
                if key not in FIGURES:
                    st.markdown(f"**{key.replace('_', ' ').capitalize()}.** {_ui.literal(told(value))}")
            for key in FIGURES:
                if cards[name].get(key):
                    st.markdown(f"**{key.replace('_', ' ').capitalize()}**")
                    st.dataframe(_table(cards[name][key]), hide_index=True, alt=f"{title}: {key.replace('_', ' ')}")
    st.code("cx-metrics judges\ncx-metrics judge FILE --text COLUMN", language="bash")


def _table(figures: dict[str, Any]) -> pd.DataFrame:
    """Figures by name, ranges as text, as a table for people."""
    rows = []
    for name, value in figures.items():
        cells = value if isinstance(value, dict) else {"value": value}
        shown = {key.replace("_", " "): _cell(cell) for key, cell in cells.items()}
        rows.append({"": name.replace("_", " "), **shown})
    return pd.DataFrame(rows).fillna("")


def _cell(value: Any) -> str:
    if isinstance(value, list) and len(value) == 3:  # a figure with its interval
        return f"{value[0]:.2f} ({value[1]:.2f} to {value[2]:.2f})"
    return told(value)
