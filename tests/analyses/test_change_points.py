"""Where the level of a weekly share changed: found where it is, rarely where there is none, against ruptures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest
import ruptures
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from cx_metrics.analyses.change_points import ALARM, PENALTIES, ChangePoint, change_points, evidence, seasonal, why_none
from tests.benchmarks import false_alarms
from tests.benchmarks.false_alarms import course

FIRST = pd.Timestamp("2023-01-02")


def stepped(
    rng: np.random.Generator, levels: tuple[float, ...], cuts: tuple[int, ...], weeks: int, n: int, season: bool = False
) -> pd.DataFrame:
    """A course whose level (0-1) changes at `cuts`, with about n contacts a week."""
    level = np.array(levels)[np.searchsorted(cuts, np.arange(weeks), side="right")]
    logit = np.log(level / (1 - level)) + (false_alarms.yearly(weeks) if season else 0)
    many = np.maximum(n * np.exp(0.2 * rng.standard_normal(weeks)), 5).astype(int)
    return course(100 * rng.binomial(many, 1 / (1 + np.exp(-logit))) / many, many)


def places(found: tuple[ChangePoint, ...]) -> list[int]:
    """In which week (from 0) each new level starts."""
    return [(change.period - FIRST).days // 7 for change in found]


def near(found: tuple[ChangePoint, ...], cuts: tuple[int, ...]) -> bool:
    """Whether exactly these changes were found, each within two weeks."""
    return len(found) == len(cuts) and all(abs(a - b) <= 2 for a, b in zip(places(found), cuts, strict=True))


def flat(weeks: int = 60, share: float = 30.0, n: int = 300) -> pd.DataFrame:
    """Alternately two points above and below a level."""
    return course(share + 2.0 * (-1) ** np.arange(weeks), np.full(weeks, n))


# --- false alarms ----------------------------------------------------------------------------------------------------

SOME = [
    case
    for case in false_alarms.CASES
    if "lasting" in case[1] and case[2] == (case[0] == 156)  # what is hardest; the benchmark has all
]


@pytest.mark.parametrize("case", SOME)
def test_a_series_without_a_change_is_rarely_marked(case: tuple[int, str, bool]) -> None:
    (row,) = false_alarms.rates(150, (case,)).itertuples()
    assert row.rate <= ALARM + 3 * row.error


@pytest.mark.parametrize("weeks", [20, 39])
def test_penalties_are_those_of_the_simulation(weeks: int) -> None:
    """Neither too small nor needlessly large."""
    kinds, series = ("white", "AR(0.5)", "sampling and AR(0.5)"), 300
    rates = false_alarms.penalties(series, (weeks,), kinds)["rate"]
    error = np.sqrt(ALARM * (1 - ALARM) / series)
    assert ALARM - 3 * error <= rates.max() <= ALARM + 3 * error


# --- changes that are there ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def eight_points() -> list[tuple[ChangePoint, ...]]:
    """What is found in 200 series of 60 weeks with 300 contacts each that rise from 30 to 38 %."""
    rng = np.random.default_rng(11)
    return [change_points(stepped(rng, (0.30, 0.38), (30,), 60, 300)) for _ in range(200)]


def test_a_step_is_found_where_it_is(eight_points: list[tuple[ChangePoint, ...]]) -> None:
    assert np.mean([near(found, (30,)) for found in eight_points]) >= 0.9


def test_the_interval_holds_the_true_step(eight_points: list[tuple[ChangePoint, ...]]) -> None:
    held = [found[0].low <= 8 <= found[0].high for found in eight_points if near(found, (30,))]
    assert np.mean(held) >= 0.91
    widths = [found[0].high - found[0].low for found in eight_points if found]
    whole = 2 * 1.96 * 100 * np.sqrt(0.30 * 0.70 / 9000 + 0.38 * 0.62 / 9000)  # by sampling alone
    assert whole * 0.95 <= np.median(widths) <= whole * 1.6  # and no wider than the noise calls for


STEPS = {
    "two opposite ones": ((0.30, 0.38, 0.30), (20, 40), 60, 300, False),
    "a bad two months": ((0.30, 0.42, 0.30), (25, 33), 60, 600, False),
    "a rare share": ((0.02, 0.06), (30,), 60, 300, False),
    "half a year": ((0.30, 0.40), (13,), 26, 300, False),
    "a season, two years": ((0.30, 0.38), (78,), 104, 300, True),
    "a season, three years": ((0.30, 0.38), (130,), 156, 300, True),
    "a season, two changes": ((0.30, 0.40, 0.33), (50, 110), 156, 300, True),
}


@pytest.mark.parametrize("name", STEPS)
def test_steps_are_found(name: str) -> None:
    rng = np.random.default_rng(12)
    levels, cuts, weeks, n, season = STEPS[name]
    found = [change_points(stepped(rng, levels, cuts, weeks, n, season)) for _ in range(40)]
    assert np.mean([near(changes, cuts) for changes in found]) >= 0.85


def test_a_season_is_no_change_once_it_is_known() -> None:
    rng = np.random.default_rng(13)
    two, three = (stepped(rng, (0.3,), (), weeks, 2000, season=True) for weeks in (103, 156))
    assert change_points(two) and not seasonal(two)
    assert not change_points(three) and seasonal(three)
    assert seasonal(three.head(104)) and not seasonal(three.head(103))


# --- what is told ----------------------------------------------------------------------------------------------------


def test_levels_and_interval_by_hand() -> None:
    """No more noise than sampling makes: the levels are plain shares of all contacts, the interval is that of two
    proportions (statsmodels' Agresti-Caffo adds one hit and one miss to each, here it is two)."""
    hits = np.array([58, 90, 60, 88] * 4 + [82, 126, 80, 120] * 4)
    many = np.array([200, 300] * 16)
    (change,) = change_points(course(100 * hits / many, many))
    assert change.period == FIRST + pd.Timedelta(weeks=16)
    before, after = hits[:16].sum() / 4000, hits[16:].sum() / 4000
    assert (change.before, change.after) == pytest.approx((100 * before, 100 * after))
    low, high = confint_proportions_2indep(hits[16:].sum(), 4000, hits[:16].sum(), 4000, method="agresti-caffo")
    assert (change.low, change.high) == pytest.approx((100 * low, 100 * high), abs=0.02)


def test_the_same_as_exact_weighted_segmentation() -> None:
    """ruptures' Pelt with a weighted least-squares cost (slow) on weeks of very different weight: what it finds is what
    is found, with noise that is sampling alone."""
    rng = np.random.default_rng(14)
    for _ in range(12):
        n = np.exp(rng.uniform(np.log(1000), np.log(3000), 60)).astype(int)
        level = np.array([30.0, 36, 31])[np.searchsorted([18, 45], np.arange(60), side="right")]
        share = level + np.sqrt(2100 / n) * rng.uniform(-1, 1, 60)  # less than sampling noise
        whole = np.average(share, weights=n)
        root = np.sqrt(n / (whole * (100 - whole)))
        search = ruptures.Pelt(model="linear", min_size=4, jump=1).fit(np.column_stack([share * root, root]))
        expected = search.predict(pen=PENALTIES[52])[:-1]
        assert places(change_points(course(share, n))) == expected == [18, 45]


def test_evidence_is_the_drop_of_ruptures_cost_per_change() -> None:
    rng = np.random.default_rng(15)
    for _ in range(10):
        n = np.full(60, 2500)
        share = 50 + np.clip(rng.standard_normal(60), -1.5, 1.5) * 0.7  # less than sampling noise, no week is odd
        found = evidence(course(share, n))
        whole = np.average(share)
        search = ruptures.KernelCPD(kernel="linear", min_size=4).fit(
            (share[:, None] - whole) / np.sqrt(whole * (100 - whole) / 2500)
        )
        cost = [search.cost.sum_of_costs(search.predict(n_bkps=k)) if k else search.cost.error(0, 60) for k in range(5)]
        assert found == pytest.approx(max((cost[0] - cost[k]) / k for k in range(1, 5)), rel=0.001)


def test_turned_around_it_is_the_same() -> None:
    table = stepped(np.random.default_rng(16), (0.2, 0.3, 0.22), (25, 60), 90, 400)
    found, turned = change_points(table), change_points(table.assign(value=100 - table["value"]))
    assert len(found) == 2
    for one, other in zip(found, turned, strict=True):
        assert one.period == other.period
        assert (one.before, one.after) == pytest.approx((100 - other.before, 100 - other.after))
        assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_small_changes_are_not_worth_a_mark() -> None:
    for size, count in ((0.9, 0), (1.2, 1)):
        values = 30 + 0.1 * (-1) ** np.arange(60) + size * (np.arange(60) >= 30)
        assert len(change_points(course(values, np.full(60, 500_000)))) == count


def test_a_level_of_nought_has_an_interval() -> None:
    share = np.where(np.arange(40) < 20, 6.0, 0.0)
    (change,) = change_points(course(share, np.full(40, 100)))
    assert (change.before, change.after) == pytest.approx((6, 0), abs=1e-6)
    assert change.low < -6 < change.high < 0


# --- odd courses -----------------------------------------------------------------------------------------------------


def with_one(table: pd.DataFrame, week: int, n: int, value: float) -> pd.DataFrame:
    """The course with another week."""
    table = table.astype({"n": float})
    table.loc[week, ["n", "value"]] = n, value
    return table


QUIET: dict[str, Callable[[], pd.DataFrame]] = {
    "flat": flat,
    "one odd week": lambda: with_one(flat(), 30, 300, 90.0),
    "one huge odd week": lambda: with_one(flat(), 30, 1_000_000, 60.0),
    "the first week huge": lambda: with_one(flat(), 0, 1_000_000, 30.0),
    "incomplete ends": lambda: with_one(with_one(flat(), 0, 12, 50.0), 59, 12, 0.0),
    "nothing ever": lambda: course(np.zeros(60), np.full(60, 300)),
    "always": lambda: course(np.full(60, 100.0), np.full(60, 300)),
    "always the same": lambda: course(np.full(60, 30.0), np.full(60, 300)),
    "always the same, two years": lambda: course(np.full(110, 30.0), np.full(110, 300)),
    "a hit in one week": lambda: with_one(course(np.zeros(60), np.full(60, 3000)), 30, 3000, 1.0),
}


@pytest.mark.parametrize("name", QUIET)
def test_no_change(name: str) -> None:
    table = QUIET[name]()
    assert why_none(table) == ""
    assert change_points(table) == ()


FEW = "Fewer than 12 weeks can be judged ({}): too few to tell a change of level from chance."
UNJUDGED: dict[str, tuple[Callable[[], pd.DataFrame], str]] = {
    "no column": (pd.DataFrame, FEW.format(0)),
    "no row": (lambda: flat().head(0), FEW.format(0)),
    "eleven weeks": (lambda: flat(11), FEW.format(11)),
    "all hidden": (lambda: flat().assign(value=None), FEW.format(0)),
    "most hidden": (
        lambda: flat().assign(value=lambda x: x["value"].where(x.index > 50).astype(object)),
        FEW.format(9),
    ),
    "no contacts": (lambda: flat().assign(n=0), FEW.format(0)),
    "rare": (
        lambda: with_one(course(np.zeros(30), np.full(30, 20)), 12, 20, 5.0),
        "The share is too close to 0 or 100 % for so few contacts to tell a change of level from chance.",
    ),
}


@pytest.mark.parametrize("name", UNJUDGED)
def test_what_cannot_be_judged(name: str) -> None:
    make, reason = UNJUDGED[name]
    assert why_none(make()) == reason
    assert change_points(make()) == ()
    assert not seasonal(make())


@pytest.mark.parametrize("lost", [lambda table: table.drop(index=range(20, 26)), lambda table: table.iloc[::2]])
def test_missing_weeks(lost: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    table = stepped(np.random.default_rng(17), (0.30, 0.42), (32,), 60, 600)
    hidden = table.assign(value=table["value"].astype(object).where(table.index.isin(lost(table).index), None))
    assert near(change_points(lost(table)), (32,))
    assert change_points(hidden) == change_points(lost(table))


def test_twelve_weeks_are_enough() -> None:
    table = flat(12, n=1000)
    assert near(change_points(table.assign(value=table["value"] + 15 * (table.index >= 6))), (6,))


WEEK = st.tuples(st.integers(0, 100_000), st.one_of(st.none(), st.floats(0, 100), st.sampled_from([0.0, 20.0, 100.0])))


@settings(max_examples=60, deadline=None)
@given(st.lists(WEEK, max_size=40), st.integers(1, 4))
def test_whatever_comes(rows: list[tuple[int, float | None]], times: int) -> None:
    """Also more than two years, where the same weeks come again."""
    periods = partial(pd.date_range, FIRST, freq="7D")
    rows = rows * times
    table = pd.DataFrame(rows, columns=["n", "value"], dtype=object).assign(period=periods(periods=len(rows)))
    found = change_points(table)
    assert not (found and why_none(table))
    for change in found:
        assert change.low > 0 or change.high < 0
        assert abs(change.after - change.before) >= 1
        assert 0 <= min(change.before, change.after) <= max(change.before, change.after) <= 100
    known = table[table["value"].notna() & (table["n"] > 0)].reset_index()
    starts = [0, *(known.index[known["period"] == change.period][0] for change in found), len(known)]
    assert not found or min(np.diff(starts)) >= 4
