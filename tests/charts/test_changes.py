"""Parts of a change as bars: what is clear has colour, the rest is grey, and texts stay texts."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from cx_metrics.charts.changes import COLOURS, NAMES, dimension_chart, parts_chart
from cx_metrics.charts.theme import MARK

PARTS = pd.DataFrame(
    [("All", "within", -1.0, -3.0, 1.0, False), ("All", "mix", -5.0, -6.0, -4.0, True),
     ("<b>chat</b>", "within", 0.5, -0.5, 1.5, False), ("<b>chat</b>", "mix", -4.0, -5.0, -3.0, True)],
    columns=["group", "part", "size", "low", "high", "clear"],
)  # fmt: skip
TEXTS = ["one", "two", "three", "four"]


def test_bars_by_group() -> None:
    figure = parts_chart(PARTS, "points", TEXTS)
    within, mix = figure.data[:2]
    assert list(within.x) == [-1, 0.5] and list(mix.x) == [-5, -4]
    assert list(within.error_x.array) == pytest.approx([2, 1]) and list(within.error_x.arrayminus) == pytest.approx(
        [2, 1]
    )
    assert list(within.marker.color) == [MARK, MARK] and list(mix.marker.color) == [COLOURS["mix"]] * 2
    assert (within.marker.pattern.shape, mix.marker.pattern.shape) == ("", "/")
    assert list(mix.hovertext) == ["two", "four"]
    assert list(figure.layout.yaxis.categoryarray)[-1] == "All"  # on top
    assert {trace.name for trace in figure.data if trace.showlegend is None} == {
        NAMES["within"],
        NAMES["mix"],
        "no clear change",
    }


def test_only_so_many_groups_are_drawn() -> None:
    figure = parts_chart(PARTS, "points", TEXTS, most=1)
    assert all(len(trace.x) == 1 for trace in figure.data[:2])


def test_bars_by_dimension_add_up() -> None:
    whole = PARTS.assign(dimension=["channel", "channel", "team", "team"])
    figure = dimension_chart(whole, "points", {"channel": "channel", "team": "team"}, TEXTS)
    assert figure.layout.barmode == "relative" and list(figure.data[0].y) == ["channel", "team"]


def test_hostile_names_stay_texts() -> None:
    spec = json.dumps(json.loads(parts_chart(PARTS, "points", TEXTS).to_json()))
    assert "<b>" not in spec.replace("<br>", "").replace("\\u003cbr\\u003e", "")
