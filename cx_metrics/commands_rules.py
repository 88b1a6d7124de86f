"""What `cx-metrics rules` does: print the rules that open interventions, keep them as a file, test one on past data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from cx_metrics import journey, settings
from cx_metrics.analyses.rule_backtest import backtest
from cx_metrics.analyses.rule_words import rule_words
from cx_metrics.analyses.rules import RuleError, Rules, current_rules, save_rules
from cx_metrics.export import rows, safe_csv, to_json, to_table
from cx_metrics.intake.plan import IntakeError
from cx_metrics.ledger import Ledger, account
from cx_metrics.warehouse import Warehouse


def rules_options(parser: argparse.ArgumentParser) -> None:
    """The options of `cx-metrics rules`."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--export", type=Path, metavar="FILE.toml", help="write the rules there, to be edited")
    one.add_argument("--load", type=Path, metavar="FILE.toml", help="check the rules of a file and keep them")
    one.add_argument("--backtest", metavar="NAME", help="what a rule would have done in the past year of data")
    parser.add_argument("--who", default="", metavar="NAME", help="with --load: who changes the rules (the account)")
    parser.add_argument("--why", default="", metavar="TEXT", help="with --load: what was changed and why")


def rules_command(given: argparse.Namespace) -> int:
    """Write, keep or test rules, or print them. Raises IntakeError where rules cannot be used, LedgerError."""
    ledger = Ledger(settings.ledger_url())
    if (given.who or given.why) and not given.load:
        raise IntakeError("--who and --why belong to --load")
    try:
        found = current_rules(ledger)
        if given.load:
            return _load(ledger, found, given)
        if given.export:
            given.export.write_text(found.text, encoding="utf-8")
            print(f"written to {given.export}: {len(found.rules)} rules")
            return 0
        if given.backtest:
            return _backtest(found, given)
    except RuleError as error:
        raise IntakeError(str(error)) from error
    print(found.said, file=sys.stderr)
    print(_formatted(_listed(found), given.format))
    return 0


def _load(ledger: Ledger, found: Rules, given: argparse.Namespace) -> int:
    if not given.why:
        raise IntakeError("--load needs --why: what was changed and why")
    try:
        text = given.load.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RuleError(f"{given.load.name} is no text in UTF-8; save it as that") from None
    number = save_rules(ledger, text, found.version, given.why, given.who or account())
    active = [rule.title for rule in current_rules(ledger).rules if rule.active]
    print(f"kept as version {number}; switched on: {', '.join(active) or 'none'}")
    return 0


def _backtest(found: Rules, given: argparse.Namespace) -> int:
    rule = found.named(given.backtest)
    if rule is None:
        raise RuleError(
            f"there is no rule {given.backtest!r}; there are: {', '.join(rule.name for rule in found.rules)}"
        )
    answer = backtest(Warehouse(settings.warehouse_url()), rule, found.rules, journey.current().limits)
    if given.format == "json":
        print(to_json(answer.to_dict()))
    elif given.format == "csv":
        print(safe_csv(answer.tables["outcomes"]).rstrip("\n"))
    else:
        parts = [rule_words(rule), *answer.sentences]
        parts += [f"\n{name}\n{to_table(table)}" for name, table in answer.tables.items() if rows(table)]
        print("\n".join([*parts, "\nThis rests on", *(f"- {text}" for text in answer.assumptions)]))
    return 0


def _listed(found: Rules) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"rule": rule.name, "title": rule.title, "active": rule.active, "says": rule_words(rule),
             "due_hours": rule.due_hours, "minutes": rule.minutes, "team": rule.team}
            for rule in found.rules
        ],
        columns=["rule", "title", "active", "says", "due_hours", "minutes", "team"],
    )  # fmt: skip


def _formatted(frame: pd.DataFrame, form: str) -> str:
    text = {"csv": safe_csv, "json": lambda table: to_json(rows(table)), "table": to_table}[form](frame)
    return str(text).rstrip("\n")
