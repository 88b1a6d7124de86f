"""The course of a customer's mood, as points on a line from very bad to very good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from cx_metrics.charts.theme import TOTAL, laid_out, plain

MOODS = {"negative": ("#D55E00", "triangle-down"), "neutral": ("#999999", "circle"),
         "positive": ("#0072B2", "triangle-up")}  # fmt: skip


def mood_chart(places: Sequence[Any], moods: Sequence[float], labels: Sequence[str], axis: str) -> go.Figure:
    """Mood (-1 to 1) by place: messages numbered from 1, or times of contacts. labels: negative, neutral or positive.

    axis: what the places are, for the axis below.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=list(places), y=list(moods), mode="lines", line={"color": TOTAL, "width": 1.5}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip
    for name, (colour, symbol) in MOODS.items():
        own = [place for place, label in enumerate(labels) if label == name]
        if own:
            figure.add_scatter(
                x=[places[place] for place in own], y=[moods[place] for place in own], mode="markers", name=plain(name),
                marker={"size": 11, "color": colour, "symbol": symbol}, hovertemplate="%{x}: %{y:.2f}<extra></extra>",
            )  # fmt: skip
    laid_out(figure, height=190)
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_yaxes(
        range=[-1.1, 1.1], tickvals=[-1, 0, 1], ticktext=["very bad", "neutral", "very good"], title=None
    )
    figure.update_xaxes(title=axis)
    if places and isinstance(places[0], int):
        figure.update_xaxes(dtick=max(1, len(places) // 10))
    return figure
