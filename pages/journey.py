"""How do customers move, loop and leave?"""

from __future__ import annotations

import shlex

import streamlit as st

from cx_metrics.analyses.choices import filter_values
from cx_metrics.analyses.journey_cases import ways
from cx_metrics.analyses.journey_compared import comparison
from cx_metrics.analyses.journey_funnel import funnel
from cx_metrics.analyses.journey_loops import loops
from cx_metrics.analyses.journey_moves import transitions
from cx_metrics.analyses.journey_paths import combined
from cx_metrics.charts.journey import flow_chart, funnel_chart, transition_chart
from pages import _groups, _journey, _scope, _ui, _url

BARE = {"displayModeBar": False}
CASES = {"several": "cases of several contacts", "all": "all cases"}

st.title("How do customers move, loop and leave?")
scope = _scope.current()
values = _ui.ask(filter_values)
places = [of for of in ("stage", "channel") if values[of]]
if not places:
    st.info("**This page** needs contacts with a stage or a channel: interactions.", icon=":material/upload_file:")
    _ui.to_data()
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom"):
    of = _url.one("Ways through", places, "of", places[0], lambda name: f"{name}s", width=160)
    cases = _url.one("Show", list(CASES), "cases", "several", CASES.__getitem__, width=230)
parts = [_ui.ask(ways, scope, of), _ui.ask(loops, scope), _ui.ask(transitions, scope, of)]
tables = combined(scope, parts).tables
said = combined(scope, parts).sentences
st.markdown(f"##### {_ui.literal(said[0])}")
for sentence in said[1:]:
    st.markdown(_ui.literal(sentence))
if len(tables.get("steps", [])):
    st.markdown(f"**The first four contacts of {CASES[cases]}, with numbers of cases**")
    st.plotly_chart(flow_chart(tables["steps"], cases == "all"), key="flow", config=BARE, alt=" ".join(said))
    with st.expander("Where cases begin and end, and how", icon=":material/table:"):
        _journey.starts_ends(tables["starts_ends"])
if len(tables["transitions"]):
    st.markdown(f"**From one {of} (rows) to the next (columns), in per cent of those who went on; small: median time**")
    st.plotly_chart(transition_chart(tables["transitions"]), key="moves", config=BARE, alt=" ".join(said))
    with st.expander("The figures of the map", icon=":material/table:"):
        _journey.transitions(tables["transitions"])
options = [f"--of {of}"]
if values["stage"]:
    st.subheader("How far customers get")
    steps = _url.many("Steps, in order (none: those of the journey)", values["stage"], "funnel", max_selections=8)
    parts.append(_ui.ask(funnel, scope, tuple(steps)))
    options += [f"--step {shlex.quote(step)}" for step in steps]
    st.markdown(_ui.literal(" ".join(parts[-1].sentences)))
    if parts[-1].tables:
        st.plotly_chart(funnel_chart(parts[-1].tables["funnel"]), key="funnel_chart", config=BARE, alt="the funnel")
        _journey.funnel(parts[-1].tables["funnel"])
        with st.expander("What those did who did not go on", icon=":material/table:"):
            _journey.leavers(parts[-1].tables["funnel_leavers"])
    if len(tables["loops"]):
        st.subheader("Where cases go in circles")
        _journey.loops(tables["loops"], tables["loop_ways"])
if len(tables.get("variants", [])):
    st.subheader("The most frequent ways")
    _journey.variants(tables["variants"])
st.subheader("Two groups compared")
compared = _groups.two_groups(scope)
if compared:
    parts.append(_ui.ask(comparison, scope, of, compared))
    options += [f"--groups {shlex.join(compared)}"]
    st.markdown(_ui.literal(parts[-1].sentences[0]))
    _groups.comparison(parts[-1].tables, *compared[1:])
st.caption(_ui.literal(" ".join(combined(scope, parts).assumptions)) + " The same on the command line:")
st.code(f"cx-metrics analyse journey {' '.join(options)} {_scope.options(scope)}", language=None)
