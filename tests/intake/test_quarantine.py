"""Rows that were set aside: written as files, mended, imported again in the same way, and then among the facts."""

import json
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.cli import main
from cx_metrics.intake.formats import plans_for
from cx_metrics.intake.load import import_plans
from cx_metrics.intake.quarantine import export_quarantine
from cx_metrics.model import interactions, messages, quarantine
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse

NO_TIME = "cannot be read as a time; write 2024-05-31 or name its format under `times`"


@pytest.fixture
def warehouse(embedded: Embedded) -> Warehouse:
    return embedded.warehouse({})


def load(warehouse: Warehouse, path: Path, mapping: Path | None = None) -> list[tuple[int, int, int]]:
    """Import; (read, loaded, quarantined) of each plan."""
    reports = import_plans(warehouse, plans_for("csv" if mapping else "auto", [path], mapping))
    return [(report.read, report.loaded, report.quarantined) for report in reports]


def contacts(warehouse: Warehouse) -> dict[str, str | None]:
    rows = warehouse.read(sa.select(interactions.c.interaction_id, interactions.c.channel))
    return {key: None if pd.isna(channel) else channel for key, channel in rows.itertuples(index=False)}


def mend(folder: Path, warehouse: Warehouse, old: str, new: str, encoding: str = "utf-8") -> Path:
    """Export the quarantine and correct its only file."""
    (path,) = export_quarantine(warehouse, folder)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding=encoding)
    return path


def test_canonical_csv(make_warehouse: MakeWarehouse, tmp_path: Path) -> None:
    warehouse = make_warehouse({})
    path = tmp_path / "interactions-1.csv"
    path.write_text('interaction_id,occurred_at,channel,remark\n1,2024-01-05,a,\n2,x,"b, ""c""\nd",=1+1\n')
    assert load(warehouse, path) == [(2, 1, 1)]
    mended = mend(tmp_path / "out", warehouse, ",x,", ",2024-01-06,")
    assert mended.name == "interactions-1.csv"
    assert mended.read_text().startswith(
        f"quarantine_reason,interaction_id,occurred_at,channel,remark\noccurred_at 'x' {NO_TIME},2,"
    )
    assert load(warehouse, mended) == [(1, 1, 0)]
    assert contacts(warehouse) == {"1": "a", "2": 'b, "c"\nd'}
    assert len(warehouse.read(sa.select(quarantine))) == 1  # what was set aside once stays on record


def test_rows_that_were_not_mended_are_set_aside_again(warehouse: Warehouse, tmp_path: Path) -> None:
    """Rows with too many or too few cells stay so; nothing is loaded by merely going to and fro."""
    path = tmp_path / "interactions.csv"
    path.write_bytes(b"interaction_id,occurred_at,channel\n1,2024-01-05,a,b\n2,2024-01-05\n3,x,c\n4,2024-01-05,\0\n")
    assert load(warehouse, path) == [(4, 0, 4)]
    (out,) = export_quarantine(warehouse, tmp_path / "out")
    assert [line.split(b",")[1:] for line in out.read_bytes().splitlines()[1:]] == [
        [b"1", b"2024-01-05", b"a", b"b"], [b"2", b"2024-01-05"], [b"3", b"x", b"c"], [b"4", b"2024-01-05", b"\0"],
    ]  # fmt: skip
    assert load(warehouse, out) == [(4, 0, 4)]


