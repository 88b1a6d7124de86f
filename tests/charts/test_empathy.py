"""Charts of empathy and of scripts: what is drawn, and what is not."""

from __future__ import annotations

import pandas as pd
import pytest

from cx_metrics.charts.empathy import kinds_chart, scripted_chart

KINDS = pd.DataFrame(
    [("A", "empathy_emotional", 40, 50.0, 35.0, 65.0), ("A", "empathy_cognitive", 40, 20.0, 10.0, 35.0),
     ("<b>", "empathy_emotional", 7, None, None, None), ("<b>", "empathy_cognitive", 12, 30.0, 15.0, 50.0),
     ("A", "scripted_share", 99, 10.0, 5.0, 18.0)],
    columns=["group", "figure", "n", "value", "low", "high"],
)  # fmt: skip


def test_kinds() -> None:
    figure = kinds_chart(KINDS, frozenset({"empathy_cognitive"}))
    assert [trace.name for trace in figure.data] == ["emotional", "cognitive (indicative)"]
    assert [list(trace.x) for trace in figure.data] == [[50], [20, 30]]
    assert list(figure.data[0].error_x.array) == [15] and list(figure.data[0].error_x.arrayminus) == [15]
    assert list(figure.layout.yaxis.ticktext) == ["A<br>n = 40", "&lt;b&gt;<br>n = 12"]
    assert figure.data[1].hovertext[1] == "&lt;b&gt;: 30.0 % (15.0 to 50.0 %), n = 12"
    heights = {(trace.name, y) for trace in figure.data for y in trace.y}
    assert len({y for _, y in heights}) == 3  # no dot on another


def test_the_largest_groups_only() -> None:
    many = pd.concat([KINDS.assign(group=f"g{i}") for i in range(20)])
    assert len(kinds_chart(many, most=4).layout.yaxis.ticktext) == 4


def test_nothing() -> None:
    assert not kinds_chart(KINDS.iloc[:0]).data
    assert not len(scripted_chart(pd.DataFrame(columns=["team", "n", "value", "low", "high"])).data[0].x)


def test_scripted() -> None:
    teams = pd.DataFrame({"team": ["A", "<i>", "C"], "n": [40, 50, 7], "value": [10.0, 60.0, None],
                          "low": [4.0, 45.0, None], "high": [20.0, 72.0, None]})  # fmt: skip
    (bars,) = scripted_chart(teams).data
    assert list(bars.y) == ["A", "&lt;i&gt;"] and list(bars.x) == [10, 60]  # the largest is drawn on top
    assert list(bars.error_x.array) == pytest.approx([10, 12])
