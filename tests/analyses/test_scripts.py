"""Families of pasted replies against plain pandas, and excusing them, on both engines."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from cx_metrics.analyses.scripts import families, scripts
from cx_metrics.analyses.scripts_excused import decide, excused
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.judged_company import company, judge
from tests.conftest import Embedded, MakeWarehouse

SCOPE = Scope(datetime.date(2026, 1, 1), datetime.date(2026, 4, 30))
TABLES, OF_CONTACTS, OF_MESSAGES = company(240)


def replies() -> pd.DataFrame:
    """interaction_id, team, template, score of every reply."""
    own = pd.DataFrame([row for row in OF_MESSAGES if "template" in row])
    own["interaction_id"] = own["message_id"].str.removesuffix("-1")
    answers = pd.DataFrame(TABLES["survey_answers"])[["interaction_id", "score"]]
    places = pd.DataFrame(TABLES["interactions"])[["interaction_id", "team"]]
    return own.merge(places, on="interaction_id").merge(answers, on="interaction_id", how="left")


@pytest.fixture(scope="module")
def judged(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    made = make_shared_warehouse(TABLES)
    judge(made, OF_CONTACTS, OF_MESSAGES, ("ann",))
    return made


def test_families_against_pandas(judged: Warehouse) -> None:
    (row,) = families(judged, SCOPE).to_dict("records")
    own = replies()
    used = own[own["template"] == 1]
    assert row["replies"] == row["conversations"] == len(used) and row["family"] == 1
    assert row["teams"].split(", ") == used["team"].value_counts().index.tolist()
    assert row["share"] == pytest.approx(100 * len(used) / len(own))
    known = own.dropna(subset="score").assign(good=lambda rows: rows["score"] >= 4)
    mine = known["template"] == 1
    assert (row["n_used"], row["n_else"]) == (mine.sum(), (~mine).sum())
    assert row["used"] == pytest.approx(100 * known.loc[mine, "good"].mean())
    shares = known[mine]["team"].value_counts(normalize=True)
    elsewhere = known[~mine].groupby("team")["good"].mean()
    assert row["elsewhere"] == pytest.approx(100 * (shares * elsewhere).sum())
    assert row["difference"] == pytest.approx(row["used"] - row["elsewhere"])
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert row["example"].startswith("Thanks for reaching out") and not row["excused"]


def test_teams_and_sentences(judged: Warehouse) -> None:
    found = scripts(judged, SCOPE)
    share = 100 * replies().groupby("team")["scripted"].mean()
    assert found.tables["teams"].set_index("team")["value"].to_dict() == pytest.approx(share.to_dict())
    assert f"Most scripted is Loyalty with {share['Loyalty']:.1f} %" in found.sentences[1]
    none = scripts(judged, Scope(SCOPE.start, SCOPE.end, filters=(("team", ("Nobody",)),)))
    assert none.tables["families"].empty and none.sentences[0].startswith("There are too few replies")


def test_excusing_and_taking_back(embedded: Embedded) -> None:
    contacts = [{"interaction_id": f"i{i}", "occurred_at": "2026-02-01", "team": "T"} for i in range(8)]
    said = [{"message_id": f"m{i}", "interaction_id": f"i{i}", "author": "agent"} for i in range(8)]
    made = embedded.warehouse({"interactions": contacts, "messages": said})
    judge(made, [], [{"message_id": f"m{i}", "text": f"The legal notice of {i} applies here", "template": 5,
                      "scripted": 1} for i in range(8)])  # fmt: skip
    ledger = Ledger("sqlite://")
    text = families(made, SCOPE)["example"].iloc[0]
    assert text == "The legal notice of 0 applies here"
    for reason, who, wrong in (("", "Ann", "why"), ("legal", " ", "who"), ("x" * 501, "Ann", "why")):
        with pytest.raises(LedgerError, match=wrong):
            decide(made, ledger, 5, text, reason, who, True)
    assert excused(ledger).empty
    decide(made, ledger, 5, text, "a legal notice", "Ann", True)
    assert excused(ledger)[["template", "reason", "who"]].values.tolist() == [[5, "a legal notice", "Ann"]]
    found = scripts(made, SCOPE)
    assert found.tables["families"]["excused"].tolist() == [True] and found.tables["teams"]["n"].tolist() == [8]
    assert len(found.sentences) == 1  # no text that counts is left
    with pytest.raises(LedgerError, match="excused already"):
        decide(made, ledger, 5, text, "again", "Ann", True)
    decide(made, ledger, 5, text, "no longer true", "Bob", False)
    assert excused(ledger).empty and families(made, SCOPE)["excused"].tolist() == [False]
    with pytest.raises(LedgerError, match="not excused"):
        decide(made, ledger, 5, text, "again", "Bob", False)
