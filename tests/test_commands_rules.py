"""`cx-metrics rules` prints, writes, keeps and tests rules; one sentence where something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cx_metrics.analyses.rules import current_rules, shipped
from cx_metrics.cli import main
from cx_metrics.ledger import Ledger
from cx_metrics.settings import ledger_url
from tests.analyses.rule_company import at
from tests.conftest import Embedded


@pytest.fixture(scope="module")
def warehouse(embedded: Embedded) -> str:
    """A warehouse with twelve promises, broken over twelve weeks."""
    rows = [{"interaction_id": f"i{week}", "customer_id": f"c{week}", "occurred_at": at(7 * week), "channel": "web",
             "promised_at": at(7 * week + 1), "ended_at": at(7 * week + 5)} for week in range(12)]  # fmt: skip
    return embedded.warehouse({"interactions": rows})._url.render_as_string()


@pytest.fixture(autouse=True)
def folder(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a ledger of its own."""
    monkeypatch.setenv("CX_WAREHOUSE_URL", warehouse)
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("CX_LEDGER_URL", raising=False)
    return tmp_path


def test_they_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format", "json"]) == 0
    printed = capsys.readouterr()
    rows = json.loads(printed.out)
    assert [row["rule"] for row in rows] == [rule.name for rule in shipped().rules] and rows[0]["active"] is True
    assert "nobody has changed them yet" in printed.err


def test_they_go_to_a_file_and_come_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "mine.toml"
    assert main(["rules", "--export", str(file)]) == 0 and file.read_text(encoding="utf-8") == shipped().text
    text = shipped().text.replace('value = "top fifth"', 'value = "top half"')
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())  # as some editors save
    assert main(["rules", "--load", str(file), "--why", "more of them", "--who", "Ann"]) == 0
    assert "kept as version 1; switched on: Self-service wall, Broken promise" in capsys.readouterr().out
    kept = current_rules(Ledger(ledger_url()))
    assert kept.text == text and "Ann" in kept.said


def test_one_is_tested_on_the_past(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "mine.toml"
    file.write_text('[[rule]]\nname = "promise"\ntitle = "Promise"\nany = [ { signal = "broken_promise" } ]\n')
    main(["rules", "--load", str(file), "--why", "simple"])
    capsys.readouterr()
    assert main(["rules", "--backtest", "promise", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    # the last contact ends after the data do, when the eleventh week begins
    assert told["tables"]["rules"][0]["n"] == 11 and told["sentences"][0].startswith("Promise: 0.2 interventions")
    assert main(["rules", "--backtest", "promise"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("A contact with broken promise.\nPromise: 0.2") and "This rests on" in out
    assert main(["rules", "--backtest", "promise", "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("rule,outcome,n,precision")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--backtest", "none"], "there is no rule 'none'; there are: self_service_wall"),
        (["--load", "bad.toml"], "--load needs --why"),
        (["--load", "bad.toml", "--why", "x"], "there is no 'rules' beside the rules"),
        (["--load", "latin.toml", "--why", "x"], "latin.toml is no text in UTF-8"),
        (["--load", "none.toml", "--why", "x"], "none.toml"),
        (["--who", "Ann"], "--who and --why belong to --load"),
    ],
)
def test_what_is_wrong(
    given: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "bad.toml").write_text("rules = 1")
    (folder / "latin.toml").write_bytes("title = 'ä'".encode("latin-1"))
    assert main(["rules", *given]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
