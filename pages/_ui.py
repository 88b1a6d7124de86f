"""The shared pieces of the pages: the warehouse, cached answers, texts from data, links, downloads."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.errors import StreamlitAPIException

from cx_metrics import journey, settings
from cx_metrics.export import safe_csv
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


@st.cache_data(ttl=3600, max_entries=400, show_spinner="Looking through the data")
def _remembered(name: str, version: str, url: str, given: tuple[Any, ...], _question: Callable[..., Any]) -> Any:
    return _question(warehouse(), *given)


def literal(text: object) -> str:
    """A text from data for a place that reads Markdown: shown as it is written, in one line."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+\-.!|~$:<>&=])", r"\\\1", " ".join(str(text).split()))
    # Names of icons between colons are replaced after escapes are gone; an invisible sign parts them.
    return re.sub(r":(?=material/|(?:[a-z0-9]|\\[_+-])+\\:)", ":\u2060", escaped)


def needs(metric: Metric) -> None:
    """An empty state: which data a figure needs, and how to bring them."""
    st.info(f"**{metric.title}** needs {metric.needs}.", icon=":material/upload_file:")


def to_data() -> None:
    """The way to where data are brought in."""
    link("data", "Bring the data on the Data page", ":material/database:")


def link(page: str, label: str, icon: str, **query: str) -> None:
    """A link to another page, with these values in its URL; nothing where a page runs without the frame that knows the
    others."""
    with contextlib.suppress(StreamlitAPIException):
        st.page_link(f"{page}.py", label=label, icon=icon, query_params=query or None)


def go(page: str, **query: str) -> None:
    """Show another page, with these values in its URL."""
    with contextlib.suppress(StreamlitAPIException):
        st.switch_page(f"{page}.py", query_params=query)


def place(name: object) -> tuple[int, str]:
    """To sort stages and channels by: in the order of the journey."""
    return journey.current().place(name)


def download(frame: pd.DataFrame, name: str) -> None:
    """A button that hands a table on as CSV, safe to open in a spreadsheet."""
    st.download_button("Download CSV", lambda: safe_csv(frame), f"{name}.csv", "text/csv", icon=":material/download:")
