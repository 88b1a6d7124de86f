"""Which weeks can be judged, and how much they vary by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.weekly_shares import judgeable, lasting, months, pooled, pulled_in, shortest
from tests.benchmarks import false_alarms


def test_weeks_without_a_share_are_left_out() -> None:
    course = false_alarms.course(np.array([10.0, np.nan, 30.0, 40.0]), np.array([20, 0, 20, 0]))
    period, n, share = judgeable(course.astype({"value": object}).where(course.notna(), None))
    assert list(period) == [pd.Timestamp("2023-01-02"), pd.Timestamp("2023-01-16")]
    assert (list(n), list(share)) == ([20, 20], [10, 30])


def test_a_huge_week_counts_as_four_usual_ones() -> None:
    _, n, share = judgeable(false_alarms.course(np.array([10.0, 20, 30, 90]), np.array([50, 50, 50, 1_000_000])))
    assert list(n) == [50, 50, 50, 200]
    assert pooled(n, share) == pytest.approx((10 + 20 + 30 + 4 * 90) / 7)


@pytest.mark.parametrize(
    ("n", "share", "weeks"),
    [(100, 50, 4), (100, 2, 4), (100, 1, 5), (100, 99, 5), (20, 1, 25), (20, 0, 4), (20, 100, 4)],
)
def test_a_level_of_a_rare_share_needs_five_hits(n: float, share: float, weeks: int) -> None:
    assert shortest(np.full(30, n), np.full(30, float(share))) == weeks


def test_effects_of_months_sum_to_zero() -> None:
    columns = months(pd.date_range("2023-01-02", periods=156, freq="7D"))
    assert columns.shape == (156, 11)
    effects = columns @ np.arange(1.0, 12)
    assert effects[0] == 1  # the week of 2 January
    assert effects[-2] == -66 == -sum(range(1, 12))  # a week in December
    assert months(pd.DatetimeIndex(["2023-01-30", "2023-04-03"])).tolist() == [
        [1],
        [-1],
    ]  # 30 January: middle in February


@pytest.mark.parametrize(("size", "rho"), [(0.0, 0.0), (1.0, 0.0), (2.0, 0.3), (4.0, 0.5)])
@pytest.mark.parametrize("step", [0.0, 5.0])
def test_long_run_variance_of_a_long_series(size: float, rho: float, step: float) -> None:
    """Of an AR(1) process of this variance: size (1 + rho) / (1 - rho); a few changes of level do not count."""
    rng, weeks = np.random.default_rng(3), 20_000
    sampling = rng.uniform(0.5, 2, weeks)
    own = np.sqrt(size) * false_alarms.lasting(rng, 1, weeks, rho)[0]
    level = step * (np.arange(weeks) // 2_500 % 2)
    found = lasting(50 + level + own + np.sqrt(sampling) * rng.standard_normal(weeks), sampling)
    assert found == pytest.approx(size * (1 + rho) / (1 - rho), rel=0.1, abs=0.15)


def test_one_odd_week_is_pulled_in_and_a_change_is_not() -> None:
    share = np.array([10.0, 12, 10, 80, 12, 10, 12, 10, 12, 30, 32, 30, 32, 30, 32])
    pulled = pulled_in(share, np.ones(15))
    assert np.flatnonzero(pulled != share).tolist() == [3]
    assert pulled[3] == pytest.approx(12 + 4 * np.sqrt(1.25))  # median of the seven weeks around it: 12
