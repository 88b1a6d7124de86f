"""Channels side by side on the same reason: dots that lie together where help is the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import MARK, PALETTE, TOTAL, colours, laid_out, plain
from cx_metrics.wording import amount, interval

ALL, INDEX = "All reasons", "index"  # all reasons together; the measure that sums the others up
MEASURES = {
    "resolved": "resolved, % of contacts",
    "repeat": "came back on the same reason, % of contacts",
    "slow": "took longer than the reason's median, % of contacts",
}
_ROW, _SMALLEST, _LARGEST = 34, 8.0, 26.0  # pixels: of a reason, of a dot


def channel_chart(channels: pd.DataFrame, measure: str, most: int = 12) -> go.Figure:
    """A line for each reason, the largest on top, with a dot for each channel; dot area by n, hollow below n = 30.

    channels: reason, channel, measure, n, share (%), low, high, compared; rows in the order to draw. most: reasons.
    """
    own = channels[(channels["measure"] == measure) & channels["share"].notna()]
    reasons = list(dict.fromkeys(own["reason"]))[:most]
    own = own[own["reason"].isin(reasons)]
    figure = go.Figure()
    ends = own.groupby("reason")["share"].agg(["min", "max"])
    for reason, low, high in ends.itertuples():
        figure.add_scatter(
            x=[low, high], y=[plain(reason)] * 2, mode="lines", line={"color": MARK, "width": 1}, hoverinfo="skip",
            showlegend=False,
        )  # fmt: skip
    largest = float(own["n"].max()) if len(own) else 1.0
    for channel, colour in colours(own["channel"]).items():
        part = own[own["channel"] == channel]
        size = np.maximum(_LARGEST * np.sqrt(part["n"].to_numpy(dtype=float) / largest), _SMALLEST)
        figure.add_scatter(
            x=part["share"], y=[plain(reason) for reason in part["reason"]], mode="markers", name=plain(channel),
            marker={"color": colour, "size": size,
                    "symbol": ["circle" if compared else "circle-open" for compared in part["compared"]]},
            hovertext=[f"{plain(channel)}: {amount(share, '%')} ({interval(low, high, '%')}), n = {n:,.0f}"
                       for share, low, high, n in part[["share", "low", "high", "n"]].itertuples(index=False)],
            hovertemplate="%{y}<br>%{hovertext}<extra></extra>",
        )  # fmt: skip
    laid_out(figure, height=100 + _ROW * max(len(reasons), 1))
    figure.update_layout(hovermode="closest", dragmode=False, legend={"itemsizing": "constant"})
    figure.update_xaxes(title=MEASURES[measure], showgrid=True)
    figure.update_yaxes(categoryorder="array", categoryarray=[plain(reason) for reason in reasons[::-1]])
    return figure


def spread_chart(spread: pd.DataFrame, most: int = 13) -> go.Figure:
    """The index of each reason with its interval, all reasons together on top; 100 is the same on every channel.

    spread: reason, measure, channels, n, value, low, high; rows in the order to draw.
    """
    own = spread[spread["measure"] == INDEX].head(most).iloc[::-1]
    figure = go.Figure()
    figure.add_scatter(
        x=own["value"], y=[plain(reason) for reason in own["reason"]], mode="markers", showlegend=False,
        marker={"color": [PALETTE[5] if reason == ALL else PALETTE[0] for reason in own["reason"]], "size": 10},
        error_x={"type": "data", "symmetric": False, "array": own["high"] - own["value"],
                 "arrayminus": own["value"] - own["low"], "thickness": 1.5, "color": TOTAL},
        hovertext=[f"{value:.1f} ({low:.1f} to {high:.1f}), {channels:.0f} channels, n = {n:,.0f}" for
                   value, low, high, channels, n in
                   own[["value", "low", "high", "channels", "n"]].itertuples(index=False)],
        hovertemplate="%{y}<br>%{hovertext}<extra></extra>",
    )  # fmt: skip
    laid_out(figure, height=70 + 26 * max(len(own), 1))
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title="consistency index, 100 = the same on every channel", showgrid=True)
    figure.update_yaxes(categoryorder="array", categoryarray=[plain(reason) for reason in own["reason"]])
    return figure
