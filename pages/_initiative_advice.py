"""What can be said of a plan before it is saved: how long its effect would take to show."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from cx_metrics.analyses.initiative_plan import Plan, checked, draft, unknown
from cx_metrics.analyses.initiative_power import power
from cx_metrics.scope import ScopeError
from pages import _ui


def advice(plan: Plan) -> None:
    """How long it would take, and values that the data do not know; its texts do not matter."""
    try:
        clean = checked(replace(plan, name="-", owner="-", hypothesis="-"))
    except ScopeError as error:
        st.caption(_ui.literal(f"How long it would take until the effect shows is not said yet: {error}."))
        return
    for said in _ui.ask(unknown, clean):
        st.warning(_ui.literal(said), icon=":material/help:")
    found = _ui.ask(power, draft(clean))
    show = st.warning if found.weeks is None else st.info
    show(_ui.literal(found.sentence), icon=":material/hourglass_top:")
    if found.assumptions:
        st.caption(_ui.literal(" ".join(found.assumptions)))
