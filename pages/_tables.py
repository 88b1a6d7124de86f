"""Tables of shares and of comparisons, with their numbers in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.wording import amount, interval, is_missing
from pages import _cards


def shares(frame: pd.DataFrame, columns: Sequence[str], words: dict[str, str] | None = None) -> None:
    """A table of shares (share, low, high in per cent, n, suppressed) with these columns in front."""
    kept = frame.rename(columns={"share": "value"})[[*columns, "n", "value", "low", "high", "suppressed"]]
    _cards.table(kept.rename(columns=words or {}), "%")


def comparison(frame: pd.DataFrame, columns: Sequence[str], sides: dict[str, str], left_out: dict[str, str]) -> None:
    """Two sides and their difference, row by row.

    frame: columns, unit, and for each side S: S, n_S and perhaps S_low and S_high; difference, low, high. sides: S ->
    its words. left_out: column of contacts without a partner -> its words.
    """
    rows = [
        {
            **{name: row[name] for name in columns},
            **{words: _side(row, side) for side, words in sides.items()},
            "difference": _difference(row), "95 %": _span(row),
            **{words: row[name] for name, words in left_out.items()},
        }
        for row in frame.to_dict("records")
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", alt="two sides and their difference")


def _side(row: dict[Any, Any], side: str) -> str:
    n, value = row[f"n_{side}"], row[side]
    count = "n below 5" if n is None or n != n else f"n = {amount(n, 'count')}"
    if value is None or is_missing(value):
        return f"– ({count})"
    low, high = (row.get(f"{side}_{end}") for end in ("low", "high"))
    span = "" if low is None or high is None else f"{interval(low, high, row['unit'])}, "
    return f"{amount(value, row['unit'])} ({span}{count})"


def _difference(row: dict[Any, Any]) -> str:
    return amount(row["difference"], _of_change(row))


def _span(row: dict[Any, Any]) -> str:
    return interval(row["low"], row["high"], _of_change(row))


def _of_change(row: dict[Any, Any]) -> str:
    return "points" if row["unit"] == "%" else str(row["unit"])


def p_value(value: Any) -> str:
    """A p value for people."""
    return "–" if value is None or value != value else "< 0.001" if value < 0.001 else f"{value:.3f}"


def spans(frame: pd.DataFrame, value: str, ends: str, unit: str) -> list[str]:
    """A figure with its interval, row by row; "–" where there is none."""
    columns = [value, f"{ends}_low", f"{ends}_high"]
    return [
        "–" if x != x else f"{amount(x, unit)} ({interval(low, high, unit)})"
        for x, low, high in frame[columns].astype(float).itertuples(index=False)
    ]
