"""Charts of figures over time: hidden values leave gaps, texts from data stay texts, a colour means one thing."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from cx_metrics.charts.theme import PALETTE, TOTAL, colours, plain
from cx_metrics.charts.trend import ALL, mix_chart, trend_chart
from cx_metrics.journey import CHANNELS, STAGES

MONTHS = pd.date_range("2026-01-01", periods=5, freq="MS")
NO_EVENTS = pd.DataFrame({"occurred_at": [], "title": [], "kind": []})
HOSTILE = "<b>bold</b><a href='javascript:1'>x</a>"


def course(*groups: str, hidden: tuple[int, ...] = (), periods: pd.DatetimeIndex = MONTHS) -> pd.DataFrame:
    """Figures of groups over the months; in the months `hidden` there is no value."""
    rows = []
    for size, group in enumerate(groups, start=1):
        for place, period in enumerate(periods):
            value = math.nan if place in hidden else 50.0 + place
            rows.append((period, group, 100.0 * size, value, value - 5, value + 5, place in hidden))
    return pd.DataFrame(rows, columns=["period", "group", "n", "value", "low", "high", "suppressed"])


def lines(figure: go.Figure) -> dict[str, Any]:
    """The lines by their names, bands left out."""
    return {trace.name: trace for trace in figure.data if "markers" in (trace.mode or "")}


def areas(figure: go.Figure) -> list[Any]:
    """The bands of intervals."""
    return [trace for trace in figure.data if trace.fill]


# --- gaps ------------------------------------------------------------------------------------------------------------


def test_a_hidden_value_is_a_gap() -> None:
    figure = trend_chart(course(ALL, hidden=(2,)), "%", "%", NO_EVENTS)
    (line,) = lines(figure).values()
    assert [math.isnan(y) for y in line.y] == [False, False, True, False, False]
    assert line.connectgaps is False
    assert line.text[2] == "hidden: too few" and line.text[1] == "51.0 % (46.0 to 56.0 %), n = 100"


def test_the_band_does_not_bridge_a_gap() -> None:
    figure = trend_chart(course(ALL, hidden=(2,)), "%", "%", NO_EVENTS)
    for area in areas(figure):
        assert MONTHS[2] not in list(pd.DatetimeIndex(area.x))
        assert not any(math.isnan(y) for y in area.y)
    covered = sorted({x for area in areas(figure) for x in pd.DatetimeIndex(area.x)})
    assert covered == [MONTHS[0], MONTHS[1], MONTHS[3], MONTHS[4]]


def test_a_month_without_rows_is_a_gap() -> None:
    figure = trend_chart(course(ALL).drop(index=2), "%", "%", NO_EVENTS, every="month")
    (line,) = lines(figure).values()
    assert list(pd.DatetimeIndex(line.x)) == list(MONTHS)
    assert math.isnan(line.y[2])


@pytest.mark.parametrize(("every", "freq"), [("week", "W-MON"), ("month", "MS"), ("quarter", "QS"), ("year", "YS")])
def test_periods_that_the_engine_gives_are_kept(every: str, freq: str) -> None:
    periods = pd.date_range("2024-01-01", periods=6, freq=freq)
    figure = trend_chart(course(ALL, periods=periods), "%", "%", NO_EVENTS, every=every)
    (line,) = lines(figure).values()
    assert list(pd.DatetimeIndex(line.x)) == list(periods)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_periods_show_their_intervals_as_bars(count: int) -> None:
    figure = trend_chart(course(ALL, periods=MONTHS[:count]), "%", "%", NO_EVENTS, every="month")
    assert not areas(figure)
    (line,) = lines(figure).values()
    if count:
        assert list(line.error_y.array) == list(line.error_y.arrayminus) == [5.0] * count


def test_everything_hidden_draws_without_a_value() -> None:
    figure = trend_chart(course(ALL, hidden=tuple(range(5))), "%", "%", NO_EVENTS)
    (line,) = lines(figure).values()
    assert all(math.isnan(y) for y in line.y) and not areas(figure)


# --- texts from data -------------------------------------------------------------------------------------------------


def test_names_from_data_are_escaped() -> None:
    shown = course(ALL, HOSTILE, "a & b")
    for figure in (trend_chart(shown, "%", "%", NO_EVENTS, "group"), mix_chart(shown[shown["group"] != ALL], "group")):
        names = {trace.name for trace in figure.data if trace.name}
        assert "&lt;b&gt;bold&lt;/b&gt;&lt;a href='javascript:1'&gt;x&lt;/a&gt;"[:20] in {name[:20] for name in names}
        assert "a &amp; b" in names
        assert "<" not in figure.to_json().replace("<extra></extra>", "")


def test_long_names_are_cut() -> None:
    assert plain("x" * 40) == "x" * 40
    assert plain("x" * 41) == "x" * 39 + "…"
    assert plain(None) == plain(math.nan) == "(not given)"


def test_events_are_marked_by_number_alone() -> None:
    events = pd.DataFrame({"occurred_at": MONTHS[1:3], "title": [HOSTILE, "Release"], "kind": ["other", "release"]})
    figure = trend_chart(course(ALL), "%", "%", events)
    assert [note.text for note in figure.layout.annotations] == ["1", "2"]
    assert [pd.Timestamp(shape.x0) for shape in figure.layout.shapes] == list(MONTHS[1:3])
    assert "javascript" not in figure.to_json()


def test_many_events_are_drawn_thinly_and_their_numbers_in_two_rows() -> None:
    times = pd.date_range("2026-01-01", periods=16, freq="W")
    few, many = (trend_chart(course(ALL), "%", "%", pd.DataFrame({"occurred_at": times[:n]})) for n in (15, 16))
    assert {note.yshift for note in few.layout.annotations} == {0}
    assert [note.yshift for note in many.layout.annotations] == [0, 10] * 8
    assert [note.text for note in many.layout.annotations] == [str(n) for n in range(1, 17)]
    assert {shape.line.width for shape in many.layout.shapes} == {0.5}
    assert {shape.line.width for shape in few.layout.shapes} == {1}


def test_new_levels_are_marked_by_a_letter_and_told_from_events() -> None:
    events = pd.DataFrame({"occurred_at": MONTHS[1:2]})
    figure = trend_chart(course(ALL), "%", "%", events, levels=pd.DataFrame({"period": MONTHS[2:4]}))
    assert [note.text for note in figure.layout.annotations] == ["1", "a", "b"]
    assert [shape.line.dash for shape in figure.layout.shapes] == ["dash", None, None]
    assert [pd.Timestamp(shape.x0) for shape in figure.layout.shapes] == list(MONTHS[1:4])


def test_the_legend_makes_room_for_the_numbers() -> None:
    shown, events = course("a", "b"), pd.DataFrame({"occurred_at": MONTHS[1:2]})
    without = [trend_chart(shown, "%", "%", NO_EVENTS, "group"), mix_chart(shown, "group", NO_EVENTS)]
    marked = [trend_chart(shown, "%", "%", events, "group"), mix_chart(shown, "group", events)]
    for bare, figure in zip(without, marked, strict=True):
        assert figure.layout.legend.y > bare.layout.legend.y
        assert [note.text for note in figure.layout.annotations] == ["1"]


# --- colours ---------------------------------------------------------------------------------------------------------


def test_a_group_has_one_colour_in_both_charts() -> None:
    shown = course(ALL, "phone", "kiosk", "chat")
    trend, mix = trend_chart(shown, "%", "%", NO_EVENTS, "group"), mix_chart(shown[shown["group"] != ALL], "group")
    drawn = {name: line.line.color for name, line in lines(trend).items()}
    assert drawn.pop(ALL) == TOTAL
    assert drawn == {trace.name: trace.line.color for trace in mix.data}
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize("known", [CHANNELS, STAGES])
def test_channels_and_stages_have_their_own_colours_whatever_stands_beside_them(known: tuple[str, ...]) -> None:
    everyone = colours(known)
    assert len(set(everyone.values())) == len(known)
    for name in known:
        assert colours([name, "another", "(not given)"])[name] == everyone[name]


def test_a_companys_own_channels_have_the_first_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "journey.toml").write_text('channels = ["shop", "letter", "web"]')
    monkeypatch.setenv("CX_JOURNEY_FILE", str(tmp_path / "journey.toml"))
    assert [colours([name, "another"])[name] for name in ("shop", "letter", "web")] == list(PALETTE[:3])


def test_seven_groups_have_seven_colours() -> None:
    for names in (
        ["web", "phone", "(not given)", "kiosk", "a", "b", "c"],
        ["North", "South", "pay", "web", "x", "y", "z"],
    ):
        assert len(set(colours(names).values())) == 7
    assert set(colours(map(str, range(20))).values()) == set(PALETTE)  # more groups than colours: they come again


# --- the mix ---------------------------------------------------------------------------------------------------------


def test_shares_sum_to_one_hundred() -> None:
    figure = mix_chart(course("a", "b", "c"), "group")
    sums = [sum(ys) for ys in zip(*(trace.y for trace in figure.data), strict=True)]
    assert sums == pytest.approx([100] * 5)
    assert [trace.y[0] for trace in figure.data] == pytest.approx([100 / 6, 200 / 6, 300 / 6])


def test_a_group_that_comes_late_does_not_turn_time_around() -> None:
    rows = course("a", "b")
    late = pd.concat([rows[(rows["group"] == "a") & (rows["period"] != MONTHS[1])], rows[rows["group"] == "b"]])
    for trace in mix_chart(late, "group").data:
        assert list(pd.DatetimeIndex(trace.x)) == list(MONTHS)


def test_hidden_counts_are_left_out() -> None:
    rows = course("a", "b")
    rows.loc[rows["group"] == "b", "n"] = math.nan
    assert [trace.name for trace in mix_chart(rows, "group").data] == ["a"]
