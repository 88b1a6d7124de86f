"""Figures over time, one line per group, with their intervals and marked events."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import MARK, PALETTE, TOTAL, colours, laid_out, plain
from cx_metrics.wording import amount, interval

_FEW = 3  # periods
_MANY = 15  # marks: with more, lines are thinner and numbers stand in two rows
_STEPS = {"week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}
ALL = "All"  # the group that is the total


def trend_chart(
    figures: pd.DataFrame, unit: str, title: str, events: pd.DataFrame,
    group: str | None = None, every: str | None = None, levels: pd.DataFrame | None = None,
    breaks: Sequence[pd.Timestamp] = (),
) -> go.Figure:  # fmt: skip
    """Lines of `value` over `period` with bands low to high; gaps where a figure is hidden, or (`every`) absent.

    figures: period, n, value, low, high, and the column `group` where there is one; its rows "All" are drawn in grey.
    events: occurred_at, oldest first, dashed lines marked by their number. levels: period, oldest first, where a new
    level begins: unbroken lines marked by a letter. unit: the metric's. title: of the value axis. breaks: times at
    which the definition changed: no line is drawn over them.
    """
    figure, periods = go.Figure(), sorted(set(figures["period"]))
    figures = _broken(figures, group, breaks)
    names = list(dict.fromkeys(figures[group])) if group else [ALL]
    colour = {**colours([name for name in names if name != ALL]), ALL: TOTAL if group else PALETTE[0]}
    for name in names:
        part = _without_gaps(figures[figures[group] == name] if group else figures, every)
        total = bool(group) and name == ALL
        _add_line(figure, part, plain(name), colour[name], unit, band=len(names) <= 4, total=total)
    for at in breaks:
        figure.add_vline(x=at, line={"color": TOTAL, "width": 3, "dash": "dot"})
    _mark_events(figure, events)
    _mark_levels(figure, levels)
    figure.update_yaxes(title=title, rangemode="normal")
    figure.update_xaxes(title=None, type="date")
    if len(periods) <= _FEW:  # left alone, the axis would count milliseconds
        gap = pd.Timedelta(days=20)
        last = max([periods[-1] + gap, *events["occurred_at"]]) if periods and len(events) else None
        span = [periods[0] - gap, last or periods[-1] + gap] if periods else None
        figure.update_xaxes(tickvals=periods, tickformat="%-d %b %Y", range=span)
    laid_out(figure, showlegend=len(names) > 1)
    return _raised(figure) if len(names) > 1 and len(events) else figure


def _raised(figure: go.Figure) -> go.Figure:
    """With the legend above the numbers of the marks."""
    return figure.update_layout(legend={"y": 1.1}, margin={"t": 70})


def _add_line(
    figure: go.Figure, part: pd.DataFrame, name: str, colour: str, unit: str, band: bool, total: bool
) -> None:
    x = list(part["period"])
    alone = len(x) <= _FEW
    if band and not alone:
        _add_band(figure, part, name, colour)
    said = [
        "hidden: too few" if pd.isna(value) else f"{amount(value, unit)} ({interval(low, high, unit)}), n = {n:,.0f}"
        for n, value, low, high in part[["n", "value", "low", "high"]].itertuples(index=False)
    ]
    figure.add_scatter(
        x=x, y=part["value"], name=name, mode="lines+markers", connectgaps=False, legendgroup=name, text=said,
        line={"color": colour, "width": 3 if total else 2, "dash": "dot" if total else "solid"},
        marker={"size": 6}, hovertemplate="%{text}", error_y=_whiskers(part) if alone else None,
    )  # fmt: skip


def _broken(figures: pd.DataFrame, group: str | None, breaks: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """With an empty row for each group just before each break."""
    if not len(breaks) or figures.empty:
        return figures
    names = list(dict.fromkeys(figures[group])) if group else [ALL]
    holes = [
        {"period": at - pd.Timedelta(seconds=1), **({group: name} if group else {})} for at in breaks for name in names
    ]
    return pd.concat([figures, pd.DataFrame(holes)], ignore_index=True).sort_values("period", kind="stable")


def _without_gaps(part: pd.DataFrame, every: str | None) -> pd.DataFrame:
    """With a row for every period from the first to the last, so that no line is drawn over a hole in the data."""
    if every is None or len(part) < 2:
        return part
    whole = pd.date_range(part["period"].min(), part["period"].max(), freq=_STEPS[every])
    return (
        part.set_index("period")
        .reindex(whole.union(pd.DatetimeIndex(part["period"])))
        .rename_axis("period")
        .reset_index()
    )


def _add_band(figure: go.Figure, part: pd.DataFrame, name: str, colour: str) -> None:
    """The intervals as an area, one polygon per unbroken run: a fill would bridge the gaps."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    known = part["low"].notna() & part["high"].notna()
    for _, run in part[known].groupby((~known).cumsum()[known]):
        figure.add_scatter(
            x=[*run["period"], *run["period"][::-1]], y=[*run["high"], *run["low"][::-1]], mode="lines",
            line={"width": 0}, fill="toself", fillcolor=f"rgba({red},{green},{blue},0.15)", showlegend=False,
            hoverinfo="skip", legendgroup=name,
        )  # fmt: skip


