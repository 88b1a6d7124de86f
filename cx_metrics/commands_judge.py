"""What `cx-metrics judge` and `cx-metrics judges` do: the text judges over any file, and how good they are."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cx_metrics import settings
from cx_metrics.enrich.company_judge import cards, judges_in_use
from cx_metrics.enrich.judging import BATCH, Batch, forget, judged
from cx_metrics.export import to_json, to_table
from cx_metrics.intake.files import PARQUET
from cx_metrics.intake.plan import IntakeError, Plan
from cx_metrics.intake.records import records
from cx_metrics.judges.judge import Judgement, Said
from cx_metrics.judges.mood import label
from cx_metrics.texts import EMPATHY
from cx_metrics.warehouse import Warehouse

_EMPATHY = tuple(f"empathy_{kind}" for kind in EMPATHY)
ADDED = ("language", "sentiment", "sentiment_label", "emotion_cues", *_EMPATHY, "evidence")
_GRADES = ("none", "weak", "strong")


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
    rows = _rows(given.file, given.text)
    text = [row.get(given.text) or "" for row in rows]

    def batches() -> Iterator[Batch]:
        for first in range(0, len(text), BATCH):
            some = text[first : first + BATCH]
            yield [str(first + place) for place in range(len(some))], [Said("", "", said) for said in some]

    found = [row for *_, part in judged(batches(), len(text), judges, _progress) for row in part]
    forget()
    whole = [{**_beside(row), **described(judgement)} for row, judgement in zip(rows, found, strict=True)]
    printed = _written(whole, given.format)
    if given.out:
        given.out.write_text(printed, encoding="utf-8")
        print(f"{len(whole):,} rows written to {given.out}", file=sys.stderr)
    else:
        sys.stdout.write(printed)
    blank = sum(row["sentiment"] == "" for row in whole)
    print(f"{len(whole):,} texts; the mood of {blank:,} cannot be judged (language, or too short)", file=sys.stderr)
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


def _beside(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the file; columns of its own that are called as an added one get another name."""
    return {f"{name}_in_file" if name in ADDED else name: value for name, value in row.items()}


def judges_command(given: argparse.Namespace) -> int:
    """Print one model card per judge."""
    found = cards(Warehouse(settings.warehouse_url()))
    if given.format == "json":
        print(to_json(found))
        return 0
    rows = [{"judge": name, "what": key, "told": _told(value)} for name, card in found.items()
            for key, value in card.items()]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["judge", "what", "told"])
    if given.format == "csv":
        print(frame.to_csv(index=False), end="")
        return 0
    for name, card in found.items():
        print(f"{name}\n" + "\n".join(f"  {key}: {_told(value)}" for key, value in card.items()))
    return 0


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {_told(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_told, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _progress(share: float, text: str) -> None:
    print(f"{share:4.0%}  {text}", file=sys.stderr)


def _rows(path: Path, column: str) -> list[dict[str, Any]]:
    """The file's rows, all columns as texts. Raises IntakeError."""
    if not path.is_file():
        raise IntakeError(f"there is no file {path}")
    if path.suffix.lower() in PARQUET:
        try:
            found = pd.read_parquet(path).astype(object).to_dict("records")
        except (OSError, ValueError) as error:
            raise IntakeError(f"{path.name} is not a readable Parquet file; export it again") from error
        rows = [{str(k): "" if v is None or v != v else str(v) for k, v in row.items()} for row in found]
    else:
        plan = Plan("judge", "messages", path, {"text": column})
        rows = [dict(row.cells) for row in records(plan)[0]]
    present = dict.fromkeys(name for row in rows for name in row)
    if rows and column not in present:
        raise IntakeError(f"{path.name} has no column {column!r}; it has: {', '.join(present)}")
    return rows


def _written(rows: list[dict[str, Any]], form: str) -> str:
    """The rows as text. A file's own texts are given back as they are, also where a spreadsheet would take them for a
    formula: they are compared with labels by programs."""
    names = list(dict.fromkeys([*(name for row in rows for name in row), *ADDED]))
    if form == "json":
        return to_json(rows) + "\n"
    if form == "table":
        return to_table(pd.DataFrame(rows, columns=names)) + "\n"
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
