"""Drawings of what customers say."""

from __future__ import annotations

import pandas as pd

from cx_metrics.charts.voice import effect_chart, mood_words, origin_words, theme_chart
from cx_metrics.judges.themes import NOT_COVERED

THEMES = pd.DataFrame({"theme": ["<b>x</b>", "small", NOT_COVERED], "share": [40.0, None, 10.0], "low": [30.0, None, 5.0],
                       "high": [50.0, None, 15.0], "mood": [-0.5, None, None]})  # fmt: skip


def test_bars_carry_their_theme() -> None:
    figure = theme_chart(THEMES, "<b>x</b>")
    bar = figure.data[0]
    assert [list(name) for name in bar.customdata] == [[NOT_COVERED], ["<b>x</b>"]]
    assert list(bar.x) == [10, 40] and list(bar.marker.pattern.shape) == ["/", ""]
    assert list(bar.marker.line.width) == [0, 3]
    assert figure.layout.yaxis.ticktext[1] == "&lt;b&gt;x&lt;/b&gt;" and "<b>" not in bar.hovertext[1]
    assert figure.data[1].text[1].strip() == "-0.50" and not figure.data[1].text[0].strip()
    assert not len(theme_chart(THEMES.iloc[1:2]).data[0].x)


def test_effects_tell_measures_and_clear_ones_apart() -> None:
    rows = pd.DataFrame({"theme": ["a", "a", "b", "b"], "measure": ["CSAT", "NPS"] * 2, "adjusted": [-5.0, 2.0, 1.0, None],
                         "adjusted_low": [-8.0, -1.0, 0.0, None], "adjusted_high": [-2.0, 5.0, 2.0, None],
                         "clear": [True, False, False, False]})  # fmt: skip
    figure = effect_chart(rows)
    assert [trace.name for trace in figure.data] == ["CSAT", "NPS"] and list(figure.data[1].x) == [2]
    assert list(figure.data[0].x) == [1, -5] and list(figure.data[0].marker.symbol) == ["circle-open", "circle"]
    assert figure.layout.yaxis.ticktext == ("b", "a")  # the lowest on top


def test_words() -> None:
    assert (origin_words("contact"), origin_words("csat"), origin_words("believed_expectation")) == (
        "contacts", "comments of CSAT", "comments of believed expectation",
    )  # fmt: skip
    assert (mood_words(0.4), mood_words(float("nan"))) == ("+0.40", "")
