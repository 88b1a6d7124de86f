"""From when on something counts as friction: thresholds that anyone can move, kept in the URL."""

from __future__ import annotations

import math

import streamlit as st

from cx_metrics import journey
from cx_metrics.journey import LOWEST, MEANING, Limits, with_limits
from pages import _url


def choose() -> Limits:
    """The limits of journey.toml, or what the reader moved them to."""
    usual = journey.current().limits
    moved = sum(st.session_state.get(name, getattr(usual, name)) != getattr(usual, name) for name in LOWEST)
    with st.popover(f"Limits ({moved} moved)" if moved else "Limits", icon=":material/tune:"):
        st.caption("From when on something counts as friction. They hold on every page.")
        given = {
            name: number(MEANING[name].capitalize(), name, getattr(usual, name), lowest)
            for name, lowest in LOWEST.items()
        }
    return with_limits(usual, given)


def current() -> Limits:
    """The limits that hold on every page."""
    return st.session_state["scope"].limits if "scope" in st.session_state else journey.current().limits


def number(label: str, key: str, default: float, lowest: float) -> float:
    """A number that is not below `lowest`."""
    _url.take(key, lambda given: max(_number(given[-1], default), lowest))
    st.session_state.setdefault(key, default)
    chosen: float = st.number_input(label, min_value=lowest, format="%g", key=key, persist_state="session")
    _url.write(key, [] if chosen == default else [f"{chosen:.15g}"])
    return chosen


def _number(text: str, default: float) -> float:
    try:
        found = float(text)
    except ValueError:
        return default
    return found if math.isfinite(found) else default
