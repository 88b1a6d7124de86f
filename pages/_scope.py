"""The scope bar: period, comparison and filters of every page, kept in the URL."""

from __future__ import annotations

import datetime
import shlex

import streamlit as st

from cx_metrics import journey
from cx_metrics.analyses.choices import filter_values
from cx_metrics.metrics.catalog import data_period, usual_definitions
from cx_metrics.scope import COMPARISONS, DIMENSIONS, Scope
from pages import _definitions, _limits, _start, _ui, _url

PERIODS = {
    "12m": "Last 12 months", "90d": "Last 90 days", "30d": "Last 30 days", "year": "This year", "all": "All data",
    "custom": "From … to …",
}  # fmt: skip
_DAYS = {"12m": 365, "90d": 90, "30d": 30}


def bar() -> None:
    """Draw the bar; `current` gives what it says."""
    period = _ui.ask(data_period)
    if period is None:
        st.session_state.pop("scope", None)
        return
    first, last = period
    if "period" not in st.query_params and {"from", "to"} & set(st.query_params):
        st.session_state["period"] = "custom"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = _url.one("Period", list(PERIODS), "period", _usual(first, last), PERIODS.__getitem__, width=170)
        if chosen == "custom":
            first, last = _url.day("From", "from", first, width=140), _url.day("To", "to", last, width=140)
        else:
            _url.forget("from", "to")
            first, last = _preset(chosen, first, last)
        words = COMPARISONS.__getitem__
        compare = _url.one("Compared with", list(COMPARISONS), "compare", "previous", words, width=180)
        values = {name: options for name, options in _ui.ask(filter_values).items() if options}
        used = sum(bool(st.session_state.get(name, st.query_params.get_all(name))) for name in values)
        with st.popover(f"Filters ({used})" if used else "Filters", icon=":material/filter_alt:"):
            picked = {name: _url.many(DIMENSIONS[name].capitalize(), values[name], name) for name in values}
        limits, definitions = _limits.choose(), _definitions.choose()
    filters = tuple((name, tuple(chosen)) for name, chosen in picked.items() if chosen)
    st.session_state["scope"] = Scope(min(first, last), max(first, last), compare, filters, limits, definitions)


def current() -> Scope:
    """The scope that the bar shows, with its period set (without a bar: the usual one). Without data the page says so
    and ends here."""
    period = _ui.ask(data_period)
    if period is None:
        _start.nothing_yet()
        st.stop()
    found: Scope = st.session_state.get("scope") or Scope(
        *_preset(_usual(*period), *period), limits=journey.current().limits, definitions=usual_definitions()
    )
    return found


def _usual(first: datetime.date, last: datetime.date) -> str:
    """The period to begin with: the longest that leaves as much before it to compare with."""
    days = (last - first).days + 1
    return next((name for name, length in _DAYS.items() if days >= 2 * length), "all")


def _preset(period: str, first: datetime.date, last: datetime.date) -> tuple[datetime.date, datetime.date]:
    if period in _DAYS:
        return max(last - datetime.timedelta(days=_DAYS[period] - 1), first), last
    return (max(last.replace(month=1, day=1), first) if period == "year" else first), last


def options(scope: Scope) -> str:
    """The scope as options of the command line."""
    where = (f" --where {shlex.quote(f'{name}={value}')}" for name, values in scope.filters for value in values)
    moved = (f" --limit {name}={value:g}" for name, value in scope.limits.moved(journey.current().limits).items())
    chosen = (f" --definition {name}" for name in scope.definitions)
    return f"--from {scope.start} --to {scope.end}" + "".join([*where, *moved, *chosen])
