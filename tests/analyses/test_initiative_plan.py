"""An initiative's plan: what cannot be is refused in one sentence, what may be a slip is told, a file is read."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.analyses.initiative_file import from_file
from cx_metrics.analyses.initiative_plan import (
    Plan,
    checked,
    draft,
    effect_words,
    field_words,
    plan_of,
    unknown,
    values_of,
)
from cx_metrics.scope import ScopeError
from cx_metrics.warehouse import Warehouse
from tests.analyses.initiative_company import PLAN, START, tables
from tests.conftest import MakeWarehouse

NORTH, SOUTH = PLAN.target, PLAN.comparison


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " \n"}, "the name is empty"),
        ({"owner": ""}, "the owner is empty"),
        ({"hypothesis": ""}, "the hypothesis is empty"),
        ({"name": "x" * 121}, "the name has 121 characters; 120 is the most"),
        ({"metric": "joy"}, "there is no metric 'joy'"),
        ({"target": (("agent", ("A",)),)}, "the target group cannot be told by 'agent'"),
        ({"comparison": (("outcome", ("resolved",)),)}, "the comparison group cannot be told by 'outcome'"),
        ({"target": (("team", (" ",)),)}, "the target group names no team"),
        ({"comparison": NORTH}, "target and comparison group overlap"),
        ({"comparison": (("team", ("North", "South")),)}, "target and comparison group overlap"),
        ({"comparison": (("channel", ("phone",)),)}, "target and comparison group overlap"),
        ({"target": ()}, "target and comparison group overlap"),
        ({"expected": 0.0}, "the expected effect is no number above or below 0"),
        ({"expected": math.nan}, "the expected effect is no number above or below 0"),
        ({"expected": 101.0}, "cannot move by +101.0 points"),
        ({"expected": -5.0}, "would make customer satisfaction (CSAT) worse; write the change with its sign, above 0"),
        ({"metric": "friction_rate", "expected": 5.0}, "sign, below 0 for better"),
        ({"start": datetime.date(1989, 1, 1)}, "the start 1989-01-01 lies outside 1990 to 2100"),
        ({"last_day": START - datetime.timedelta(days=1)}, "the last day (2026-02-15) lies before the start"),
        ({"cost": -1.0}, "the cost of -1 is no sum of money"),
        ({"cost": math.inf}, "the cost of inf is no sum of money"),
        ({"currency": " "}, "the cost has no currency"),
        ({"state": "lost"}, "'lost' is no state of an initiative"),
    ],
)
def test_what_cannot_be_is_one_sentence(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ScopeError) as error:
        checked(replace(PLAN, **fields))
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_plan_is_tidied() -> None:
    rough = replace(
        PLAN, name=" Callback \n promise ", currency=" eur ", comparison=(("team", ("West ", "South", "West", "")),)
    )
    found = checked(rough)
    assert (found.name, found.currency) == ("Callback promise", "EUR")
    assert found.comparison == (("team", ("South", "West")),)
    assert checked(found) == found == plan_of(draft(found))
    assert checked(replace(PLAN, cost=None)).currency == ""
    assert checked(replace(PLAN, comparison=())).comparison == ()
    same = (("channel", ("phone",)),)
    assert checked(replace(PLAN, target=NORTH + same, comparison=SOUTH + same)).target == (*same, *NORTH)


def test_effects_carry_sign_and_unit() -> None:
    given = ((8, "%"), (-8, "points"), (-67, "seconds"), (1.5, "score 0-100"))
    words = [effect_words(value, unit) for value, unit in given]
    assert words == ["+8.0 points", "-8.0 points", "-1 min 7 s", "+1.50"]


def test_a_plan_for_a_metric_that_is_gone_can_still_be_read() -> None:
    words = field_words(replace(PLAN, metric="joy", comparison=(), cost=None))
    assert (words["metric"], words["expected"], words["comparison"]) == ("joy", "+20.00", "nobody")
    assert (words["cost"], words["last_day"]) == ("not said", "open")


# --- the data --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    """The three teams' answers."""
    return make_shared_warehouse(tables())


