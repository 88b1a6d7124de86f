"""The timeline chart: a lane per channel, a mark per row, told apart without colour; texts from data stay texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from cx_metrics.charts.timeline import timeline_chart

COLUMNS = ["at", "until", "lane", "kind", "title", "outcome", "detail", "key"]
HOSTILE = "<script>alert(1)</script>" + "very long " * 20
OUTCOMES = ("resolved", "unresolved", "abandoned", "escalated", "not answered", "other")


def rows(*given: tuple[Any, ...]) -> pd.DataFrame:
    """Rows of a timeline: (day, until, lane, kind, outcome); keys are numbers from 0."""
    made = [
        (pd.Timestamp(at) if at else pd.NaT, pd.Timestamp(until) if until else pd.NaT, lane, kind, HOSTILE, outcome, None, str(n))
        for n, (at, until, lane, kind, outcome) in enumerate(given)
    ]  # fmt: skip
    return pd.DataFrame(made, columns=COLUMNS)


def contact(
    lane: str = "web", outcome: str | None = "resolved", at: str | None = "2026-01-01", until: str | None = None
) -> tuple[Any, ...]:
    return (at, until, lane, "contact", outcome)


def marks(figure: go.Figure) -> dict[str, Any]:
    """The traces of points by their names."""
    return {trace.name: trace for trace in figure.data if trace.mode == "markers" and trace.name}


def bars(figure: go.Figure) -> list[Any]:
    return [trace for trace in figure.data if trace.mode == "lines"]


def test_lanes_in_their_usual_order() -> None:
    given = ["subscription", "kiosk", "order", "phone", "web", "survey", "phone"]
    figure = timeline_chart(rows(*(contact(lane) for lane in given)))
    assert figure.layout.yaxis.ticktext == ("web", "phone", "kiosk", "survey", "order", "subscription")
    assert figure.layout.yaxis.tickvals == (6, 5, 4, 3, 2, 1)
    assert marks(figure)["resolved"].y == (1, 4, 2, 5, 6, 3, 5)


def test_lanes_of_a_company_with_its_own_channels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "journey.toml").write_text('channels = ["shop", "letter", "web"]')
    monkeypatch.setenv("CX_JOURNEY_FILE", str(tmp_path / "journey.toml"))
    figure = timeline_chart(rows(*(contact(lane) for lane in ("web", "phone", "survey", "letter", "app", "shop"))))
    assert figure.layout.yaxis.ticktext == ("shop", "letter", "web", "app", "phone", "survey")


def test_contacts_with_signals_of_friction_carry_a_mark() -> None:
    given = rows(contact(), contact("phone", at="2026-01-02"), contact(at="2026-01-03"))
    figure = timeline_chart(given.assign(signals=["", "long wait, <b>", ""]))
    mark = marks(figure)["signal of friction"]
    assert [list(key) for key in mark.customdata] == [["contact", "1"]]
    assert list(mark.text) == ["long wait, &lt;b&gt;"] and "<b>" not in mark.text[0]
    assert mark.marker.symbol not in {trace.marker.symbol for trace in figure.data if trace is not mark}
    assert "signal of friction" not in marks(timeline_chart(given.assign(signals="")))


def test_lanes_with_the_same_beginning_stay_apart() -> None:
    names = ["x" * 60 + end for end in "ab"]
    figure = timeline_chart(rows(*(contact(lane) for lane in names)))
    assert figure.layout.yaxis.tickvals == (2, 1) and marks(figure)["resolved"].y == (2, 1)


def test_outcomes_differ_in_colour_and_in_symbol() -> None:
    figure = timeline_chart(
        rows(*(contact(outcome=outcome) for outcome in (*OUTCOMES[:-1], "2 of 5", None, "delivered")))
    )
    found = marks(figure)
    assert set(found) == set(OUTCOMES) and len(found["other"].x) == 3
    assert len({trace.marker.color for trace in found.values()}) == len({t.marker.symbol for t in found.values()}) == 6
    assert [trace.name for trace in figure.data][-1] == "unresolved"  # what went wrong lies on top


def test_points_are_known_by_kind_and_key() -> None:
    figure = timeline_chart(rows(contact(), ("2026-01-02", None, "survey", "survey", "2 of 5")))
    assert [list(key) for key in marks(figure)["resolved"].customdata] == [["contact", "0"]]
    assert [list(key) for key in marks(figure)["other"].customdata] == [["survey", "1"]]


def test_bars_where_there_is_an_end() -> None:
    figure = timeline_chart(
        rows(contact(until="2026-01-05"), contact(at="2026-01-02"), contact(at="2026-01-03", until="2026-01-04"))
    )
    (bar,) = bars(figure)
    assert [x and pd.Timestamp(x).day for x in bar.x] == [1, 5, None, 3, 4, None]
    assert bars(timeline_chart(rows(contact()))) == []


def test_a_running_subscription_lasts_to_the_end() -> None:
    figure = timeline_chart(
        rows(("2025-01-01", None, "subscription", "subscription", "running"), contact(until="2026-03-01"))
    )
    found = {bar.legendgroup: bar for bar in bars(figure)}
    assert pd.Timestamp(found["other"].x[1]) == pd.Timestamp("2026-03-01")


@pytest.mark.parametrize("chosen", [("contact", "1"), ("survey", "1"), ("contact", "9"), ("", "")])
def test_the_chosen_row_is_ringed(chosen: tuple[str, str]) -> None:
    figure = timeline_chart(rows(contact(), contact("phone", at="2026-02-01")), chosen)
    ring = figure.data[-1]
    assert ring.marker.symbol == "circle-open" and not ring.showlegend
    assert len(ring.x) == (chosen == ("contact", "1"))
    assert ring.customdata is None


def test_texts_from_data_stay_texts() -> None:
    figure = timeline_chart(rows(contact("<b>web</b>", outcome="<i>odd</i>")))
    text = marks(figure)["other"].text[0]
    assert "<script" not in text and "&lt;script&gt;" in text and "&lt;i&gt;odd" in text
    assert len(text) < 140 and text.startswith("01 Jan 2026, 00:00<br>")
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;web&lt;/b&gt;",)


def test_rows_without_a_time_and_no_rows_at_all() -> None:
    figure = timeline_chart(rows(contact(), contact(at=None)))
    assert len(marks(figure)["resolved"].x) == 1
    assert list(timeline_chart(pd.DataFrame(columns=COLUMNS)).data) == []


def test_ends_that_are_all_missing() -> None:
    given = rows(contact(), contact("phone"))
    given["until"] = [None, None]  # as an engine gives a column without a value
    assert len(marks(timeline_chart(given))["resolved"].x) == 2


def test_many_rows_are_drawn_small() -> None:
    def size(n: int) -> float:
        return float(marks(timeline_chart(rows(*(contact() for _ in range(n)))))["resolved"].marker.size)

    assert size(400) < size(10)


def test_a_single_moment_gets_a_day_around_it() -> None:
    first, last = timeline_chart(rows(contact())).layout.xaxis.range
    assert pd.Timestamp(last) - pd.Timestamp(first) == pd.Timedelta(days=1)
