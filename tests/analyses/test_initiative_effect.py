"""Effects of initiatives on a made-up company: team A gets better at resolving and slower to answer at week 0."""

import datetime
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from cx_metrics.analyses.initiative import Filters, Initiative
from cx_metrics.analyses.initiative_effect import (
    AFTER,
    BEFORE,
    COMPARISON,
    HURTS,
    NOT_MEASURABLE,
    NOT_SHOWN,
    TARGET,
    WORKS,
    Effect,
    effect,
)  # fmt: skip
from cx_metrics.warehouse import Warehouse

START = datetime.date(2025, 3, 5)  # a Wednesday
BEFORE_WEEKS, AFTER_WEEKS = 40, 20
PER_WEEK = 6


def team(*names: str) -> Filters:
    return (("team", names),)


PLAN = Initiative(
    number=1, version=1, name="Second look", owner="Ada", hypothesis="A second look resolves more",
    metric="escalation_free_resolution", target=team("A"), comparison=team("B"), start=START, last_day=None,
    expected=20.0, cost=None, currency="", state="running", change="", who="ada", at="2025-03-01T00:00:00",
)  # fmt: skip
SLOWER = replace(PLAN, metric="wait_mean", expected=-10.0)
IDLE = replace(PLAN, metric="handle_mean", expected=-100.0)


def contacts() -> pd.DataFrame:
    """Contacts of teams A to D over 60 weeks from the start on, and three days of an unfinished week."""
    rng, rows = np.random.default_rng(20), []
    for week in range(-BEFORE_WEEKS, AFTER_WEEKS + 1):
        for name in "ABCD":
            for place in range(PER_WEEK):
                seconds = rng.uniform(0, (3 if week == AFTER_WEEKS else 7) * 86_400)
                at = datetime.datetime.combine(START, datetime.time()) + datetime.timedelta(weeks=week, seconds=seconds)
                ours = name == "A" and week >= 0
                drift = 0.9 * (week + BEFORE_WEEKS) / BEFORE_WEEKS if name == "D" else 0.5
                good = rng.random() < (0.9 if ours else min(drift, 0.95))
                rows.append({
                    "interaction_id": f"{name}{week}.{place}", "customer_id": f"c{rng.integers(200)}",
                    "occurred_at": at.replace(microsecond=0), "team": name, "agent_id": f"{name}{rng.integers(12)}",
                    "outcome": "resolved" if good else "unresolved", "transfers": 0,
                    "wait_seconds": float(round(rng.gamma(4, 25) * (1.6 if ours else 1))),
                    "handle_seconds": float(round(rng.gamma(4, 100))), "channel": rng.choice(["phone", "chat"]),
                })  # fmt: skip
    return pd.DataFrame(rows)


CONTACTS = contacts()


@pytest.fixture(scope="module")
def company(make_shared_warehouse: Callable[..., Warehouse]) -> Warehouse:
    customers = [{"customer_id": f"c{k}", "region": "East" if k % 2 else "West"} for k in range(200)]
    return make_shared_warehouse({"customers": customers, "interactions": CONTACTS.to_dict("records")})


@pytest.fixture(scope="module")
def worked(company: Warehouse) -> Effect:
    """The effect of PLAN."""
    return effect(company, PLAN)


def oracle(y: Any, names: tuple[str, str] = ("A", "B")) -> pd.DataFrame:
    """Rows of both groups within whole weeks: treated, post, y, and who."""
    rows = CONTACTS[CONTACTS["team"].isin(names)].copy()
    days = (rows["occurred_at"] - pd.Timestamp(START)).dt.total_seconds() / 86_400
    rows["y"], rows["treated"], rows["post"] = y(rows), (rows["team"] == names[0]) * 1, (days >= 0) * 1
    return rows[days < 7 * AFTER_WEEKS]


def resolved(rows: pd.DataFrame) -> Any:
    return 100.0 * (rows["outcome"] == "resolved")


def numbers(found: Effect) -> tuple[float, ...]:
    return found.value, found.low, found.high, found.smallest


def test_effect_and_clustered_errors_equal_those_of_statsmodels_on_the_rows(worked: Effect) -> None:
    rows = oracle(resolved)
    model = smf.ols("y ~ treated + post + treated:post", rows)
    for name, column in (("agents", "agent_id"), ("customers", "customer_id")):
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": rows[column]})
        assert worked.value == pytest.approx(fit.params["treated:post"])
        assert worked.errors[name] == pytest.approx(fit.bse["treated:post"])


def test_cells_are_means_of_the_rows(company: Warehouse) -> None:
    found, rows = effect(company, SLOWER), oracle(lambda rows: rows["wait_seconds"])
    expected: Any = rows.groupby(["treated", "post"])["y"].agg(["size", "mean"])
    for row in found.cells.to_dict("records"):
        own = expected.loc[(int(row["group"] == TARGET), int(row["time"] == AFTER))]
        assert row["n"] == own["size"]
        assert row["value"] == pytest.approx(own["mean"])
        assert row["low"] < row["value"] < row["high"]
    assert list(found.cells["group"]) == [TARGET, TARGET, COMPARISON, COMPARISON]
    assert list(found.cells["time"]) == [BEFORE, AFTER, BEFORE, AFTER]


