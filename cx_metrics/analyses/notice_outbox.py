"""The outbox: which notices are on their way, what became of each try, and when the next one is due.

A try is noted before anything leaves, and its end afterwards. What was cut off in between is tried again under an
identity of its own: a notice arrives at least once, and no identity goes out twice.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.notice_sending import NO_ANSWER
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import deliveries, delivery_results, notices
from cx_metrics.wording import listing

WAITING, SENDING, SENT, FAILED, GIVEN_UP = "waiting", "being sent", "sent", "failed", "given up"
TESTED, WITHDRAWN = "tested", "withdrawn"
STATES = (SENT, WAITING, SENDING, FAILED, GIVEN_UP, TESTED, WITHDRAWN)
CUT_OFF = "it was cut off before its end was known"
ABOUT = (
    "A try is noted in the ledger before anything leaves, and its end afterwards. What fails is tried again after 1, 5 "
    "and 30 minutes, 2 and 12 hours, a day and another day; after 8 tries it is given up until somebody presses *Try "
    "again*. A try that was cut off is repeated after two minutes under a number of its own, so that a notice arrives "
    "at least once and no number (such as 17-2: notice 17, second try) goes out twice; who gets 17-1 and 17-2 has one "
    "notice twice. What was marked as tested is not sent later by itself. *Sent* means that the service took it, not "
    "that somebody read it. Notices hold no name, key or word of a customer, unless `personal = true`; then they are "
    "added on the way out, and never kept in the outbox. "
    "Each thing is told to a recipient once; interventions and recognitions older than 30 days are not told any more. "
    "Notices go out after an import, while the dashboard runs, and with `cx-metrics notices --watch`."
)
Read = Callable[[sa.Select[Any]], pd.DataFrame]
Clock = Callable[[], datetime.datetime]
_MINUTES = (1, 5, 30, 120, 720, 1440, 1440)  # from the end of a try that failed to the next one


@dataclass(frozen=True)
class Patience:
    """lease: so long a try without an end keeps others from trying. waits: from a try's end to the next one; there is
    one try more than waits."""

    lease: datetime.timedelta = datetime.timedelta(seconds=120)
    waits: tuple[datetime.timedelta, ...] = tuple(datetime.timedelta(minutes=wait) for wait in _MINUTES)


@dataclass(frozen=True)
class Try:
    """number: from 1. at, ended_at: UTC. state: SENT, FAILED, TESTED, WITHDRAWN; "" = its end is not known."""

    number: int
    at: datetime.datetime
    ended_at: datetime.datetime | None = None
    state: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Standing:
    """How a notice stands. reason: of the newest try. next_at: when it is tried again (UTC); None = by itself never."""

    state: str
    reason: str = ""
    next_at: datetime.datetime | None = None


@dataclass(frozen=True)
class Notice:
    """A notice as it was written, with its tries, oldest first."""

    number: int
    at: datetime.datetime
    kind: str
    about: str
    recipient: str
    title: str
    body: str
    tries: tuple[Try, ...] = field(default=())

    def standing(self, now: datetime.datetime, patience: Patience) -> Standing:
        """How it stands at a time (UTC)."""
        if any(one.state == SENT for one in self.tries):
            return Standing(SENT)
        if not self.tries:
            return Standing(WAITING, next_at=self.at)
        last = self.tries[-1]
        if last.state in (TESTED, WITHDRAWN):
            return Standing(last.state, last.reason)
        over = last.at + patience.lease
        if last.ended_at is None and now < over:
            return Standing(SENDING)
        reason = CUT_OFF if last.ended_at is None else last.reason
        if last.number > len(patience.waits):
            return Standing(GIVEN_UP, reason)
        return Standing(FAILED, reason, over if last.ended_at is None else last.ended_at + self._wait(last, patience))

    @property
    def may_have_arrived(self) -> bool:
        """Whether an earlier try may have been taken without our knowing."""
        return any(one.ended_at is None or one.reason == NO_ANSWER for one in self.tries)

    @staticmethod
    def _wait(last: Try, patience: Patience) -> datetime.timedelta:
        return patience.waits[last.number - 1]


def unfinished(read: Read) -> list[Notice]:
    """The notices that are not sent, tested or withdrawn, oldest first."""
    later = deliveries.alias("later")
    followed = sa.exists().where(later.c.notice_id == deliveries.c.notice_id, later.c.number > deliveries.c.number)
    state = delivery_results.c.state
    finished = (
        sa.select(sa.literal(1)).select_from(deliveries.join(delivery_results))
        .where(deliveries.c.notice_id == notices.c.notice_id)
        .where(sa.or_(state == SENT, sa.and_(state.in_((TESTED, WITHDRAWN)), sa.not_(followed))))
    )  # fmt: skip
    return _loaded(read, ~finished.exists())


def newest(ledger: Ledger, most: int = 200) -> list[Notice]:
    """The newest notices, newest first."""
    wanted = sa.select(notices.c.notice_id).order_by(notices.c.notice_id.desc()).limit(most)
    return _loaded(ledger.read, notices.c.notice_id.in_(wanted))[::-1]


def claim(
    ledger: Ledger, number: int, clock: Clock, patience: Patience, forced: bool = False
) -> tuple[Notice, int] | None:
    """Note that a notice is tried now; returns it with its tries before, and the try's key. None: it is not due, or
    somebody else is at it. forced: even if it is not due. Raises LedgerError."""
    with ledger.alone() as writing:
        now = clock()
        for notice in _loaded(writing.read, notices.c.notice_id == number):
            found = notice.standing(now, patience)
            due = found.next_at is not None and found.next_at <= now
            if found.state not in (SENT, SENDING) and (due or forced):
                row = {"notice_id": number, "number": len(notice.tries) + 1, "at": now}
                return notice, writing.add(deliveries, row)
    return None


def finish(ledger: Ledger, notice: Notice, key: int, state: str, reason: str, at: datetime.datetime) -> None:
    """Note how a try ended. key: of the try. Raises LedgerError."""
    with ledger.alone() as writing:
        writing.add(delivery_results, {"delivery_id": key, "at": at, "state": state, "reason": reason})
        told = f"try {len(notice.tries) + 1} {state}" + f": {reason}" * bool(reason)
        writing.note("notice", f"notice {notice.number} to {notice.recipient}", told, "")


def outbox(ledger: Ledger, recipients: frozenset[str], now: datetime.datetime, patience: Patience) -> pd.DataFrame:
    """number, state, kind, recipient, title, tries, reason, next try and written (UTC), newest first. recipients:
    names in the settings. Raises LedgerError."""
    rows = []
    for notice in newest(ledger):
        found = notice.standing(now, patience)
        lost = notice.recipient not in recipients and found.next_at is not None
        rows.append({
            "number": notice.number, "written": notice.at, "kind": notice.kind, "recipient": notice.recipient,
            "title": notice.title, "state": WAITING if lost else found.state, "tries": len(notice.tries),
            "reason": "the settings name no such recipient" if lost else found.reason,
            "next try": None if lost else found.next_at,
        })  # fmt: skip
    columns = ["number", "state", "kind", "recipient", "title", "tries", "reason", "next try", "written"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(**{name: pd.to_datetime(frame[name]).dt.floor("s") for name in ("written", "next try")})


def sentence(rows: pd.DataFrame) -> str:
    """How it stands, for people. rows: as `outbox` gives."""
    if rows.empty:
        return "Nobody was told anything yet."
    counts = rows["state"].value_counts()
    parts = [f"{counts[state]:,} {state}" for state in STATES if state in counts]
    return f"Of the newest {len(rows):,} notices, {listing(parts)}." if len(rows) > 1 else f"1 notice: {parts[0]}."


def _loaded(read: Read, condition: sa.ColumnElement[bool]) -> list[Notice]:
    """Notices with their tries, oldest first."""
    one, end = deliveries.c, delivery_results.c
    source = notices.outerjoin(deliveries).outerjoin(delivery_results)
    columns = [*notices.c, one.number, one.at.label("tried"), end.at.label("ended"), end.state, end.reason]
    frame = read(sa.select(*columns).select_from(source).where(condition).order_by(notices.c.notice_id, one.number))
    found: dict[int, Notice] = {}
    tries: dict[int, list[Try]] = {}
    for row in frame.astype(object).to_dict("records"):
        number = int(row["notice_id"])
        tries.setdefault(number, [])
        if pd.notna(row["number"]):
            ended = None if pd.isna(row["ended"]) else _time(row["ended"])
            state, reason = (row[name] if ended else "" for name in ("state", "reason"))
            tries[number].append(Try(int(row["number"]), _time(row["tried"]), ended, state, reason))
        texts = {name: row[name] for name in ("kind", "about", "recipient", "title", "body")}
        found[number] = Notice(number, _time(row["at"]), **texts, tries=tuple(tries[number]))
    return list(found.values())


def _time(given: Any) -> datetime.datetime:
    return pd.Timestamp(given).to_pydatetime()
