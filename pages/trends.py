"""How does a figure move, and where?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.choices import metrics_with_data
from cx_metrics.analyses.overview import usual_interval
from cx_metrics.analyses.trend import trend
from cx_metrics.charts.trend import ALL, mix_chart, trend_chart
from cx_metrics.metrics.catalog import defined, metrics
from cx_metrics.metrics.metric import EVERY
from cx_metrics.scope import DIMENSIONS
from pages import _cards, _definitions, _events, _scope, _ui, _url

UNITS = {"count": "number", "money": "amount", "score 0-100": "score, 0-100", "score 1-7": "score, 1-7",
         "score -1 to 1": "mood, -1 to 1"}  # fmt: skip

st.title("How does a figure move, and where?")
scope = _scope.current()
declared = metrics(scope.limits)
titles = {name: metric.title for name, metric in declared.items()}
with st.container(horizontal=True, vertical_alignment="bottom"):
    usual = next(iter(_ui.ask(metrics_with_data)), "csat")
    name = _url.one("Figure", list(declared), "metric", usual, titles.__getitem__, width=320)
    metric = defined(name, scope)
    by = _url.one("By", ["", *metric.dimensions], "by", "", lambda name: DIMENSIONS.get(name, "nothing"), width=200)
    every = _url.one("Every", EVERY, "every", usual_interval(scope), width=120)
unfit = [label for label, _ in scope.filters if label not in metric.dimensions]
if unfit:
    names = ", ".join(DIMENSIONS[label] for label in unfit)
    st.info(f"{metric.title} cannot be filtered by {names}; remove that filter.")
    st.stop()
found = _ui.ask(trend, name, scope, by or None, every)
if found.total.n == 0:
    _ui.needs(metric)
    _ui.to_data()
    st.stop()
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
for sentence in found.sentences[1:]:
    st.markdown(_ui.literal(sentence))
unit = UNITS.get(metric.unit, metric.unit)
st.markdown(f"**{metric.title} per {every}" + (f", by {DIMENSIONS[by]}" if by else "") + ", with 95 % intervals**")
marks = _events.marks(scope)
breaks = list(found.breaks["at"])
chart = trend_chart(found.course, metric.unit, unit, marks, "group" if by else None, every, breaks=breaks)
st.plotly_chart(chart, key="trend", config={"displayModeBar": False}, alt=" ".join(found.sentences))
_events.caption(marks)
_definitions.caption(metric, found.breaks)
groups = found.course[found.course["group"] != ALL]
if by and len(groups):
    st.markdown(f"**What the figure is made of: share of each {DIMENSIONS[by]} per {every}**")
    mix = mix_chart(groups, "group", marks)
    st.plotly_chart(mix, key="mix", config={"displayModeBar": False}, alt="share of each group")
    st.markdown(f"**{metric.title} over the whole period**")
    _cards.table(found.groups.rename(columns={"group": DIMENSIONS[by]}), metric.unit)
with st.expander("The figures of the chart", icon=":material/table:"):
    _cards.table(found.course, metric.unit)
    _ui.download(found.course, f"{name}-{every}")
formula = metric.formula[:1].upper() + metric.formula[1:]
st.caption(
    f"{metric.definition} {_ui.literal(formula)}. Groups of fewer than {metric.minimum_n} are hidden, and the first "
    f"and last {every} may be incomplete. The same on the command line:"
)
st.code(f"cx-metrics show {name} --every {every}{f' --by {by}' if by else ''} {_scope.options(scope)}", language=None)
