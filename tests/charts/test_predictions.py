"""The chart of predictions: a point for each, both intervals, one colour per team, texts stay texts."""

from __future__ import annotations

import datetime
import math

import pandas as pd

from cx_metrics.charts.predictions import marked_chart

HOSTILE = "<b>bold</b>"
DAY = datetime.date(2026, 3, 1)


def rows(*teams: str) -> pd.DataFrame:
    """A marked prediction of each team; the first gave no range."""
    return pd.DataFrame([
        {"team": team, "metric": "csat", "first_day": DAY, "last_day": DAY, "expected": 80.0 + place, "value": 75.0,
         "expected_low": 70.0 if place else math.nan, "expected_high": 90.0 if place else None, "low": 60.0, "high": 85.0}
        for place, team in enumerate(teams)
    ])  # fmt: skip


def test_a_point_has_both_intervals() -> None:
    equal, first, second = marked_chart(rows("North", HOSTILE), "%").data[:3]
    assert (list(equal.x), list(equal.y)) == ([60, 90], [60, 90])
    named = {trace.name: trace for trace in (first, second)}
    north, other = named["North"], named["&lt;b&gt;bold&lt;/b&gt;"]
    assert (list(north.x), list(north.y)) == ([80], [75])
    assert (list(north.error_y.array), list(north.error_y.arrayminus)) == ([10], [15])
    assert (list(north.error_x.array), list(north.error_x.arrayminus)) == ([0], [0])
    assert (list(other.error_x.array), list(other.error_x.arrayminus)) == ([9], [11])
    assert north.text == ("North, csat<br>1 Mar 2026 to 1 Mar 2026<br>expected 80.0 %, came 75.0 % (60.0 to 85.0 %)",)
    assert "expected 81.0 % (70.0 to 90.0 %), came" in other.text[0] and "<b>" not in other.text[0]
    assert north.marker.color != other.marker.color


def test_nothing_to_draw() -> None:
    assert len(marked_chart(rows("North").iloc[:0], "%").data) == 1
