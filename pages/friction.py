"""Where do customers get stuck?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from cx_metrics.analyses.friction import friction
from cx_metrics.analyses.overview import usual_interval
from cx_metrics.analyses.stuck import stuck
from cx_metrics.charts.friction import heat_chart, signal_chart
from cx_metrics.charts.trend import trend_chart
from cx_metrics.metrics.friction import COUNTED
from cx_metrics.metrics.signals import signals
from pages import _cards, _events, _scope, _ui, _url

when = st.column_config.DatetimeColumn("when (UTC)", format="D MMM YYYY, HH:mm")
wait = st.column_config.NumberColumn("wait, s", format="localized")
LABELS: dict[str, Any] = {"occurred_at": when, "interaction_id": "contact", "customer_id": "customer",
                          "handled_by": "handled by", "wait_seconds": wait}  # fmt: skip


def clicked() -> None:
    """Follow a click on a cell of the map, or away from it."""
    points = [point["customdata"] for point in st.session_state["map"]["selection"]["points"]]
    for name, value in zip(("at_stage", "at_channel"), points[0] if points else ("", ""), strict=True):
        st.query_params.update({name: value} if value else {})
        st.session_state[name] = value


st.title("Where do customers get stuck?")
scope = _scope.current()
titles = {"": "any signal"} | {signal.name: signal.title.lower() for signal in signals(scope.limits)}
with st.container(horizontal=True, vertical_alignment="bottom"):
    counted = _url.one("Count", list(COUNTED), "count", "contacts", width=150)
    signal = _url.one("Signal", list(titles), "signal", "", titles.__getitem__, width=220)
found = _ui.ask(friction, scope, counted, signal)
cells, ranked = found.tables["cells"], found.tables["signals"]
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
for sentence in found.sentences[1:]:
    st.markdown(_ui.literal(sentence))
stages, channels = (sorted(set(cells[name]), key=_ui.place) for name in ("stage", "channel"))
st.markdown(f"**Share of {counted} with {titles[signal]}, in per cent (small: n), by stage and channel: click a cell**")
with st.container(horizontal=True, vertical_alignment="bottom"):
    chosen = _url.perhaps("Stage", stages, "at_stage"), _url.perhaps("Channel", channels, "at_channel")
chart = heat_chart(cells, stages, channels, chosen)
st.plotly_chart(chart, key="map", on_select=clicked, selection_mode="points", config={"displayModeBar": False},
                alt=" ".join(found.sentences))  # fmt: skip
if any(chosen):
    place = tuple((name, (value,)) for name, value in zip(("stage", "channel"), chosen, strict=True) if value)
    kept = tuple(pair for pair in scope.filters if pair[0] not in dict(place))
    listed = _ui.ask(stuck, replace(scope, filters=(*kept, *place)), signal)
    st.subheader(f"{listed.total:,} contacts with {titles[signal]}: {_ui.literal(', '.join(filter(None, chosen)))}")
    st.caption(f"{listed.said} Click one to see its customer's timeline and what was said.")
    picked = st.dataframe(listed.rows, hide_index=True, key="contacts", on_select="rerun", selection_mode="single-row",
                          column_config=LABELS, placeholder="", alt="contacts with friction")  # fmt: skip
    for row in picked["selection"]["rows"]:
        _ui.go("customers", contact=str(listed.rows["interaction_id"][row]))
    _ui.download(listed.rows, "contacts-with-friction")
st.subheader("What goes wrong most often")
st.plotly_chart(signal_chart(ranked), key="signals", config={"displayModeBar": False}, alt="signals by frequency")
with st.expander("The signals, their rules and figures", icon=":material/rule:"):
    _cards.table(ranked[["title", "rule", "n", "value", "low", "high", "suppressed"]], "%")
    _ui.download(ranked, "signals")
every = usual_interval(scope)
st.markdown(f"**Share of {counted} with {titles[signal]} per {every}; lines with a letter mark a new level**")
marks = _events.marks(scope)
course = trend_chart(found.tables["course"], "%", "share, %", marks, None, every, found.tables["change_points"])
st.plotly_chart(course, key="course", config={"displayModeBar": False}, alt=" ".join(found.sentences[-2:]))
_events.caption(marks)
with st.expander("How far the order of places depends on the weights", icon=":material/balance:"):
    st.dataframe(found.tables["sensitivity"], hide_index=True, alt="order of places under other weights")
_ui.link("drivers", "Drivers: what friction costs, and what moves satisfaction", ":material/payments:")
st.caption(_ui.literal(" ".join(found.assumptions)) + " The same on the command line:")
options = "".join([f" --count {counted}" * (counted != "contacts"), f" --signal {signal}" * bool(signal)])
st.code(f"cx-metrics analyse friction{options} {_scope.options(scope)}", language=None)
