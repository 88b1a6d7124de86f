"""The list of interventions, and taking the next one."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.analyses.intervention_steps import claim_first
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.wording import number
from pages import _ui
from pages._queue import CHOICE, NEXT

DONE = "intervention done"  # what was just done, in a sentence, for the next run
LOOK = {
    "when": st.column_config.DatetimeColumn("when (UTC)", format="D MMM YYYY, HH:mm"),
    "what happened": st.column_config.TextColumn(width="large"), "number": None,
}  # fmt: skip


def told() -> None:
    """What was just done."""
    if words := st.session_state.pop(DONE, ""):
        st.success(_ui.literal(words), icon=":material/task_alt:")


def take_next(kept: Ledger, table: pd.DataFrame, who: str) -> None:
    """A button by which the first one that nobody has becomes one's own. table: of `intervention_list.table`."""
    free = [int(key) for key in table.loc[table["status"] == "open", "number"]]
    if not free or not st.button("Take the next one", icon=":material/front_hand:", type="primary"):
        return
    try:
        taken = claim_first(kept, free, who)
    except LedgerError as error:
        st.error(f"{_ui.literal(error)}.", icon=":material/error:")
        return
    st.session_state[DONE] = f"Intervention {taken} is yours." if taken else "Others have taken all of these just now."
    st.session_state[NEXT] = str(taken or "")
    st.rerun()


def show(table: pd.DataFrame, marked: int | None) -> None:
    """The list; a click on a row looks at it. table: of `intervention_list.table`. marked: the one looked at."""
    money = [f"{number(value)} {currency or ''}".strip() if value == value else "~ not known"
             for value, currency in zip(table["at_stake"], table["currency"], strict=True)]  # fmt: skip
    shown = pd.DataFrame({
        "customer": table["name"].fillna(table["customer_id"]), "due": table["due"], "who has it": table["who_has_it"],
        "what happened": table["what_happened"], "a year at stake": money, "when": table["happened_at"],
        "rule": table["rule"], "team": table["team"], "segment": table["segment"], "number": table["number"],
    })  # fmt: skip
    places = [int(place) for place in table.index[table["number"] == marked]]
    st.session_state["queue"] = {"selection": {"rows": places, "columns": [], "cells": []}}
    st.dataframe(shown, hide_index=True, placeholder="", key="queue", on_select=lambda: _clicked(table),
                 column_config=LOOK, selection_mode=("single-row", "single-cell"), alt="the queue")  # fmt: skip
    st.caption("Click a row, or choose under “Look at”, to see why, what is suggested, and to act.")


def _clicked(table: pd.DataFrame) -> None:
    selection = st.session_state["queue"]["selection"]
    places = [*selection.get("rows", []), *(row for row, _ in selection.get("cells", []))]
    st.session_state[CHOICE] = str(table["number"][places[0]]) if places else ""
