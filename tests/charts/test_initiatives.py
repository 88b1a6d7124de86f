"""The charts of an initiative: told apart without colour, the start marked, zero drawn, texts stay texts."""

from __future__ import annotations

import datetime
import math

import pandas as pd

from cx_metrics.charts.initiatives import (
    groups_alt,
    groups_chart,
    placebo_alt,
    placebo_chart,
    study_alt,
    study_chart,
)

HOSTILE = "<b>bold</b>"
START = datetime.date(2026, 3, 1)
DAYS = [datetime.date(2026, month, 1) for month in (1, 2, 3, 4)]
NAMES = {"target": HOSTILE, "comparison": "South"}
SERIES = pd.DataFrame([
    {"period": day, "group": group, "n": 40.0, "value": value, "low": value - 10, "high": value + 10, "suppressed": False}
    for group, values in (("target", (60.0, 62.0, 70.0, 72.0)), ("comparison", (60.0, 61.0, math.nan, 60.0)))
    for day, value in zip(DAYS, values, strict=True)
])  # fmt: skip
STUDY = pd.DataFrame({
    "period": [*DAYS, datetime.date(2026, 5, 1)], "weeks": [-6.0, -2.0, 2.0, 6.0, 10.0],
    "after": [False, False, True, True, True], "n": 80.0, "value": [1.0, 0.0, 8.0, 9.0, math.nan],
    "low": [-9.0, 0.0, -2.0, 1.0, math.nan], "high": [11.0, 0.0, 18.0, 17.0, math.nan],
})  # fmt: skip
PLACEBOS = pd.DataFrame([
    {"kind": kind, "label": label, "start": START, "value": value, "low": value - 3, "high": value + 3, "shown": abs(value) > 3}
    for kind, label, value in (("date", "start on 2025-09-01", -1.0), ("group", HOSTILE, 9.0), ("group", "West", 2.0))
])  # fmt: skip


def test_groups_are_told_apart_by_dash_and_sign_and_the_start_is_marked() -> None:
    figure = groups_chart(SERIES, START, "%", NAMES)
    lines = {trace.name: trace for trace in figure.data if trace.fill is None}
    target, comparison = lines["target: &lt;b&gt;bold&lt;/b&gt;"], lines["comparison: South"]
    assert (target.line.dash, comparison.line.dash) == ("solid", "dash")
    assert target.marker.symbol != comparison.marker.symbol and target.line.color != comparison.line.color
    assert list(target.y) == [60, 62, 70, 72] and target.text[0] == "60.0 % (50.0 to 70.0 %), n = 40"
    assert comparison.text[2] == "hidden: too few"
    assert [shape.x0 for shape in figure.layout.shapes] == [pd.Timestamp(START)]
    assert [note.text for note in figure.layout.annotations] == [" start"]
    assert groups_alt(SERIES, START, "%", NAMES) == (
        f"both groups over time, start on 1 Mar 2026: {HOSTILE} from 60.0 % to 72.0 %; South from 60.0 % to 60.0 %"
    )


def test_the_event_study_has_zero_start_and_intervals() -> None:
    figure = study_chart(STUDY, "%")
    before, after = figure.data
    assert (list(before.x), list(after.x)) == ([-6, -2], [2, 6]) and before.marker.symbol != after.marker.symbol
    assert list(after.error_y.array) == [10, 8] and list(after.error_y.arrayminus) == [10, 8]
    assert after.text[1] == "from 1 Apr 2026: +9.0 (+1.0 to +17.0)"
    assert {(shape.x0, shape.y0) for shape in figure.layout.shapes} >= {(0, 0)}
    assert figure.layout.yaxis.title.text == "points"
    assert study_alt(STUDY).endswith("clearly off zero in 0 of 2 periods before it and 1 of 2 after it")


def test_the_initiative_stands_among_the_placebos_by_size() -> None:
    figure = placebo_chart(PLACEBOS, 8.0, 5.0, 11.0, "%", "<i>Callback</i>")
    dates, groups, mine = figure.data
    order = ["start on 2025-09-01", "West", "&lt;i&gt;Callback&lt;/i&gt;", "&lt;b&gt;bold&lt;/b&gt;"]
    assert list(figure.layout.yaxis.ticktext) == order
    assert (list(mine.x), list(mine.y), mine.marker.symbol[0]) == ([8], [2], "diamond")
    assert list(dates.y) == [0] and list(groups.y) == [1, 3]
    assert list(groups.marker.symbol) == ["square-open", "square"] and list(dates.marker.symbol) == ["circle-open"]
    assert mine.text[0] == "&lt;i&gt;Callback&lt;/i&gt;: +8.0 (+5.0 to +11.0)"
    assert placebo_alt(PLACEBOS, 8.0).endswith("3 times where nothing began: 1 times as large an effect or larger")


def test_a_unit_other_than_per_cent_keeps_its_sign() -> None:
    (_, _, mine) = placebo_chart(PLACEBOS, 67.0, -5.0, 110.0, "seconds", "x").data
    assert mine.text[0] == "x: +1 min 7 s (-5 s to 1 min 50 s)"


def test_nothing_to_draw() -> None:
    assert all(len(trace.x) == 0 for trace in study_chart(STUDY.iloc[:0], "%").data)
    assert groups_alt(SERIES.iloc[:0], START, "%", NAMES).endswith("no figure can be shown")
    assert len(placebo_chart(PLACEBOS.iloc[:0], 1.0, 0.0, 2.0, "%", "x").layout.yaxis.tickvals) == 1
