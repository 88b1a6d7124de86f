"""What customers say, drawn: themes by how often they are spoken of, coloured by mood, and what goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import MARK, PALETTE, TOTAL, laid_out, plain
from cx_metrics.judges.themes import NOT_COVERED
from cx_metrics.wording import amount, interval

Row = dict[Any, Any]
# From orange over grey to blue, which colour-blind people tell apart; the mood stands beside each bar, too.
_MOODS = [[0.0, PALETTE[5]], [0.5, "#BFBFBF"], [1.0, PALETTE[0]]]
_ROW = 30  # pixels
_ROOM = 1.2  # for the mood behind the longest bar
_SHORT = 26  # letters of a theme's name


def origin_words(origin: str) -> str:
    """Where texts come from, for people: contacts, comments of CSAT."""
    asked = origin.upper() if origin in ("csat", "nps", "ces") else origin.replace("_", " ")
    return "contacts" if origin == "contact" else f"comments of {asked}"


def mood_words(mood: float) -> str:
    """A mood in a number with its sign, e.g. +0.42; "" where it is missing."""
    return "" if mood != mood else f"{mood:+.2f}"


def theme_chart(themes: pd.DataFrame, chosen: str = "") -> go.Figure:
    """A bar for each theme: the share of texts, with its interval, coloured by mood; texts in no theme come last.

    themes: theme, n, share (%), low, high, mood (-1 to 1); rows without a share are left out. chosen: the theme to
    frame. Each bar carries its theme as customdata, which can be clicked.
    """
    known = themes.dropna(subset="share").iloc[::-1]
    names = [_short(str(name)) for name in known["theme"]]
    moods = known["mood"].astype(float)
    hatched = ["/" if name == NOT_COVERED else "" for name in known["theme"]]
    strongest = max(float(moods.abs().max()) if moods.notna().any() else 0.0, 0.2)
    figure = go.Figure()
    figure.add_bar(
        x=known["share"], y=list(range(len(known))), orientation="h", showlegend=False,
        customdata=[[name] for name in known["theme"]],
        marker={"color": [0.0 if mood != mood else mood for mood in moods], "colorscale": _MOODS, "cmin": -strongest,
                "cmax": strongest, "pattern": {"shape": hatched},
                "line": {"color": TOTAL, "width": [3 if name == chosen else 0 for name in known["theme"]]}},
        error_x={"type": "data", "symmetric": False, "array": known["high"] - known["share"],
                 "arrayminus": known["share"] - known["low"], "thickness": 1.2, "color": MARK},
        hovertext=[_said(row) for row in known.to_dict("records")], hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=known["high"], y=list(range(len(known))), mode="text", showlegend=False, hoverinfo="skip", cliponaxis=False,
        text=[f"  {mood_words(mood)}" for mood in moods], textposition="middle right", textfont={"size": 11},
    )  # fmt: skip
    laid_out(figure, height=70 + _ROW * max(len(known), 1), bargap=0.25)
    figure.update_layout(hovermode="closest", dragmode=False, margin={"t": 8})
    furthest = max([*known["high"].astype(float), 1.0]) * _ROOM
    figure.update_xaxes(title="texts, %", range=[0, furthest], showgrid=True, gridcolor="rgba(128,128,128,0.2)")
    figure.update_yaxes(tickvals=list(range(len(known))), ticktext=names, showgrid=False)
    return figure


def _short(name: str) -> str:
    return plain(name if len(name) <= _SHORT else name[: _SHORT - 1] + "…")


def _said(row: Row) -> str:
    mood = "" if row["mood"] != row["mood"] else f"<br>mood {mood_words(row['mood'])}"
    return f"{plain(row['theme'])}<br>{amount(row['share'], '%')} ({interval(row['low'], row['high'], '%')}){mood}"


def effect_chart(effects: pd.DataFrame, measures: Sequence[str] = ("CSAT", "NPS")) -> go.Figure:
    """Differences within stage and channel with their intervals, the lowest on top; a filled dot is clear.

    effects: theme, measure, adjusted (points), adjusted_low, adjusted_high, clear; rows without a value are left out.
    """
    known = effects.dropna(subset="adjusted_low").sort_values("adjusted", ascending=False)
    names = list(dict.fromkeys(known["theme"]))
    order = sorted(names, key=lambda name: -float(known.loc[known["theme"] == name, "adjusted"].min()))
    place = {name: at for at, name in enumerate(order)}
    figure = go.Figure()
    for number, measure in enumerate(measures):
        own = known[known["measure"] == measure]
        symbols = ["circle" if clear else "circle-open" for clear in own["clear"]]
        colour, shift = PALETTE[number], 0.15 * (1 if number else -1)
        figure.add_scatter(
            x=own["adjusted"], y=[place[name] - shift for name in own["theme"]], mode="markers", name=measure,
            marker={"size": 10, "color": colour, "symbol": symbols},
            error_x={"type": "data", "symmetric": False, "array": own["adjusted_high"] - own["adjusted"],
                     "arrayminus": own["adjusted"] - own["adjusted_low"], "thickness": 1.5},
            hovertext=[f"{plain(row['theme'])}: {measure} {amount(row['adjusted'], 'points')} points ("
                       f"{amount(row['adjusted_low'], 'points')} to {amount(row['adjusted_high'], 'points')})"
                       for row in own.to_dict("records")],
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=0, line={"color": MARK, "width": 1})
    laid_out(figure, height=110 + _ROW * max(len(order), 1))
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title="difference, points", showgrid=True, gridcolor="rgba(128,128,128,0.2)")
    figure.update_yaxes(tickvals=list(range(len(order))), ticktext=[_short(name) for name in order], showgrid=False)
    return figure
