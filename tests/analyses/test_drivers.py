"""The drivers as the page and the command line tell them."""

from __future__ import annotations

import datetime
import json

import numpy as np
import pytest

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.drivers import drivers
from cx_metrics.export import to_json
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.analyses.test_value_at_risk import START, Row, company
from tests.conftest import Embedded, MakeWarehouse


def asked(seed: int = 5, people: int = 300) -> dict[str, list[Row]]:
    """The company whose customers leave after abandoned contacts, asked about half of its contacts.

    An abandoned contact costs 40 points of CSAT; a transfer nothing. The relationship survey of a customer who had an
    abandoned contact lately gives 3 instead of 9.
    """
    random, tables, answers = np.random.default_rng(seed), company(people=people), []
    for contact in tables["interactions"]:
        bad = contact["outcome"] == "abandoned"
        if random.random() < 0.6:
            happy = random.random() < (0.4 if bad else 0.8)
            answers.append({
                "answer_id": f"a{len(answers)}", "customer_id": contact["customer_id"], "instrument": "csat",
                "interaction_id": contact["interaction_id"], "score": 5 if happy else 2,
                "answered_at": contact["occurred_at"] + datetime.timedelta(hours=1),
            })  # fmt: skip
        if random.random() < 0.3:
            low = random.random() < (0.8 if bad else 0.2)
            answers.append({
                "answer_id": f"a{len(answers)}", "customer_id": contact["customer_id"], "instrument": "nps",
                "score": 3 if low else 9, "answered_at": contact["occurred_at"] + datetime.timedelta(days=7),
            })  # fmt: skip
    return {**tables, "survey_answers": answers}


@pytest.fixture(scope="module")
def found(make_shared_warehouse: MakeWarehouse) -> Analysis:
    return drivers(make_shared_warehouse(asked()), Scope())


def test_planted_drivers_are_found_and_others_are_not(found: Analysis) -> None:
    csat, nps = (found.tables[name].set_index("signal") for name in ("csat", "nps"))
    assert csat["distinguishable"]["abandonment"] and not csat["distinguishable"]["transfer"]
    assert csat["effect"]["abandonment"] == pytest.approx(-40, abs=8)
    assert csat["effect_low"]["abandonment"] <= -40 <= csat["effect_high"]["abandonment"]
    assert (
        csat.index[0] == "abandonment" and nps["distinguishable"]["abandonment"] and nps["effect"]["abandonment"] < -40
    )
    retention = found.tables["retention"].set_index("signal")
    assert retention["low"]["abandonment"] > 1 > retention["low"]["transfer"]


def test_weights_sum_to_r_squared(found: Analysis) -> None:
    models = found.tables["models"].set_index("outcome")
    assert list(models.index) == ["csat", "nps", "retention"]
    for name in ("csat", "nps"):
        assert found.tables[name]["weight"].sum() == pytest.approx(models["r_squared"][name])
    assert models["event"]["retention"] == "left" and models["events"]["retention"] >= 30


def test_the_answer_comes_first_and_what_is_unsure_is_said(found: Analysis) -> None:
    first = found.sentences[0]
    assert first.startswith("CSAT (n = ") and "is lower with abandonment by " in first and "transfer" not in first
    said = " ".join(found.sentences)
    assert "For CSAT, not distinguishable from zero: transfer" in said and "Together the signals explain" in said
    assert "Customers leave sooner after abandonment (" in said
    assert found.sentences[-1] == "What moves CES cannot be said: there are no answers that go with contacts."
    rest = " ".join(found.assumptions)
    for words in (
        "association",
        "90 days before",
        "64 random groups",
        "last of their subscriptions",
        "7 days after it",
    ):
        assert words in rest


def test_it_can_be_printed(found: Analysis) -> None:
    printed = json.loads(to_json(found.to_dict()))
    assert set(printed["tables"]) == {"csat", "nps", "ces", "retention", "models"} and printed["tables"]["ces"] == []
    row = printed["tables"]["csat"][0]
    assert row["signal"] == "abandonment" and row["distinguishable"] is True and row["hits"] > 30
    rare = [row for row in printed["tables"]["csat"] if row["weight"] is None]
    assert rare and all(row["distinguishable"] is False for row in rare)


def test_without_answers(embedded: Embedded, empty_warehouse: Warehouse) -> None:
    told = drivers(embedded.warehouse(company(people=60)), Scope())
    assert "leave" in told.sentences[0] and told.tables["csat"].empty
    assert sum("cannot be said: there are no answers" in said for said in told.sentences) == 3
    nothing = drivers(empty_warehouse, Scope())
    assert all("cannot be said" in said for said in nothing.sentences) and nothing.tables["models"].empty


def test_few_answers(embedded: Embedded) -> None:
    told = drivers(embedded.warehouse(asked(people=12)), Scope())
    assert any(
        "What moves CSAT cannot be said: there are" in said and "100 are needed" in said for said in told.sentences
    )
    assert told.tables["csat"]["weight"].isna().all()


def test_filters(found: Analysis, embedded: Embedded) -> None:
    warehouse = embedded.warehouse(asked(people=20))
    assert drivers(warehouse, Scope(filters=(("channel", ("web",)),))).tables["csat"].empty
    with pytest.raises(ScopeError, match="no 'outcome' to filter by"):
        drivers(warehouse, Scope(filters=(("outcome", ("resolved",)),)))


def test_a_relationship_survey_looks_back_ninety_days(embedded: Embedded) -> None:
    """Contacts count up to 90 days before an answer."""
    random = np.random.default_rng(1)
    contacts, answers = [], []
    for number in range(300):
        bad, far = random.random() < 0.5, number % 2
        at = START + datetime.timedelta(days=number / 10)
        customer = {"customer_id": f"c{number}"}
        contacts.append({
            "interaction_id": f"i{number}", **customer, "occurred_at": at,
            "outcome": "abandoned" if bad else "resolved",
        })  # fmt: skip
        answers.append({
            "answer_id": f"a{number}", **customer, "instrument": "nps", "score": 1 if bad else 10,
            "answered_at": at + datetime.timedelta(days=120 if far else 60),
        })  # fmt: skip
    found = drivers(embedded.warehouse({"interactions": contacts, "survey_answers": answers}), Scope())
    row = found.tables["nps"].set_index("signal").loc["abandonment"]
    assert row["n"] == 150 and row["effect"] == pytest.approx(-200)