def test_only_whole_weeks_counted_from_the_start(company: Warehouse, worked: Effect) -> None:
    assert (worked.weeks_before, worked.weeks_after) == (BEFORE_WEEKS, AFTER_WEEKS)
    assert worked.first == START - datetime.timedelta(weeks=BEFORE_WEEKS)
    assert worked.last == START + datetime.timedelta(days=7 * AFTER_WEEKS - 1)
    shorter = effect(company, replace(PLAN, last_day=START + datetime.timedelta(days=45)))
    assert shorter.weeks_after == 6
    assert shorter.last == START + datetime.timedelta(days=41)


def test_a_working_one_is_shown_to_work(worked: Effect) -> None:
    assert worked.verdict == WORKS
    assert worked.low < 40 < worked.high
    assert worked.low > 0
    assert worked.sentence.startswith("Shown to work: resolved without escalation is ")
    assert " points higher than it would be" in worked.sentence
    assert worked.reason == ""
    assert set(worked.errors) == {"agents", "customers", "weeks"}
    half = worked.high - worked.value
    assert half >= 1.959 * max(worked.errors.values())
    assert worked.smallest == pytest.approx(half * 2.8 / 1.96, rel=1e-3)


def test_less_of_what_should_rise_hurts_and_more_of_what_should_fall_too(company: Warehouse, worked: Effect) -> None:
    slower = effect(company, SLOWER)
    assert slower.verdict == HURTS
    assert slower.value > 0
    turned = effect(company, replace(PLAN, target=team("B"), comparison=team("A")))
    assert turned.verdict == HURTS
    assert turned.value == pytest.approx(-worked.value)
    assert "lower than it would be" in turned.sentence


def test_an_idle_one_is_not_shown_and_says_what_could_have_been_seen(company: Warehouse) -> None:
    found = effect(company, replace(IDLE, expected=-1.0))
    assert found.verdict == NOT_SHOWN
    assert found.low < 0 < found.high
    assert "would have been seen four times in five" in found.sentence
    assert "The effect that was expected, 1 s, is smaller than that." in found.sentence
    assert "expected" not in effect(company, replace(IDLE, expected=-300.0)).sentence


def test_groups_that_moved_apart_before_cannot_be_compared(company: Warehouse, worked: Effect) -> None:
    found = effect(company, replace(PLAN, target=team("D")))
    assert found.verdict == NOT_MEASURABLE
    assert found.reason.startswith("the groups were already moving apart before the start, by ")
    assert found.pre_trend is not None
    assert found.pre_trend.clear
    assert found.pre_trend.low < 90 / BEFORE_WEEKS * 365.25 / 7 < found.pre_trend.high
    assert len(found.series) > 0
    parallel = worked.pre_trend
    assert parallel is not None
    assert not parallel.clear


def test_false_starts_and_false_groups_show_nothing(company: Warehouse, worked: Effect) -> None:
    dates = worked.placebos[worked.placebos["kind"] == "date"]
    assert len(dates) >= 2
    assert all(day < START for day in dates["start"])
    groups = worked.placebos[worked.placebos["kind"] == "group"]
    assert set(groups["label"]) == {"C", "D"}
    quiet = worked.placebos[worked.placebos["label"] != "D"]
    assert not quiet["shown"].any()
    assert (quiet["value"].abs() < abs(worked.value)).all()
    assert any("false starts" in said for said in worked.details)
    without = effect(company, PLAN, (PLAN, replace(PLAN, number=2, target=team("D"), start=datetime.date(2020, 1, 1))))
    assert set(without.placebos.loc[without.placebos["kind"] == "group", "label"]) == {"C"}


def test_a_false_group_is_judged_as_a_real_one(worked: Effect) -> None:
    row = worked.placebos.set_index("label").loc["C"]
    rows = oracle(resolved, ("C", "B"))
    means = rows.groupby(["treated", "post"])["y"].mean()
    assert row["value"] == pytest.approx(means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0])


def test_the_event_study_is_measured_against_the_last_period_before(worked: Effect) -> None:
    assert worked.study_every == 91  # four weeks have fewer than 30 rows
    study = worked.study.set_index("period")
    last = study.loc[START - datetime.timedelta(weeks=13)]
    assert (last["value"], last["low"], last["high"], last["after"]) == (0.0, 0.0, 0.0, False)
    rows = oracle(resolved)
    first = rows[rows["occurred_at"] < pd.Timestamp(START) + pd.Timedelta(weeks=13)]
    first = first[first["occurred_at"] >= pd.Timestamp(START) - pd.Timedelta(weeks=13)]
    means = first.groupby(["treated", "post"])["y"].mean()
    now = study.loc[START]
    assert now["value"] == pytest.approx(means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0])
    assert now["low"] < now["value"] < now["high"]
    assert now["n"] == (first["post"] == 1).sum()


