"""Bots and self-service drawn: what became of their contacts, and where they leave customers stuck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import MARK, PALETTE, laid_out, plain
from cx_metrics.wording import amount, interval

DURABLE, ESCALATED, SAME, ELSEWHERE, SOMEWHERE, UNRESOLVED, ABANDONED = (
    "durable", "handed on", "returned on the same channel", "returned on another channel",
    "returned, channel not given", "unresolved", "abandoned",
)  # fmt: skip
COLOURS = {
    DURABLE: PALETTE[2], ESCALATED: PALETTE[0], SAME: PALETTE[4], ELSEWHERE: PALETTE[1], SOMEWHERE: PALETTE[7],
    UNRESOLVED: PALETTE[3], ABANDONED: PALETTE[5],
}  # fmt: skip
HANDLERS = {"bot": "bot", "self_service": "self-service"}
Row = dict[Any, Any]
_ROW, _ROOM = 34, 4.0  # pixels of a bar; per cent that a number needs within it


def handler(name: str) -> str:
    """Who handled a contact, for people."""
    return HANDLERS.get(name, name)


def containment_chart(parts: pd.DataFrame, group: str | None = None) -> go.Figure:
    """A bar of 100 % for each handler (and group): what became of its contacts.

    parts: handled_by, part (of COLOURS), n, contacts, share (%), low, high, and the column `group`; cells without a
    share are left out.
    """
    known = parts.dropna(subset="share")
    names = [_name(row, group) for row in known.to_dict("records")]
    bars = list(dict.fromkeys(names))
    figure = go.Figure()
    for part, colour in COLOURS.items():
        mine = (known["part"] == part).to_numpy()
        own = known[mine]
        if not own["contacts"].sum():
            continue
        figure.add_bar(
            x=own["share"], y=[name for name, here in zip(names, mine, strict=True) if here], orientation="h",
            name=part, marker={"color": colour}, textposition="inside", insidetextanchor="middle",
            text=[f"{share:.0f} %" if share >= _ROOM else "" for share in own["share"]],
            hovertext=[f"{part}: {_said(row)}" for row in own.to_dict("records")],
            hovertemplate="%{y}<br>%{hovertext}<extra></extra>",
        )  # fmt: skip
    laid_out(figure, height=190 + _ROW * max(len(bars), 1), barmode="stack", bargap=0.25)
    below = {"traceorder": "normal", "y": -0.2, "yanchor": "top"}  # where six names find room on a phone, too
    figure.update_layout(hovermode="closest", dragmode=False, legend=below, margin={"t": 8})
    figure.update_xaxes(range=[0, 100], tickvals=[0, 25, 50, 75, 100], ticksuffix=" %")
    figure.update_yaxes(categoryorder="array", categoryarray=bars[::-1], showgrid=False)
    return figure


def _name(row: Row, group: str | None) -> str:
    place = f"{plain(row[group])}, " if group else ""
    return f"{place}{plain(handler(str(row['handled_by'])))}, n = {row['n']:,.0f}"


def _said(row: Row) -> str:
    return f"{amount(row['share'], '%')} ({interval(row['low'], row['high'], '%')}), n = {row['n']:,.0f}"


def dead_end_chart(cells: pd.DataFrame, most: int = 15) -> go.Figure:
    """Share of dead ends by stage, channel and handler with intervals, the largest on top, beside the other stages'.

    cells: stage, channel, handled_by, n, share (%), low, high, rest_share (%), stands_out. most: cells that are drawn;
    those that stand out come first.
    """
    known = cells.dropna(subset="share").sort_values(["stands_out", "share"], ascending=False).head(most).iloc[::-1]
    rows = known.to_dict("records")
    places = [f"{plain(row['stage'])}, {plain(row['channel'])}, {plain(handler(row['handled_by']))}" for row in rows]
    figure = go.Figure()
    figure.add_scatter(
        x=known["rest_share"], y=places, mode="markers", name="other stages of the same channel",
        marker={"symbol": "line-ns", "size": 16, "line": {"width": 3, "color": MARK}},
        hovertemplate="other stages: %{x:.1f} %<extra></extra>",
    )  # fmt: skip
    for clear, name, colour in ((False, "this stage", PALETTE[0]), (True, "this stage: stands out", PALETTE[5])):
        mine = [place for place, row in enumerate(rows) if bool(row["stands_out"]) is clear]
        if mine:
            _add_dots(figure, [rows[i] for i in mine], [places[i] for i in mine], name, colour)
    laid_out(figure, height=90 + 26 * max(len(places), 1))
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title="contacts that ended in a dead end, %", rangemode="tozero", showgrid=True)
    figure.update_yaxes(categoryorder="array", categoryarray=places, showgrid=False)
    return figure


def _add_dots(figure: go.Figure, rows: Sequence[Row], places: Sequence[str], name: str, colour: str) -> None:
    part = pd.DataFrame(rows)
    figure.add_scatter(
        x=part["share"], y=list(places), mode="markers", name=name, marker={"color": colour, "size": 10},
        error_x={"type": "data", "symmetric": False, "array": part["high"] - part["share"],
                 "arrayminus": part["share"] - part["low"], "thickness": 1.5},
        hovertext=[_said(row) for row in rows], hovertemplate="%{y}<br>%{hovertext}<extra></extra>",
    )  # fmt: skip
