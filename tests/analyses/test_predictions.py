"""Predictions are marked against what came: by hand, on both engines; calibration against reference libraries."""

from __future__ import annotations

import datetime
import json
import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from cx_metrics.analyses.calibration import RANKED, SHOWN, by_quarter, by_team, errors
from cx_metrics.analyses.prediction_entry import Expectation, coming, earlier, period, record, recorded
from cx_metrics.analyses.prediction_words import sentences
from cx_metrics.analyses.predictions import COLUMNS, marked, predictions
from cx_metrics.export import to_json
from cx_metrics.journey import Limits
from cx_metrics.ledger import Ledger
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

Day = datetime.date
MARCH = (Day(2026, 3, 1), Day(2026, 3, 31))
TODAY = Day(2026, 5, 4)
BEFORE = datetime.datetime(2026, 2, 28, 23, 59, 59)


def answers(team: str, month: str, n: int, satisfied: int) -> list[dict[str, Any]]:
    """Answers to a satisfaction question in a month, so many of them 5 of 5, the others 1."""
    return [
        {"answer_id": f"{team}-{month}-{i}", "customer_id": f"{team}{month}{i}", "instrument": "csat", "team": team,
         "channel": "phone" if i % 2 else "chat", "score": 5 if i < satisfied else 1, "answered_at": f"{month}-{1 + i:02}"}
        for i in range(n)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    """North: 75 % in March, 60 % in February, 90 % in March of the year before. South: 6 answers. The data end on
    15 April."""
    rows = [
        *answers("North", "2025-03", 20, 18), *answers("North", "2026-02", 20, 12), *answers("North", "2026-03", 20, 15),
        *answers("South", "2026-03", 6, 3), *answers("North", "2026-04", 15, 15),
    ]  # fmt: skip
    return make_shared_warehouse({"survey_answers": rows})


@pytest.fixture
def ledger() -> Ledger:
    """An empty ledger, in memory."""
    return Ledger("sqlite://")


def predict(ledger: Ledger, expected: float = 80.0, at: datetime.datetime = BEFORE, **other: Any) -> int:
    """Put a prediction into the ledger: North's CSAT in March, unless said otherwise."""
    usual = {"who": "Ann", "team": "North", "metric": "csat", "first_day": MARCH[0], "last_day": MARCH[1], "low": None,
             "high": None, "filters": {"team": ["North"]}, "note": ""}  # fmt: skip
    row = {**usual, **other, "expected": expected}
    return ledger.predict({**row, "filters": json.dumps(row["filters"])}, at)


def history(warehouse: Warehouse, ledger: Ledger, today: Day = TODAY) -> list[dict[Any, Any]]:
    """The rows of the history, oldest first, missing cells as None."""
    found = marked(warehouse, recorded(ledger), Limits(), today)
    assert list(found.columns) == COLUMNS
    return found.astype(object).where(found.notna(), None).iloc[::-1].to_dict("records")


# --- marking ---------------------------------------------------------------------------------------------------------


def test_a_prediction_is_marked_against_what_came(warehouse: Warehouse, ledger: Ledger) -> None:
    predict(ledger, 80, low=70, high=85)
    (row,) = history(warehouse, ledger)
    assert (row["status"], row["n"], row["value"], row["error"]) == ("marked", 20, 75, 5)
    low, high = proportion_confint(15, 20, method="wilson")
    assert (row["low"], row["high"]) == (pytest.approx(100 * low), pytest.approx(100 * high))
    assert (row["within"], row["held"]) == (True, True)
    assert (row["previous"], row["previous_error"], row["closer"]) == (60, -15, True)
    assert (row["year_earlier"], row["year_earlier_error"], row["closer_year"]) == (90, 15, True)


def test_a_miss(warehouse: Warehouse, ledger: Ledger) -> None:
    predict(ledger, 95, low=90, high=100)
    (row,) = history(warehouse, ledger)
    assert (row["error"], row["within"], row["held"], row["closer"], row["closer_year"]) == (
        20,
        False,
        False,
        False,
        False,
    )


def test_a_tie_is_not_closer(warehouse: Warehouse, ledger: Ledger) -> None:
    predict(ledger, 60)
    (row,) = history(warehouse, ledger)
    assert (row["closer"], row["closer_year"], row["held"]) == (False, False, None)


def test_only_what_was_said_before_the_period_counts(warehouse: Warehouse, ledger: Ledger) -> None:
    """To the second; of several the last one in time; later ones are kept and replace nothing."""
    first = predict(ledger, 10, at=datetime.datetime(2026, 1, 5))
    second = predict(ledger, 77, at=BEFORE)
    third = predict(ledger, 75, at=datetime.datetime(2026, 3, 1))
    other = predict(ledger, 70, at=datetime.datetime(2026, 1, 6), filters={"team": ["North"], "channel": ["phone"]})
    rows = {row["number"]: row for row in history(warehouse, ledger)}
    assert [rows[number]["status"] for number in (first, second, third, other)] == [
        "replaced",
        "marked",
        "late",
        "marked",
    ]
    assert rows[first]["value"] is None and rows[third]["value"] is None
    assert rows[second]["error"] == 2 and rows[other]["n"] == 10


@pytest.mark.parametrize(
    ("today", "days", "status"),
    [
        (TODAY, MARCH, "marked"),
        (Day(2026, 3, 31), MARCH, "open"),  # its last day is not over
        (Day(2026, 4, 1), MARCH, "marked"),
        (TODAY, (Day(2026, 4, 1), Day(2026, 4, 15)), "marked"),
        (TODAY, (Day(2026, 4, 1), Day(2026, 4, 16)), "open"),  # the data end a day before
    ],
)
def test_when_a_period_is_over(
    today: Day, days: tuple[Day, Day], status: str, warehouse: Warehouse, ledger: Ledger
) -> None:
    predict(ledger, first_day=days[0], last_day=days[1])
    (row,) = history(warehouse, ledger, today)
    assert row["status"] == status and (row["value"] is not None) == (status == "marked")


def test_what_cannot_be_marked_says_why(warehouse: Warehouse, ledger: Ledger) -> None:
    predict(ledger, team="South", filters={"team": ["South"]})
    predict(ledger, team="South", filters={"team": ["West"]})
    predict(ledger, team="South", metric="gone", filters={})
    predict(ledger, 40, team="South", metric="nps", filters={})
    assert [(row["status"], row["why"], row["value"]) for row in history(warehouse, ledger)] == [
        ("not markable", "reality is hidden: fewer than 10 rows", None),
        ("not markable", "there are no data for it", None),
        ("not markable", "there is no such figure any more", None),
        ("not markable", "there are no data for it", None),
    ]


def test_without_an_earlier_period_there_is_nothing_to_compare_with(warehouse: Warehouse, ledger: Ledger) -> None:
    predict(ledger, first_day=Day(2026, 1, 1), last_day=MARCH[1], at=datetime.datetime(2025, 12, 1))
    (row,) = history(warehouse, ledger)
    assert (row["value"], row["previous"], row["closer"], row["year_earlier"]) == (67.5, None, None, 90)


def test_an_empty_warehouse_leaves_all_open(empty_warehouse: Warehouse, ledger: Ledger) -> None:
    predict(ledger)
    assert [row["status"] for row in history(empty_warehouse, ledger)] == ["open"]


# --- calibration -----------------------------------------------------------------------------------------------------


def scored(team: str, error: Any, naive: Any, held: Any, unit: str = "%", last: str = "2026-03-31") -> pd.DataFrame:
    """Marked predictions of a team with these errors, the naive forecast's errors, and ranges that held."""
    columns = {"error": error, "previous_error": naive, "year_earlier_error": [None] * len(error), "held": held}
    found = pd.DataFrame(columns).astype(object)
    closer: Any = [None if n is None else abs(e) < abs(n) for e, n in zip(error, naive, strict=True)]
    return found.assign(team=team, unit=unit, last_day=Day.fromisoformat(last), closer=closer, closer_year=None)


def test_bias_and_skill_against_scipy() -> None:
    rng = np.random.default_rng(1)
    error, naive = rng.normal(2, 3, 14), rng.normal(0, 5, 14)
    (row,) = errors(scored("North", error, naive, [True] * 14)).to_dict("records")
    reference = stats.ttest_1samp(error, 0).confidence_interval()
    assert (row["low"], row["high"]) == (pytest.approx(reference.low), pytest.approx(reference.high))
    assert row["mean_absolute_error"] == pytest.approx(np.abs(error).mean())
    assert row["skill"] == pytest.approx(1 - np.abs(error).mean() / np.abs(naive).mean())
    assert row["year_earlier_n"] == 0 and math.isnan(row["skill_year"] or math.nan)


def test_skill_is_of_those_with_a_naive_forecast_alone() -> None:
    rows = scored("North", [1.0] * 10 + [50.0], [2.0] * 10 + [None], [True] * 11)
    (row,) = errors(rows).to_dict("records")
    assert (row["n"], row["previous_n"], row["skill"]) == (11, 10, 0.5)


def test_below_ten_there_is_the_count_alone() -> None:
    few = scored("North", [1.0] * (SHOWN - 1), [2.0] * (SHOWN - 1), [True] * (SHOWN - 1))
    (row,) = errors(few).to_dict("records")
    assert row["n"] == 9 and all(row[name] is None or math.isnan(row[name]) for name in ("bias", "skill", "low"))
    (team,) = by_team(few).to_dict("records")
    assert team["n"] == 9 and all(math.isnan(team[name] or math.nan) for name in ("closer", "held", "rank"))


def test_ranges_and_ranks_against_statsmodels() -> None:
    """Three teams of 30 or more are ranked, one of 29 is not, whatever its share."""
    found = by_team(pd.concat([of("A", 29, 29, 20), of("B", 40, 20, 20), of("C", 30, 24, 20), of("D", 30, 24, 20)]))
    assert found[["team", "n"]].to_numpy().tolist() == [["C", 30], ["D", 30], ["B", 40], ["A", 29]]
    assert found["rank"].tolist()[:3] == [1, 1, 3] and math.isnan(found["rank"].iloc[3])
    low, high = proportion_confint(20, 40, method="wilson")
    assert list(found[["held", "held_low", "held_high"]].iloc[2]) == pytest.approx([50, 100 * low, 100 * high])
    assert RANKED == 30


def test_units_and_quarters_are_kept_apart() -> None:
    rows = pd.concat([
        scored("A", [2.0] * 10, [4.0] * 10, [None] * 10), scored("A", [200.0] * 10, [100.0] * 10, [None] * 10, "seconds"),
        scored("B", [-6.0] * 10, [4.0] * 10, [None] * 10), scored("B", [1.0] * 3, [4.0] * 3, [None] * 3, last="2026-04-01"),
    ])  # fmt: skip
    by_unit = errors(rows).set_index(["team", "unit"])["bias"]
    assert by_unit.dropna().to_dict() == {("A", "%"): 2, ("A", "seconds"): 200, ("B", "%"): pytest.approx(-57 / 13)}
    quarters = by_quarter(rows)
    assert [(str(row["quarter"].date()), row["unit"], row["n"]) for row in quarters.to_dict("records")] == [
        ("2026-01-01", "%", 20), ("2026-01-01", "seconds", 10), ("2026-04-01", "%", 3),
    ]  # fmt: skip
    assert quarters["mean_absolute_error"].tolist()[:2] == [4, 200]


# --- the analysis ----------------------------------------------------------------------------------------------------


def test_without_predictions_it_says_how_to_begin(empty_warehouse: Warehouse) -> None:
    found = predictions(empty_warehouse, (), Scope(), TODAY)
    assert found.sentences[0].startswith("No team has recorded a prediction yet: record")
    assert all(table.empty for table in found.tables.values())
    to_json(found.to_dict())


def test_few_predictions_crown_nobody(warehouse: Warehouse, ledger: Ledger) -> None:
    predict(ledger, 74, at=datetime.datetime(2026, 1, 1))
    predict(ledger, 75)
    predict(ledger, first_day=Day(2026, 6, 1), last_day=Day(2026, 6, 30))
    predict(ledger, 75, at=datetime.datetime(2026, 3, 1))
    found = predictions(warehouse, recorded(ledger), Scope(), TODAY)
    assert found.sentences == (
        "Nobody can be said to know the customers best yet: 1 prediction is marked, 1 is open; a team is ranked from 30 on, "
        "and North has the most (1).",
        "Not counted: 1 entered too late to count and 1 replaced by a later one.",
    )
    assert [row["status"] for row in json.loads(to_json(found.to_dict()))["tables"]["history"]] == [
        "late", "open", "marked", "replaced",
    ]  # fmt: skip


def said(*teams: pd.DataFrame) -> tuple[str, ...]:
    """The sentences about marked predictions."""
    rows = pd.concat(teams, ignore_index=True).assign(status="marked")
    return sentences(rows, by_team(rows))


def of(team: str, n: int, better: int, held: int) -> pd.DataFrame:
    """n marked predictions of a team, so many of them better than the naive forecast, and so many ranges that held."""
    return scored(team, [1.0] * better + [3.0] * (n - better), [2.0] * n, [True] * held + [False] * (n - held))


def test_who_knows_the_customers_best() -> None:
    """By hand: Wilson's interval of 36 of 40 is 76.9 to 96.0 %."""
    assert said(of("North", 40, 36, 36), of("East", 40, 12, 0)) == (
        "North knows its customers best: it came closer to reality than the previous period's value in 90.0 % "
        "(76.9 to 96.0 %) of 40 predictions, clearly better than a naive forecast.",
        "60.0 % (49.0 to 70.0 %) of all teams' predictions with a period before came closer to reality than its value "
        "(n = 80).",
        "45.0 % (34.6 to 55.9 %) of all stated ranges held reality (n = 80); 90 % was meant.",
        "Too sure of themselves, with ranges too narrow: East (0.0 % of 40 held reality).",
    )


def test_what_is_not_clear_is_not_said() -> None:
    first, *_ = said(of("North", 40, 24, 36), of("East", 40, 20, 36))
    assert first.startswith("North leads, but is not clearly ahead of East: it came closer")
    assert first.endswith("40 predictions, not clearly better than a naive forecast.")
    alone, *_ = said(of("North", 40, 24, 36), of("East", 29, 29, 29))
    assert alone.endswith("of 40 predictions, not clearly better than a naive forecast; no other team has 30 yet.")
    worse, *_ = said(of("North", 40, 4, 36), of("East", 40, 3, 36))
    assert worse.startswith("No team does better than a naive forecast: even North came closer to reality than the ")
    assert "Too careful, with ranges too wide: West (100.0 % of 60 held reality)." in said(of("West", 60, 30, 60))


# --- recording -------------------------------------------------------------------------------------------------------


def wish(**other: Any) -> Expectation:
    """North's CSAT of June, unless said otherwise."""
    usual: dict[str, Any] = {
        "team": "North",
        "who": "Ann",
        "metric": "csat",
        "days": period("2026-06"),
        "expected": 80.0,
    }
    return Expectation(**{**usual, **other})


def test_a_team_is_measured_on_its_own_customers(warehouse: Warehouse, ledger: Ledger) -> None:
    said = record(warehouse, ledger, wish(low=70.0, high=90.0, note="new  desk"), Limits(), TODAY)
    assert said == (
        "North expects customer satisfaction (CSAT) of 80.0 % from 1 Jun 2026 to 30 Jun 2026, measured on team: North."
    )
    record(warehouse, ledger, wish(team="Marketing"), Limits(), TODAY)
    record(warehouse, ledger, wish(filters=(("channel", ("phone",)),)), Limits(), TODAY)
    record(warehouse, ledger, wish(metric="revenue", expected=1e6), Limits(), TODAY)
    first, *others = recorded(ledger)
    assert first.expectation == wish(low=70.0, high=90.0, note="new desk", filters=(("team", ("North",)),))
    assert [entry.expectation.filters for entry in others] == [
        (), (("channel", ("phone",)), ("team", ("North",))), (),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"days": (TODAY, TODAY)}, "the period has begun on 2026-05-04 already"),
        ({"days": (Day(2026, 7, 1), Day(2026, 6, 1))}, "ends (2026-06-01) before it begins (2026-07-01)"),
        ({"days": (Day(2026, 7, 1), Day(2027, 7, 2))}, "longer than a year"),
        ({"expected": 101.0}, "101 is no value of csat, which goes from 0 to 100 (%)"),
        ({"expected": math.nan}, "nan is no value of csat"),
        ({"metric": "contacts", "expected": -1.0}, "-1 is no value of contacts, which goes from 0 on (count)"),
        ({"low": 70.0}, "a range has two ends"),
        ({"low": 81.0, "high": 90.0}, "the range 81 to 90 does not hold the expected 80"),
        ({"low": 70.0, "high": math.inf}, "inf is no value of csat"),
        ({"metric": "joy"}, "there is no metric 'joy'"),
        ({"filters": (("outcome", ("resolved",)),)}, "csat has no dimension 'outcome'"),
        ({"team": " "}, "the team is empty"),
        ({"who": ""}, "the name is empty"),
        ({"note": "x" * 501}, "the note has 501 characters"),
    ],
)
def test_what_cannot_be_recorded_is_one_sentence(
    other: dict[str, Any], said: str, empty_warehouse: Warehouse, ledger: Ledger
) -> None:
    with pytest.raises(ScopeError, match=re.escape(said)) as error:
        record(empty_warehouse, ledger, wish(**other), Limits(), TODAY)
    assert "\n" not in str(error.value)
    assert ledger.predictions().empty and ledger.history().empty


