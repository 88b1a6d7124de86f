"""The few things that engines spell differently. No other file of the package names an engine.

Expressions are SQLAlchemy constructs with one spelling per engine; functions open engines and move rows between them.
Files are always parsed by the embedded engine, which is installed with the package; facts live where the warehouse is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import filelock
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

EMBEDDED = "duckdb"
SNAPSHOT_SUFFIX = ".duckdb"
_LOCK_KEY = 7_240_519  # any constant: names the advisory lock that serialises imports on a server
_MEMORY = "3500MB"  # an import spills to disk beyond this, so that it fits beside a dashboard
STAGING = "staging"  # schema of the tables that an import fills and drops; compressed on disk, unlike temporary ones
_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64()}
Check = Callable[[sa.Connection], bool]
Change = Callable[[sa.Connection], None]
_BLOCK = 24_576  # rows per block there: less than one piece of a file gives, or pieces are copied once more to fill it


class seconds_between(FunctionElement[float]):  # noqa: N801 - reads as a SQL function
    """Seconds from the first time to the second, as double."""

    type = sa.Double()
    inherit_cache = True


@compiles(seconds_between, "duckdb")
def _seconds_embedded(element: Any, compiler: Any, **kw: Any) -> str:
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST((epoch_us({end}) - epoch_us({start})) / 1000000.0 AS DOUBLE)"


@compiles(seconds_between, "postgresql")
def _seconds_server(element: Any, compiler: Any, **kw: Any) -> str:
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({end}) - ({start})) AS DOUBLE PRECISION)"


class hashed(FunctionElement[int]):  # noqa: N801 - reads as a SQL function
    """A number that stands for texts, times or numbers together; missing ones are alike. Keys of groups, never shown.

    64 bits: among ten million keys the chance that any two fall together is below one in a hundred thousand.
    """

    type = sa.BigInteger()
    inherit_cache = True


@compiles(hashed, "duckdb")
def _hashed_embedded(element: Any, compiler: Any, **kw: Any) -> str:
    parts = ", ".join(compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(hash({parts}) >> 1 AS BIGINT)"


@compiles(hashed, "postgresql")
def _hashed_server(element: Any, compiler: Any, **kw: Any) -> str:
    parts = (f"coalesce(CAST({compiler.process(clause, **kw)} AS TEXT), chr(1))" for clause in element.clauses)
    return f"hashtextextended(concat_ws(chr(2), {', '.join(parts)}), 0)"


def bucket(every: str, time: Any) -> sa.ColumnElement[Any]:
    """The start of the week, month, quarter or year that a time lies in, as a time. Weeks begin on Monday."""
    return sa.cast(sa.func.date_trunc(sa.literal_column(f"'{every}'"), time), sa.DateTime)


def day(time: Any) -> sa.ColumnElement[Any]:
    """The calendar day (UTC) of a time, as date."""
    return sa.cast(time, sa.Date)


def month_number(time: Any) -> sa.ColumnElement[int]:
    """Months since year 0, so that a difference counts calendar months."""
    return sa.cast(sa.extract("year", time) * 12 + sa.extract("month", time), sa.BigInteger)


def month_start(number: Any) -> sa.ColumnElement[Any]:
    """The first day of a month from its `month_number`, as a time."""
    year = sa.cast(sa.func.floor((number - 1) / sa.cast(12.0, sa.Double)), sa.Integer)
    return sa.cast(sa.func.make_date(year, sa.cast(number - 12 * year, sa.Integer), 1), sa.DateTime)


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def snapshot_engine(path: Path, read_only: bool) -> sa.Engine:
    """The embedded engine on one file. Readers share it; a writer has it alone and runs statement by statement."""
    # The engine's own default keeps to files that its oldest versions read; its newest compression is a sixth quicker.
    config = {"access_mode": "read_only" if read_only else "automatic", "storage_compatibility_version": "latest"}
    engine = sa.create_engine(
        sa.URL.create(EMBEDDED, database=str(path)), connect_args={"config": config}, poolclass=sa.pool.QueuePool
    )
    return engine if read_only else engine.execution_options(isolation_level="AUTOCOMMIT")


@contextlib.contextmanager
def parser(folder: Path) -> Iterator[sa.Connection]:
    """A connection that parses files and spills to `folder`."""
    engine = sa.create_engine(f"{EMBEDDED}:///:memory:").execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        prepare_parser(connection, folder)
        yield connection
    engine.dispose()


def prepare_parser(connection: sa.Connection, folder: Path) -> None:
    """Times without a zone are UTC; memory is bounded, the rest and the tables of STAGING go to `folder`."""
    place = f"temp_directory = {quoted(str(folder))}"
    for setting in ("TimeZone = 'UTC'", f"memory_limit = '{_MEMORY}'", place, "enable_progress_bar = false"):
        connection.exec_driver_sql(f"SET {setting}")
    options = f"ROW_GROUP_SIZE {_BLOCK}, STORAGE_VERSION 'latest'"
    connection.exec_driver_sql(f"ATTACH {quoted(str(folder / 'staging.duckdb'))} AS {STAGING} ({options})")


@contextlib.contextmanager
def in_any_order(connection: sa.Connection) -> Iterator[None]:
    """Rows inserted inside need not keep their order: on the embedded engine a third quicker."""
    embedded = connection.dialect.name == EMBEDDED
    if embedded:
        connection.exec_driver_sql("SET preserve_insertion_order = false")
    yield
    if embedded:
        connection.exec_driver_sql("SET preserve_insertion_order = true")


def checkpoint(connection: sa.Connection) -> None:
    """Write everything that is in the log into the embedded engine's file."""
    connection.exec_driver_sql("CHECKPOINT")


