"""The tables of the journey page, with their numbers in words."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.wording import amount
from pages import _tables, _ui

_MOST = 6  # rows of what customers did next, per step


def transitions(frame: pd.DataFrame) -> None:
    """Where customers go next, with the median time until then."""
    times = {"median time": _tables.spans(frame, "median_hours", "hours", "hours")}
    _tables.shares(frame.assign(**times), ["from", "to", *times])
    _ui.download(frame, "transitions")


def starts_ends(frame: pd.DataFrame) -> None:
    """Where cases begin and end, and how they end."""
    _tables.shares(frame, ["end", "place", "outcome"])
    _ui.download(frame, "starts-and-ends")


def funnel(frame: pd.DataFrame) -> None:
    """The steps with the share of the step before, and the median time from it."""
    before = _tables.spans(frame, "share_before", "before", "%")
    hours = 24 * frame[["median_days", "days_low", "days_high"]]
    days = _tables.spans(hours, "median_days", "days", "hours")
    _tables.shares(frame.assign(**{"of the step before": before, "median time": days}),
                   ["step", "stage", "of the step before", "median time"])  # fmt: skip
    _ui.download(frame, "funnel")


def leavers(frame: pd.DataFrame) -> None:
    """What those did next who did not go on: the most frequent per step."""
    _tables.shares(frame.groupby(["step", "what"]).head(_MOST), ["step", "stage", "what", "name"],
                   {"name": "", "what": "after or in the step"})  # fmt: skip
    _ui.download(frame, "funnel-leavers")


def loops(frame: pd.DataFrame, ways: pd.DataFrame) -> None:
    """Reasons with their share of cases with a loop, against the others; and which stages the loops go through."""
    words = {
        "cases": [amount(x, "count") for x in frame["cases"]],
        "elsewhere": [amount(x, "%") for x in frame["rest_share"]],
        "ratio": [amount(x, "ratio") for x in frame["ratio"]], "p": [_tables.p_value(x) for x in frame["p_holm"]],
        "stands out": ["yes" if x else "" for x in frame["stands_out"]],
    }  # fmt: skip
    names = {"cases": "with a loop", "p": "p, all reasons together"}
    _tables.shares(frame.assign(**words), ["reason", *words], names)
    _ui.download(frame, "loops")
    if len(ways):
        st.markdown("**Which stage is entered again, and from where; share of the cases on the reason**")
        counted = ways.assign(cases=[amount(x, "count") for x in ways["cases"]])
        _tables.shares(counted, ["reason", "stage", "by_way_of", "cases"], {"stage": "back to", "by_way_of": "from"})
        _ui.download(ways, "loop-ways")


def variants(frame: pd.DataFrame) -> None:
    """The most frequent ways with what they cost and bring."""
    figures = {
        "contacts per case": [amount(x, "contacts") for x in frame["contacts"]],
        "median time": _tables.spans(frame, "hours", "hours", "hours"),
        "resolved": _tables.spans(frame, "resolved", "resolved", "%"),
        "satisfied": _tables.spans(frame, "csat", "csat", "%"),
        "answers": [amount(x, "count") for x in frame["csat_n"]],
    }
    _tables.shares(frame.assign(**figures), ["way", *figures])
    _ui.download(frame, "ways")
