"""The fields of an initiative's plan."""

from __future__ import annotations

import datetime

import streamlit as st

from cx_metrics.analyses.initiative import STATES
from cx_metrics.analyses.initiative_effect import usual_metric
from cx_metrics.analyses.initiative_plan import LONGEST, LONGEST_TEXT, Plan
from cx_metrics.metrics.catalog import METRICS
from pages import _initiative_groups

_AHEAD = datetime.timedelta(days=14)


def plan(before: Plan | None, key: str) -> Plan:
    """The plan as it is filled in, checked by nobody yet. before: what the fields begin with. key: theirs alone."""
    was = before or _empty()
    with st.container(horizontal=True):
        name = st.text_input("Name", was.name, LONGEST, key=f"i name {key}", width=320)
        owner = st.text_input("Owner", was.owner, LONGEST, key=f"i owner {key}", width=240,
                              placeholder="who answers for it")  # fmt: skip
        state = st.selectbox("State", STATES, STATES.index(was.state), key=f"i state {key}", width=160)
    hypothesis = st.text_area("Hypothesis: why should it work?", was.hypothesis, max_chars=LONGEST_TEXT,
                              key=f"i why {key}")  # fmt: skip
    names = list(METRICS)
    chosen = st.selectbox("Target figure", names, names.index(was.metric) if was.metric in names else 0,
                          lambda name: METRICS[name].title, key=f"i metric {key}")  # fmt: skip
    metric = usual_metric(chosen)
    target, comparison = _initiative_groups.groups(metric, before, key)
    unit = {"%": "points"}.get(metric.unit, metric.unit)
    with st.container(horizontal=True):
        start = st.date_input("Start", was.start, datetime.date(1990, 1, 1), datetime.date(2100, 1, 1),
                              key=f"i start {key}", width=160)  # fmt: skip
        last_day = st.date_input("Last day (may be left open)", was.last_day, datetime.date(1990, 1, 1),
                                 datetime.date(2100, 1, 1), key=f"i last {key}", width=220)  # fmt: skip
        expected = st.number_input(f"Expected effect, with its sign ({unit})", value=was.expected or None, format="%g",
                                   key=f"i expected {key}", width=320)  # fmt: skip
        cost, currency = money(was, key)
    return Plan(name, owner, hypothesis, chosen, target, comparison, start, expected or 0.0, last_day, cost,
                currency, state)  # fmt: skip


def money(was: Plan, key: str) -> tuple[float | None, str]:
    """Cost and currency."""
    cost = st.number_input("Cost (may be left open)", 0.0, value=was.cost, format="%g", key=f"i cost {key}", width=180)
    currency = st.text_input("Currency", was.currency or "EUR", 10, key=f"i currency {key}", width=120)
    return cost, currency


def _empty() -> Plan:
    start = datetime.datetime.now(datetime.UTC).date() + _AHEAD
    return Plan("", "", "", "csat", (), (), start, 0.0)
