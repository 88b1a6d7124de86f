"""Who knows the customers best?"""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import streamlit as st

from cx_metrics.analyses.calibration import RANKED, SHOWN, course
from cx_metrics.analyses.prediction_entry import recorded
from cx_metrics.analyses.predictions import predictions
from cx_metrics.charts.predictions import marked_chart
from cx_metrics.charts.trend import trend_chart
from pages import _events, _prediction, _scope, _tables, _ui, _url
from pages._ledger import required

WORDS: dict[str, Any] = {
    "first_day": "from", "last_day": "to", "measured_on": "measured on", "expected_low": "90 % from",
    "expected_high": "90 % to", "value": "reality", "year_earlier": "a year earlier", "closer_year": "closer than it",
    "previous_error": "error of the period before", "year_earlier_error": "error of a year earlier",
    "entered_at": st.column_config.DatetimeColumn("entered (UTC)", format="D MMM YYYY, HH:mm"),
    "quarter": st.column_config.DateColumn("quarter from", format="D MMM YYYY"), "previous_n": "n, period before",
    "mean_absolute_error": "mean error", "year_earlier_n": "n, a year earlier", "skill_year": "skill, a year earlier",
}  # fmt: skip
OPEN = ["team", "metric", "first_day", "last_day", "measured_on", "expected", "expected_low", "expected_high", "note"]
SHARES = {"closer": "closer than the period before", "closer_year": "closer than a year earlier", "held": "ranges held"}
BARE = {"displayModeBar": False}

st.title("Who knows the customers best?")
scope, today = _scope.current(), datetime.datetime.now(datetime.UTC).date()
found = _ui.ask(predictions, recorded(required()), scope, today)
history, teams, quarters = (found.tables[name] for name in ("history", "teams", "quarters"))
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
for sentence in found.sentences[1:]:
    st.markdown(_ui.literal(sentence))
with st.expander("Record what your team expects", icon=":material/edit_note:", expanded=history.empty):
    _prediction.form(today)
waiting, marked = (history[history["status"] == status] for status in ("open", "marked"))
if len(waiting):
    st.subheader("Open: to be marked when their period is over")
    st.dataframe(waiting[OPEN].round(2), hide_index=True, placeholder="", column_config=WORDS, alt="open predictions")
if len(marked):
    st.subheader("Expected against what came")
    drawn = _url.one("Figure drawn", names := sorted(set(marked["metric"])), "drawn", names[0], width=240)
    mine = marked[marked["metric"] == drawn]
    unit = str(mine["unit"].iloc[0])
    st.plotly_chart(marked_chart(mine, unit), key="marked", config=BARE, alt=" ".join(found.sentences))
    st.caption(
        "On the dotted line, what was expected came. Across: the range the team was sure of; up: reality's 95 %."
    )
    st.subheader("Calibration")
    spans = {words: _tables.spans(teams.astype({name: float}), name, name, "%") for name, words in SHARES.items()}
    st.dataframe(
        teams[["team", "rank", "n"]].assign(**spans), hide_index=True, placeholder="–", alt="teams, calibrated"
    )
    st.caption(f"Shares from {SHOWN} marked predictions on, a rank from {RANKED}.")
    if len(quarters["quarter"].unique()) > 1:
        st.markdown(f"**Mean absolute error per quarter, all teams, {unit}; less is better**")
        marks = _events.marks(replace(scope, start=marked["first_day"].min(), end=marked["last_day"].max()))
        chart = trend_chart(course(quarters, unit), unit, unit, marks, "group", "quarter")
        st.plotly_chart(chart, key="course", config=BARE, alt="mean absolute error per quarter")
        _events.caption(marks)
    st.markdown("**By unit, as errors of different units do not add up** (error: expected less reality; skill above 0: "
                "better than the naive forecast)")  # fmt: skip
    for name in ("errors", "quarters"):
        st.dataframe(found.tables[name].round(2), hide_index=True, placeholder="–", column_config=WORDS, alt=name)
        _ui.download(found.tables[name], f"prediction-{name}")
if len(history):
    st.subheader("Every prediction")
    st.dataframe(
        history.round(2), hide_index=True, placeholder="", column_config=WORDS, alt="all predictions, newest first"
    )
    _ui.download(history, "predictions")
st.caption(_ui.literal(" ".join(found.assumptions)) + " Nothing here can be edited or deleted. On the command line:")
st.code('cx-metrics predict csat 82 --period 2027-Q1 --team "Care North" --range 78 86\n'
        f"cx-metrics analyse predictions {_scope.options(scope)}", language=None)  # fmt: skip
