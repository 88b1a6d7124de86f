"""Where do belief, expectation and experience part?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from cx_metrics.analyses.gap import GROUPS, gap
from cx_metrics.charts.gap import gap_chart, importance_chart, reference_chart
from cx_metrics.charts.trend import trend_chart
from cx_metrics.scope import DIMENSIONS
from pages import _events, _gap, _scope, _ui, _url

PLAIN = {"displayModeBar": False}

st.title("Where do belief and experience part?")
scope = _scope.current()
found = _ui.ask(gap, scope)
tables = found.tables
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
for sentence in found.sentences[1:]:
    st.markdown(f"- {_ui.literal(sentence)}")
if tables["item"].empty and tables["estimated"].empty:
    _gap.nothing()
    st.stop()
st.caption(
    "**service gap** = experience - expectation · **belief gap** = belief - experience · **knowledge gap** = believed "
    "expectation - expectation. Above zero on the belief gap: we think we do better than customers say."
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    known = [by for by in GROUPS if by in tables]
    by = _url.one("By", known or ["stage"], "gap_by", (known or ["stage"])[0], DIMENSIONS.__getitem__, width=200)
    inside = _gap.one_stage(tables["item"], by)
shown = tables.get(by, tables["item"]) if not inside else tables["item"][tables["item"]["stage"] == inside]
if by != "stage":
    shown = shown.sort_values("experience", ascending=False, kind="stable")
where = f" in {_ui.literal(inside)}" if inside else ""
st.markdown(f"**What customers expect and experience, and what we believe, by {DIMENSIONS[by]}{where}**")
estimated = tables["estimated"].rename(columns={"estimated": "value"})
chart = gap_chart(shown, by, estimated if by == "stage" else None)
st.plotly_chart(chart, key="gaps", config=PLAIN, alt=" ".join(found.sentences))
st.caption("The number on the grey bar is the belief gap. Thin lines are 95 % intervals.")
if len(shown):
    _gap.table(shown, by)
    _ui.download(shown, f"gap-{by}")
_gap.estimates(tables["estimated"])
course = tables["course"].dropna(subset="value")
if len(course):
    every = course["every"].iloc[0]
    st.subheader("How the gaps move")
    st.markdown(f"**Each gap per {every}, in all data under the filters, with 95 % intervals**")
    marks = _events.marks(replace(scope, start=course["period"].min().date()))
    drawn = trend_chart(course, "points", "gap, points of 100", marks, "gap", every)
    st.plotly_chart(drawn, key="course", config=PLAIN, alt="the three gaps over time")
    _events.caption(marks)
    _ui.download(course, "gap-course")
if len(tables["importance"]):
    st.subheader("What customers call important")
    st.markdown("**How 100 points of importance are shared out over the dimensions**")
    st.plotly_chart(importance_chart(tables["importance"]), key="importance", config=PLAIN, alt="importance")
if len(tables["not_comparable"]):
    with st.expander(f"{len(tables['not_comparable'])} pairs cannot be compared", icon=":material/link_off:"):
        st.caption("Items that only one side was asked about. They are never paired with something else.")
        st.dataframe(tables["not_comparable"], hide_index=True, alt="items of one side only")
        _ui.download(tables["not_comparable"], "gap-not-comparable")
st.subheader("What others found")
st.markdown("**Share of brands and of customers who say so; this company: answers in the top two boxes**")
st.plotly_chart(reference_chart(_gap.beside(tables)), key="references", config=PLAIN, alt="published gaps")
st.caption("Sources: " + _ui.literal("; ".join(tables["references"]["source"]) + "."))
st.caption(_ui.literal(" ".join(found.assumptions)) + " The same on the command line:")
st.code(f"cx-metrics analyse gap {_scope.options(scope)}", language=None)
_ui.link("surveys", "Who answers, and who stays silent?", ":material/record_voice_over:")
