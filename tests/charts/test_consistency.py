"""Charts of channels side by side: a dot says which channel, how large and how sure."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from cx_metrics.charts.consistency import ALL, INDEX, MEASURES, channel_chart, spread_chart
from cx_metrics.charts.theme import colours

HOSTILE = "<b>bold</b><a href='javascript:1'>x</a>"


def channels(*rows: tuple[str, str, float, float | None]) -> pd.DataFrame:
    """(reason, channel, n, share) as the table of channels, of what is resolved."""
    table = pd.DataFrame(rows, columns=["reason", "channel", "n", "share"]).astype({"share": float})
    return table.assign(measure="resolved", low=table["share"] - 3, high=table["share"] + 3, compared=table["n"] >= 30)


def dots(figure: go.Figure) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data if trace.mode == "markers"}


def test_a_dot_for_each_channel() -> None:
    table = channels(("invoice", "phone", 400, 80), ("invoice", "chat", 100, 60), ("login", "phone", 25, 70),
                     ("login", "chat", 8, None))  # fmt: skip
    figure = channel_chart(table, "resolved")
    found = dots(figure)
    assert set(found) == {"phone", "chat"}
    assert (list(found["phone"].x), list(found["phone"].y)) == ([80, 70], ["invoice", "login"])
    assert list(found["phone"].marker.symbol) == ["circle", "circle-open"]  # n below 30 is not compared
    assert found["phone"].marker.size[0] == 2 * found["chat"].marker.size[0]  # area by n
    assert found["phone"].marker.color == colours(["phone", "chat"])["phone"]
    assert found["chat"].hovertext == ("chat: 60.0 % (57.0 to 63.0 %), n = 100",)
    (line, _) = [trace for trace in figure.data if trace.mode == "lines"]
    assert list(line.x) == [60, 80] and list(line.y) == ["invoice", "invoice"]
    assert list(figure.layout.yaxis.categoryarray) == ["login", "invoice"]
    assert figure.layout.xaxis.title.text == MEASURES["resolved"]


def test_only_the_first_reasons_and_the_measure_that_is_asked_for() -> None:
    table = channels(*[(f"reason {i}", "phone", 100, 50) for i in range(20)])
    assert len(dots(channel_chart(table, "resolved", most=12))["phone"].y) == 12
    assert not channel_chart(table, "slow").data


def test_the_index_by_reason() -> None:
    rows = [(ALL, INDEX, 90.0), ("invoice", INDEX, 80.0), ("invoice", "resolved", 10.0)]
    table = pd.DataFrame(rows, columns=["reason", "measure", "value"])
    table = table.assign(channels=4, n=1000.0, low=table["value"] - 2, high=table["value"] + 1)
    (trace,) = spread_chart(table).data
    assert (list(trace.y), list(trace.x)) == (["invoice", ALL], [80, 90])  # drawn from below
    assert (list(trace.error_x.array), list(trace.error_x.arrayminus)) == ([1, 1], [2, 2])
    assert trace.hovertext[0] == "80.0 (78.0 to 81.0), 4 channels, n = 1,000"
    assert trace.marker.color[0] != trace.marker.color[1]


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_to_draw(measure: str) -> None:
    assert not channel_chart(channels(), measure).data
    empty = pd.DataFrame(columns=["reason", "measure", "channels", "n", "value", "low", "high"])
    assert not len(spread_chart(empty).data[0].x)


def test_texts_from_data_stay_texts() -> None:
    figure = channel_chart(channels((HOSTILE, HOSTILE, 40, 50), (HOSTILE, "b", 40, 60)), "resolved")
    assert "<b>bold" not in figure.to_json()
