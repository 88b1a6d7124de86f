"""What `cx-metrics events` does: list what happened, enter it, withdraw it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cx_metrics import settings
from cx_metrics.analyses.events import imported, listed, sentence
from cx_metrics.export import rows, safe_csv, to_json, to_table
from cx_metrics.intake.events import DEFAULT_KIND, KINDS, enter, enter_file, entry, withdraw
from cx_metrics.intake.plan import IntakeError
from cx_metrics.ledger import Ledger
from cx_metrics.warehouse import Warehouse


def events_options(parser: argparse.ArgumentParser) -> None:
    """The options of `cx-metrics events`."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--add", nargs=2, metavar=("DAY", "TITLE"), help="enter an event, such as 2026-05-01 'New prices'")
    one.add_argument("--import", dest="file", type=Path, metavar="FILE.csv", help="enter those of a file: columns "
                     "occurred_at or date, title, and perhaps kind")  # fmt: skip
    one.add_argument("--withdraw", metavar="NUMBER", help="let an event that was entered be drawn no longer")
    parser.add_argument("--kind", default="", help=f"with --add: {', '.join(KINDS)} ({DEFAULT_KIND})")


def events_command(given: argparse.Namespace) -> int:
    """Enter or withdraw what is asked for, and print it; without either, all events."""
    warehouse, ledger = Warehouse(settings.warehouse_url()), Ledger(settings.ledger_url())
    if given.kind and not given.add:
        raise IntakeError("--kind says the kind of the event that --add enters")
    if given.add:
        day, title = given.add
        wanted = entry(day, title, given.kind)
        enter(warehouse, ledger, wanted)
        print(f"entered: {wanted.title} ({wanted.kind}), {wanted.occurred_at.date()}")
        return 0
    if given.file:
        found = enter_file(warehouse, ledger, given.file)
        print(found.sentence)
        for row in found.set_aside:
            print(f"    line {row.line}: {row.reason}")
        return 0
    if given.withdraw:
        withdraw(ledger, given.withdraw)
        print(f"event {given.withdraw} is withdrawn")
        return 0
    found_rows = listed(imported(warehouse, None, None), ledger.events())
    print(sentence(found_rows), file=sys.stderr)
    print(
        {"csv": safe_csv, "json": lambda f: to_json(rows(f)), "table": to_table}[given.format](found_rows).rstrip("\n")
    )
    return 0
