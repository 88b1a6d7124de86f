"""What drives satisfaction, and what does friction cost?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.drivers import drivers
from cx_metrics.analyses.price import price
from cx_metrics.charts.drivers import driver_chart, hazard_chart, price_chart
from pages import _scope, _ui, _url

OUTCOMES = {"csat": "Satisfaction (CSAT)", "nps": "Recommendation (NPS)", "ces": "Effort (CES)"}
PRICES = {"revenue": "revenue at risk a year", "csat": "CSAT points lost", "nps": "NPS points lost", "hours": "hours"}
GREY = "with 95 % intervals; grey: not distinguishable from zero"
PLAIN = {"displayModeBar": False}

st.title("What drives satisfaction, and what does friction cost?")
scope = _scope.current()
found, cost = _ui.ask(drivers, scope), _ui.ask(price, scope)
tables, prices = found.tables, cost.tables
for said in (found.sentences[0], cost.sentences[0]):
    st.markdown(f"##### {_ui.literal(said)}")
st.subheader("What moves satisfaction")
known = [name for name in OUTCOMES if tables[name]["weight"].notna().any()]
if known:
    outcome = _url.one("Figure", known, "outcome", known[0], OUTCOMES.__getitem__, width=260)
    st.markdown(f"**Share of the differences that each signal explains, and its effect in points, {GREY}**")
    st.plotly_chart(driver_chart(tables[outcome]), key="weights", config=PLAIN, alt=" ".join(found.sentences[:3]))
    with st.expander("The figures of the chart", icon=":material/table:"):
        st.dataframe(
            tables[outcome].drop(columns="signal").round(3),
            hide_index=True,
            placeholder="–",
            alt="drivers with intervals",
        )
        _ui.download(tables[outcome], f"drivers-{outcome}")
else:
    needed = "at least 100 answers that go with contacts, with and without a signal"
    st.info(f"**Drivers** need {needed}: survey_answers.interaction_id or customer_id.", icon=":material/upload_file:")
    _ui.to_data()
st.markdown("\n".join(f"- {_ui.literal(said)}" for said in found.sentences[1:]))
if tables["retention"]["hazard_ratio"].notna().any():
    st.subheader("Whether customers stay")
    event = tables["models"].set_index("outcome")["event"]["retention"]
    st.markdown(f"**How many times as fast a customer {event} after a contact with the signal, {GREY}**")
    st.plotly_chart(hazard_chart(tables["retention"]), key="hazards", config=PLAIN, alt=" ".join(found.sentences))
    with st.expander("The figures of the chart", icon=":material/table:"):
        st.dataframe(
            tables["retention"].drop(columns="signal").round(3), hide_index=True, placeholder="–", alt="hazard ratios"
        )
        _ui.download(tables["retention"], "drivers-retention")
st.subheader("What friction costs")
st.markdown("\n".join(f"- {_ui.literal(said)}" for said in cost.sentences))
priced = [name for name in PRICES if name in set(prices["totals"].dropna(subset="value")["measure"])]
if priced:
    measure = _url.one("Price in", priced, "price", priced[0], PRICES.__getitem__, width=260)
    points = prices["points"][prices["points"]["metric"] == measure]
    parts = points.drop(columns="metric") if measure in OUTCOMES else prices[measure]
    total = prices["totals"].set_index("measure").loc[measure]
    unit = PRICES[measure] + (f", {total['unit']}" if measure == "revenue" else "")
    st.markdown(f"**Parts of each signal, {GREY}; they sum to {total['value']:,.1f}**")
    st.plotly_chart(price_chart(parts, unit), key="prices", config=PLAIN, alt=" ".join(cost.sentences))
    with st.expander("The figures of the chart", icon=":material/table:"):
        st.dataframe(parts.drop(columns="signal").round(3), hide_index=True, placeholder="–", alt="price by signal")
        _ui.download(parts, f"price-{measure}")
    places = prices["stages"][prices["stages"]["measure"] == measure].drop(columns=["measure", "signal"])
    if len(places):
        with st.expander("By stage: friction points", icon=":material/route:"):
            st.dataframe(places.round(1), hide_index=True, placeholder="–", alt="price by signal and stage")
            _ui.download(places, f"price-{measure}-by-stage")
_ui.link("friction", "Friction: where customers get stuck", ":material/block:")
st.subheader("What this rests on, and what it does not say")
st.markdown("\n".join(f"- {_ui.literal(said)}" for said in (*found.assumptions, *cost.assumptions)))
st.caption("The same on the command line:")
st.code("\n".join(f"cx-metrics analyse {name} {_scope.options(scope)}" for name in ("drivers", "price")), language=None)
