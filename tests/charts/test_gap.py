"""The dumbbells: what they draw, apart what is estimated, and texts from data as they are written."""

from __future__ import annotations

import math

import pandas as pd

from cx_metrics.analyses.gap import references
from cx_metrics.charts.gap import ESTIMATED, SIDES, gap_chart, importance_chart, reference_chart

NAN = math.nan


def table() -> pd.DataFrame:
    """Two stages; nobody was asked what they believe of the second."""
    rows = {"stage": ["buy", "<b>pay</b>"], "belief_gap": [20.0, NAN]}
    for place, side in enumerate(SIDES):
        known = [50.0 + place, 60.0 if side in ("expectation", "experience") else NAN]
        rows |= {
            side: known,
            f"n_{side}": [30.0, 40.0],
            f"{side}_low": [x - 2 for x in known],
            f"{side}_high": [x + 2 for x in known],
        }
    return pd.DataFrame(rows)


def test_each_side_is_a_marker_with_its_interval() -> None:
    figure = gap_chart(table(), "stage")
    drawn = {trace.name: trace for trace in figure.data if trace.mode == "markers"}
    assert list(drawn) == [words for words, *_ in SIDES.values()]
    experience = drawn["customers experience"]
    assert list(experience.y) == ["&lt;b&gt;pay&lt;/b&gt;", "buy"]  # drawn from below
    assert list(experience.x) == [60.0, 51.0]
    assert list(experience.error_x.array) == [2.0, 2.0]
    assert experience.customdata[1] == "customers experience: 51.0 (49.0 to 53.0), n = 30"


def test_the_belief_gap_is_written_on_the_bar() -> None:
    (text,) = (trace for trace in gap_chart(table(), "stage").data if trace.mode == "text")
    assert list(text.text) == ["", "+20"]
    assert text.x[1] == (51.0 + 52.0) / 2


def test_customers_and_company_differ_in_colour_and_shape() -> None:
    looks = {
        trace.name: (trace.marker.color, trace.marker.symbol)
        for trace in gap_chart(table(), "stage").data
        if trace.mode == "markers"
    }
    assert len(set(looks.values())) == 4
    assert looks["customers expect"][0] == looks["customers experience"][0] != looks["we believe they experience"][0]


def test_estimates_are_drawn_apart() -> None:
    estimated = pd.DataFrame({"stage": ["use"], "value": [55.0], "low": [45.0], "high": [65.0]})
    figure = gap_chart(table(), "stage", estimated)
    (marker,) = (trace for trace in figure.data if trace.name == ESTIMATED)
    assert (list(marker.x), list(marker.y), marker.marker.symbol) == ([55.0], ["use"], "square-open")
    assert any(
        trace.mode == "lines" and trace.line.dash == "dash" and list(trace.x) == [45.0, 65.0] for trace in figure.data
    )


def test_published_shares() -> None:
    figure = reference_chart(references())
    customers = next(trace for trace in figure.data if trace.name == "customers say so")
    assert "Superior experience (362 firms) (2005)" in customers.y and 8 in customers.x
    assert figure.layout.xaxis.title.text.endswith("%")


def test_importance() -> None:
    figure = importance_chart(pd.DataFrame({"dimension": ["reliability", "ease"], "share": [60.0, 40.0]}))
    assert list(figure.data[0].y) == ["ease", "reliability"] and list(figure.data[0].text) == ["40.0 %", "60.0 %"]
