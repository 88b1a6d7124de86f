"""The estimated satisfaction of a single contact."""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.estimates import expected
from cx_metrics.scope import Scope
from pages import _ui


def one_contact(scope: Scope) -> None:
    """The estimate of a single contact, by its key."""
    st.subheader("A single contact")
    key = st.text_input(
        "Key of a contact", key="estimated_contact", bind="query-params", placeholder="as on its timeline"
    )
    if not key:
        return
    found = _ui.ask(expected, (key,), scope.limits)
    if found.empty:
        st.info(f"There is no contact with the key {_ui.literal(key)}.")
        return
    (row,) = found.to_dict("records")
    said = f"{row['estimated']:.0f} of 100 ({row['estimated_low']:.0f} to {row['estimated_high']:.0f})"
    st.markdown(f"Contacts in which the same happened are **estimated** at {said}; single answers scatter by about "
                f"{row['spread']:.0f} points around that.")  # fmt: skip
    if st.button("Its customer's timeline", icon=":material/person_search:"):
        _ui.go("customers", contact=key)
