"""How many rows there are per month, a strip for each table, so that holes show."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cx_metrics.charts.theme import colours, laid_out, plain
from cx_metrics.wording import number

_STRIP = 84  # pixels
_HOLE = "#D55E00"
_HALF = pd.Timedelta(days=15)  # of a month
_WIDE = 26 * 86_400_000  # of a bar, milliseconds: a month alone would be drawn as a hair


def coverage_chart(months: pd.DataFrame, gaps: pd.DataFrame) -> go.Figure:
    """Bars of rows per month, stacked by source, a strip for each table; crosses mark months that are missing.

    months: table, source, month (first day), rows. gaps: table, source, month.
    """
    tables = list(months.groupby("table")["rows"].sum().sort_values(ascending=False).index)
    if not tables:
        return laid_out(go.Figure(), height=_STRIP)
    titles = [plain(table) for table in tables]
    figure = make_subplots(
        len(tables), 1, shared_xaxes=True, subplot_titles=titles, vertical_spacing=0.28 / len(tables)
    )
    for index, (source, colour) in enumerate(colours(months["source"]).items()):
        own, first = months[months["source"] == source], True
        for table, part in own.groupby("table"):
            figure.add_bar(
                x=list(part["month"] + _HALF), y=list(part["rows"]), width=_WIDE, name=plain(source),
                marker={"color": colour}, legendgroup=str(index), showlegend=first,
                row=tables.index(table) + 1, col=1, hovertemplate="%{x|%b %Y}: %{y:,.0f} rows",
            )  # fmt: skip
            first = False
    for table, part in gaps.groupby("table"):
        figure.add_scatter(
            x=list(part["month"] + _HALF), y=[0] * len(part), mode="markers", row=tables.index(table) + 1, col=1,
            marker={"symbol": "x", "size": 9, "color": _HOLE}, text=[plain(source) for source in part["source"]],
            cliponaxis=False, showlegend=False, hovertemplate="%{x|%b %Y}: no rows of %{text}<extra></extra>",
        )  # fmt: skip
    height = 100 + _STRIP * len(tables)
    laid_out(figure, height=height, barmode="stack", bargap=0.15)
    figure.update_layout(hovermode="closest", dragmode=False, margin={"t": 64}, legend={"y": 1 + 26 / (height - 72)})
    highest = months.groupby(["table", "month"])["rows"].sum().groupby("table").max()
    for place, table in enumerate(tables, start=1):
        top = int(highest[table])
        figure.update_yaxes(tickvals=[0, top], ticktext=["0", number(top)], rangemode="tozero", row=place, col=1)
    figure.update_annotations(x=0, xanchor="left", font={"size": 13})
    return figure
