"""The forms in which it is recorded what agents said about being shown on the wall."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.analyses.recognition import consent
from cx_metrics.ledger import Ledger, LedgerError, account
from pages import _ui


def forms(ledger: Ledger, shown: pd.DataFrame, waiting: pd.DataFrame) -> None:
    """One for each word that an agent can give. shown, waiting: nominations, see `recognition.wall`."""
    unasked = waiting[~waiting["answered"]]
    words = {
        "The agent agrees to be shown": (waiting, True), "The agent does not agree": (unasked, False),
        "Take the consent back": (shown, False),
    }  # fmt: skip
    open_ones = {label: what for label, what in words.items() if len(what[0])}
    if not open_ones:
        st.caption("There is no nomination yet.")
        return
    for tab, (label, (rows, agrees)) in zip(st.tabs(list(open_ones)), open_ones.items(), strict=True):
        with tab:
            _form(ledger, rows, label, agrees)


def _form(ledger: Ledger, rows: pd.DataFrame, label: str, agrees: bool) -> None:
    names = {
        str(row["nomination_id"]): f"{row['nomination_id']}: {row['agent']}, {row['situation']}"
        for row in rows.to_dict("records")
    }
    with st.form(label):
        chosen = st.selectbox("Nomination", list(names), None, names.__getitem__, key=f"{label} which")
        who = st.text_input("Your name", account(), max_chars=120, key=f"{label} who", width=320)
        if not st.form_submit_button(label, type="primary"):
            return
    try:
        if chosen is None:
            raise LedgerError("choose a nomination")
        consent(ledger, int(chosen), agrees, who)
    except LedgerError as error:
        st.error(_ui.literal(str(error)), icon=":material/error:")
        return
    st.rerun()
