"""Levels and season of weekly shares, against statsmodels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import WLS

from cx_metrics.analyses.weekly_levels import Weeks, columns, fitted, gains, inverse
from cx_metrics.analyses.weekly_shares import months


def made(weeks: int, season: bool, seed: int = 1) -> Weeks:
    """Weeks of different weight with a change at 40."""
    rng = np.random.default_rng(seed)
    period = pd.date_range("2023-01-02", periods=weeks, freq="7D")
    n, variance = rng.uniform(50, 500, weeks), rng.uniform(1, 9, weeks)
    share = 30 + 5 * (np.arange(weeks) >= 40) + np.sqrt(variance) * rng.standard_normal(weeks)
    return Weeks(period, share, n, variance, 0.5, months(period) if season else np.empty((weeks, 0)), 4)


@pytest.mark.parametrize("season", [False, True])
@pytest.mark.parametrize("starts", [(), (40,), (20, 40, 90)])
def test_fit_is_weighted_least_squares(season: bool, starts: tuple[int, ...]) -> None:
    weeks = made(120, season)
    after = [np.arange(120) >= start for start in (0, *starts)]
    model = WLS(weeks.share, np.column_stack([*after, weeks.season]).astype(float), 1 / weeks.variance).fit()
    fit, count = fitted(weeks, starts), len(starts) + 1
    assert fit.steps == pytest.approx(model.params[:count], rel=1e-6)
    assert fit.season == pytest.approx(weeks.season @ model.params[count:], abs=1e-6)
    assert fit.misfit == pytest.approx(model.ssr, rel=1e-8)
    covariance = inverse(columns(weeks, starts), 1 / weeks.variance)
    assert covariance == pytest.approx(model.normalized_cov_params, abs=1e-6)


@pytest.mark.parametrize("season", [False, True])
def test_what_a_change_takes_off_and_adds(season: bool) -> None:
    weeks, starts = made(120, season), (20, 40, 90)
    without = [fitted(weeks, others).misfit for others in [(40, 90), (20, 90), (20, 40)]]
    whole = fitted(weeks, starts)
    assert whole.losses == pytest.approx(np.array(without) - whole.misfit, abs=1e-5)
    gained = gains(weeks, (20, 90))
    assert np.flatnonzero(np.isneginf(gained)).tolist() == [0, 1, 2, 3, *range(17, 24), *range(87, 94), 117, 118, 119]
    for start in (10, 40, 41, 70, 100):
        more = fitted(weeks, tuple(sorted((20, start, 90)))).misfit
        assert gained[start] == pytest.approx(without[1] - more, abs=1e-5)


def test_a_change_that_is_just_one_month_is_no_gain() -> None:
    """March is there only once, as the first weeks: the season explains it."""
    period = pd.DatetimeIndex(["2023-03-06", "2023-03-13", "2023-03-20", "2023-03-27"])
    later = pd.DatetimeIndex([day for day in pd.date_range("2023-04-03", periods=120, freq="7D") if day.month != 3])
    weeks = made(4 + len(later), False)
    weeks = replace(weeks, season=months(period.append(later)))
    assert np.isneginf(gains(weeks, ())[4])
    assert np.isfinite(gains(weeks, ())[5])
