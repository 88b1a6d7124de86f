"""Charts of bots: bars of parts that sum to all, dots that say where it stops, texts that stay texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from cx_metrics.charts.bots import COLOURS, DURABLE, ELSEWHERE, containment_chart, dead_end_chart
from cx_metrics.charts.theme import MARK, PALETTE

HOSTILE = "<b>bold</b><a href='javascript:1'>x</a>"


def parts(*rows: tuple[str, str, str, float, float | None]) -> pd.DataFrame:
    """(handler, channel, part, n, share) as the table of containment."""
    table = pd.DataFrame(rows, columns=["handled_by", "channel", "part", "n", "share"]).astype({"share": float})
    return table.assign(contacts=table["n"] * table["share"] / 100, low=table["share"] - 1, high=table["share"] + 1)


def bars(figure: go.Figure) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


def test_bars_by_part() -> None:
    table = parts(("bot", "chat", DURABLE, 200, 70), ("bot", "chat", ELSEWHERE, 200, 30),
                  ("self_service", "web", DURABLE, 1100, 98), ("self_service", "web", ELSEWHERE, 1100, 2))  # fmt: skip
    figure = containment_chart(table, "channel")
    found = bars(figure)
    assert list(found) == [DURABLE, ELSEWHERE] and figure.layout.barmode == "stack"
    assert list(found[DURABLE].y) == ["chat, bot, n = 200", "web, self-service, n = 1,100"]
    assert np.add(found[DURABLE].x, found[ELSEWHERE].x).tolist() == [100, 100]
    assert list(found[ELSEWHERE].text) == ["30 %", ""]  # a number that has no room is in the hover text only
    assert found[ELSEWHERE].hovertext[1] == f"{ELSEWHERE}: 2.0 % (1.0 to 3.0 %), n = 1,100"
    assert found[DURABLE].marker.color == COLOURS[DURABLE]
    assert list(figure.layout.yaxis.categoryarray)[-1] == "chat, bot, n = 200"  # the first on top


def test_without_a_group_and_without_hidden_cells() -> None:
    figure = containment_chart(parts(("bot", "chat", DURABLE, 200, 100), ("self_service", "web", DURABLE, 7, None)))
    assert [list(trace.y) for trace in figure.data] == [["bot, n = 200"]]


def test_parts_have_colours_of_their_own() -> None:
    assert len(set(COLOURS.values())) == len(COLOURS) and set(COLOURS.values()) <= set(PALETTE)


@pytest.mark.parametrize("count", [0, 1])
def test_little_to_draw(count: int) -> None:
    rows = [("bot", "chat", DURABLE, 20.0, 100.0)] * count
    assert len(containment_chart(parts(*rows)).data) == count
    assert len(dead_end_chart(cells(*[("pay", 20.0, 100.0, False)] * count)).data) == 1 + count


def cells(*rows: tuple[str, float, float, bool]) -> pd.DataFrame:
    """(stage, n, share, stands out) as the table of dead ends."""
    table = pd.DataFrame(rows, columns=["stage", "n", "share", "stands_out"]).astype(
        {"share": float, "stands_out": bool}
    )
    bounds = {"low": table["share"] - 5, "high": table["share"] + 5, "rest_share": 20.0}
    return table.assign(channel="chat", handled_by="bot", **bounds)


def test_dead_ends_that_stand_out_come_first() -> None:
    figure = dead_end_chart(cells(("buy", 40, 90, False), ("pay", 60, 50, True), ("use", 50, 10, False)), most=2)
    rest, usual, clear = figure.data
    assert list(figure.layout.yaxis.categoryarray) == ["buy, chat, bot", "pay, chat, bot"]  # drawn from below
    assert (list(rest.x), rest.marker.line.color) == ([20, 20], MARK)
    assert (list(usual.y), list(clear.y)) == (["buy, chat, bot"], ["pay, chat, bot"])
    assert usual.marker.color != clear.marker.color and "stands out" in clear.name
    assert (list(clear.error_x.array), list(clear.error_x.arrayminus)) == ([5], [5])
    assert clear.hovertext[0] == "50.0 % (45.0 to 55.0 %), n = 60"


def test_texts_from_data_stay_texts() -> None:
    table = parts(("bot", HOSTILE, DURABLE, 200, 100))
    for figure in (containment_chart(table, "channel"), dead_end_chart(cells((HOSTILE, 40, 50, False)))):
        assert "<b>bold" not in figure.to_json() and "&lt;b&gt;bold" in figure.to_json().replace("\\u0026", "&")