def test_values_that_the_data_do_not_hold_are_told(warehouse: Warehouse) -> None:
    assert values_of(warehouse, "csat", "team") == ("North", "South", "West")
    assert values_of(warehouse, "csat", "region") == () and unknown(warehouse, PLAN) == ()
    strange = replace(PLAN, target=(("team", ("Nroth",)),), comparison=(("team", ("South", "East")),))
    assert unknown(warehouse, strange) == (
        "The data hold no team Nroth yet (the target group).", "The data hold no team East yet (the comparison group).",
    )  # fmt: skip


# --- files -----------------------------------------------------------------------------------------------------------

FILE = """
name = "Callback promise"
owner = "Ann"
hypothesis = "Whom we call back need not call again."
metric = "csat"
start = 2026-02-16
expected = 20
cost = 9000
currency = "EUR"
state = "running"
[target]
team = ["North"]
[comparison]
team = "South"
"""


def written(folder: Path, text: str) -> Path:
    """A file with this text."""
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_a_plan(tmp_path: Path) -> None:
    assert checked(from_file(written(tmp_path, FILE))) == PLAN
    short = FILE.split("cost")[0] + '[target]\nteam = ["North"]\n'
    begun = replace(PLAN, comparison=(), cost=None, currency="", state="running")
    assert from_file(written(tmp_path, short)) == begun
    coming = short.replace(PLAN.start.isoformat(), "2099-01-01")
    assert from_file(written(tmp_path, coming)) == replace(begun, start=datetime.date(2099, 1, 1), state="planned")


def test_a_file_may_name_only_what_changes(tmp_path: Path) -> None:
    changed = written(tmp_path, 'state = "finished"\nlast_day = "2026-05-01"\n')
    expected = replace(PLAN, state="finished", last_day=datetime.date(2026, 5, 1))
    assert from_file(changed, PLAN) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "plan.toml is no TOML file"),
        ("title = 'x'", "plan.toml: there is no field 'title'; there are: name, owner"),
        ("name = 'x'", "plan.toml does not say: owner, hypothesis, metric, target, start, expected"),
        ("expected = '8'", "plan.toml: expected is no number"),
        ("expected = true", "plan.toml: expected is no number"),
        ("name = 8", "plan.toml: name is no text"),
        ("start = 2026-02-16T10:00:00", "plan.toml: start is no day"),
        ("start = 'soon'", "'soon' is not a date"),
        ("target = 'North'", "plan.toml: target is no table"),
        ("[target]\nteam = 1.5", "plan.toml: team of target is no list of values"),
        ("[target]\nteam = [['a']]", "plan.toml: team of target is no list of values"),
    ],
)
def test_a_file_that_is_no_plan_is_one_sentence(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ScopeError) as error:
        from_file(written(tmp_path, text))
    assert str(error.value).startswith(said) and "\n" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScopeError, match="there is no file"):
        from_file(tmp_path / "none.toml")


NAMES = st.sampled_from(["csat", "nps", "wait_median", "churn", "joy"])
GROUPS = st.lists(
    st.tuples(st.sampled_from(["team", "region", "x"]), st.lists(st.text(max_size=3), max_size=3).map(tuple)),
    max_size=2,
).map(tuple)


@given(NAMES, GROUPS, GROUPS, st.floats(), st.dates(), st.text(max_size=5))
def test_whatever_is_written_is_a_plan_or_a_sentence(
    metric: str, target: Any, comparison: Any, expected: float, start: datetime.date, currency: str
) -> None:
    plan = Plan("x", "y", "z", metric, target, comparison, start, expected, cost=1.0, currency=currency)
    try:
        found = checked(plan)
    except ScopeError as error:
        assert str(error)
    else:
        assert checked(found) == found and found.expected != 0
