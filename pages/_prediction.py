"""The form in which a team says what it expects."""

from __future__ import annotations

import datetime

import streamlit as st

from cx_metrics.analyses.choices import filter_values
from cx_metrics.analyses.prediction_entry import Days, Expectation, coming, record
from cx_metrics.ledger import LedgerError, account
from cx_metrics.metrics.catalog import metrics
from cx_metrics.scope import ScopeError
from cx_metrics.wording import in_sentence
from pages import _limits, _ui
from pages._ledger import ledger

_OWN = "from … to …"


def form(today: datetime.date) -> None:
    """Fields, and a button that records them for good; what is wrong with them is said in a sentence."""
    turn, limits = st.session_state.get("predictions turn", 0), _limits.current()
    if said := st.session_state.pop("predictions done", ""):
        st.success(_ui.literal(said), icon=":material/task_alt:")
    declared = metrics(limits)
    with st.container(horizontal=True):
        team = st.selectbox("Team", _ui.ask(filter_values)["team"], None, key=f"p team {turn}", width=220,
                            accept_new_options=True, placeholder="choose or type")  # fmt: skip
        who = st.text_input("Your name", account(), key="who", width=220, persist_state="session")
        name = st.selectbox("Figure", list(declared), format_func=lambda name: declared[name].title, width=320,
                            key=f"p metric {turn}")  # fmt: skip
    unit = declared[name].unit
    with st.container(horizontal=True):
        expected = st.number_input(f"Expected ({unit})", value=None, format="%g", key=f"p value {turn}", width=180)
        low, high = (st.number_input(f"90 % sure: {word}", value=None, format="%g", key=f"p {word} {turn}", width=180,
                                     placeholder="optional") for word in ("from", "to"))  # fmt: skip
    days = _days(today, turn)
    note = st.text_input("Why, in a few words", key=f"p note {turn}", placeholder="optional", max_chars=500)
    if not st.button("Record", icon=":material/edit_note:", type="primary"):
        return
    try:
        if expected is None:
            raise ScopeError(f"the expected value is empty; say what {in_sentence(declared[name].title)} will be")
        wanted = Expectation(team or "", who, name, days, expected, low, high, (), note)
        done = record(_ui.warehouse(), ledger(), wanted, limits, today)
    except (ScopeError, LedgerError) as error:
        st.error(_ui.literal(str(error)), icon=":material/error:")
        return
    st.session_state.update({"predictions done": f"Recorded: {done}", "predictions turn": turn + 1})
    st.rerun()


def _days(today: datetime.date, turn: int) -> Days:
    """The period that is chosen: the next month, the next quarter, or days that have yet to come."""
    known = coming(today)
    chosen = st.segmented_control("Period", [*known, _OWN], default=next(iter(known)), key=f"p period {turn}")
    if chosen != _OWN:
        return known[chosen or next(iter(known))]
    next_day = today + datetime.timedelta(days=1)
    with st.container(horizontal=True):
        first = st.date_input("From", next_day, key=f"p first {turn}", width=180)
        last = st.date_input("To", next_day + datetime.timedelta(days=29), key=f"p last {turn}", width=180)
    return first, last
