"""What follows from new data is done by itself, and trouble with it harms no import."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from cx_metrics.analyses import acting
from cx_metrics.analyses.acting import act, watch
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import interventions, notices
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, Tables

LATE = {
    "channel": "email", "initiated_by": "customer", "reason": "invoice", "handled_by": "human", "team": "North",
}  # fmt: skip
TABLES: Tables = {
    "customers": [{"customer_id": "C1"}, {"customer_id": "C2"}],
    "interactions": [
        {"interaction_id": "I1", "customer_id": "C1", "occurred_at": "2026-05-01 10:00:00", **LATE},
        {"interaction_id": "I2", "customer_id": "C2", "occurred_at": "2026-05-06 10:00:00", "outcome": "resolved",
         "ended_at": "2026-05-06 11:00:00", **LATE},
    ],
}  # fmt: skip
SETTINGS = """
test = true
[[recipients]]
name = "care"
url = "json://127.0.0.1:9/"
kinds = ["new"]
"""


@pytest.fixture
def places(embedded: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Warehouse, Ledger]:
    """A company where one customer wrote and nobody answered, an empty ledger, and a data folder of its own."""
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path / "data"))
    return embedded.warehouse(TABLES), Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def test_an_import_opens_interventions_and_tells_of_them_once(places: tuple[Warehouse, Ledger], tmp_path: Path) -> None:
    warehouse, ledger = places
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notices.toml").write_text(SETTINGS)
    said = act(warehouse, ledger)
    assert ledger.rows(interventions)["customer_id"].tolist() == ["C1"]
    assert ledger.rows(notices)[["kind", "recipient"]].to_numpy().tolist() == [["new", "care"]]
    assert "1 intervention" in said[0] and said[1] == "1 notice written, 1 tested"
    act(warehouse, ledger)
    assert len(ledger.rows(interventions)) == 1 and len(ledger.rows(notices)) == 1


def test_settings_that_cannot_be_used_are_told_and_stop_nothing(
    places: tuple[Warehouse, Ledger], tmp_path: Path
) -> None:
    warehouse, ledger = places
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notices.toml").write_text("[[recipients]]\nname = 1\n")
    said = act(warehouse, ledger)
    assert "notices.toml" in said[-1] and len(ledger.rows(interventions)) == 1


def test_without_data_nothing_happens(embedded: Embedded, tmp_path: Path) -> None:
    assert act(embedded.warehouse({}), Ledger("sqlite://")) == ()


def test_the_watch_looks_again_and_outlives_trouble(
    places: tuple[Warehouse, Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, looks, told = threading.Event(), [], []

    def opened() -> tuple[Warehouse, Ledger]:
        looks.append(1)
        if len(looks) == 1:
            raise OSError("the disk is asleep")
        if len(looks) > 3:
            stop.set()
        return places

    monkeypatch.setattr(acting._log, "info", told.append)
    watch(opened, stop, first=0, every=0)
    assert len(looks) == 4 and told[0] == "the disk is asleep"
    assert len(places[1].rows(interventions)) == 1
