"""What do customers say?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.overview import usual_interval
from cx_metrics.analyses.voice import voice
from cx_metrics.charts.friction import heat_chart
from cx_metrics.charts.trend import trend_chart
from cx_metrics.charts.voice import effect_chart, theme_chart
from cx_metrics.judges.themes import EVERYTHING
from pages import _events, _quotes, _scope, _theme_forms, _themes, _ui, _url

DRAWN = 5  # themes in the chart over time, where none is chosen
VALUE = {"share": "value"}


def clicked() -> None:
    """Follow a click on a theme's bar, or away from it."""
    points = [point["customdata"] for point in st.session_state["themes"]["selection"]["points"]]
    theme = points[0][0] if points else ""
    st.query_params.update({"theme": theme} if theme else {})
    st.session_state["theme"] = theme


st.title("What do customers say?")
scope, taxonomy = _scope.current(), _themes.in_force()
found = _ui.ask(voice, taxonomy.themes, scope)
themes, effects = found.tables["themes"], found.tables["effects"]
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
for sentence in found.sentences[1:]:
    st.markdown(_ui.literal(sentence))
if not themes["n"].max() > 0:
    _ui.to_data()
    _theme_forms.editor(taxonomy)
    st.stop()
shown = themes[themes["theme"] != EVERYTHING]
st.markdown(
    "**Share of texts that speak of each theme, in per cent, coloured by mood: click a theme for what was said**"
)
chosen = _url.one("Theme", ["", *shown["theme"]], "theme", "", lambda name: name or "none", width=320)
st.plotly_chart(theme_chart(shown, chosen), key="themes", on_select=clicked, selection_mode="points",
                config={"displayModeBar": False}, alt=" ".join(found.sentences))  # fmt: skip
st.caption(
    _ui.literal(taxonomy.said)
    + " The number beside a bar is the mood, from -1 (orange) to 1 (blue); hatched: in no theme."
)
if chosen:
    _quotes.draw(taxonomy.themes, scope, chosen)
every, drawn = usual_interval(scope), [chosen] if chosen else list(shown["theme"].head(DRAWN))
st.markdown(f"**Share of texts per {every}: {_ui.literal(chosen or 'the largest themes')}**")
trend, marks = found.tables["trend"].rename(columns=VALUE), _events.marks(scope)
course = trend_chart(trend[trend["theme"].isin(drawn)], "%", "share, %", marks, None if chosen else "theme", every)
st.plotly_chart(course, key="trend", config={"displayModeBar": False}, alt="share of texts over time")
_events.caption(marks)
if chosen:
    cells = found.tables["places"].rename(columns=VALUE)
    cells = cells[cells["theme"] == chosen]
    stages, channels = (sorted(set(cells[name]), key=_ui.place) for name in ("stage", "channel"))
    st.markdown(f"**Where: share of texts with {_ui.literal(chosen)}, in per cent (small: n), by stage and channel**")
    st.plotly_chart(heat_chart(cells, stages, channels, ("", "")), key="places", config={"displayModeBar": False},
                    alt="share of texts by stage and channel")  # fmt: skip
st.subheader("What goes with it: CSAT and NPS")
if effects["adjusted_low"].notna().any():
    st.markdown("**Answers with the theme less those without, within stage and channel, in points; filled: clear**")
    st.plotly_chart(effect_chart(effects), key="effects", config={"displayModeBar": False},
                    alt="CSAT and NPS with a theme less without")  # fmt: skip
else:
    st.caption("Too few answers with words to compare (ten on each side are needed).")
st.subheader("New in the last four weeks")
_themes.new(found.tables["emerging"], found.sentences[-1])
with st.expander("The figures of the charts", icon=":material/table:"):
    _themes.figures(found.tables)
_theme_forms.editor(taxonomy)
st.caption(_ui.literal(" ".join(found.assumptions)) + " The same on the command line:")
st.code(f"cx-metrics analyse voice {_scope.options(scope)}", language=None)
