"""What changed, and why?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.change_words import words
from cx_metrics.analyses.changes import changes
from cx_metrics.analyses.choices import metrics_with_data
from cx_metrics.metrics.catalog import defined, metrics
from cx_metrics.scope import DIMENSIONS
from pages import _changes, _scope, _ui, _url

st.title("What changed, and why?")
scope = _scope.current()
titles = {name: metric.title for name, metric in metrics(scope.limits).items()}
usual = next(iter(_ui.ask(metrics_with_data)), "csat")
name = _url.one("Figure", list(titles), "metric", usual, titles.__getitem__, width=320)
metric = defined(name, scope)
unfit = [label for label, _ in scope.filters if label not in metric.dimensions]
if unfit:
    names = ", ".join(DIMENSIONS[label] for label in unfit)
    st.info(f"{metric.title} cannot be filtered by {names}; remove that filter.")
    st.stop()
found = _ui.ask(changes, scope, (name,))
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
for sentence in found.sentences[1:]:
    st.markdown(_ui.literal(sentence))
parts, alt = found.tables["parts"], " ".join(found.sentences)
if len(parts):
    by_size = found.tables["findings"]["dimension"].to_list()
    options = list(dict.fromkeys(parts["dimension"]))
    if "mix" in set(parts["part"]):
        st.subheader("How much of it is mix, by each dimension")
        st.markdown("**Each bar is the same change; striped: other groups came, plain: groups themselves changed**")
        _changes.overview(parts, metric.unit, alt)
    st.subheader("Group by group")
    by = _url.one("By", options, "by", next(iter([*by_size, *options])), words, width=240)
    st.markdown(f"**Parts of the change by {words(by)}, with 95 % intervals; grey: no clear change**")
    _changes.groups(parts[parts["dimension"] == by], metric.unit, "groups", words(by), alt)
    two_way = found.tables["two_way"]
    if len(two_way):
        pair = words(str(two_way["dimension"].iloc[0]))
        st.subheader("Two dimensions at once")
        st.markdown(f"**The pair that shows most beyond one dimension: {pair}**")
        _changes.groups(two_way, metric.unit, "pairs", pair, alt)
st.caption(_ui.literal(" ".join(found.assumptions)) + " A star marks clear changes. The same on the command line:")
compare = "" if scope.compare == "previous" else f" --compare {scope.compare}"
st.code(f"cx-metrics analyse changes --metric {name}{compare} {_scope.options(scope)}", language=None)
