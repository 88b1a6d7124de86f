"""Expectation, experience and belief side by side: dumbbells, one row per group. Blue: customers, orange: company."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import PALETTE, TOTAL, laid_out, plain
from cx_metrics.wording import amount

_ROW = 38  # pixels
_GRID = "rgba(128,128,128,0.2)"
CUSTOMERS, COMPANY = PALETTE[0], PALETTE[1]
SIDES = {  # measure -> words, colour, marker
    "expectation": ("customers expect", CUSTOMERS, "circle-open"),
    "experience": ("customers experience", CUSTOMERS, "circle"),
    "belief": ("we believe they experience", COMPANY, "diamond"),
    "believed_expectation": ("we believe they expect", COMPANY, "diamond-open"),
}
ESTIMATED = "customers experience (estimated)"


def gap_chart(table: pd.DataFrame, by: str, estimated: pd.DataFrame | None = None) -> go.Figure:
    """One dumbbell per row: the bar runs from what customers experience to what the company believes.

    table: `by`, and per measure M of SIDES: M, n_M, M_low, M_high (0-100), belief_gap (points), the first row on top.
    estimated: `by`, value, low, high of groups without answers about their experience, drawn apart and dashed.
    """
    shown, figure = table.iloc[::-1], go.Figure()
    names = [plain(name) for name in shown[by]]
    for end, width, dash in (("belief", 6, "solid"), ("expectation", 1.5, "dot")):
        x: list[float | None] = []
        y: list[str | None] = []
        for name, a, b in zip(names, shown["experience"], shown[end], strict=True):
            x, y = [*x, a, b, None], [*y, name, name, None]
        colour = "rgba(128,128,128,0.35)" if width > 2 else CUSTOMERS
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": colour, "width": width, "dash": dash},
                           showlegend=False, hoverinfo="skip")  # fmt: skip
    middle = (shown["experience"] + shown["belief"]).astype(float) / 2
    said = [f"{gap:+.0f}" if gap == gap else "" for gap in shown["belief_gap"].astype(float)]
    figure.add_scatter(x=middle, y=names, mode="text", text=said, textposition="top center", showlegend=False,
                       hoverinfo="skip", textfont={"size": 11})  # fmt: skip
    for measure, (words, colour, symbol) in SIDES.items():
        if shown[measure].notna().any():
            _add_side(figure, shown, names, measure, words, colour, symbol)
    if estimated is not None and len(estimated):
        _add_estimated(figure, estimated, by)
    figure.update_xaxes(title="score, 0-100")
    return _laid_out(figure, len(set(names) | ({plain(x) for x in estimated[by]} if estimated is not None else set())))


def _add_side(
    figure: go.Figure, shown: pd.DataFrame, names: list[str], measure: str, words: str, colour: str, symbol: str
) -> None:
    value, low, high = (shown[f"{measure}{end}"].astype(float) for end in ("", "_low", "_high"))
    said = [f"{words}: {v:.1f} ({a:.1f} to {b:.1f}), n = {n:,.0f}"
            for v, a, b, n in zip(value, low, high, shown[f"n_{measure}"], strict=True)]  # fmt: skip
    figure.add_scatter(
        x=value, y=names, mode="markers", name=words, customdata=said,
        marker={"color": colour, "symbol": symbol, "size": 11, "line": {"color": colour, "width": 2}},
        error_x={"type": "data", "symmetric": False, "array": list(high - value), "arrayminus": list(value - low),
                 "thickness": 1, "width": 0, "color": colour} if not symbol.endswith("open") else None,
        hovertemplate="%{y}<br>%{customdata}<extra></extra>",
    )  # fmt: skip


def _add_estimated(figure: go.Figure, estimated: pd.DataFrame, by: str) -> None:
    estimated = estimated.iloc[::-1]
    names = [plain(name) for name in estimated[by]]
    value, low, high = (estimated[name].astype(float) for name in ("value", "low", "high"))
    said = [f"{a:.1f} to {b:.1f}" for a, b in zip(low, high, strict=True)]
    for name, a, b in zip(names, low, high, strict=True):
        figure.add_scatter(x=[a, b], y=[name, name], mode="lines", showlegend=False, hoverinfo="skip",
                           line={"color": CUSTOMERS, "width": 1.5, "dash": "dash"})  # fmt: skip
    figure.add_scatter(
        x=value, y=names, mode="markers", name=ESTIMATED, customdata=said,
        marker={"color": CUSTOMERS, "symbol": "square-open", "size": 11},
        hovertemplate="%{y}<br>estimated: %{x:.1f} (%{customdata})<extra></extra>",
    )  # fmt: skip


def reference_chart(shares: pd.DataFrame) -> go.Figure:
    """What brands and customers say, study by study: shares in per cent, dumbbells. shares: title, year (missing = the
    own company), brand, customer; a missing side is not drawn. The first row on top."""
    shown, figure = shares.iloc[::-1], go.Figure()
    names = [
        plain(title) + ("" if year != year else f" ({year:.0f})")
        for title, year in zip(shown["title"], shown["year"], strict=True)
    ]
    for name, a, b in zip(names, shown["customer"], shown["brand"], strict=True):
        figure.add_scatter(x=[a, b], y=[name, name], mode="lines", showlegend=False, hoverinfo="skip",
                           line={"color": "rgba(128,128,128,0.35)", "width": 6})  # fmt: skip
    for side, words, colour, symbol in (
        ("customer", "customers say so", CUSTOMERS, "circle"), ("brand", "the brand says so", COMPANY, "diamond"),
    ):  # fmt: skip
        figure.add_scatter(
            x=shown[side], y=names, mode="markers", name=words, hovertemplate="%{y}: %{x:.0f} %<extra></extra>",
            marker={"color": colour, "symbol": symbol, "size": 11},
        )  # fmt: skip
    figure.update_xaxes(title="share who say so, %", range=[0, 100])
    return _laid_out(figure, len(names))


def importance_chart(importance: pd.DataFrame) -> go.Figure:
    """How 100 points of importance are shared out: dimension, share (%), the weightiest on top."""
    shown, figure = importance.iloc[::-1], go.Figure()
    said = [amount(x, "%") for x in shown["share"]]
    figure.add_bar(x=shown["share"], y=[plain(x) for x in shown["dimension"]], orientation="h", text=said,
                   marker={"color": TOTAL}, hovertemplate="%{y}: %{text}<extra></extra>")  # fmt: skip
    figure.update_xaxes(title="share of importance, %", rangemode="tozero")
    return _laid_out(figure, len(shown))


def _laid_out(figure: go.Figure, rows: int) -> go.Figure:
    laid_out(figure, height=110 + _ROW * max(rows, 1))
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(showgrid=True, gridcolor=_GRID, zeroline=False)
    figure.update_yaxes(showgrid=False)
    return figure
