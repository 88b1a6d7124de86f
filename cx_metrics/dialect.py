"""The few things that engines spell differently. No other file of the package names an engine.

Expressions are SQLAlchemy constructs with one spelling per engine; functions open engines and move rows between them.
Files are always parsed by the embedded engine, which is installed with the package; facts live wherever the warehouse is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

EMBEDDED = "duckdb"
SNAPSHOT_SUFFIX = ".duckdb"
_LOCK_KEY = 7_240_519  # any constant: names the advisory lock that serialises imports on a server
_MEMORY = "3GB"  # an import spills to disk beyond this, so that it fits beside a dashboard
STAGING = "staging"  # schema of the tables that an import fills and drops; compressed on disk, unlike temporary ones
_BLOCK = 24_576  # rows per block there: less than one piece of a file gives, or pieces are copied once more to fill it


# --- expressions on every engine -------------------------------------------------------------------------------------


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


# --- expressions for parsing files (embedded engine only) ------------------------------------------------------------


class try_cast(FunctionElement[Any]):  # noqa: N801
    """A text as another type, NULL where it is none."""

    inherit_cache = True

    def __init__(self, value: Any, kind: type[sa.types.TypeEngine[Any]]) -> None:
        self.type = kind()
        super().__init__(value, sa.literal_column({sa.Double: "DOUBLE", sa.BigInteger: "BIGINT"}[kind]))


@compiles(try_cast, "duckdb")
def _try_cast(element: Any, compiler: Any, **kw: Any) -> str:
    value, kind = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"TRY_CAST({value} AS {kind})"


def stripped(text: Any, blank: str) -> sa.ColumnElement[Any]:
    """A text without the signs of `blank` (blanks and controls) at its ends; NULL where nothing is left.

    Stripping is dear; that a text is ASCII and has none of them at its ends, as most have not, is cheap to see.
    """
    signs = [sa.literal_column(_string(sign)) for sign in blank if sign.isascii()]
    clean = sa.and_(
        text.between(sa.literal_column("'!'"), sa.literal_column("'~~'")),
        sa.func.strlen(text) == sa.func.length(text),
        sa.not_(sa.or_(*(sa.func.suffix(text, sign, type_=sa.Boolean) for sign in signs))),
    )
    return sa.case((clean, text), else_=sa.func.nullif(sa.func.trim(text, sa.literal_column(_string(blank))), ""))


class clock_seconds(FunctionElement[float]):  # noqa: N801
    """The seconds of a duration written as hours:minutes:seconds; NULL for any other text."""

    type = sa.Double()
    inherit_cache = True


@compiles(clock_seconds, "duckdb")
def _clock_seconds(element: Any, compiler: Any, **kw: Any) -> str:
    v = compiler.process(element.clauses, **kw)
    return rf"CASE WHEN regexp_matches({v}, '^\d+:[0-5]?\d:[0-5]?\d(\.\d+)?$') THEN epoch(TRY_CAST({v} AS INTERVAL)) END"


class iso_time(FunctionElement[Any]):  # noqa: N801
    """ISO 8601 text, or epoch seconds, milliseconds or microseconds, as UTC time; NULL where it is neither.

    Arguments: text, IANA name of the zone that times without an offset are in.
    """

    type = sa.DateTime()
    inherit_cache = True


# A plain cast silently ignores an offset, so the text's shape decides; the first branch is the quick, common one.
_ISO_TIME = r"""
CASE
WHEN (length({v}) = 19 AND substr({v}, 17, 1) = ':' OR length({v}) = 10) AND substr({v}, 5, 1) = '-' THEN {local}
WHEN length({v}) > 11 AND regexp_matches({v}, '^\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}[T ].*(UTC|GMT|[zZ]|[+-]\d\d(:?\d\d)?)$')
    THEN timezone('UTC', TRY_CAST({zoned} AS TIMESTAMPTZ))
