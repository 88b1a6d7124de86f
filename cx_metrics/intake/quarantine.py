"""The quarantine as files: rows set aside, one file per original, to be mended and imported again the same way."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.model import quarantine
from cx_metrics.warehouse import Warehouse

REASON = "quarantine_reason"


def export_quarantine(warehouse: Warehouse, folder: Path) -> list[Path]:
    """Write the quarantined rows into `folder`, a file for each that they came from, under its name.

    Delimited rows keep their columns and get one more, quarantine_reason, which an import ignores; JSON records are
    written as they were. Returns the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    order = (quarantine.c.load_id, quarantine.c.line)
    rows = warehouse.read(sa.select(quarantine).order_by(*order))
    return [_written(folder / Path(str(name)), part) for name, part in rows.groupby("file", sort=True)]


def _written(path: Path, rows: pd.DataFrame) -> Path:
    records = [json.loads(raw) for raw in dict.fromkeys(rows["raw"])]
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
        return path
    path = path if path.suffix.lower() in (".csv", ".tsv", ".txt") else path.with_suffix(".csv")
    reasons = dict(zip(rows["raw"], rows["reason"], strict=True))
    columns = list(dict.fromkeys(name for record in records for name in record))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, REASON])
        for raw, reason in reasons.items():
            record: dict[str, Any] = json.loads(raw)
            writer.writerow([*(record.get(name, "") for name in columns), reason])
    return path
