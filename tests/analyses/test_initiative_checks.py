"""Checks of an initiative on made-up weeks, and the words for what they say."""

import datetime
import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from cx_metrics.analyses.initiative_checks import PLACEBO, Trend, false_starts, hidden, pre_trend, study
from cx_metrics.analyses.initiative_course import Course, alike, contrast, effect_of, ends, figure, from_sums
from cx_metrics.analyses.initiative_reasons import of_course
from cx_metrics.analyses.initiative_words import (
    HURTS,
    NOT_SHOWN,
    WORKS,
    evidence,
    group_name,
    moving_apart,
    sized,
    verdict,
)  # fmt: skip
from cx_metrics.metrics.catalog import METRICS

START = datetime.date(2025, 3, 3)
CSAT, WAIT, CONTACTS = METRICS["csat"], METRICS["wait_mean"], METRICS["contacts"]


def course(target: np.ndarray, before: int, rows: float = 100.0) -> Course:
    """A comparison group that stands still and a target group with these weekly values; variance 1 each week."""
    value = np.stack([np.zeros(len(target)), target])
    n = np.full(value.shape, rows)
    return Course(np.arange(len(target)) - before, n, value, np.ones(value.shape), n, np.full(2, rows))


def noisy(seed: int, weeks: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=weeks)


def test_the_definitions_example_as_weeks() -> None:
    """Treated 10, 11 -> 15, 18; control 9, 10 -> 12, 13: 3.0."""
    rows = [(1, -2, 10), (1, -1, 11), (1, 0, 15), (1, 1, 18), (0, -2, 9), (0, -1, 10), (0, 0, 12), (0, 1, 13)]
    sums = pd.DataFrame(
        [{"arm": a, "week": w, "n": 2.0, "total": 2.0 * y, "squares": 2.0 * y * y + 0.5} for a, w, y in rows]
    )
    found = from_sums(sums, -2, 1)
    assert contrast(found, found.after, ~found.after)[0] == 3.0
    assert effect_of(found).value == 3.0
    assert figure(found, WAIT, 1, found.after)["value"] == 16.5


def test_a_week_without_rows_changes_nothing_but_what_is_known() -> None:
    steady = noisy(1, 40)
    gap = course(steady, 30)
    value = gap.value.copy()
    value[0, 5] = value[1, 5] = np.nan
    with_gap = Course(gap.weeks, np.where(np.isnan(value), 0, gap.n), value, gap.variance, gap.weight, gap.deviation)
    kept = np.arange(40) != 5
    assert effect_of(with_gap).value == pytest.approx(steady[30:].mean() - steady[:30][kept[:30]].mean())
    assert effect_of(with_gap).half == pytest.approx(effect_of(gap).half, rel=0.2)


def test_a_slope_before_the_start_is_found_with_its_size() -> None:
    weeks = np.arange(60) - 40
    trend = pre_trend(course(0.2 * weeks + noisy(2, 60), 40))
    assert trend.clear
    assert trend.low < 0.2 * 365.25 / 7 < trend.high
    assert trend.per_year == pytest.approx(0.2 * 365.25 / 7, rel=0.2)
    level = pre_trend(course(noisy(3, 60), 40))
    assert not level.clear
    assert level.low < 0 < level.high


def test_the_step_at_the_start_is_no_trend_before_it() -> None:
    quiet = noisy(4, 60)
    stepped = quiet + 50.0 * (np.arange(60) >= 40)
    assert pre_trend(course(stepped, 40)) == pre_trend(course(quiet, 40))


def test_quarters_need_three_whole_ones() -> None:
    assert math.isnan(pre_trend(course(noisy(5, 50), 38)).p_leads)
    assert 0 < pre_trend(course(noisy(5, 50), 39)).p_leads < 1


def test_a_false_start_is_where_the_groups_did_part() -> None:
    values = noisy(6, 104) + 6.0 * (np.arange(104) >= 40) - 6.0 * (np.arange(104) >= 84)
    found = false_starts(course(values, 84), START)
    assert list(found.columns) == PLACEBO
    near = found.iloc[(pd.to_datetime(found["start"]) - pd.Timestamp("2024-04-29")).abs().argmin()]
    assert near["value"] > 3
    assert found["shown"].any()
    assert false_starts(course(noisy(6, 12), 8), START).empty


def test_periods_of_the_study_with_few_rows_have_no_value() -> None:
    some = course(noisy(7, 24), 12)
    n = some.n.copy()
    n[1, 16:20] = 2.0
    found, every = study(Course(some.weeks, n, some.value, some.variance, n, some.deviation), START)
    assert every == 4
    assert found["value"].isna().tolist() == [False] * 4 + [True, False]
    assert found["weeks"].tolist() == [-10, -6, -2, 2, 6, 10]
    assert found["after"].tolist() == [False] * 3 + [True] * 3


