"""The experience gap: figures of a company made by hand, what cannot be compared, and the planted gap in the sample."""

from __future__ import annotations

import itertools
import json
import tomllib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cx_metrics.analyses import gap as module
from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.gap import course, gap, measured, references
from cx_metrics.export import to_json
from cx_metrics.intake.load import import_plans
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from sample_data.canonical import COLUMNS, customer_rows, gap_answer_rows
from sample_data.files import write_csv
from sample_data.gap_survey import make_gap_answers
from sample_data.people import make_agents, make_customers
from sample_data.truths import BELIEF_GAP
from sample_data.world import World
from tests.conftest import Embedded, MakeWarehouse

Row = dict[str, Any]
START = datetime(2025, 9, 1)
_numbers = itertools.count(1)


def asked(instrument: str, stage: str | None, dimension: str | None, scores: Sequence[float], **more: Any) -> list[Row]:
    """One answer per score on 1-5; customers are c0, c1, ..., employees are not named."""
    employee = instrument in ("belief", "believed_expectation")
    return [
        {"answer_id": f"a{next(_numbers)}", "instrument": instrument, "stage": stage, "dimension": dimension, "score": score,
         "respondent": "employee" if employee else "customer", "customer_id": None if employee else f"c{place}",
         "answered_at": START + timedelta(hours=place), **more}
        for place, score in enumerate(scores)
    ]  # fmt: skip


def company() -> dict[str, list[Row]]:
    """Two stages, two dimensions, ten customers (five in the north) and ten employees per item."""
    rows: list[Row] = []
    levels = {("buy", "ease"): (5, 4, 4, 5), ("buy", "empathy"): (4, 3, 3, 4), ("pay", "ease"): (5, 2, 4, 4)}
    for (stage, dimension), (expected, got, believed, thought) in levels.items():
        for instrument, level in zip(
            ("expectation", "perception", "belief", "believed_expectation"),
            (expected, got, believed, thought),
            strict=True,
        ):
            # five above and five below the level, so that the means are known by hand
            rows += asked(instrument, stage, dimension, [min(level, 5) - (place % 2) for place in range(10)])
    rows += asked("perception", "pay", "price", [3] * 10)  # nobody else was asked about it
    rows += asked("importance", None, "ease", [70] * 10, scale_min=0, scale_max=100)
    rows += asked("importance", None, "empathy", [30] * 10, scale_min=0, scale_max=100)
    people = [{"customer_id": f"c{n}", "region": "north" if n < 5 else "south", "birth_year": 1970} for n in range(10)]
    return {"survey_answers": rows, "customers": people}


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse(company())


@pytest.fixture(scope="module")
def found(warehouse: Warehouse) -> Analysis:
    return gap(warehouse, Scope())


def row(table: pd.DataFrame, **key: str) -> pd.Series:
    (found,) = [line for _, line in table.iterrows() if all(line[name] == value for name, value in key.items())]
    return found


def test_figures_by_hand(found: Analysis) -> None:
    """Levels 5, 4, 3, 2 of 1-5 with every second answer one lower are 87.5, 62.5, 37.5, 12.5 of 100."""
    ease = row(found.tables["item"], stage="pay", dimension="ease")
    assert [ease[name] for name in ("expectation", "experience", "belief", "believed_expectation")] == [
        87.5,
        12.5,
        62.5,
        62.5,
    ]
    assert [ease[name] for name in ("service_gap", "belief_gap", "knowledge_gap")] == [-75.0, 50.0, -25.0]
    assert (ease["n_service_gap"], ease["n_belief"]) == (10, 10)
    assert ease["belief_gap_low"] < 50 < ease["belief_gap_high"]
    total = found.tables["total"].iloc[0]
    assert total["service_gap"] == pytest.approx((-25 - 25 - 75) / 3)  # price has no expectation
    assert total["belief_gap"] == pytest.approx((0 + 0 + 50) / 3)
    assert row(found.tables["stage"], stage="buy")["belief_gap"] == 0
    assert row(found.tables["dimension"], dimension="empathy")["knowledge_gap"] == 0
    assert found.tables["importance"].set_index("dimension")["share"].to_dict() == {"ease": 70.0, "empathy": 30.0}
    weighted = found.tables["weighted"].iloc[0]["value"]
    assert weighted == pytest.approx((70 * -25 + 30 * -25 + 70 * -75) / 170)  # items count by their dimension


def test_employees_speak_of_all_customers(found: Analysis, warehouse: Warehouse) -> None:
    """No employee names a region: what they believe stands beside both, five customers each, too few for a value."""
    table = found.tables["region"]
    assert table["region"].tolist() == ["north", "south"]
    assert table["belief"].nunique() == 1 and table["n_belief"].tolist() == [30, 30]
    assert table["n_belief_gap"].tolist() == [5, 5] and table["belief_gap"].isna().all()
    filtered = measured(warehouse, Scope(filters=(("region", ("north",)),)), ()).iloc[0]
    assert (filtered["n_experience"], filtered["n_belief"]) == (20, 30)


