"""What became of every row of every file, in the words of the Data page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cx_metrics.analyses.loads import account, equation, examples, loaded, matched, matches, reasons, set_aside
from cx_metrics.intake.formats import plans_for
from cx_metrics.intake.load import check_plans, import_plans
from cx_metrics.warehouse import Warehouse
from tests.conftest import Engine

HEAD = "interaction_id,occurred_at,channel,wait_seconds\n"


@pytest.fixture(scope="module")
def warehouse(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Two files with good and bad rows, and a second import of the first one."""
    folder = tmp_path_factory.mktemp("files")
    files = {
        "interactions.csv": f"{HEAD}1,2026-01-01,web,1\n2,2026-01-01,web,-1\n3,2026-01-01,web,-2\n1,2026-01-01,web,1\n",
        "interactions-2.csv": f"{HEAD}4,it's 'late',web,1\n5,2026-01-01,web,-3\n",
        "survey_answers.csv": "answer_id,instrument,score,answered_at\n1,csat,9,2026-01-01\n2,csat,0,2026-01-01\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    url = engine.new_url()
    made = Warehouse(url)
    import_plans(made, plans_for("csv", [folder / "interactions.csv"]))
    import_plans(made, plans_for("csv", [folder / name for name in files]))
    yield made
    engine.drop(url)


def test_what_was_loaded(warehouse: Warehouse) -> None:
    found = loaded(warehouse)
    assert list(found["file"]) == ["survey_answers.csv", "interactions-2.csv", "interactions.csv"]
    newest = found.iloc[-1]
    assert [newest[name] for name in ("became", "read", "loaded", "quarantined", "duplicates", "skipped", "changed")] == [
        "interactions", 4, 1, 2, 1, 0, 0,
    ]  # fmt: skip
    assert (found["read"] == found[["loaded", "quarantined", "duplicates", "skipped"]].sum(axis=1)).all()
    assert equation(found) == "8 rows read = 1 loaded + 6 quarantined + 1 duplicates + 0 skipped"


def test_reasons_in_general(warehouse: Warehouse) -> None:
    found = reasons(warehouse)
    said = {(row.reason, row.file): row.rows for row in found.itertuples()}
    assert said["wait_seconds '…' is below 0", "interactions.csv"] == 2
    assert said["wait_seconds '…' is below 0", "interactions-2.csv"] == 1
    assert said["score … is outside its scale 1.0 to 5.0", "survey_answers.csv"] == 2
    assert [reason for reason, _ in said if "it's" in reason] == [] and len(said) == 4
    assert list(found["rows"]) == [2, 2, 1, 1]


def test_rows_set_aside(warehouse: Warehouse) -> None:
    assert list(set_aside(warehouse).columns) == ["file", "line", "table_name", "reason", "raw"]
    assert len(set_aside(warehouse)) == 6
    one = set_aside(warehouse, "wait_seconds '…' is below 0", "interactions.csv")
    assert list(one["line"]) == [3, 4] and set(one["file"]) == {"interactions.csv"}
    assert set_aside(warehouse, "nothing", "interactions.csv").empty


def test_accounts_of_an_import(tmp_path: Path, warehouse: Warehouse) -> None:
    file = tmp_path / "interactions.csv"
    file.write_text(f"{HEAD}1,2026-01-01,web,1\n2,2026-01-01,web,-1\n")
    reports = check_plans(plans_for("csv", [file]))
    assert account(reports).drop(columns="note").to_dict("records") == [
        {"file": "interactions.csv", "became": "interactions", "read": 2, "loaded": 1, "quarantined": 1, "duplicates": 0,
         "skipped": 0}
    ]  # fmt: skip
    aside = examples(reports)
    assert list(aside["line"]) == [3] and "below 0" in aside["reason"][0] and '"2"' in aside["raw"][0]
    assert examples([]).empty and account([]).empty and equation(account([])).startswith("0 rows read = 0 loaded")


def test_a_file_that_was_loaded_before(engine: Engine, tmp_path: Path) -> None:
    file, made = tmp_path / "interactions.csv", Warehouse(engine.new_url())
    file.write_text(f"{HEAD}1,2026-01-01,web,1\n")
    import_plans(made, plans_for("csv", [file]))
    assert list(account(import_plans(made, plans_for("csv", [file])))["note"]) == [
        "loaded before (load 1), nothing to do"
    ]


def test_joined_keys(sample_warehouse: Warehouse) -> None:
    found = matches(sample_warehouse).set_index("source")
    assert found["matched_by"]["zendesk"] == "email" and found["keys"]["zendesk"] > 100
    rows = matched(sample_warehouse, 5)
    assert len(rows) == 5 and list(rows.columns) == [
        "customer_id", "name", "source", "key", "email", "matched_by", "confidence",
    ]  # fmt: skip
    assert rows["name"].notna().all() and (rows["confidence"] == 0.9).all()


def test_nothing_loaded(empty_warehouse: Warehouse) -> None:
    assert loaded(empty_warehouse).empty and reasons(empty_warehouse).empty and set_aside(empty_warehouse).empty
    assert matches(empty_warehouse).empty and matched(empty_warehouse).empty
