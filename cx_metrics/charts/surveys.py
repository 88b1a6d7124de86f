"""Surveys drawn: who answers, what the silent would change, and how often customers are asked."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cx_metrics.charts.theme import MARK, PALETTE, TOTAL, laid_out, plain
from cx_metrics.wording import amount, interval

_ROW = 26  # pixels of a group


def response_chart(rates: pd.DataFrame, total: float, most: int = 25) -> go.Figure:
    """A dot with its interval for each group, groups that answer clearly less often in another colour, and a line for
    all invitations.

    rates: group, n, value (%), low, high, less; rows in the order to draw, those without a value are left out. total:
    per cent. most: groups, the largest.
    """
    known = rates.dropna(subset="value")
    known = known.loc[sorted(known["n"].nlargest(most).index)]
    figure = go.Figure()
    for less, name, colour in ((False, "group", PALETTE[0]), (True, "clearly below all others", PALETTE[5])):
        part = known[known["less"] == less]
        if len(part):
            figure.add_scatter(
                x=part["value"], y=[plain(group) for group in part["group"]], mode="markers", name=name,
                marker={"color": colour, "size": 10}, error_x=_whiskers(part, "value", "low", "high"),
                hovertext=[f"{_said(row, 'value', '%')}, n = {row['n']:,.0f}" for row in part.to_dict("records")],
                hovertemplate="%{y}<br>%{hovertext}<extra></extra>",
            )  # fmt: skip
    words = {"text": f"all: {amount(total, '%')}", "font": {"color": TOTAL}}
    figure.add_vline(total, line={"color": MARK, "dash": "dot", "width": 1}, annotation=words)
    laid_out(figure, height=100 + _ROW * max(len(known), 1))
    figure.update_layout(hovermode="closest", dragmode=False, showlegend=bool(known["less"].any()))
    figure.update_xaxes(title="invitations answered, %", rangemode="tozero", showgrid=True)
    names = [plain(group) for group in known["group"]]
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], showgrid=False)
    return figure


def weighted_chart(figures: pd.DataFrame) -> go.Figure:
    """Two dots joined by a line for each figure, each on an axis of its own: as answered, and weighted to all asked.

    figures: figure, unit, raw, raw_low, raw_high, value, low, high, answers, effective_n; rows without a value are left
    out.
    """
    known = figures.dropna(subset="value").to_dict("records")
    chart = make_subplots(rows=max(len(known), 1), cols=1, vertical_spacing=0.5 / max(len(known), 1))
    sides = (
        (0.15, "those who answered", "circle-open", PALETTE[7], ("raw", "raw_low", "raw_high", "answers")),
        (-0.15, "weighted to all who were asked", "circle", PALETTE[0], ("value", "low", "high", "effective_n")),
    )
    for place, row in enumerate(known, start=1):
        unit, name = str(row["unit"]), plain(row["figure"])
        chart.add_scatter(
            x=[row["raw"], row["value"]], y=[0.15, -0.15], mode="lines", showlegend=False, hoverinfo="skip",
            line={"color": MARK, "width": 2}, row=place, col=1,
        )  # fmt: skip
        for above, words, symbol, colour, (value, low, high, n) in sides:
            part = pd.DataFrame([row])
            chart.add_scatter(
                x=[row[value]], y=[above], mode="markers", name=words, legendgroup=words, showlegend=place == 1,
                marker={"color": colour, "size": 13, "symbol": symbol, "line": {"width": 2}},
                error_x=_whiskers(part, value, low, high),
                hovertext=[f"{words}: {amount(row[value], unit)} ({interval(row[low], row[high], unit)}), "
                           f"{'effective ' if n == 'effective_n' else ''}n = {row[n]:,.0f}"],
                hovertemplate="%{hovertext}<extra></extra>", row=place, col=1,
            )  # fmt: skip
        chart.update_xaxes(title=_axis(unit), row=place, col=1)
        chart.update_yaxes(range=[-0.5, 0.5], tickvals=[0], ticktext=[name], showgrid=False, row=place, col=1)
    laid_out(chart, height=70 + 110 * max(len(known), 1))
    chart.update_layout(hovermode="closest", dragmode=False)
    chart.update_xaxes(showgrid=True)
    return chart


def fatigue_chart(rates: pd.DataFrame) -> go.Figure:
    """A bar with its interval for each number of earlier invitations.

    rates: earlier, n, share (%), low, high; rows in order, those without a share are left out.
    """
    return _bars(rates, "earlier", "invitations in the 90 days before", "invitations answered, %", "invitations")


def per_customer_chart(customers: pd.DataFrame) -> go.Figure:
    """A bar for each number of invitations in the period: share of the invited customers.

    customers: invitations, n, share (%), low, high; rows in order.
    """
    return _bars(customers, "invitations", "invitations in the period", "invited customers, %", "customers")


def _bars(frame: pd.DataFrame, group: str, below: str, beside: str, counted: str) -> go.Figure:
    known = frame.dropna(subset="share")
    figure = go.Figure()
    figure.add_bar(
        x=known[group], y=known["share"], marker={"color": PALETTE[0]}, showlegend=False,
        error_y={"type": "data", "symmetric": False, "array": known["high"] - known["share"],
                 "arrayminus": known["share"] - known["low"], "thickness": 1.5, "color": TOTAL},
        hovertext=[f"{_said(row, 'share', '%')}, {row['n']:,.0f} {counted}" for row in known.to_dict("records")],
        hovertemplate="%{x}: %{hovertext}<extra></extra>",
    )  # fmt: skip
    laid_out(figure, height=260, bargap=0.4)
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title=below, type="category")
    figure.update_yaxes(title=beside, rangemode="tozero")
    return figure


def _whiskers(part: pd.DataFrame, value: str, low: str, high: str) -> dict[str, Any]:
    return {"type": "data", "symmetric": False, "array": part[high] - part[value],
            "arrayminus": part[value] - part[low], "thickness": 1.5}  # fmt: skip


def _said(row: dict[Any, Any], value: str, unit: str) -> str:
    return f"{amount(row[value], unit)} ({interval(row['low'], row['high'], unit)})"


def _axis(unit: str) -> str:
    return {"%": "per cent", "points": "points, -100 to 100", "score 0-100": "score, 0-100"}[unit]
