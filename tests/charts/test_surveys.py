"""Charts of surveys: what is drawn, in which order, and what is left out."""

from __future__ import annotations

import pandas as pd
import pytest

from cx_metrics.charts.surveys import fatigue_chart, per_customer_chart, response_chart, weighted_chart
from cx_metrics.charts.theme import PALETTE

NAN = float("nan")
RATES = pd.DataFrame(
    {"group": ["<b>", "East", "hidden"], "n": [400, 300, NAN], "value": [25.0, 8.0, NAN], "low": [21.0, 5.5, NAN],
     "high": [29.5, 11.6, NAN], "less": [False, True, False]}
)  # fmt: skip
FIGURES = pd.DataFrame(
    {"figure": ["Satisfaction", "Net Promoter Score", "Ease"], "unit": ["%", "points", "%"], "raw": [76.0, 30.0, NAN],
     "raw_low": [74.0, 25.0, NAN], "raw_high": [78.0, 35.0, NAN], "value": [74.0, 28.0, NAN], "low": [72.0, 22.0, NAN],
     "high": [76.0, 34.0, NAN], "answers": [900, 500, 20], "effective_n": [700.0, 400.0, NAN]}
)  # fmt: skip


def test_groups_with_their_intervals() -> None:
    chart = response_chart(RATES, 20.0)
    rest, less = chart.data
    assert (list(rest.x), list(rest.y), list(less.x), list(less.y)) == ([25], ["&lt;b&gt;"], [8], ["East"])
    assert (list(rest.error_x.array), list(rest.error_x.arrayminus)) == ([4.5], [4.0])
    assert less.marker.color == PALETTE[5] and "8.0 % (5.5 to 11.6 %), n = 300" in less.hovertext[0]
    assert list(chart.layout.yaxis.categoryarray) == ["East", "&lt;b&gt;"]
    assert chart.layout.xaxis.title.text == "invitations answered, %"
    assert chart.layout.annotations[0].text == "all: 20.0 %" and chart.layout.shapes[0].x0 == 20


def test_the_largest_groups_are_drawn_in_their_order() -> None:
    many = pd.DataFrame({"group": [f"g{n}" for n in range(40)], "n": range(100, 140), "value": 20.0, "low": 15.0,
                         "high": 26.0, "less": False})  # fmt: skip
    chart = response_chart(many, 20.0, most=3)
    assert list(chart.data[0].y) == ["g37", "g38", "g39"] and not chart.layout.showlegend


def test_raw_against_weighted() -> None:
    chart = weighted_chart(FIGURES)
    dots = [trace for trace in chart.data if trace.mode == "markers"]
    assert [trace.x[0] for trace in dots] == [76, 74, 30, 28]
    assert [trace.name for trace in dots[:2]] == ["those who answered", "weighted to all who were asked"]
    assert [trace.showlegend for trace in dots] == [True, True, False, False]
    assert "effective n = 700" in dots[1].hovertext[0] and ", n = 900" in dots[0].hovertext[0]
    assert chart.layout.xaxis.title.text == "per cent" and "points" in chart.layout.xaxis2.title.text
    assert [chart.layout[axis].ticktext[0] for axis in ("yaxis", "yaxis2")] == ["Satisfaction", "Net Promoter Score"]


@pytest.mark.parametrize(("draw", "column", "axis"), [
    (fatigue_chart, "earlier", "invitations answered, %"), (per_customer_chart, "invitations", "invited customers, %"),
])  # fmt: skip
def test_bars(draw: object, column: str, axis: str) -> None:
    frame = pd.DataFrame({column: ["0", "1", "2"], "n": [90, 60, NAN], "share": [20.0, 10.0, NAN], "low": [15.0, 8.0, NAN],
                          "high": [26.0, 13.0, NAN]})  # fmt: skip
    chart = draw(frame)  # type: ignore[operator]
    (bars,) = chart.data
    assert (list(bars.x), list(bars.y), list(bars.error_y.array)) == (["0", "1"], [20, 10], [6, 3])
    assert chart.layout.yaxis.title.text == axis and chart.layout.xaxis.title.text.startswith("invitations in the ")


def test_nothing_to_draw() -> None:
    for chart in (response_chart(RATES.iloc[:0], 0.0), weighted_chart(FIGURES.iloc[:0]),
                  per_customer_chart(pd.DataFrame(columns=["invitations", "n", "share", "low", "high"]))):  # fmt: skip
        assert not any(len(trace.x) for trace in chart.data)
