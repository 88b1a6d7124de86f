"""The scope bar: period, comparison and filters of every page, kept in the URL."""

from __future__ import annotations

import datetime

import streamlit as st

from cx_metrics.analyses.choices import filter_values
from cx_metrics.metrics.catalog import data_period
from cx_metrics.scope import COMPARISONS, DIMENSIONS, FILTERS, Scope
from pages import _ui

PERIODS = {
    "12m": "Last 12 months", "90d": "Last 90 days", "30d": "Last 30 days", "year": "This year", "all": "All data",
    "custom": "From … to …",
}  # fmt: skip
_DAYS = {"12m": 365, "90d": 90, "30d": 30}


def bar() -> None:
    """Draw the bar. Widgets hold the scope: they are bound to the URL and stay across pages."""
    period = _ui.ask(data_period)
    if period is None:
        return
    first, last = period
    if "period" not in st.session_state and {"from", "to"} & set(st.query_params):
        st.session_state["period"] = "custom"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Period", list(PERIODS), format_func=PERIODS.__getitem__, key="period",
                              bind="query-params", width=180)  # fmt: skip
        if chosen == "custom":
            for key, label, day in (("from", "From", first), ("to", "To", last)):
                st.date_input(label, value=day, key=key, bind="query-params", width=140)
        st.selectbox("Compared with", list(COMPARISONS), format_func=COMPARISONS.__getitem__, key="compare",
                     bind="query-params", width=190)  # fmt: skip
        values = _ui.ask(filter_values)
        used = sum(bool(st.session_state.get(name)) for name in FILTERS)
        with st.popover(f"Filters ({used})" if used else "Filters", icon=":material/filter_alt:"):
            for name in FILTERS:
                if values[name]:
                    st.multiselect(DIMENSIONS[name].capitalize(), values[name], key=name, bind="query-params")


def current() -> Scope | None:
    """The scope that the bar shows, with its period set; None while there are no data."""
    period = _ui.ask(data_period)
    if period is None:
        return None
    start, end = _days(st.session_state.get("period", "12m"), *period)
    filters = tuple((name, tuple(st.session_state[name])) for name in FILTERS if st.session_state.get(name))
    return Scope(start, end, st.session_state.get("compare", "previous"), filters)


def _days(period: str, first: datetime.date, last: datetime.date) -> tuple[datetime.date, datetime.date]:
    if period in _DAYS:
        return max(last - datetime.timedelta(days=_DAYS[period] - 1), first), last
    if period == "year":
        return max(last.replace(month=1, day=1), first), last
    if period == "custom":
        days = [st.session_state.get(name) or default for name, default in (("from", first), ("to", last))]
        return min(days), max(days)
    return first, last


def options(scope: Scope) -> str:
    """The scope as options of the command line."""
    where = (f" --where '{name}={value}'" for name, values in scope.filters for value in values)
    return f"--from {scope.start} --to {scope.end}" + "".join(where)
