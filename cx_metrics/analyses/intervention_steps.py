"""What people do about an intervention: each act is a row of its own that says how it stands afterwards.

Who acts says which step they saw last. Where somebody else acted in between nothing is written and they are told, as
they decided on what is no longer so; only a note holds whatever happened, and is added after it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.intervention_queue import clock, one, standing
from cx_metrics.analyses.intervention_words import quicker
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.ledger_tables import intervention_steps
from cx_metrics.scope import short_date

OUTCOMES = ("reached and solved", "reached, not solved", "not reached", "no help needed", "false alarm")
REACHED = frozenset({"reached and solved", "reached, not solved"})  # a person of ours spoke with the customer
LONGEST_NAME, LONGEST_WORDS = 120, 1_000  # characters
LONGEST_SNOOZE = 90  # days
_Row = dict[str, Any]
_Change = Callable[[_Row, datetime.datetime], _Row]  # how it stands, and the time, to what the step changes
_STATE = ("assignee", "team", "due_at", "outcome")


def claim(
    ledger: Ledger, intervention_id: int, number_seen: int, who: str, now: datetime.datetime | None = None
) -> int:  # fmt: skip
    """Take an intervention that nobody has; returns the step's number.

    Here and in all that follow: number_seen = number of the newest step that `who` saw (0 = none); now: UTC, for tests.
    Raises LedgerError, one sentence, where it is not as they saw it, or they may not.
    """
    by = _name(who)

    def change(row: _Row, _: datetime.datetime) -> _Row:
        _own(row, by, "hand it over or let it be released first")
        if row["assignee"] and row["status"] == "claimed":
            raise LedgerError("you have it already")
        return {"status": "claimed", "assignee": by}

    return _act(ledger, intervention_id, number_seen, by, "claim", "", change, now)


def claim_first(ledger: Ledger, numbers: Sequence[int], who: str, now: datetime.datetime | None = None) -> int | None:
    """Take the first of these interventions, in their order, that nobody has; returns its number, or None where none is
    left. Nobody can be quicker in between. Raises LedgerError, one sentence."""
    by = _name(who)
    with ledger.alone() as writing:
        row = standing(now or clock(), numbers).c
        wanted = sa.select(row.intervention_id).where(row.status == "open")
        free = {int(number) for number in writing.read(wanted)["intervention_id"]}
        first = next((number for number in numbers if number in free), None)
        if first is not None:
            found = one(writing, first, now)
            _write(writing, found or {}, by, "claim", "", {"status": "claimed", "assignee": by}, now or clock())
    return first


def release(
    ledger: Ledger, intervention_id: int, number_seen: int, who: str, words: str = "",
    now: datetime.datetime | None = None,
) -> int:  # fmt: skip
    """Give back what one has, so that others can claim it."""
    by = _name(who)

    def change(row: _Row, _: datetime.datetime) -> _Row:
        _own(row, by, "only they can give it back")
        if not row["assignee"]:
            raise LedgerError("nobody has it, so there is nothing to give back")
        return {"status": "open", "assignee": ""}

    return _act(ledger, intervention_id, number_seen, by, "release", words, change, now)


def note(
    ledger: Ledger, intervention_id: int, number_seen: int, who: str, words: str,
    now: datetime.datetime | None = None,
) -> int:  # fmt: skip
    """Write something down. It is kept whatever others did in between, and changes nothing of how things stand."""
    said = _words(words, "write something first")
    return _act(ledger, intervention_id, number_seen, _name(who), "note", said, None, now)


def snooze(
    ledger: Ledger, intervention_id: int, number_seen: int, who: str, until: datetime.date, words: str = "",
    now: datetime.datetime | None = None,
) -> int:  # fmt: skip
    """Let it rest until a day begins (UTC), by the end of which it is due. Who has it keeps it."""
    by = _name(who)

    def change(row: _Row, at: datetime.datetime) -> _Row:
        _own(row, by)
        if not 0 < (until - at.date()).days <= LONGEST_SNOOZE:
            raise LedgerError(f"choose a day after today, at most {LONGEST_SNOOZE} days ahead")
        due = datetime.datetime.combine(until, datetime.time()) + datetime.timedelta(days=1)
        return {"status": "snoozed", "due_at": due}

    return _act(ledger, intervention_id, number_seen, by, "snooze", words, change, now)


def hand_over(
    ledger: Ledger, intervention_id: int, number_seen: int, who: str, to_team: str = "", to_person: str = "",
    words: str = "", now: datetime.datetime | None = None,
) -> int:  # fmt: skip
    """Give it to another team, or to a person (oneself too), or both. The due time stays. Whoever takes it from
    somebody else says why."""
    by = _name(who)
    team, person = (_short(text, "the team or the person") for text in (to_team, to_person))

    def change(row: _Row, _: datetime.datetime) -> _Row:
        _not_done(row)
        if not team and not person:
            raise LedgerError("say to which team or to whom it is handed over")
        if (team or row["team"], person) == (row["team"], row["assignee"]):
            raise LedgerError("it is there already")
        if row["assignee"] and not _same(row["assignee"], by) and not words.strip():
            raise LedgerError(f"{row['assignee']} has it: say in words why it is handed over")
        return {"status": "claimed" if person else "open", "assignee": person, "team": team or row["team"]}

    return _act(ledger, intervention_id, number_seen, by, "hand over", words, change, now)


def finish(
    ledger: Ledger, intervention_id: int, number_seen: int, who: str, outcome: str, words: str = "",
    now: datetime.datetime | None = None,
) -> int:  # fmt: skip
    """Say how it ended. outcome: one of OUTCOMES. What nobody had was done by `who`."""
    by = _name(who)
    if outcome not in OUTCOMES:
        wrong = f"{outcome[:40]!r} is no outcome; there are" if outcome else "say how it ended"
        raise LedgerError(f"{wrong}: {'; '.join(OUTCOMES)}")

    def change(row: _Row, _: datetime.datetime) -> _Row:
        _own(row, by)
        return {"status": "done", "outcome": outcome, "assignee": row["assignee"] or by}

    return _act(ledger, intervention_id, number_seen, by, "outcome", words, change, now)


def reopen(
    ledger: Ledger, intervention_id: int, number_seen: int, who: str, words: str, now: datetime.datetime | None = None
) -> int:
    """Open what is done again, for a reason; nobody has it, and there is as much time as at its opening."""
    said = _words(words, "say why it is opened again")

    def change(row: _Row, at: datetime.datetime) -> _Row:
        if row["status"] != "done":
            raise LedgerError("it is not done, so it cannot be opened again")
        return {"status": "open", "assignee": "", "outcome": "", "due_at": at + (row["allowed_until"] - row["at"])}

    return _act(ledger, intervention_id, number_seen, _name(who), "reopen", said, change, now)


def _act(
    ledger: Ledger, intervention_id: int, number_seen: int, by: str, action: str, words: str, change: _Change | None,
    now: datetime.datetime | None,
) -> int:  # fmt: skip
    """Add a step, while nobody else writes. change: None = it stands as before, and nothing in between matters."""
    said = _words(words)
    with ledger.alone() as writing:
        at = now or clock()
        row = one(writing, intervention_id, at)
        if row is None:
            raise LedgerError(f"there is no intervention with the number {intervention_id}")
        if change is not None and row["number"] != number_seen:
            raise LedgerError(quicker(row, at))
        return _write(writing, row, by, action, said, {} if change is None else change(row, at), at)


def _write(
    writing: Any, row: _Row, by: str, action: str, words: str, changed: _Row, at: datetime.datetime
) -> int:  # fmt: skip
    number = int(row["number"]) + 1
    after = {**{name: row[name] for name in _STATE}, "status": row["kept"], **changed}
    step = {"at": at, "who": by, "intervention_id": int(row["intervention_id"]), "number": number, "action": action,
            "words": words, **after}  # fmt: skip
    writing.add(intervention_steps, step)
    parts = [f"step {number}", after["status"], after["assignee"] and f"with {after['assignee']}", after["team"],
             after["outcome"], f"due {short_date(after['due_at'].date())}"]  # fmt: skip
    writing.note(f"intervention {action}", f"intervention {row['intervention_id']}", ", ".join(filter(None, parts)), by)
    return number


def _not_done(row: _Row) -> None:
    if row["status"] == "done":
        raise LedgerError("it is done; open it again first")


def _own(row: _Row, by: str, otherwise: str = "let them hand it over, or take it over with a reason") -> None:
    """Refuse what is done, and what somebody else has."""
    _not_done(row)
    if row["assignee"] and not _same(row["assignee"], by):
        raise LedgerError(f"{row['assignee']} has it; {otherwise}")


def _same(one_name: str, other: str) -> bool:
    return one_name.casefold() == other.casefold()


def _name(who: str) -> str:
    name = " ".join(who.split())
    if not name:
        raise LedgerError("say who you are")
    return _short(name, "your name")


def _short(text: str, what: str) -> str:
    found = " ".join(text.split())
    if len(found) > LONGEST_NAME:
        raise LedgerError(f"{what} has {len(found)} characters; {LONGEST_NAME} is the most")
    return found


def _words(text: str, needed: str = "") -> str:
    said = " ".join(text.split())
    if needed and not said:
        raise LedgerError(needed)
    if len(said) > LONGEST_WORDS:
        raise LedgerError(f"the words have {len(said)} characters; {LONGEST_WORDS:,} is the most")
    return said
