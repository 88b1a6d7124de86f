"""Backtests of rules drawn: interventions week by week, and what followed beside the usual."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import PALETTE, TOTAL, laid_out
from cx_metrics.wording import amount, interval

OUTCOMES = {"any": "any of them", "left": "left", "complained": "complained", "low_score": "low score"}


def week_chart(weeks: pd.DataFrame) -> go.Figure:
    """Interventions that a rule would have opened, week by week. weeks: week (its Monday), n (missing: hidden)."""
    figure = go.Figure()
    figure.add_bar(
        x=weeks["week"], y=weeks["n"], marker={"color": PALETTE[0]}, showlegend=False,
        hovertemplate="week of %{x|%-d %b %Y}: %{y:.0f}<extra></extra>",
    )  # fmt: skip
    laid_out(figure, height=240)
    figure.update_layout(hovermode="closest", bargap=0.15)
    figure.update_yaxes(title="interventions a week", rangemode="tozero")
    return figure


def outcome_chart(outcomes: pd.DataFrame) -> go.Figure:
    """What followed a rule's interventions, with 95 % intervals, beside comparable contacts.

    outcomes: outcome, n, precision, low, high, base_n, base, base_low, base_high (per cent).
    """
    figure, known = go.Figure(), outcomes.iloc[::-1]
    sides = (("this rule", "precision", "low", "high", "n", PALETTE[5], 0.12),
             ("comparable contacts", "base", "base_low", "base_high", "base_n", TOTAL, -0.12))  # fmt: skip
    for name, value, low, high, n, colour, shift in sides:
        rows = known[known[value].notna()]
        said = [
            f"{name}, {OUTCOMES[str(row['outcome'])]}: {amount(row[value], '%')} "
            f"({interval(row[low], row[high], '%')}), n = {row[n]:,.0f}"
            for row in rows.to_dict("records")
        ]  # fmt: skip
        figure.add_scatter(
            x=rows[value], y=[list(OUTCOMES)[::-1].index(kind) + shift for kind in rows["outcome"]], name=name,
            mode="markers", marker={"color": colour, "size": 10}, hovertext=said,
            hovertemplate="%{hovertext}<extra></extra>",
            error_x={"type": "data", "symmetric": False, "array": rows[high] - rows[value],
                     "arrayminus": rows[value] - rows[low], "color": colour},
        )  # fmt: skip
    laid_out(figure, height=270)
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title="followed within 30 days, % (95 % interval)", rangemode="tozero")
    figure.update_yaxes(tickvals=list(range(len(OUTCOMES))), ticktext=list(OUTCOMES.values())[::-1], zeroline=False)
    return figure
