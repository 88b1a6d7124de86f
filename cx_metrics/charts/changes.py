"""A change taken apart as bars: what changed within groups, what their mix did; grey is not more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import MARK, PALETTE, TOTAL, laid_out, plain

COLOURS = {"within": PALETTE[0], "mix": PALETTE[1], "contribution": PALETTE[0], "difference": PALETTE[0]}
NAMES = {"within": "within groups", "mix": "mix", "contribution": "contribution", "difference": "own change"}
_ROW = 30  # pixels of a bar


def parts_chart(parts: pd.DataFrame, title: str, texts: Sequence[str], most: int = 15) -> go.Figure:
    """Bars of each group with their intervals, one per part, in the order of the rows; striped bars are mix.

    parts: group, part, size, low, high, clear. title: of the axis. texts: what hovering says, one per row.
    """
    groups = list(dict.fromkeys(parts["group"]))[:most]
    figure = go.Figure()
    own = parts.assign(said=list(texts))
    own = own[own["group"].isin(groups)]
    for part in dict.fromkeys(own["part"]):
        rows = own[own["part"] == part]
        figure.add_bar(
            orientation="h", y=[plain(group) for group in rows["group"]], x=rows["size"], name=NAMES[part],
            marker=_look(part, rows["clear"]), showlegend=False, hovertext=rows["said"], offsetgroup=part,
            hovertemplate="%{y}<br>%{hovertext}<extra></extra>",
            error_x={"type": "data", "symmetric": False, "array": rows["high"] - rows["size"],
                     "arrayminus": rows["size"] - rows["low"], "thickness": 1, "width": 3, "color": TOTAL},
        )  # fmt: skip
    _legend(figure, list(dict.fromkeys(own["part"])))
    return _finished(figure, title, [plain(group) for group in groups], len(set(own["part"])))


def dimension_chart(whole: pd.DataFrame, title: str, names: Mapping[str, str], texts: Sequence[str]) -> go.Figure:
    """How much of the change is mix by each dimension: bars of within and mix that add up to the same change.

    whole: dimension, part, size, clear, of all groups together. names: dimension -> its words.
    """
    figure, own = go.Figure(), whole.assign(said=list(texts))
    for part in dict.fromkeys(own["part"]):
        rows = own[own["part"] == part]
        figure.add_bar(
            orientation="h", y=[plain(names[name]) for name in rows["dimension"]], x=rows["size"], name=NAMES[part],
            marker=_look(part, rows["clear"]), showlegend=False, hovertext=rows["said"],
            hovertemplate="%{y}<br>%{hovertext}<extra></extra>",
        )  # fmt: skip
    _legend(figure, list(dict.fromkeys(own["part"])))
    order = [plain(names[name]) for name in dict.fromkeys(own["dimension"])]
    return _finished(figure, title, order, 1).update_layout(barmode="relative")


def _look(part: str, clear: pd.Series[bool]) -> dict[str, object]:
    colours = [COLOURS[part] if sure else MARK for sure in clear]
    pattern = {"shape": "/" if part == "mix" else "", "fgcolor": "rgba(255,255,255,0.7)", "fillmode": "overlay"}
    return {"color": colours, "pattern": pattern}


def _legend(figure: go.Figure, parts: Sequence[str]) -> None:
    for part in parts:
        look = _look(part, pd.Series([True]))
        figure.add_bar(x=[None], y=[None], name=NAMES[part], marker=look, orientation="h", offsetgroup=part)
    grey = {"color": MARK}
    figure.add_bar(x=[None], y=[None], name="no clear change", marker=grey, orientation="h", offsetgroup=parts[0])


def _finished(figure: go.Figure, title: str, order: Sequence[str], bars: int) -> go.Figure:
    laid_out(figure, height=110 + _ROW * max(len(order), 1) * (bars + 1) // 2)
    figure.update_layout(hovermode="closest", dragmode=False, bargap=0.25)
    figure.add_vline(x=0, line={"color": TOTAL, "width": 1})
    figure.update_xaxes(title=title, showgrid=True)
    figure.update_yaxes(categoryorder="array", categoryarray=list(order)[::-1])
    return figure
