"""What `cx-metrics notices` and `cx-metrics digest` do: who is told what, deliver it, and the month's recognitions."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from cx_metrics import notice_settings, settings
from cx_metrics.analyses.notice_attempts import clock, try_out
from cx_metrics.analyses.notice_delivery import Ticked, tick
from cx_metrics.analyses.notice_outbox import FAILED, Patience, outbox
from cx_metrics.analyses.recognition_digest import digest, month_of, to_html
from cx_metrics.export import rows, safe_csv, to_json, to_table
from cx_metrics.ledger import Ledger, account
from cx_metrics.notice_settings import NoticeError
from cx_metrics.warehouse import Warehouse

_LEAST = 1.0  # seconds between two looks


def notices_options(parser: argparse.ArgumentParser) -> None:
    """The options of `cx-metrics notices`."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--deliver", action="store_true", help="write what is to be told, and deliver what is due")
    one.add_argument("--watch", type=float, metavar="SECONDS", help="the same again and again, until it is stopped")
    one.add_argument("--trial", metavar="RECIPIENT", help="send a trial to a recipient of notices.toml")


def digest_options(parser: argparse.ArgumentParser) -> None:
    """The options of `cx-metrics digest`."""
    parser.add_argument("--month", required=True, metavar="YYYY-MM", help="the month, as 2026-06")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.html", help="the file to write")


def notices_command(given: argparse.Namespace) -> int:
    """Deliver, watch or try out; without any of these print the outbox. Raises NoticeError, LedgerError."""
    warehouse, ledger = Warehouse(settings.warehouse_url()), Ledger(settings.ledger_url())
    told = notice_settings.current()
    if given.trial is not None:
        state, reason = try_out(warehouse, ledger, told, given.trial, account())
        print(f"the trial is {state}" + (f": {reason}" if reason else ""))
        return 2 if state == FAILED else 0
    if given.watch is not None:
        _watch(warehouse, ledger, max(given.watch, _LEAST))
    if given.deliver:
        done = tick(warehouse, ledger, told)
        print(done.sentence)
        return 2 if done.problem else 0
    print(_settings_words(told), file=sys.stderr)
    found = outbox(ledger, frozenset(one.name for one in told.recipients), clock(), Patience())
    printed = {"csv": safe_csv, "json": lambda f: to_json(rows(f)), "table": to_table}[given.format](found)
    print(printed.rstrip("\n"))
    return 0


def digest_command(given: argparse.Namespace) -> int:
    """Write the month's recognitions as a file. Raises ScopeError, LedgerError, OSError."""
    warehouse, ledger = Warehouse(settings.warehouse_url()), Ledger(settings.ledger_url())
    found = digest(warehouse, ledger, month_of(given.month))
    given.out.write_text(to_html(found), encoding="utf-8")
    print(f"{found.sentence} Written to {given.out}.")
    return 0


def _watch(warehouse: Warehouse, ledger: Ledger, seconds: float) -> None:
    """Look again and again; the settings are read anew each time, and those that cannot be read are told."""
    before = ""
    while True:
        try:
            done = tick(warehouse, ledger, notice_settings.current())
        except NoticeError as error:
            done = Ticked(problem=str(error))
        said = done.sentence if done != Ticked() else ""
        if said and said != before:
            print(said, file=sys.stderr, flush=True)
        before = said if done.problem else ""
        time.sleep(seconds)


def _settings_words(told: notice_settings.NoticeSettings) -> str:
    if not told.recipients:
        return f"nobody is told anything: there is no {notice_settings.FILE} with recipients in the data folder"
    lines = [f"{one.name} ({one.service}): {', '.join(one.kinds) or 'nothing'}" for one in told.recipients]
    return "\n".join([*lines, *(["test mode: nothing leaves this machine"] if told.test else [])])
