"""Estimates are drawn apart from answers: hollow points and dashed whiskers beside filled ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.charts.estimates import ANSWERED, ESTIMATED, calibration_chart, effect_chart, estimate_chart

TABLE = pd.DataFrame({
    "group": ["pay", "<b>use</b>", "leave", "hidden"], "channel": [None, None, None, None], "n": [40.0, 200.0, 0.0, np.nan],
    "answered": [60.0, 80.0, np.nan, np.nan], "answered_low": [55.0, 78.0, np.nan, np.nan],
    "answered_high": [65.0, 82.0, np.nan, np.nan], "estimated_silent": [58.0, np.nan, 70.0, np.nan],
    "estimated_silent_low": [50.0, np.nan, 60.0, np.nan], "estimated_silent_high": [66.0, np.nan, 80.0, np.nan],
})  # fmt: skip


def test_answers_are_filled_and_estimates_hollow() -> None:
    figure = estimate_chart(TABLE)
    traces = {trace.name: trace for trace in figure.data if trace.name}
    said, silent = traces[ANSWERED], traces[ESTIMATED]
    assert said.marker.symbol is None and silent.marker.symbol == "circle-open"
    assert list(figure.layout.yaxis.ticktext) == ["leave", "&lt;b&gt;use&lt;/b&gt;", "pay"]  # the first on top
    assert list(said.x[1:]) == [80, 60] and np.isnan(said.x[0]) and list(said.error_x.array[1:]) == [2, 5]
    (whiskers,) = [trace for trace in figure.data if trace.mode == "lines"]
    assert whiskers.line.dash == "dot" and list(whiskers.x) == [60, 80, None, 50, 66, None]
    assert "estimated %{x" in silent.hovertemplate and "n = " in said.hovertemplate and not figure.layout.xaxis.range


def test_pairs_are_named_and_only_so_many_are_drawn() -> None:
    figure = estimate_chart(TABLE.assign(channel="phone"), most=1)
    assert list(figure.layout.yaxis.ticktext) == ["pay, phone"]
    assert not len(estimate_chart(TABLE.iloc[3:]).layout.yaxis.ticktext)


def test_calibration_has_the_line_of_agreement() -> None:
    table = pd.DataFrame({"n": [30, 31], "estimated": [40.0, 90.0], "answered": [45.0, 88.0], "low": [38.0, 84.0],
                          "high": [52.0, 92.0]})  # fmt: skip
    line, points = calibration_chart(table).data
    assert tuple(line.x) == tuple(line.y) == (35, 95)
    assert (
        list(points.y) == [45, 88]
        and list(points.error_y.array) == [7, 4]
        and list(points.error_y.arrayminus) == [7, 4]
    )
    assert len(calibration_chart(table.iloc[:0]).data[1].x) == 0


def test_effects_are_sorted_and_the_unsure_ones_are_grey() -> None:
    table = pd.DataFrame({
        "what": ["stage pay", "being transferred"], "compared_with": ["use", "no"], "n": [50.0, 40.0],
        "effect": [1.0, -6.1], "low": [-1.0, -7.9], "high": [3.0, -4.3], "clear": [False, True],
    })  # fmt: skip
    (trace,) = effect_chart(table).data
    assert list(trace.y) == ["stage pay", "being transferred"] and list(trace.x) == [1.0, -6.1]
    assert trace.marker.color[0] != trace.marker.color[1] and "not distinguishable" in trace.text[0]
    assert list(effect_chart(table, most=1).data[0].y) == ["being transferred"]
