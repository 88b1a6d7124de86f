"""How satisfied are those whom nobody asked?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.estimates import estimates
from cx_metrics.charts.estimates import MOST, calibration_chart, effect_chart, estimate_chart
from pages import _estimates, _one_contact, _scope, _ui, _url

BY = ("stage", "channel", "team", "segment", "region", "stage and channel")
PLAIN = {"displayModeBar": False}

st.title("How satisfied are those whom nobody asked?")
scope = _scope.current()
found = _ui.ask(estimates, scope)
tables = found.tables
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
st.markdown("\n".join(f"- {_ui.literal(said)}" for said in found.sentences[1:]))
whole = tables["estimates"]
known = [by for by in BY if len(whole) and whole.loc[whole["by"] == by, "estimated"].notna().any()]
if known:
    by = _url.one("By", known, "estimates_by", known[0], width=220)
    shown = whole[whole["by"] == by]
    st.markdown("**Filled: what was answered. Hollow, with dashed whiskers: estimated for contacts without an answer**")
    st.plotly_chart(estimate_chart(shown), key="estimates", config=PLAIN, alt=" ".join(found.sentences[:2]))
    if len(shown) > MOST:
        st.caption(f"The chart shows the first {MOST} of {len(shown)}; the table has all.")
    with st.expander("The figures of the chart", icon=":material/table:"):
        _estimates.groups(shown, by)
    _ui.link("surveys", "Who answers, and who stays silent?", ":material/record_voice_over:")
    if len(tables["experience"]):
        _estimates.experience(tables["experience"])
    st.subheader("What moves the estimate")
    st.markdown("**Points of satisfaction, everything else equal, with 95 % intervals; grey: may be nothing**")
    st.plotly_chart(effect_chart(tables["effects"]), key="effects", config=PLAIN, alt=" ".join(found.sentences))
    with st.expander("All coefficients", icon=":material/table:"):
        _estimates.effects(tables["effects"])
    _one_contact.one_contact(scope)
elif tables["backtest"].empty:
    _ui.to_data()
if len(tables["backtest"]):
    st.subheader("How good the estimate is: tested on later answers")
    _estimates.backtest(tables["backtest"])
    st.markdown("**What was expected of later answers against what they were, with 95 % intervals**")
    st.plotly_chart(calibration_chart(tables["calibration"]), key="calibration", config=PLAIN, alt=found.sentences[1])
    _ui.download(tables["calibration"], "estimate-calibration")
    with st.expander("Groups whose estimate is too high or too low", icon=":material/table:"):
        _estimates.bias(tables["bias"])
st.subheader("What this rests on, and what it does not say")
st.markdown("\n".join(f"- {_ui.literal(said)}" for said in found.assumptions))
st.caption("The same on the command line:")
st.code(f"cx-metrics analyse estimates {_scope.options(scope)}", language=None)
