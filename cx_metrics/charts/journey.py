"""The journey drawn: the flow of cases through their first contacts, transitions as a map, and the funnel."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import PALETTE, TOTAL, colours, laid_out, plain
from cx_metrics.wording import amount, interval

ENDED, MORE, OTHER = "(ended)", "(goes on)", "(other)"
_DRAWN = 7  # places per contact that a narrow screen has room for
_ORDINALS = ("first", "second", "third", "fourth")
_LAST = len(_ORDINALS)  # the column after the last contact that is told apart
_ROW, _GAP, _TOP, _BOTTOM = 46, 26, 46, 24  # pixels
_SCALE = [[0.0, "#e3eff8"], [0.5, "#7fb4d9"], [1.0, "#004a7a"]]  # one hue, light to dark: readable without colour too
_DARK_FROM = 0.55  # of the scale: lighter letters from here on


def flow_chart(steps: pd.DataFrame, alone: bool) -> go.Figure:
    """Cases from contact to contact. steps: position (1 to 4), from, to, n; hidden ones are not drawn.

    Each place has its colour and is named with its number of cases. alone: also cases that end after one contact.
    """
    links = _folded(steps[steps["n"].notna()])
    if not alone:
        links = links[(links["position"] > 1) | (links["to"] != ENDED)]
    flows = [
        ((row["from"], row["position"]), (row["to"], row["position"] + 1), row) for row in links.to_dict("records")
    ]
    order = list(dict.fromkeys([*steps["from"], OTHER, MORE, ENDED]))
    nodes = sorted({node for flow in flows for node in flow[:2]}, key=lambda node: (node[1], order.index(node[0])))
    sizes = {
        node: max(sum(row["n"] for *ends, row in flows if ends[side] == node) for side in (0, 1)) for node in nodes
    }
    colour = colours(name for name, _ in nodes if name not in (ENDED, MORE, OTHER))
    shades = {node: colour.get(node[0], TOTAL) for node in nodes}
    height = max(360, 60 * max((sum(at == k for _, at in nodes) for k in range(1, 6)), default=1))
    places = _places(sizes, height - _TOP - _BOTTOM)
    figure = go.Figure()
    figure.add_sankey(
        arrangement="fixed", valueformat=",.0f",
        node={"label": [f"{plain(name)}<br>{_short(sizes[name, at])}" for name, at in nodes],
              "color": list(shades.values()), "pad": _GAP, "thickness": 12, "line": {"width": 0},
              "x": [places[node][0] for node in nodes], "y": [places[node][1] for node in nodes],
              "hovertemplate": "%{label}<extra></extra>"},
        link={"source": [nodes.index(flow[0]) for flow in flows], "target": [nodes.index(flow[1]) for flow in flows],
              "value": [row["n"] for *_, row in flows], "color": [_faint(shades[flow[0]]) for flow in flows],
              "customdata": [_told(row) for *_, row in flows], "hovertemplate": "%{customdata}<extra></extra>"},
    )  # fmt: skip
    for position, words in enumerate((*_ORDINALS, "then")):
        side = "left" if not position else "right" if position == _LAST else "center"
        figure.add_annotation(x=position / _LAST, y=1, xref="paper", yref="paper", xanchor=side, yanchor="bottom",
                              yshift=14, text=words, showarrow=False, font={"size": 11, "color": TOTAL})  # fmt: skip
    laid_out(figure, height=height)
    figure.update_layout(hovermode="closest", font={"size": 11}, margin={"t": _TOP, "b": _BOTTOM})
    return figure


def _places(sizes: dict[tuple[str, int], float], height: float) -> dict[tuple[str, int], tuple[float, float]]:
    """x and y (0 to 1, of the middle) of each node: a column per contact, in order, with room for the names between.

    The scale is the one that the drawing has by itself: pixels per case in the fullest column.
    """
    columns: dict[int, list[tuple[str, int]]] = {}
    for node in sizes:
        columns.setdefault(node[1], []).append(node)
    scales = [(height - _GAP * (len(own) - 1)) / max(sum(sizes[n] for n in own), 1e-9) for own in columns.values()]
    found = {}
    for position, own in columns.items():
        top = 0.0
        for node in own:
            tall = sizes[node] * min(scales)
            found[node] = (min(max((position - 1) / _LAST, 0.001), 0.999), min((top + tall / 2) / height, 0.999))
            top += tall + _GAP
    return found


def _folded(links: pd.DataFrame) -> pd.DataFrame:
    """The rarest places as one, so that at most _DRAWN are told apart."""
    own = links[~links["from"].isin([ENDED, MORE])]
    largest = own.groupby("from")["n"].sum().sort_values(ascending=False, kind="stable").index[:_DRAWN]
    kept = {*largest, ENDED, MORE}
    named = links.assign(**{end: [n if n in kept else OTHER for n in links[end]] for end in ("from", "to")})
    return named.groupby(["position", "from", "to"], sort=False)["n"].sum().reset_index()


def _told(row: dict[Any, Any]) -> str:
    position = int(row["position"])
    return f"{_ORDINALS[position - 1]} contact: {plain(row['from'])}, then {plain(row['to'])}<br>{row['n']:,.0f} cases"


def _short(n: float) -> str:
    return f"{n:,.0f}" if n < 10_000 else f"{n / 1000:.0f}k" if n < 1e6 else f"{n / 1e6:.1f} M"


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.35)"


def transition_chart(transitions: pd.DataFrame) -> go.Figure:
    """Shares by place (rows) and next place (columns), each with the median time; rows sum to 100 %, hidden are grey.

    transitions: from, to, n, share (%), low, high, median_hours, suppressed; in the order to be shown.
    """
    rows, columns = (list(dict.fromkeys(transitions[end])) for end in ("from", "to"))
    columns = [*(name for name in rows if name in columns), *(name for name in columns if name not in rows)]
    cells = {(row["from"], row["to"]): row for row in transitions.to_dict("records")}
    grid = [[_share(cells.get((row, column))) for column in columns] for row in reversed(rows)]
    largest = max((value for line in grid for value in line if value == value), default=1.0)
    figure = go.Figure()
    figure.add_heatmap(
        z=grid, x=list(range(len(columns))), y=list(range(len(rows))), zmin=0, zmax=max(largest, 1.0),
        colorscale=_SCALE, showscale=False, xgap=2, ygap=2,
        customdata=[[_hover(row, column, cells) for column in columns] for row in reversed(rows)],
        hovertemplate="%{customdata}<extra></extra>", hoverongaps=True,
    )  # fmt: skip
    for y, row in enumerate(reversed(rows)):
        for x, column in enumerate(columns):
            found = cells.get((row, column))
            dark = found is not None and _share(found) >= _DARK_FROM * largest
            figure.add_annotation(x=x, y=y, text=_written(found), showarrow=False,
                                  font={"size": 11, "color": "#ffffff" if dark else _letters(found)})  # fmt: skip
    laid_out(figure, height=60 + _ROW * max(len(rows), 1))
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(tickvals=list(range(len(columns))), ticktext=[plain(name) for name in columns], side="top",
                        zeroline=False)  # fmt: skip
    figure.update_yaxes(tickvals=list(range(len(rows))), ticktext=[plain(name) for name in reversed(rows)],
                        showgrid=False, zeroline=False)  # fmt: skip
    return figure


def _share(cell: dict[Any, Any] | None) -> float:
    return float("nan") if cell is None or cell["share"] is None else float(cell["share"])


def _letters(cell: dict[Any, Any] | None) -> str:
    return "#7f7f7f" if _share(cell) != _share(cell) else "#1a1a1a"


def _written(cell: dict[Any, Any] | None) -> str:
    if cell is None:
        return ""
    share = _share(cell)
    if share != share:
        return "hidden" if cell["n"] != cell["n"] else "–"
    digits = 0 if share >= 1 else 1
    time = amount(cell["median_hours"], "hours").replace(" days", " d").replace(" min", "′").replace(" s", "″")
    return f"<b>{share:.{digits}f}</b><br><span style='font-size:9px'>{time}</span>"


def _hover(row: str, column: str, cells: dict[tuple[str, str], dict[Any, Any]]) -> str:
    found, place = cells.get((row, column)), f"{plain(row)}, then {plain(column)}"
    if found is None:
        return f"{place}<br>never"
    if found["n"] != found["n"]:
        return f"{place}<br>hidden: too few"
    if found["share"] != found["share"]:
        return f"{place}<br>n = {found['n']:,.0f}: too few for a share"
    share = f"{amount(found['share'], '%')} ({interval(found['low'], found['high'], '%')})"
    return f"{place}<br>{share}, n = {found['n']:,.0f}<br>half within {amount(found['median_hours'], 'hours')}"


def funnel_chart(funnel: pd.DataFrame) -> go.Figure:
    """Customers by step, the first on top, with their share of the first. funnel: stage, n, share (%), low, high."""
    shown = funnel[funnel["n"].notna()].iloc[::-1]
    rows = shown.to_dict("records")
    words = [
        f"{row['n']:,.0f}" + (f" · {amount(row['share'], '%')}" if row["share"] == row["share"] else "") for row in rows
    ]
    ends = [f" ({interval(row['low'], row['high'], '%')})" if row["low"] == row["low"] else "" for row in rows]
    figure = go.Figure()
    figure.add_bar(
        x=shown["n"], y=[plain(stage) for stage in shown["stage"]], orientation="h", marker={"color": PALETTE[0]},
        text=words, textposition="auto", insidetextanchor="start", customdata=ends,
        hovertemplate="%{y}: %{text}%{customdata}<extra></extra>",
        cliponaxis=False, showlegend=False, constraintext="none",
    )  # fmt: skip
    laid_out(figure, height=60 + 40 * max(len(shown), 1))
    figure.update_layout(hovermode="closest", dragmode=False, margin={"t": 8}, bargap=0.25)
    figure.update_xaxes(title="customers", rangemode="tozero")
    return figure
