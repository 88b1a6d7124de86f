"""Estimates drawn apart from answers: filled points were said, hollow ones with dashed whiskers are estimated."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import PALETTE, TOTAL, laid_out, plain

ANSWERED, ESTIMATED = "answered (mean)", "estimated, of contacts without an answer"
MOST = 30  # groups that are drawn
_ROW = 38  # pixels
_GRID = "rgba(128,128,128,0.2)"
_UNSURE = "#BBBBBB"


def estimate_chart(table: pd.DataFrame, most: int = MOST) -> go.Figure:
    """One row per group, answers above, estimate below; the first group on top.

    table: group, channel (of a pair, else missing), n, answered, answered_low, answered_high, estimated_silent,
    estimated_silent_low, estimated_silent_high (0-100). most: groups, in the order of the table.
    """
    shown = table[table["estimated_silent"].notna() | table["answered"].notna()].head(most).iloc[::-1]
    names = [_name(group, channel) for group, channel in shown[["group", "channel"]].itertuples(index=False)]
    place = range(len(names))
    figure = go.Figure()
    silent = shown[["estimated_silent", "estimated_silent_low", "estimated_silent_high"]].astype(float)
    _dashed(figure, silent, [row - 0.14 for row in place])
    figure.add_scatter(
        x=silent["estimated_silent"], y=[row - 0.14 for row in place], mode="markers", name=ESTIMATED,
        marker={"color": PALETTE[5], "size": 10, "symbol": "circle-open", "line": {"width": 2}}, text=names,
        customdata=silent, hovertemplate="%{text}<br>estimated %{x:.1f} (%{customdata[1]:.1f} to %{customdata[2]:.1f})"
        "<extra></extra>",
    )  # fmt: skip
    said = shown[["answered", "answered_low", "answered_high", "n"]].astype(float)
    figure.add_scatter(
        x=said["answered"], y=[row + 0.14 for row in place], mode="markers", name=ANSWERED,
        marker={"color": PALETTE[0], "size": 10}, error_x=_whiskers(said, "answered", "answered_low", "answered_high"),
        text=names, customdata=said,
        hovertemplate="%{text}<br>answered %{x:.1f} (%{customdata[1]:.1f} to %{customdata[2]:.1f}), n = "
        "%{customdata[3]:,.0f}<extra></extra>",
    )  # fmt: skip
    _laid_out(figure, len(names), showlegend=True)
    figure.update_xaxes(title="satisfaction, 0-100")
    figure.update_yaxes(tickvals=list(place), ticktext=names, range=[-0.6, max(len(names), 1) - 0.4])
    return figure


def _dashed(figure: go.Figure, silent: pd.DataFrame, places: list[float]) -> None:
    """Whiskers as one dashed line, broken between rows."""
    ends: list[float | None] = []
    heights: list[float | None] = []
    for place, (_, low, high) in zip(places, silent.itertuples(index=False), strict=True):
        if low == low:
            ends += [low, high, None]
            heights += [place, place, None]
    figure.add_scatter(
        x=ends, y=heights, mode="lines", line={"color": PALETTE[5], "width": 1.5, "dash": "dot"}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def calibration_chart(calibration: pd.DataFrame) -> go.Figure:
    """What was expected of later answers against what they were, with a line where both are the same.

    calibration: n, estimated, answered, low, high (0-100), one row per tenth.
    """
    figure = go.Figure()
    values = calibration[["estimated", "answered", "low", "high"]].astype(float)
    ends = [float(values.min().min()), float(values.max().max())] if len(values) else [0.0, 100.0]
    span = [max(ends[0] - 3, 0.0), min(ends[1] + 3, 100.0)]
    figure.add_scatter(
        x=span, y=span, mode="lines", line={"color": TOTAL, "width": 1, "dash": "dash"}, name="estimated = answered",
        hoverinfo="skip",
    )  # fmt: skip
    whiskers = {"type": "data", "symmetric": False, "array": list(values["high"] - values["answered"]),
                "arrayminus": list(values["answered"] - values["low"]), "thickness": 1.5, "color": TOTAL}  # fmt: skip
    figure.add_scatter(
        x=values["estimated"], y=values["answered"], mode="markers", name="later answers, in order of the estimate",
        marker={"color": PALETTE[0], "size": 10}, error_y=whiskers, text=[f"{n:,.0f}" for n in calibration["n"]],
        hovertemplate="estimated %{x:.1f}, answered %{y:.1f}, n = %{text}<extra></extra>",
    )  # fmt: skip
    laid_out(figure, height=420)
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title="estimated, 0-100", range=span, showgrid=True, gridcolor=_GRID, zeroline=False)
    figure.update_yaxes(title="answered, 0-100", range=span, zeroline=False)
    return figure


def effect_chart(effects: pd.DataFrame, most: int = 20) -> go.Figure:
    """Coefficients in points with their intervals, the largest on top; those that may be nothing are grey.

    effects: what, compared_with, n, effect, low, high, clear. most: the largest that are drawn.
    """
    size = effects["effect"].astype(float).abs().sort_values(ascending=False, kind="stable")
    shown = effects.loc[size.index].head(most).iloc[::-1]
    values = shown[["effect", "low", "high"]].astype(float)
    names = [plain(what) for what in shown["what"]]
    figure = go.Figure()
    figure.add_scatter(
        x=values["effect"], y=names, mode="markers", customdata=values,
        marker={"color": [PALETTE[0] if clear else _UNSURE for clear in shown["clear"]], "size": 10},
        error_x=_whiskers(values, "effect", "low", "high"),
        text=[f"against {plain(usual)}, n = {n:,.0f}" + ("" if clear else "<br>not distinguishable from zero")
              for usual, n, clear in shown[["compared_with", "n", "clear"]].itertuples(index=False)],
        hovertemplate="%{y}: %{x:+.1f} points (%{customdata[1]:+.1f} to %{customdata[2]:+.1f})<br>%{text}"
        "<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": TOTAL, "width": 1})
    _laid_out(figure, len(names), showlegend=False, row=26)
    figure.update_xaxes(title="points of satisfaction, 0-100")
    return figure


def _name(group: object, channel: object) -> str:
    return plain(group) if channel is None or channel != channel else f"{plain(group)}, {plain(channel)}"


def _whiskers(values: pd.DataFrame, value: str, low: str, high: str) -> dict[str, object]:
    return {"type": "data", "symmetric": False, "array": list(values[high] - values[value]),
            "arrayminus": list(values[value] - values[low]), "thickness": 1.5, "color": TOTAL}  # fmt: skip


def _laid_out(figure: go.Figure, rows: int, showlegend: bool, row: int = _ROW) -> None:
    laid_out(figure, height=110 + row * max(rows, 1), showlegend=showlegend)
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(showgrid=True, gridcolor=_GRID, zeroline=False)
    figure.update_yaxes(showgrid=False)
