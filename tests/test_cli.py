"""The command line: every command in every format, exit codes, and one sentence where something is wrong."""

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cx_metrics.cli import main
from cx_metrics.intake.formats import SOURCES
from cx_metrics.journey import LOWEST
from cx_metrics.metrics.catalog import METRICS
from cx_metrics.scope import DIMENSIONS

CUSTOMERS = "customer_id,name,email,segment\nann,Ann,ann@example.org,premium\nbob,=1+1,bob@example.org,\n"
CONTACTS = "interaction_id,customer_id,occurred_at,channel,outcome,wait_seconds\n" + "".join(
    f"{n},{'ann' if n % 2 else 'bob'},2024-0{n // 10 + 1}-{n % 10 + 1:02}T10:30,{'phone' if n < 24 else 'chat'},resolved,{n}\n"
    for n in range(27)
)
BAD = "28,ann,2024-13-01,phone,resolved,1\n29,ann,2024-01-01,phone,resolved,-1\n"


class Shell:
    """Runs commands on a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str) -> int:
        return main([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A data folder with two files imported, two of whose rows were set aside."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "files").mkdir()
    (folder / "files" / "customers.csv").write_text(CUSTOMERS)
    (folder / "files" / "interactions.csv").write_text(CONTACTS + BAD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_DATA_FOLDER", str(folder / "data"))
        for name in ("CX_WAREHOUSE_URL", "CX_LEDGER_URL"):
            patch.delenv(name, raising=False)
        shell = Shell(folder)
        assert shell.run("import", "auto", str(folder / "files")) == 0
        yield shell


@pytest.fixture
def output(shell: Shell, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command that succeeds and returns what it printed to standard output."""

    def run(*arguments: str) -> str:
        capsys.readouterr()
        assert shell.run(*arguments) == 0
        return str(capsys.readouterr().out)

    return run


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_show_as_json_has_the_promised_shape(output: Any) -> None:
    document = json.loads(
        output("show", "contacts", "--by", "channel", "--from", "2024-01-01", "--to", "2024-03-31", "--format", "json")
    )
    scope = {"from": "2024-01-01", "to": "2024-03-31", "compare": "previous", "where": {}}
    rows = document.pop("rows")
    assert document == {"metric": "contacts", "unit": "count", "scope": scope}
    hidden = {"n": None, "value": None, "low": None, "high": None, "suppressed": True}
    assert rows == [{"channel": "chat", **hidden}, {"channel": "phone", **hidden}]  # one alone could be worked out


def test_show_by_period_and_filter(output: Any) -> None:
    document = json.loads(
        output("show", "contacts", "--every", "month", "--where", "outcome=resolved", "--format", "json")
    )
    assert [(row["period"], row["n"], row["value"]) for row in document["rows"]] == [
        ("2024-01-01", 10, 10), ("2024-02-01", 10, 10), ("2024-03-01", 7, 7),
    ]  # fmt: skip
    assert document["scope"] == {
        "from": "2024-01-01",
        "to": "2024-03-07",
        "compare": "previous",
        "where": {"outcome": ["resolved"]},
    }
    assert [set(row) for row in document["rows"]] == [{"period", "n", "value", "low", "high"}] * 3


def test_show_as_csv_and_table(output: Any) -> None:
    (row,) = table(output("show", "wait_median", "--format", "csv"))
    assert (float(row["n"]), float(row["value"])) == (27, 13)
    text = output("show", "wait_median").splitlines()
    assert text[0] == "Median wait (seconds, median), 1 Jan 2024 to 7 Mar 2024"
    assert text[1].split() == ["n", "value", "low", "high", "suppressed"]


