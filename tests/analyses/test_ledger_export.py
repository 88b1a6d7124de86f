"""Everything that people wrote leaves the ledger as CSV."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd

from cx_metrics.analyses.ledger_export import export_ledger, zipped_ledger
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import metadata, nominations

NOMINATION = {
    "who": "Ann", "message_id": "M-1", "interaction_id": "I-1", "agent": "Tom", "team": "North", "situation": "late",
    "customer_said": "=HYPERLINK(1)", "reply": "I call,\nnow",
}  # fmt: skip


def written() -> Ledger:
    """A ledger with one nomination."""
    ledger = Ledger("sqlite://")
    ledger.append(nominations, NOMINATION, "nomination", "M-1", "Tom: late")
    return ledger


def test_every_table_is_written(tmp_path: Path) -> None:
    files = export_ledger(written(), tmp_path / "new" / "folder")
    assert {path.stem for path in files} == set(metadata.tables)
    for path in files:
        assert pd.read_csv(path).columns.tolist() == metadata.tables[path.stem].columns.keys()
    rows = pd.read_csv(tmp_path / "new" / "folder" / "nominations.csv")
    assert rows[["agent", "customer_said", "reply"]].to_numpy().tolist() == [["Tom", "'=HYPERLINK(1)", "I call,\nnow"]]


def test_the_zip_holds_the_same_and_both_are_in_the_audit(tmp_path: Path) -> None:
    ledger = written()
    with zipfile.ZipFile(io.BytesIO(zipped_ledger(ledger))) as archive:
        assert set(archive.namelist()) == {f"{name}.csv" for name in metadata.tables}
        assert pd.read_csv(archive.open("nominations.csv"))["team"].tolist() == ["North"]
    export_ledger(ledger, tmp_path)
    assert ledger.history()["action"].tolist() == ["ledger export", "ledger export", "nomination"]
