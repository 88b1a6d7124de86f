"""An initiative drawn: both groups in time, their difference around the start, and the same where nothing began."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from cx_metrics.charts.theme import MARK, PALETTE, TOTAL, laid_out, plain
from cx_metrics.charts.trend import trend_chart
from cx_metrics.scope import short_date
from cx_metrics.wording import amount, interval

_TARGET, _REST = PALETTE[0], PALETTE[1]
_ROW = 22  # pixels
_SOFT = "rgba(128,128,128,0.2)"
_KINDS = {"date": "another start", "group": "another group"}


def groups_chart(series: pd.DataFrame, start: datetime.date, unit: str, names: Mapping[str, str]) -> go.Figure:
    """Both groups over time with bands of 95 %, and the start as an unbroken line.

    The comparison is dashed, so that colour is not all that tells the two apart. series: period, group, n, value, low,
    high. names: group ("target", "comparison") -> words. unit: the metric's.
    """
    words = {group: f"{group}: {names[group]}" for group in ("target", "comparison")}
    named = series.assign(period=pd.to_datetime(series["period"]), group=series["group"].map(words))
    figures = named.sort_values("period", kind="stable")
    none = pd.DataFrame(columns=["occurred_at", "title"])
    figure = trend_chart(figures, unit, _axis(unit), none, "group")
    colour = {
        plain(words["target"]): (_TARGET, "solid", "circle"),
        plain(words["comparison"]): (_REST, "dash", "square"),
    }
    for trace in figure.data:
        line, dash, sign = colour[trace.legendgroup]
        if trace.fill == "toself":
            trace.fillcolor = f"rgba({', '.join(str(int(line[i : i + 2], 16)) for i in (1, 3, 5))}, 0.15)"
        else:
            trace.line.update(color=line, dash=dash)
            trace.marker.update(symbol=sign, color=line)
    return _started(figure, pd.Timestamp(start))


def study_chart(study: pd.DataFrame, unit: str) -> go.Figure:
    """Target minus comparison by weeks from the start, against the last period before it, with 95 % intervals.

    Hollow before the start, filled after it; dotted at zero. study: period, weeks, after, value, low, high, n.
    """
    figure = go.Figure()
    known = study.dropna(subset="value")
    for after, sign, name in ((False, "circle-open", "before the start"), (True, "circle", "after the start")):
        part = known[known["after"].astype(bool) == after]
        said = [
            f"from {short_date(pd.Timestamp(day))}: {_effect(value, unit)} ({_span(low, high, unit)})"
            for day, value, low, high in part[["period", "value", "low", "high"]].itertuples(index=False)
        ]
        figure.add_scatter(
            x=part["weeks"], y=part["value"], mode="markers", name=name, text=said, error_y=_whiskers(part),
            marker={"symbol": sign, "size": 9, "color": _TARGET if after else TOTAL},
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    figure.add_hline(y=0, line={"color": MARK, "width": 1, "dash": "dot"})
    laid_out(figure, height=320)
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title="weeks from the start")
    figure.update_yaxes(title=_axis(_unit(unit)))
    return _started(figure, 0)


def placebo_chart(
    placebos: pd.DataFrame, value: float, low: float, high: float, unit: str, name: str
) -> go.Figure:  # fmt: skip
    """The same analysis where nothing began, by size, with the initiative (a diamond) among them.

    Filled marks have an interval without zero. placebos: kind, label, value, low, high, shown. name: the initiative's.
    """
    columns = ["kind", "label", "value", "low", "high", "shown"]
    mine = pd.DataFrame([{"kind": "", "label": plain(name), "value": value, "low": low, "high": high, "shown": False}])
    others = placebos[columns].assign(label=placebos["label"].map(plain))
    both = pd.concat([frame for frame in (others, mine) if len(frame)], ignore_index=True)
    rows = both.sort_values("value", kind="stable").reset_index(drop=True)
    figure = go.Figure()
    looks = (("date", TOTAL, "circle"), ("group", _REST, "square"), ("", _TARGET, "diamond"))
    for kind, colour, sign in looks:
        part = rows[rows["kind"] == kind]
        signs = [sign if clear or not kind else f"{sign}-open" for clear in part["shown"]]
        figure.add_scatter(
            x=part["value"], y=part.index, mode="markers", name=_KINDS.get(kind, "the initiative"),
            error_x=_whiskers(part), text=[_placebo(row, unit) for row in part.to_dict("records")],
            marker={"symbol": signs, "size": 9 if kind else 13, "color": colour}, showlegend=bool(len(part)),
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=0, line={"color": MARK, "width": 1, "dash": "dot"})
    laid_out(figure, height=110 + _ROW * len(rows))
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title=f"effect, {_axis(_unit(unit))}", showgrid=True, gridcolor=_SOFT)
    return figure.update_yaxes(tickvals=list(rows.index), ticktext=list(rows["label"]), showgrid=False)


# --- for those who do not see them -----------------------------------------------------------------------------------


def groups_alt(series: pd.DataFrame, start: datetime.date, unit: str, names: Mapping[str, str]) -> str:
    """The chart of both groups in a sentence: where each began and ended."""
    parts = []
    for group, name in names.items():
        known = series[series["group"] == group].dropna(subset="value").sort_values("period")
        if len(known):
            first, last = (amount(known["value"].iloc[place], unit) for place in (0, -1))
            parts.append(f"{name} from {first} to {last}")
    return f"both groups over time, start on {short_date(start)}: {'; '.join(parts) or 'no figure can be shown'}"


def study_alt(study: pd.DataFrame) -> str:
    """The event study in a sentence: how many periods lie clearly off zero, before and after the start."""
    known = study.dropna(subset="value")
    after = known["after"].astype(bool)
    off = (known["low"] > 0) | (known["high"] < 0)
    return (
        f"difference of the groups by weeks from the start: clearly off zero in {int((off & ~after).sum())} of "
        f"{int((~after).sum())} periods before it and {int((off & after).sum())} of {int(after.sum())} after it"
    )


def placebo_alt(placebos: pd.DataFrame, value: float) -> str:
    """The placebos in a sentence: how many are as large as the effect."""
    larger = int((placebos["value"].astype(float).abs() >= abs(value)).sum())
    return f"the same analysis {len(placebos)} times where nothing began: {larger} times as large an effect or larger"


# --- parts -----------------------------------------------------------------------------------------------------------


def _started(figure: go.Figure, at: object) -> go.Figure:
    figure.add_vline(x=at, line={"color": MARK, "width": 2})
    figure.add_annotation(
        x=at, y=0, yref="paper", yanchor="bottom", xanchor="left", text=" start", showarrow=False,
        font={"size": 12, "color": MARK},
    )  # fmt: skip
    return figure


def _whiskers(part: pd.DataFrame) -> dict[str, object]:
    up, down = part["high"] - part["value"], part["value"] - part["low"]
    return {"type": "data", "symmetric": False, "array": list(up), "arrayminus": list(down), "thickness": 1.5}


def _placebo(row: dict[Any, Any], unit: str) -> str:
    return f"{row['label']}: {_effect(row['value'], unit)} ({_span(row['low'], row['high'], unit)})"


def _unit(unit: str) -> str:
    """Of a difference: shares differ in points."""
    return "points" if unit == "%" else unit


def _axis(unit: str) -> str:
    return {"count": "number", "money": "amount", "%": "%"}.get(unit, unit)


def _effect(value: float, unit: str) -> str:
    return ("+" if value > 0 and _unit(unit) != "points" else "") + amount(value, _unit(unit))


def _span(low: float, high: float, unit: str) -> str:
    return interval(low, high, _unit(unit))
