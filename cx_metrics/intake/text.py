"""Delimited text: which encoding and delimiter a file has, and its rows one by one where it is not clean."""

from __future__ import annotations

import codecs
import contextlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

from cx_metrics.intake.delimited import parsed
from cx_metrics.intake.plan import IntakeError, Reading, Row

_CHUNK = 1 << 22
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DELIMITERS = ",;\t|"
BLANK = " \t\r\n\x1a\u00a0\u202f\u3000\u200b\ufeff"  # what a cell may consist of and still be empty
_CONTROL = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_MAGIC = (b"PK\x03\x04", b"PAR1", b"%PDF", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")  # zip, Parquet, PDF, gzip, old Office


@dataclass(frozen=True)
class TextFile:
    """encoding: a Python codec. clean: UTF-8 without NUL bytes, so that the engine may read it by itself."""

    path: Path
    encoding: str
    clean: bool
    note: str = ""

    @property
    def bom(self) -> bool:
        return self.encoding == "utf-8-sig"


def examine(path: Path, encoding: str | None = None) -> TextFile:
    """Find a text file's encoding. Raises IntakeError for a file without text or an unknown encoding."""
    with path.open("rb") as file:
        head = file.read(1 << 20)
    if not head.strip(b" \t\r\n\0" + codecs.BOM_UTF8 + codecs.BOM_UTF16_LE):
        raise IntakeError(f"{path.name} is empty; export it again")
    if encoding and not _is_utf8(path, encoding):
        return TextFile(path, encoding, clean=False)
    for bom, name in _BOMS.items():
        if head.startswith(bom):
            utf8 = name == "utf-8-sig"
            return TextFile(path, name, clean=utf8 and _is_clean(path), note="" if utf8 else f"read as {name}")
    if _is_clean(path):
        return TextFile(path, "utf-8", clean=True)
    if _is_binary(head):
        raise IntakeError(f"{path.name} is not a text file, whatever its name says; export it as CSV, JSON or .xlsx")
    if encoding or _mostly_utf8(head):
        return TextFile(path, "utf-8", clean=False)
    return TextFile(path, guessed := _guessed(head), clean=False, note=f"not UTF-8, read as {guessed}")


def _guessed(head: bytes) -> str:
    best = charset_normalizer.from_bytes(head, cp_exclusion=["utf_8", "utf_7"]).best()
    single = ("cp125", "latin", "iso8859", "mac_", "cp4", "cp8")  # told apart by guesswork only
    if best and not (best.encoding.startswith(single) and _is_western(head)):
        return best.encoding
    if re.search(r"[^\W\d_][\u00b9\u00b3][^\W\d_]", head.decode("cp1252", "replace")):
        return "cp1250"  # what would be ¹ and ³ within words are Polish letters there
    return "cp1252"


def _is_utf8(path: Path, encoding: str) -> bool:
    try:
        return "".encode(encoding) == b"" and codecs.lookup(encoding).name == "utf-8"
    except (LookupError, UnicodeError):
        raise IntakeError(f"the encoding {encoding!r} given for {path.name} is not known") from None


@contextlib.contextmanager
def opened(text: TextFile) -> Iterator[io.TextIOWrapper]:
    """The file for reading; bytes that do not fit its encoding become surrogates, or raise IntakeError."""
    try:
        with text.path.open(encoding=text.encoding, errors="surrogateescape", newline="") as file:
            yield file
    except UnicodeError:
        raise IntakeError(f"{text.path.name} cannot be read as {text.encoding}; save it as UTF-8") from None


def _is_clean(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                if b"\0" in chunk:
                    return False
                if not chunk.isascii() or decoder.getstate()[0]:  # unless it cannot be but well-formed
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _mostly_utf8(head: bytes) -> bool:
    """Whether only a few lines spoil a file that is UTF-8 otherwise: then those lines are at fault, not the guess."""
    lines = [line for line in head.split(b"\n")[:-1] or [head] if not line.isascii()]
    bad = 0
    for line in lines:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            bad += 1
    return not lines or bad < len(lines) / 2


def _is_binary(head: bytes) -> bool:
    """Whether bytes are no text in any encoding; UTF-16, which is full of NUL bytes, is text."""
    controls = len(head) - len(head.translate(None, _CONTROL))
    return head.startswith(_MAGIC) or (controls > len(head) / 100 and head.count(0) < len(head) / 10)


def _is_western(head: bytes) -> bool:
    """Whether the non-ASCII bytes are few and read as letters or signs in Windows-1252."""
    text = head.decode("cp1252", "replace")
    odd = [character for character in text if ord(character) > 127]
    return len(odd) < len(text) / 5 and all(character != "\ufffd" for character in odd)


def header_of(text: TextFile, reading: Reading) -> tuple[str, list[str]]:
    """Delimiter and column names: from the reading where it gives them, else from the file's first line."""
    delimiter, cells = _first_record(text, reading.delimiter if reading.delimiter not in (None, "space") else None)
    if reading.header:
        return delimiter, list(reading.header)
    cells = [cell.strip(BLANK) for cell in cells]
    while len(cells) > 1 and cells[-1] == "":  # a trailing delimiter is no column
        cells.pop()
    if re.match(r"""[\[{]\s*(["\[{]|$)""", cells[0]):  # a column may well be called [id]
        raise IntakeError(f"{text.path.name} holds JSON, where delimited text was expected; name it .json or .jsonl")
    return delimiter, cells


def _first_record(text: TextFile, delimiter: str | None) -> tuple[str, list[str]]:
    with opened(text) as file:
        start = file.read(1 << 20)
    candidates = [delimiter] if delimiter else list(_DELIMITERS)
    parsed = {sign: _first_filled(start, sign) for sign in candidates}
    best = max(candidates, key=lambda sign: len(parsed[sign][0]))
    cells, problem = parsed[best]
    if problem:
        raise IntakeError(f"{text.path.name}: a quote that opens in the first line is never closed")
    return best, cells


def _first_filled(start: str, delimiter: str) -> tuple[list[str], str | None]:
    found = (
        (cells, problem) for _, cells, problem in parsed(io.StringIO(start, newline=""), delimiter) if _filled(cells)
    )
    return next(found, ([""], None))


def _filled(cells: Sequence[str]) -> bool:
    return any(cell.strip(BLANK) for cell in cells)


def begins_blank(text: TextFile) -> bool:
    """Whether a blank line comes before the header."""
    with opened(text) as file:
        return not file.readline().strip(BLANK + ",;|")


def text_rows(text: TextFile, reading: Reading) -> Iterator[Row]:
    """Rows of delimited text with their lines; ragged ones and unclosed quotes carry their problem."""
    with opened(text) as file:
        if reading.delimiter == "space":
            yield from _aligned(file, reading.header)
            return
        delimiter, columns = header_of(text, reading)
        in_header = not reading.header
        for line, cells, problem in parsed(file, delimiter):
            if not _filled(cells):
                continue
            if not in_header:
                yield row_of(line, cells, columns, problem)
            in_header = False


def row_of(line: int, cells: list[str], columns: list[str], problem: str | None = None) -> Row:
    """A row from its cells; with more or fewer than there are columns it carries its problem."""
    if len(cells) == len(columns):
        return Row(line, dict(zip(columns, cells, strict=True)), problem)
    while len(cells) > len(columns) and not cells[-1].strip(BLANK):
        cells = cells[:-1]
    if problem is None and len(cells) != len(columns):
        problem = f"the row has {len(cells)} cell{'s' * (len(cells) != 1)} where the header has {len(columns)}"
    return Row(line, dict(enumerated(cells, columns)), problem)


def enumerated(cells: list[str], columns: list[str]) -> Iterator[tuple[str, str]]:
    """Cells with their column's name, surplus ones with a number."""
    for index, cell in enumerate(cells):
        yield columns[index] if index < len(columns) else f"surplus {index - len(columns) + 1}", cell


def _aligned(lines: Iterator[str], header: tuple[str, ...]) -> Iterator[Row]:
    columns = list(header)
    for number, line in enumerate(lines, start=1):
        cells = line.split()
        if not columns:
            columns = cells
        elif cells:
            yield row_of(number, cells, columns)
