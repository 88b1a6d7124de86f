"""What `cx-metrics interventions` does: list who needs a person, look at one, and act."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

import pandas as pd

from cx_metrics import settings
from cx_metrics.analyses import intervention_list as work
from cx_metrics.analyses import intervention_steps as steps
from cx_metrics.analyses.intervention_queue import LIMIT, STATUSES, Asked, evidence_of, one, steps_of
from cx_metrics.analyses.intervention_words import act, holder, sentence
from cx_metrics.export import rows, safe_csv, to_json, to_table
from cx_metrics.ledger import Ledger, LedgerError, account
from cx_metrics.scope import parse_day
from cx_metrics.warehouse import Warehouse

_STANDS = ("customer_id", "rule", "team", "status", "assignee", "outcome", "due_at")
_Act = Callable[[Ledger, int, int, str, argparse.Namespace], int]
_ACTS: dict[str, tuple[_Act, str]] = {  # option -> what it does, and what is said then
    "claim": (lambda ledger, key, seen, who, _: steps.claim(ledger, key, seen, who), "is claimed"),
    "release": (lambda ledger, key, seen, who, given: steps.release(ledger, key, seen, who, given.words),
                "is given back"),
    "note": (lambda ledger, key, seen, who, given: steps.note(ledger, key, seen, who, given.note[1]), "has a note"),
    "outcome": (lambda ledger, key, seen, who, given: steps.finish(ledger, key, seen, who, given.outcome[1],
                                                                   given.words), "is done"),
    "snooze": (lambda ledger, key, seen, who, given: steps.snooze(ledger, key, seen, who, parse_day(given.until),
                                                                  given.words), "rests"),
    "hand_over": (lambda ledger, key, seen, who, given: steps.hand_over(ledger, key, seen, who, given.to,
                                                                        given.to_person, given.words),
                  "is handed over"),
    "reopen": (lambda ledger, key, seen, who, given: steps.reopen(ledger, key, seen, who, given.words),
               "is open again"),
}  # fmt: skip


def interventions_options(parser: argparse.ArgumentParser) -> None:
    """The options of `cx-metrics interventions`."""
    parser.add_argument("--status", choices=list(STATUSES), default="open", help="which to list (open)")
    parser.add_argument("--team", default="", help="those of one team")
    parser.add_argument("--rule", default="", help="those that one rule opened")
    parser.add_argument("--limit", type=int, default=LIMIT, metavar="N", help=f"list at most so many ({LIMIT})")
    parser.add_argument("--who", default="", metavar="NAME", help="who acts, or whose are listed (the account)")
    one_of = parser.add_mutually_exclusive_group()
    one_of.add_argument("--show", metavar="N", help="print one: why, what is suggested, what was done")
    one_of.add_argument("--claim", metavar="N", help="take the one with this number")
    one_of.add_argument("--release", metavar="N", help="give it back")
    one_of.add_argument("--note", nargs=2, metavar=("N", "TEXT"), help="write something down")
    ends = "; ".join(steps.OUTCOMES)
    one_of.add_argument("--outcome", nargs=2, metavar=("N", "OUTCOME"), help=f"say how it ended: {ends}")
    one_of.add_argument("--snooze", metavar="N", help="let it rest, with --until")
    one_of.add_argument("--hand-over", metavar="N", help="give it to a team (--to) or a person (--to-person)")
    one_of.add_argument("--reopen", metavar="N", help="open what is done again, with --words")
    parser.add_argument("--until", default="", metavar="DAY", help="with --snooze: the day, such as 2026-05-01")
    parser.add_argument("--to", default="", metavar="TEAM", help="with --hand-over: to which team")
    parser.add_argument("--to-person", default="", metavar="NAME", help="with --hand-over: to whom")
    parser.add_argument("--words", default="", metavar="TEXT", help="why, or how it went")


def interventions_command(given: argparse.Namespace) -> int:
    """Do what is asked for and say so; without an act, print the list, and its sentence on standard error."""
    ledger, who = Ledger(settings.ledger_url()), given.who or account()
    for name, (does, said) in _ACTS.items():
        if (chosen := getattr(given, name)) is not None:
            key = _number(chosen if isinstance(chosen, str) else chosen[0])
            row = _known(ledger, key)
            step = does(ledger, key, int(row["number"]), who, given)
            print(f"intervention {key} {said} (step {step})")
            return 0
    warehouse = Warehouse(settings.warehouse_url())
    if given.show is not None:
        print(_told(warehouse, ledger, _number(given.show), given.format))
        return 0
    asked = Asked(
        given.status, given.team, given.rule, who if given.status == "mine" else given.who, max(given.limit, 0)
    )
    found = work.found(ledger, asked)
    known = work.people(warehouse, work.keys_of(found))
    listed = work.listed(ledger, asked, found, known.index)
    table = work.table(ledger, listed.rows, known, work.rules_now(ledger))
    here = found[found["customer_id"].isin(set(known.index))]
    said = sentence(here) if asked.status == "open" else f"{len(here):,} found ({STATUSES[asked.status]})."
    print(" ".join(filter(None, (said, listed.said))), file=sys.stderr)
    print(_printed(table, given.format))
    return 0


def _number(text: str) -> int:
    if not (text.isdecimal() and len(text) < 10):
        raise LedgerError(f"{text[:20]!r} is not the number of an intervention")
    return int(text)


def _known(ledger: Ledger, key: int) -> dict[str, Any]:
    row = one(ledger, key)
    if row is None:
        raise LedgerError(f"there is no intervention with the number {key}")
    return row


def _printed(table: pd.DataFrame, form: str) -> str:
    if form == "table":
        names = ["number", "customer_id", "rule", "what_happened", "at_stake", "currency", "due", "who_has_it"]
        return to_table(table[names])
    return safe_csv(table).rstrip("\n") if form == "csv" else to_json(rows(table))


def _told(warehouse: Warehouse, ledger: Ledger, key: int, form: str) -> str:
    """One intervention with its suggestion, evidence and history, as text or as JSON."""
    row, proof, done = _known(ledger, key), evidence_of(ledger, key), steps_of(ledger, key)
    rules = work.rules_now(ledger)
    facts = work.explained(row, list(dict.fromkeys(proof["said"].iloc[::-1])),
                           work.contact_of(warehouse, row["interaction_id"]))  # fmt: skip
    next_step = work.suggestion(work.named(rules, row["rule"]), facts)
    if form != "table":
        stands = {name: row[name] for name in _STANDS}
        return to_json({"number": key, **stands, "suggestion": next_step, "evidence": rows(proof), "steps": rows(done)})
    held = holder(row["assignee"], row["status"], row["outcome"], row["due_at"])
    lines = [f"{key}: customer {row['customer_id']}, {work.title(rules, row['rule'])}, {held}", next_step]
    lines += [f"    {at:%d %b %Y, %H:%M}: {said}" for at, _, said in proof.itertuples(index=False)]
    return "\n".join([*lines, *(f"    {act(step)}" for step in done.to_dict("records"))])
