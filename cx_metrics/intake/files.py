"""From the bytes of a file to rows of text.

Clean delimited files and Parquet are read by the engine itself. Everything else (odd encodings, ragged rows, JSON
lines, Excel, a vendor's own reader) goes row by row through Python into a clean temporary file first, slower, with
each row's line and what is wrong with it.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.intake.plan import IntakeError, Plan, Row
from cx_metrics.intake.records import records
from cx_metrics.intake.text import examine, header_of

LINE, PROBLEM, SKIP, RAW = META = ("_line", "_problem", "_skip", "_raw")
_BY_PYTHON = (".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm")


@dataclass(frozen=True)
class RawRows:
    """Rows of text, ready for validation.

    columns: the file's columns. select: the rows; with `careful`, the columns of META too.
    """

    columns: tuple[str, ...]
    select: sa.Subquery
    careful: bool
    note: str = ""


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def quick_rows(connection: sa.Connection, plan: Plan) -> RawRows | None:
    """Rows that the engine reads by itself, or None for a file that needs the careful way."""
    reading, suffix = plan.reading, plan.file.suffix.lower()
    if reading.reader or reading.explode or reading.delimiter == "space" or suffix in _BY_PYTHON:
        return None
    if suffix in (".parquet", ".pq"):
        try:
            columns = dialect.parquet_columns(connection, plan.file)
        except dialect.ParseError:
            raise IntakeError(f"{plan.file.name} is not a readable Parquet file; export it again") from None
        check_columns(plan, columns)
        return RawRows(tuple(columns), dialect.parquet(plan.file, columns), careful=False)
    text = examine(plan.file, reading.encoding)
    delimiter, columns = header_of(text, reading)
    check_columns(plan, columns)
    unusual = len({name.lower() for name in columns}) < len(columns) or "" in columns or len(columns) < 2
    if not text.clean or unusual or (text.bom and reading.header):
        return None
    rows = dialect.delimited(plan.file, columns, delimiter, header=not reading.header)
    return RawRows(tuple(columns), rows, careful=False)


def careful_rows(plan: Plan, folder: Path) -> RawRows:
    """Rows read one by one in Python and written to a clean file in `folder`, irregular ones with their problem."""
    needed = plan.raw_columns()
    source, note = records(plan)
    seen: set[str] = set()
    # Names in the spool are numbered: those of the file may repeat when case is ignored, as the engine does.
    names = [f"c{index}" for index in range(len(needed))]
    handle = folder / f"rows-{len(list(folder.glob('rows-*')))}.csv"
    with handle.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*META, *names])
        for row in source:
            seen.update(row.cells)
            writer.writerow(_spooled(row, needed))
    if seen:
        check_columns(plan, sorted(seen))
    spool = dialect.delimited(handle, [*META, *names], ",", header=True)
    renamed = [spool.c[name].label(raw) for name, raw in zip(names, needed, strict=True)]
    select = sa.select(*(spool.c[name] for name in META), *renamed).subquery("raw")
    return RawRows(tuple(needed), select, True, note)


def _spooled(row: Row, needed: Sequence[str]) -> list[str]:
    problem, cells = row.problem, [row.cells.get(name) or "" for name in needed]
    if problem is None and any("\0" in cell for cell in cells):
        problem = "the row contains a NUL byte; remove it"
    if problem is None and any("\ud800" <= sign <= "\udfff" for cell in cells if not cell.isascii() for sign in cell):
        problem = "the row contains bytes that are not UTF-8; save the file as UTF-8"
    if problem:
        cells = ["" for _ in cells]
    raw = row.raw if row.raw is not None else json.dumps(row.cells, ensure_ascii=False)
    raw = raw.replace("\0", "\\u0000").encode("utf-8", "backslashreplace").decode()
    return [str(row.line), problem or "", "1" if row.skip else "", raw, *cells]


def check_columns(plan: Plan, present: Sequence[str]) -> None:
    """Raise IntakeError when the file lacks a column that the plan takes something from."""
    missing = [name for name in plan.raw_columns() if name not in present]
    if not missing or plan.reading.reader or plan.file.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        return  # JSON leaves out what is empty: there a missing name is a missing value
    uses = {raw: name for name, column in plan.columns.items() for raw in ((column,) if isinstance(column, str) else column)}
    have = ", ".join(itertools.islice(present, 12)) + (", ..." if len(present) > 12 else "")
    use = f", which {plan.table}.{uses[missing[0]]} is taken from" if missing[0] in uses else ""
    raise IntakeError(f"{plan.file.name} has no column {missing[0]!r}{use}; it has: {have}")
