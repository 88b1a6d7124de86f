"""The forms that excuse a standard text, and that take it back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.analyses.scripts_excused import LONGEST, decide, excused
from cx_metrics.ledger import Ledger, LedgerError, account
from cx_metrics.warehouse import WarehouseError
from pages import _ui

WHEN = {"at": st.column_config.DatetimeColumn("since (UTC)", format="D MMM YYYY, HH:mm")}
_SHORT = 80  # characters of a text in a list


def forms(ledger: Ledger, families: pd.DataFrame) -> None:
    """A text that is good as it stands no longer counts as scripted. families: family, example."""
    st.subheader("Texts that are good as they stand")
    if said := st.session_state.pop("excuse done", ""):
        st.success(_ui.literal(said), icon=":material/task_alt:")
    now = excused(ledger)
    if len(now):
        st.dataframe(now[["text", "reason", "who", "at"]], hide_index=True, row_height=70, column_config=WHEN,
                     alt="texts that are excused")  # fmt: skip
    texts = {str(row["family"]): str(row["example"]) for row in families.to_dict("records") if not row["excused"]}
    back = {str(row["template"]): str(row["text"]) for row in now.to_dict("records")}
    one, other = st.tabs(["Excuse one", "Take one back"])
    with one:
        _form(ledger, texts, True)
    with other:
        _form(ledger, back, False)


def _form(ledger: Ledger, texts: dict[str, str], excusing: bool) -> None:
    word = "Excuse" if excusing else "Take back"
    turn = st.session_state.get("excuse turn", 0)
    with st.form(f"{word} {turn}"):
        chosen = st.selectbox("Text", list(texts), None, lambda key: texts[key][:_SHORT], key=f"{word} text {turn}")
        reason = st.text_input("Why, e.g. a legal notice", max_chars=LONGEST, key=f"{word} reason {turn}")
        who = st.text_input("Your name", account(), max_chars=120, key=f"{word} who", width=320)
        if not st.form_submit_button(word, type="primary"):
            return
    try:
        if chosen is None:
            raise LedgerError("choose a text")
        with st.spinner("Replies are marked anew"):
            decide(_ui.warehouse(), ledger, int(chosen), texts[chosen], reason, who, excusing)
    except (LedgerError, WarehouseError, OSError) as error:
        st.error(_ui.literal(str(error)), icon=":material/error:")
        return
    done = "no longer counts as scripted" if excusing else "counts as scripted again"
    st.session_state.update({"excuse done": f"“{texts[chosen][:_SHORT]}” {done}.", "excuse turn": turn + 1})
    st.rerun()
