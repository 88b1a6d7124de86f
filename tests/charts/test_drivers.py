"""Charts of drivers and prices."""

from __future__ import annotations

import pandas as pd
import pytest

from cx_metrics.charts.drivers import driver_chart, hazard_chart, price_chart
from cx_metrics.charts.theme import PALETTE

DRIVERS = pd.DataFrame({
    "title": ["Long <b>wait", "Loop", "Reopen"], "n": [900.0, 900.0, 900.0], "hits": [200.0, 30.0, 4.0],
    "weight": [0.04, 0.001, None], "low": [0.02, 0.0, None], "high": [0.07, 0.004, None],
    "effect": [-12.0, 1.5, None], "effect_low": [-15.0, -4.0, None], "effect_high": [-9.0, 7.0, None],
    "distinguishable": [True, False, False],
})  # fmt: skip


def test_weights_and_effects_side_by_side() -> None:
    bars, points = driver_chart(DRIVERS).data
    assert (
        list(bars.y) == list(points.y) == ["Loop", "Long &lt;b&gt;wait"]
    )  # the weightiest on top, the rare one left out
    assert list(bars.x) == pytest.approx([0.1, 4.0]) and list(points.x) == [1.5, -12.0]
    assert list(bars.error_x.array) == pytest.approx([0.3, 3.0])
    assert list(points.error_x.arrayminus) == pytest.approx([5.5, 3.0])


def test_what_may_be_chance_is_grey_and_said_so() -> None:
    bars, points = driver_chart(DRIVERS).data
    for trace in (bars, points):
        unsure, sure = trace.marker.color
        assert sure == PALETTE[0] and unsure != sure
        assert "not distinguishable" in trace.text[0] and "not distinguishable" not in trace.text[1]
        assert "there in 200 of 900" in trace.text[1]


HAZARDS = pd.DataFrame({
    "title": ["Abandonment", "Loop", "Reopen"], "n": [90.0] * 3, "hits": [20.0, 30.0, 4.0],
    "hazard_ratio": [2.0, 0.9, None], "low": [1.4, 0.5, None], "high": [2.9, 1.6, None],
    "distinguishable": [True, False, False],
})  # fmt: skip


def test_hazard_ratios_on_a_ratio_scale() -> None:
    figure = hazard_chart(HAZARDS)
    (points,) = figure.data
    assert list(points.x) == [0.9, 2.0] and figure.layout.xaxis.type == "log"
    low, high = (10**end for end in figure.layout.xaxis.range)
    assert low < 0.5 and high > 2.9 and set(figure.layout.xaxis.tickvals) == {0.5, 1, 2}
    assert figure.layout.shapes[0].x0 == 1
    assert "not distinguishable" in points.text[0]


PARTS = pd.DataFrame({
    "title": ["A", "B", "C", "D"], "value": [5.0, -2.0, 9.0, None], "low": [1.0, -4.0, -1.0, None],
    "high": [9.0, 1.0, 19.0, None],
})  # fmt: skip


def test_parts_of_a_price_the_largest_on_top() -> None:
    figure = price_chart(PARTS, "<i>EUR")
    (bars,) = figure.data
    assert list(bars.y) == ["B", "A", "C"] and list(bars.x) == [-2.0, 5.0, 9.0]
    assert list(bars.marker.color) == ["#BBBBBB", PALETTE[5], "#BBBBBB"]
    assert figure.layout.xaxis.title.text == "&lt;i&gt;EUR"
    assert "not distinguishable" in bars.text[0] and bars.text[1] == "1.0 to 9.0"


def test_nothing_to_draw() -> None:
    assert driver_chart(DRIVERS.iloc[2:]).data and hazard_chart(HAZARDS.iloc[2:]).data
    assert price_chart(PARTS.iloc[:0], "EUR").data
