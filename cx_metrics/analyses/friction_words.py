"""What the figures of friction say, in sentences: the answer first, then where, what and since when."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cx_metrics.analyses.overview import figure
from cx_metrics.metrics.change import Figure, change, moved
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import short_date
from cx_metrics.wording import amount, interval, listing

FIGURES = ["n", "value", "low", "high"]
_RANKED = 30  # smallest n that is compared with others


def sentences(
    metric: Metric, tables: Mapping[str, pd.DataFrame], before: pd.DataFrame | None, why_no_change: str
) -> tuple[str, ...]:
    """tables: as `analyses.friction.friction` gives them. before: the total of the comparison period, if any.
    why_no_change: why no change of level can be looked for; "" where it can."""
    now = figure(*tables["total"].loc[0, FIGURES])
    if now.value is None:
        return (f"There are too few contacts for a figure here (n = {amount(now.n, 'count')}).",)
    about = f"{interval(now.low, now.high, '%')}, n = {amount(now.n, 'count')}"
    said = f"{metric.title}: {amount(now.value, '%')} ({about})"
    found = change(metric, now, figure(*before.loc[0, FIGURES])) if before is not None else None
    first = f"{said}; {moved(found, '%')} against the comparison period." if found else f"{said}."
    return (first, *_where(tables["cells"], now), *_what(tables["signals"]), *_since_when(tables, why_no_change))


def _where(cells: pd.DataFrame, now: Figure) -> list[str]:
    """The places that add most to what is above the whole."""
    above = cells[(cells["n"] >= _RANKED) & cells["value"].notna() & (cells["low"] > now.value)]
    excess = above.assign(excess=(above["n"] * (above["value"] - (now.value or 0.0))).astype(float))
    told = [
        f"{c['stage']} by {c['channel']} ({amount(c['value'], '%')}, n = {amount(c['n'], 'count')})"
        for c in excess.nlargest(3, "excess").to_dict("records")
    ]
    return [f"Clearly above the whole, and most of it: {listing(told)}."] if told else []


def _what(signals: pd.DataFrame) -> list[str]:
    seen = signals[signals["of_all"] > 0].head(3)
    most = [f"{title.lower()} {amount(share, '%')}" for title, share in zip(seen["title"], seen["of_all"], strict=True)]
    return [f"The most frequent signals, of all: {listing(most)}."] if most else []


def _since_when(tables: Mapping[str, pd.DataFrame], why_no_change: str) -> list[str]:
    said = [
        f"From the week of {short_date(row['period'])} on it stood at {amount(row['after'], '%')} instead of "
        f"{amount(row['before'], '%')} ({row['low']:+.1f} to {row['high']:+.1f} points)."
        for row in tables["change_points"].to_dict("records")
    ]
    return [*said, *_moved(tables["shifts"])] or [why_no_change or "No week in this period clearly begins a new level."]


def _moved(shifts: pd.DataFrame) -> list[str]:
    """The channel whose share of the contacts changed most, from before its first step until after its last."""
    if shifts.empty:
        return []
    ends = shifts.groupby("channel").agg(
        period=("period", "first"), before=("before", "first"), after=("after", "last")
    )
    channel = (ends["after"] - ends["before"]).abs().idxmax()
    since, before, after = ends.loc[[channel]].to_numpy()[0]
    others = f"; {len(ends) - 1} other channels moved too" if len(ends) > 2 else ""
    shares = f"{amount(after, '%')} of them instead of {amount(before, '%')}"
    return [f"Contacts moved: from the week of {short_date(since)} on {channel} came to have {shares}{others}."]
