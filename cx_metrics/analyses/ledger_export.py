"""The ledger as files: what our people decided and wrote is theirs to take away."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from cx_metrics.export import safe_csv
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import metadata


def _files(ledger: Ledger) -> dict[str, str]:
    """Every table as CSV, by the name of its file; one without rows has its header."""
    return {f"{table.name}.csv": safe_csv(ledger.rows(table)) for table in metadata.sorted_tables}


def export_ledger(ledger: Ledger, folder: Path) -> list[Path]:
    """Write every table of the ledger into `folder`, a CSV file each, and note it in the audit. Returns the files.

    Raises OSError where a file cannot be written, LedgerError where the ledger cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in _files(ledger).items():
        (folder / name).write_text(text, encoding="utf-8")
        written.append(folder / name)
    ledger.record("ledger export", "ledger", f"{len(written)} files")
    return written


def zipped_ledger(ledger: Ledger) -> bytes:
    """The same files as one ZIP; noted in the audit, too."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _files(ledger).items():
            archive.writestr(name, text)
    ledger.record("ledger export", "ledger", f"{len(metadata.tables)} files in a ZIP")
    return packed.getvalue()
