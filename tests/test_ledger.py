"""The ledger keeps every entry, whoever else writes at the same time."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from cx_metrics import ledger as module
from cx_metrics.ledger import Ledger
from cx_metrics.settings import ledger_url
from tests.conftest import Server

WRITERS, ENTRIES = 8, 25


@pytest.fixture(params=["file", "server"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of a new ledger: a file where the user's data are, and a server's."""
    if request.param == "file":
        monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path / "not there yet"))
        monkeypatch.delenv("CX_LEDGER_URL", raising=False)
        yield ledger_url()
        return
    server: Server = request.getfixturevalue("server")
    found = server.new_url()
    yield found
    server.drop(found)


def write(url: str, writer: int) -> None:
    """What one of many writers does."""
    for entry in range(ENTRIES):
        Ledger(url).record("import", f"{writer}-{entry}", "done")


def subjects(url: str) -> set[str]:
    """What all entries are about."""
    return set(Ledger(url).history(newest=10_000)["subject"])


EVERYTHING = {f"{writer}-{entry}" for writer in range(WRITERS) for entry in range(ENTRIES)}


def test_the_newest_entry_comes_first(url: str) -> None:
    ledger = Ledger(url)
    for subject in ("first", "second", "third"):
        ledger.record("import", subject, "3 rows loaded")
    history = ledger.history(newest=2)
    assert list(history["subject"]) == ["third", "second"]
    assert list(history.columns) == ["at", "who", "action", "subject", "detail"]
    assert history["who"].str.len().min() > 0
    assert history["at"].is_monotonic_decreasing


def test_threads_that_write_at_once_lose_nothing(url: str) -> None:
    threads = [threading.Thread(target=write, args=(url, writer)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert subjects(url) == EVERYTHING


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    fresh = multiprocessing.get_context("forkserver")
    fresh.set_forkserver_preload([__name__])
    processes = [fresh.Process(target=write, args=(url, writer)) for writer in range(WRITERS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * WRITERS
    assert subjects(url) == EVERYTHING


def test_opening_it_again_keeps_what_is_there(url: str) -> None:
    Ledger(url).record("sample", "sample company", "9 rows loaded")
    assert subjects(url) == {"sample company"} == subjects(url)


def test_hostile_texts_are_kept_as_they_are(url: str) -> None:
    text = "'); DROP TABLE audit; -- \u2028 <script> 😀"
    Ledger(url).record("import", text, text)
    assert subjects(url) == {text}


def test_nothing_is_ever_rewritten() -> None:
    """The class offers no way to change or remove an entry, and the module no statement that would."""
    assert {name for name in vars(Ledger) if not name.startswith("_")} == {"record", "history"}
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert not [word for word in ("sa.update", "sa.delete", ".update(", ".delete(") if word in source]


def test_every_column_says_what_it_holds() -> None:
    assert all(column.comment for table in module.metadata.sorted_tables for column in table.columns)
    assert all(isinstance(table, sa.Table) and table.comment for table in module.metadata.sorted_tables)
