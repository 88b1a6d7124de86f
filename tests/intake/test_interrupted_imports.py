"""Imports that are killed, that meet each other, and that others read during: nobody ever sees half a load."""

import multiprocessing
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from cx_metrics.intake.load import import_plans
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.model import interactions, loads
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, Engine

ROWS = 20_000
# Processes are copies of one that has loaded the modules and opened nothing: starting them anew takes seconds each.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


def contacts(folder: Path, name: str, rows: int = ROWS) -> Path:
    path = folder / f"interactions-{name}.csv"
    body = "".join(f"{name}{n},c{n % 997},2024-01-{n % 28 + 1:02},bill\n" for n in range(rows))
    path.write_text(f"interaction_id,customer_id,occurred_at,reason\n{body}")
    return path


def import_here(warehouse: Warehouse, path: Path) -> None:
    import_plans(warehouse, SOURCE.plans([path]))


def count(warehouse: Warehouse) -> int:
    return int(warehouse.read(sa.select(sa.func.count()).select_from(interactions)).iloc[0, 0])


def import_there(url: str, path: Path, begin: Any, told: Any) -> None:
    """What the other process does: get ready, wait, import, and tell how far it is."""
    tempfile.tempdir = str(path.parent)  # a killed process leaves its temporary files
    warehouse = Warehouse(url)
    told.send("ready")
    begin.wait()
    import_plans(warehouse, SOURCE.plans([path]), lambda share, text: told.send(text))


class Importer:
    """An import in a process of its own, ready to begin."""

    def __init__(self, url: str, path: Path) -> None:
        self.begin = PROCESSES.Event()
        self.told, teller = PROCESSES.Pipe(duplex=False)
        self.process = PROCESSES.Process(target=import_there, args=(url, path, self.begin, teller))
        self.process.start()
        teller.close()
        assert self.told.recv() == "ready"

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


@pytest.fixture
def importers() -> Iterator[list[Importer]]:
    found: list[Importer] = []
    yield found
    for importer in found:
        importer.kill()


@pytest.mark.parametrize("moment", [0.0, 0.1])  # seconds after the rows began to be loaded
def test_a_killed_import_leaves_the_old_state(
    engine: Engine, warehouse_url: str, tmp_path: Path, importers: list[Importer], moment: float
) -> None:
    warehouse = Warehouse(warehouse_url)
    import_here(warehouse, contacts(tmp_path, "old", 10))
    path = contacts(tmp_path, "new")
    importers.append(Importer(warehouse_url, path))
    importers[0].begin.set()
    importers[0].told.recv()  # the first file is begun
    time.sleep(moment)
    importers[0].kill()
    assert count(warehouse) == 10
    import_here(warehouse, path)
    assert count(Warehouse(warehouse_url)) == 10 + ROWS
    if isinstance(engine, Embedded):
        live = warehouse.version()
        before = f"warehouse-{int(live[10:16]) - 1:06}.duckdb"
        assert {path.name for path in _folder(warehouse_url).iterdir()} == {"CURRENT", "writer.lock", live, before}


def _folder(url: str) -> Path:
    return Path(sa.make_url(url).database or "")


def test_two_importers_wait_for_each_other(warehouse_url: str, tmp_path: Path, importers: list[Importer]) -> None:
    warehouse = Warehouse(warehouse_url)
    importers += [Importer(warehouse_url, contacts(tmp_path, name)) for name in "ab"]
    for importer in importers:
        importer.begin.set()
    for importer in importers:
        importer.process.join(60)
    assert [importer.process.exitcode for importer in importers] == [0, 0]
    assert count(warehouse) == 2 * ROWS
    assert sorted(warehouse.read(sa.select(loads.c.load_id))["load_id"]) == [1, 2]


def test_readers_see_the_old_or_the_new_state(warehouse_url: str, tmp_path: Path, importers: list[Importer]) -> None:
    warehouse = Warehouse(warehouse_url)
    import_here(warehouse, contacts(tmp_path, "old", 10))
    importers.append(Importer(warehouse_url, contacts(tmp_path, "new")))
    seen = [count(warehouse)]
    importers[0].begin.set()
    while importers[0].process.is_alive():
        seen.append(count(warehouse))
    seen.append(count(warehouse))
    assert set(seen) == {10, 10 + ROWS}
    assert seen == sorted(seen)


def test_a_reader_in_the_importing_process(warehouse_url: str, tmp_path: Path) -> None:
    warehouse = Warehouse(warehouse_url)
    path, seen, done = contacts(tmp_path, "new"), [], threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(count(warehouse))

    reader = threading.Thread(target=read)
    reader.start()
    import_here(warehouse, path)
    done.set()
    reader.join()
    assert set(seen) <= {0, ROWS}
    assert count(warehouse) == ROWS


def test_a_reader_stays_open_over_many_imports(warehouse_url: str, tmp_path: Path) -> None:
    reader, writer = Warehouse(warehouse_url), Warehouse(warehouse_url)
    versions = [reader.version()]
    for number in range(1, 5):
        import_here(writer, contacts(tmp_path, f"n{number}-", 3))
        assert count(reader) == 3 * number
        versions.append(reader.version())
    assert len(set(versions)) == 5


def test_an_answer_under_way_is_finished_on_the_old_state(embedded: Embedded, tmp_path: Path) -> None:
    url = embedded.new_url()
    warehouse = Warehouse(url)
    import_here(warehouse, contacts(tmp_path, "a", 5))
    with warehouse._reader().connect() as connection:
        under_way = connection.execution_options(stream_results=True).execute(sa.select(interactions.c.interaction_id))
        for name in "bcd":
            import_here(warehouse, contacts(tmp_path, name, 5))
        assert len(under_way.fetchall()) == 5
    assert count(warehouse) == 20
