"""Tables of the surveys page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.wording import amount
from pages import _tables


def weighted(frame: pd.DataFrame) -> None:
    """Raw and weighted figures side by side, with what the model knows. frame: as `surveys_weighted.weighted` gives."""
    rows = []
    for place, row in enumerate(frame.to_dict("records")):
        own, unit = frame.iloc[[place]], str(row["unit"])
        rows.append({
            "figure": row["figure"], "invitations": amount(row["invitations"], "count"),
            "answers": amount(row["answers"], "count"), "answered (95 %)": _tables.spans(own, "raw", "raw", unit)[0],
            "weighted (95 %)": _span(own, unit), "effective n": amount(row["effective_n"], "count"),
            "answered minus weighted, points (95 %)": _tables.spans(own, "difference", "difference", "points")[0],
            "p, all figures together": _tables.p_value(row["p_holm"]),
            "weights cut, % of answers": amount(row["trimmed"], "%").removesuffix(" %"), "in the model": row["traits"],
            "varies, not in the model": row["left_out"], "why there is none": row["why"],
        })  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", alt="raw and weighted figures")


def _span(row: pd.DataFrame, unit: str) -> str:
    named = row[["value", "low", "high"]].set_axis(["value", "value_low", "value_high"], axis=1)
    return _tables.spans(named, "value", "value", unit)[0]


def not_asked(frame: pd.DataFrame) -> None:
    """Moments without any survey. frame: stage, channel ("" = all), contacts."""
    shown = frame.assign(channel=[name or "all channels" for name in frame["channel"]],
                         contacts=[amount(n, "count") for n in frame["contacts"]])  # fmt: skip
    st.dataframe(shown, hide_index=True, placeholder="–", alt="moments without a survey")


def held(frame: pd.DataFrame, scales: pd.DataFrame) -> None:
    """What survey data consist of, with the scales of each instrument. frame, scales: of `surveys_hygiene`."""
    spelled = {
        name: ", ".join(f"{low:g}-{high:g} (n = {amount(n, 'count') if n == n else 'below 5'})" for low, high, n in
                        part[["scale_min", "scale_max", "n"]].itertuples(index=False))
        for name, part in scales.groupby("instrument")
    }  # fmt: skip
    counts = ["invitations", "answered", "answers", "superseded", "anonymous"]
    shown = frame.assign(**{name: [amount(n, "count") for n in frame[name]] for name in ("n", *counts)})
    shown["answered, %"] = _tables.spans(frame.rename(columns={"low": "rate_low", "high": "rate_high"}), "rate", "rate",
                                         "%")  # fmt: skip
    shown["scales of customers' answers"] = [spelled.get(name, "") for name in frame["instrument"]]
    columns = ["instrument", "respondent", "source", "n", "invitations", "answered, %", "answers", "superseded",
               "anonymous", "scales of customers' answers"]  # fmt: skip
    words = {"n": "rows", "answers": "answers that count", "superseded": "replaced by a later one"}
    st.dataframe(shown[columns].rename(columns=words), hide_index=True, placeholder="–", alt="what survey data hold")
