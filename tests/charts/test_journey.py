"""The journey drawn: what is hidden is not drawn, every case is somewhere, texts from data stay texts."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from cx_metrics.charts.journey import ENDED, MORE, OTHER, flow_chart, funnel_chart, transition_chart
from cx_metrics.charts.theme import TOTAL

HOSTILE = "<b>bold</b><script>"
STEPS = pd.DataFrame(
    [(1, "chat", ENDED, 400.0), (1, "chat", "phone", 60.0), (1, "web", "chat", 20.0), (1, "web", "phone", math.nan),
     (2, "phone", ENDED, 50.0), (2, "phone", HOSTILE, 10.0), (2, "chat", ENDED, 20.0), (3, HOSTILE, "chat", 10.0),
     (4, "chat", MORE, 10.0)],
    columns=["position", "from", "to", "n"],
)  # fmt: skip


def flows(alone: bool, steps: pd.DataFrame = STEPS) -> tuple[Any, list[tuple[str, str, float]]]:
    """The chart's trace, and its flows by the labels of their ends."""
    (trace,) = flow_chart(steps, alone).data
    labels, link = trace.node.label, trace.link
    return trace, [(labels[s], labels[t], v) for s, t, v in zip(link.source, link.target, link.value, strict=True)]


def test_every_flow_is_drawn_but_hidden_ones() -> None:
    trace, found = flows(alone=True)
    assert sum(value for *_, value in found) == STEPS["n"].sum()
    assert ("chat<br>460", "(ended)<br>400", 400) in found and ("web<br>20", "chat<br>20", 20) in found
    assert len(set(zip(trace.node.label, trace.node.x, strict=True))) == len(trace.node.label)


def test_cases_of_one_contact_can_be_left_out() -> None:
    trace, found = flows(alone=False)
    assert ("chat<br>60", "phone<br>60", 60) in found and 400 not in [value for *_, value in found]
    assert "(ended)<br>70" in trace.node.label


def test_places_stand_in_the_column_of_their_contact() -> None:
    """Also one whose way in is hidden."""
    lonely = STEPS[(STEPS["position"] != 2) | (STEPS["to"] != HOSTILE)]
    trace, _ = flows(alone=True, steps=lonely)
    at = dict(zip(trace.node.label, trace.node.x, strict=True))
    assert at["&lt;b&gt;bold&lt;/b&gt;&lt;script&gt;<br>10"] == 0.5
    assert at["(goes on)<br>10"] == 0.999 and at["chat<br>460"] == 0.001
    assert all(0 < y < 1 for y in trace.node.y)


def test_a_place_keeps_its_colour_and_ends_are_grey() -> None:
    trace, _ = flows(alone=True)
    shades: dict[str, set[str]] = {}
    for label, colour in zip(trace.node.label, trace.node.color, strict=True):
        shades.setdefault(label.partition("<br>")[0], set()).add(colour)
    assert all(len(colours) == 1 for colours in shades.values())
    assert shades["chat"] != shades["phone"] and shades["(ended)"] == {TOTAL}


def test_many_places_become_one() -> None:
    rows = [(1, f"c{number:02}", "c00", 100.0 - number) for number in range(12)]
    trace, found = flows(alone=True, steps=pd.DataFrame(rows, columns=STEPS.columns))
    first = [label for label, x in zip(trace.node.label, trace.node.x, strict=True) if x < 0.1]
    assert len(first) == 8 and any(label.startswith(OTHER) for label in first)
    assert sum(value for *_, value in found) == sum(row[3] for row in rows)


@pytest.mark.parametrize("alone", [True, False])
def test_nothing_to_draw(alone: bool) -> None:
    trace, found = flows(alone, STEPS.assign(n=math.nan))
    assert not found and not trace.node.label


# --- transitions -----------------------------------------------------------------------------------------------------

CELLS = pd.DataFrame(
    [("web", "chat", 80.0, 80.0, 70.0, 87.0, 26.0, False), ("web", "web", 20.0, 20.0, 13.0, 30.0, 0.5, False),
     ("chat", "web", 7.0, math.nan, math.nan, math.nan, math.nan, True),
     ("chat", HOSTILE, math.nan, math.nan, math.nan, math.nan, math.nan, True)],
    columns=["from", "to", "n", "share", "low", "high", "median_hours", "suppressed"],
)  # fmt: skip


def test_the_map_shows_shares_and_times() -> None:
    figure = transition_chart(CELLS)
    (heat,) = figure.data
    assert [[None if math.isnan(x) else x for x in row] for row in heat.z] == [[None, None, None], [20, 80, None]]
    words = {(note.x, note.y): note.text for note in figure.layout.annotations}
    assert words[0, 1] == "<b>20</b><br><span style='font-size:9px'>30′</span>"
    assert words[1, 1] == "<b>80</b><br><span style='font-size:9px'>26.0 h</span>"
    assert words[0, 0] == "–" and words[2, 0] == "hidden" and words[2, 1] == ""
    assert list(figure.layout.xaxis.ticktext) == ["web", "chat", "&lt;b&gt;bold&lt;/b&gt;&lt;script&gt;"]
    assert list(figure.layout.yaxis.ticktext) == ["chat", "web"]


def test_the_map_tells_more_on_hover() -> None:
    (heat,) = transition_chart(CELLS).data
    assert heat.customdata[1][1] == "web, then chat<br>80.0 % (70.0 to 87.0 %), n = 80<br>half within 26.0 h"
    assert heat.customdata[0][0] == "chat, then web<br>n = 7: too few for a share"
    assert heat.customdata[0][2].endswith("hidden: too few") and heat.customdata[1][2].endswith("never")
    assert "<script" not in str(heat.customdata)


def test_a_map_of_hidden_cells() -> None:
    assert transition_chart(CELLS[CELLS["from"] == "chat"]).data


# --- funnel ----------------------------------------------------------------------------------------------------------


def test_the_funnel_names_its_numbers() -> None:
    steps = pd.DataFrame(
        [("buy", 1000.0, 100.0, math.nan, math.nan), (HOSTILE, 250.0, 25.0, 22.4, 27.8), ("pay", 8.0, math.nan, math.nan, math.nan),
         ("use", math.nan, math.nan, math.nan, math.nan)],
        columns=["stage", "n", "share", "low", "high"],
    )  # fmt: skip
    (bars,) = funnel_chart(steps).data
    assert list(bars.text) == ["8", "250 · 25.0 %", "1,000 · 100.0 %"]
    assert list(bars.y) == ["pay", "&lt;b&gt;bold&lt;/b&gt;&lt;script&gt;", "buy"]
    assert list(bars.customdata) == ["", " (22.4 to 27.8 %)", ""]
