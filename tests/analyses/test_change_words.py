"""Parts of a change in words: signs, units, intervals."""

from __future__ import annotations

import pytest

from cx_metrics.analyses.change_words import away, ends, signed, words


@pytest.mark.parametrize(
    ("x", "unit", "text"),
    [
        (-5.31, "%", "-5.3 points"), (0.04, "points", "0.0 points"), (1.0, "points", "+1.0 points"),
        (67, "seconds", "+1 min 7 s"), (-2.5, "hours", "-2.5 h"), (0.2, "seconds", "0 s"),
        (1234, "count", "+1,234"), (-0.4, "count", "0"), (2_500_000, "money", "+2.50 M"), (-0.42, "score 0-100", "-0.42"),
    ],
)  # fmt: skip
def test_a_part_is_signed(x: float, unit: str, text: str) -> None:
    assert signed(x, unit) == text


def test_ends_and_sizes() -> None:
    assert ends(-6.12, 0.5, "%") == "-6.1 to +0.5"
    assert away({"size": -5.3, "low": -6.1, "high": -4.5}, "%") == "5.3 points (4.5 to 6.1)"
    assert away({"size": 90, "low": 60, "high": 120}, "seconds") == "1 min 30 s (1 min to 2 min)"


def test_dimensions_for_people() -> None:
    assert words("reason × handled_by") == "reason for contact × handled by"
