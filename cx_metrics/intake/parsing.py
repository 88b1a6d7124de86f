"""The expressions and tables that files are parsed with, as the parser's engine spells them (see `dialect.parser`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from cx_metrics.dialect import quoted

ParseError = sa.exc.DBAPIError  # what reading an irregular file raises


class try_cast(FunctionElement[Any]):  # noqa: N801
    """A text as another type, NULL where it is none."""

    inherit_cache = True

    def __init__(self, value: Any, kind: type[sa.types.TypeEngine[Any]]) -> None:
        self.type = kind()
        super().__init__(value, sa.literal_column({sa.Double: "DOUBLE", sa.BigInteger: "BIGINT"}[kind]))


@compiles(try_cast)
def _try_cast(element: Any, compiler: Any, **kw: Any) -> str:
    value, kind = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"TRY_CAST({value} AS {kind})"


def stripped(text: Any, blank: str) -> sa.ColumnElement[Any]:
    """A text without the signs of `blank` (blanks and controls) at its ends; NULL where nothing is left.

    Stripping is dear; that a text is ASCII and has none of them at its ends, as most have not, is cheap to see.
    """
    signs: list[Any] = [sa.literal_column(quoted(sign)) for sign in blank if sign.isascii()]
    clean = sa.and_(
        text.between(sa.literal_column("'!'"), sa.literal_column("'~~'")),
        sa.func.strlen(text) == sa.func.length(text),
        sa.not_(sa.or_(*(sa.func.suffix(text, sign, type_=sa.Boolean) for sign in signs))),
    )
    return sa.case((clean, text), else_=sa.func.nullif(sa.func.trim(text, sa.literal_column(quoted(blank))), ""))


class clock_seconds(FunctionElement[float]):  # noqa: N801
    """The seconds of a duration written as hours:minutes:seconds; NULL for any other text."""

    type = sa.Double()
    inherit_cache = True


@compiles(clock_seconds)
def _clock_seconds(element: Any, compiler: Any, **kw: Any) -> str:
    v = compiler.process(element.clauses, **kw)
    return (
        rf"CASE WHEN regexp_matches({v}, '^\d+:[0-5]?\d:[0-5]?\d(\.\d+)?$') THEN epoch(TRY_CAST({v} AS INTERVAL)) END"
    )


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
WHEN length({v}) > 11
    AND regexp_matches({v}, '^\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}[T ].*(UTC|GMT|[zZ]|[+-]\d\d(:?\d\d)?)$')
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


@compiles(iso_time)
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
    names = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in columns)
    source = (
        f"read_csv({quoted(str(path))}, auto_detect=false, header={str(header).lower()}, delim={quoted(delimiter)}, "
        f"{buffer}quote='\"', escape='\"', strict_mode=true, null_padding=false, nullstr='', columns={{{names}}})"
    )
    return _rows(source, columns)


def parquet(connection: sa.Connection, path: Path) -> sa.Subquery:
    """A Parquet file as rows of text columns, lists and structures as JSON. Raises ParseError where it is none."""
    source = f"read_parquet({quoted(str(path))})"
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
