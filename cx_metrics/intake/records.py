"""Rows of files that Python reads one by one: irregular text, JSON lines, Excel, a vendor's own format."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl

from cx_metrics.intake.plan import IntakeError, Plan, Row
from cx_metrics.intake.text import examine, text_rows


def records(plan: Plan) -> tuple[Iterator[Row], str]:
    """The rows of a plan's file, and a note on how the file was read."""
    reading, suffix = plan.reading, plan.file.suffix.lower()
    if reading.reader:
        return reading.reader(plan.file), ""
    if suffix in (".xlsx", ".xlsm"):
        return excel_rows(plan.file), ""
    if suffix in (".json", ".jsonl", ".ndjson"):
        rows: Iterator[Row] = json_rows(plan.file)
        return (exploded(rows, reading.explode) if reading.explode else rows), ""
    text = examine(plan.file, reading.encoding)
    return text_rows(text, reading), text.note


def excel_rows(path: Path) -> Iterator[Row]:
    """Rows of a workbook's first sheet, whose first row names the columns."""
    try:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    except Exception as error:  # the library lets errors of zip, XML and its own through
        raise IntakeError(f"{path.name} is not a readable Excel workbook: {error}") from None
    rows = sheet.iter_rows(values_only=True)
    columns = [str(cell).strip() if cell is not None else "" for cell in next(rows, ())]
    if not any(columns):
        raise IntakeError(f"{path.name} is empty; export it again")
    for line, cells in enumerate(rows, start=2):
        if any(cell is not None for cell in cells):
            yield Row(line, {name: _text(cell) for name, cell in zip(columns, cells, strict=False) if name})


def json_rows(path: Path) -> Iterator[Row]:
    """Rows of JSON lines, or of one JSON array; nested objects become columns named a.b, lists stay JSON text."""
    for number, record in json_records(path):
        if isinstance(record, Mapping):
            yield Row(number, flat(record), raw=json.dumps(record, ensure_ascii=False))
        else:
            yield Row(number, {}, "the record is no JSON object", raw=json.dumps(record, ensure_ascii=False))


def json_records(path: Path) -> Iterator[tuple[int, Any]]:
    """(number, record) of JSON lines or of one JSON array. Raises IntakeError for what is no JSON."""
    encoding = examine(path).encoding
    with path.open(encoding=encoding, errors="surrogateescape") as file:
        first = file.readline().strip()
        file.seek(0)
        if _complete(first) and not first.startswith("["):
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, parse_json(path, line, f"line {number}")
            return
        document = parse_json(path, file.read(), "it")
    yield from enumerate(document if isinstance(document, list) else [document], start=1)


def _complete(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def parse_json(path: Path, text: str, where: str) -> Any:
    """JSON text as Python data; raises IntakeError that names the file and the place."""
    try:
        return json.loads(text)
    except ValueError as error:
        if text.lstrip()[:1] not in ("{", "["):
            raise IntakeError(f"{path.name} is not JSON: {where} begins with {text.lstrip()[:20]!r}") from None
        raise IntakeError(f"{path.name} is not complete JSON ({where}: {error}); export it again") from None


def exploded(rows: Iterator[Row], name: str) -> Iterator[Row]:
    """One row per element of the nested list `name`: its fields as name.field, its place as name.position."""
    for row in rows:
        elements = json.loads(row.cells.get(name) or "[]")
        parent = {column: cell for column, cell in row.cells.items() if column != name}
        for position, element in enumerate(elements, start=1):
            fields = element if isinstance(element, Mapping) else {"value": element}
            nested = {f"{name}.{key}": cell for key, cell in flat(fields).items()}
            raw = json.dumps({**parent, name: [element]}, ensure_ascii=False)
            yield Row(row.line, {**parent, f"{name}.position": str(position), **nested}, row.problem, raw=raw)


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
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)
