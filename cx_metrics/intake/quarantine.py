"""The quarantine as files: rows set aside, one file per original, to be mended and imported again the same way."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.model import quarantine
from cx_metrics.warehouse import Warehouse

REASON = "quarantine_reason"
_TEXT = (".csv", ".tsv", ".txt")
_SURPLUS = "surplus "  # how cells without a column are named in `quarantine.raw`


def export_quarantine(warehouse: Warehouse, folder: Path) -> list[Path]:
    """Write the quarantined rows into `folder`, a file for each that they came from, under its name.

    Delimited rows keep their columns, and as many cells as they had, behind a first column, quarantine_reason, which an
    import ignores; JSON records are written as they were. Returns the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    order = (quarantine.c.load_id, quarantine.c.line)
    rows = warehouse.read(sa.select(quarantine).order_by(*order))
    return [_written(folder / Path(str(name)).name, part) for name, part in rows.groupby("file", sort=True)]


def is_export(path: Path) -> bool:
    """Whether a file was written by `export_quarantine` as delimited text, perhaps saved again by a spreadsheet."""
    if path.suffix.lower() not in _TEXT:
        return False
    with path.open("rb") as file:
        return file.read(len(REASON) + 4).removeprefix(codecs.BOM_UTF8).lstrip(b'"').startswith(REASON.encode())


def _written(path: Path, rows: pd.DataFrame) -> Path:
    reasons = dict(zip(rows["raw"], rows["reason"], strict=True))
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        found = (json.loads(raw) for raw in reasons)
        lines = (record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in found)
        path.write_bytes("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"))
        return path
    path = path if path.suffix.lower() in _TEXT else path.with_suffix(".csv")
    records = [json.loads(raw) for raw in reasons]
    columns = list(dict.fromkeys(name for record in records for name in record if not name.startswith(_SURPLUS)))
    # Bytes that were no UTF-8 are written as they were.
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([REASON, *columns])
        for record, reason in zip(records, reasons.values(), strict=True):
            writer.writerow([reason, *_cells(record, columns)])
    return path


def _cells(record: Mapping[str, Any], columns: list[str]) -> Iterable[Any]:
    """A record's cells: a row that was too short stays so, surplus cells come last."""
    given = columns[: len(record)] if list(record) == columns[: len(record)] else columns
    cells = [record.get(name) for name in given] + [cell for name, cell in record.items() if name.startswith(_SURPLUS)]
    return (
        "" if cell is None else cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
        for cell in cells
    )
