"""What came of stepping in: those contacted beside comparable ones whom nobody contacted, group by group."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import PALETTE, TOTAL, laid_out, plain
from cx_metrics.wording import amount, interval

SIDES = {"contacted": ("contacted by a person", PALETTE[0], -0.12),
         "others": ("comparable, contacted by nobody", TOTAL, 0.12)}  # fmt: skip
_ROW = 44  # pixels of a group


def recovery_chart(effects: pd.DataFrame, title: str) -> go.Figure:
    """Two dots with their 95 % intervals for each group that has both; the first group on top.

    effects: name, and for both of SIDES S: S, n_S, S_low, S_high in per cent; rows in the order to draw. title: of the
    value axis.
    """
    own = effects.dropna(subset=list(SIDES)).iloc[::-1]
    figure = go.Figure()
    places = list(range(len(own)))
    for side, (words, colour, shift) in SIDES.items():
        value, low, high = (own[f"{side}{end}"].astype(float) for end in ("", "_low", "_high"))
        said = [
            f"{plain(words)}: {amount(x, '%')} ({interval(below, above, '%')}), n = {n:,.0f}"
            for x, below, above, n in zip(value, low, high, own[f"n_{side}"], strict=True)
        ]
        figure.add_scatter(
            x=value, y=[place - shift for place in places], mode="markers", name=words, hovertext=said,
            marker={"color": colour, "size": 10, "symbol": "circle" if side == "contacted" else "diamond"},
            error_x={"type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low,
                     "thickness": 1.5, "color": colour},
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    laid_out(figure, height=110 + _ROW * max(len(own), 1))
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title=title, showgrid=True)
    names = [plain(name) for name in own["name"]]
    figure.update_yaxes(tickvals=places, ticktext=names, range=[-0.6, max(len(own), 1) - 0.4])
    return figure
