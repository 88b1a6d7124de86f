"""One initiative: its plan, its verdict, and the charts behind it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cx_metrics.analyses.initiative_effect import Effect
from cx_metrics.analyses.initiative_plan import NOBODY, effect_words, field_words, plan_of
from cx_metrics.analyses.initiative_register import WORDS, Registered
from cx_metrics.analyses.initiative_words import group_name, sized, spanned
from cx_metrics.charts import initiatives as charts
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import short_date
from pages import _cards, _initiative_board, _ui

HISTORY: dict[str, Any] = {
    "at": st.column_config.DatetimeColumn("when (UTC)", format="D MMM YYYY, HH:mm"), "who": "by",
    "what": "what changed", "after_start": "what is measured changed after the start",
}  # fmt: skip
PLAIN = {"displayModeBar": False}


def one(registered: Registered, found: Effect) -> None:
    """Plan, verdict, charts and what they rest on; of an initiative without data only the plan and the reason."""
    plan, metric = registered.initiative, found.metric
    st.subheader(_ui.literal(plan.name))
    st.markdown(f"**{_initiative_board.SIGNS[found.verdict]} {_ui.literal(found.sentence)}**")
    if registered.marking:
        words = f"{registered.marking} What is fixed once the figures are known proves little."
        st.warning(_ui.literal(words[0].upper() + words[1:]), icon=":material/warning:")
    with st.expander("The plan", icon=":material/assignment:", expanded=True):
        told = {name: words for name, words in field_words(plan_of(plan)).items() if name not in ("name", "currency")}
        st.markdown("\n".join(f"- {WORDS[name].capitalize()}: {_ui.literal(text)}" for name, text in told.items()))
    if metric is None or found.cells.empty:
        return
    _figures(found, metric)
    names = {"target": group_name(plan.target), "comparison": group_name(plan.comparison) or NOBODY}
    st.markdown(f"**{metric.title} of both groups, periods of {found.every} days, with 95 % intervals**")
    drawn = charts.groups_chart(found.series, plan.start, metric.unit, names)
    alt = charts.groups_alt(found.series, plan.start, metric.unit, names)
    st.plotly_chart(drawn, key="groups", config=PLAIN, alt=alt)
    with st.expander("The figures of the chart", icon=":material/table:"):
        _cards.table(found.series, metric.unit)
        _ui.download(found.series, f"initiative-{plan.number}-series")
    _checks(found, metric)
    if found.assumptions:
        with st.expander("What this effect rests on", icon=":material/info:"):
            st.markdown("\n".join(f"- {_ui.literal(said)}" for said in found.assumptions))


def _figures(found: Effect, metric: Metric) -> None:
    """Effect, interval, n and periods, and the four figures that the effect comes from."""
    if found.value == found.value:
        effect = f"Effect {effect_words(found.value, metric.unit)} (95 %: {spanned(found.low, found.high, metric)})"
        smallest = f"smallest detectable effect {sized(found.smallest, metric)}"
        st.markdown(_ui.literal(f"{effect}, {smallest}, n = {found.cells['n'].astype(float).sum():,.0f}."))
    if found.first and found.last:
        days = f"{short_date(found.first)} to {short_date(found.last)}"
        st.caption(f"{days}: {found.weeks_before} weeks before the start, {found.weeks_after} after it.")
    _cards.table(found.cells, metric.unit)
    if found.details:
        st.markdown("\n".join(f"- {_ui.literal(said)}" for said in found.details))


def _checks(found: Effect, metric: Metric) -> None:
    plan = found.initiative
    if len(found.study):
        st.markdown(f"**Did they differ before? Target less comparison per {found.study_every} days, against "
                    "the last one before the start**")  # fmt: skip
        drawn, alt = charts.study_chart(found.study, metric.unit), charts.study_alt(found.study)
        st.plotly_chart(drawn, key="study", config=PLAIN, alt=alt)
        _ui.download(found.study, f"initiative-{plan.number}-study")
    if len(found.placebos):
        st.markdown("**Is it more than what happens anyway? The same analysis where nothing began**")
        drawn = charts.placebo_chart(found.placebos, found.value, found.low, found.high, metric.unit, plan.name)
        st.plotly_chart(drawn, key="placebos", config=PLAIN, alt=charts.placebo_alt(found.placebos, found.value))
        _ui.download(found.placebos, f"initiative-{plan.number}-placebos")
