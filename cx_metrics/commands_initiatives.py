"""What `cx-metrics initiatives` does: list them, register one, change one, say how long one would take to show."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from cx_metrics import settings
from cx_metrics.analyses.initiative_file import from_file
from cx_metrics.analyses.initiative_plan import (
    FIELDS,
    NOBODY,
    Plan,
    checked,
    draft,
    group_words,
    plan_of,
    unknown,
)
from cx_metrics.analyses.initiative_power import power
from cx_metrics.analyses.initiative_register import Registered, change, register, registered, visible
from cx_metrics.export import rows, safe_csv, to_json, to_table
from cx_metrics.intake.sample import holds_sample
from cx_metrics.ledger import Ledger, LedgerError, account
from cx_metrics.scope import ScopeError
from cx_metrics.warehouse import Warehouse


def initiatives_options(parser: argparse.ArgumentParser) -> None:
    """The options of `cx-metrics initiatives`."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--register", type=Path, metavar="FILE.toml", help=f"register one; fields: {', '.join(FIELDS)}, "
                     "target and comparison as tables of dimension = [values]")  # fmt: skip
    one.add_argument("--change", nargs=2, metavar=("NUMBER", "FILE.toml"), help="change the fields that the file names")
    one.add_argument("--power", type=Path, metavar="FILE.toml", help="how long until its effect would show")
    parser.add_argument("--why", default="", metavar="TEXT", help="with --change: the reason, which is kept")


def initiatives_command(given: argparse.Namespace) -> int:
    """Register, change or advise as is asked for, and print it; without any, every initiative as it stands."""
    warehouse, ledger = Warehouse(settings.warehouse_url()), Ledger(settings.ledger_url())
    if given.why and not given.change:
        raise ScopeError("--why gives the reason of a --change")
    if given.register:
        return _register(warehouse, ledger, given)
    if given.change:
        return _change(warehouse, ledger, given)
    if given.power:
        return _power(warehouse, checked(from_file(given.power)), given)
    found = listed(visible(registered(ledger), holds_sample(warehouse)))
    print(f"{len(found):,} initiative{'s' * (len(found) != 1)}; their effects: cx-metrics analyse initiatives",
          file=sys.stderr)  # fmt: skip
    printed = {"csv": safe_csv, "json": lambda frame: to_json(rows(frame)), "table": to_table}[given.format](found)
    print(printed.rstrip("\n"))
    return 0


def listed(shown: Sequence[Registered]) -> pd.DataFrame:
    """Every initiative as it stands: number, version, the fields of its plan with the groups in words, and marking
    (what speaks against its having been fixed beforehand)."""
    table = [
        {
            "number": one.initiative.number, "version": one.initiative.version,
            **{name: getattr(one.initiative, name) for name in FIELDS},
            "target": group_words(one.initiative.target, "everybody"),
            "comparison": group_words(one.initiative.comparison, NOBODY), "marking": one.marking,
        }
        for one in shown
    ]  # fmt: skip
    return pd.DataFrame(table, columns=["number", "version", *FIELDS, "marking"])


def _say(given: argparse.Namespace, what: str, sentence: str, said: Sequence[str]) -> int:
    """Print an answer: as JSON, or as a sentence with the others below it."""
    if given.format == "json":
        print(to_json({what: sentence, "notes": list(said)}))
    else:
        print("\n".join([sentence, *said]))
    return 0


def _register(warehouse: Warehouse, ledger: Ledger, given: argparse.Namespace) -> int:
    plan = checked(from_file(given.register))
    number = register(ledger, plan, account(), holds_sample(warehouse))
    notes = [*unknown(warehouse, plan), power(warehouse, draft(plan)).sentence]
    return _say(given, "registered", f"{plan.name} is registered, number {number}", notes)


def _change(warehouse: Warehouse, ledger: Ledger, given: argparse.Namespace) -> int:
    number, path = given.change
    known = {str(one.initiative.number): one for one in registered(ledger)}
    if number not in known:
        raise LedgerError(f"there is no initiative with the number {number[:20]}")
    before = known[number].initiative
    plan = checked(from_file(Path(path), plan_of(before)))
    change(ledger, before.number, before.version, plan, given.why, account())
    (after,) = (one for one in registered(ledger) if one.initiative.number == before.number)
    notes = [*unknown(warehouse, plan), *([after.marking] if after.marking else [])]
    return _say(given, "changed", f"{plan.name}, number {number}, is changed", notes)


def _power(warehouse: Warehouse, plan: Plan, given: argparse.Namespace) -> int:
    found = power(warehouse, draft(plan))
    if given.format == "csv":
        print(safe_csv(found.curve).rstrip("\n"))
        return 0
    if given.format == "json":
        print(to_json({
            "sentence": found.sentence, "weeks": found.weeks, "shows_by": found.shows_by,
            "curve": rows(found.curve), "assumptions": list(found.assumptions),
        }))  # fmt: skip
        return 0
    return _say(given, "power", found.sentence, [*unknown(warehouse, plan), *found.assumptions])
