"""The mood chart: a point per message, told apart by shape as well as colour."""

from __future__ import annotations

import pandas as pd

from cx_metrics.charts.mood import MOODS, mood_chart


def test_a_point_per_mood_with_a_shape_of_its_own() -> None:
    figure = mood_chart([1, 3, 5], [-0.8, 0.0, 0.6], ["negative", "neutral", "positive"], "message")
    line, *points = figure.data
    assert (list(line.x), list(line.y)) == ([1, 3, 5], [-0.8, 0.0, 0.6])
    assert {trace.name: (list(trace.x), list(trace.y)) for trace in points} == {
        "negative": ([1], [-0.8]), "neutral": ([3], [0.0]), "positive": ([5], [0.6]),
    }  # fmt: skip
    assert len({trace.marker.symbol for trace in points}) == len({trace.marker.color for trace in points}) == len(MOODS)
    assert tuple(figure.layout.yaxis.range) == (-1.1, 1.1) and figure.layout.xaxis.title.text == "message"


def test_only_moods_that_occur_stand_in_the_legend() -> None:
    figure = mood_chart([pd.Timestamp("2026-01-01"), pd.Timestamp("2026-02-01")], [0.5, 0.9], ["positive"] * 2, "")
    assert [trace.name for trace in figure.data if trace.name] == ["positive"]