def lock_server(connection: sa.Connection) -> None:
    """Wait until no other import writes to the server; released with the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))


def is_embedded(url: str) -> bool:
    """Whether a warehouse URL names the embedded engine."""
    return sa.make_url(url).get_backend_name() == EMBEDDED


def copy_rows(source: sa.Connection, rows: sa.Select[Any], target: sa.Connection, table: sa.Table) -> None:
    """Rows of the parser's connection into a table of a server."""
    result = source.execution_options(stream_results=True, yield_per=20_000).execute(rows)
    add_rows(target, table, (tuple(row) for row in result))


def add_rows(target: sa.Connection, table: sa.Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows (values in the order of the columns) into a table, by the fastest way that the engine has."""
    names, driver = [column.name for column in table.columns], target.connection.driver_connection
    if target.dialect.name == "postgresql" and driver is not None:
        listed = ", ".join(f'"{name}"' for name in names)
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({listed}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    elif target.dialect.name == EMBEDDED and driver is not None:
        kinds = [column.type.python_type for column in table.columns]
        cells = list(zip(*rows, strict=True)) or [()] * len(names)
        arrays = [pa.array(values, _ARROW.get(kind)) for values, kind in zip(cells, kinds, strict=True)]
        driver.register("added_rows", pa.table(arrays, names))
        target.exec_driver_sql(f'INSERT INTO "{table.name}" SELECT * FROM added_rows')
        driver.unregister("added_rows")


def server_url(url: sa.URL) -> sa.URL:
    """A server's URL with the driver that the product installs, where the URL names none."""
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def ledger_file(path: Path) -> str:
    """URL of a ledger kept in one file."""
    return f"sqlite:///{path}"


def ledger_engine(url: str) -> sa.Engine:
    """The engine of a ledger; a file is created with its folder, and lets readers and one writer work at once.

    Entries are few: no connection to a server is kept for the next one, so that many writers don't exhaust it.
    """
    parsed = server_url(sa.make_url(url))
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, poolclass=sa.pool.NullPool)
    if not parsed.database:  # one kept in memory lives in its only connection, which all threads share
        return sa.create_engine(parsed, poolclass=sa.pool.StaticPool, connect_args={"check_same_thread": False})
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": 30})
    # Who switches the file to the log that is written ahead does not wait for others who do, as with all else.
    with filelock.FileLock(f"{parsed.database}.lock", timeout=30), engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    return engine


_CHANGES = ("UPDATE", "DELETE")
_REFUSAL = "nothing in the ledger is ever changed or removed"
_REFUSE_FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql "
    f"AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
)
_REFUSE = {
    "sqlite": "CREATE TRIGGER {name} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    "postgresql": "CREATE TRIGGER {name} BEFORE {change} ON {table} EXECUTE FUNCTION refuse_change()",  # per statement
}
_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}
_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": f"SELECT pg_advisory_xact_lock({_LOCK_KEY + 1})"}


def write_alone(connection: sa.Connection) -> None:
    """Let nobody else write to the ledger until this transaction ends; waits for whoever does."""
    connection.exec_driver_sql(_ALONE[connection.dialect.name])


def prepare_ledger(engine: sa.Engine, metadata: sa.MetaData, is_current: Check, upgrade: Change) -> None:
    """Bring a ledger to the newest version, with triggers by which it refuses to change or remove any row.

    One at a time, however many open a new ledger at once; where nothing is lacking, nobody waits.
    """
    spelled = engine.dialect.name
    wanted = {f"{table.name}_no_{change.lower()}": (table, change) for table in metadata.sorted_tables
              for change in _CHANGES}  # fmt: skip
    with engine.connect() as connection:
        if is_current(connection) and wanted.keys() <= set(connection.exec_driver_sql(_TRIGGERS[spelled]).scalars()):
            return
    with engine.begin() as connection:
        write_alone(connection)
        upgrade(connection)
        if spelled == "postgresql":
            connection.exec_driver_sql(_REFUSE_FUNCTION)
        present = set(connection.exec_driver_sql(_TRIGGERS[spelled]).scalars())
        for name in wanted.keys() - present:
            table, change = wanted[name]
            refuse = _REFUSE[spelled].format(name=name, change=change, table=table.name, refusal=_REFUSAL)
            connection.exec_driver_sql(refuse)
