"""The forms that change themes; each saves all of them anew, and nobody undoes what another has just saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.analyses import taxonomy as edit
from cx_metrics.analyses.taxonomy import Taxonomy, Themes
from cx_metrics.judges.themes import ThemeError
from cx_metrics.ledger import LedgerError, account
from pages import _ui
from pages._ledger import ledger

FORMS: dict[str, tuple[tuple[str, ...], Callable[..., Themes]]] = {
    "Add words": (("theme", "words"), edit.add_words), "Remove words": (("theme", "words"), edit.remove_words),
    "Rename": (("theme", "name"), edit.rename), "Merge": (("themes", "name"), edit.merge),
    "Split": (("theme", "words", "name"), edit.split), "New theme": (("name", "words"), edit.add),
    "Remove theme": (("theme",), edit.remove),
}  # fmt: skip
HELP = ("One per line. Several words on a line: all must be in the text. A * stands for the rest of a word: deliver*. "
        "Words without meaning of their own, such as “not”, are not looked for.")  # fmt: skip
WHEN = {"at": st.column_config.DatetimeColumn("saved (UTC)", format="D MMM YYYY, HH:mm")}


def editor(taxonomy: Taxonomy) -> None:
    """The themes, the forms and the history. An edit of themes that have moved on since they were drawn is refused."""
    seen = st.session_state.get("themes seen", taxonomy.version)
    said, turn = st.session_state.pop("themes done", ""), st.session_state.get("themes turn", 0)
    # Open after an edit for the next one, and for what is wrong with it.
    with st.expander("Edit the themes", icon=":material/edit:", expanded=turn > 0 or not taxonomy.themes):
        if said:
            st.success(_ui.literal(said), icon=":material/task_alt:")
        rows = [{"theme": one.name, "words": ", ".join(one.words)} for one in taxonomy.themes]
        st.dataframe(pd.DataFrame(rows, columns=["theme", "words"]), hide_index=True, alt="the themes with their words")
        who = st.text_input("Your name", account(), key="who", max_chars=120, width=320, persist_state="session")
        for tab, (title, (fields, change)) in zip(st.tabs(list(FORMS)), FORMS.items(), strict=True):
            with tab, st.form(f"{title} {turn}"):
                given = [_field(field, [one.name for one in taxonomy.themes], title, turn) for field in fields]
                if st.form_submit_button(title, icon=":material/save:", key=f"save {title}"):
                    _save(taxonomy, seen, who, title, given, change)
        _history()
    st.session_state["themes seen"] = taxonomy.version


def _field(field: str, names: list[str], title: str, turn: int) -> Any:
    key = f"{title} {field} {turn}"
    if field == "theme":
        return st.selectbox("Theme", names, None, key=key) or ""
    if field == "themes":
        return st.multiselect("Themes", names, key=key)
    if field == "name":
        return st.text_input("New name", key=key, max_chars=80)
    return st.text_area("Words", key=key, help=HELP, max_chars=5_000).split("\n")


def _save(taxonomy: Taxonomy, seen: int, who: str, title: str, given: list[Any], change: Callable[..., Themes]) -> None:
    words = [", ".join(filter(None, part)) if isinstance(part, list) else part for part in given]
    done = f"{title}: {'; '.join(words)}"
    try:
        edit.save(ledger(), seen, change(taxonomy.themes, *given), who, done)
    except (ThemeError, LedgerError) as error:
        st.error(f"{_ui.literal(str(error))}.", icon=":material/error:")
        return
    turn = st.session_state.get("themes turn", 0) + 1
    st.session_state.update({"themes done": f"Saved. {done}", "themes turn": turn})
    st.rerun()


def _history() -> None:
    try:
        past = edit.history(ledger())
    except LedgerError:
        return
    if len(past):
        st.markdown("**What was changed, the newest first**")
        st.dataframe(past, hide_index=True, column_config=WHEN, alt="history of the themes")
