"""Expectations against what came."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import MARK, colours, laid_out, plain
from cx_metrics.scope import short_date
from cx_metrics.wording import amount, interval


def marked_chart(rows: pd.DataFrame, unit: str) -> go.Figure:
    """Points: what was expected (with the stated range) across, what came (with its 95 % interval) up.

    A colour per team. On the grey diagonal the two are equal. rows: team, metric, first_day, last_day, expected,
    expected_low, expected_high, value, low, high; all of one unit.
    """
    figure = go.Figure()
    numbers = rows[["expected", "expected_low", "expected_high", "value", "low", "high"]].astype(float)
    ends = [float(numbers.min().min()), float(numbers.max().max())] if len(rows) else [0.0, 1.0]
    figure.add_scatter(x=ends, y=ends, mode="lines", line={"color": MARK, "dash": "dot"}, hoverinfo="skip",
                       showlegend=False, name="equal")  # fmt: skip
    teams = sorted(set(rows["team"]))
    for team, colour in colours(teams).items():
        mine = numbers[(rows["team"] == team).to_numpy()]
        figure.add_scatter(
            x=mine["expected"], y=mine["value"], mode="markers", name=plain(team),
            marker={"color": colour, "size": 9}, hovertemplate="%{text}<extra></extra>",
            text=[_said(row, unit) for row in rows[rows["team"] == team].to_dict("records")],
            error_x=_bars(mine["expected"], mine["expected_low"], mine["expected_high"]),
            error_y=_bars(mine["value"], mine["low"], mine["high"]),
        )  # fmt: skip
    laid_out(figure, showlegend=len(teams) > 1)
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title=f"expected, {unit}", showgrid=True, gridcolor="rgba(128,128,128,0.2)")
    figure.update_yaxes(title=f"what came, {unit}")
    return figure


def _bars(value: pd.Series[Any], low: pd.Series[Any], high: pd.Series[Any]) -> dict[str, Any]:
    """An interval as whiskers; none where there is none."""
    up, down = (high - value).fillna(0.0), (value - low).fillna(0.0)
    return {"type": "data", "symmetric": False, "array": list(up), "arrayminus": list(down), "thickness": 1}


def _said(row: dict[Any, Any], unit: str) -> str:
    stated = interval(row["expected_low"], row["expected_high"], unit)
    sure = "" if stated == "–" else f" ({stated})"
    came = f"{amount(row['value'], unit)} ({interval(row['low'], row['high'], unit)})"
    days = f"{short_date(row['first_day'])} to {short_date(row['last_day'])}"
    expected = f"expected {amount(row['expected'], unit)}{sure}"
    return f"{plain(row['team'])}, {plain(row['metric'])}<br>{days}<br>{expected}, came {came}"
