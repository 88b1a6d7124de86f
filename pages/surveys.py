"""Who answers, and who stays silent?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.surveys import surveys
from cx_metrics.analyses.surveys_words import only_answered
from cx_metrics.charts.surveys import fatigue_chart, per_customer_chart, response_chart, weighted_chart
from cx_metrics.scope import DIMENSIONS
from pages import _cards, _scope, _surveys, _tables, _ui, _url

QUIET = {"displayModeBar": False}

st.title("Who answers, and who stays silent?")
scope = _scope.current()
found = _ui.ask(surveys, scope)
tables = found.tables
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
for sentence in found.sentences[1:]:
    st.markdown(_ui.literal(sentence))
if tables["hygiene"].empty:
    st.info("**This page** needs surveys of the period: survey_answers with invited_at or answered_at.",
            icon=":material/upload_file:")  # fmt: skip
    _ui.to_data()
    st.stop()
rates = tables["response"]
total = float(rates["value"].iloc[0])
groups = [name for name in dict.fromkeys(rates["by"].iloc[1:]) if rates.loc[rates["by"] == name, "value"].notna().any()]
if total == total and not only_answered(rates) and groups:
    first = next(iter(rates.loc[rates["less"], "by"]), groups[0])  # where there is most to see
    by = _url.one("By", groups, "by", first, lambda name: DIMENSIONS.get(name, name), width=220)
    own = rates[rates["by"] == by]
    st.markdown(f"**Share of invitations that were answered, by {DIMENSIONS.get(by, by)}, with 95 % intervals**")
    st.plotly_chart(response_chart(own, total), key="response", config=QUIET, alt=found.sentences[0])
    with st.expander("The figures of the chart", icon=":material/table:"):
        shown = own.assign(rest=own["rest"].round(1), p_holm=[_tables.p_value(p) for p in own["p_holm"]],
                           less=["yes" if less else "" for less in own["less"]])  # fmt: skip
        words = {"group": DIMENSIONS.get(by, by), "rest": "all others, %", "p_holm": "p, all groups together",
                 "less": "clearly less"}  # fmt: skip
        _cards.table(shown.drop(columns="by").rename(columns=words), "%")
        _ui.download(rates, "response-rates")
st.subheader("What the silent would change")
weighted = tables["weighted"]
if weighted["value"].notna().any():
    st.markdown("**Among those who answered, and weighted to all who were asked; an axis for each figure**")
    st.plotly_chart(weighted_chart(weighted), key="weighted", config=QUIET, alt=" ".join(found.sentences[1:4]))
with st.expander("The figures, and what the model knows", icon=":material/table:"):
    _surveys.weighted(weighted)
    _ui.download(weighted, "raw-and-weighted")
if len(tables["not_asked"]):
    st.subheader("Where nobody is asked")
    _surveys.not_asked(tables["not_asked"])
    _ui.download(tables["not_asked"], "not-asked")
customers, fatigue = tables["per_customer"], tables["fatigue"]
if customers["share"].notna().any():
    st.subheader("How often customers are asked")
    often, before = st.columns(2)
    with often:
        st.markdown("**Invited customers by their invitations in the period**")
        st.plotly_chart(per_customer_chart(customers), key="per_customer", config=QUIET, alt="invitations per customer")
    if fatigue["share"].notna().any() and not only_answered(rates):
        with before:
            st.markdown("**Share answered by invitations of the 90 days before**")
            st.plotly_chart(fatigue_chart(fatigue), key="fatigue", config=QUIET, alt="share answered by invitations")
    with st.expander("The figures of both charts", icon=":material/table:"):
        _tables.shares(customers, ["invitations"])
        _ui.download(customers, "invitations-per-customer")
        _tables.shares(fatigue, ["earlier", "answers"], {"earlier": "invitations in the 90 days before"})
        _ui.download(fatigue, "answers-by-earlier-invitations")
st.subheader("What the survey data hold")
_surveys.held(tables["hygiene"], tables["scales"])
_ui.download(tables["hygiene"], "survey-data")
with st.expander("What importers left out of survey files", icon=":material/filter_list:"):
    st.dataframe(tables["left_out"], hide_index=True, placeholder="–", alt="what importers left out of survey files")
    _ui.download(tables["left_out"], "left-out")
st.caption(_ui.literal(" ".join(found.assumptions)) + " The same on the command line:")
st.code(f"cx-metrics analyse surveys {_scope.options(scope)}", language=None)
