"""Widgets whose values live in the URL: a link opens what its sender saw, a reload keeps it, other pages share it.

Streamlit's own binding writes display texts and drops them on a change of page, so the stable names are kept here.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st


def one(
    label: str, options: Sequence[str], key: str, default: str, words: Callable[[str], str] = str, **look: Any
) -> str:
    """A selectbox. options: texts; words: an option for people."""
    take(key, lambda given: given[-1] if given[-1] in options else default)
    if st.session_state.get(key, default) not in options:
        st.session_state[key] = default
    st.session_state.setdefault(key, default)
    chosen: str = st.selectbox(label, list(options), format_func=words, key=key, persist_state="session", **look)
    write(key, [] if chosen == default else [chosen])
    return chosen


def perhaps(label: str, options: Sequence[str], key: str) -> str:
    """A selectbox of texts that may be left at "all", which is ""."""
    return one(label, ["", *options], key, "", lambda option: option or "all", width=180)


def many(label: str, options: Sequence[str], key: str, **look: Any) -> list[str]:
    """A multiselect of texts."""
    take(key, lambda given: [value for value in given if value in options])
    st.session_state[key] = [value for value in st.session_state.get(key, []) if value in options]
    chosen: list[str] = st.multiselect(label, list(options), key=key, persist_state="session", **look)
    write(key, chosen)
    return chosen


def day(label: str, key: str, default: datetime.date, **look: Any) -> datetime.date:
    """A date."""
    take(key, lambda given: _day(given[-1]) or default)
    st.session_state.setdefault(key, default)
    chosen: datetime.date = st.date_input(label, key=key, persist_state="session", **look)
    write(key, [chosen.isoformat()])
    return chosen


def forget(*keys: str) -> None:
    """Take values that do not apply now out of the URL."""
    for key in keys:
        write(key, [])


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def take(key: str, parsed: Callable[[list[str]], Any]) -> None:
    """Let the URL speak where it says something else than what was last written there: a link, or the back button."""
    given = st.query_params.get_all(key)
    if given and given != st.session_state.get(f"written {key}"):
        st.session_state[key] = parsed(given)


def write(key: str, values: list[str]) -> None:
    if st.query_params.get_all(key) != values:
        if values:
            st.query_params[key] = values
        else:
            del st.query_params[key]
    st.session_state[f"written {key}"] = values
