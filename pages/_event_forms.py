"""The ways to enter events, and to withdraw one."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pandas as pd
import streamlit as st

from cx_metrics.intake.events import DEFAULT_KIND, KINDS, LONGEST, enter, enter_file, entry, withdraw
from cx_metrics.intake.plan import IntakeError
from cx_metrics.intake.upload import receive
from cx_metrics.ledger import LedgerError, account
from cx_metrics.scope import short_date
from pages import _ui
from pages._ledger import ledger


def forms(rows: pd.DataFrame) -> None:
    """What was just done, and the forms; what is wrong with an entry is said in a sentence. rows: all events."""
    words, aside = st.session_state.pop("events done", ("", None))
    if words:
        st.success(_ui.literal(words), icon=":material/task_alt:")
    if aside is not None and len(aside):
        st.dataframe(aside, hide_index=True, alt="rows that could not be used, with the reason")
    who = st.text_input("Your name", account(), key="who", max_chars=LONGEST, width=320, persist_state="session")
    mine = rows[(rows["came_by"] == "entered") & rows["withdrawn_at"].isna()]
    ways: dict[str, Callable[[], None]] = {"Enter one": lambda: _write(who), "Import a file": lambda: _load(who),
            "Withdraw": lambda: _take_back(mine, who)}  # fmt: skip
    for tab, draw in zip(st.tabs(list(ways)), ways.values(), strict=True):
        with tab:
            try:
                draw()
            except (IntakeError, LedgerError, OSError) as error:
                st.error(_ui.literal(str(error)), icon=":material/error:")


def _turn() -> int:
    """Changes with every entry, so that the fields are empty again."""
    return int(st.session_state.get("events turn", 0))


def _done(words: str, aside: pd.DataFrame | None = None) -> None:
    st.session_state.update({"events done": (words, aside), "events turn": _turn() + 1})
    st.rerun()


def _write(who: str) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    with st.form(f"event {_turn()}"):
        with st.container(horizontal=True):
            last = today + datetime.timedelta(days=365)
            day = st.date_input("When", today, datetime.date(1970, 1, 1), last, width=180)
            title = st.text_input("What happened, in a few words", max_chars=LONGEST, width=420)
            kind = st.selectbox("Kind", KINDS, index=KINDS.index(DEFAULT_KIND), width=180)
        if st.form_submit_button("Enter", icon=":material/add:", type="primary"):
            enter(_ui.warehouse(), ledger(), wanted := entry(day.isoformat(), title, kind), who)
            _done(f"{wanted.title} is entered; every trend that covers {short_date(day)} shows it.")


def _load(who: str) -> None:
    st.caption(f"CSV with the columns occurred_at or date, title, and perhaps kind: {', '.join(KINDS)}.")
    file = st.file_uploader("A file of events", ["csv", "tsv", "txt"], key=f"events file {_turn()}")
    if file and st.button("Enter these events", icon=":material/upload:", type="primary"):
        upload = receive([(file.file_id, file.name, file)])  # its folder is gone with it
        found = enter_file(_ui.warehouse(), ledger(), upload.files[0], who)
        _done(found.sentence + ".", pd.DataFrame([{"line": row.line, "reason": row.reason} for row in found.set_aside]))


def _take_back(mine: pd.DataFrame, who: str) -> None:
    st.caption("A withdrawn event is no longer drawn; it stays in the list. What came in a file stays as it is.")
    names = {str(row["event_id"]): f"{row['event_id']}: {row['title']} ({short_date(row['occurred_at'])})"
             for row in mine.to_dict("records")}  # fmt: skip
    chosen = st.selectbox("Event", list(names), None, names.__getitem__, key=f"withdraw {_turn()}")
    if st.button("Withdraw", icon=":material/undo:", disabled=chosen is None) and chosen:
        withdraw(ledger(), chosen, who)
        _done(f"Event {chosen} is withdrawn.")
