"""One customer's timeline: a lane per channel and kind, points and bars coloured by how things ended."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from cx_metrics import journey
from cx_metrics.charts.theme import laid_out, plain

_OUTCOMES = {  # outcome -> colour, symbol (told apart without colour, too); drawn in this order, what went wrong on top
    "other": ("#56B4E9", "square"), "not answered": ("#999999", "circle-open"), "resolved": ("#009E73", "circle"),
    "abandoned": ("#E69F00", "triangle-down"), "escalated": ("#CC79A7", "diamond"), "unresolved": ("#D55E00", "x"),
}  # fmt: skip
_STUCK = "#D55E00"  # above a contact in which something went wrong
_LAST = ("survey", "order", "subscription")  # lanes below the channels
_LANE = 40  # pixels
_MANY = 300  # rows from which marks are small


def timeline_chart(rows: pd.DataFrame, chosen: tuple[str, str] | None = None) -> go.Figure:
    """Points at `at`, bars from `at` to `until`; a running subscription lasts to the end of the rows.

    rows: as `analyses.timeline.timeline` gives them; those without a time are left out. Contacts with signals of
    friction carry a mark above them. chosen: kind and key of the row
    to ring. Points carry (kind, key) as customdata.
    """
    times = {name: pd.to_datetime(rows[name]) for name in ("at", "until")}
    shown = rows.assign(**times)[times["at"].notna()].reset_index(drop=True)
    lanes = _lanes(shown)
    place = shown["lane"].map({lane: len(lanes) - index for index, lane in enumerate(lanes)})
    outcome = shown["outcome"].where(shown["outcome"].isin(list(_OUTCOMES)), "other")
    figure = go.Figure()
    for name in _OUTCOMES:
        part = shown[outcome == name]
        if len(part):
            end = max(shown["at"].max(), shown["until"].max())
            _add(figure, part, place[part.index], name, end, 11 if len(shown) < _MANY else 7)
    _mark_stuck(figure, shown, place)
    if chosen is not None:
        ringed = shown[(shown["kind"] == chosen[0]) & (shown["key"] == chosen[1])]
        figure.add_scatter(
            x=list(ringed["at"]), y=list(place[ringed.index]), mode="markers", showlegend=False, hoverinfo="skip",
            marker={"size": 22, "symbol": "circle-open", "color": "#7F7F7F", "line": {"width": 3}},
        )  # fmt: skip
    laid_out(figure, height=110 + _LANE * max(len(lanes), 1))
    figure.update_layout(
        hovermode="closest", clickmode="event+select", dragmode=False, legend={"traceorder": "reversed"}
    )
    figure.update_yaxes(
        tickvals=list(range(len(lanes), 0, -1)), ticktext=[plain(lane) for lane in lanes],
        range=[0.4, len(lanes) + 0.6], zeroline=False, title=None,
    )  # fmt: skip
    figure.update_xaxes(type="date", title=None, range=_range(shown))
    return figure


def _mark_stuck(figure: go.Figure, shown: pd.DataFrame, place: pd.Series[int]) -> None:
    """A mark above each contact with a signal of friction, which hovering names."""
    stuck = shown[shown["signals"] != ""] if "signals" in shown else shown.iloc[:0]
    if len(stuck):
        figure.add_scatter(
            x=list(stuck["at"]), y=list(place[stuck.index] + 0.27), mode="markers", name="signal of friction",
            marker={"size": 9 if len(shown) < _MANY else 6, "symbol": "triangle-down", "color": _STUCK},
            customdata=stuck[["kind", "key"]].to_numpy().tolist(), text=[plain(text) for text in stuck["signals"]],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip


def _range(rows: pd.DataFrame) -> list[pd.Timestamp] | None:
    """From the first point to the last end, with room for the marks; at least a day."""
    if rows.empty:
        return None
    first, last = rows["at"].min(), max(rows["at"].max(), rows["until"].max())
    room = max((last - first) / 40, pd.Timedelta(hours=12))
    return [first - room, last + room]


def _lanes(rows: pd.DataFrame) -> list[str]:
    """The lanes in use: the usual channels, the company's own, then what is no contact."""
    order = [*sorted(set(rows["lane"]) - {*_LAST}, key=journey.current().place), *_LAST]
    return [lane for lane in order if lane in set(rows["lane"])]


def _add(
    figure: go.Figure, part: pd.DataFrame, place: pd.Series[int], name: str, end: pd.Timestamp, size: int
) -> None:  # fmt: skip
    colour, symbol = _OUTCOMES[name]
    running = (part["kind"] == "subscription") & part["until"].isna()
    until = part["until"].where(~running, end)
    bars = pd.DataFrame({"from": part["at"], "to": until, "place": place})[until.notna()]
    if len(bars):
        figure.add_scatter(
            x=[x for row in bars.itertuples(index=False) for x in (row[0], row[1], None)],
            y=[y for row in bars.itertuples(index=False) for y in (row[2], row[2], None)],
            mode="lines", line={"color": colour, "width": 7}, opacity=0.45, hoverinfo="skip", showlegend=False,
            legendgroup=name,
        )  # fmt: skip
    figure.add_scatter(
        x=list(part["at"]), y=list(place), mode="markers", name=name, legendgroup=name,
        marker={"size": size, "color": colour, "symbol": symbol, "line": {"width": 1.5, "color": colour}},
        customdata=part[["kind", "key"]].to_numpy().tolist(), hovertemplate="%{text}<extra></extra>",
        text=[_hover(row) for row in part.to_dict("records")],
    )  # fmt: skip


def _hover(row: dict[Hashable, Any]) -> str:
    texts = [row["title"], row["detail"], row["outcome"], row.get("signals") or None]
    said = [plain(text) for text in texts if isinstance(text, str)]
    return "<br>".join([f"{row['at']:%d %b %Y, %H:%M}", *said])
