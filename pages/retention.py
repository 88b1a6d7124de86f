"""How many customers stay, and what are they worth?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.retention import retained
from pages import _retention_months, _retention_stay, _retention_value, _scope, _ui

st.title("How many customers stay, and what are they worth?")
scope = _scope.current()
found = _ui.ask(retained, scope)
tables, said = found.analysis.tables, found.said
if "staying" not in said:
    st.info(f"**This page**: {found.analysis.sentences[0]}", icon=":material/upload_file:")
    _ui.to_data()
    st.stop()
st.markdown(f"##### {_ui.literal(said['answer'][0])}")
by = _retention_stay.curves(scope)
_retention_stay.cohorts(tables)
_retention_months.churn(tables, said["churn"], scope)
_retention_months.kept(tables, said["kept"], scope)
_retention_value.value(tables, said["value"])
_retention_value.held_out(tables, said["held"], scope)
st.subheader("Revenue at risk from friction")
st.markdown(_ui.literal(said["risk"][0]))
st.caption("It is what friction adds to the chance of leaving, times a year's revenue; it does not cover other reasons "
           "to leave, nor customers without a contact.")  # fmt: skip
if len(tables["at_risk"]):
    _ui.download(tables["at_risk"], "revenue-at-risk")
_ui.link("drivers", "Drivers: the same by kind of friction, and how it is computed", ":material/payments:")
st.subheader("What this rests on, and what it does not say")
st.markdown("\n".join(f"- {_ui.literal(sentence)}" for sentence in found.analysis.assumptions))
st.caption("The same on the command line:")
st.code(f"cx-metrics analyse retention {_scope.options(scope)}{f' --by {by}' if by else ''}", language=None)
