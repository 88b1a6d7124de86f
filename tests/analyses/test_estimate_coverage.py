"""Intervals of estimates hold the truth; a small run of tests.benchmarks.coverage_estimates."""

from __future__ import annotations

import pytest

from tests.benchmarks.coverage_estimates import coverage, experience_coverage


def test_intervals_hold_the_truth() -> None:
    found = coverage(2, kinds=("linear",), contacts=2_000)
    assert found["intervals"].sum() >= 80
    assert (found["covered"] * found["intervals"]).sum() / found["intervals"].sum() > 0.88
    assert found.loc[found["by"] == "stage", "width"].between(1, 15).all()


def test_experience_holds_the_truth() -> None:
    found = experience_coverage(300).set_index("slope")
    assert found.loc[[1.0, 1.5], "covered"].tolist() == pytest.approx([0.95, 0.95], abs=0.03)
    assert found.loc[1.5, "used"] > 0.9 > 0.5 > found.loc[0.0, "used"]
