"""What becomes of a file's content, without a warehouse: for tests of the intake."""

from __future__ import annotations

import atexit
import contextlib
import functools
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.intake import parsing, stage
from cx_metrics.intake.plan import Plan
from cx_metrics.intake.sources.canonical import SOURCE


@dataclass(frozen=True)
class Outcome:
    """rows: the usable ones, without their empty cells. aside: (line, reason) of the others."""

    rows: list[dict[str, Any]]
    aside: list[tuple[int, str]]
    read: int
    duplicates: int
    skipped: int
    note: str


@functools.cache
def _parser() -> tuple[sa.Connection, Path]:
    """One connection for all tests: opening one takes longer than most of them."""
    kept = contextlib.ExitStack()
    atexit.register(kept.close)
    folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="cx-test-")))
    return kept.enter_context(dialect.parser(folder)), folder


def outcome(plan: Plan, careful: bool = False) -> Outcome:
    """Stage a plan's file. careful: row by row in Python, even where the engine could read it by itself."""
    parser, folder = _parser()
    with contextlib.ExitStack() as during:
        if careful:
            during.enter_context(mock.patch.object(stage, "quick_rows", return_value=None))
        staged = stage.stage(parser, plan, folder)
    names = [column for column in staged.columns if column != "source_customer_key"]
    question = sa.select(*(staged.table.c[column] for column in names)).order_by(staged.table.c[parsing.ROW])
    rows = [_given(row) for row in parser.execute(question).mappings()]
    aside = [(row.line, row.reason) for row in staged.set_aside]
    assert staged.usable == len(rows)
    assert staged.read == staged.usable + len(aside) + staged.duplicates + staged.skipped
    return Outcome(rows, aside, staged.read, staged.duplicates, staged.skipped, staged.note)


def _given(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if value is not None}


CONTACTS = "interaction_id,occurred_at,channel,wait_seconds"


def contacts(folder: Path, body: str | bytes, header: str = CONTACTS, encoding: str = "utf-8") -> Plan:
    """The plan of a file of contacts with these lines below the header; bytes are the whole file."""
    path = folder / "interactions.csv"
    path.write_bytes(body if isinstance(body, bytes) else f"{header}\n{body}".encode(encoding))
    return SOURCE.plans([path])[0]


def both_ways(plan: Plan) -> Outcome:
    """What the engine and Python make of a file, which must be the same."""
    found = outcome(plan)
    assert outcome(plan, careful=True) == found
    return found


def channels(found: Outcome) -> list[Any]:
    """The channel of each usable row."""
    return [row.get("channel") for row in found.rows]
