"""Drivers and prices drawn: bars and points with whiskers, one row per signal; what may be chance is grey."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cx_metrics.charts.theme import PALETTE, TOTAL, laid_out, plain

_ROW = 34  # pixels
_GRID = "rgba(128,128,128,0.2)"
_UNSURE = "not distinguishable from zero"


def driver_chart(drivers: pd.DataFrame) -> go.Figure:
    """Weights as bars (left) and effects as points (right), the weightiest on top; rows without a weight are left out.

    drivers: title, n, hits, weight, low, high (0-1), effect, effect_low, effect_high (points), distinguishable.
    """
    shown = drivers.dropna(subset="weight").iloc[::-1]
    titles = ["explained, %", "effect, points"]
    figure = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.04, column_widths=[0.42, 0.58])
    colour, names = _colours(shown["distinguishable"]), _names(shown)
    weights = 100 * shown[["weight", "low", "high"]].astype(float)
    figure.add_bar(
        x=weights["weight"], y=names, orientation="h", marker={"color": colour}, row=1, col=1,
        error_x=_whiskers(weights["weight"], weights["low"], weights["high"]), text=_said(shown, "weight"),
        textposition="none", hovertemplate="%{y}: %{x:.1f} % of the differences<br>%{text}<extra></extra>",
    )  # fmt: skip
    effect, low, high = (shown[name].astype(float) for name in ("effect", "effect_low", "effect_high"))
    figure.add_scatter(
        x=effect, y=names, mode="markers", marker={"color": colour, "size": 10}, row=1, col=2,
        error_x=_whiskers(effect, low, high), text=_said(shown, "effect"),
        hovertemplate="%{y}: %{x:+.1f} points<br>%{text}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": TOTAL, "width": 1}, row=1, col=2)
    for column, title in enumerate(titles, start=1):
        figure.update_xaxes(title=title, row=1, col=column)
    figure.update_xaxes(rangemode="tozero", row=1, col=1)
    return _laid_out(figure, len(shown))


def hazard_chart(drivers: pd.DataFrame) -> go.Figure:
    """Hazard ratios as points on a ratio scale, with a line at 1. drivers: title, n, hits, hazard_ratio, low, high,
    distinguishable; rows without a ratio are left out."""
    shown = drivers.dropna(subset="hazard_ratio").iloc[::-1]
    ratio, low, high = (shown[name].astype(float) for name in ("hazard_ratio", "low", "high"))
    figure = go.Figure()
    figure.add_scatter(
        x=ratio, y=_names(shown), mode="markers", error_x=_whiskers(ratio, low, high),
        text=_said(shown, "hazard_ratio"), marker={"color": _colours(shown["distinguishable"]), "size": 10},
        hovertemplate="%{y}: %{x:.2f} times the rate<br>%{text}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=1, line={"color": TOTAL, "width": 1})
    ends = [float(low.min()), float(high.max())] if len(shown) else [0.5, 2.0]
    span = [np.log10(min(ends[0], 0.8)) - 0.03, np.log10(max(ends[1], 1.25)) + 0.03]
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10) if span[0] <= np.log10(tick) <= span[1]]
    figure.update_xaxes(
        type="log", range=span, tickvals=ticks, title="rate with the signal / rate without (ratio scale)"
    )
    return _laid_out(figure, len(shown))


def price_chart(parts: pd.DataFrame, title: str) -> go.Figure:
    """Parts of a price as bars, the largest on top; those whose interval holds zero are grey. parts: title, value, low,
    high. title: of the value axis."""
    shown = parts.dropna(subset="value").sort_values("value", ascending=True, kind="stable")
    value, low, high = (shown[name].astype(float) for name in ("value", "low", "high"))
    clear = (low > 0) | (high < 0)
    figure = go.Figure()
    figure.add_bar(
        x=value, y=_names(shown), orientation="h", marker={"color": _colours(clear, PALETTE[5])},
        error_x=_whiskers(value, low, high), textposition="none",
        text=[f"{a:,.1f} to {b:,.1f}" + ("" if sure else f"<br>{_UNSURE}")
              for a, b, sure in zip(low, high, clear, strict=True)],
        hovertemplate="%{y}: %{x:,.1f}<br>%{text}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": TOTAL, "width": 1})
    figure.update_xaxes(title=plain(title))
    return _laid_out(figure, len(shown))


def _names(shown: pd.DataFrame) -> list[str]:
    return [plain(title) for title in shown["title"]]


def _colours(clear: Sequence[bool] | pd.Series, colour: str = PALETTE[0]) -> list[str]:
    return [colour if sure else "#BBBBBB" for sure in clear]


def _whiskers(value: pd.Series, low: pd.Series, high: pd.Series) -> dict[str, object]:
    return {"type": "data", "symmetric": False, "array": list(high - value), "arrayminus": list(value - low),
            "thickness": 1.5, "color": TOTAL}  # fmt: skip


def _said(shown: pd.DataFrame, figure: str) -> list[str]:
    """Interval and n of each row, for the hover box."""
    ends = ("effect_low", "effect_high") if figure == "effect" else ("low", "high")
    scale = 100 if figure == "weight" else 1
    digits = 2 if figure == "hazard_ratio" else 1
    return [
        f"{scale * row[ends[0]]:.{digits}f} to {scale * row[ends[1]]:.{digits}f}<br>there in {row['hits']:,.0f} of "
        f"{row['n']:,.0f}" + ("" if row["distinguishable"] else f"<br>{_UNSURE}")
        for row in shown.to_dict("records")
    ]


def _laid_out(figure: go.Figure, rows: int) -> go.Figure:
    laid_out(figure, height=90 + _ROW * max(rows, 1), showlegend=False)
    figure.update_layout(hovermode="closest", dragmode=False, margin={"t": 8})
    figure.update_xaxes(showgrid=True, gridcolor=_GRID, zeroline=False)
    figure.update_yaxes(showgrid=False)
    return figure
