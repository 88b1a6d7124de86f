"""`cx-metrics interventions`: lists, shows one, acts; one sentence where something is wrong."""

from __future__ import annotations

import csv
import datetime
import io
import json
from pathlib import Path

import pytest

from cx_metrics.analyses.intervention_queue import one, steps_of
from cx_metrics.cli import main
from cx_metrics.ledger import Ledger
from tests.analyses.queue_company import opened
from tests.conftest import Embedded


@pytest.fixture(scope="module")
def warehouse(embedded: Embedded) -> str:
    """A warehouse with two customers."""
    people = [{"customer_id": "c1", "name": "=Eva"}, {"customer_id": "c2", "name": "Jan"}]
    return embedded.warehouse({"customers": people})._url.render_as_string()


@pytest.fixture(autouse=True)
def kept(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A ledger with three interventions, one of a customer that the data do not know."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("CX_WAREHOUSE_URL", warehouse)
    monkeypatch.setenv("CX_LEDGER_URL", url)
    ledger = Ledger(url)
    opened(ledger, {"at_stake": 50.0}, {}, {})
    return ledger


def run(*arguments: str) -> int:
    """`cx-metrics interventions` with these arguments."""
    return main(["interventions", *arguments])


def test_the_list_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    printed = capsys.readouterr()
    assert printed.err == (
        "2 customers need a person; 2 are overdue; 150 EUR a year are at stake with them (n = 2 with a known value). "
        "1 belongs to a customer not in the data any more, and is not shown.\n"
    )
    assert [line.split()[:2] for line in printed.out.splitlines()[1:]] == [["2", "c2"], ["1", "c1"]]
    run("--format", "csv", "--team", "North", "--limit", "5")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["number"], row["name"], row["overdue"]) for row in rows] == [
        ("2", "Jan", "True"),
        ("1", "'=Eva", "True"),
    ]
    run("--format", "json", "--limit", "1")
    printed = capsys.readouterr()
    assert [row["customer_id"] for row in json.loads(printed.out)] == ["c2"] and "1 more in this list" in printed.err
    run("--rule", "promise")
    assert capsys.readouterr().out == "(no rows)\n"


def test_acting_and_looking_back(kept: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3)).date().isoformat()
    for act in (("--claim", "1"), ("--note", "1", "rang twice"), ("--snooze", "1", "--until", until, "--words", "away"),
                ("--release", "1"), ("--hand-over", "1", "--to", "South", "--to-person", "Bob")):  # fmt: skip
        assert run(*act, "--who", "Ann") == 0
    assert run("--outcome", "1", "not reached", "--words", "no answer", "--who", "Bob") == 0
    assert capsys.readouterr().out.splitlines() == [
        "intervention 1 is claimed (step 1)", "intervention 1 has a note (step 2)", "intervention 1 rests (step 3)",
        "intervention 1 is given back (step 4)", "intervention 1 is handed over (step 5)",
        "intervention 1 is done (step 6)",
    ]  # fmt: skip
    row = one(kept, 1) or {}
    assert (row["status"], row["outcome"], row["team"], row["assignee"]) == ("done", "not reached", "South", "Bob")
    run("--show", "1")
    out = capsys.readouterr().out
    assert "1: customer c1, wall, done by Bob: not reached" in out and "because of: the bot gave up" in out
    assert "Ann wrote a note: rang twice" in out and out.count("\n") == 9
    run("--show", "1", "--format", "json")
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "done" and told["steps"][0]["action"] == "claim"
    assert told["evidence"][0]["said"] == "the bot gave up" and "because" in told["suggestion"]
    run("--status", "done")
    assert "1 found (done)" in capsys.readouterr().err
    run("--status", "mine", "--who", "Bob")
    assert "0 found (mine)" in capsys.readouterr().err
    assert run("--reopen", "1", "--words", "she wrote", "--who", "Bob") == 0
    assert len(steps_of(kept, 1)) == 7 and len(kept.history()) == 7


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--claim", "x"], "'x' is not the number of an intervention"),
        (["--claim", "9"], "there is no intervention with the number 9"),
        (["--show", "99999999999"], "is not the number of an intervention"),
        (["--outcome", "1", "won"], "'won' is no outcome"),
        (["--snooze", "1"], "'' is not a date"),
        (["--hand-over", "1"], "say to which team or to whom"),
        (["--note", "1", " "], "write something first"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    arguments: list[str], said: str, kept: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and said in printed.err and printed.err.count("\n") == 1 and kept.history().empty
