"""Change points: how often none is found where there is one, and one where there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.change_points import ALARM, change_points, seasonal, why_none
from tests.benchmarks.false_alarms import rates

SERIES = 100


def stepped(seed: int, shares: list[float], per_week: int = 300) -> pd.DataFrame:
    """Shares by week (0-1), as drawn from so many contacts a week."""
    dice = np.random.default_rng(seed)
    n = dice.poisson(per_week, len(shares)).clip(1)
    period = pd.date_range("2024-01-01", periods=len(shares), freq="7D")
    return pd.DataFrame({"period": period, "n": n, "value": 100 * dice.binomial(n, shares) / n})


def test_false_alarms_stay_at_the_stated_rate() -> None:
    """Each kind of series by itself, with the simulation's own error; together closer."""
    found = rates(SERIES)
    error = np.sqrt(ALARM * (1 - ALARM) / SERIES)
    assert (found["rate"] <= ALARM + 3.5 * error).all(), found
    assert found["rate"].mean() <= ALARM + 2 * error / np.sqrt(len(found))


def test_a_step_is_found_where_it_is() -> None:
    found = [change_points(stepped(seed, [0.30] * 30 + [0.38] * 30)) for seed in range(60)]
    truth = pd.Timestamp("2024-01-01") + pd.Timedelta(weeks=30)
    near = [any(abs(point.period - truth) <= pd.Timedelta(weeks=2) for point in points) for points in found]
    assert np.mean(near) >= 0.9
    points = [point for some in found for point in some if abs(point.period - truth) <= pd.Timedelta(weeks=2)]
    assert np.mean([point.low <= 8 <= point.high for point in points]) >= 0.85
    assert np.mean([point.before for point in points]) == pytest.approx(30, abs=0.5)
    assert np.mean([point.after for point in points]) == pytest.approx(38, abs=0.5)


def test_up_and_down_again() -> None:
    (up, down) = change_points(stepped(5, [0.2] * 20 + [0.35] * 15 + [0.2] * 20, 400))
    assert up.after - up.before == pytest.approx(15, abs=3) and down.after - down.before == pytest.approx(-15, abs=3)
    assert up.low > 0 > down.high


def test_a_season_is_no_change_but_a_step_within_seasons_is() -> None:
    weeks = pd.date_range("2024-01-01", periods=156, freq="7D")
    plain = stepped(4, list(0.3 + 0.09 * np.isin((weeks + pd.Timedelta(days=3)).month, (11, 12))), 800)
    assert seasonal(plain) and not change_points(plain)
    step = plain.assign(value=plain["value"] + np.where(np.arange(156) >= 90, 10.0, 0.0))
    (found,) = change_points(step)
    assert abs((found.period - step["period"][90]).days) <= 14 and found.low < 10 < found.high


def test_missing_weeks_odd_weeks_and_small_first_weeks() -> None:
    course = stepped(7, [0.3] * 26 + [0.45] * 26)
    course.loc[3, ["n", "value"]] = (4.0, 100.0)
    course.loc[10, "value"] = 95.0
    course.loc[20, ["n", "value"]] = (200_000.0, 60.0)
    course.loc[30, "value"] = None
    found = change_points(course.drop(index=[5, 6, 40]))
    assert len(found) == 1 and abs((found[0].period - course["period"][26]).days) <= 14


@pytest.mark.parametrize("share, said", [(0.0, ""), (1.0, ""), (0.001, "too close to 0")])
def test_shares_at_the_ends_are_not_judged(share: float, said: str) -> None:
    course = stepped(1, [share] * 40)
    assert said in why_none(course) and change_points(course) == ()


def test_few_weeks_are_not_judged() -> None:
    course = stepped(1, [0.1] * 6 + [0.9] * 5)
    assert why_none(course).startswith("Fewer than 12 weeks can be judged (11)") and change_points(course) == ()
    assert why_none(course.iloc[:0]) and change_points(course.iloc[:0]) == () and not seasonal(course)
    hidden = course.assign(value=None, n=None)
    assert why_none(hidden) and change_points(hidden) == ()


def test_a_tiny_change_is_none_however_sure() -> None:
    assert change_points(stepped(2, [0.300] * 26 + [0.306] * 26, 100_000)) == ()
