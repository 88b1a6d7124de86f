"""Delivering what is due: one try at a time, by one process at a time."""

from __future__ import annotations

import datetime
from collections import Counter

import sqlalchemy as sa

from cx_metrics.analyses.notice_outbox import (
    FAILED,
    SENT,
    TESTED,
    WITHDRAWN,
    Clock,
    Notice,
    Patience,
    claim,
    finish,
    unfinished,
)
from cx_metrics.analyses.notice_personal import details, still_wanted
from cx_metrics.analyses.notice_sending import Message, check, send
from cx_metrics.analyses.notice_words import Draft, defused, time_words
from cx_metrics.analyses.notice_writing import write
from cx_metrics.ledger import Ledger
from cx_metrics.notice_settings import TRIAL, NoticeError, NoticeSettings
from cx_metrics.warehouse import Warehouse, WarehouseError

USUAL = Patience()


def clock() -> datetime.datetime:
    """The time, UTC, without a zone."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def deliver(
    warehouse: Warehouse, ledger: Ledger, told: NoticeSettings, time: Clock, patience: Patience, ends: Counter[str]
) -> int:  # fmt: skip
    """Try every notice that is due, once. ends: state -> how many tries ended so is added to it. A recipient whom one
    did not reach is left alone until the next time. Returns 0: nothing is written. Raises LedgerError."""
    known, unreached = {one.name for one in told.recipients}, set()
    for notice in unfinished(ledger.read):
        due = notice.standing(time(), patience).next_at
        if notice.recipient in unreached or notice.recipient not in known or due is None or due > time():
            continue
        if end := attempt(warehouse, ledger, told, notice.number, time, patience):
            ends[end[0]] += 1
            unreached |= {notice.recipient} if end[0] == FAILED else set()
    return 0


def attempt(
    warehouse: Warehouse, ledger: Ledger, told: NoticeSettings, number: int, time: Clock = clock,
    patience: Patience = USUAL, forced: bool = False,
) -> tuple[str, str] | None:  # fmt: skip
    """Try one notice: how it ended, and why it failed or ""; None where it is not due, or somebody else is at it.
    forced: even if it is not due. Raises LedgerError."""
    mine = claim(ledger, number, time, patience, forced)
    if mine is None:
        return None
    notice, key = mine
    state, reason = _tried(warehouse, ledger, told, notice)
    finish(ledger, notice, key, state, reason, time())
    return state, reason


def try_out(warehouse: Warehouse, ledger: Ledger, told: NoticeSettings, recipient: str, who: str) -> tuple[str, str]:
    """Write a trial notice and try it at once; how it ended, and why it failed. Raises NoticeError, LedgerError."""
    named = told.named(recipient)
    now = clock()
    body = f"{defused(who)} sends this to see whether notices arrive here; there is nothing to do."
    about = f"trial of {now:%Y-%m-%d %H:%M:%S.%f}"
    write(ledger, [Draft(TRIAL, about, named.name, f"A trial from CX Metrics, {time_words(now)}", body)])
    number = next(one.number for one in unfinished(ledger.read) if (one.kind, one.about) == (TRIAL, about))
    return attempt(warehouse, ledger, told, number) or (SENT, "")  # somebody else, who delivers what is due, has it


def _tried(warehouse: Warehouse, ledger: Ledger, told: NoticeSettings, notice: Notice) -> tuple[str, str]:
    """Hand a notice over: how it ended, and why it failed."""
    try:
        address = told.named(notice.recipient).address()
        if not still_wanted(ledger, notice):
            return WITHDRAWN, "the consent was taken back"
        check(address)
    except NoticeError as error:
        return FAILED, str(error)
    if told.test:
        return TESTED, ""
    refused = send(address, message(notice, _details(warehouse, ledger, notice) if told.personal else ""))
    return (FAILED, refused) if refused else (SENT, "")


def message(notice: Notice, more: str = "") -> Message:
    """What leaves, with its identity in title and text. more: what is added about customers."""
    identity = f"{notice.number}-{len(notice.tries) + 1}"
    lines = [notice.body, *([more] if more else [])]
    if notice.may_have_arrived:
        earlier = ", ".join(f"{notice.number}-{one.number}" for one in notice.tries)
        lines.append(f"This may have arrived already, as {earlier}.")
    lines.append(f"CX Metrics, notice {notice.number} ({identity})")
    return Message(identity, notice.number, f"{notice.title} ({identity})", "\n".join(lines))


def _details(warehouse: Warehouse, ledger: Ledger, notice: Notice) -> str:
    try:
        return details(warehouse, ledger, notice)
    except (WarehouseError, OSError, sa.exc.SQLAlchemyError):  # the notice matters more than its details
        return ""
