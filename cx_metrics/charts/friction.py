"""Friction drawn: a map of stage by channel, and signals side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import PALETTE, laid_out, plain
from cx_metrics.wording import amount, interval

_ROW = 46  # pixels
_SCALE = [[0.0, "#fbe9dd"], [0.5, "#e8935a"], [1.0, "#8f2d00"]]  # one hue, light to dark: readable without colour too
_DARK_FROM = 0.55  # of the scale: lighter letters from here on


def heat_chart(
    cells: pd.DataFrame, stages: Sequence[str], channels: Sequence[str], chosen: tuple[str, str]
) -> go.Figure:
    """Shares by stage (rows) and channel (columns), each with its n; hidden ones are grey.

    cells: stage, channel, n, value (%), low, high. chosen: stage and channel to frame, "" for none. Each cell carries
    a point with (stage, channel) as customdata, which can be clicked.
    """
    at = cells.set_index(["stage", "channel"]).reindex(pd.MultiIndex.from_product([stages, channels])).reset_index()
    at.columns = ["stage", "channel", *at.columns[2:]]
    values = at["value"].astype(float)
    low, high = (0.0, max(float(values.max()), 1.0)) if values.notna().any() else (0.0, 1.0)
    dark = (values - low) / (high - low) >= _DARK_FROM
    rows = [len(stages) - 1 - list(stages).index(stage) for stage in at["stage"]]
    columns = [list(channels).index(channel) for channel in at["channel"]]
    figure = go.Figure()
    grid = values.to_numpy().reshape(len(stages), len(channels))[::-1]
    figure.add_heatmap(
        z=grid, zmin=low, zmax=high, colorscale=_SCALE, showscale=False, xgap=2, ygap=2, hoverinfo="skip",
        x=list(range(len(channels))), y=list(range(len(stages))),
    )  # fmt: skip
    figure.add_scatter(
        x=columns, y=rows, mode="markers+text", showlegend=False, text=[_short(row) for row in at.itertuples()],
        textfont={"size": 11, "color": ["#ffffff" if d else "#7f7f7f" if pd.isna(v) else "#1a1a1a"
                                        for d, v in zip(dark, values, strict=True)]},
        marker={"size": 34, "symbol": "square", "color": "rgba(0,0,0,0)"},
        customdata=at[["stage", "channel"]].to_numpy().tolist(),
        hovertext=[_said(row) for row in at.itertuples()], hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}, "textfont": {"color": None}},
    )  # fmt: skip
    _frame(figure, stages, channels, chosen)
    laid_out(figure, height=60 + _ROW * max(len(stages), 1))
    figure.update_layout(hovermode="closest", dragmode=False, clickmode="event+select")
    figure.update_xaxes(tickvals=list(range(len(channels))), ticktext=[plain(name) for name in channels], side="top",
                        range=[-0.5, len(channels) - 0.5], zeroline=False)  # fmt: skip
    figure.update_yaxes(tickvals=list(range(len(stages))), ticktext=[plain(name) for name in reversed(stages)],
                        range=[-0.5, len(stages) - 0.5], showgrid=False, zeroline=False)  # fmt: skip
    return figure


def _frame(figure: go.Figure, stages: Sequence[str], channels: Sequence[str], chosen: tuple[str, str]) -> None:
    if chosen[0] in stages and chosen[1] in channels:
        x, y = list(channels).index(chosen[1]), len(stages) - 1 - list(stages).index(chosen[0])
        figure.add_shape(type="rect", x0=x - 0.48, x1=x + 0.48, y0=y - 0.46, y1=y + 0.46,
                         line={"color": PALETTE[0], "width": 3})  # fmt: skip


def _short(row: object) -> str:
    n, value = getattr(row, "n", None), getattr(row, "value", None)
    if n is None or pd.isna(n):
        return "hidden" if _hidden(row) else ""
    count = f"{n:.0f}" if n < 1000 else f"{n / 1000:.1f}k" if n < 100_000 else f"{n / 1000:.0f}k"
    small = f"<span style='font-size:9px'>{count}</span>"
    return f"–<br>{small}" if pd.isna(value) else f"<b>{value:.0f}</b><br>{small}"


def _hidden(row: object) -> bool:
    return getattr(row, "suppressed", None) in (True, 1)


def _said(row: object) -> str:
    stage, channel, n, value = (getattr(row, name) for name in ("stage", "channel", "n", "value"))
    place = f"{plain(stage)} by {plain(channel)}"
    if n is None or pd.isna(n):
        return f"{place}<br>{'fewer than 5: hidden' if _hidden(row) else 'none'}"
    if pd.isna(value):
        return f"{place}<br>n = {n:,.0f}: too few for a share"
    low, high = getattr(row, "low", None), getattr(row, "high", None)
    return f"{place}<br>{amount(value, '%')} ({interval(low, high, '%')})<br>n = {n:,.0f}"


def signal_chart(signals: pd.DataFrame) -> go.Figure:
    """How frequent the signals are, the most frequent on top. signals: title, n, value, low, high, of_all (%).

    Bars are per cent of all; the share among those that can be judged, with its interval, is told on hover.
    """
    shown = signals.dropna(subset="of_all").iloc[::-1]
    figure = go.Figure()
    figure.add_bar(
        x=shown["of_all"], y=[plain(title) for title in shown["title"]], orientation="h", marker={"color": PALETTE[5]},
        text=[f"{amount(value, '%')} ({interval(low, high, '%')}) of those that can be judged, n = {n:,.0f}"
              for n, value, low, high in shown[["n", "value", "low", "high"]].itertuples(index=False)],
        textposition="none", hovertemplate="%{y}: %{x:.1f} % of all<br>%{text}<extra></extra>", showlegend=False,
    )  # fmt: skip
    laid_out(figure, height=90 + 30 * max(len(shown), 1))
    figure.update_layout(hovermode="closest", dragmode=False, margin={"t": 8})
    figure.update_xaxes(title="share of all, %", rangemode="tozero", showgrid=True, gridcolor="rgba(128,128,128,0.2)")
    return figure
