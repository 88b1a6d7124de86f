"""Backtests of rules as charts: what is missing is not drawn, what is known carries its n and its interval."""

from __future__ import annotations

import pandas as pd
import pytest

from cx_metrics.charts.rules import outcome_chart, week_chart

NAN = float("nan")


def test_weeks() -> None:
    weeks = pd.DataFrame({"week": pd.date_range("2026-01-05", periods=3, freq="7D"), "n": [7.0, NAN, 0.0]})
    (bars,) = week_chart(weeks).data
    assert list(bars.y)[::2] == [7.0, 0.0] and pd.isna(bars.y[1]) and len(bars.x) == 3


def test_outcomes_beside_the_usual() -> None:
    rows = pd.DataFrame({
        "outcome": ["any", "left", "complained", "low_score"], "n": [100.0, 7.0, 100.0, 100.0],
        "precision": [20.0, NAN, 12.0, 3.0], "low": [13.3, NAN, 7.0, 1.0], "high": [28.9, NAN, 19.8, 8.5],
        "base_n": [500.0] * 4, "base": [11.0, 4.0, 7.0, 2.0], "base_low": [8.5, 2.6, 5.1, 1.1],
        "base_high": [14.0, 6.1, 9.6, 3.6],
    })  # fmt: skip
    rule, usual = outcome_chart(rows).data
    assert list(rule.x) == [3.0, 12.0, 20.0] and len(usual.x) == 4
    assert rule.hovertext[-1] == "this rule, any of them: 20.0 % (13.3 to 28.9 %), n = 100"
    assert rule.y[-1] == pytest.approx(3.12) and usual.y[-1] == pytest.approx(2.88)
    assert list(rule.error_x.arrayminus) == pytest.approx([2.0, 5.0, 6.7])
