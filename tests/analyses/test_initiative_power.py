"""Advice before an initiative starts: checked against simulations of what it promises."""

import datetime
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.initiative import Initiative
from cx_metrics.analyses.initiative_course import Course, effect_of
from cx_metrics.analyses.initiative_power import power, seen
from cx_metrics.warehouse import Warehouse

START = datetime.date(2025, 1, 6)
PLAN = Initiative(
    number=1, version=1, name="Second look", owner="Ada", hypothesis="A second look resolves more",
    metric="escalation_free_resolution", target=(("team", ("A",)),), comparison=(("team", ("B",)),), start=START,
    last_day=None, expected=30.0, cost=None, currency="", state="planned", change="", who="ada",
    at="2024-12-01T00:00:00",
)  # fmt: skip


def contacts() -> list[dict[str, Any]]:
    rng, rows = np.random.default_rng(3), []
    for week in range(-40, 0):
        for team, per_week in (("A", 10), ("B", 12)):
            for place in range(per_week):
                days = datetime.timedelta(weeks=week, seconds=int(rng.integers(7 * 86_400)))
                rows.append({
                    "interaction_id": f"{team}{week}.{place}", "occurred_at": datetime.datetime(2025, 1, 6) + days,
                    "team": team, "outcome": "resolved" if rng.random() < 0.6 else "unresolved", "transfers": 0,
                    "wait_seconds": 60.0,
                })  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def company(embedded: Any) -> Warehouse:
    found: Warehouse = embedded.warehouse({"interactions": contacts()})
    return found


def test_the_advice_names_weeks_day_and_volume(company: Warehouse) -> None:
    found = power(company, PLAN)
    assert found.weeks is not None
    assert found.weeks_before == 40
    assert found.rows == (10.0, 12.0)
    assert found.shows_by == START + datetime.timedelta(days=7 * found.weeks - 1)
    assert found.sentence.startswith("An effect of 30.0 points on resolved without escalation would show after ")
    assert f"after {found.weeks} weeks" in found.sentence
    assert "with 10 rows a week in A and 12 in B" in found.sentence
    curve = found.curve.set_index("weeks")["smallest"]
    assert curve[found.weeks] <= 30 < curve.get(found.weeks - 1, math.inf)
    assert curve.is_monotonic_decreasing
    assert curve.index.tolist() == list(range(4, 53))


def test_a_larger_effect_shows_sooner_and_its_sign_does_not_matter(company: Warehouse) -> None:
    weeks = [power(company, replace(PLAN, expected=expected)).weeks for expected in (30.0, 40.0, -40.0)]
    assert weeks[0] is not None
    assert weeks[1] is not None
    assert weeks[0] > weeks[1] == weeks[2]


def test_what_does_not_show_within_a_year_is_said(company: Warehouse) -> None:
    found = power(company, replace(PLAN, expected=1.0))
    assert (found.weeks, found.shows_by, found.reason) == (None, None, "")
    assert "would not show within a year" in found.sentence
    assert found.smallest == found.curve["smallest"].iloc[-1] > 1
    none = power(company, replace(PLAN, expected=0.0))
    assert none.weeks is None
    assert none.sentence.startswith("No expected effect is given; after a year one of ")


def test_a_start_after_the_end_of_the_data_is_advised_by_its_last_weeks(company: Warehouse) -> None:
    later = power(company, replace(PLAN, start=START + datetime.timedelta(days=100)))
    assert later.weeks == power(company, PLAN).weeks
    assert later.shows_by is not None
    assert later.shows_by > START + datetime.timedelta(days=100)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"comparison": ()}, "it has no comparison group"),
        ({"metric": "luck"}, "there is no metric 'luck'"),
        ({"comparison": (("team", ("A", "B")),)}, "the target and the comparison group overlap: "),
        ({"comparison": (("team", ("nobody",)),)}, "there are fewer than 30 rows or 8 weeks with data in a group"),
        ({"start": START - datetime.timedelta(weeks=34)}, "there are fewer than 8 weeks of data before it"),
        ({"metric": "wait_mean"}, "every row has the same value"),
    ],
)
def test_what_cannot_be_advised_says_why(company: Warehouse, change: dict[str, Any], reason: str) -> None:
    found = power(company, replace(PLAN, **change))
    assert found.weeks is None
    assert found.reason.startswith(reason)
    assert found.sentence == f"How long it takes until an effect shows cannot be said: {found.reason}."
    assert found.curve.empty


def test_nothing_to_go_by_in_an_empty_warehouse(embedded: Any) -> None:
    assert power(embedded.warehouse({}), PLAN).reason == "there are no data"


def simulated(rng: np.random.Generator, before: int, after: int, effect: float) -> Course:
    """Two groups with 30 rows a week and a share of about 60 %, in per cent."""
    weeks, n = np.arange(-before, after), np.full((2, before + after), 30.0)
    hits = rng.binomial(30, np.clip(0.6 + effect / 100 * np.array([[0], [1]]) * (weeks >= 0), 0, 1))
    value = 100 * hits / n
    deviation = (value * (100 - value)).mean(axis=1) * 30 / 29
    return Course(weeks, n, value, deviation[:, None] / n, n, deviation)


def test_an_effect_of_the_advised_size_shows_about_four_times_in_five() -> None:
    """At least seven in ten of 120 draws, and not nearly always: else the advice would cost patience for nothing."""
    rng = np.random.default_rng(8)
    smallest = float(seen(simulated(rng, 52, 0, 0.0))[20 - 4])
    steps = [effect_of(simulated(rng, 52, 20, smallest)) for _ in range(120)]
    share = np.mean([abs(step.value) > step.half for step in steps])
    assert 0.7 <= share <= 0.97


def test_frames_have_the_promised_columns(company: Warehouse) -> None:
    assert list(power(company, PLAN).curve.columns) == ["weeks", "smallest"]
    assert isinstance(power(company, replace(PLAN, comparison=())).curve, pd.DataFrame)
