"""Empathy of replies by team, channel or stage as dots with intervals, and what is scripted as bars."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import MARK, PALETTE, TOTAL, laid_out, plain
from cx_metrics.wording import amount, interval

KINDS = {
    "empathy_emotional": ("emotional", PALETTE[0], "circle"),
    "empathy_compassionate": ("compassionate", PALETTE[2], "square"),
    "empathy_cognitive": ("cognitive", PALETTE[1], "diamond"),
    "empathy_when_upset": ("emotional, customer upset", PALETTE[5], "circle-open"),
}  # fmt: skip
_ROW, _STEP = 58, 0.19  # pixels of a group; distance of its dots from each other, in rows


def kinds_chart(
    kinds: pd.DataFrame, indicative: frozenset[str] = frozenset(), ending: str = "", most: int = 12
) -> go.Figure:
    """A row for each group with a dot and its interval for each kind; hidden figures are not drawn.

    kinds: group, figure, n, value (%), low, high; groups in the order to draw, the first `most` of them. indicative:
    kinds to mark so. ending: of the figures' names, behind that of the kind.
    """
    own = kinds[kinds["figure"].isin([name + ending for name in KINDS]) & kinds["value"].notna()]
    groups = list(dict.fromkeys(own["group"]))[:most]
    place = {group: -number for number, group in enumerate(groups)}
    figure = go.Figure()
    for number, (name, (words, colour, symbol)) in enumerate(KINDS.items()):
        part = own[(own["figure"] == name + ending) & own["group"].isin(groups)]
        if part.empty:
            continue
        figure.add_scatter(
            x=part["value"], y=[place[group] + (1.5 - number) * _STEP for group in part["group"]], mode="markers",
            name=words + (" (indicative)" if name in indicative else ""),
            marker={"color": colour, "size": 10, "symbol": symbol},
            error_x={"type": "data", "symmetric": False, "array": part["high"] - part["value"],
                     "arrayminus": part["value"] - part["low"], "thickness": 1.5, "color": colour, "width": 0},
            hovertext=[f"{plain(group)}: {amount(value, '%')} ({interval(low, high, '%')}), n = {n:,.0f}" for
                       group, value, low, high, n in
                       part[["group", "value", "low", "high", "n"]].itertuples(index=False)],
            hovertemplate="%{hovertext}<extra>" + words + "</extra>",
        )  # fmt: skip
    sizes = own.groupby("group")["n"].max()
    laid_out(figure, height=110 + _ROW * max(len(groups), 1))
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title="share of answered contacts, %", showgrid=True, rangemode="tozero")
    labels = [f"{plain(group)}<br>n = {sizes[group]:,.0f}" for group in groups]
    rows = [place[group] for group in groups]
    figure.update_yaxes(tickmode="array", tickvals=rows, ticktext=labels, showgrid=False, zeroline=False)
    return figure


def scripted_chart(teams: pd.DataFrame, most: int = 15) -> go.Figure:
    """A bar with its interval for each team, the largest share on top; hidden figures are not drawn.

    teams: team, n, value (%), low, high.
    """
    own = teams.dropna(subset="value").sort_values("value", ascending=False, kind="stable").head(most).iloc[::-1]
    figure = go.Figure()
    figure.add_bar(
        x=own["value"], y=[plain(team) for team in own["team"]], orientation="h", showlegend=False,
        marker={"color": PALETTE[5]},
        error_x={"type": "data", "symmetric": False, "array": own["high"] - own["value"],
                 "arrayminus": own["value"] - own["low"], "thickness": 1.5, "color": TOTAL},
        hovertext=[f"{amount(value, '%')} ({interval(low, high, '%')}), n = {n:,.0f}" for value, low, high, n in
                   own[["value", "low", "high", "n"]].itertuples(index=False)],
        hovertemplate="%{y}: %{hovertext}<extra></extra>",
    )  # fmt: skip
    laid_out(figure, height=80 + 30 * max(len(own), 1))
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title="scripted, % of replies", showgrid=True, rangemode="tozero", zerolinecolor=MARK)
    return figure
