"""The tables of the page of estimates: figures with their intervals, every estimate called so."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.wording import amount
from pages import _ui

_BACKTEST = {
    "n": "later answers", "mae": "mean error, points", "mae_mean": "mean error of the mean",
    "rmse": "root mean squared error", "rmse_mean": "the same of the mean", "r_squared": "R squared",
}  # fmt: skip
_SIDES = {"estimated": "estimated, all contacts", "estimated_silent": "estimated, without an answer"}


def groups(table: pd.DataFrame, by: str) -> None:
    """Answered and estimated satisfaction of the groups of one grouping."""
    pair = by == "stage and channel"
    named = table[["group", "channel"] if pair else ["group"]].rename(columns={"group": "stage" if pair else by})
    figures = {
        "contacts": [amount(n, "count") for n in table["contacts"]],
        "n answered": [amount(n, "count") for n in table["n"]],
        "answered (mean)": _spans(table, "answered", "answered_low", "answered_high"),
        **{words: _spans(table, side, f"{side}_low", f"{side}_high") for side, words in _SIDES.items()},
    }
    st.dataframe(named.assign(**figures), hide_index=True, placeholder="–", alt="answered and estimated satisfaction")
    _ui.download(table, "estimates")


def experience(table: pd.DataFrame) -> None:
    """Estimated experience of stages without an answer on it."""
    st.subheader("Estimated experience of stages that were not asked about")
    shown = table[["stage"]].assign(
        contacts=[amount(n, "count") for n in table["contacts"]],
        **{"estimated experience (95 %)": _spans(table, "estimated", "low", "high")},
    )
    st.dataframe(shown, hide_index=True, placeholder="–", alt="estimated experience by stage")
    _ui.download(table, "estimated-experience")


def effects(table: pd.DataFrame) -> None:
    """The coefficients of the model."""
    shown = table[["what", "compared_with", "n"]].rename(columns={"compared_with": "compared with"})
    points = {"points (95 %)": _spans(table, "effect", "low", "high", "+")}
    st.dataframe(shown.assign(**points), hide_index=True, placeholder="–", alt="coefficients of the model")
    _ui.download(table, "estimate-effects")


def backtest(table: pd.DataFrame) -> None:
    """The figures of the test on later answers."""
    shown = table[list(_BACKTEST)].rename(columns=_BACKTEST).round(2)
    st.dataframe(shown, hide_index=True, alt="figures of the test on later answers")
    _ui.download(table, "estimate-backtest")


def bias(table: pd.DataFrame) -> None:
    """Groups with the bias of their estimate."""
    shown = table[["by", "group", "n"]].rename(columns={"n": "later answers"})
    figures = {"estimated minus answered (95 %)": _spans(table, "bias", "low", "high", "+"),
               "clear": ["yes" if biased else "" for biased in table["biased"]]}  # fmt: skip
    st.dataframe(shown.assign(**figures), hide_index=True, placeholder="–", alt="bias of the estimate by group")
    _ui.download(table, "estimate-bias")


def _spans(frame: pd.DataFrame, value: str, low: str, high: str, sign: str = "") -> list[str]:
    """A figure with its interval, row by row."""
    rows = frame[[value, low, high]].astype(float).itertuples(index=False)
    return ["–" if x != x else f"{x:{sign}.1f} ({a:{sign}.1f} to {b:{sign}.1f})" for x, a, b in rows]
