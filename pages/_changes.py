"""Parts of a change on a page: their chart and their table."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.analyses.change_tables import ALL
from cx_metrics.analyses.change_words import ends, signed, words
from cx_metrics.charts.changes import NAMES, dimension_chart, parts_chart
from cx_metrics.wording import amount
from pages import _ui

STILL = {"displayModeBar": False}


def axis(unit: str) -> str:
    """The title of an axis of parts."""
    return f"part of the change, {'points' if unit in ('%', 'points') else unit}"


def said(parts: pd.DataFrame, unit: str) -> list[str]:
    """Each part with its interval, and whether it is clear."""
    return [
        f"{NAMES[part]} {signed(size, unit)} ({ends(low, high, unit)})" + ("" if clear else ", not clear")
        for part, size, low, high, clear in parts[["part", "size", "low", "high", "clear"]].itertuples(index=False)
    ]


def overview(parts: pd.DataFrame, unit: str, alt: str) -> None:
    """How much of the change is mix by each dimension, most first."""
    whole = parts[parts["group"] == ALL]
    mix = whole[whole["part"] == "mix"].set_index("dimension")["size"].abs().sort_values(ascending=False)
    whole = whole.set_index("dimension").loc[list(mix.index)].reset_index()
    names = {name: words(name) for name in mix.index}
    st.plotly_chart(
        dimension_chart(whole, axis(unit), names, said(whole, unit)), key="dimensions", config=STILL, alt=alt
    )
    with st.expander("The figures of the chart", icon=":material/table:"):
        table(whole.assign(group=[names[name] for name in whole["dimension"]]), unit, "by")
        _ui.download(whole, "change-by-dimension")


def groups(parts: pd.DataFrame, unit: str, key: str, column: str, alt: str) -> None:
    """Parts by group, the largest first, all together on top."""
    largest = parts.assign(far=parts["size"].abs()).groupby("group")["far"].max().sort_values(ascending=False)
    order = [ALL, *(name for name in largest.index if name != ALL)] if ALL in largest.index else list(largest.index)
    own = parts.set_index("group").loc[order].reset_index()
    st.plotly_chart(parts_chart(own, axis(unit), said(own, unit)), key=key, config=STILL, alt=alt)
    with st.expander("The figures of the chart", icon=":material/table:", expanded=key == "groups"):
        table(own, unit, column)
        _ui.download(own, f"change-{key}")


def table(parts: pd.DataFrame, unit: str, column: str) -> None:
    """One row per group: n, share and value in both periods, and each part with its interval, a star at clear ones."""
    rows: dict[str, dict[str, str]] = {}
    for row in parts.to_dict("records"):
        shown = rows.setdefault(str(row["group"]), {column: str(row["group"])})
        for side in ("before", "now"):
            for what, of in (("n", "count"), ("share", "%"), ("value", unit)):
                shown[f"{what} {side}"] = amount(row[f"{what}_{side}"], of)
        known = row["low"] == row["low"]
        reach = f" ({ends(row['low'], row['high'], unit)})" if known else ""
        shown[NAMES[str(row["part"])]] = f"{signed(row['size'], unit)}{reach}{' *' if row['clear'] else ''}"
    st.dataframe(pd.DataFrame(rows.values()), hide_index=True, placeholder="–", alt="parts of the change")
