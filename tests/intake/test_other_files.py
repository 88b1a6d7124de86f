"""JSON, Excel and Parquet: what they hold, and what is said when they hold something else."""

import datetime
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from cx_metrics.intake.plan import Column, IntakeError, Plan, Reading
from tests.intake.reading import Outcome, outcome

COLUMNS = {"message_id": "id", "interaction_id": "of", "author": "by", "text": "text", "sent_at": "at"}
NESTED: dict[str, Column] = {
    "message_id": ("id", "m.position"), "interaction_id": "id", "author": "m.by", "text": "m.text",
}  # fmt: skip
NO_TIME = "cannot be read as a time; write 2024-05-31 or name its format under `times`"


def record(key: Any, **other: Any) -> dict[str, Any]:
    return {"id": key, "of": 7, "by": "agent", "text": "x", "at": "2024-01-05", **other}


def read(path: Path, columns: Mapping[str, Column] = COLUMNS, explode: str | None = None) -> Outcome:
    return outcome(Plan("test", "messages", path, columns, reading=Reading(explode=explode)))


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(*records: Any) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records)


def ids(found: Outcome) -> list[str]:
    return [row["message_id"] for row in found.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "content",
    [lines(record(1), record(2)), "\n" + lines(record(1)) + "\n" + lines(record(2)),
     json.dumps([record(1), record(2)]), json.dumps([record(1), record(2)], indent=2)],
)  # fmt: skip
def test_json_lines_and_arrays(tmp_path: Path, content: str, encoding: str) -> None:
    assert ids(read(written(tmp_path / "a.json", content.encode(encoding)))) == ["1", "2"]


def test_json_values_become_texts(tmp_path: Path) -> None:
    found = read(
        written(
            tmp_path / "a.jsonl", lines(record(1.0, text=True), record(10**25, at=1704448800), record("é", text=[1]))
        )
    )
    assert [(row["message_id"], row["text"]) for row in found.rows] == [("1", "true"), (str(10**25), "x"), ("é", "[1]")]
    assert found.rows[1]["sent_at"] == datetime.datetime(2024, 1, 5, 10)


def test_json_not_a_number_is_a_missing_value(tmp_path: Path) -> None:
    found = read(written(tmp_path / "a.jsonl", '{"id": NaN, "of": 7, "by": "agent"}\n'))
    assert found.aside == [(1, "message_id is missing")]


def test_a_missing_field_is_a_missing_value(tmp_path: Path) -> None:
    found = read(written(tmp_path / "a.jsonl", '{"id": 1, "of": 7, "by": "agent"}\n{"of": 7, "by": "agent"}\n'))
    assert (ids(found), found.aside) == (["1"], [(2, "message_id is missing")])


def test_records_that_are_no_records_cost_their_line(tmp_path: Path) -> None:
    content = lines(record(1)) + '5\n"x"\nnull\n[1]\n{"id": oops}\n' + lines(record(2)) + lines(record(3))[:-9]
    found = read(written(tmp_path / "a.jsonl", content))
    assert (found.read, ids(found)) == (8, ["1", "2"])
    assert found.aside == [(line, "the record is no JSON object") for line in (2, 3, 4, 5, 6, 8)]


