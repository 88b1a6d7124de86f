"""A change of a quantile by reweighting, by hand, and its interval on simulated waits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.change_quantiles import density, quantile, reweighted, usable
from tests.benchmarks.coverage_changes import quantile_coverage


def mass(x: list[float], *groups: dict[float, tuple[int, int]]) -> np.ndarray:
    """Rows of 2 periods x values x groups."""
    return np.array(
        [[[group.get(value, (0, 0))[period] for group in groups] for value in x] for period in (0, 1)], float
    )


@pytest.mark.parametrize("q", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_a_quantile_is_that_of_numpy(q: float) -> None:
    rng = np.random.default_rng(1)
    values = rng.integers(0, 50, 201).astype(float)
    x, n = np.unique(values, return_counts=True)
    assert quantile(x, n.astype(float), 201, q) == pytest.approx(np.quantile(values, q))


def test_only_the_mix_moved() -> None:
    found = reweighted(np.array([10.0, 20]), mass([10, 20], {10: (80, 20)}, {20: (20, 80)}), 0.5)
    assert [found["within"][0], found["mix"][0]] == [0, 10]


def test_only_the_groups_moved() -> None:
    x = [10.0, 12, 20, 22]
    rows = mass(x, {10: (80, 0), 12: (0, 160)}, {20: (20, 0), 22: (0, 40)})
    found = reweighted(np.array(x), rows, 0.5)
    assert [found["within"][0], found["mix"][0]] == [2, 0]


def test_where_all_values_are_the_same_nothing_can_be_taken_apart() -> None:
    held = density(np.array([5.0]), np.array([[40.0], [60.0]]), 0.5, pd.DataFrame(), 0.0)
    assert not usable(held) and held.threshold == 5


def test_the_density_is_that_of_the_values() -> None:
    """Of 10,000 evenly spread values from 0 to 10 a tenth lies in each unit."""
    x = np.linspace(0, 10, 10_000)
    held = density(x, np.ones((2, 10_000)), 0.5, pd.DataFrame(), 0.0)
    assert held.density == pytest.approx(0.1, rel=0.02) and usable(held)


def test_intervals_hold_the_truth() -> None:
    """Of 60 data sets an interval that covers 95 % holds the truth of fewer than 51 once in a thousand."""
    assert quantile_coverage(60, 300)["covered"].min() >= 100 * 51 / 60
