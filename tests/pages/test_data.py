"""Data: the account of what is there, and the way in for one's own files; texts stay texts."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.ledger import Ledger
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, ROOT, filled, opened, plain, shown, use, well

SMALL = ROOT / "sample_data" / "small" / "canonical"
CONTACTS = "interaction_id,occurred_at,channel\n1,2026-01-05,web\n2,2026-01-06,phone\n3,never,web\n"
SECTIONS = ("Import", "Coverage", "Files", "Quarantine", "Identities", "Judges", "Audit")


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, embedded: Embedded, tmp_path: Path) -> Warehouse:
    """Nothing was ever imported; the ledger is a file of its own."""
    warehouse = use(monkeypatch, filled(embedded, {}))
    monkeypatch.setenv("CX_LEDGER_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    return warehouse


def brought(*files: tuple[str, str], then: str = "") -> AppTest:
    """The page after an upload, and after a click."""
    test = opened("data")
    test.file_uploader[0].set_value([(name, text.encode(), "text/csv") for name, text in files])
    test.run()
    return clicked(test, then) if then else test


def clicked(test: AppTest, label: str) -> AppTest:
    return next(button for button in test.button if button.label == label).click().run()


def alerts(test: AppTest) -> list[str]:
    """What the page says in boxes."""
    return [plain(alert.value) for alert in (*test.success, *test.error, *test.info)]


# --- what is there ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_says_how_much_there_is(company: Warehouse, section: str) -> None:
    test = opened("data", section=section)
    assert "9 tables, " in shown(test) and "the newest contact is" in shown(test)
    assert [tab.label for tab in test.tabs] == list(SECTIONS)
    assert "None" not in [element.value for element in test.get("markdown")]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_of_nothing(empty: Warehouse, section: str) -> None:
    test = opened("data", section=section)
    assert "There are no data yet." in shown(test)
    offers = any(button.label == "Load the sample company" for button in test.button)
    assert offers == (section not in ("Identities", "Audit"))


def test_rows_add_up(company: Warehouse) -> None:
    test = opened("data", section="Files")
    rows = test.dataframe[0].value
    assert (rows["read"] == rows[["loaded", "quarantined", "duplicates", "skipped"]].sum(axis=1)).all()
    assert f"{rows['read'].sum():,} rows read = " in shown(test)


def test_rows_that_could_not_be_used(company: Warehouse) -> None:
    test = opened("data", section="Quarantine")
    why, rows = (frame.value for frame in test.dataframe)
    assert why["rows"].sum() == len(rows) and f"{len(rows):,} rows could not be used." in shown(test)
    assert "cx-metrics quarantine --out DIR" in shown(test)
    assert any("'…'" in reason for reason in why["reason"])


def test_coverage(company: Warehouse) -> None:
    test = opened("data", section="Coverage")
    tables, missing = (frame.value for frame in test.dataframe)
    assert list(tables.columns) == ["table", "rows", "first", "last", "age"] and len(tables) == 9
    assert missing["missing"].between(0, 100).all() and "The customer is known for " in shown(test)
    (chart,) = test.get("plotly_chart")
    assert json.loads(chart.proto.spec)["data"]


def test_what_cannot_be_measured_names_its_data(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> None:
    contacts = [{"interaction_id": "1", "occurred_at": "2026-01-05", "channel": "web"}]
    use(monkeypatch, filled(embedded, {"interactions": contacts}))
    test = opened("data", section="Coverage")
    assert "Revenue needs orders with amounts" in plain("\n".join(info.value for info in test.info)).replace("**", "")


def test_joined_keys(company: Warehouse) -> None:
    test = opened("data", section="Identities")
    counts, rows = (frame.value for frame in test.dataframe)
    assert counts["keys"].sum() >= len(rows) > 0


# --- bringing one's own ----------------------------------------------------------------------------------------------


def test_a_preview_writes_nothing(empty: Warehouse) -> None:
    test = well(brought(("interactions.csv", CONTACTS), then="Preview"))
    assert any("3 rows read = 2 loaded + 1 quarantined" in text for text in alerts(test))
    account, aside = (frame.value for frame in test.dataframe)
    assert list(account["file"]) == ["interactions.csv"] and list(aside["line"]) == [4]
    assert "There are no data yet." in shown(test)
    assert empty.version() == Warehouse(empty._url.render_as_string()).version()


def test_an_import_is_shown_and_recorded(empty: Warehouse, tmp_path: Path) -> None:
    test = well(brought(("interactions.csv", CONTACTS), then="Import"))
    assert "1 table, 2 rows from 5 Jan 2026 to 6 Jan 2026; 1 row could not be used" in shown(test)
    assert "Imported: 3 rows read = 2 loaded + 1 quarantined + 0 duplicates + 0 skipped." in alerts(test)
    assert not test.file_uploader[0].value
    (entry,) = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}").history().to_dict("records")
    assert (entry["action"], entry["subject"], entry["detail"]) == ("import", "interactions.csv", "2 rows loaded")
    assert list(opened("data", section="Audit").dataframe[0].value["subject"]) == ["interactions.csv"]
    again = well(brought(("interactions.csv", CONTACTS), then="Import"))
    assert list(again.dataframe[0].value["note"]) == ["loaded before (load 1), nothing to do"]


def test_several_files_at_once(empty: Warehouse) -> None:
    files = [(file.name, file.read_text(encoding="utf-8")) for file in sorted(SMALL.glob("*.csv"))]
    test = well(brought(*files, then="Import"))
    assert set(test.dataframe[0].value["file"]) == {name for name, _ in files}
    assert "7 tables, " in shown(test) or "8 tables, " in shown(test)


def test_a_draft_for_a_file_of_no_known_format(empty: Warehouse) -> None:
    test = well(brought(("helpdesk.csv", "Ticket ID,Created,Status\n1,05.01.2026,Solved\n")))
    assert "No format known here: helpdesk.csv. Say what the columns mean." in alerts(test)
    draft = tomllib.loads(test.text_area[0].value)
    assert draft["load"][0]["columns"]["interaction_id"] == "Ticket ID"
    assert any("1 rows read = 1 loaded" in text for text in alerts(well(clicked(test, "Preview"))))
    test = well(clicked(test, "Import"))
    assert "1 table, 1 row from 5 Jan 2026" in shown(test)


def test_a_draft_that_was_mended_counts(empty: Warehouse) -> None:
    test = brought(("x.csv", "q,w\n1,2026-01-05\n"))
    mended = '[[load]]\ntable = "interactions"\nfile = "x.csv"\ncolumns = { interaction_id = "q", occurred_at = "w" }\n'
    test.text_area[0].set_value(mended).run()
    assert "1 table, 1 row" in shown(well(clicked(test, "Import")))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("empty.csv", "", "empty.csv is empty"),
        ("x.json", '{"a": [', "x.json is not complete JSON"),
        ("interactions.csv", "interaction_id\n1\n", "cannot do without 'occurred_at'"),
        (f"{HOSTILE[1]}.csv", "", f"{HOSTILE[1].replace('*', '')}.csv is empty"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(empty: Warehouse, name: str, text: str, said: str) -> None:
    test = brought((name, text))
    if any(button.label == "Preview" for button in test.button):
        test = clicked(test, "Preview")
    else:
        assert not test.info  # what cannot be read is not asked what its columns mean
    assert not test.exception and len(test.error) == 1 and said in plain(test.error[0].value)


def test_own_data_take_the_place_of_the_sample_company(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> None:
    from cx_metrics.intake.sample import load_sample

    made = embedded.warehouse({})
    load_sample(made, customers=200, contacts=1_000)
    use(monkeypatch, made._url.render_as_string())
    assert "takes the sample company out" in shown(opened("data"))
    test = well(brought(("interactions.csv", CONTACTS), then="Import"))
    assert "1 table, 2 rows" in shown(test) and "sample company" not in shown(test)


def test_texts_from_files_stay_texts(empty: Warehouse) -> None:
    rows = "".join(f'{n},"{text}",web\n' for n, text in enumerate(HOSTILE))
    test = well(brought(("interactions.csv", f"interaction_id,occurred_at,channel\n{rows}"), then="Import"))
    assert "No row could be used yet; 5 rows set aside." in shown(test)
    assert len(opened("data", section="Quarantine").dataframe[1].value) == len(HOSTILE)