def test_json_texts_that_no_database_takes(tmp_path: Path) -> None:
    content = '{"id": 1, "text": "\\ud83d"}\n{"id": 2, "text": "\\u0000"}\n'
    assert read(written(tmp_path / "a.jsonl", content)).aside == [
        (1, "the row contains bytes that are not UTF-8; save the file as UTF-8"),
        (2, "the row contains a NUL byte; remove it"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "a.json is empty; export it again"),
        ("id,of\n1,2\n", "a.json is not JSON: it begins with 'id,of\\n1,2\\n'"),
        ("12\n13\n", "a.json is not JSON: it begins with '12\\n13\\n'"),
        (json.dumps([record(1)])[:-3], "a.json is not complete JSON, export it again: Unterminated string"),
        ("[" * 100_000, "a.json is not complete JSON, export it again: maximum recursion depth exceeded"),
        (os.urandom(3000), "a.json is not a text file, whatever its name says; export it as CSV, JSON or .xlsx"),
    ],
)
def test_no_json(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    with pytest.raises(IntakeError) as error:
        read(written(tmp_path / "a.json", content))
    assert str(error.value).startswith(sentence)


def test_nested_lists_give_a_row_per_element(tmp_path: Path) -> None:
    said = [{"by": "agent", "text": "a"}, {"by": "bot", "text": "b"}]
    content = lines({"id": 1, "m": said}, {"id": 2, "m": []}, {"id": 3}, {"id": 4, "m": "x"}, {"id": 5, "m": [1]})
    found = read(written(tmp_path / "a.jsonl", content), NESTED, "m")
    assert [(row["message_id"], row["text"]) for row in found.rows] == [("1-1", "a"), ("1-2", "b")]
    assert found.aside == [(4, "m holds no JSON list"), (5, "author is missing")]


def test_nested_lists_in_csv_and_parquet(tmp_path: Path) -> None:
    said = [{"by": "agent", "text": "a"}, {"by": "bot", "text": "b"}]
    table = pd.DataFrame({"id": [1, 2], "m": [said, []]})
    table.to_parquet(tmp_path / "a.parquet")
    table.assign(m=[json.dumps(said), ""]).to_csv(tmp_path / "a.csv", index=False)
    for name in ("a.parquet", "a.csv"):
        assert ids(read(tmp_path / name, NESTED, "m")) == ["1-1", "1-2"]


def test_nothing_to_explode(tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as error:
        read(written(tmp_path / "a.jsonl", lines(record(1))), NESTED, "m")
    assert str(error.value) == "a.jsonl has no list 'm' to explode; it has: id, of, by, text, at"


def test_parquet(tmp_path: Path) -> None:
    table = pd.DataFrame([record(1.0), record(2.0, at=None), record(float("nan")), record(4.0)])
    table["at"] = pd.to_datetime(table["at"]).dt.tz_localize("Europe/Berlin")
    table["text"] = ["a", None, "b", "a\0b"]
    table.to_parquet(tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet")
    assert found.rows[0]["sent_at"] == datetime.datetime(2024, 1, 4, 23)
    assert (ids(found), found.rows[1].get("text")) == (["1", "2"], None)
    assert found.aside == [(3, "message_id is missing"), (4, "the row contains a NUL byte; remove it")]


def test_parquet_rows_are_set_aside_with_their_number(tmp_path: Path) -> None:
    pd.DataFrame([record(1), record(2, at="5.1.2024")]).to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").aside == [(2, f"sent_at '5.1.2024' {NO_TIME}")]


@pytest.mark.parametrize("content", [b"", b"id,of\n1,2\n", os.urandom(500), b"PAR1" + os.urandom(500) + b"PAR1"])
def test_no_parquet(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(IntakeError) as error:
        read(written(tmp_path / "a.parquet", content))
    assert str(error.value) == "a.parquet is not a readable Parquet file; export it again"


def test_parquet_with_spoilt_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame([record(n, text="some text " * 20) for n in range(50)]).to_parquet(path)
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 3] = b"\xff" * (len(content) // 3 - 4)
    path.write_bytes(bytes(content))
    with pytest.raises(IntakeError) as error:
        read(path)
    assert str(error.value) == "a.parquet is not a readable Parquet file; export it again"


def workbook(path: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_excel(tmp_path: Path) -> None:
    day = datetime.datetime(2024, 1, 5, 10)
    path = workbook(
        tmp_path / "a.xlsx", [], list(COLUMNS.values()), [1, 7.0, "agent", "x", day], [" ", None],
        [2, 7, "agent", None, day.date()], [3, 7, "agent", "x", None, "more"], [4, 7, "agent", "#N/A", "#REF!"],
    )  # fmt: skip
    found = read(path)
    assert [(row["interaction_id"], row["sent_at"]) for row in found.rows] == [
        ("7", day),
        ("7", datetime.datetime(2024, 1, 5)),
    ]
    assert found.aside == [(6, "the row has 6 cells where the header has 5"), (7, f"sent_at '#REF!' {NO_TIME}")]


def test_no_excel(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "zip.xlsx", "w") as other:
        other.writestr("a.txt", "no workbook")
    written(tmp_path / "text.xlsx", "id,of\n1,2\n")
    workbook(tmp_path / "empty.xlsx")
    workbook(tmp_path / "short.xlsx", ["id", "of"])
    workbook(tmp_path / "twice.xlsx", [*COLUMNS.values(), "id"])
    sentences = {
        "zip.xlsx": "zip.xlsx is not a readable Excel workbook: ",
        "text.xlsx": "text.xlsx is not a readable Excel workbook: ",
        "empty.xlsx": "empty.xlsx is empty; export it again",
        "short.xlsx": "short.xlsx has no column 'by', which messages.author is taken from; it has: id, of",
        "twice.xlsx": "twice.xlsx has the column 'id' more than once; rename all but one of them",
    }
    for name, sentence in sentences.items():
        with pytest.raises(IntakeError) as error:
            read(tmp_path / name)
        assert str(error.value).startswith(sentence)
