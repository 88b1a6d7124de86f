"""The map of friction and the signals side by side."""

from __future__ import annotations

import pandas as pd

from cx_metrics.charts.friction import heat_chart, signal_chart

STAGES, CHANNELS = ("buy", "pay"), ("web", "chat", "<b>")
CELLS = pd.DataFrame(
    [("buy", "web", 1200.0, 10.0, 8.0, 12.0, False), ("pay", "chat", 40.0, 80.0, 65.0, 90.0, False),
     ("pay", "web", 7.0, None, None, None, True), ("buy", "chat", None, None, None, None, True)],
    columns=["stage", "channel", "n", "value", "low", "high", "suppressed"],
)  # fmt: skip


def test_each_cell_tells_its_share_and_n_and_can_be_clicked() -> None:
    heat, points = heat_chart(CELLS, STAGES, CHANNELS, ("", "")).data
    told = {tuple(place): text for place, text in zip(points.customdata, points.text, strict=True)}
    assert len(told) == 6
    assert told[("pay", "chat")].startswith("<b>80</b>") and "40" in told[("pay", "chat")]
    assert "1.2k" in told[("buy", "web")]
    assert told[("buy", "chat")] == "hidden" and "7" in told[("pay", "web")] and "80" not in told[("pay", "web")]
    assert told[("pay", "<b>")] == ""
    assert next(list(row)[1] for row in heat.z) == 80, "the last stage is drawn at the bottom"


def test_points_lie_on_their_cells() -> None:
    figure = heat_chart(CELLS, STAGES, CHANNELS, ("", ""))
    points = figure.data[1]
    at = {tuple(place): (x, y) for place, x, y in zip(points.customdata, points.x, points.y, strict=True)}
    assert at[("buy", "web")] == (0, 1) and at[("pay", "chat")] == (1, 0)
    assert list(figure.layout.yaxis.ticktext) == ["pay", "buy"]
    assert "&lt;b&gt;" in figure.layout.xaxis.ticktext, "names from data are no markup"


def test_the_chosen_cell_is_framed() -> None:
    (frame,) = heat_chart(CELLS, STAGES, CHANNELS, ("pay", "chat")).layout.shapes
    assert (frame.x0 + frame.x1) / 2 == 1 and (frame.y0 + frame.y1) / 2 == 0
    assert not heat_chart(CELLS, STAGES, CHANNELS, ("pay", "")).layout.shapes


def test_a_map_without_any_figure() -> None:
    assert heat_chart(CELLS.iloc[:0], (), (), ("", "")).data
    assert heat_chart(CELLS.iloc[2:], STAGES, CHANNELS, ("", "")).data


def test_signals_that_the_data_cannot_show_have_no_bar() -> None:
    signals = pd.DataFrame({
        "title": ["Long wait", "Loop", "Reopen"], "n": [100.0, 100.0, 0.0], "value": [30.0, 2.0, None],
        "low": [21.0, 0.5, None], "high": [40.0, 7.0, None], "of_all": [30.0, 2.0, None],
    })  # fmt: skip
    (bars,) = signal_chart(signals).data
    assert list(bars.y) == ["Loop", "Long wait"] and list(bars.x) == [2, 30]
    assert "30.0 %" in bars.text[1] and "n = 100" in bars.text[1]
    assert signal_chart(signals.iloc[:0]).data