# --- periods ---------------------------------------------------------------------------------------------------------


def test_periods_as_people_write_them() -> None:
    assert period("2026-12") == (Day(2026, 12, 1), Day(2026, 12, 31))
    assert period("2028-Q1") == (Day(2028, 1, 1), Day(2028, 3, 31))
    assert period("2026-12-05..2027-01-04") == (Day(2026, 12, 5), Day(2027, 1, 4))
    for text in ("2026-13", "2026-Q5", "2026", "soon", "0000-01", "2026-12-05..soon", "9999-12"):
        with pytest.raises(ScopeError):
            period(text)


def test_what_comes_next() -> None:
    assert coming(Day(2026, 11, 22)) == {"Dec 2026": period("2026-12"), "Q1 2027": period("2027-Q1")}
    assert coming(Day(2026, 12, 31)) == {"Jan 2027": period("2027-01"), "Q1 2027": period("2027-Q1")}


def test_the_periods_before() -> None:
    assert earlier(period("2026-03")) == period("2026-02") and earlier(period("2026-Q1")) == period("2025-Q4")
    assert earlier(period("2025-02"), 12) == period("2024-02")  # a leap year: a day more
    days = (Day(2026, 3, 5), Day(2026, 3, 11))
    assert earlier(days) == (Day(2026, 2, 26), Day(2026, 3, 4))
    assert earlier((Day(2028, 2, 29), Day(2028, 3, 5)), 12) == (Day(2027, 2, 28), Day(2027, 3, 5))


@given(st.dates(Day(2000, 1, 1), Day(2100, 1, 1)), st.integers(0, 365))
def test_the_period_before_ends_where_the_period_begins(first: Day, length: int) -> None:
    days = (first, first + datetime.timedelta(days=length))
    before, year = earlier(days), earlier(days, 12)
    assert before[1] + datetime.timedelta(days=1) == first and before[0] <= before[1]
    assert 363 <= (first - year[0]).days <= 367 and year[0] <= year[1]
