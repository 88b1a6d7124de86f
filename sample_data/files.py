"""Writing tables and JSON documents byte for byte the same on every run, and the texts of their cells."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sample_data.world import Floats, Ints

Row = Sequence[object]


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Row]) -> None:
    """A UTF-8 CSV file with one header line and LF line ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_json(path: Path, name: str, items: list[dict[str, Any]], **more: object) -> None:
    """A JSON document `{name: [...], **more}` with one element a line, so that diffs stay small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    tail = "".join(f",{encode(key)}:{encode(value)}" for key, value in more.items())
    lines = ",\n".join(encode(item) for item in items)
    path.write_bytes(f"{{{encode(name)}:[\n{lines}\n]{tail}}}\n".encode())


def time_texts(seconds: Ints, missing: str = "") -> list[str]:
    """ISO 8601 in UTC; `missing` for -1."""
    texts = np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()
    return [f"{text}Z" if second >= 0 else missing for text, second in zip(texts, seconds.tolist(), strict=True)]


def optional_times(seconds: Ints) -> list[str | None]:
    """ISO 8601 in UTC; None for -1."""
    return [text or None for text in time_texts(seconds)]


def names_at(names: Sequence[str], positions: Ints) -> list[str]:
    """The name at each position; '' for -1."""
    table = [*names, ""]
    return [table[position] for position in positions.tolist()]


def counts(values: Ints) -> list[str]:
    """Whole numbers; '' for -1."""
    return [str(value) if value >= 0 else "" for value in values.tolist()]


def amounts(values: Floats) -> list[str]:
    """Money with two decimals."""
    return [f"{value:.2f}" for value in values.tolist()]
