"""How empathetic are our replies?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.empathy import empathy, recovered, together, trust
from cx_metrics.analyses.empathy_kinds import BY, FIGURES, RECOVERY, STRONG
from cx_metrics.analyses.empathy_labels import labels
from cx_metrics.charts.empathy import kinds_chart
from cx_metrics.scope import DIMENSIONS
from cx_metrics.wording import amount, interval, is_missing
from pages import _cards, _course, _examples, _person, _scope, _tables, _ui, _url
from pages._ledger import required

BARE = {"displayModeBar": False}
WORDS = {"strata": "strata", "strata_left_out": "strata left out", "p_holm": "p, all six together", "clear": "clear"}

st.title("How empathetic are our replies?")
scope = _scope.current()
found = _ui.ask(empathy, labels(required()), scope)
tables = found.tables
kinds, agreement = tables["kinds"], tables["agreement"]
total = {row["figure"]: row for row in kinds[kinds["by"] == "all"].to_dict("records")}
if not any(total[name]["n"] or total[name]["n"] != total[name]["n"] for name in FIGURES):
    st.info("**This page** needs agents' replies in a language that the rules know: messages.author and text.",
            icon=":material/upload_file:")  # fmt: skip
    _ui.to_data()
    st.stop()
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
below = {*recovered(tables), *together(tables["association"]), *trust(tables)}  # said beside their tables
for sentence in found.sentences[1:]:
    if sentence not in below:
        st.markdown(_ui.literal(sentence))
kappas = {row["kind"]: "" if is_missing(row["kappa"]) else
          f"kappa {row['kappa']:.2f} ({row['low']:.2f} to {row['high']:.2f}), n = {row['n']}"
          for row in agreement.to_dict("records")}  # fmt: skip
unsure = frozenset(f"empathy_{row['kind']}" for row in agreement.to_dict("records") if not row["sure"])
unsure &= {"empathy_cognitive"}
with st.container(horizontal=True):
    for name in (*FIGURES, RECOVERY):
        with st.container(width=300):
            row = total[name]
            st.metric(row["title"], "hidden" if row["suppressed"] else amount(row["value"], "%"), border=True)
            said = f"95 %: {interval(row['low'], row['high'], '%')} · n = {amount(row['n'], 'count')}"
            kind = "emotional" if name == "empathy_when_upset" else name.removeprefix("empathy_")
            agreed = f" · {kappas[kind] or 'kappa not measured yet'}" if kind in kappas else ""
            st.caption(said + (" · indicative" if name in unsure else "") + agreed)
with st.container(horizontal=True):
    by = _url.one("By", list(BY), "by", "team", DIMENSIONS.__getitem__, width=200)
    ending = _url.one("Grade", ["", STRONG], "grade", "", lambda name: "strong only" if name else "weak or strong",
                      width=200)  # fmt: skip
own = kinds[kinds["by"] == by]
st.markdown(f"**Three kinds of empathy by {DIMENSIONS[by]}, share of answered contacts with 95 % interval**")
st.plotly_chart(kinds_chart(own, unsure, ending), key="kinds", config=BARE, alt=" ".join(found.sentences[:4]))
with st.expander("The figures of the chart, scripted replies and recovery", icon=":material/table:"):
    kappa = [kappas.get(name.removeprefix("empathy_").removesuffix(STRONG), "") for name in own["figure"]]
    named = own.rename(columns={"group": by, "title": "figure "}).assign(kappa=kappa)
    _cards.table(named[[by, "figure ", "n", "value", "low", "high", "suppressed", "kappa"]], "%")
    _ui.download(kinds, "empathy")
st.markdown(_ui.literal(" ".join(trust(tables))))
_ui.link("labels", "Label replies, so that agreement with people is known", ":material/label:")
_course.draw(tables["course"], recovered(tables))
st.subheader("Does it go with satisfaction and fewer further contacts?")
for sentence in together(tables["association"]):
    st.markdown(_ui.literal(sentence))
_tables.comparison(tables["association"], ["outcome", "kind", "comparison"],
                   {"shown": "kind is shown", "not_shown": "not shown"}, WORDS)  # fmt: skip
_ui.download(tables["association"], "empathy-association")
_examples.draw(scope)
_person.draw(scope)
with st.expander("How many replies could be judged, and agreement with people", icon=":material/rule:"):
    _tables.shares(tables["coverage"], ["state", "language"])
    st.dataframe(agreement.round(2), hide_index=True, placeholder="–", alt="kappa of each kind")
    _ui.download(agreement, "empathy-agreement")
st.caption(_ui.literal(" ".join(found.assumptions)) + " The same on the command line:")
st.code(f"cx-metrics analyse empathy {_scope.options(scope)}", language=None)
