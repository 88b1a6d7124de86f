"""Rows of files that Python reads one by one: irregular text, JSON lines, Excel, a vendor's own format."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from cx_metrics.intake.plan import IntakeError, Plan, Row
from cx_metrics.intake.text import BLANK, examine, opened, row_of, text_rows


def records(plan: Plan) -> tuple[Iterator[Row], str]:
    """The rows of a plan's file, and a note on how the file was read."""
    reading, suffix = plan.reading, plan.file.suffix.lower()
    if reading.reader:
        return reading.reader(plan.file), ""
    if suffix in (".xlsx", ".xlsm"):
        return nested(plan, excel_rows(plan)), ""
    if suffix in (".json", ".jsonl", ".ndjson"):
        return nested(plan, json_rows(plan.file)), examine(plan.file).note
    text = examine(plan.file, reading.encoding)
    return nested(plan, text_rows(text, reading)), text.note


def nested(plan: Plan, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, or those of the nested list that the plan names."""
    return exploded(plan.file.name, rows, plan.reading.explode) if plan.reading.explode else rows


def check_columns(plan: Plan, present: Sequence[str]) -> None:
    """Raise IntakeError when the file lacks a column that the plan takes something from."""
    twice = [name for name in plan.raw_columns() if list(present).count(name) > 1]
    if twice:
        raise IntakeError(f"{plan.file.name} has the column {twice[0]!r} more than once; rename all but one of them")
    missing = [name for name in plan.raw_columns() if name not in present]
    if not missing or plan.reading.reader or plan.file.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        return  # JSON leaves out what is empty: there a missing name is a missing value
    uses = {
        raw: name for name, column in plan.columns.items() for raw in ((column,) if isinstance(column, str) else column)
    }
    use = f", which {plan.table}.{uses[missing[0]]} is taken from" if missing[0] in uses else ""
    raise IntakeError(f"{plan.file.name} has no column {missing[0]!r}{use}; it has: {_few(present)}")


def excel_rows(plan: Plan) -> Iterator[Row]:
    """Rows of a workbook's first sheet, whose first row names the columns."""
    path = plan.file
    try:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    except Exception as error:  # the library lets errors of zip, XML and its own through
        raise IntakeError(f"{path.name} is not a readable Excel workbook: {error}") from None
    rows = sheet.iter_rows(values_only=True)
    columns: list[str] = []
    for line, values in enumerate(rows, start=1):
        cells = [(_text(value) or "").strip(BLANK) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if not columns:
            columns = cells
            if columns and not plan.reading.explode:
                check_columns(plan, columns)
        elif cells:
            yield row_of(line, cells + [""] * (len(columns) - len(cells)), columns)
    if not columns:
        raise IntakeError(f"{path.name} is empty; export it again")


def json_rows(path: Path) -> Iterator[Row]:
    """Rows of JSON lines, or of one JSON array; nested objects become columns named a.b, lists stay JSON text."""
    for number, record in json_records(path):
        if isinstance(record, Mapping):
            yield Row(number, flat(record), raw=json.dumps(record, ensure_ascii=False))
        else:
            yield Row(number, {}, "the record is no JSON object", raw=json.dumps(record, ensure_ascii=False))


def json_records(path: Path) -> Iterator[tuple[int, Any]]:
    """(number, record) of JSON lines or of one JSON array; a line that is no JSON comes as its text.

    Raises IntakeError for what is no JSON at all.
    """
    with opened(examine(path)) as file:
        first = next((line.strip() for line in file if line.strip()), "")
        file.seek(0)
        if first.startswith("{") and _loaded(first) is not None:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    found = _loaded(line)
                    yield number, line.strip() if found is None else found
            return
        document = parse_json(path, file.read())
    yield from enumerate(document if isinstance(document, list) else [document], start=1)


def check_readable(path: Path) -> None:
    """Raise IntakeError for a file that holds nothing, or not what its name says."""
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        for _ in json_records(path):
            pass
    elif path.suffix.lower() in (".csv", ".tsv", ".txt"):
        examine(path)


def _loaded(text: str) -> Any:
    """What JSON text says; None for what is none, or is nothing."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def parse_json(path: Path, text: str) -> Any:
    """JSON text as what it says. Raises IntakeError in one sentence."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip()[:1] not in ("{", "["):
            raise IntakeError(f"{path.name} is not JSON: it begins with {text.lstrip()[:20]!r}") from None
        raise IntakeError(f"{path.name} is not complete JSON, export it again: {error}") from None


def exploded(file: str, rows: Iterator[Row], name: str) -> Iterator[Row]:
    """One row per element of the nested list `name`: its fields as name.field, its place as name.position.

    Raises IntakeError when no row has such a list.
    """
    others: dict[str, None] = {}
    found = False
    for row in rows:
        found = found or name in row.cells or row.problem is not None
        others.update({} if found else dict.fromkeys(row.cells))
        elements = _loaded(row.cells.get(name) or "[]")
        if row.problem or not isinstance(elements, list):
            yield Row(row.line, row.cells, row.problem or f"{name} holds no JSON list", raw=row.raw)
            continue
        parent = {column: cell for column, cell in row.cells.items() if column != name}
        for position, element in enumerate(elements, start=1):
            fields = {"position": position, **(element if isinstance(element, Mapping) else {"value": element})}
            within = {f"{name}.{key}": cell for key, cell in flat(fields).items()}
            yield Row(row.line, {**parent, **within}, raw=json.dumps({**parent, name: [fields]}, ensure_ascii=False))
    if others and not found:
        raise IntakeError(f"{file} has no list {name!r} to explode; it has: {_few(list(others))}")


def _few(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:12]) + (", ..." if len(names) > 12 else "")


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, str | None]:
    """A JSON object as text cells: {"a": {"b": 1}} becomes {"a.b": "1"}; lists become JSON text."""
    cells: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, Mapping):
            cells.update(flat(value, f"{prefix}{key}."))
        else:
            cells[f"{prefix}{key}"] = _text(value)
    return cells


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, float) and (value.is_integer() or value != value):
        return str(int(value)) if value == value else None
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)