def test_bytes_that_were_no_utf_8_are_written_as_they_were(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "interactions.csv"
    path.write_bytes(
        "interaction_id,occurred_at,channel\n1,2024-01-05,é\n2,2024-01-05,é\n".encode() + b"3,2024-01-05,\xe9\n"
    )
    assert load(warehouse, path) == [(3, 2, 1)]
    (out,) = export_quarantine(warehouse, tmp_path / "out")
    assert out.read_bytes().splitlines()[1].endswith(b",3,2024-01-05,\xe9")


def test_a_spreadsheet_may_save_it_with_semicolons(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "interactions.csv").write_text("interaction_id,occurred_at\n1,x\n")
    load(warehouse, tmp_path / "interactions.csv")
    (path,) = export_quarantine(warehouse, tmp_path / "out")
    path.write_text("quarantine_reason;interaction_id;occurred_at\n;1;2024-01-05\n", encoding="utf-8-sig")
    assert load(warehouse, path) == [(1, 1, 0)]


MAPPING = """
[[load]]
table     = "interactions"
file      = "log-*.txt"
header    = ["id", "day", "channel"]
delimiter = "space"
encoding  = "cp1252"
columns   = { interaction_id = "id", occurred_at = "day", channel = "channel" }
times     = { occurred_at = "%Y%m%d" }
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_mapped_file_of_another_layout(warehouse: Warehouse, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "m.toml").write_text(MAPPING)
    (tmp_path / "log-1.txt").write_bytes(" 1  20240105 wéb\n 2  20240199 cafè\n".encode("cp1252"))
    assert load(warehouse, tmp_path, tmp_path / "m.toml") == [(2, 1, 1)]
    mend(tmp_path / "out", warehouse, "20240199,cafè", "20240119,cafè", encoding)
    assert load(warehouse, tmp_path / "out", tmp_path / "m.toml") == [(1, 1, 0)]
    assert contacts(warehouse) == {"1": "wéb", "2": "cafè"}


def test_a_workbook(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        '[[load]]\ntable = "interactions"\nfile = "a.xlsx"\ncolumns = { interaction_id = "id", occurred_at = "day" }\n'
    )
    pd.DataFrame({"id": [1, 2], "day": ["2024-01-05", "x"]}).to_excel(tmp_path / "a.xlsx", index=False)
    assert load(warehouse, tmp_path, tmp_path / "m.toml") == [(2, 1, 1)]
    mended = mend(tmp_path / "out", warehouse, ",x", ",2024-01-06")
    assert (mended.name, load(warehouse, tmp_path / "out", tmp_path / "m.toml")) == ("a.csv", [(1, 1, 0)])
    assert contacts(warehouse).keys() == {"1", "2"}


def test_elements_of_nested_lists_keep_their_place(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("""
[[load]]
table   = "messages"
file    = "a.jsonl"
explode = "said"
columns = { message_id = ["id", "said.position"], interaction_id = "id", author = "said.by", text = "said.text" }
""")
    said = [{"by": "agent", "text": "a"}, {"by": "robot", "text": "b"}, {"by": "agent", "text": "c"}]
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "k", "said": said}) + "\n")
    assert load(warehouse, tmp_path, tmp_path / "m.toml") == [(3, 2, 1)]
    mend(tmp_path / "out", warehouse, "robot", "bot")
    assert load(warehouse, tmp_path / "out", tmp_path / "m.toml") == [(1, 1, 0)]
    found = warehouse.read(sa.select(messages.c.message_id, messages.c.text).order_by(messages.c.message_id))
    assert found.to_records(index=False).tolist() == [("k-1", "a"), ("k-2", "b"), ("k-3", "c")]


def test_lines_that_are_no_json(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        '[[load]]\ntable = "interactions"\nfile = "a.jsonl"\ncolumns = { interaction_id = "id", occurred_at = "at" }\n'
    )
    (tmp_path / "a.jsonl").write_text(
        '{"id": 1, "at": "2024-01-05"}\n{"id": 2, "at": "2024-01\n{"id": "\\ud83d", "at": "x"}\n'
    )
    assert load(warehouse, tmp_path, tmp_path / "m.toml") == [(3, 1, 2)]
    (path,) = export_quarantine(warehouse, tmp_path / "out")
    lines = path.read_bytes().splitlines()
    assert lines[0] == b'{"id": 2, "at": "2024-01'
    path.write_bytes(lines[0] + b'-06"}\n')
    assert load(warehouse, tmp_path / "out", tmp_path / "m.toml") == [(1, 1, 0)]


@pytest.mark.parametrize("kind", ["canonical", "zendesk"])
def test_bad_rows_of_the_sample_company_are_recognised_again(warehouse: Warehouse, tmp_path: Path, kind: str) -> None:
    source = Path(__file__).resolve().parents[2] / "sample_data" / "small" / kind
    bad = sum(quarantined for _, _, quarantined in load(warehouse, source))
    export_quarantine(warehouse, tmp_path / "out")
    again = load(warehouse, tmp_path / "out")
    assert bad > 0
    assert sum(read for read, _, _ in again) == bad
    loaded = {"canonical": 3, "zendesk": 0}[kind]  # of two rows with one key the one set aside now changes the other
    assert sum(count for _, count, _ in again) == loaded


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path / "data"))
    assert main(["quarantine", "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == "the quarantine is empty\n"
    (tmp_path / "interactions.csv").write_text("interaction_id,occurred_at\n1,x\n")
    assert main(["import", "csv", str(tmp_path / "interactions.csv")]) == 0
    capsys.readouterr()
    assert main(["quarantine", "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'out' / 'interactions.csv'}\n"
    assert main(["quarantine", "--format", "csv"]) == 0
    assert (
        capsys.readouterr().out.splitlines()[1].endswith(''',"{""interaction_id"": ""1"", ""occurred_at"": ""x""}"''')
    )