def test_shares_have_wilsons_interval_and_others_the_normal_one() -> None:
    low, high = proportion_confint(7, 40, method="wilson")
    assert ends(CSAT, 40, 17.5, 1.0) == pytest.approx((100 * low, 100 * high))
    assert ends(WAIT, 40, 60.0, 2.0) == pytest.approx((60 - 1.959964 * 2, 60 + 1.959964 * 2))


@pytest.mark.parametrize(("n", "shown_n", "shown"), [(4.0, False, False), (9.0, True, False), (10.0, True, True)])
def test_small_groups_are_hidden(n: float, shown_n: bool, shown: bool) -> None:
    found = hidden({"n": n, "value": 1.0, "low": 0.0, "high": 2.0}, 10)
    assert math.isnan(found["n"]) != shown_n
    assert math.isnan(found["value"]) != shown
    assert math.isnan(found["low"]) != shown
    assert found["suppressed"] != shown


def test_the_verdict_goes_by_what_is_better_or_else_by_what_was_expected() -> None:
    assert verdict(CSAT, -5, 4, 1, 7) == WORKS
    assert verdict(WAIT, 5, 4, 1, 7) == HURTS
    assert verdict(WAIT, 5, -4, -7, -1) == WORKS
    assert verdict(CONTACTS, -5, -4, -7, -1) == WORKS
    assert verdict(CONTACTS, 5, -4, -7, -1) == HURTS
    assert verdict(CSAT, 5, 4, -1, 9) == NOT_SHOWN
    assert verdict(CSAT, 5, 4, 0, 8) == NOT_SHOWN


def test_what_the_checks_say() -> None:
    placebos = pd.DataFrame(
        [("date", "x", START, 1.0, 0.5, 1.5, True), ("date", "y", START, -9.0, -20, 2, False)], columns=PLACEBO
    )
    said = evidence(CSAT, Trend(1.0, -1.0, 3.0, 0.3, 0.5), placebos, 5.0)
    assert said[0].startswith(
        "Before the start the groups did not clearly move apart (slope of their difference -1.0 to"
    )
    assert said[1:] == [
        "Of 2 false starts before the true one, 1 comes out as an effect; 1 is at least as large as the real one."
    ]
    assert "with caution" in evidence(CSAT, Trend(1.0, 0.1, 3.0, 0.03, 0.5), placebos, 5.0)[0]
    clear = Trend(8.0, 4.0, 12.0, 0.001, 0.5)
    assert "did not run in parallel" in evidence(CSAT, clear, placebos, 5.0)[0]
    assert moving_apart(clear, CSAT).endswith("by 8.0 points more each year")
    assert "up and down" in moving_apart(Trend(0.0, -1.0, 1.0, 0.9, 0.001), CSAT)


def test_groups_and_sizes_for_people() -> None:
    assert group_name(()) == "everybody"
    assert group_name((("team", ("A", "B")),)) == "A and B"
    assert group_name((("team", ("A",)), ("channel", ("phone",)))) == "team A, channel phone"
    assert sized(-7.26, CSAT) == "7.3 points"
    assert sized(-67, WAIT) == "1 min 7 s"
    assert sized(3, CONTACTS) == "3.00 a week"


def test_totals_of_groups_that_grow_alike_do_not_move_apart() -> None:
    growth = 1 + 0.5 * (np.arange(60) >= 40)
    value = np.stack([100 * growth, 300 * growth]) + noisy(8, 120).reshape(2, 60)
    n = np.round(value)
    both = Course(np.arange(60) - 40, n, value, np.ones(value.shape), np.ones(value.shape), np.full(2, np.nan))
    assert effect_of(both).value == pytest.approx(100, abs=2)
    scaled = effect_of(alike(both, CONTACTS))
    assert abs(scaled.value) < scaled.half
    assert alike(both, WAIT) is both


def gap_of(empty: list[int], rows: float = 50.0) -> str:
    some = course(noisy(9, 60), 40, rows)
    n = some.n.copy()
    n[1, empty] = 0.0
    value = np.where(n > 0, some.value, np.nan)
    return of_course(Course(some.weeks, n, value, some.variance, n, some.deviation), START)


def test_a_gap_is_no_rhythm() -> None:
    assert gap_of([]) == ""
    assert gap_of([10, 11, 12]) == ""
    assert gap_of([50, 51, 52, 53]) == "the target group has no data for 4 weeks from 12 May 2025 on"
    assert gap_of([week for week in range(60) if week % 6 > 0], 300.0) == ""  # a survey every six weeks
    assert gap_of([20, 21, 22, 23], 1.6) == ""  # rows are rare: chance leaves weeks empty
