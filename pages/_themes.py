"""The themes in force, and their figures as tables."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.analyses import taxonomy as edit
from cx_metrics.analyses.taxonomy import Taxonomy
from cx_metrics.charts.voice import origin_words
from cx_metrics.ledger import LedgerError
from pages import _tables, _ui
from pages._ledger import ledger


def in_force() -> Taxonomy:
    """The themes in force; where the ledger cannot be opened, the proposal, with a warning."""
    try:
        return edit.current(_ui.warehouse(), ledger())
    except LedgerError as error:
        st.warning(f"Themes that people edited are not shown: {_ui.literal(error)}.")
        return Taxonomy(0, edit.proposed(_ui.warehouse()), "Themes as they were proposed from the data.")


def figures(tables: dict[str, pd.DataFrame]) -> None:
    """Shares, moods and effects as tables, each with a download."""
    themes, effects = tables["themes"], tables["effects"]
    _tables.shares(themes.assign(mood=_tables.spans(themes, "mood", "mood", "score")), ["theme", "texts", "mood"])
    _ui.download(themes, "themes")
    sides = effects.assign(difference=_points(effects, "difference", "low", "high"),
                           adjusted=_points(effects, "adjusted", "adjusted_low", "adjusted_high"))  # fmt: skip
    kept = ["theme", "measure", "n_with", "with", "n_without", "without", "difference", "adjusted", "p_holm"]
    st.dataframe(sides[kept].round({"with": 1, "without": 1, "p_holm": 4}), hide_index=True, placeholder="–",
                 alt="CSAT and NPS with a theme and without")  # fmt: skip
    for name in ("effects", "trend", "places"):
        _ui.download(tables[name], f"themes-{name}")


def new(rows: pd.DataFrame, nothing: str) -> None:
    """What has lately been spoken of more than before. nothing: what to say where there is no such thing."""
    if rows.empty:
        st.caption(_ui.literal(nothing))
        return
    ends = rows.assign(share_low=rows["low"], share_high=rows["high"], where=rows["origin"].map(origin_words))
    told = ends.assign(share=_tables.spans(ends, "share", "share", "%"), before_share=rows["before_share"].round(2))
    kept = told[["kind", "name", "where", "texts", "share", "before_texts", "before_share", "times", "p_adjusted"]]
    words = {"before_texts": "texts before", "before_share": "share before, %", "p_adjusted": "p, all together"}
    st.dataframe(kept.round({"times": 1, "p_adjusted": 4}).rename(columns=words), hide_index=True, placeholder="–",
                 alt="what is new")  # fmt: skip
    _ui.download(rows, "new-in-what-customers-say")


def _points(rows: pd.DataFrame, *columns: str) -> list[str]:
    named = rows[list(columns)].set_axis(["x", "x_low", "x_high"], axis=1)
    return _tables.spans(named, "x", "x", "points")
