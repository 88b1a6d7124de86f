"""The mapping file: any delimited, Excel, JSON-lines or Parquet file becomes canonical rows without code.

The format is stable (README, "Your own files"): people keep theirs for years.
"""

from __future__ import annotations

import re
import tomllib
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Double

from cx_metrics.columns import given_columns
from cx_metrics.intake.plan import Column, IntakeError, Plan, Reading
from cx_metrics.intake.quarantine import is_export
from cx_metrics.model import CANONICAL, KEYS

_TABLE = (Mapping, "a table like { name = ... }")
_TEXT = (str, "a text")
_KINDS: dict[str, tuple[Any, str]] = {
    "table": _TEXT, "file": _TEXT, "columns": _TABLE, "constants": _TABLE, "values": _TABLE, "times": _TABLE,
    "skip": _TABLE, "timezone": _TEXT, "encoding": _TEXT, "delimiter": _TEXT, "header": (list, "a list of names"),
    "explode": _TEXT, "source": _TEXT, "party": _TEXT, "sum": (list, "a list of columns"),
    "completes": (bool, "true or false"),
}  # fmt: skip
_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_FORM = re.compile(r"([^%]|%-?[aAwdbBmyYHIpMSfgnzZjUWcxX%])+", re.DOTALL)  # what the engine's strptime knows
_EXPORTED_AS_CSV = (".xlsx", ".xlsm", ".parquet", ".pq")


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
    if folder is not None and not folder.exists():
        raise IntakeError(f"there is no file or folder {folder}")
    source = str(document.get("source", mapping.stem))
    plans: list[Plan] = []
    for number, entry in enumerate(entries, start=1):
        where = f"{mapping.name}, [[load]] {number}"
        _check(where, entry)
        files = _files(folder or mapping.parent, entry["file"])
        if not files and folder is None:
            raise IntakeError(f"{where}: there is no file {entry['file']} in {mapping.parent}")
        plans += [_plan(str(entry.get("source", source)), entry, file) for file in files]
    if not plans:
        raise IntakeError(f"{folder} holds none of the files that {mapping.name} describes")
    return plans


def _files(base: Path, pattern: str) -> list[Path]:
    """The files that a pattern names in a folder, or `base` itself where it is a file of that name.

    A workbook's or Parquet file's rows come back from quarantine as CSV.
    """
    if base.is_file():
        return [base] if any(base.match(Path(name).name) for name in _names(pattern)) else []
    if Path(pattern).is_absolute():
        base, pattern = Path(Path(pattern).anchor), str(Path(pattern).relative_to(Path(pattern).anchor))
    try:
        return sorted({file for name in _names(pattern) for file in base.glob(name) if file.is_file()})
    except (ValueError, IndexError):  # what glob raises for patterns like "." or "a**"
        return []


def _names(pattern: str) -> list[str]:
    path = Path(pattern)
    return [pattern, str(path.with_suffix(".csv"))] if path.suffix.lower() in _EXPORTED_AS_CSV else [pattern]


def _check(where: str, entry: Any) -> None:
    """Raise IntakeError for a `[[load]]` that cannot be followed."""
    if not isinstance(entry, Mapping):
        raise IntakeError(f"{where}: must be a table")
    unknown = sorted(set(entry) - set(_KINDS))
    if unknown:
        raise IntakeError(f"{where}: {unknown[0]!r} is not known; there are: {', '.join(sorted(_KINDS))}")
    for name in ("table", "file", "columns"):
        if name not in entry:
            raise IntakeError(f"{where}: {name!r} is missing")
    for name, value in entry.items():
        kinds, description = _KINDS[name]
        if not isinstance(value, kinds) or value in ("", []):
            raise IntakeError(f"{where}: {name} must be {description}")
    if entry["table"] not in CANONICAL:
        raise IntakeError(f"{where}: there is no table {entry['table']!r}; there are: {', '.join(CANONICAL)}")
    _check_columns(where, entry)
    _check_reading(where, entry)


def _check_columns(where: str, entry: Mapping[str, Any]) -> None:
    table = entry["table"]
    known = {column.name: column for column in given_columns(CANONICAL[table])}
    constants = entry.get("constants", {})
    for name in (name for part in ("columns", "values", "times", "sum") for name in entry.get(part, ())):
        if name not in known:
            raise IntakeError(f"{where}: {table} has no column {name!r}; it has: {', '.join(known)}")
    for name, raw in entry["columns"].items():
        if not raw or not isinstance(raw, (str, list)) or not all(isinstance(part, str) for part in raw):
            raise IntakeError(f"{where}: columns.{name} must be the name of a column of the file, or a list of them")
        if name in constants:
            raise IntakeError(f"{where}: {name!r} is given both as a column and as a constant")
    for name, codes in entry.get("values", {}).items():
        if not isinstance(codes, Mapping):
            raise IntakeError(f'{where}: values.{name} must be a table like {{ "old" = "new" }}')
    for name, form in entry.get("times", {}).items():
        if not all(
            isinstance(one, str) and _FORM.fullmatch(one) for one in (form if isinstance(form, list) else [form])
        ):
            raise IntakeError(f"{where}: times.{name} must be a format like %d.%m.%Y %H:%M, or a list of them")
    for name in entry.get("sum", ()):
        if not isinstance(known[name].type, (Double, BigInteger)) or name not in entry["columns"]:
            raise IntakeError(f"{where}: sum takes columns of numbers that the file gives, {name!r} is none")
    if entry.get("completes") and not set(KEYS[table]) <= {*entry["columns"], *constants}:
        raise IntakeError(f"{where}: completes needs the key {KEYS[table][0]!r}")
    for name, column in known.items():
        given = name in entry["columns"] or name in constants or name in KEYS[table] or entry.get("completes")
        if column.info["rule"].required and not given:
            raise IntakeError(f"{where}: {table} cannot do without {name!r}; name the column or constant it comes from")


def _check_reading(where: str, entry: Mapping[str, Any]) -> None:
    zone = entry.get("timezone", "UTC")
    if zone not in zoneinfo.available_timezones():
        raise IntakeError(f"{where}: there is no time zone {zone!r}; write it like Europe/Berlin")
    if entry.get("party", "first") not in ("first", "third"):
        raise IntakeError(f"{where}: party is first (your own data) or third (others')")
    delimiter = _DELIMITERS.get(entry.get("delimiter", ","), entry.get("delimiter", ","))
    if delimiter != "space" and (len(delimiter) != 1 or delimiter in '\r\n"'):
        raise IntakeError(f"{where}: delimiter is one character, or one of: space, {', '.join(_DELIMITERS)}")


def _plan(source: str, entry: Mapping[str, Any], file: Path) -> Plan:
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
        timezone=entry.get("timezone", "UTC"),
        party=entry.get("party", "first"),
        sum=tuple(entry.get("sum", ())),
        completes=entry.get("completes", False),
        reading=_reading(entry, file),
    )


def _reading(entry: Mapping[str, Any], file: Path) -> Reading:
    if is_export(file):  # rows that come back from quarantine are laid out by us
        return Reading(explode=entry.get("explode"))
    delimiter = entry.get("delimiter")
    return Reading(
        encoding=entry.get("encoding"),
        delimiter=_DELIMITERS.get(str(delimiter), delimiter),
        header=_texts(entry.get("header", ())),
        explode=entry.get("explode"),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(part) for part in value) if isinstance(value, (list, tuple)) else (str(value),)
