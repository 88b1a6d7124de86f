"""The mapping file: any delimited, Excel, JSON-lines or Parquet file becomes canonical rows without code.

The format is stable (README, "Your own files"): people keep theirs for years.
"""

from __future__ import annotations

import tomllib
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cx_metrics.intake.plan import Column, IntakeError, Plan, Reading
from cx_metrics.model import CANONICAL, KEYS, given_columns

_KNOWN = {
    "table", "file", "columns", "constants", "values", "times", "skip", "timezone", "encoding", "delimiter", "header",
    "explode", "source", "party",
}  # fmt: skip


def mapping_plans(mapping: Path, folder: Path | None = None) -> list[Plan]:
    """The plans of a mapping file. folder: where its files are, if not beside it.

    Raises IntakeError for what cannot be read, names no known table or column, or finds no file.
    """
    try:
        document = tomllib.loads(mapping.read_text(encoding="utf-8-sig"))
    except OSError:
        raise IntakeError(f"there is no mapping file {mapping}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IntakeError(f"{mapping.name} is not valid TOML: {error}") from None
    entries = document.get("load")
    if not isinstance(entries, list) or not entries:
        raise IntakeError(f"{mapping.name} has no [[load]]; describe at least one file")
    source = str(document.get("source", mapping.stem))
    plans: list[Plan] = []
    for number, entry in enumerate(entries, start=1):
        where = f"{mapping.name}, [[load]] {number}"
        _check(where, entry)
        base = folder or mapping.parent
        files = [base] if base.is_file() and base.match(str(entry["file"])) else sorted(base.glob(str(entry["file"])))
        if not files and folder is None:
            raise IntakeError(f"{where}: there is no file {entry['file']} in {base}")
        plans += [_plan(where, str(entry.get("source", source)), entry, file) for file in files]
    if not plans:
        raise IntakeError(f"{folder} holds none of the files that {mapping.name} describes")
    return plans


def _check(where: str, entry: Mapping[str, Any]) -> None:
    unknown = sorted(set(entry) - _KNOWN)
    if unknown:
        raise IntakeError(f"{where}: {unknown[0]!r} is not known; there are: {', '.join(sorted(_KNOWN))}")
    for name in ("table", "file", "columns"):
        if name not in entry:
            raise IntakeError(f"{where}: {name!r} is missing")
    table = entry["table"]
    if table not in CANONICAL:
        raise IntakeError(f"{where}: there is no table {table!r}; there are: {', '.join(CANONICAL)}")
    known = {column.name: column for column in given_columns(CANONICAL[table])}
    for part in ("columns", "constants", "values", "times"):
        if not isinstance(entry.get(part, {}), Mapping):
            raise IntakeError(f"{where}: {part} must be a table like {{ name = ... }}")
        for name in entry.get(part, {}):
            if name not in known and part != "constants":
                raise IntakeError(f"{where}: {table} has no column {name!r}; it has: {', '.join(known)}")
    given = {*entry["columns"], *entry.get("constants", {})}
    for name, column in known.items():
        if column.info["rule"].required and name not in given and name not in KEYS[table]:
            raise IntakeError(f"{where}: {table} cannot do without {name!r}; name the column or constant it comes from")


def _plan(where: str, source: str, entry: Mapping[str, Any], file: Path) -> Plan:
    zone = str(entry.get("timezone", "UTC"))
    if zone != "UTC" and zone not in zoneinfo.available_timezones():
        raise IntakeError(f"{where}: there is no time zone {zone!r}; write it like Europe/Berlin")
    if entry.get("party", "first") not in ("first", "third"):
        raise IntakeError(f"{where}: party is first (your own data) or third (others')")
    columns: dict[str, Column] = {
        name: tuple(str(part) for part in raw) if isinstance(raw, list) else str(raw)
        for name, raw in entry["columns"].items()
    }
    return Plan(
        source=source,
        table=entry["table"],
        file=file,
        columns=columns,
        constants={name: str(value) for name, value in entry.get("constants", {}).items()},
        values={name: {str(k): str(v) for k, v in codes.items()} for name, codes in entry.get("values", {}).items()},
        times={name: _texts(form) for name, form in entry.get("times", {}).items()},
        skip={name: _texts(value) for name, value in entry.get("skip", {}).items()},
        timezone=zone,
        party=entry.get("party", "first"),
        reading=_reading(entry),
    )


def _reading(entry: Mapping[str, Any]) -> Reading:
    delimiter = entry.get("delimiter")
    return Reading(
        encoding=entry.get("encoding"),
        delimiter={"tab": "\t", "comma": ",", "semicolon": ";"}.get(str(delimiter), delimiter),
        header=_texts(entry.get("header", ())),
        explode=entry.get("explode"),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(part) for part in value) if isinstance(value, (list, tuple)) else (str(value),)
