"""What `cx-metrics ledger` does: who did what, and everything that people wrote as files."""

from __future__ import annotations

import argparse
from pathlib import Path

from cx_metrics import settings
from cx_metrics.analyses.ledger_export import export_ledger
from cx_metrics.export import rows, safe_csv, to_json, to_table
from cx_metrics.ledger import Ledger


def ledger_options(parser: argparse.ArgumentParser) -> None:
    """The options of `cx-metrics ledger`."""
    parser.add_argument("--newest", type=int, default=200, metavar="N", help="how many entries of the audit (200)")
    parser.add_argument("--export", type=Path, metavar="DIR", help="write every table there, a CSV file each")


def ledger_command(given: argparse.Namespace) -> int:
    """Print the newest entries of the audit, or write the whole ledger as files."""
    ledger = Ledger(settings.ledger_url())
    if given.export is not None:
        print("\n".join(str(path) for path in export_ledger(ledger, given.export)))
        return 0
    found = ledger.history(max(given.newest, 0))
    shown = {"csv": safe_csv, "json": lambda frame: to_json(rows(frame)), "table": to_table}[given.format](found)
    print(shown.rstrip("\n"))
    return 0
