"""The tables of the journey page, with their numbers in words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.analyses.journey_groups import groups
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.scope import DIMENSIONS, Scope
from cx_metrics.wording import amount, interval
from pages import _tables, _ui, _url

_MOST = 6  # rows of what customers did next, per step


def transitions(frame: pd.DataFrame) -> None:
    """Where customers go next, with the median time until then."""
    times = {"median time": _spans(frame, "median_hours", "hours", "hours")}
    _tables.shares(frame.assign(**times), ["from", "to", *times])
    _ui.download(frame, "transitions")


def starts_ends(frame: pd.DataFrame) -> None:
    """Where cases begin and end, and how they end."""
    _tables.shares(frame, ["end", "place", "outcome"])
    _ui.download(frame, "starts-and-ends")


def funnel(frame: pd.DataFrame) -> None:
    """The steps with the share of the step before, and the median time from it."""
    before = _spans(frame, "share_before", "before", "%")
    hours = 24 * frame[["median_days", "days_low", "days_high"]]
    days = _spans(hours, "median_days", "days", "hours")
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
        "ratio": [amount(x, "ratio") for x in frame["ratio"]], "p": [_p(x) for x in frame["p_holm"]],
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
        "median time": _spans(frame, "hours", "hours", "hours"),
        "resolved": _spans(frame, "resolved", "resolved", "%"),
        "satisfied": _spans(frame, "csat", "csat", "%"),
        "answers": [amount(x, "count") for x in frame["csat_n"]],
    }
    _tables.shares(frame.assign(**figures), ["way", *figures])
    _ui.download(frame, "ways")


def two_groups(scope: Scope) -> tuple[str, str, str] | None:
    """The dimension and the two groups that are chosen, or a word on why there are none."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = _url.one("By", list(CONTACTS.dimensions), "between", "channel", DIMENSIONS.__getitem__, width=200)
        names = _ui.ask(groups, scope, by)
        if len(names) < 2:
            st.info("There are not two groups of at least 30 cases by this.")
            return None
        one = _url.one("One group", names, "one", names[0], width=200)
        other = _url.one("The other", names, "other", names[1], width=200)
    if one == other:
        st.info("Choose two different groups.")
        return None
    return by, one, other


def comparison(tables: dict[str, pd.DataFrame], one: str, other: str) -> None:
    """Two groups, their differences, and how sure they are; then where each goes after its first contact."""
    frame, moves = tables["comparison"], tables["comparison_moves"]
    shown = frame.assign(**{"p, all together": [_p(x) for x in frame["p_holm"]],
                            "clear": ["yes" if x else "" for x in frame["clear"]]})  # fmt: skip
    _tables.comparison(shown, ["measure", "p, all together", "clear"], {"one": one, "other": other}, {})
    _ui.download(frame, "comparison")
    if len(moves):
        st.markdown("**First and second contact, share of the group's cases that go on**")
        sides = {side: [amount(x, "%") for x in moves[side]] for side in ("one", "other")}
        counts = {f"n_{side}": [amount(x, "count") for x in moves[f"n_{side}"]] for side in ("one", "other")}
        named = moves.assign(**sides, **counts)[["from", "to", "one", "n_one", "other", "n_other"]]
        words = {"one": one, "n_one": f"n, {one}", "other": other, "n_other": f"n, {other}"}
        st.dataframe(named.rename(columns=words), hide_index=True, alt="first and second contacts of both groups")


def _p(value: Any) -> str:
    return "–" if value is None or value != value else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _spans(frame: pd.DataFrame, value: str, ends: str, unit: str) -> list[str]:
    """A figure with its interval, row by row; "–" where there is none."""
    columns = [value, f"{ends}_low", f"{ends}_high"]
    return [
        "–" if x != x else f"{amount(x, unit)} ({interval(low, high, unit)})"
        for x, low, high in frame[columns].astype(float).itertuples(index=False)
    ]
