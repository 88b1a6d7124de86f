"""What `cx-metrics notices` and `cx-metrics digest` do, called as the command line calls them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from cx_metrics import commands_notices as module
from cx_metrics.commands_notices import digest_command, digest_options, notices_command, notices_options
from cx_metrics.ledger import Ledger
from cx_metrics.notice_settings import NoticeError
from cx_metrics.settings import ledger_url
from tests.analyses.notice_service import SECRET, opened, webhook
from tests.conftest import Embedded


@pytest.fixture(scope="module")
def warehouse(embedded: Embedded) -> str:
    """A warehouse that knows one customer."""
    return embedded.warehouse({"customers": [{"customer_id": "c1"}]})._url.render_as_string()


@pytest.fixture(autouse=True)
def folder(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a ledger of its own."""
    monkeypatch.setenv("CX_WAREHOUSE_URL", warehouse)
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("CX_LEDGER_URL", raising=False)
    return tmp_path


def notices(*words: str) -> int:
    """`cx-metrics notices` with these words."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--format", default="table")
    notices_options(parser)
    return notices_command(parser.parse_args(words))


def told(folder: Path, address: str, more: str = "") -> None:
    """One recipient of what is overdue."""
    text = f'{more}\n[[recipients]]\nname = "care"\nurl = "{address}"\nkinds = ["overdue"]\n'
    (folder / "notices.toml").write_text(text)


def test_nobody_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert notices() == 0 and notices("--deliver") == 0
    printed = capsys.readouterr()
    assert "nobody is told anything: there is no notices.toml" in printed.err
    assert printed.out == "(no rows)\n0 notices written\n"


def test_delivering_listing_and_a_trial(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened(Ledger(ledger_url()), "c1")
    with webhook(200, 500, 200) as hook:
        told(folder, hook.address)
        assert notices("--deliver") == 0
        assert capsys.readouterr().out == "1 notice written, 1 sent\n"
        assert notices("--trial", "care") == 2
        assert capsys.readouterr().out == "the trial is failed: the recipient's service answered with error 500\n"
        assert notices("--format", "json") == 0
    printed = capsys.readouterr()
    assert [(row["state"], row["tries"]) for row in json.loads(printed.out)] == [("failed", 1), ("sent", 1)]
    assert printed.err == "care (json): overdue\n" and SECRET not in printed.out
    with pytest.raises(NoticeError, match="names no recipient 'nobody'; there are: care"):
        notices("--trial", "nobody")


def test_watching_reads_the_settings_anew(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(Ledger(ledger_url()), "c1")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            told(folder, SECRET)
        if len(waits) == 3:
            told(folder, "json://127.0.0.1:9/", "test = true")
        if len(waits) == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(module.time, "sleep", wait)
    with pytest.raises(KeyboardInterrupt):
        notices("--watch", "0.1")
    said = capsys.readouterr().err.splitlines()
    assert set(waits) == {1.0} and len(said) == 2
    assert "recipient 1: url is an address" in said[0] and SECRET not in said[0]
    assert said[1] == "1 notice written, 1 tested"


def test_the_digest_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    digest_options(parser)
    path = folder / "june.html"
    assert digest_command(parser.parse_args(["--month", "2026-06", "--out", str(path)])) == 0
    assert capsys.readouterr().out.startswith("June 2026: 0 replies came to the wall")
    assert "<h1>Who did it well in June 2026?</h1>" in path.read_text(encoding="utf-8")