def _whiskers(part: pd.DataFrame) -> dict[str, object]:
    """The interval as a bar: with one point or two there is no band to see."""
    up, down = part["high"] - part["value"], part["value"] - part["low"]
    return {"type": "data", "symmetric": False, "array": list(up), "arrayminus": list(down), "thickness": 1.5}


def _mark_events(figure: go.Figure, events: pd.DataFrame) -> None:
    many = len(events) > _MANY
    look = {"color": MARK, "width": 0.5 if many else 1, "dash": "dot" if many else "dash"}
    for number, event in enumerate(events.itertuples(), start=1):
        figure.add_vline(x=event.occurred_at, line=look)
        figure.add_annotation(
            x=event.occurred_at, y=1, yref="paper", yanchor="bottom", text=str(number), showarrow=False,
            font={"size": 9 if many else 11, "color": MARK}, yshift=10 if many and number % 2 == 0 else 0,
        )  # fmt: skip


def _mark_levels(figure: go.Figure, levels: pd.DataFrame | None) -> None:
    for place, when in enumerate(levels["period"] if levels is not None else ()):
        figure.add_vline(x=when, line={"color": MARK, "width": 2})
        figure.add_annotation(
            x=when, y=0, yref="paper", yanchor="bottom", xanchor="left", showarrow=False,
            text=chr(ord("a") + place % 26), font={"size": 12, "color": MARK},
        )  # fmt: skip


def mix_chart(figures: pd.DataFrame, group: str, events: pd.DataFrame | None = None) -> go.Figure:
    """What each group's share of the rows behind a figure is over time: stacked areas that sum to 100 %.

    figures: period, n and the column `group`. Hidden counts are left out. events: as in `trend_chart`.
    """
    figure = go.Figure()
    known = figures.dropna(subset="n")
    counts = known.pivot_table(index="period", columns=group, values="n", aggfunc="sum", sort=False)
    counts = counts.sort_index().fillna(0.0)
    shares = 100 * counts.div(counts.sum(axis=1), axis=0)
    colour = colours(list(shares.columns))
    for name in shares.columns:
        figure.add_scatter(
            x=list(shares.index), y=shares[name], name=plain(name), stackgroup="mix", mode="lines",
            line={"width": 0.5, "color": colour[name]}, hovertemplate="%{y:.1f} %",
        )  # fmt: skip
    figure.update_yaxes(title="share of the rows behind the figure, %", range=[0, 100])
    figure.update_xaxes(title=None, type="date")
    laid_out(figure, height=280)
    if events is None or events.empty:
        return figure
    _mark_events(figure, events)
    return _raised(figure)
