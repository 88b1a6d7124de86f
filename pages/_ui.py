"""The shared pieces of the pages: the warehouse, cached answers, metric cards, charts, tables, empty states."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.errors import StreamlitAPIException

from cx_metrics import settings
from cx_metrics.analyses.overview import Card
from cx_metrics.export import safe_csv
from cx_metrics.intake.sample import holds_sample, is_empty, load_sample
from cx_metrics.metrics.change import size, span
from cx_metrics.metrics.metric import Metric
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval, reliability


@st.cache_resource(show_spinner=False)
def _warehouse(url: str) -> Warehouse:
    return Warehouse(url)


def warehouse() -> Warehouse:
    """The warehouse that the settings name, opened once per server."""
    return _warehouse(settings.warehouse_url())


def ask(question: Callable[..., Any], *given: Any) -> Any:
    """question(warehouse, *given), remembered until the warehouse changes. given: hashable, frozen."""
    return _remembered(f"{question.__module__}.{question.__name__}", warehouse().version(), settings.warehouse_url(), given, question)


@st.cache_data(ttl=3600, max_entries=400, show_spinner=False)
def _remembered(name: str, version: str, url: str, given: tuple[Any, ...], _question: Callable[..., Any]) -> Any:
    return _question(warehouse(), *given)


def first_start() -> None:
    """With nothing to show yet, load the sample company, showing how far it is."""
    if is_empty(warehouse()):
        bar = st.progress(0.0, "Preparing the sample company")
        load_sample(warehouse(), lambda share, text: bar.progress(share, f"Preparing the sample company: {text}"))
        bar.empty()


def sample_notice() -> None:
    """On every page while the figures are nobody's own."""
    if ask(holds_sample):
        st.caption(":material/science: **Sample data** of an invented company. Import your own on the Data page: it takes its place.")


def literal(text: object) -> str:
    """A text from data for a place that reads Markdown: shown as it is written."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~$:<>])", r"\\\1", str(text))


def card(found: Card) -> None:
    """A metric card: value, change with its interval, sparkline, n and interval."""
    unit, now = found.metric.unit, found.figure
    colour = {"better": "green", "worse": "red"}.get(found.judgement, "gray")
    st.metric(
        found.metric.title, amount(now.value, unit) if now.value is not None else "hidden", border=True,
        delta=size(found.change, unit) if found.change else None, delta_color=colour, help=found.metric.definition,
        chart_data=list(found.spark) if len(found.spark) > 1 else None,
    )  # fmt: skip
    note = reliability(now.n)
    said = [f"95 %: {interval(now.low, now.high, unit)}", f"n = {amount(now.n, 'count')}" + (f", {note}" if note else "")]
    if found.change:
        said.insert(1, f"change: {span(found.change, unit)}")
    st.caption(" · ".join(said))


def nothing_yet() -> None:
    """What a page says while the warehouse is empty."""
    st.info("There are no data yet. Import some on the Data page.", icon=":material/upload_file:")
    to_data()


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


def figures_table(frame: pd.DataFrame, unit: str) -> None:
    """Figures as a table with formatted numbers; hidden ones say so."""
    values = {name: [amount(x, unit) for x in frame[name]] for name in ("value", "low", "high")}
    hidden = frame["suppressed"].fillna(False)
    values["value"] = ["hidden" if h else text for h, text in zip(hidden, values["value"], strict=True)]
    shown = frame.assign(**values, n=[amount(n, "count") for n in frame["n"]]).drop(columns=["suppressed"])
    st.dataframe(shown, hide_index=True, alt="figures with their intervals")
