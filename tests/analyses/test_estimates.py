"""Estimated satisfaction against plain pandas and the reference library on single rows, and where it is refused."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.analyses import estimate_experience, estimate_model
from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.estimate_experience import experience, link
from cx_metrics.analyses.estimate_features import answered_rows, features
from cx_metrics.analyses.estimate_groups import groups
from cx_metrics.analyses.estimate_model import Learnt, learnt
from cx_metrics.analyses.estimates import effects, estimated_experience, estimates, expected
from cx_metrics.export import to_json
from cx_metrics.journey import Limits
from cx_metrics.model import interactions
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.analyses.estimate_company import START, Row, answer, asked
from tests.benchmarks.coverage_estimates import Memory
from tests.benchmarks.coverage_estimates import company as company_of
from tests.conftest import MakeWarehouse

TABLES = asked(700)


@pytest.fixture(scope="module")
def company(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse(TABLES)


@pytest.fixture(scope="module")
def model(company: Warehouse) -> Learnt:
    found = learnt(company, Limits())
    assert not found.reason and found.model is not None and found.backtest is not None
    return found


@pytest.fixture(scope="module")
def found(company: Warehouse) -> Analysis:
    return estimates(company, Scope())


@pytest.fixture(scope="module")
def oracle(company: Warehouse) -> pd.DataFrame:
    """Every contact with y (missing without an answer), at, and dummies made by pandas from its own columns."""
    rows = company.read(sa.select(interactions)).set_index("interaction_id")
    given = pd.DataFrame(TABLES["survey_answers"])
    answers = given[given["instrument"] == "csat"].set_index("interaction_id")[["score", "answered_at"]]
    regions = pd.DataFrame(TABLES["customers"]).set_index("customer_id")["region"]
    common = ["buy", "use", "pay", "get help"]
    traits = {f"stage {name}": rows["stage"] == name for name in common[1:]}
    assert (answers.join(rows["stage"])["stage"].value_counts()[common] >= 30).all()
    waits = pd.cut(rows["wait_seconds"], [-1, 30, 120, 600], labels=["short", "middle", "long"])
    traits |= {
        "chat": rows["channel"] == "chat", "unresolved": rows["outcome"] == "unresolved",
        "transferred": rows["transfers"] >= 1, "reopened": rows["reopens"] >= 1, "middle": waits == "middle",
        "long": waits == "long",
    }  # fmt: skip
    made = pd.DataFrame(traits).astype(float)
    made["y"] = 100 * (answers["score"] - 1) / 4
    made["at"] = answers["answered_at"]
    return made.assign(stage=rows["stage"], channel=rows["channel"], team=rows["team"], customer=rows["customer_id"],
                       region=rows["customer_id"].map(regions))  # fmt: skip


def test_the_grouped_fit_equals_the_reference_library_on_rows(company: Warehouse, model: Learnt) -> None:
    from statsmodels.regression.linear_model import OLS

    assert model.model is not None
    used = tuple(part.feature for part in model.model.design.parts)
    rows = company.read(answered_rows(used))
    traits = model.model.design.matrix(rows)
    clusters = rows["grp"].astype("category").cat.codes
    reference = OLS(rows["y"].to_numpy(), traits).fit(cov_type="cluster", cov_kwds={"groups": clusters.to_numpy()})
    assert model.model.coefficients == pytest.approx(reference.params)
    assert np.sqrt(model.model.variance(np.eye(traits.shape[1]))) == pytest.approx(reference.bse)
    assert model.model.rmse == pytest.approx(np.sqrt(reference.scale)) and model.answers == len(rows)


def test_levels_are_what_the_columns_say(company: Warehouse, oracle: pd.DataFrame) -> None:
    rows = company.read(answered_rows(features(Limits()), interactions.c.interaction_id)).set_index("interaction_id")
    own = oracle.loc[rows.index]
    assert ((rows["x_transfers"] == "yes") == (own["transferred"] == 1)).all()
    assert ((rows["x_reopens"] == "yes") == (own["reopened"] == 1)).all()
    assert ((rows["x_wait"] == "2 to 10 min") == (own["long"] == 1)).all()
    assert set(rows["x_handled"]) == {"(not given)"} and set(rows["x_late"]) == {"(not given)"}
    assert set(rows["x_repeat"]) <= {"yes", "no"} and (rows["y"] == own["y"]).all()


def _plain(oracle: pd.DataFrame, rows: pd.DataFrame) -> Any:
    """Least squares of y on the dummies by numpy, without the rare happenings that the product may also know."""
    names = list(oracle.columns[: oracle.columns.get_loc("y")])
    design = np.column_stack([np.ones(len(rows)), rows[names].to_numpy()])
    return names, np.linalg.lstsq(design, rows["y"].to_numpy(), rcond=None)[0]


def test_effects_are_those_of_plain_least_squares(model: Learnt, oracle: pd.DataFrame) -> None:
    assert model.model is not None
    table = effects(model.model).set_index("what")["effect"]
    names, plain = _plain(oracle, oracle.dropna(subset="y"))
    named = dict(zip(names, plain[1:], strict=True))
    wanted = {"unresolved": "outcome unresolved", "transferred": "being transferred", "reopened": "being reopened"}
    for name, what in wanted.items():  # the product has a few columns more: the same up to their chance
        assert table[what] == pytest.approx(named[name], abs=1.5)
    assert table["outcome unresolved"] == pytest.approx(-45, abs=6) and table["being transferred"] == pytest.approx(
        -20, abs=6
    )


def test_groups_are_means_of_what_is_expected_of_their_contacts(
    company: Warehouse, model: Learnt, found: Analysis, oracle: pd.DataFrame
) -> None:
    single = expected(company, list(oracle.index)).set_index("interaction_id")["estimated"]
    assert single.between(0, 100).all() and len(single) == len(oracle)
    unclipped = oracle.assign(e=single)
    table = found.tables["estimates"]
    for by in ("team", "region", "channel"):
        for row in table[table["by"] == by].to_dict("records"):
            own = unclipped[unclipped[by] == row["group"]]
            said = own["y"].dropna()
            assert row["contacts"] == len(own) and row["n"] == len(said)
            assert row["answered"] == pytest.approx(said.mean())
            half = 1.959964 * said.std() / np.sqrt(len(said))
            assert row["answered_low"] == pytest.approx(said.mean() - half)
            assert row["estimated"] == pytest.approx(own["e"].mean(), abs=0.2)  # single ones end at 0 and 100
            assert row["estimated_silent"] == pytest.approx(own.loc[own["y"].isna(), "e"].mean(), abs=0.2)
            assert row["estimated_low"] < row["estimated"] < row["estimated_high"]
    pairs = table[table["by"] == "stage and channel"]
    assert set(pairs["channel"]) == {"chat", "phone"} and (table["by"] == "all").sum() == 1


def test_stages_without_answers_and_small_ones(found: Analysis) -> None:
    stages = found.tables["estimates"].query("by == 'stage'").set_index("group")
    assert stages.loc["leave", "contacts"] == 40 and stages.loc["leave", "n"] == 0
    assert np.isnan(stages.loc["leave", "answered"]) and stages.loc["leave", "estimated"] > 30
    wide, usual = (stages.loc[name, "estimated_high"] - stages.loc[name, "estimated_low"] for name in ("leave", "use"))
    assert wide > usual
    assert np.isnan(stages.loc["rare", ["contacts", "n", "estimated", "estimated_silent"]].astype(float)).all()
    assert stages.loc["rare", "suppressed"] and stages["contacts"].isna().sum() == 2  # and a sibling
    assert any(sentence.startswith("Stages whose contacts nobody was asked about") for sentence in found.sentences)


def test_the_backtest_is_that_of_plain_pandas(company: Warehouse, model: Learnt) -> None:
    assert model.backtest is not None and model.split is not None
    used = features(Limits())
    rows = company.read(answered_rows(used, interactions.c.stage.label("stage")))
    late = pd.to_datetime(rows["at"]) >= pd.Timestamp(model.split)
    assert (model.trained, model.tested) == ((~late).sum(), late.sum()) and (~late).mean() == pytest.approx(
        0.7, abs=0.02
    )
    names = [column for column in rows.columns if column.startswith("x_") and rows.loc[~late, column].nunique() > 1]
    whole = rows.assign(stage_rare=0.0)
    levels = {name: rows.loc[~late, name].value_counts().loc[lambda n: n >= 30].index for name in names}
    dummies = pd.concat(
        [
            (whole[name] == level).astype(float).rename(f"{name} {level}")
            for name in names
            for level in levels[name][1:]
        ],
        axis=1,
    )
    for name in names:  # levels that are not learnt: the mean of the learnt ones
        strange = ~rows[name].isin(levels[name])
        for level in levels[name][1:]:
            known = rows.loc[~late & ~strange, name]
            dummies.loc[strange, f"{name} {level}"] = (known == level).mean()
    design = np.column_stack([np.ones(len(rows)), dummies.to_numpy()])
    coefficients = np.linalg.lstsq(design[~late], rows.loc[~late, "y"], rcond=None)[0]
    error = rows["y"] - design @ coefficients
    row = model.backtest.errors.iloc[0]
    assert row["rmse"] == pytest.approx(np.sqrt((error[late] ** 2).mean()))
    assert row["mae"] == pytest.approx(error[late].abs().mean())
    plain = rows.loc[late, "y"] - rows.loc[~late, "y"].mean()
    assert row["rmse_mean"] == pytest.approx(np.sqrt((plain**2).mean()))
    assert row["r_squared"] == pytest.approx(1 - (error[late] ** 2).sum() / (plain**2).sum())
    assert row["low"] > 0 and row["r_squared"] > 0.3
    bias = model.backtest.bias.table.set_index(["by", "group"])
    for by, group in bias.index[bias.index.get_level_values("by").isin(["stage"])]:
        own = -error[late & (rows["stage"] == group)]
        assert bias.loc[(by, group), "n"] == len(own) and bias.loc[(by, group), "bias"] == pytest.approx(own.mean())
    assert len(bias.loc[["stage"]]) >= 1


def test_calibration_rises_and_is_close(found: Analysis) -> None:
    table = found.tables["calibration"]
    assert table["n"].sum() == found.tables["backtest"]["n"].iloc[0] and table["estimated"].is_monotonic_increasing
    assert (table["estimated"] - table["answered"]).abs().mean() < 8
    assert ((table["low"] <= table["answered"]) & (table["answered"] <= table["high"])).all()


def test_sentences_say_estimated_and_json_is_well_formed(found: Analysis) -> None:
    assert "is estimated at" in found.sentences[0] and "answered ones gave" in found.sentences[0]
    said = " ".join(found.sentences)
    for words in (
        "Learnt from",
        "tested on",
        "outcome unresolved instead of resolved -4",
        "none was clearly estimated",
    ):
        assert words in said
    assert "not like the silent ones" in found.assumptions[0]
    document = json.loads(to_json(found.to_dict()))
    assert set(document["tables"]) == {"estimates", "effects", "backtest", "calibration", "bias", "experience"}
    figures = [name for name in found.tables["estimates"].columns if "estimated" in name]
    assert len(figures) == 6


def test_a_scope_chooses_what_is_estimated_not_what_is_learnt(company: Warehouse, model: Learnt) -> None:
    scope = Scope(
        datetime.date(2025, 2, 1), datetime.date(2025, 5, 31), filters=(("team", ("red",)), ("region", ("N",)))
    )
    assert learnt(company, scope.limits) is model and model.model is not None and model.backtest is not None
    table = groups(company, scope, model.model, model.backtest.bias)
    rows = pd.DataFrame(TABLES["interactions"])
    north = {row["customer_id"] for row in TABLES["customers"] if row["region"] == "N"}
    inside = rows["occurred_at"].between("2025-02-01", "2025-05-31 23:59:59") & rows["customer_id"].isin(north)
    assert table.loc[table["by"] == "all", "contacts"].iloc[0] == (inside & (rows["team"] == "red")).sum()
    with pytest.raises(ScopeError):
        estimates(company, Scope(filters=(("currency", ("EUR",)),)))


def test_single_contacts(company: Warehouse) -> None:
    assert expected(company, []).empty and expected(company, ["none such"]).empty
    row = expected(company, ["i5", "none such"]).iloc[0]
    assert row["estimated_low"] <= row["estimated"] <= row["estimated_high"] and 10 < row["spread"] < 25


# --- experience of stages without an answer on it ---------------------------------------------------------------------


def test_stages_without_an_answer_on_experience_are_estimated(company: Warehouse, found: Analysis) -> None:
    table = found.tables["experience"].set_index("stage")
    stages = found.tables["estimates"].query("by == 'stage'").set_index("group")
    assert list(table.index) == ["renew", "leave"] or list(table.index) == ["leave"]  # renew may be hidden with rare
    row, satisfaction = table.loc["leave"], stages.loc["leave"]
    assert row["contacts"] == 40 and row["estimated"] == pytest.approx(satisfaction["estimated"] - 15, abs=4)
    assert row["freedom"] == 3 and row["high"] - row["low"] == pytest.approx(2 * 3.18245 * row["error"], rel=1e-4)
    assert row["error"] > 3  # nobody answered about its contacts: how far stages lie apart is in it
    assert any("Experience of stages without an answer on it, estimated" in said for said in found.sentences)


def test_where_the_scope_has_too_few_stages_all_data_are_taken(company: Warehouse, model: Learnt) -> None:
    assert model.model is not None and model.backtest is not None
    early = Scope(datetime.date(2025, 1, 1), datetime.date(2025, 3, 1))
    guessed = experience(company, early)
    assert guessed.everywhere and set(guessed.measured_on) == {"buy", "use", "pay", "get help"}
    assert {"buy", "use"} <= set(guessed.stages["stage"])


def test_experience_is_refused(company: Warehouse, model: Learnt, monkeypatch: pytest.MonkeyPatch) -> None:
    assert model.model is not None and model.backtest is not None
    table = groups(company, Scope(), model.model, model.backtest.bias)
    monkeypatch.setattr(estimate_experience, "FEWEST_STAGES", 5)
    few = experience(company, Scope(), table)
    assert few.stages.empty and "4 stages have answers on it and estimated satisfaction, 5 are needed" in few.reason
    monkeypatch.setattr(estimate_experience, "FEWEST_STAGES", 4)
    poor = link(np.array([50.0, 51.0, 50.0, 49.0]), np.array([60.0, 70.0, 80.0, 90.0]), np.full(4, 0.01))
    assert poor.error > poor.error_mean
    monkeypatch.setattr(estimate_experience, "link", lambda *_: poor)
    found = experience(company, Scope(), table)
    assert found.stages.empty and "on stages left out its error is" in found.reason and found.link is poor
    monkeypatch.setattr(estimate_experience, "experience", lambda *_: found)
    assert estimated_experience(company, Scope()) is found.stages


# --- by hand, and refusals: on an engine in memory, as these are many small companies -------------------------------


def contact(place: int, **more: Any) -> Row:
    when = START + datetime.timedelta(hours=6 * place)
    return {"interaction_id": f"i{place}", "customer_id": f"c{place}", "occurred_at": when, "channel": "chat", **more}


def made(rows: list[Row], answers: list[Row]) -> Any:
    """A warehouse in memory. Answers are of customers, and each counts."""
    counted = [{**given, "respondent": "customer", "counts": 1} for given in answers]
    frames = {"interactions": pd.DataFrame(rows), "survey_answers": pd.DataFrame(counted)}
    return Memory({name: frame for name, frame in frames.items() if len(frame)})


def test_by_hand() -> None:
    """Resolved contacts give 5 of 5, unresolved ones 3: 100 and 50. Of 20 silent ones 15 are unresolved: 62.5."""
    outcomes = ["resolved", "unresolved"]
    rows = [contact(place, outcome=outcomes[place % 2]) for place in range(400)]
    answers = [answer(row, 5 if row["outcome"] == "resolved" else 3) for row in rows]
    rows += [contact(400 + place, outcome=outcomes[place >= 5]) for place in range(20)]
    found = estimates(made(rows, answers), Scope())
    whole = found.tables["estimates"].query("by == 'all'").iloc[0]
    assert (whole["contacts"], whole["n"], whole["answered"]) == (420, 400, 75)
    assert whole["estimated_silent"] == pytest.approx(62.5) and whole["estimated"] == pytest.approx(
        (400 * 75 + 20 * 62.5) / 420
    )
    (effect,) = found.tables["effects"].to_dict("records")
    assert effect["what"] == "outcome unresolved" and effect["effect"] == pytest.approx(-50)
    row = found.tables["backtest"].iloc[0]  # days are whole: 283 answers before the test, 117 in it
    assert row["n"] == 117 and row["rmse"] == pytest.approx(0, abs=1e-6)
    assert (row["rmse_mean"], row["mae_mean"], row["better"]) == pytest.approx((25, 25, 625), rel=1e-3)


@pytest.mark.parametrize(
    ("answered", "linked", "days", "why"),
    [
        (0, True, 1.0, "there is no answer to a satisfaction question"),
        (60, False, 1.0, "of 60 satisfaction answers none names its contact"),
        (200, True, 1.0, "there are 143 answers to learn from and 57 later ones to test on; 200 and 50 are needed"),
        (300, True, 1.0, "nothing that is known of the contacts tells them apart"),
        (60, True, -3.0, "all 60 answers about contacts were given before their contact had ended"),
    ],
)
def test_refusals(answered: int, linked: bool, days: float, why: str) -> None:
    rows = [contact(place, ended_at=START + datetime.timedelta(hours=6 * place, minutes=5)) for place in range(300)]
    answers = [answer(row, 1 + place % 5, days) for place, row in enumerate(rows[:answered])]
    if not linked:
        answers = [{**given, "interaction_id": None} for given in answers]
    warehouse = made(rows, answers)
    found = estimates(warehouse, Scope())
    assert found.sentences[0].startswith(f"Satisfaction where nobody was asked cannot be estimated: {why}")
    assert len(found.sentences) == 1 and all(table.empty for table in found.tables.values())
    assert expected(warehouse, ["i1"]).empty


def test_without_contacts() -> None:
    (said,) = estimates(made([], [answer(contact(1), 4)]), Scope()).sentences
    assert "there are 1 satisfaction answers, but no contacts (interactions) to learn from" in said


def test_noise_is_refused_with_its_backtest() -> None:
    noise = company_of(np.random.default_rng(8), 900, answering=0.6, drive=0.0)
    found = estimates(Memory(noise.tables), Scope())  # type: ignore[arg-type]
    assert "does no better than the mean" in found.sentences[0] and found.sentences[1].startswith("Learnt from")
    assert found.tables["estimates"].empty and len(found.tables["backtest"]) == 1
    assert found.tables["effects"].empty and len(found.tables["calibration"])


def test_few_customers_are_refused() -> None:
    outcomes = ["resolved", "unresolved"]
    rows = [{**contact(place, outcome=outcomes[place % 2]), "customer_id": f"c{place % 3}"} for place in range(400)]
    answers = [answer(row, 5 if row["outcome"] == "resolved" else 3) for row in rows]
    assert "from too few customers" in estimates(made(rows, answers), Scope()).sentences[0]


def test_answers_before_the_end_are_left_out() -> None:
    rows = [contact(place, ended_at=START + datetime.timedelta(hours=6 * place)) for place in range(20)]
    rows[3]["ended_at"] = rows[3]["ended_at"] + datetime.timedelta(days=4)
    found = learnt(made(rows, [answer(row, 4) for row in rows]), Limits())
    assert found.early == 1 and found.answers == 19


def test_features_are_dropped_where_there_are_too_many_combinations(
    monkeypatch: pytest.MonkeyPatch, company: Warehouse, model: Learnt
) -> None:
    assert model.split is not None and model.dropped == ()
    known = features(Limits())
    _, every = estimate_model._combinations(company, known, model.split)
    monkeypatch.setattr(estimate_model, "MOST", len(every) - 1)
    used, fewer = estimate_model._combinations(company, known, model.split)
    assert used == known[: len(used)] and known[-1] not in used and len(fewer) < len(every)
    assert fewer["n"].sum() == every["n"].sum() == model.answers
