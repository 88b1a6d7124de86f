"""`cx-metrics initiatives` lists, registers, changes and advises, with the checks of the page."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cx_metrics.analyses.initiative_register import initiatives
from cx_metrics.commands_initiatives import initiatives_command, initiatives_options
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.scope import ScopeError
from cx_metrics.settings import ledger_url
from tests.analyses.initiative_company import tables
from tests.conftest import Embedded

FILE = """
name = "=Callback promise"
owner = "Ann"
hypothesis = "Whom we call back need not call again."
metric = "csat"
start = 2026-02-16
expected = 30
state = "running"
[target]
team = ["North"]
[comparison]
team = ["South"]
"""
Run = Callable[..., str]


@pytest.fixture(scope="module")
def warehouse(embedded: Embedded) -> str:
    """A warehouse with the answers of three teams."""
    return embedded.warehouse(tables())._url.render_as_string()


@pytest.fixture
def plan(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A plan as a file; the ledger lies beside it."""
    monkeypatch.setenv("CX_WAREHOUSE_URL", warehouse)
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("CX_LEDGER_URL", raising=False)
    path = tmp_path / "plan.toml"
    path.write_text(FILE)
    return str(path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command and gives what it prints."""

    def answer(*arguments: str, form: str = "table") -> str:
        parser = argparse.ArgumentParser()
        initiatives_options(parser)
        given = parser.parse_args(arguments)
        given.format = form
        capsys.readouterr()
        assert initiatives_command(given) == 0
        return capsys.readouterr().out

    return answer


def test_one_is_registered_listed_and_changed(plan: str, run: Run) -> None:
    said = run("--register", plan).splitlines()
    assert said[0] == "=Callback promise is registered, number 1" and "would show after" in said[1]
    (row,) = csv.DictReader(io.StringIO(run(form="csv")))
    assert (row["number"], row["name"], row["target"]) == ("1", "'=Callback promise", "team: North")
    assert row["marking"].endswith("after the start on 16 Feb 2026.")
    assert json.loads(run(form="json"))[0]["expected"] == 30 and "=Callback promise" in run()
    Path(plan).write_text("expected = 10\n")
    told = json.loads(run("--change", "1", plan, "--why", "too bold", form="json"))
    assert told["changed"] == "=Callback promise, number 1, is changed"
    assert "expected effect changed after the start." in told["notes"][0]
    (newest,) = initiatives(Ledger(ledger_url()))
    assert (newest.version, newest.expected, newest.change) == (2, 10, "too bold")


def test_how_long_it_would_take_writes_nothing(plan: str, run: Run) -> None:
    Path(plan).write_text(FILE.replace('["South"]', '["South", "East"]'))
    lines = run("--power", plan).splitlines()
    assert "An effect of 30.0 points on customer satisfaction (CSAT) would show after" in lines[0]
    assert lines[1] == "The data hold no team East yet (the comparison group)."
    told = json.loads(run("--power", plan, form="json"))
    assert told["sentence"] == lines[0] and told["weeks"] >= 4
    curve = list(csv.DictReader(io.StringIO(run("--power", plan, form="csv"))))
    assert curve[0]["weeks"] == "4" and len(curve) == len(told["curve"])
    assert initiatives(Ledger(ledger_url())) == () and "(no rows)" in run()


def test_what_cannot_be_done_is_one_sentence(plan: str, run: Run) -> None:
    with pytest.raises(ScopeError, match="--why gives the reason"):
        run("--why", "so")
    with pytest.raises(LedgerError, match="there is no initiative with the number x"):
        run("--change", "x", plan, "--why", "so")
    run("--register", plan)
    with pytest.raises(LedgerError, match="already, number 1"):
        run("--register", plan)
    with pytest.raises(LedgerError, match="say why"):
        run("--change", "1", plan)
