"""The ways to act on an intervention. What was typed stays when somebody else was quicker."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cx_metrics.analyses import intervention_steps as steps
from cx_metrics.ledger import Ledger, LedgerError
from pages import _ui
from pages._intervention_ways import WAYS, Act
from pages._queue_list import DONE

_TURN = "intervention turn"  # changes with every act, so that the fields are empty again


def forms(kept: Ledger, row: dict[str, Any], who: str) -> None:
    """The forms that fit how it stands. row: as `intervention_queue.one` gives it. who: the reader."""
    key = int(row["intervention_id"])
    tail = f"{key} {st.session_state.get(_TURN, 0)}"
    seen = int(st.session_state.get(f"seen {tail}", row["number"]))  # what the reader saw, not what is now
    # Where somebody else acted, the reader's forms stay until they have acted, lest what they typed is gone.
    drawn = [*dict.fromkeys([*st.session_state.get(f"drawn {tail}", []), *_fitting(row, who)])]
    st.session_state.update({f"seen {tail}": int(row["number"]), f"drawn {tail}": drawn})
    if "Claim it" in drawn and st.button("Claim it", icon=":material/front_hand:", type="primary", key=f"claim {key}"):
        _do(lambda: f"Intervention {key} is yours (step {steps.claim(kept, key, seen, who)}).")
    ways = [name for name in WAYS if name in drawn]
    for tab, name in zip(st.tabs(ways), ways, strict=True):
        with tab, st.form(f"{name} {tail}", border=False):
            act = WAYS[name]((kept, key, seen, who), f"{name} {tail}")
            if st.form_submit_button(name, icon=":material/check:"):
                _do(act)


def _fitting(row: dict[str, Any], who: str) -> list[str]:
    """The ways to act that fit how it stands."""
    if row["status"] == "done":
        return ["Note", "Open again"]
    mine = row["assignee"] and row["assignee"].casefold() == " ".join(who.split()).casefold()
    free = not row["assignee"] or (mine and row["status"] == "snoozed")
    claim, back = ["Claim it"] if free else [], ["Give back"] if mine else []
    return [*claim, "Note", "Outcome", "Snooze", "Hand over", *back]


def _do(act: Act) -> None:
    try:
        words = act()
    except LedgerError as error:
        st.error(f"{_ui.literal(error)}.", icon=":material/error:")
        return
    st.session_state.update({DONE: words, _TURN: st.session_state.get(_TURN, 0) + 1})
    st.rerun()
