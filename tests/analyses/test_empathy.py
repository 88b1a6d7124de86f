"""The analysis of empathy against plain pandas, on both engines."""

from __future__ import annotations

import argparse
import datetime
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.empathy import empathy
from cx_metrics.analyses.empathy_association import ADJUSTED, BACK, CSAT_OF, RAW, association
from cx_metrics.analyses.empathy_course import course, course_in_words
from cx_metrics.analyses.empathy_examples import examples
from cx_metrics.analyses.empathy_kinds import JUDGED, NO_RULES, coverage
from cx_metrics.analyses.empathy_labels import NOT_YET, Label, agreement, disagreements, sample
from cx_metrics.analyses.empathy_person import person
from cx_metrics.analyses.reply_texts import reply_texts
from cx_metrics.commands_analyse import analyse
from cx_metrics.metrics.proportions import wilson_interval
from cx_metrics.model import interactions
from cx_metrics.scope import Scope
from cx_metrics.texts import EMPATHY
from cx_metrics.warehouse import Warehouse
from tests.analyses.judged_company import company, judge
from tests.conftest import Embedded, MakeWarehouse

SCOPE = Scope(datetime.date(2026, 1, 1), datetime.date(2026, 4, 30))
TABLES, OF_CONTACTS, OF_MESSAGES = company()
STRATA = ["stage", "channel", "reason", "team", "mood"]