WHEN regexp_matches({v}, '^\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}([T ]\d|$)') THEN {local}
WHEN regexp_matches({v}, '^\d{{9,10}}(\.\d+)?$') THEN make_timestamp(CAST(TRY_CAST({v} AS DOUBLE) * 1000000 AS BIGINT))
WHEN regexp_matches({v}, '^\d{{12,13}}$') THEN make_timestamp(TRY_CAST({v} AS BIGINT) * 1000)
WHEN regexp_matches({v}, '^\d{{15,16}}$') THEN make_timestamp(TRY_CAST({v} AS BIGINT))
END"""
_ZONED = (  # the cast knows neither zone names, nor a blank before the offset, nor times without seconds
    (" ?(UTC|GMT|z)$", "Z"),
    (r" ([+-]\d\d:?\d\d)$", r"\1"),
    (r"^(.{{8,10}}[T ]\d\d:\d\d)(Z|[+-])", r"\1:00\2"),
)


@compiles(iso_time, "duckdb")
def _iso_time(element: Any, compiler: Any, **kw: Any) -> str:
    v, zone = (compiler.process(clause, **kw) for clause in element.clauses)
    zoned = v
    for pattern, replacement in _ZONED:
        zoned = f"regexp_replace({zoned}, '{pattern.format()}', '{replacement}')"
    local = f"TRY_CAST({v} AS TIMESTAMP)"
    if zone != "'UTC'":
        local = f"timezone('UTC', timezone({zone}, {local}))"
    return _ISO_TIME.format(v=v, zoned=zoned, local=local)


def parse_time(value: Any, forms: Sequence[str], timezone: str) -> sa.ColumnElement[Any]:
    """A text as UTC time, NULL where it cannot be read.

    value: a text column. forms: strptime formats; none = ISO 8601 or epoch. timezone: IANA name of the zone that
    times without an offset are in.
    """
    if not forms:
        return iso_time(value, sa.literal_column(f"'{timezone}'"))
    parsed = []
    for form in forms:
        time = sa.func.try_strptime(value, form)
        if timezone != "UTC" and "%z" not in form:
            time = sa.func.timezone("UTC", sa.func.timezone(timezone, time))
        parsed.append(sa.cast(time, sa.DateTime))
    return sa.func.coalesce(*parsed) if len(parsed) > 1 else parsed[0]


def json_row(cells: Sequence[tuple[str, Any]]) -> sa.ColumnElement[str]:
    """Cells as one JSON object in text: [(name, text expression)]."""
    arguments = [argument for name, cell in cells for argument in (sa.literal(name), cell)]
    return sa.cast(sa.func.json_object(*arguments), sa.Text)


def is_finite(number: Any) -> sa.ColumnElement[bool]:
    """Whether a double is neither infinite nor NaN."""
    return sa.func.isfinite(number, type_=sa.Boolean)


_CELL = "CAST({0} AS VARCHAR)"
_LINE_SIZE = 2_000_000  # bytes of a row that the engine reads without being asked to
ROW = "rowid"  # system column: place of a row, from 0, in the file that filled a table


def delimited(
    path: Path, columns: Sequence[str], delimiter: str, header: bool, longest: int = _LINE_SIZE
) -> sa.Subquery:
    """A clean UTF-8 file of delimited text as rows of text columns; raises ParseError on the first irregular row.

    longest: bytes that a row may have.
    """
    longest = max(longest, _LINE_SIZE)
    buffer = "" if longest == _LINE_SIZE else f"max_line_size={longest}, buffer_size={2 * longest}, "
    names = ", ".join(f"{_string(name)}: 'VARCHAR'" for name in columns)
    source = (
        f"read_csv({_string(str(path))}, auto_detect=false, header={str(header).lower()}, delim={_string(delimiter)}, "
        f"{buffer}quote='\"', escape='\"', strict_mode=true, null_padding=false, nullstr='', columns={{{names}}})"
    )
    return _rows(source, columns)


def parquet(connection: sa.Connection, path: Path) -> sa.Subquery:
    """A Parquet file as rows of text columns, lists and structures as JSON. Raises ParseError where it is none."""
    source = f"read_parquet({_string(str(path))})"
    described = connection.exec_driver_sql(f"DESCRIBE SELECT * FROM {source}").all()
    return _rows(source, [name for name, *_ in described], [_parquet_cell(kind) for _, kind, *_ in described])


def _parquet_cell(kind: str) -> str:
    """How a column of a type becomes text: lists as JSON, and whole doubles as other files write them (7, not 7.0)."""
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP")):
        return "CAST(to_json({0}) AS VARCHAR)"
    if kind in ("DOUBLE", "FLOAT"):
        whole = "{0} = trunc({0}) AND abs({0}) < 1e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({{0}} AS BIGINT) AS VARCHAR) WHEN NOT isnan({{0}}) THEN {_CELL} END"
    return _CELL


def _rows(source: str, columns: Sequence[str], cells: Sequence[str] = ()) -> sa.Subquery:
    names = ['"{}"'.format(name.replace('"', '""')) for name in columns]
    made = zip(cells or [_CELL] * len(names), names, strict=True)
    quoted = ", ".join(f"{cell.format(name)} AS {name}" for cell, name in made)
    # SQLAlchemy takes a colon for a parameter, so that colons of names and paths are escaped.
    statement = sa.text(f"SELECT {quoted} FROM {source}".replace("\\", "\\\\").replace(":", "\\:"))
    return statement.columns(*(sa.column(name, sa.Text) for name in columns)).subquery("raw")


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


ParseError = sa.exc.DBAPIError  # what reading an irregular file raises


# --- engines ---------------------------------------------------------------------------------------------------------


def snapshot_engine(path: Path, read_only: bool) -> sa.Engine:
    """The embedded engine on one file. Readers share it; a writer runs statement by statement, the file being its own."""
    config = {"access_mode": "read_only" if read_only else "automatic"}
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
    """Times without a zone are UTC; memory is bounded, the rest goes to `folder`, and so do tables of schema STAGING."""
    for setting in ("TimeZone = 'UTC'", f"memory_limit = '{_MEMORY}'", f"temp_directory = {_string(str(folder))}"):
        connection.exec_driver_sql(f"SET {setting}")
    options = f"ROW_GROUP_SIZE {_BLOCK}, STORAGE_VERSION 'latest'"
    connection.exec_driver_sql(f"ATTACH {_string(str(folder / 'staging.duckdb'))} AS {STAGING} ({options})")


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
    """Rows of the parser's connection into a table of a server, in batches; the fastest way that the server has."""
    result = source.execution_options(stream_results=True, yield_per=20_000).execute(rows)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    driver = target.connection.driver_connection
    if target.dialect.name == "postgresql" and driver is not None:
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in result:
                copy.write_row(tuple(row))
        return
    for batch in result.mappings().partitions(20_000):
        target.execute(sa.insert(table), [dict(row) for row in batch])


def server_url(url: sa.URL) -> sa.URL:
    """A server's URL with the driver that the product installs, where the URL names none."""
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def ledger_file(path: Path) -> str:
    """URL of a ledger kept in one file."""
    return f"sqlite:///{path}"


def ledger_engine(url: str) -> sa.Engine:
    """The engine of a ledger; a file is created with its folder, and lets readers and one writer work at once."""
    parsed = server_url(sa.make_url(url))
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _write_ahead(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")

    return engine
