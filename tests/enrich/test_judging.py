"""Judging in batches: what is kept of a stopped import, and what it tells meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import re
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from cx_metrics.enrich import judging, texts
from cx_metrics.enrich.judging import forget, judged
from cx_metrics.intake.load import import_plans
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.judges.judge import Judgement, Judges, Recipe, Said, judge, judges_of
from cx_metrics.model import loads, messages, reply_texts, text_words
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded
from tests.enrich.judging_counted import count_judged

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])
MANY = 6_000  # enough for several processes


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own."""
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path / "data"))
    return tmp_path / "data"


def written(path: Path, rows: int) -> Path:
    """Messages, each by an agent, of a conversation each."""
    body = "".join(f"m{n:05},i{n:05},agent,We sent it again to number {n}\n" for n in range(rows))
    path.write_text(f"message_id,interaction_id,author,text\n{body}")
    return path


def import_file(warehouse: Warehouse, path: Path, told: list[str] | None = None, stop: bool = False) -> None:
    """Import; stop: as soon as the first texts are judged."""

    def report(share: float, text: str) -> None:
        assert 0 <= share <= 1
        if told is not None:
            told.append(text)
        if stop and text.startswith("texts judged"):
            raise RuntimeError("the power is off")

    import_plans(warehouse, SOURCE.plans([path]), report)


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "judged").glob("*"))


class TestAStoppedImport:
    def test_is_taken_up_where_it_was(
        self, embedded: Embedded, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(texts, "BATCH", 3)
        given, told = count_judged(monkeypatch), list[str]()
        warehouse, path = embedded.warehouse({}), written(tmp_path / "messages.csv", 20)
        with pytest.raises(RuntimeError):
            import_file(warehouse, path, stop=True)
        assert len(given) == 12 and len(kept(folder)) == 4  # four batches are begun at once
        assert warehouse.read(sa.select(loads)).empty
        given.clear()
        import_file(warehouse, path, told)
        assert len(given) == 8 and not kept(folder)
        assert "number 12" in given[0]
        known = warehouse.read(sa.select(messages.c.text, messages.c.judged_by, messages.c.scripted))
        assert len(known) == 20 and known["judged_by"].nunique() == 1 and known["scripted"].tolist() == [1] * 20
        assert len(warehouse.read(sa.select(reply_texts))) == 1
        assert [re.sub(r"\([\d,]+ a", "(9 a", text) for text in told if text.startswith("texts judged")] == [
            "texts judged: 12 of 20 (9 a second)", "texts judged: 20 of 20 (9 a second)",
        ]  # fmt: skip
        assert told[-1] == "done"

    def test_that_was_killed_is_taken_up(
        self, embedded: Embedded, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        url, path = embedded.new_url(), written(tmp_path / "messages.csv", MANY)
        other = PROCESSES.Process(target=import_there, args=(url, path, folder))
        other.start()
        deadline = time.monotonic() + 60
        while not [name for name in kept(folder) if name.suffix == ".json"] and time.monotonic() < deadline:
            time.sleep(0.002)
        workers = children(other.pid)
        other.kill()
        other.join()
        warehouse = Warehouse(url)
        while any(map(runs, workers)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not any(map(runs, workers)), "nobody waits for work that never comes"
        assert other.exitcode == -9 and warehouse.read(sa.select(loads)).empty
        saved = {name: name.stat().st_mtime_ns for name in kept(folder) if name.suffix == ".json"}
        assert saved
        left: list[dict[Path, int]] = []
        monkeypatch.setattr("cx_metrics.intake.load.forget", lambda: left.append(dict.fromkeys(kept(folder), 0)))
        monkeypatch.setattr("joblib.cpu_count", lambda: 1)  # starting processes was shown by the other one
        first = {name: name.read_bytes() for name in saved}
        for name in saved:  # what is taken from a file leaves it as it is
            os.utime(name, ns=(1, 1))
        import_file(warehouse, path)
        assert all(name.stat().st_mtime_ns == 1 and name.read_bytes() == first[name] for name in saved)
        assert len([name for name in left[0] if name.suffix == ".json"]) == MANY // judging.BATCH
        assert len(warehouse.read(sa.select(messages.c.text).where(messages.c.judged_by.is_not(None)))) == MANY
        assert warehouse.read(sa.select(text_words)).empty  # agents' words are no themes


def import_there(url: str, path: Path, folder: Path) -> None:
    """What the other process does."""
    os.environ["CX_DATA_FOLDER"] = str(folder)
    import_file(Warehouse(url), path)


def children(process: int | None) -> list[int]:
    """The processes that one has started, where the system tells."""
    told = Path(f"/proc/{process}/task/{process}/children")
    return [int(number) for number in told.read_text().split()] if told.exists() else []


def runs(process: int) -> bool:
    """Whether a process runs; of one that has ended and that nobody has asked about yet, no command is left."""
    command = Path(f"/proc/{process}/cmdline")
    return command.exists() and bool(command.read_bytes())


class TestKeeping:
    SAID = (Said("1", "customer", "Thank you, great help!"), Said("1", "agent", "I am sorry that it broke twice."))

    def found(self, judges: Judges | None = None, *more: Said) -> list[Judgement]:
        said = [*self.SAID, *more]
        batches = iter([([str(n) for n in range(len(said))], said)])
        of = judged(batches, len(said), judges or judges_of(Recipe()), lambda share, text: None)
        return [row for *_, part in of for row in part]

    def test_other_texts_and_other_judges_are_not_taken_for_these(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given = count_judged(monkeypatch)
        folder.mkdir()
        (folder / "cues.toml").write_text('[en]\ngratitude = ["crikey it came"]')
        own, bob = (
            judges_of(Recipe(cues=folder / "cues.toml")),
            Said("2", "customer", "Crikey it came, and now the lamp is here."),
        )
        for _ in range(2):
            for judges, more in ((None, ()), (own, ()), (None, (bob,)), (own, (bob,))):
                found = self.found(judges, *more)
        assert len(given) == 2 + 2 + 3 + 3 and len(kept(folder)) == 4
        assert [list(found[2].cues or {}), list(self.found(None, bob)[2].cues or {})] == [["gratitude"], []]

    def test_what_is_kept_says_the_same(self, folder: Path) -> None:
        fresh = self.found()
        assert len(kept(folder)) == 1
        again = self.found()
        direct = judge(self.SAID, judges_of(Recipe()))
        for one, other, true in zip(fresh, again, direct, strict=True):
            for name in ("language", "sentiment", "skeleton"):
                assert getattr(one, name) == getattr(other, name) == getattr(true, name)
            assert list(other.words) == list(true.words)
        assert direct[0].sentiment is not None and direct[0].sentiment > 0
        forget()
        assert not kept(folder)

    def test_a_file_that_was_cut_off_is_judged_anew(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found()
        (path,) = kept(folder)
        whole = path.read_bytes()
        path.write_bytes(whole[:20])
        given = count_judged(monkeypatch)
        self.found()
        assert len(given) == 2 and path.read_bytes() == whole

    def test_a_folder_that_cannot_be_written_does_no_harm(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        given = count_judged(monkeypatch)
        folder.mkdir()
        (folder / "judged").write_text("in the way")
        assert len(self.found()) == len(self.found()) == 2
        assert len(given) == 4
        forget()
        assert (folder / "judged").read_text() == "in the way"

    def test_nothing_to_judge(self) -> None:
        assert not list(judged(iter([]), 0, judges_of(Recipe()), lambda share, text: pytest.fail("nothing was done")))
