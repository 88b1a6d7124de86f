"""The warehouse: what happened. Read by everyone at any time, written by imports only, one at a time.

Embedded, it is a folder of numbered snapshots and a file `CURRENT` that names the live one. An import copies the live
snapshot, changes the copy and points `CURRENT` at it by an atomic rename: readers never wait and never see half a
load, and a kill at any moment leaves the old state. On a server an import is one transaction.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import pandas as pd
import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.model import loads, metadata, rules

_KEPT = 2  # snapshots that stay: the live one, and the one that readers may still have open
_WORK = "import-under-way"  # folder for an import's temporary files, which the next one sweeps up
_PUBLISHED = "published_at"  # row of `rules`
_PATIENCE = 600  # seconds to wait for another import


class WarehouseError(Exception):
    """The warehouse cannot be opened; the message is one sentence."""


@dataclass(frozen=True)
class Publication:
    """An import under way. parser: connection that files are parsed on. target: connection to the facts; the same one
    when the warehouse is embedded. folder: for temporary files."""

    parser: sa.Connection
    target: sa.Connection
    folder: Path

    @property
    def embedded(self) -> bool:
        return self.parser is self.target


class Warehouse:
    """A warehouse by URL: the embedded engine's on a folder, or a server's."""

    def __init__(self, url: str) -> None:
        try:
            self._url = sa.make_url(url)
        except (sa.exc.ArgumentError, ValueError):  # it is not shown, for it may hold a password
            raise WarehouseError("the warehouse's URL cannot be read; README.md shows what it looks like") from None
        self._lock = threading.Lock()
        self._snapshot = ""
        self._engine: sa.Engine | None = None
        self._folder = Path(self._url.database or "") if dialect.is_embedded(url) else None
        shown = self._url.render_as_string(hide_password=True)
        if self._folder is not None and not self._url.database:
            raise WarehouseError(f"the warehouse {shown} names no folder; write one behind the slashes")
        try:
            self._prepare()
        except (OSError, ImportError, sa.exc.SQLAlchemyError) as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise WarehouseError(f"the warehouse {shown} cannot be opened: {reason}") from error

    def version(self) -> str:
        """Changes with every published import; part of every cache key."""
        if self._folder is not None:
            return (self._folder / "CURRENT").read_text().strip()
        with self._reader().connect() as connection:
            newest = connection.execute(sa.select(sa.func.max(loads.c.load_id), sa.func.max(loads.c.imported_at))).one()
            noted = connection.execute(sa.select(rules.c.value).where(rules.c.name == _PUBLISHED)).scalar()
        return f"load-{newest[0]}-{newest[1]}-{noted}"

    def read(self, question: sa.Select[Any] | sa.CompoundSelect[Any]) -> pd.DataFrame:
        """The answer to a select, one row per result row."""
        with self._reader().connect() as connection:
            result = connection.execute(question)
            return pd.DataFrame(result.fetchall(), columns=list(result.keys()))

    @contextlib.contextmanager
    def publishing(self) -> Iterator[Publication]:
        """Everything done inside becomes visible at once at the end, or, on any error, not at all."""
        if self._folder is not None:
            work = self._folder / _WORK
            with self._new_snapshot(self._folder) as connection:
                work.mkdir()
                dialect.prepare_parser(connection, work)
                yield Publication(connection, connection, work)
            return
        with (
            tempfile.TemporaryDirectory(prefix="cx-metrics-") as name,
            dialect.parser(Path(name)) as parser,
            self._reader().begin() as target,
        ):
            dialect.lock_server(target)
            yield Publication(parser, target, Path(name))
            _note_publication(target)

    def _reader(self) -> sa.Engine:
        with self._lock:
            live = self.version() if self._folder is not None else "server"
            if self._engine is None or live != self._snapshot:
                old = self._engine
                if self._folder is None:
                    self._engine = sa.create_engine(dialect.server_url(self._url), pool_pre_ping=True)
                else:
                    self._engine = dialect.snapshot_engine(self._folder / live, read_only=True)
                self._snapshot = live
                if old is not None:
                    old.dispose(close=False)  # questions under way finish on the old snapshot
            return self._engine

    def _prepare(self) -> None:
        if self._folder is None:
            if _outdated(self._reader()):  # else there is nothing to wait for while an import runs
                with self._reader().begin() as connection:
                    dialect.lock_server(connection)
                    _upgrade(connection)
        elif not (self._folder / "CURRENT").exists() or _outdated(self._reader()):
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._new_snapshot(self._folder):
                pass

    @contextlib.contextmanager
    def _new_snapshot(self, folder: Path) -> Iterator[sa.Connection]:
        try:
            lock = filelock.FileLock(folder / "writer.lock", timeout=_PATIENCE)
            with lock:
                current = folder / "CURRENT"
                live = current.read_text().strip() if current.exists() else ""
                filled = {path.name for path in folder.glob(f"warehouse-*{dialect.SNAPSHOT_SUFFIX}")} - {_following("")}
                if filled and not live:  # the first snapshot is empty, what comes after holds data
                    raise WarehouseError(f"{folder} has snapshots but no CURRENT; write the newest one's name into it")
                _sweep(folder, live)
                path = folder / _following(live)
                if live:
                    shutil.copyfile(folder / live, path)
                try:
                    yield from _written(path)
                except BaseException:
                    path.unlink(missing_ok=True)
                    shutil.rmtree(folder / _WORK, ignore_errors=True)
                    raise
                _point(current, path)
                _sweep(folder, path.name)
        except filelock.Timeout:
            raise WarehouseError("another import has been running for ten minutes; try again when it is done") from None


def _note_publication(target: sa.Connection) -> None:
    """Note when something was published, as not everything that is comes with a load: an excuse, judging anew."""
    target.execute(sa.delete(rules).where(rules.c.name == _PUBLISHED))
    target.execute(sa.insert(rules).values(name=_PUBLISHED, value=time.time()))


def _written(path: Path) -> Iterator[sa.Connection]:
    engine = dialect.snapshot_engine(path, read_only=False)
    try:
        with engine.connect() as connection:
            _upgrade(connection)
            yield connection
            dialect.checkpoint(connection)
    finally:
        engine.dispose()


def _point(current: Path, path: Path) -> None:
    """Make `path` the live snapshot, on disk before in name."""
    _sync(path)
    fresh = current.with_name("CURRENT.new")
    fresh.write_text(path.name)
    _sync(fresh)
    fresh.replace(current)
    if os.name == "posix":
        _sync(current.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _following(live: str) -> str:
    number = int(live.removeprefix("warehouse-").removesuffix(dialect.SNAPSHOT_SUFFIX)) + 1 if live else 1
    return f"warehouse-{number:06d}{dialect.SNAPSHOT_SUFFIX}"


def _sweep(folder: Path, live: str) -> None:
    """Remove what killed imports left, and snapshots that nobody should still read."""
    older = sorted(path.name for path in folder.glob(f"warehouse-*{dialect.SNAPSHOT_SUFFIX}") if path.name < live)
    keep = {live, *older[len(older) - (_KEPT - 1) :]}
    shutil.rmtree(folder / _WORK, ignore_errors=True)
    for path in folder.glob("warehouse-*"):
        if path.name not in keep:
            with contextlib.suppress(OSError):
                path.unlink()


def _outdated(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        present = _present(connection)
    return any(not {c.name for c in table.columns} <= present[table.name] for table in metadata.sorted_tables)


def _upgrade(connection: sa.Connection) -> None:
    """Create what is missing: tables, and columns that a newer version of the product added."""
    present = _present(connection)
    for table in metadata.sorted_tables:
        if not present[table.name]:
            table.create(connection)
            continue
        for column in table.columns:
            if column.name not in present[table.name]:
                kind = column.type.compile(connection.dialect)
                connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {kind}')


def _present(connection: sa.Connection) -> defaultdict[str, set[str]]:
    """Tables with the names of their columns, by one question (the inspector asks one per table)."""
    names = ("table_name", "column_name", "table_schema", "table_catalog")
    columns = sa.table("columns", *(sa.column(name) for name in names), schema="information_schema").c
    here = columns.table_schema == sa.func.current_schema(), columns.table_catalog == sa.func.current_database()
    found: defaultdict[str, set[str]] = defaultdict(set)
    for table, column in connection.execute(sa.select(columns.table_name, columns.column_name).where(*here)):
        found[table].add(column)
    return found
