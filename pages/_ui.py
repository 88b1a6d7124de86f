"""The shared pieces of the pages: the warehouse, cached answers, empty states, links, downloads."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.errors import StreamlitAPIException

from cx_metrics import settings
from cx_metrics.export import safe_csv
from cx_metrics.intake.sample import holds_sample, is_empty, load_sample
from cx_metrics.metrics.metric import Metric
from cx_metrics.warehouse import Warehouse


@st.cache_resource(show_spinner=False)
def _warehouse(url: str) -> Warehouse:
    return Warehouse(url)


def warehouse() -> Warehouse:
    """The warehouse that the settings name, opened once per server."""
    return _warehouse(settings.warehouse_url())


def ask(question: Callable[..., Any], *given: Any) -> Any:
    """question(warehouse, *given), remembered until the warehouse changes. given: hashable, frozen."""
    name = f"{question.__module__}.{question.__name__}"
    return _remembered(name, warehouse().version(), settings.warehouse_url(), given, question)


@st.cache_data(ttl=3600, max_entries=400, show_spinner=False)
def _remembered(name: str, version: str, url: str, given: tuple[Any, ...], _question: Callable[..., Any]) -> Any:
    return _question(warehouse(), *given)


def first_start() -> None:
    """A newcomer sees the sample company; who has said where their data are is asked first."""
    if settings.is_newcomer() and is_empty(warehouse()):
        show_sample()


def show_sample() -> None:
    """Load the sample company, showing how far it is."""
    words = "Preparing the sample company"
    bar = st.progress(0.0, words)

    def show(share: float, text: str) -> None:
        bar.progress(share, f"{words}: {literal(text)}")

    load_sample(warehouse(), show)
    bar.empty()


def sample_notice() -> None:
    """On every page while the figures are nobody's own."""
    if ask(holds_sample):
        own = "Import your own on the Data page: it takes its place."
        st.caption(f":material/science: **Sample data** of an invented company. {own}")


def literal(text: object) -> str:
    """A text from data for a place that reads Markdown: shown as it is written."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~$:<>])", r"\\\1", str(text))


def nothing_yet() -> None:
    """What a page says while the warehouse is empty."""
    st.info("There are no data yet. Import some on the Data page, or look at an invented company.", icon=":material/upload_file:")
    to_data()
    if st.button("Load the sample company", icon=":material/science:"):
        show_sample()
        st.rerun()


def needs(metric: Metric) -> None:
    """An empty state: which data a figure needs, and how to bring them."""
    st.info(f"**{metric.title}** needs {metric.needs}.", icon=":material/upload_file:")


def to_data() -> None:
    """The way to where data are brought in."""
    link("data", "Bring the data on the Data page", ":material/database:")


def link(page: str, label: str, icon: str) -> None:
    """A link to another page; nothing where a page runs without the frame that knows the others."""
    with contextlib.suppress(StreamlitAPIException):
        st.page_link(f"{page}.py", label=label, icon=icon)


def download(frame: pd.DataFrame, name: str) -> None:
    """A button that hands a table on as CSV, safe to open in a spreadsheet."""
    st.download_button("Download CSV", lambda: safe_csv(frame), f"{name}.csv", "text/csv", icon=":material/download:")
