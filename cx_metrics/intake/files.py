"""From the bytes of a file to rows of text.

Clean delimited files and Parquet are read by the engine itself. Everything else (odd encodings, ragged rows, JSON
lines, Excel, a vendor's own reader) goes row by row through Python into a clean temporary file first, slower, with
each row's line and what is wrong with it.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cx_metrics.intake import parsing
from cx_metrics.intake.plan import IntakeError, Plan, Row
from cx_metrics.intake.records import check_columns, nested, records
from cx_metrics.intake.text import BLANK, begins_blank, examine, header_of

LINE, PROBLEM, SKIP, RAW = META = ("_line", "_problem", "_skip", "_raw")
PARQUET = (".parquet", ".pq")
BY_PYTHON = (".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm")
_LONGEST = 1_000_000  # characters kept of each cell of a row that is unreadable
_SURROGATE = re.compile("[\ud800-\udfff]")  # what stands for a byte that fits no encoding
_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


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
    by_python = reading.reader or reading.explode or reading.delimiter == "space" or suffix in BY_PYTHON
    if by_python or plan.completes:  # the latter may set rows aside later, and then needs what the file says
        return None
    if suffix in PARQUET:
        rows = _parquet(connection, plan)
        nul = sa.or_(*(sa.func.contains(rows.c[name], sa.func.chr(0)) for name in plan.raw_columns()))
        if _parquet_read(connection, plan, sa.select(sa.literal(1)).select_from(rows).where(nul).limit(1)):
            return None
        return RawRows(tuple(rows.c.keys()), rows, careful=False)
    text = examine(plan.file, reading.encoding)
    delimiter, columns = header_of(text, reading)
    check_columns(plan, columns)
    unusual = len({name.lower() for name in columns}) < len(columns) or "" in columns or len(columns) < 2
    if not text.clean or unusual or (text.bom and reading.header) or begins_blank(text):
        return None
    rows = parsing.delimited(plan.file, columns, delimiter, header=not reading.header)
    cells = [rows.c[name] for name in columns]
    plain = cells[0].between("!", "~~")  # the first cell begins with an ASCII letter or sign, as most do
    filled = sa.or_(plain, sa.func.trim(sa.func.concat(*cells), BLANK) != "")
    return RawRows(tuple(columns), sa.select(rows).where(filled).subquery("filled"), careful=False)


def _parquet(connection: sa.Connection, plan: Plan) -> sa.Subquery:
    try:
        rows = parsing.parquet(connection, plan.file)
    except parsing.ParseError:
        raise _no_parquet(plan) from None
    if not plan.reading.explode:
        check_columns(plan, rows.c.keys())
    return rows


def _parquet_read(connection: sa.Connection, plan: Plan, question: sa.Select[Any]) -> list[dict[str, Any]]:
    try:
        return [dict(row) for row in connection.execute(question).mappings()]
    except parsing.ParseError:
        raise _no_parquet(plan) from None


def _no_parquet(plan: Plan) -> IntakeError:
    return IntakeError(f"{plan.file.name} is not a readable Parquet file; export it again")


def careful_rows(connection: sa.Connection, plan: Plan, folder: Path) -> RawRows:
    """Rows read one by one in Python and written to a clean file in `folder`, irregular ones with their problem."""
    needed = plan.raw_columns()
    if plan.file.suffix.lower() in PARQUET and not plan.reading.reader:
        cells = _parquet_read(connection, plan, sa.select(_parquet(connection, plan)))
        source, note = nested(plan, (Row(number, row) for number, row in enumerate(cells, start=1))), ""
    else:
        source, note = records(plan)
    seen: dict[str, None] = {}
    # Names in the spool are numbered: those of the file may repeat when case is ignored, as the engine does.
    names = [f"c{index}" for index in range(len(needed))]
    handle, longest = folder / f"rows-{len(list(folder.glob('rows-*')))}.csv", 0
    with handle.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*META, *names])
        for row in source:
            seen.update(dict.fromkeys(row.cells) if row.problem is None else {})
            spooled = _spooled(row, needed)
            longest = max(longest, sum(map(len, spooled)))
            writer.writerow(spooled)
    if seen:
        check_columns(plan, list(seen))
    spool = parsing.delimited(handle, [*META, *names], ",", True, min(8 * longest, handle.stat().st_size))
    renamed = [spool.c[name].label(raw) for name, raw in zip(names, needed, strict=True)]
    select = sa.select(*(spool.c[name] for name in META), *renamed).subquery("raw")
    return RawRows(tuple(needed), select, True, note)


def _spooled(row: Row, needed: Sequence[str]) -> list[str]:
    problem, cells = row.problem, [row.cells.get(name) or "" for name in needed]
    text = "".join(cells)
    if problem is None and "\0" in text:
        problem = "the row contains a NUL byte; remove it"
    if problem is None and not text.isascii() and _SURROGATE.search(text):
        problem = "the row contains bytes that are not UTF-8; save the file as UTF-8"
    whole: Mapping[str, str | None] = row.cells
    if problem:
        cells = ["" for _ in cells]
        whole = {name: cell and cell[:_LONGEST] for name, cell in row.cells.items()}
    raw = row.raw if row.raw is not None else _json(whole)
    raw = raw.replace("\0", "\\u0000").encode("utf-8", "backslashreplace").decode()
    return [str(row.line), problem or "", "1" if row.skip else "", raw, *cells]
