"""How does my work reach customers?"""

from __future__ import annotations

import shlex

import streamlit as st

from cx_metrics.analyses.line_of_sight import line_of_sight
from cx_metrics.charts.line_of_sight import sight_chart
from cx_metrics.charts.trend import trend_chart
from pages import _events, _scope, _sight, _ui, _url

FIGURES = {"friction": "contacts with friction", "csat": "satisfied answers (CSAT)"}
PLAIN = {"displayModeBar": False}

st.title("How does my work reach customers?")
scope = _scope.current()
everyone = _ui.ask(line_of_sight, scope)
teams = everyone.tables["teams"]
if teams.empty:
    st.info("**Teams** come from contacts (interactions.team) and from touchpoint_owners (touchpoint, team, part).",
            icon=":material/upload_file:")  # fmt: skip
    _ui.to_data()
    st.stop()
team = _url.one("Your team", ["", *teams["team"]], "line_team", "", lambda name: name or "all teams", width=280)
found = _ui.ask(line_of_sight, scope, team) if team else everyone
tables = found.tables
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
st.markdown("\n".join(f"- {_ui.literal(sentence)}" for sentence in found.sentences[1:]))
if team:
    reach = tables["reach"]
    if reach["n"].notna().any():
        st.markdown(
            f"**From {_ui.literal(team)} to customers: touchpoints, who meets customers there; width: contacts**"
        )
        st.plotly_chart(sight_chart(reach, team), key="sight", config=PLAIN, alt=found.sentences[0])
        with st.expander("The figures of the picture", icon=":material/table:"):
            _sight.places(reach)
            _ui.download(reach, "line-of-sight-reach")
    figure = _url.one("Figure", list(FIGURES), "line_figure", "friction", FIGURES.__getitem__, width=260)
    course = tables["course"][tables["course"]["figure"] == figure]
    st.markdown(f"**Share of {FIGURES[figure]} per month, in per cent**")
    marks = _events.marks(scope)
    st.plotly_chart(trend_chart(course, "%", "share, %", marks, None, "month"), key="course", config=PLAIN,
                    alt=" ".join(found.sentences))  # fmt: skip
    _events.caption(marks)
    with st.expander("The figures of the chart", icon=":material/table:"):
        _sight.figures(course.drop(columns=["figure", "team"]))
        _ui.download(course, f"line-of-sight-{figure}")
st.subheader("All teams")
_sight.teams(teams)
_ui.download(teams, "line-of-sight-teams")
with st.expander("At owned touchpoints and in handled contacts, apart", icon=":material/table:"):
    _sight.ways(tables["ways"])
    _ui.download(tables["ways"], "line-of-sight-ways")
st.subheader("Friction that nobody owns")
if tables["unowned"].empty:
    st.markdown("Every contact with friction in this scope is at a touchpoint with an owner.")
else:
    st.markdown("Touchpoints without an owner, and contacts without a touchpoint by stage and channel:")
    _sight.unowned(tables["unowned"])
    _ui.download(tables["unowned"], "line-of-sight-unowned")
_ui.link("friction", "Friction: where customers get stuck", ":material/local_fire_department:")
st.caption(_ui.literal(" ".join(found.assumptions)) + " The same on the command line:")
chosen = f" --team {shlex.quote(team)}" if team else ""
lines = [f"cx-metrics analyse line-of-sight{chosen} {_scope.options(scope)}"]
for touchpoint in _sight.largest(tables["reach"]):
    where = shlex.quote(f"touchpoint={touchpoint}")
    lines.append(f"cx-metrics analyse friction --where {where} {_scope.options(scope)}")
st.code("\n".join(lines), language=None)