@pytest.fixture(scope="module")
def judged(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    made = make_shared_warehouse(TABLES)
    judge(made, OF_CONTACTS, OF_MESSAGES, ("ann",))
    return made


@pytest.fixture(scope="module")
def found(judged: Warehouse) -> Analysis:
    return empathy(judged, labels(), SCOPE)


def labels(n: int = 40) -> tuple[Label, ...]:
    """People agree with the rules on feeling, and call all else weak."""
    rows = [row for row in OF_MESSAGES if row.get("empathy_emotional") is not None][:n]
    return tuple(Label(row["message_id"], "Ann", 1, row["empathy_emotional"], 1) for row in rows)


def contacts() -> pd.DataFrame:
    """Contacts with what is judged of them, of their reply and of the answer about them."""
    own = pd.DataFrame(TABLES["interactions"]).merge(pd.DataFrame(OF_CONTACTS), on="interaction_id")
    replies = pd.DataFrame(OF_MESSAGES)[["message_id", "scripted"]].dropna()
    replies["interaction_id"] = replies["message_id"].str.removesuffix("-1")
    answers = pd.DataFrame(TABLES["survey_answers"])[["interaction_id", "score"]]
    return own.merge(replies, on="interaction_id").merge(answers, on="interaction_id", how="left")


@pytest.mark.parametrize("by", ["all", "team", "channel", "stage"])
def test_kinds_against_pandas(by: str, found: Analysis) -> None:
    table = found.tables["kinds"]
    own = contacts().assign(all="")
    for name in ("empathy_emotional", "empathy_cognitive", "empathy_compassionate", "empathy_when_upset"):
        column = "empathy_emotional" if name == "empathy_when_upset" else name
        rows = own[own[column].notna() & ((own["judged_lowest"] < -0.3) | (name != "empathy_when_upset"))]
        for group, part in rows.groupby(by):
            mine = table[(table["by"] == by) & (table["group"] == group) & (table["figure"] == name)].iloc[0]
            share = (part[column] >= 1).mean()
            assert mine["n"] == len(part) and mine["value"] == pytest.approx(100 * share)
            low, high = wilson_interval(share, len(part))
            assert (mine["low"], mine["high"]) == pytest.approx((100 * low, 100 * high))
    strong = table[(table["by"] == by) & (table["figure"] == "empathy_emotional_strong")].set_index("group")["value"]
    grades = own[own["empathy_emotional"].notna()].groupby(by)["empathy_emotional"]
    assert strong.to_dict() == pytest.approx(grades.agg(lambda values: 100 * (values == 2).mean()).to_dict())
    pasted = table[(table["by"] == by) & (table["figure"] == "scripted_share")].set_index("group")["value"]
    assert pasted.to_dict() == pytest.approx((100 * own.groupby(by)["scripted"].mean()).to_dict())


def by_hand(rows: pd.DataFrame, kind: str, strata: list[str]) -> tuple[int, int, float, float]:
    """n with, n without, difference and its standard error, stratum by stratum."""
    rows = rows.assign(stratum=0, treated=rows[f"empathy_{kind}"] >= 1)
    groups = [part for _, part in rows.groupby(strata or "stratum") if part["treated"].nunique() == 2]
    treated = sum(part["treated"].sum() for part in groups)
    sides: dict[bool, list[np.ndarray]] = {
        side: [part.loc[part["treated"] == side, "y"].to_numpy(float) for part in groups] for side in (True, False)
    }
    weights = np.array([len(values) for values in sides[True]]) / treated
    difference, variance = 0.0, 0.0
    for side, values in sides.items():
        squares = sum(((v - v.mean()) ** 2).sum() for v in values)
        pooled = squares / sum(len(v) - 1 for v in values)
        difference += (1 if side else -1) * float(weights @ [v.mean() for v in values])
        variance += float(weights**2 @ [(v.var(ddof=1) if len(v) > 1 else pooled) / len(v) for v in values])
    return int(treated), sum(len(v) for v in sides[False]), difference, math.sqrt(variance)


@pytest.mark.parametrize("outcome", [CSAT_OF, BACK])
def test_association_against_pandas(outcome: str, found: Analysis, judged: Warehouse) -> None:
    own = contacts()
    own = own[own["empathy_emotional"].notna()]
    own["mood"] = np.where(own["judged_start"] < -0.3, "upset", "not")
    if outcome == CSAT_OF:
        own = own[own["score"].notna()].assign(y=lambda rows: rows["score"] >= 4)
    else:
        c = interactions.c
        told = judged.read(sa.select(c.interaction_id, c.occurred_at, c.hours_until_next))
        told = told[told["occurred_at"] <= told["occurred_at"].max() - pd.Timedelta(days=7)]
        told["y"] = told["hours_until_next"].astype(float) <= 168
        own = own.drop(columns="occurred_at").merge(told, on="interaction_id")
    table = found.tables["association"].set_index(["outcome", "kind", "comparison"])
    for kind in EMPATHY:
        for comparison, strata in ((RAW, []), (ADJUSTED, STRATA)):
            row = table.loc[(outcome, kind, comparison)]
            n, other, difference, error = by_hand(own, kind, strata)
            assert (row["n_shown"], row["n_not_shown"]) == (n, other)
            assert row["difference"] == pytest.approx(100 * difference)
            assert (row["high"] - row["low"]) / 2 == pytest.approx(100 * 1.959964 * error, rel=1e-5)


def test_what_was_planted_is_found(found: Analysis) -> None:
    table = found.tables["association"].set_index(["outcome", "kind", "comparison"])
    assert list(table.index[table["clear"]]) == [(CSAT_OF, "emotional", ADJUSTED)]
    row = table.loc[(CSAT_OF, "emotional", ADJUSTED)]
    assert row["low"] < 30 < row["high"]
    said = " ".join(found.sentences)
    assert found.sentences[0].startswith("In 342 answered contacts, our replies acknowledge the feeling in 46.2 %")
    assert "(indicative only)" in found.sentences[0]
    own = contacts().dropna(subset="empathy_emotional")
    strong = (own["empathy_emotional"] == 2).groupby(own["team"]).mean()
    assert f"strongly acknowledge the feeling are most common in Stores, {100 * strong['Stores']:.1f} %" in said
    assert "are scripted are most common in Loyalty, 75.8 %" in said
    assert "association, not proof" in said and "not: 5.0 % no rules for the language pt" in said


def test_agreement_with_people(found: Analysis, judged: Warehouse) -> None:
    table = found.tables["agreement"].set_index("kind")
    assert table["n"].tolist() == [40, 40, 40]
    assert table.loc["emotional", "kappa"] == 1 and not table.loc["emotional", "sure"]  # below 100
    assert "one grade" in table.loc["cognitive", "agreement"] and "almost perfect" in " ".join(found.sentences)
    many = agreement(judged, labels(120)).set_index("kind")
    assert many.loc["emotional", "sure"] and not many.loc["cognitive", "sure"]
    assert sample(judged, ()) == sample(judged, ("none",)) != sample(judged, (sample(judged, ()) or "",))
    assert (
        disagreements(judged, labels(120), "emotional").empty
        and len(disagreements(judged, labels(), "cognitive")) == 20
    )
    few = agreement(judged, labels(29))
    assert few["kappa"].isna().all() and few["n"].tolist() == [29] * 3 and set(few["agreement"]) == {NOT_YET}


def test_on_the_command_line(judged: Warehouse, found: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_LEDGER_URL", "sqlite://")
    given = argparse.Namespace(analysis="empathy", format="csv", table="association")
    rows = analyse(judged, SCOPE, given).splitlines()
    assert len(rows) == 13 and rows[0].startswith("outcome,kind,comparison,unit,n_shown,shown,")


def test_coverage_counts_every_reply(found: Analysis) -> None:
    table = found.tables["coverage"].set_index(["state", "language"])
    assert table["n"].to_dict() == {(JUDGED, ""): 342, (NO_RULES, "pt"): 18}


def test_with_nothing_judged(embedded: Embedded) -> None:
    found = empathy(embedded.warehouse({}), (), SCOPE)
    assert found.sentences[0].startswith("There are too few replies")
    assert found.tables["association"]["difference"].isna().all()


def test_a_filter_on_customers(judged: Warehouse) -> None:
    none = Scope(SCOPE.start, SCOPE.end, filters=(("segment", ("gold",)),))
    assert coverage(judged, none).empty and association(judged, none)["difference"].isna().all()
    assert person(judged, none, "Stores-0").empty and examples(judged, none).empty
    one = Scope(SCOPE.start, SCOPE.end, filters=(("team", ("Care",)),))
    assert coverage(judged, one)["n"].sum() == 120


# --- examples and persons --------------------------------------------------------------------------------------------


def test_examples_went_well(judged: Warehouse) -> None:
    rows = examples(judged, SCOPE)
    own = contacts().set_index("interaction_id")
    assert len(rows) and rows.groupby("situation").size().max() <= 3
    mine = own.loc[rows["interaction_id"]]
    assert (mine[[f"empathy_{kind}" for kind in EMPATHY]] >= 1).all(axis=None)
    assert (mine["outcome"] == "resolved").all() and (mine["scripted"] == 0).all()
    assert (mine["judged_end"] >= -0.3).all() and not (mine["score"] < 4).any()
    candidates = own[(own[[f"empathy_{kind}" for kind in EMPATHY]] >= 1).all(axis=1) & (own["outcome"] == "resolved")
                     & (own["scripted"] == 0) & (own["judged_end"] >= -0.3) & ~(own["score"] < 4)]  # fmt: skip
    strongest = candidates[[f"empathy_{kind}" for kind in EMPATHY]].sum(axis=1).max()
    assert rows["strength"].max() == strongest


def test_replies_are_masked(judged: Warehouse) -> None:
    found = reply_texts(judged, ("i0000-1",))["i0000-1"]
    assert found.customer_said == "[name] here, my case 0 is broken"
    assert found.agent == "Stores-0" and found.team == "Stores" and set(found.grades) == set(EMPATHY)
    assert "Ann" not in found.text
    assert reply_texts(judged, ()) == {} == reply_texts(judged, ("none",))


def oracle_person(rows: pd.DataFrame) -> dict[str, Any]:
    """n and value of each measure."""
    found = {f"empathy_{kind}": (rows[f"empathy_{kind}"].notna().sum(),
             100 * (rows[f"empathy_{kind}"].dropna() >= 1).mean()) for kind in EMPATHY}  # fmt: skip
    return found | {"scripted": (len(rows), 100 * rows["scripted"].mean())}


def test_a_person_beside_a_small_team(judged: Warehouse) -> None:
    table = person(judged, SCOPE, "Stores-0").set_index("measure")
    for name, (n, value) in oracle_person(contacts().query("agent_id == 'Stores-0'")).items():
        assert (table.loc[name, "n"], table.loc[name, "value"]) == pytest.approx((n, value))
    assert table["team_value"].isna().all()  # two people only: the other one's figures would be told
    assert person(judged, SCOPE, "nobody").empty


def test_a_person_is_compared_from_thirty_conversations_on(embedded: Embedded) -> None:
    sizes = {"a": 30, "b": 29, "c": 9, "d": 4, "e": 20}
    tables: dict[str, list[dict[str, Any]]] = {"interactions": [], "messages": []}
    of_messages = []
    for agent, size in sizes.items():
        for i in range(size):
            key = f"{agent}{i}"
            tables["interactions"].append(
                {"interaction_id": key, "customer_id": key, "occurred_at": "2026-02-01", "team": "T"}
            )
            tables["messages"].append({"message_id": key, "interaction_id": key, "author": "agent",
                                       "author_id": agent})  # fmt: skip
            of_messages.append({"message_id": key, "text": key, "template": 1, "scripted": i % 2, "empathy_emotional": i % 3,
                                "empathy_cognitive": 0, "empathy_compassionate": 1})  # fmt: skip
    made = embedded.warehouse(tables)
    judge(made, [], of_messages)
    first = {agent: person(made, SCOPE, agent).set_index("measure") for agent in sizes}
    assert first["a"].loc["empathy_emotional", ["n", "team_n"]].tolist() == [30, 92]
    assert first["a"].loc["empathy_emotional", "value"] == pytest.approx(100 * 20 / 30)
    hits = sum(i % 3 > 0 for size in sizes.values() for i in range(size))
    assert first["a"].loc["empathy_emotional", "team_value"] == pytest.approx(100 * hits / 92)
    assert first["b"]["value"].notna().all() and first["b"][["team_n", "team_value"]].isna().all(axis=None)
    assert first["c"]["n"].tolist() == [9] * 4 and first["c"]["value"].isna().all()
    assert first["d"]["n"].isna().all()


def test_course_of_mood_against_pandas(judged: Warehouse, found: Analysis) -> None:
    """Start, end and change by outcome, with the interval of a mean; the best end comes first, and is said."""
    table, own = found.tables["course"].set_index("outcome"), contacts()
    for outcome, part in own.groupby("outcome"):
        mine = table.loc[str(outcome)]
        sides = {
            "start": part["judged_start"],
            "end": part["judged_end"],
            "change": part["judged_end"] - part["judged_start"],
        }
        for side, values in sides.items():
            half = 1.959964 * values.std() / math.sqrt(len(values))
            ends = (values.mean(), values.mean() - half, values.mean() + half)
            assert (mine[side], mine[f"{side}_low"], mine[f"{side}_high"]) == pytest.approx(ends)
        assert mine["n"] == len(part) and mine["share"] == pytest.approx(100 * (part["judged_end"] < -0.3).mean())
    assert table["end"].is_monotonic_decreasing
    alone = Scope(SCOPE.start, SCOPE.start)
    assert course(judged, alone)["end"].isna().all() and course_in_words(course(judged, alone)) == []


def test_the_course_names_both_ends() -> None:
    rows = [{"outcome": name, "n": n, "start": -0.2, "end": end, "end_low": end - 0.1, "end_high": end + 0.1, "share": 10.0}
            for name, n, end in (("resolved", 90, 0.4), ("escalated", 20, -0.9), ("unresolved", 40, -0.5))]  # fmt: skip
    (said,) = course_in_words(pd.DataFrame(rows))
    assert "from -0.20 to +0.40 where the contact was resolved (10.0 % left in a bad mood, n = 90)" in said
    assert "to -0.50 where the contact was unresolved" in said and "escalated" not in said
    near = pd.DataFrame(rows).assign(end_low=-1.0)
    assert "does not differ clearly" in course_in_words(near)[0]
