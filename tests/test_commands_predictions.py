"""`cx-metrics predict` records for good; `analyse predictions` prints the tables of the page."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from cx_metrics.cli import main
from cx_metrics.ledger import Ledger
from cx_metrics.settings import ledger_url
from tests.conftest import Embedded

PERIOD = f"{datetime.datetime.now(datetime.UTC).year + 1}-Q1"  # always one that is still to come
ANSWERS = [{"answer_id": f"{i}", "customer_id": f"c{i}", "instrument": "csat", "team": "North", "score": 5,
            "answered_at": f"2026-03-{1 + i:02}"} for i in range(31)]  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(embedded: Embedded) -> str:
    """A warehouse with a team's answers of March 2026, all of them satisfied."""
    return embedded.warehouse({"survey_answers": ANSWERS})._url.render_as_string()


@pytest.fixture(autouse=True)
def folder(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a ledger of its own."""
    monkeypatch.setenv("CX_WAREHOUSE_URL", warehouse)
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("CX_LEDGER_URL", raising=False)
    return tmp_path


def test_a_prediction_is_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    options = [
        "--period",
        PERIOD,
        "--team",
        "North",
        "--range",
        "78",
        "86",
        "--where",
        "channel=phone",
        "--note",
        "why",
    ]
    assert main(["predict", "csat", "82", *options]) == 0
    year = PERIOD[:4]
    assert capsys.readouterr().out == (
        f"North expects customer satisfaction (CSAT) of 82.0 % from 1 Jan {year} to 31 Mar {year}, "
        "measured on channel: phone, team: North.\n"
    )
    (row,) = Ledger(ledger_url()).predictions().to_dict("records")
    assert (row["expected"], row["low"], row["high"], row["note"]) == (82, 78, 86, "why")
    assert json.loads(row["filters"]) == {"channel": ["phone"], "team": ["North"]}
    assert Ledger(ledger_url()).history()["action"].tolist() == ["prediction"]


def test_negative_values_are_no_options(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--period", PERIOD, "--team", "North", "--range", "-20", "0", "--format", "json"]
    assert main(["predict", "nps", "-12.5", *options]) == 0
    assert "of -12.5 from" in json.loads(capsys.readouterr().out)["recorded"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["csat", "82", "--period", "2026-01", "--team", "a"], "the period has begun on 2026-01-01 already"),
        (["csat", "82", "--period", "soon", "--team", "a"], "'soon' is no period; write 2026-12, 2026-Q1 or"),
        (["joy", "82", "--period", PERIOD, "--team", "a"], "there is no metric 'joy'"),
        (["csat", "820", "--period", PERIOD, "--team", "a"], "820 is no value of csat, which goes from 0 to 100 (%)"),
        (["csat", "much", "--period", PERIOD, "--team", "a"], "invalid float value: 'much'"),
        (["csat", "82", "--period", PERIOD], "the following arguments are required: --team"),
        (["csat", "82", "--period", PERIOD, "--team", "a", "--where", "x"], "--where 'x' is not DIM=VALUE"),
        (["csat", "82", "--period", PERIOD, "--team", "a", "--where", "outcome=x"], "csat has no dimension 'outcome'"),
    ],
)
def test_what_is_wrong_is_one_sentence(given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", *given]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and said in printed.err and printed.err.count("\n") == 1
    assert Ledger(ledger_url()).predictions().empty


def test_the_analysis_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"who": "Ann", "team": "North", "metric": "csat", "first_day": datetime.date(2026, 3, 1), "low": None,
           "last_day": datetime.date(2026, 3, 31), "filters": "{}", "expected": 90.0, "high": None, "note": ""}  # fmt: skip
    Ledger(ledger_url()).predict(row, datetime.datetime(2026, 2, 1))
    assert main(["analyse", "predictions", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["tables"]) == {"history", "teams", "errors", "quarters"} and found["assumptions"]
    (marked,) = found["tables"]["history"]
    assert (marked["status"], marked["value"], marked["error"], marked["n"]) == ("marked", 100, -10, 31)
    assert (marked["within"], marked["held"], marked["closer"]) == (True, None, None)
    assert main(["analyse", "predictions"]) == 0
    assert "1 prediction is marked, 0 are open" in capsys.readouterr().out
    assert main(["analyse", "predictions", "--format", "csv", "--table", "history"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("number,team,metric")
