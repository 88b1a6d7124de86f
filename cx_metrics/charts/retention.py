"""Whether customers stay, drawn: cohorts as a heatmap, survival as steps with bands, what became of revenue, and
predictions beside what came."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import MARK, PALETTE, TOTAL, colours, laid_out, plain
from cx_metrics.wording import amount, interval, number

_ROW = 26  # pixels of a cohort
_SCALE = [[0.0, "#F7FBFF"], [0.5, "#6BAED6"], [1.0, "#08306B"]]
_BANDS = 3  # curves with bands; more would hide each other


def cohort_chart(cohorts: pd.DataFrame) -> go.Figure:
    """A row for each cohort with its n, the oldest on top; a column for each month since. Months that are not over and
    hidden cells are blank.

    cohorts: cohort (its first day), every (month or quarter), months_since, n, value (%), low, high.
    """
    own = cohorts.sort_values(["cohort", "months_since"])
    starts = list(dict.fromkeys(own["cohort"]))
    months = sorted(set(own["months_since"]))
    size = own.groupby("cohort")["n"].max()
    every = own["every"].iloc[0] if len(own) else "month"
    names = [f"{_named(start, every)} (n {amount(size[start], 'count')})" for start in starts]
    cells = {(row["cohort"], row["months_since"]): row for row in own.to_dict("records")}
    values, texts, hovers = [], [], []
    for start in starts:
        found = [cells.get((start, month)) for month in months]
        known = [row if row is not None and row["value"] == row["value"] else None for row in found]
        values.append([row["value"] if row else None for row in known])
        texts.append([f"{row['value']:.0f}" if row else "" for row in known])
        hovers.append([
            f"{amount(row['value'], '%')} ({interval(row['low'], row['high'], '%')}), n = {row['n']:,.0f}" if row
            else "not over yet, or hidden: too few" for row in known
        ])  # fmt: skip
    figure = go.Figure(go.Heatmap(
        x=months, y=names, z=values, text=texts, texttemplate="%{text}", customdata=hovers, colorscale=_SCALE, xgap=1,
        ygap=1, hovertemplate="%{y}, month %{x}: %{customdata}<extra></extra>", showscale=False, hoverongaps=False,
    ))  # fmt: skip
    laid_out(figure, height=90 + _ROW * max(len(starts), 1))
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_xaxes(title="months since the start", tickvals=months, ticktext=[str(month) for month in months])
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def _named(start: pd.Timestamp, every: str) -> str:
    return f"{start:%b %Y}" if every == "month" else f"Q{start.quarter} {start.year}"


def survival_chart(curves: pd.DataFrame) -> go.Figure:
    """A line of steps for each group, with its band where there are few groups. curves: group, months, survival (0-1),
    low, high, at_risk."""
    figure, groups = go.Figure(), list(dict.fromkeys(curves["group"]))
    colour = colours(groups) if len(groups) > 1 else dict.fromkeys(groups, PALETTE[0])
    for name in groups:
        part = curves[curves["group"] == name]
        x = list(part["months"])
        if len(groups) <= _BANDS:
            red, green, blue = (int(colour[name][i : i + 2], 16) for i in (1, 3, 5))
            figure.add_scatter(
                x=[*x, *x[::-1]], y=[*(100 * part["high"]), *(100 * part["low"])[::-1]], mode="lines",
                line={"width": 0}, fill="toself", fillcolor=f"rgba({red},{green},{blue},0.15)", showlegend=False,
                hoverinfo="skip", legendgroup=name,
            )  # fmt: skip
        said = [
            f"{amount(100 * value, '%')} ({interval(100 * low, 100 * high, '%')}), {n:,.0f} at risk"
            for value, low, high, n in part[["survival", "low", "high", "at_risk"]].itertuples(index=False)
        ]
        figure.add_scatter(x=x, y=100 * part["survival"], name=plain(name), mode="lines", text=said, legendgroup=name,
                           line={"color": colour[name], "width": 2}, hovertemplate="%{text}")  # fmt: skip
    laid_out(figure, height=400, showlegend=len(groups) > 1)
    figure.update_xaxes(title="months since the start", rangemode="tozero")
    figure.update_yaxes(title="still there, %", range=[0, 101])
    return figure


def bridge_chart(bridge: pd.DataFrame, currency: str) -> go.Figure:
    """From the amounts of a year before to those of now. bridge: part (start, expansion, contraction, churn, end),
    customers, amount."""
    kinds = ["absolute" if part == "start" else "total" if part == "end" else "relative" for part in bridge["part"]]
    figure = go.Figure(go.Waterfall(
        x=bridge["part"], y=bridge["amount"], measure=kinds, connector={"line": {"color": MARK}},
        increasing={"marker": {"color": PALETTE[2]}}, decreasing={"marker": {"color": PALETTE[5]}},
        totals={"marker": {"color": PALETTE[0]}}, text=[number(value) for value in bridge["amount"]],
        customdata=[f"{number(n)} customers" for n in bridge["customers"]],
        hovertemplate="%{x}: %{text}, %{customdata}<extra></extra>",
    ))  # fmt: skip
    laid_out(figure, height=320, showlegend=False)
    figure.update_layout(hovermode="closest", dragmode=False)
    figure.update_yaxes(title=f"a month, {plain(currency)}" if currency else "a month")
    return figure


def held_out_chart(held: pd.DataFrame) -> go.Figure:
    """Purchases per customer in the held-out part by earlier ones: what came with its interval, what was predicted.

    held: earlier (repeat purchases before, the last is "or more"), customers, actual, low, high, predicted.
    """
    known = held.dropna(subset="actual")
    top = held["earlier"].max() if len(held) else 0
    names = [f"{n:.0f}{' or more' if n == top else ''}" for n in known["earlier"]]
    figure = go.Figure()
    figure.add_bar(
        x=names, y=known["actual"], name="came", marker={"color": PALETTE[0]},
        error_y={"type": "data", "symmetric": False, "array": known["high"] - known["actual"],
                 "arrayminus": known["actual"] - known["low"], "thickness": 1.5, "color": TOTAL},
        customdata=known["customers"], hovertemplate="%{y:.2f} came, n = %{customdata:,.0f}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=names, y=known["predicted"], name="predicted", mode="markers",
        marker={"color": PALETTE[1], "size": 12, "symbol": "diamond"},
        hovertemplate="%{y:.2f} predicted<extra></extra>",
    )  # fmt: skip
    laid_out(figure, height=320)
    figure.update_xaxes(title="repeat purchases before", type="category")
    figure.update_yaxes(title="purchases per customer", rangemode="tozero")
    return figure


def tracking_chart(tracking: pd.DataFrame, events: pd.DataFrame) -> go.Figure:
    """Repeat purchases added up week by week: what came and what the model says; grey: the held-out part.

    tracking: week (its end), actual, expected, held_out. events: occurred_at, marked by number.
    """
    figure = go.Figure()
    for name, words, colour, dash in (("actual", "came", PALETTE[0], "solid"),
                                      ("expected", "model", PALETTE[1], "dash")):  # fmt: skip
        look = {"color": colour, "width": 2, "dash": dash}
        figure.add_scatter(x=tracking["week"], y=tracking[name], name=words, mode="lines", line=look,
                           hovertemplate="%{y:,.0f} " + words + "<extra></extra>")  # fmt: skip
    held = tracking[tracking["held_out"].astype(bool)]
    if len(held):
        figure.add_vrect(x0=held["week"].min(), x1=held["week"].max(), fillcolor=MARK, opacity=0.15, line_width=0)
    for place, event in enumerate(events.itertuples(), start=1):
        figure.add_vline(x=event.occurred_at, line={"color": MARK, "width": 1, "dash": "dash"})
        figure.add_annotation(x=event.occurred_at, y=1, yref="paper", yanchor="bottom", text=str(place),
                              showarrow=False, font={"size": 11, "color": MARK})  # fmt: skip
    laid_out(figure, height=340)
    figure.update_layout(legend={"y": 1.1}, margin={"t": 70})
    figure.update_xaxes(title=None, type="date")
    figure.update_yaxes(title="repeat purchases so far", rangemode="tozero")
    return figure
