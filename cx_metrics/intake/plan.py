"""What an import is made of: plans, each saying how the rows of one file become rows of one canonical table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


class IntakeError(Exception):
    """Input that cannot be used at all; the message is one sentence that says what, where, and what to do."""


@dataclass(frozen=True)
class Row:
    """One record of a file, before validation.

    line: where it begins (for JSON: the number of the record). cells: raw column -> text, None = missing.
    problem: why the record is unreadable; it goes to quarantine. skip: the format says that it is no record (a preview,
    a footer). raw: the record as text, where it is not just its cells.
    """

    line: int
    cells: Mapping[str, str | None]
    problem: str | None = None
    skip: bool = False
    raw: str | None = None


RowReader = Callable[[Path], Iterator[Row]]
Column = str | tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """How the bytes of a file become rows. Everything empty: find out.

    header: column names of a file without a header line. delimiter: one character, or "space" for files aligned with
    blanks. explode: name of a nested JSON list that gives one row per element. reader: a vendor format's own row
    reader; its rows carry the raw columns that the plan names.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header: tuple[str, ...] = ()
    explode: str | None = None
    reader: RowReader | None = None


@dataclass(frozen=True)
class Plan:
    """Rows of one file that become rows of one canonical table; the code form of a mapping file's `[[load]]`.

    columns: canonical column -> raw column, or several that are joined with "-". constants: canonical (or helper)
    column -> text. values: canonical column -> recoding of its texts, "" = missing. times: canonical column ->
    strptime formats. skip: column -> "missing" or texts that mark a row as no record. prefix: put before keys, so
    that two vendors' numbers cannot collide. party: first = the company's own data, third = others'. sum: canonical
    number columns in which rows with one key add up. completes: rows only add to rows that are known already; others
    are set aside.
    """

    source: str
    table: str
    file: Path
    columns: Mapping[str, Column]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    times: Mapping[str, Sequence[str]] = field(default_factory=dict)
    skip: Mapping[str, Sequence[str]] = field(default_factory=dict)
    timezone: str = "UTC"
    prefix: str = ""
    party: str = "first"
    sum: Sequence[str] = ()
    completes: bool = False
    reading: Reading = Reading()
    note: str = ""

    def fingerprint(self, digest: str) -> str:
        """Identifies this reading of a file's content (`digest`: hash of its bytes), so that it is loaded once."""
        recipe = [
            self.source, self.table, self.columns, self.constants, self.values, self.times, self.skip,
            self.timezone, self.prefix, self.reading.encoding, self.reading.delimiter, self.reading.header,
            self.reading.explode, list(self.sum), self.completes,
        ]  # fmt: skip
        text = digest + json.dumps(recipe, sort_keys=True, default=dict)
        return hashlib.sha256(text.encode()).hexdigest()

    def raw_columns(self) -> list[str]:
        """The raw columns that the plan needs, each once, in the order of their use."""
        names: list[str] = []
        for column in self.columns.values():
            names += [column] if isinstance(column, str) else list(column)
        names += [name for name in self.skip if name not in self.columns]
        return [name for name in dict.fromkeys(names) if name not in self.constants]
