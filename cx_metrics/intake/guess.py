"""A mapping file to start from, guessed from the names and the first rows of files whose layout nobody declared.

A person checks it: every line says what its column means, and what was not found stands there as a comment.
"""

from __future__ import annotations

import contextlib
import datetime
import difflib
import glob
import itertools
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.columns import given_columns
from cx_metrics.intake import parsing
from cx_metrics.intake.plan import IntakeError, Plan
from cx_metrics.intake.records import records
from cx_metrics.intake.synonyms import COLUMNS, FILES, VALUES
from cx_metrics.model import CANONICAL, KEYS

_ROWS = 300  # that are looked at
_ALIKE = 0.88  # similarity of names, 0-1, from which they are taken for the same
_CODES = 20  # distinct values beyond which a column is no short list of words
_DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%Y%m%d",
         "%d %b %Y", "%b %d, %Y", "%Y.%m.%d")  # fmt: skip
_FORMS = tuple(day + time for day in _DAYS for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p"))
_ISO = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d.*)?|\d{9,10}(\.\d+)?|\d{12,13}|\d{15,16}")
_SCALES = ((5, 1), (7, 1), (10, 0), (100, 0))  # highest score, lowest score
_HEAD = """\
# Guessed from column names and the first rows: check every line, then look at the preview.
# Lines that begin with # count for nothing; take the # away and name a column of your file to use one.
# Tables: {}.
source = {}  # names your system; keep it the same for all its files
"""


@dataclass(frozen=True)
class Sample:
    """The first rows of a file. cells: column -> its texts that are not empty."""

    file: Path
    cells: Mapping[str, tuple[str, ...]]


def guess(files: Sequence[Path]) -> str:
    """A mapping file for files of any layout. Raises IntakeError for a file that is no table."""
    source = "_".join(_words(files[0].stem).split()) or "import"
    return _HEAD.format(", ".join(CANONICAL), _quoted(source)) + "".join(
        "\n".join(_load(_sample(file))) + "\n" for file in files
    )


def _sample(file: Path) -> Sample:
    if file.suffix.lower() in (".parquet", ".pq"):
        rows = _parquet_rows(file)
    else:
        rows = [dict(row.cells) for row in itertools.islice(records(Plan("", "events", file, {}))[0], _ROWS)]
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if _is_name(name)]
    if not names:
        raise IntakeError(f"{file.name} holds no rows under named columns; export it again with a header line")
    return Sample(file, {name: tuple(str(row[name]).strip() for row in rows if row.get(name)) for name in names})


def _is_name(text: str) -> bool:
    return text.isprintable() and bool(text.strip()) and not text.startswith("surplus ")


def _parquet_rows(file: Path) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="cx-metrics-") as name, dialect.parser(Path(name)) as parser:
        try:
            rows = parsing.parquet(parser, file)
            found = parser.execute(sa.select(*rows.c).limit(_ROWS)).mappings()
            return [{str(name): cell for name, cell in row.items()} for row in found]
        except parsing.ParseError:
            raise IntakeError(f"{file.name} is not a readable Parquet file; export it again") from None


def guessed_table(sample: Sample) -> str:
    """The canonical table whose rows a file most likely holds."""
    return max(CANONICAL, key=lambda table: _fit(sample, table))


def _fit(sample: Sample, table: str) -> float:
    found = guessed_columns(sample, table)
    rules = {column.name: column.info["rule"] for column in given_columns(CANONICAL[table])}
    named = any(word.startswith(FILES[table]) for word in _words(sample.file.stem).split())
    lacking = sum(r.required and not r.allowed and n not in found and n not in KEYS[table] for n, r in rules.items())
    own = sum(name != "customer_id" for name in found)
    return float(own / len(rules) ** 0.5 + 2 * named + (KEYS[table][0] in found) - lacking)


def guessed_columns(sample: Sample, table: str) -> dict[str, str]:
    """Column of a canonical table -> the file's column that it may be taken from, each at most once, likest first."""
    columns = {column.name: column for column in given_columns(CANONICAL[table])}
    likes = [(_likeness(name, raw), name, raw) for name in columns for raw in sample.cells]
    found: dict[str, str] = {}
    for likeness, name, raw in sorted(likes, key=lambda like: -like[0]):
        free = likeness >= _ALIKE and name not in found and raw not in found.values()
        if free and _fits(columns[name], sample.cells[raw]):
            found[name] = raw
    return {name: found[name] for name in columns if name in found}


def _words(name: str) -> str:
    """A name as words: orderDate, ORDER_DATE and "Order date" are the same."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()))


def _likeness(name: str, raw: str) -> float:
    """How much a file's column is called like one of ours, 0-1; of a nested one (`a.b`) the last part may do."""
    whole, last = _alike(name, _words(raw)), _alike(name, _words(raw.rpartition(".")[2]))
    return max(whole, 0.93 * last) if "." in raw else whole