def test_both_groups_in_time_hide_small_counts(company: Warehouse, worked: Effect) -> None:
    assert worked.every == 91
    assert set(worked.series["group"]) == {TARGET, COMPARISON}
    few = effect(company, replace(PLAN, target=(("team", ("A",)), ("channel", ("phone",)), ("region", ("East",)))))
    small = few.series[few.series["suppressed"]]
    assert small["value"].isna().all()
    assert (few.series["n"].dropna() >= 5).all()


def test_a_metric_that_is_no_mean_of_rows_goes_by_its_weekly_figures(company: Warehouse) -> None:
    found = effect(company, replace(SLOWER, metric="wait_median"))
    assert found.verdict == HURTS
    assert set(found.errors) == {"weeks"}
    assert found.low < 0.6 * 92 < found.high
    assert any("no mean of rows" in said for said in found.assumptions)
    total = effect(company, replace(PLAN, metric="contacts", expected=-2.0))
    assert total.value == pytest.approx(0.0)  # as many every week in both
    assert total.verdict == NOT_SHOWN
    assert " a week" in total.sentence


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"comparison": ()}, "it has no comparison group"),
        ({"target": ()}, "its target group is everybody, so that nobody is left to compare with"),
        ({"metric": "luck"}, "there is no metric 'luck'"),
        ({"metric": "revenue"}, "Revenue cannot be told apart by team"),
        ({"metric": "contacts", "expected": 0.0}, "neither more nor less of Contacts is better, and no direction was"),
        ({"comparison": team("A", "B")}, "the target and the comparison group overlap: "),
        ({"comparison": (("region", ("East",)),)}, "the target and the comparison group overlap: "),
        ({"comparison": team("nobody")}, "fewer than 30 rows in a group before or after the start"),
        ({"start": datetime.date(2027, 1, 1)}, "not yet: it begins on 1 Jan 2027, after the end of the data ("),
        ({"start": datetime.date(2025, 7, 14)}, "not yet: there is 1 whole week since the start, and it takes 4"),
        ({"start": datetime.date(2025, 7, 22)}, "not yet: the first week is not over"),
        ({"last_day": datetime.date(2025, 3, 20)}, "not yet: there are 2 whole weeks since the start, and it takes 4"),
        ({"start": datetime.date(2024, 6, 20)}, "there are 3 whole weeks of data before the start, and it takes 8"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_says_why(company: Warehouse, change: dict[str, Any], reason: str) -> None:
    found = effect(company, replace(PLAN, **change))
    assert found.verdict == NOT_MEASURABLE
    assert found.reason.startswith(reason)
    assert found.sentence == f"Not measurable: {found.reason}."
    assert all(math.isnan(x) for x in numbers(found))
    assert found.study.empty
    assert found.placebos.empty


def other(target: Filters, start: datetime.date, **more: Any) -> Initiative:
    return replace(PLAN, number=2, name="New tool", target=target, start=start, **more)


def test_another_initiative_in_the_same_groups_makes_it_not_measurable(company: Warehouse) -> None:
    day = START + datetime.timedelta(days=30)
    for target, group in ((team("A", "C"), "target"), (team("B"), "comparison"), ((("region", ("East",)),), "target")):
        found = effect(company, PLAN, (PLAN, other(target, day)))
        assert found.reason == f"'New tool' began on 4 Apr 2025 and reaches its {group} group, too"
        assert found.verdict == NOT_MEASURABLE
    for harmless in (
        other(team("C"), day),
        other(team("A"), datetime.date(2020, 1, 1)),
        other(team("A"), datetime.date(2027, 1, 1)),
        other(team("A"), day, state="planned"),
        replace(PLAN, version=0, metric="wait_mean"),
    ):
        assert effect(company, PLAN, (harmless,)).verdict == WORKS


def test_a_group_of_other_initiatives_that_the_metric_does_not_know_is_said(company: Warehouse) -> None:
    unknown = other((("delivery", ("late",)),), START + datetime.timedelta(days=30))
    found = effect(company, PLAN, (unknown,))
    assert found.verdict == WORKS
    assert any("Whether New tool reached the same rows cannot be told" in said for said in found.assumptions)


def test_a_gap_in_the_data_makes_it_not_measurable(embedded: Any) -> None:
    days = (CONTACTS["occurred_at"] - pd.Timestamp(START)).dt.days
    kept = CONTACTS[~((CONTACTS["team"] == "B") & days.between(14, 48)) & CONTACTS["team"].isin(["A", "B"])]
    found = effect(embedded.warehouse({"interactions": kept.to_dict("records")}), PLAN)
    assert found.verdict == NOT_MEASURABLE
    assert found.reason == "the comparison group has no data for 5 weeks from 19 Mar 2025 on"


def test_an_empty_warehouse_has_no_effect(empty_warehouse: Warehouse) -> None:
    assert effect(empty_warehouse, PLAN).reason == "there are no data"
