"""The parts of the page about notices: who is told, what can be done, one notice to read."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.analyses.notice_attempts import attempt, try_out
from cx_metrics.analyses.notice_delivery import tick
from cx_metrics.analyses.notice_outbox import SENDING, SENT, newest
from cx_metrics.ledger import Ledger, LedgerError, account
from cx_metrics.notice_settings import NoticeError, NoticeSettings
from pages import _ui


def done() -> None:
    """What was just done."""
    if words := st.session_state.pop("notices done", ""):
        st.info(_ui.literal(words), icon=":material/outbox:")


def actions(ledger: Ledger, told: NoticeSettings) -> None:
    """Deliver what is due, or send a trial."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [one.name for one in told.recipients]
        chosen = st.selectbox("Recipient of the trial", names, key="trial of", width=260)
        trial = st.button("Send a trial", icon=":material/send:")
        due = st.button("Deliver what is due", icon=":material/outbox:", type="primary")
    try:
        if trial:
            with st.spinner("Sending"):
                state, reason = try_out(_ui.warehouse(), ledger, told, chosen, account())
            _again(f"The trial to {chosen}: {state}" + (f", {reason}." if reason else "."))
        if due:
            with st.spinner("Delivering"):
                found = tick(_ui.warehouse(), ledger, told)
            _again(f"{found.sentence}.")
    except (LedgerError, NoticeError) as error:
        st.error(f"{_ui.literal(error)}.", icon=":material/error:")


def one(ledger: Ledger, told: NoticeSettings, rows: pd.DataFrame) -> None:
    """One notice to read as it was written, and to try again."""
    words = {row["number"]: f"{row['number']}: {row['title']} ({row['recipient']})" for row in rows.to_dict("records")}
    number = st.selectbox("Read a notice", list(words), None, words.__getitem__, key="notice")
    found = next((notice for notice in newest(ledger) if notice.number == number), None)
    if found is None:
        return
    st.code(f"{found.title}\n\n{found.body}", language=None, wrap_lines=True)
    state = dict(zip(rows["number"], rows["state"], strict=True))[number]
    try:
        if state not in (SENT, SENDING) and st.button("Try again", icon=":material/refresh:", key=f"again {number}"):
            end = attempt(_ui.warehouse(), ledger, told, found.number, forced=True)
            _again(f"Notice {number}: {': '.join(filter(None, end)) if end else 'somebody else is at it'}.")
    except LedgerError as error:
        st.error(f"{_ui.literal(error)}.", icon=":material/error:")


def _again(words: str) -> None:
    st.session_state["notices done"] = words
    st.rerun()
