"""One person's own scores, asked for by key."""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.empathy_person import FEWEST_PEOPLE, person
from cx_metrics.scope import Scope
from cx_metrics.wording import amount
from pages import _tables, _ui


def draw(scope: Scope) -> None:
    """A box for a key, and that person's figures beside those of their team."""
    st.subheader("One person's own scores")
    st.caption("For that person and their lead, to talk about, and for nobody else; persons are neither listed nor "
               f"ranked here. No comparison below {RANKED} conversations, or in teams of fewer than {FEWEST_PEOPLE} "
               "who reply.")  # fmt: skip
    key = st.text_input("Key of an agent", key="agent", placeholder="as in the source", max_chars=200, width=320)
    if not key.strip():
        return
    found = _ui.ask(person, scope, key.strip())
    if found.empty:
        st.info(f"Nobody with the key {_ui.literal(key)} replied in this period.", icon=":material/person_off:")
        return
    shown = found[["title"]].rename(columns={"title": "figure"}).assign(
        n=["below 5" if n != n or n is None else amount(n, "count") for n in found["n"]],
        **{"own, 95 %": _tables.spans(found.rename(columns={"low": "x_low", "high": "x_high"}), "value", "x", "%"),
           "team, 95 %": _tables.spans(found, "team_value", "team", "%")},
        team_n=[amount(n, "count") for n in found["team_n"].astype(float)],
    )  # fmt: skip
    named = shown.rename(columns={"team_n": "n of the team"})
    st.dataframe(named, hide_index=True, alt="own figures beside the team's")
    if found["team_value"].isna().all():
        st.caption(f"Not compared with the team: fewer than {RANKED} conversations, or a small team.")
