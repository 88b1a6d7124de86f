"""`cx-metrics judge` runs the judges over any file; `cx-metrics judges` says how good they are."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cx_metrics.cli import main
from cx_metrics.commands_judge import ADDED
from cx_metrics.judges.judge import Recipe, Said, judge, judges_of
from cx_metrics.settings import data_folder

GOOD, BAD, SORRY = (
    "Thank you so much!",
    "This is terrible, I am furious.",
    "I am so sorry, I can see how frustrating that is.",
)
TEXTS = [GOOD, BAD, "", "O sofá chegou quebrado ontem.", SORRY]
ROWS = [{"id": str(n), "note": text, "language": "xx", "sentiment": f"own {n}"} for n, text in enumerate(TEXTS)]
Output = tuple[list[dict[str, str]], str]
Run = Callable[..., Output]


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A data folder without any data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_DATA_FOLDER", str(tmp_path_factory.mktemp("data")))
        for name in ("CX_WAREHOUSE_URL", "CX_LEDGER_URL"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `judge` and returns its rows and what it said beside them."""

    def judged(path: Path, *more: str) -> Output:
        assert main(["judge", str(path), "--text", "note", *more]) == 0
        printed = capsys.readouterr()
        return list(csv.DictReader(io.StringIO(printed.out, newline=""))), printed.err

    return judged


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command that fails, and returns its one sentence."""

    def sentence(*words: str | Path) -> str:
        assert main([str(word) for word in words]) == 2
        said = capsys.readouterr().err
        assert said.startswith("cx-metrics: ") and said.count("\n") == 1
        return said.removeprefix("cx-metrics: ").strip()

    return sentence


def write_delimited(path: Path) -> None:
    pd.DataFrame(ROWS).to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")


def write_lines(path: Path) -> None:
    path.write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")


WRITERS: dict[str, Callable[[Path], None]] = {
    "csv": write_delimited, "tsv": write_delimited, "jsonl": write_lines,
    "json": lambda path: path.write_text(json.dumps(ROWS), encoding="utf-8") and None,
    "xlsx": lambda path: pd.DataFrame(ROWS).to_excel(path, index=False),
    "parquet": lambda path: pd.DataFrame(ROWS).to_parquet(path),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_file(tmp_path: Path, run: Run, kind: str) -> None:
    path = tmp_path / f"labels.{kind}"
    WRITERS[kind](path)
    rows, said = run(path)
    own = ["id", "note", "language_in_file", "sentiment_in_file"]
    assert [list(row) for row in rows] == [[*own, *ADDED]] * 5, "columns of its own that are called alike stay"
    kept = {"language": "language_in_file", "sentiment": "sentiment_in_file"}
    assert [{name: row[kept.get(name, name)] for name in ROWS[0]} for row in rows] == ROWS
    assert [row["language"] for row in rows] == ["en", "en", "", "pt", "en"]
    moods = [found.sentiment for found in judge([Said("", "", text) for text in TEXTS], judges_of(Recipe()))]
    assert [row["sentiment"] for row in rows] == ["" if mood is None else str(round(mood, 3)) for mood in moods]
    assert [row["sentiment_label"] for row in rows[:3]] == ["positive", "negative", ""]
    assert rows[0]["emotion_cues"] == "gratitude" and json.loads(rows[0]["evidence"])["gratitude"] == [GOOD[:-1]]
    assert [row["empathy_emotional"] for row in rows] == ["none", "none", "", "none", "strong"]
    assert "100%  texts judged: 5 of 5 (" in said
    assert said.endswith("5 texts; the mood of 2 cannot be judged (language, or too short)\n")


def test_written_to_a_file_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "labels.csv", tmp_path / "out.json"
    write_delimited(path)
    theirs = data_folder() / "judged" / "batch.json"
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_text("[]")
    given = ["judge", str(path), "--text", "note", "--format", "json"]
    assert main(given) == 0
    printed = capsys.readouterr().out
    assert [row["sentiment_label"] for row in json.loads(printed)][:2] == ["positive", "negative"]
    assert main([*given, "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert out.read_text(encoding="utf-8") == printed and said.out == "" and f"5 rows written to {out}" in said.err
    assert theirs.exists(), "what a stopped import has judged stays"
    assert not list((data_folder() / "judged-file").iterdir())
    assert main(["judge", str(path), "--text", "note", "--format", "table"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == [
        "id",
        "note",
        "language_in_file",
        "sentiment_in_file",
        *ADDED,
    ]


class TestOddFiles:
    def test_a_column_that_is_called_like_the_renamed_one(self, tmp_path: Path, run: Run) -> None:
        path = tmp_path / "a.csv"
        path.write_text("evidence,evidence_in_file,note\na,b,Thank you\n")
        (row,) = run(path)[0]
        assert (row["evidence_in_file_in_file"], row["evidence_in_file"]) == ("a", "b") and "Thank" in row["evidence"]

    def test_no_rows(self, tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "a.csv"
        path.write_text("id,note\n")
        assert main(["judge", str(path), "--text", "note"]) == 0
        printed = capsys.readouterr()
        assert printed.out == f"id,note,{','.join(ADDED)}\n" and printed.err.startswith("0 texts;")

    def test_rows_that_cannot_be_read_well(self, tmp_path: Path, run: Run) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b'id,note\n1,Thank\x00 you\n2\n3,"open\n')
        rows, said = run(path)
        assert [row["id"] for row in rows] == ["1", "2", "3"] and rows[0]["emotion_cues"] == "gratitude"
        assert said.startswith("2 rows cannot be read well")

    def test_halves_of_signs(self, tmp_path: Path, run: Run) -> None:
        path = tmp_path / "a.jsonl"
        path.write_text('{"note": "Thank you so much \\ud83d", "other": "\\ud83d"}\n{"other": 3}\n')
        rows, _ = run(path)
        assert [(row["note"], row["other"]) for row in rows] == [("Thank you so much \ufffd", "\ufffd"), ("", "3")]
        assert rows[0]["sentiment_label"] == "positive"

    def test_cells_of_parquet_that_are_no_texts(self, tmp_path: Path, run: Run) -> None:
        path = tmp_path / "a.parquet"
        frame = pd.DataFrame({"note": pd.array([GOOD, None], "string"), "list": [[1, 2], None], "n": pd.array([1, None], "Int64"),
                              "at": pd.to_datetime(["2024-01-01", None])})  # fmt: skip
        frame.to_parquet(path)
        rows, _ = run(path)
        assert [row["note"] for row in rows] == [GOOD, ""] and rows[0]["n"] == "1" and "2024-01-01" in rows[0]["at"]
        assert (rows[1]["list"], rows[1]["n"], rows[1]["at"]) == ("", "", "")

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("none.csv", None, "there is no file"),
            ("a.csv", "", "a.csv is empty; export it again"),
            ("a.csv", "id,text\n1,x\n", "a.csv has no column 'note'; it has: id, text"),
            ("a.csv", "id,text\n", "a.csv has no column 'note'; it has: id, text"),
            ("a.jsonl", '{"id": 1}\n', "a.jsonl has no column 'note'; it has: id"),
            ("a.csv", "note,note\nx,y\n", "a.csv has the column 'note' more than once; rename all but one of them"),
            ("a.parquet", "x", "a.parquet is not a readable Parquet file; export it again"),
            ("a.xlsx", "x", "a.xlsx is not a readable Excel workbook"),
        ],
    )  # fmt: skip
    def test_one_sentence(
        self, tmp_path: Path, refused: Callable[..., str], name: str, content: str | None, sentence: str
    ) -> None:
        if content is not None:
            (tmp_path / name).write_text(content)
        assert refused("judge", tmp_path / name, "--text", "note").startswith(sentence)

    def test_a_folder_that_is_not_there(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write_delimited(tmp_path / "a.csv")
        assert main(["judge", str(tmp_path / "a.csv"), "--text", "note", "--out", str(tmp_path / "no" / "x.csv")]) == 2
        assert "No such file" in capsys.readouterr().err


def test_the_text_column_must_be_named(refused: Callable[..., str]) -> None:
    assert "the following arguments are required: --text" in refused("judge", "a.csv")


def test_a_companys_own_phrases_that_cannot_be_read(
    tmp_path: Path, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    (tmp_path / "cues.toml").write_text("[en")
    write_delimited(tmp_path / "a.csv")
    for words in (("judge", tmp_path / "a.csv", "--text", "note"), ("judges",)):
        assert refused(*words).startswith("cues.toml can't be read as a list of phrases")


def test_the_figures_of_the_companys_judge_are_computed_anew(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["judges", "--anew", "--format", "json"]) == 0
    card = json.loads(capsys.readouterr().out)["mood"]
    assert card["held_out_anew"] == (card["held_out"] or "too few scored comments for a judge of their own")


def test_the_judges_in_three_formats(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["judges", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"mood", "language", "cues", "empathy"} <= found.keys() and found["mood"]["judge"] == "lexicon for English"
    assert all(card for card in found.values())
    assert main(["judges", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {(row["judge"], row["what"]) for row in rows} == {
        (name, key) for name, card in found.items() for key in card
    }
    assert main(["judges"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == list(found)
    assert "  judge: lexicon for English" in lines


def test_help(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for command, words in (
        ("judge", ("--text COLUMN", "--out FILE", "{csv,json,table}", "Parquet")),
        ("judges", ("{table,csv,json}",)),
    ):
        with pytest.raises(SystemExit) as end:
            main([command, "--help"])
        printed = capsys.readouterr().out
        assert end.value.code == 0 and all(word in printed for word in words)
        assert max(map(len, printed.splitlines())) <= 80