def test_groups_that_no_answer_names_are_left_out(found: Analysis) -> None:
    assert not {"channel", "team", "segment"} & set(found.tables)
    assert {"stage", "dimension", "region", "generation"} <= set(found.tables)
    assert "No answer names its segment, channel or team: nothing can be shown by it." in found.assumptions


def test_what_only_one_side_was_asked_is_listed_and_never_paired(found: Analysis) -> None:
    listed = found.tables["not_comparable"].to_dict("records")
    price = {"stage": "pay", "dimension": "price", "asked": "experience"}
    assert listed == [
        {**price, "gap": "service_gap", "missing": "expectation"}, {**price, "gap": "belief_gap", "missing": "belief"},
    ]  # fmt: skip
    assert any(said.startswith("Not comparable (service gap") for said in found.sentences)


def test_customers_alone(embedded: Embedded) -> None:
    """A survey without another side says what it can."""
    rows = asked("perception", None, "food", [3, 4] * 10) + asked("perception", None, "shops", [5, 4] * 10)
    found = gap(embedded.warehouse({"survey_answers": rows}), Scope())
    assert found.sentences[0] == (
        "No gap can be said: no item was asked of two sides in this period; customers rate their experience 75.0 of 100 "
        f"({found.tables['total'].iloc[0]['experience_low']:.2f} to {found.tables['total'].iloc[0]['experience_high']:.2f}), "
        "best shops (87.5), worst food (62.5)."
    )


def test_nobody_was_asked(empty_warehouse: Warehouse) -> None:
    found = gap(empty_warehouse, Scope())
    assert found.sentences == ("No gap can be said: no item was asked of two sides in this period.",)
    assert json.loads(to_json(found.to_dict()))["tables"]["item"] == []


def test_waves_are_joined_by_the_shortest_steps_without_a_hole(embedded: Embedded) -> None:
    def waves(months: Iterable[int]) -> pd.DataFrame:
        rows: list[Row] = []
        for month in months:
            at = {"answered_at": datetime(2024 + month // 12, month % 12 + 1, 5)}
            rows += asked("expectation", "buy", "ease", [5, 4] * 6, **at) + asked(
                "perception", "buy", "ease", [3, 2] * 6, **at
            )
        found = course(embedded.warehouse({"survey_answers": rows}), Scope())
        return found[found["gap"] == "Service gap"]

    assert (waves((1, 2, 3))["every"] == "month").all()
    assert (waves((1, 4, 7))["every"] == "quarter").all()
    yearly = waves((8, 20))
    assert yearly["every"].tolist() == ["year", "year"] and yearly["value"].tolist() == [-50.0, -50.0]


def test_references_name_their_source() -> None:
    listed = tomllib.loads(Path(module.__file__).with_name("references.toml").read_text("utf-8"))["reference"]
    found = references()
    assert len(found) == len(listed) >= 4
    assert found["source"].str.len().gt(20).all()
    assert (found["brand"].notna() | found["customer"].notna()).all()
    assert found.set_index("year").loc[2005, ["brand", "customer"]].tolist() == [80, 8]


@pytest.mark.parametrize("planted", [True, False])
def test_the_planted_belief_gap(planted: bool, embedded: Embedded, tmp_path: Path) -> None:
    """Employees think the start goes 25 points better than customers say, and 5 everywhere else."""
    world = World(7, frozenset() if planted else frozenset({"belief_gap"}))
    customers, agents = make_customers(4_500, world), make_agents(60_000, world)
    write_csv(tmp_path / "customers.csv", COLUMNS["customers"], customer_rows(customers))
    answers = gap_answer_rows(make_gap_answers(customers, agents, world), customers)
    numbered = ((f"S-{number}", *answer) for number, answer in enumerate(answers))
    write_csv(tmp_path / "survey_answers.csv", COLUMNS["survey_answers"], numbered)
    warehouse = embedded.warehouse({})
    import_plans(warehouse, SOURCE.plans([tmp_path / "customers.csv", tmp_path / "survey_answers.csv"]))
    found = gap(warehouse, Scope())
    stages = found.tables["stage"].set_index("stage")
    others = stages.drop(index=BELIEF_GAP.stage)
    assert (others["belief_gap"] - BELIEF_GAP.points_elsewhere).abs().max() < 6
    assert (f"most of all in {BELIEF_GAP.stage}" in found.sentences[0]) == planted
    if planted:
        row = stages.loc[BELIEF_GAP.stage]
        assert row["belief_gap_low"] < BELIEF_GAP.points < row["belief_gap_high"]
    else:
        assert "most of all" not in found.sentences[0]
