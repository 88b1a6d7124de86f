"""Canonical CSV: a folder of files named and laid out like the canonical tables, any subset of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cx_metrics.columns import given_columns
from cx_metrics.intake.plan import IntakeError, Plan, Reading
from cx_metrics.intake.quarantine import REASON
from cx_metrics.intake.source import Source
from cx_metrics.intake.text import examine, header_of
from cx_metrics.model import CANONICAL

_SUFFIXES = (".csv", ".tsv", ".txt")


def _table(path: Path) -> str | None:
    """interactions.csv, interactions-2024.csv, interactions_2024.csv, "interactions (1).csv": all interactions."""
    stem = path.stem.lower()
    names = [name for name in CANONICAL if stem.startswith(name) and not stem[len(name) :][:1].isalpha()]
    return max(names, key=len, default=None)


def _columns(path: Path) -> list[str]:
    return header_of(examine(path), Reading())[1]


def recognises(path: Path) -> bool:
    """Whether a file is named like a canonical table and has its required columns."""
    table = _table(path)
    if table is None or path.suffix.lower() not in _SUFFIXES:
        return False
    try:
        present = {name.lower() for name in _columns(path)}
    except (IntakeError, OSError, UnicodeError):
        return False
    return all(column.name in present for column in given_columns(CANONICAL[table]) if column.info["rule"].required)


def plans(paths: Sequence[Path]) -> list[Plan]:
    """One plan per file. Raises IntakeError for a file that no table is named like, or that lacks a column."""
    return [_plan(path) for path in paths]


def _plan(path: Path) -> Plan:
    table = _table(path)
    if table is None:
        raise IntakeError(
            f"{path.name} is not named like a table ({', '.join(CANONICAL)}); rename it, or describe it with --mapping"
        )
    found = _columns(path)
    present = {name.lower(): name for name in reversed(found)}
    given = given_columns(CANONICAL[table])
    for column in given:
        spelled = [name for name in found if name.lower() == column.name]
        if len(spelled) > 1:
            raise IntakeError(f"{path.name} has the column {spelled[0]!r} more than once; rename all but one of them")
    missing = [column.name for column in given if column.info["rule"].required and column.name not in present]
    if missing:
        raise IntakeError(
            f"{path.name} lacks the column {missing[0]!r}, which {table} cannot do without; it has: "
            f"{', '.join(name[:40] for name in found[:12])}{', ...' if len(found) > 12 else ''}"
        )
    columns = {column.name: present[column.name] for column in given if column.name in present}
    unused = [name for name in found if name not in ("", REASON, *columns.values())]
    more = f" and {len(unused) - 12} more" if len(unused) > 12 else ""
    note = f"columns not used: {', '.join(unused[:12])}{more}" if unused else ""
    return Plan("csv", table, path, columns, note=note)


SOURCE = Source(
    name="csv",
    title="Canonical CSV",
    files="a folder of CSV files named like the canonical tables",
    recognises=recognises,
    plans=plans,
)
