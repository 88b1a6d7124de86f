"""The coverage chart: a strip for each table, sources stacked, crosses for holes."""

from __future__ import annotations

import pandas as pd

from cx_metrics.charts.coverage import coverage_chart

NONE = pd.DataFrame(columns=["table", "source", "month"])


def months(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["table", "source", "month", "rows"])
    return frame.assign(month=pd.to_datetime(frame["month"]))


TWO = months(
    ("orders", "shop", "2026-01-01", 5), ("orders", "till", "2026-01-01", 4), ("orders", "shop", "2026-02-01", 1),
    ("events", "shop", "2026-02-01", 1),
)  # fmt: skip


def test_a_strip_for_each_table_the_largest_first() -> None:
    figure = coverage_chart(TWO, NONE)
    assert [note.text for note in figure.layout.annotations] == ["orders", "events"]
    assert figure.layout.yaxis.ticktext == ("0", "9") and figure.layout.yaxis2.ticktext == ("0", "1")
    assert figure.layout.barmode == "stack"


def test_a_source_has_one_colour_and_one_legend_entry() -> None:
    bars = list(coverage_chart(TWO, NONE).data)
    shop = [bar for bar in bars if bar.name == "shop"]
    assert len(bars) == 3 and len({bar.marker.color for bar in shop}) == 1
    assert sum(bool(bar.showlegend) for bar in shop) == 1


def test_holes_are_crossed() -> None:
    gaps = pd.DataFrame({"table": ["orders"], "source": ["<b>"], "month": [pd.Timestamp("2026-03-01")]})
    cross = coverage_chart(TWO, gaps).data[-1]
    assert cross.marker.symbol == "x" and list(cross.y) == [0] and cross.text == ("&lt;b&gt;",) and cross.yaxis == "y"


def test_nothing_to_draw() -> None:
    assert not coverage_chart(months(), NONE).data


def test_a_month_alone_is_as_wide_as_any() -> None:
    assert {bar.width for bar in coverage_chart(TWO, NONE).data} == {26 * 24 * 3600 * 1000}