def test_show_says_what_data_it_would_need(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run("show", "nps") == 0
    assert capsys.readouterr().err == (
        "cx-metrics: no data for this; nps needs answers to a 0-10 recommendation question: survey_answers with instrument nps\n"
    )


def test_show_with_limits_that_were_moved(output: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand, and in the company's journey; what is given by hand holds."""

    def shown(*given: str) -> tuple[float, dict[str, float]]:
        found = json.loads(output("show", "long_wait_rate", *given, "--format", "json"))
        return found["rows"][0]["value"], found["scope"].get("limits", {})

    assert shown() == (0, {})
    waits = ("--limit", "wait_seconds=25", "--limit", "wait_seconds=10", "--limit", "transfers=2")
    assert shown(*waits) == (pytest.approx(100 * 16 / 27), {"wait_seconds": 10, "transfers": 2})
    (tmp_path / "journey.toml").write_text("[limits]\nwait_seconds = 20\n")
    monkeypatch.setenv("CX_JOURNEY_FILE", str(tmp_path / "journey.toml"))
    assert shown() == (pytest.approx(100 * 6 / 27), {"wait_seconds": 20})
    assert shown("--limit", "wait_seconds=25") == (pytest.approx(100 * 1 / 27), {"wait_seconds": 25})
    assert shown("--limit", "wait_seconds=120") == (0, {})


def test_friction_by_stage_and_channel(output: Any) -> None:
    """Nobody told the stages; contacts of the last week, all of those by chat among them, are left out."""
    found = json.loads(output("show", "friction_rate", "--by", "stage", "--by", "channel", "--format", "json"))
    assert [(row["stage"], row["channel"], row["n"]) for row in found["rows"]] == [(None, "phone", 20)]


def test_a_journey_that_cannot_be_used(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "journey.toml").write_text("episode_hour = 5")
    monkeypatch.setenv("CX_JOURNEY_FILE", str(tmp_path / "journey.toml"))
    for arguments in (("show", "csat"), ("import", "csv", str(shell.folder / "files"))):
        assert shell.run(*arguments) == 2
        assert capsys.readouterr().err == (
            "cx-metrics: journey.toml: there is no 'episode_hour'; there are: stages, channels, episode_hours, limits, definitions, written\n"
        )


def test_metrics(output: Any) -> None:
    assert [line.split()[0] for line in output("metrics").splitlines()] == list(METRICS)
    assert [row["name"] for row in table(output("metrics", "--format", "csv"))] == list(METRICS)
    found = json.loads(output("metrics", "--format", "json"))
    assert [metric["name"] for metric in found] == list(METRICS)
    assert all(metric["definition"] and metric["formula"] and metric["source"] for metric in found)


def test_sources(output: Any) -> None:
    for form, read in (("csv", table), ("json", json.loads)):
        assert [source["name"] for source in read(output("sources", "--format", form))] == list(SOURCES)
    assert all(name in output("sources") for name in SOURCES)


def test_loads(output: Any) -> None:
    for form, read in (("csv", table), ("json", json.loads)):
        rows = read(output("loads", "--format", form))
        assert [row["file"] for row in rows] == ["customers.csv", "interactions.csv"]
        assert [[int(row[name]) for name in ("rows_read", "loaded", "quarantined", "duplicates", "skipped")] for row in rows] == [
            [2, 2, 0, 0, 0], [29, 27, 2, 0, 0],
        ]  # fmt: skip
    assert "interactions.csv" in output("loads")


def test_quarantine(output: Any) -> None:
    rows = json.loads(output("quarantine", "--format", "json"))
    assert [(row["line"], row["reason"]) for row in rows] == [
        (29, "occurred_at '2024-13-01' cannot be read as a time; write 2024-05-31 or name its format under `times`"),
        (30, "wait_seconds '-1' is below 0"),
    ]
    assert json.loads(rows[1]["raw"])["wait_seconds"] == "-1"
    assert "raw" not in output("quarantine").splitlines()[0]
    assert [row["line"] for row in table(output("quarantine", "--format", "csv"))] == ["29", "30"]


def test_customer(output: Any) -> None:
    for key in ("ann", "ANN@example.org"):
        document = json.loads(output("customer", key, "--format", "json"))
        assert document["customer"]["details"] == {"name": "Ann", "email": "ann@example.org", "segment": "premium"}
        assert len(document["timeline"]) == 13
        assert document["timeline"][0]["at"] == "2024-01-02T10:30:00"
    assert output("customer", "ann").startswith("ann  name: Ann  email: ann@example.org  segment: premium\n")
    assert len(table(output("customer", "bob", "--format", "csv"))) == 14


def test_texts_that_look_like_formulas_are_harmless_in_csv(output: Any, shell: Shell) -> None:
    path = shell.folder / "interactions-formula.csv"
    path.write_text("interaction_id,occurred_at\n=1+1,x\n")
    output("import", "csv", str(path))
    rows = table(output("quarantine", "--format", "csv"))
    assert [row["raw"][:1] for row in rows] == ["{"] * 3  # a JSON text is no formula
    assert all(not row[name].startswith("=") for row in rows for name in row)


def test_import_reports(shell: Shell, output: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = shell.folder / "orders.csv"
    path.write_text("order_id,ordered_at,amount\n1,2024-01-01,5\n1,2024-01-01,5\n2,x,5\n")
    reason = "ordered_at 'x' cannot be read as a time; write 2024-05-31 or name its format under `times`"
    would = "orders.csv -> orders: 3 rows read = 1 would load + 1 quarantined + 1 duplicates + 0 skipped"
    assert output("import", "csv", str(path), "--check").splitlines() == [would, f"    line 4: {reason}"]
    assert output("import", "csv", str(path)).splitlines()[0] == would.replace("would load", "loaded")
    again = json.loads(output("import", "auto", str(path), "--format", "json"))
    assert [(row["file"], row["read"], row["already"]) for row in again] == [("orders.csv", 0, 4)]
    assert output("import", "csv", str(path)) == "orders.csv -> orders: already loaded (load 4), nothing to do\n"
    path.write_text("order_id,ordered_at,amount\n1,2024-01-01,7\n")
    assert output("import", "csv", str(path)) == (
        "orders.csv -> orders: 1 rows read = 1 loaded (1 of them changed known rows) + 0 quarantined + 0 duplicates + 0 skipped\n"
    )


def test_progress_goes_to_standard_error(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    path = shell.folder / "events.csv"
    path.write_text("event_id,occurred_at,title\n1,2024-01-01,Release\n")
    assert shell.run("import", "csv", str(path), "--format", "csv") == 0
    printed = capsys.readouterr()
    assert [row["loaded"] for row in table(printed.out)] == ["1"]
    assert printed.err.splitlines()[-1] == "100%  done"


def test_strict(shell: Shell) -> None:
    good, bad = shell.folder / "orders-good.csv", shell.folder / "orders-bad.csv"
    good.write_text("order_id,ordered_at\n8,2024-01-01\n")
    bad.write_text("order_id,ordered_at\n9,x\n")
    assert shell.run("import", "csv", str(good), "--strict") == 0
    assert shell.run("import", "csv", str(bad), "--check", "--strict") == 1
    assert shell.run("import", "csv", str(bad), "--check") == 0
    assert shell.run("import", "csv", str(bad), "--strict") == 1


def test_paths_may_stand_behind_options(shell: Shell, output: Any) -> None:
    path = shell.folder / "orders-behind.csv"
    path.write_text("order_id,ordered_at\n10,2024-01-01\n")
    assert "1 would load" in output("import", "csv", "--check", "--strict", str(path))


def test_the_sample_does_not_replace_own_data(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run("sample") == 2
    assert capsys.readouterr().err == (
        "cx-metrics: the warehouse holds your own data; point CX_WAREHOUSE_URL elsewhere to look at the sample company\n"
    )


def files(folder: Path) -> dict[str, Path]:
    """Files that cannot be used, by what is wrong with them."""
    made = {
        "empty": ("orders-empty.csv", b""),
        "junk": ("orders-junk.csv", os.urandom(4000)),
        "named_wrongly": ("orders-book.csv", b"PK\x03\x04\xff\xfe"),
        "no_workbook": ("orders.xlsx", b"order_id,ordered_at\n"),
        "no_parquet": ("orders.parquet", b"order_id,ordered_at\n"),
        "no_json": ("tickets.json", b"order_id,ordered_at\n"),
        "cut_off": ("page.json", b'{"results": [{"id": 1}'),
        "json_in_csv": ("orders-json.csv", b'{"order_id": 1}\n'),
        "column_missing": ("orders-short.csv", b"order_id,amount\n1,2\n"),
        "unknown": ("unknown.csv", b"a,b\n1,2\n"),
        "unknown_text": ("notes.txt", b"nothing in here\n"),
    }
    folder.mkdir()
    for name, content in made.values():
        (folder / name).write_bytes(content)
    (folder / "empty folder").mkdir()
    return {key: folder / name for key, (name, _) in made.items()} | {"folder": folder / "empty folder"}


IMPORTS = {  # what is wrong -> (source, the sentence)
    "empty": ("csv", "orders-empty.csv is empty; export it again"),
    "junk": ("csv", "orders-junk.csv is not a text file, whatever its name says; export it as CSV, JSON or .xlsx"),
    "named_wrongly": ("auto", "orders-book.csv is not a text file, whatever its name says; export it as CSV, JSON or .xlsx"),
    "cut_off": ("auto", "page.json is not complete JSON, export it again: Expecting ',' delimiter: line 1 column 23 (char 22)"),
    "unknown_text": ("auto", "notes.txt is in no format known here (csv, zendesk, qualtrics); name the format, or describe "
                             "the file in a mapping file (--mapping)"),
    "json_in_csv": ("csv", "orders-json.csv holds JSON, where delimited text was expected; name it .json or .jsonl"),
    "column_missing": ("csv", "orders-short.csv lacks the column 'ordered_at', which orders cannot do without; it has: "
                              "order_id, amount"),
    "unknown": ("csv", "unknown.csv is not named like a table (customers, identities, interactions, messages, survey_answers, "
                       "orders, subscriptions, events, touchpoint_owners); rename it, or describe it with --mapping"),
    "folder": ("auto", "the folder {} holds no data files (.csv, .tsv, .txt, .json, .jsonl, .ndjson, .xlsx, .xlsm, .parquet, .pq)"),
}  # fmt: skip


def test_files_that_cannot_be_used(shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = files(tmp_path / "bad")
    for what, (source, sentence) in IMPORTS.items():
        assert shell.run("import", source, str(found[what])) == 2, what
        assert capsys.readouterr().err == f"cx-metrics: {sentence.format(found[what])}\n"


def test_any_file_in_any_format_gives_at_most_one_sentence(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[[load]]\ntable = "orders"\nfile = "*"\ncolumns = { order_id = "order_id", ordered_at = "ordered_at" }\n'
    )
    for path in files(tmp_path / "bad").values():
        for how in (*((name,) for name in ("auto", *SOURCES)), ("csv", "--mapping", str(mapping))):
            capsys.readouterr()
            code = shell.run("import", *how, str(path), "--check")
            errors = capsys.readouterr().err
            assert (code, errors.count("\n")) in ((2, 1), (0, 0)), (how, path.name, errors)


MISTAKES = {
    (): "the following arguments are required: COMMAND; cx-metrics --help shows what can be given",
    ("import",): "the following arguments are required: source, PATH; cx-metrics import --help shows what can be given",
    ("import", "csv"): "nothing to import: name a file or a folder",
    ("import", "csv", "nowhere.csv"): "there is no file or folder nowhere.csv",
    ("import", "oracle", "."): "there is no source 'oracle'; there are: auto, csv, zendesk, qualtrics",
    ("import", "zendesk", ".", "--mapping", "m.toml"): "a mapping file goes with csv, not with zendesk",
    ("import", "csv", "--mapping", "m.toml"): "there is no mapping file m.toml",
    ("import", "csv", ".", "--nonsense"): "unrecognized arguments: --nonsense; cx-metrics --help shows what can be given",
    ("metrics", "more"): "unrecognized arguments: more; cx-metrics --help shows what can be given",
    ("show",): "the following arguments are required: metric; cx-metrics show --help shows what can be given",
    ("show", "happiness"): f"there is no metric 'happiness'; there are: {', '.join(METRICS)}",
    ("show", "csat", "--by", "mood"): "csat has no dimension 'mood'; it has: " + ", ".join(METRICS["csat"].dimensions),
    ("show", "csat", "--where", "team"): "--where 'team' is not DIM=VALUE; dimensions: " + ", ".join(DIMENSIONS),
    ("show", "csat", "--where", "currency=EUR"): "there is no 'currency' to filter by here; there are: " + ", ".join(METRICS["csat"].dimensions),
    ("show", "csat", "--limit", "transfers"): "--limit 'transfers' is not LIMIT=NUMBER; limits: " + ", ".join(LOWEST),
    ("show", "csat", "--limit", "mood=1"): "--limit 'mood=1' is not LIMIT=NUMBER; limits: " + ", ".join(LOWEST),
    ("show", "csat", "--limit", "transfers=many"): "transfers is a number of at least 1, not 'many'",
    ("show", "csat", "--limit", "transfers=0"): "transfers is a number of at least 1, not '0'",
    ("show", "csat", "--from", "yesterday"): "'yesterday' is not a date; write it as 2026-03-31",
    ("show", "csat", "--from", "2024-02-01", "--to", "2024-01-01"): "the period ends (2024-01-01) before it begins (2024-02-01)",
    ("show", "csat", "--every", "day"): "argument --every: invalid choice: 'day' (choose from 'week', 'month', 'quarter', 'year'); "
                                        "cx-metrics show --help shows what can be given",
    ("loads", "--format", "xml"): "argument --format: invalid choice: 'xml' (choose from 'table', 'csv', 'json'); "
                                  "cx-metrics loads --help shows what can be given",
    ("customer", "nobody"): "there is no customer 'nobody'; the Customers page finds them by name",
    ("serve", "--port", "x"): "argument --port: invalid int value: 'x'; cx-metrics serve --help shows what can be given",
}  # fmt: skip


@pytest.mark.parametrize("arguments", MISTAKES)
def test_mistakes(shell: Shell, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    assert shell.run(*arguments) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"cx-metrics: {MISTAKES[arguments]}\n")


def test_a_warehouse_that_cannot_be_opened(
    shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_WAREHOUSE_URL", "postgresql://u:secret@127.0.0.1:1/x")
    for arguments in (("loads",), ("show", "csat"), ("import", "csv", str(shell.folder / "files"))):
        assert shell.run(*arguments) == 2
        error = capsys.readouterr().err
        assert error.startswith("cx-metrics: the warehouse postgresql://u:***@127.0.0.1:1/x cannot be opened: ")
        assert error.count("\n") == 1


def test_a_ledger_that_cannot_be_opened(
    shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (shell.folder / "no folder").write_text("")
    monkeypatch.setenv("CX_LEDGER_URL", f"sqlite:///{shell.folder / 'no folder' / 'ledger.db'}")
    assert shell.run("quarantine", "--out", str(shell.folder / "out")) == 2
    error = capsys.readouterr().err
    assert error.startswith("cx-metrics: ")
    assert error.count("\n") == 1


def test_help(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        shell.run("import", "--help")
    assert ended.value.code == 0
    assert "--mapping FILE.toml" in capsys.readouterr().out
