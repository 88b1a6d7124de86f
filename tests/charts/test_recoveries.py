"""The chart of what came of stepping in: two dots for each group, side by side."""

from __future__ import annotations

import pandas as pd

from cx_metrics.charts.recoveries import recovery_chart


def test_both_sides_of_each_group() -> None:
    rows = [("all", 40.0, 90.0, 80.0, 95.0, 400.0, 70.0, 60.0, 78.0), ("<b>wall</b>", 9.0, *[None] * 3, 8.0, *[None] * 3),
            ("promise", 12.0, 50.0, 25.0, 75.0, 80.0, 55.0, 44.0, 65.0)]  # fmt: skip
    ends = [f"{side}{end}" for side in ("contacted", "others") for end in ("", "_low", "_high")]
    names = ["name", "n_contacted", *ends[:3], "n_others", *ends[3:]]
    figure = recovery_chart(pd.DataFrame(rows, columns=names), "share, %")
    contacted, others = figure.data
    assert list(contacted.x) == [50, 90] and list(others.x) == [55, 70]  # the first row on top, hidden ones left out
    assert list(figure.layout.yaxis.ticktext) == ["promise", "all"]
    assert list(contacted.error_x.array) == [25, 5] and list(contacted.error_x.arrayminus) == [25, 10]
    assert "n = 40" in contacted.hovertext[1]
    assert all(above > below for above, below in zip(contacted.y, others.y, strict=True))


def test_nothing_to_draw() -> None:
    empty = pd.DataFrame(columns=["name", "contacted", "others", "n_contacted", "n_others", "contacted_low",
                                  "contacted_high", "others_low", "others_high"])  # fmt: skip
    assert not any(len(trace.x) for trace in recovery_chart(empty, "share, %").data)
