"""What `cx-metrics judge` and `cx-metrics judges` do: the text judges over any file, and how good they are."""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cx_metrics import settings
from cx_metrics.enrich.company_judge import cards, held_out_again, judges_in_use
from cx_metrics.enrich.judging import BATCH, Batch, forget, judged
from cx_metrics.export import to_json, to_table
from cx_metrics.intake.files import BY_PYTHON, PARQUET
from cx_metrics.intake.plan import IntakeError, Plan
from cx_metrics.intake.records import records
from cx_metrics.intake.text import examine, header_of
from cx_metrics.judges.judge import Judgement, Said
from cx_metrics.judges.mood import label
from cx_metrics.texts import EMPATHY
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import told

_EMPATHY = tuple(f"empathy_{kind}" for kind in EMPATHY)
ADDED = ("language", "sentiment", "sentiment_label", "emotion_cues", *_EMPATHY, "evidence")
_KEPT = "judged-file"  # not where a stopped import has its own
_GRADES = ("none", "weak", "strong")
_SURROGATE = re.compile("[\ud800-\udfff]")


def judge_options(parser: argparse.ArgumentParser) -> None:
    """The arguments of `judge`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, TSV, Excel, JSON lines, JSON or Parquet")
    parser.add_argument("--text", required=True, metavar="COLUMN", help="the column that holds the texts")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there instead of printing")
    parser.add_argument("--format", choices=("csv", "json", "table"), default="csv", help="how to print (csv)")


def judge_command(given: argparse.Namespace) -> int:
    """Print the file's rows with what the judges say of each text. Every row is judged as if a customer and as if an
    agent had written it, as the file does not say."""
    judges = judges_in_use(Warehouse(settings.warehouse_url()))
    names, rows = _rows(given.file, given.text)
    text = [row.get(given.text, "") for row in rows]

    def batches() -> Iterator[Batch]:
        for first in range(0, len(text), BATCH):
            some = text[first : first + BATCH]
            yield [str(first + place) for place in range(len(some))], [Said("", "", said) for said in some]

    found = [row for *_, part in judged(batches(), len(text), judges, _progress, _KEPT) for row in part]
    forget(_KEPT)
    own = _renamed(names)
    whole = [{**{own[name]: cell for name, cell in row.items()}, **described(judgement)}
             for row, judgement in zip(rows, found, strict=True)]  # fmt: skip
    printed = _written([*own.values(), *ADDED], whole, given.format)
    if given.out:
        given.out.write_text(printed, encoding="utf-8")
        print(f"{_count(len(whole), 'row')} written to {given.out}", file=sys.stderr)
    else:
        sys.stdout.write(printed)
    blank = sum(row["sentiment"] == "" for row in whole)
    said = f"{_count(len(whole), 'text')}; the mood of {blank:,} cannot be judged (language, or too short)"
    print(said, file=sys.stderr)
    return 0


def described(found: Judgement) -> dict[str, Any]:
    """A judgement as the columns of ADDED; "" where it cannot be told."""
    cues, empathy = found.cues or {}, found.empathy or {}
    words = {**cues, **{kind: words for kind, (_, words) in empathy.items() if words}}
    mood = found.sentiment
    return {
        "language": found.language or "", "sentiment": "" if mood is None else round(mood, 3),
        "sentiment_label": "" if mood is None else label(mood), "emotion_cues": "; ".join(cues),
        **{f"empathy_{kind}": _GRADES[empathy[kind][0]] if empathy else "" for kind in EMPATHY},
        "evidence": json.dumps(words, ensure_ascii=False) if words else "",
    }  # fmt: skip


def _renamed(names: Sequence[str]) -> dict[str, str]:
    """The file's columns -> what they are called beside the added ones: one that is called alike gets another name."""
    found = {}
    for name in names:
        found[name] = name
        while found[name] in ADDED or (found[name] != name and found[name] in names):
            found[name] += "_in_file"
    return found


def judges_options(parser: argparse.ArgumentParser) -> None:
    """The arguments of `judges`."""
    anew = "train the company's judge of mood anew on the comments there are, and print its held-out figures too"
    parser.add_argument("--anew", action="store_true", help=anew)


def judges_command(given: argparse.Namespace) -> int:
    """Print one model card per judge."""
    warehouse = Warehouse(settings.warehouse_url())
    found = cards(warehouse)
    if given.anew:
        found["mood"]["held_out_anew"] = held_out_again(warehouse) or "too few scored comments for a judge of their own"
    if given.format == "json":
        print(to_json(found))
        return 0
    rows = [{"judge": name, "what": key, "told": told(value)} for name, card in found.items()
            for key, value in card.items()]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["judge", "what", "told"])
    if given.format == "csv":
        print(frame.to_csv(index=False), end="")
        return 0
    for name, card in found.items():
        print(f"{name}\n" + "\n".join(f"  {key}: {told(value)}" for key, value in card.items()))
    return 0


def _count(n: int, what: str) -> str:
    return f"{n:,} {what if n == 1 else what + 's'}"


def _progress(share: float, text: str) -> None:
    print(f"{share:4.0%}  {text}", file=sys.stderr)


def _rows(path: Path, column: str) -> tuple[list[str], list[dict[str, str]]]:
    """The file's columns, and its rows with all cells as texts. Raises IntakeError."""
    if not path.is_file():
        raise IntakeError(f"there is no file {path}")
    plan = Plan("judge", "messages", path, {})
    if path.suffix.lower() in PARQUET:
        names, rows = _parquet(path)
    else:
        read = list(records(plan)[0])
        rows = [{name: _cell(cell) for name, cell in row.cells.items()} for row in read]
        if odd := sum(row.problem is not None for row in read):
            print(f"{_count(odd, 'row')} cannot be read well; what could be read is judged", file=sys.stderr)
        delimited = path.suffix.lower() not in (*BY_PYTHON, *PARQUET)
        names = header_of(examine(path), plan.reading)[1] if delimited else []
    present = list(dict.fromkeys([*names, *(name for row in rows for name in row)]))
    if present and column not in present:
        raise IntakeError(f"{path.name} has no column {column!r}; it has: {', '.join(present)}")
    if names.count(column) > 1:
        raise IntakeError(f"{path.name} has the column {column!r} more than once; rename all but one of them")
    return present, rows


def _parquet(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise IntakeError(f"{path.name} is not a readable Parquet file; export it again") from error
    frame.columns = frame.columns.map(str)
    cells = frame.astype(object).mask(frame.isna(), "")
    return list(frame.columns), [{str(k): _cell(str(v)) for k, v in row.items()} for row in cells.to_dict("records")]


def _cell(text: str | None) -> str:
    """A cell as text that can be written: halves of signs, which JSON may hold, become the sign for what is unknown."""
    return _SURROGATE.sub("\ufffd", text or "")


def _written(names: list[str], rows: list[dict[str, Any]], form: str) -> str:
    """The rows as text. A file's own texts are given back as they are, also where a spreadsheet would take them for a
    formula: they are compared with labels by programs."""
    if form == "json":
        return to_json(rows) + "\n"
    if form == "table":
        return to_table(pd.DataFrame(rows, columns=names)) + "\n"
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
