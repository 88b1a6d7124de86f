"""The line of sight as a picture: from a team over what it owns and who meets customers there, to the customers."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import PALETTE, TOTAL, laid_out, plain

CUSTOMERS = "customers"
_OWNS = "owns"
_ROW = 34  # pixels of a touchpoint or team
_SHADES = (PALETTE[0], PALETTE[1], PALETTE[2], TOTAL)  # the team, touchpoints, teams that meet customers, customers


def sight_chart(reach: pd.DataFrame, team: str, most: int = 8) -> go.Figure:
    """Bands from the team over touchpoints and the teams that meet customers there; width: contacts.

    reach: way (owns, handles), touchpoint, through, n; hidden counts are left out. Of a team that owns touchpoints only
    these are drawn, else those where it handled contacts. most: touchpoints, and teams, drawn by name.
    """
    known = reach.dropna(subset="n")
    own = known[known["way"] == _OWNS]
    drawn = own if len(own) else known
    places, teams = _named(drawn, "touchpoint", most), _named(drawn, "through", most)
    rows = drawn.assign(touchpoint=drawn["touchpoint"].map(places), through=drawn["through"].map(teams))
    cells = rows.groupby(["touchpoint", "through"], sort=False)["n"].sum().reset_index()
    nodes = [(0, team), *((1, name) for name in dict.fromkeys(cells["touchpoint"])),
             *((2, name) for name in dict.fromkeys(cells["through"])), (3, CUSTOMERS)]  # fmt: skip
    number = {node: place for place, node in enumerate(nodes)}
    links = _links(cells, team, number)
    figure = go.Figure(
        go.Sankey(
            node={"label": [plain(name) for _, name in nodes], "color": [_SHADES[column] for column, _ in nodes],
                  "pad": 14, "thickness": 14, "hovertemplate": "%{label}: %{value:,} contacts<extra></extra>"},
            link={"source": [start for start, _, _ in links], "target": [end for _, end, _ in links],
                  "value": [n for _, _, n in links], "color": "rgba(153,153,153,0.35)",
                  "hovertemplate": "%{source.label} to %{target.label}: %{value:,} contacts<extra></extra>"},
            textfont={"size": 13, "shadow": "none"},
        )
    )  # fmt: skip
    widest = max(len(set(cells["touchpoint"])), len(set(cells["through"])), 2)
    laid_out(figure, height=80 + _ROW * widest)
    figure.update_layout(hovermode="closest")
    return figure


def _named(rows: pd.DataFrame, column: str, most: int) -> dict[str, str]:
    """Each name -> itself, or, beyond the most frequent ones, what they are together."""
    sizes = rows.groupby(column, sort=False)["n"].sum().sort_values(ascending=False, kind="stable")
    others = {"touchpoint": "other touchpoints", "through": "other teams"}[column]
    beyond = len(sizes) > most
    return {name: name if place < most - beyond else others for place, name in enumerate(sizes.index)}


def _links(cells: pd.DataFrame, team: str, number: dict[tuple[int, str], int]) -> list[tuple[int, int, float]]:
    """start, end and contacts of every band."""

    def summed(column: str) -> Iterable[tuple[str, float]]:
        totals = cells.groupby(column, sort=False)["n"].sum()
        return zip(totals.index, totals.to_numpy(dtype=float), strict=True)

    first = [(number[0, team], number[1, name], n) for name, n in summed("touchpoint")]
    between = [
        (number[1, place], number[2, through], float(n))
        for place, through, n in cells[["touchpoint", "through", "n"]].itertuples(index=False)
    ]
    return [*first, *between, *((number[2, name], number[3, CUSTOMERS], n) for name, n in summed("through"))]