def _alike(name: str, said: str) -> float:
    own, others = _words(name), COLUMNS.get(name, ())
    if said == own:
        return 1.0
    if said in others:  # the first names are the surest
        return 0.98 - 0.005 * others.index(said)
    return 0.97 * max(difflib.SequenceMatcher(None, said, other).ratio() for other in (own, *others))


def _fits(column: sa.Column[Any], cells: Sequence[str]) -> bool:
    """Whether most of the texts can be what the column holds."""
    if isinstance(column.type, sa.DateTime):
        fitting = sum(bool(_ISO.fullmatch(cell)) or any(_is_time(cell, form) for form in _FORMS) for cell in cells)
    elif isinstance(column.type, (sa.Double, sa.BigInteger)):
        fitting = sum(_is_number(cell) for cell in cells)
    else:
        fitting = len(cells) if not column.info["rule"].allowed or len(set(cells)) <= _CODES else 0
    return not cells or fitting > len(cells) / 2


def _is_number(cell: str) -> bool:
    with contextlib.suppress(ValueError):
        return float(cell) == float(cell)
    return False


def _is_time(cell: str, form: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(datetime.datetime.strptime(cell, form))
    return False


def _load(sample: Sample) -> Iterator[str]:
    """The lines of one [[load]]."""
    table = guessed_table(sample)
    found = guessed_columns(sample, table)
    sure = "" if len(found) > 1 else "NO TABLE FITS WELL, choose one; "
    yield from ("", "[[load]]", f"table = {_quoted(table)}  # {sure}{CANONICAL[table].comment}")
    yield f"file = {_quoted(glob.escape(sample.file.name))}"
    for name, cells in sample.cells.items():
        if cells and cells[0].startswith("[{"):
            yield f"# explode = {_quoted(name)}  # one row per element of this list; its fields are then {name}.field"
    if unused := [name for name in sample.cells if name not in found.values()]:
        yield f"# not used: {', '.join(unused)}"
    constants = dict(_constants(sample, table, found))
    yield "[load.columns]"
    for column in given_columns(CANONICAL[table]):
        if column.name not in constants:
            yield _line(column.name, found.get(column.name), column.comment or "", _is_needed(table, column))
    if constants:
        yield from ("[load.constants]", *(_line(name, text, note) for name, (text, note) in constants.items()))
    if times := dict(_times(sample, table, found)):
        yield from ("[load.times]", *(_line(name, form, note) for name, (form, note) in times.items()))
    yield from _recodes(sample, table, found)


def _line(name: str, text: str | None, note: str, needed: bool = False) -> str:
    if text is None:
        return f'# {name} = ""  # {"NEEDED: " if needed else ""}{note}'
    return f"{name} = {_quoted(text)}  # {note}"


def _is_needed(table: str, column: sa.Column[Any]) -> bool:
    return bool(column.info["rule"].required) and column.name not in KEYS[table]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _constants(sample: Sample, table: str, found: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for column in given_columns(CANONICAL[table]):
        allowed = column.info["rule"].allowed
        if _is_needed(table, column) and allowed and column.name not in found:
            said = _words(" ".join((sample.file.stem, found.get("score", ""))))
            text = next((word for word in allowed if word in said), allowed[0])
            yield column.name, (text, f"say which: {', '.join(allowed)}")
    if table == "survey_answers" and "score" in found:
        scores = [float(cell) for cell in sample.cells[found["score"]] if _is_number(cell)]
        high, low = next(((high, low) for high, low in _SCALES if max(scores) <= high), _SCALES[-1])
        yield "scale_min", (str(min(low, int(min(scores)))), "lowest possible score")
        yield "scale_max", (str(high), "highest possible score")


def _times(sample: Sample, table: str, found: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for name, raw in found.items():
        cells = sample.cells[raw]
        if not isinstance(CANONICAL[table].c[name].type, sa.DateTime) or all(_ISO.fullmatch(cell) for cell in cells):
            continue
        forms = [form for form in _FORMS if all(_is_time(cell, form) for cell in cells)]
        if forms:
            yield (
                name,
                (forms[0], f"may also be {' or '.join(forms[1:])}" if forms[1:] else "how the times are written"),
            )


def _recodes(sample: Sample, table: str, found: Mapping[str, str]) -> Iterator[str]:
    """Words of a file for which a column has its own: what each becomes."""
    for name, raw in found.items():
        allowed = CANONICAL[table].c[name].info["rule"].allowed
        odd = [cell for cell in dict.fromkeys(sample.cells[raw]) if cell.lower() not in allowed] if allowed else []
        if odd:
            yield f'[load.values.{name}]  # becomes one of: {", ".join(allowed)}; "" leaves it empty'
        for cell in odd:
            meant = (word for word in allowed if cell.lower() in VALUES.get(word, ()))
            close = difflib.get_close_matches(cell.lower(), allowed, 1, _ALIKE)
            yield f"{_quoted(cell)} = {_quoted(next(meant, close[0] if close else ''))}"
