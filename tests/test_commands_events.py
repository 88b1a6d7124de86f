"""`cx-metrics events`: lists, enters, imports and withdraws; one sentence where something is wrong."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cx_metrics.cli import main
from cx_metrics.ledger import Ledger
from cx_metrics.settings import ledger_url
from tests.conftest import Embedded


@pytest.fixture(scope="module")
def warehouse(embedded: Embedded) -> str:
    """A warehouse with one event."""
    sale = {"event_id": "E1", "occurred_at": "2026-02-01", "title": "Sale", "kind": "campaign"}
    return embedded.warehouse({"events": [sale]})._url.render_as_string()


@pytest.fixture(autouse=True)
def folder(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a ledger of its own."""
    monkeypatch.setenv("CX_WAREHOUSE_URL", warehouse)
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("CX_LEDGER_URL", raising=False)
    return tmp_path


def test_what_is_entered_is_listed_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "--add", "2026-05-01", "=New prices", "--kind", "price"]) == 0
    assert capsys.readouterr().out == "entered: =New prices (price), 2026-05-01\n"
    assert main(["events", "--format", "json"]) == 0
    printed = capsys.readouterr()
    rows = json.loads(printed.out)
    assert [(row["occurred_at"], row["title"], row["event_id"], row["came_by"]) for row in rows] == [
        ("2026-05-01", "=New prices", "1", "entered"), ("2026-02-01", "Sale", "E1", "csv"),
    ]  # fmt: skip
    assert printed.err.startswith("2 events, 1 of them entered here; the newest is =New prices")
    assert main(["events", "--format", "csv"]) == 0
    assert [row["title"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))] == ["'=New prices", "Sale"]
    assert main(["events"]) == 0
    assert "=New prices" in capsys.readouterr().out


def test_a_file_and_a_withdrawal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "own.csv"
    path.write_text("date,title\n2026-05-01,a\n2026-02-01,sale\nsoon,b\n")
    assert main(["events", "--import", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "own.csv: 3 rows read = 1 entered + 1 already there + 1 set aside",
        "    line 4: 'soon' cannot be read as a date; write it as 2026-05-01",
    ]
    assert main(["events", "--withdraw", "1"]) == 0
    assert capsys.readouterr().out == "event 1 is withdrawn\n"
    rows = Ledger(ledger_url()).events()
    assert rows["title"].tolist() == ["a"] and rows["withdrawn_at"].notna().all()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--add", "1.5.2026", "x"], "'1.5.2026' cannot be read as a date; write it as 2026-05-01"),
        (["--add", "2026-05-01", " "], "the title is empty; say in a few words what happened"),
        (["--add", "2026-02-01", "SALE"], "'SALE' of 2026-02-01 is there already"),
        (["--kind", "price"], "--kind says the kind of the event that --add enters"),
        (["--withdraw", "E1"], "'E1' is not the number of an entered event; what came in a file stays as it is"),
        (["--withdraw", "7"], "no event with the number 7 was entered"),
        (["--import", "no.csv"], "there is no file no.csv"),
        (["--withdraw", "7", "--import", "x"], "not allowed with argument"),
    ],
)
def test_what_is_wrong_is_one_sentence(given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", *given]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and said in printed.err and printed.err.count("\n") == 1
    assert Ledger(ledger_url()).events().empty
