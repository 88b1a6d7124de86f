"""Figures on a page: as metric cards and as tables."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from cx_metrics.analyses.definition_breaks import definition_words
from cx_metrics.analyses.overview import Card
from cx_metrics.metrics.change import size, span
from cx_metrics.wording import amount, interval, reliability

_COLOURS: dict[str, Literal["green", "red"]] = {"better": "green", "worse": "red"}


def card(found: Card) -> None:
    """A metric card: value, change with its interval, sparkline, n and interval."""
    unit, now = found.metric.unit, found.figure
    hidden = now.n is None or now.n < found.metric.minimum_n
    st.metric(
        found.metric.title, "hidden" if hidden else amount(now.value, unit), border=True,
        delta=size(found.change, unit) if found.change else None, delta_color=_COLOURS.get(found.judgement, "gray"),
        help=found.metric.definition, chart_data=list(found.spark) if len(found.spark) > 1 else None,
    )  # fmt: skip
    note = reliability(now.n)
    count = f"n = {amount(now.n, 'count')}" + (f", {note}" if note else "")
    unknown = now.value is None and not hidden
    words = definition_words(found.metric)
    said = [found.metric.undefined if unknown else f"95 %: {interval(now.low, now.high, unit)}", count]
    if found.change:
        said.insert(1, f"change: {span(found.change, unit)}")
    st.caption(" · ".join([*said, *([f"definition: {words}"] if words else [])]))


def table(frame: pd.DataFrame, unit: str) -> None:
    """Figures as a table with formatted numbers; hidden ones say so."""
    values = {name: [amount(x, unit) for x in frame[name]] for name in ("value", "low", "high")}
    hidden = frame["suppressed"].fillna(False)
    values["value"] = ["hidden" if h else text for h, text in zip(hidden, values["value"], strict=True)]
    shown = frame.assign(**values, n=[amount(n, "count") for n in frame["n"]]).drop(columns=["suppressed"])
    st.dataframe(shown, hide_index=True, placeholder="–", alt="figures with their intervals")
