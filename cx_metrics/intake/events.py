"""Events that people enter, one by one or as a delimited file: checked, and kept in the ledger."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from cx_metrics.intake.plan import IntakeError, Reading, Row
from cx_metrics.intake.stage import SetAside
from cx_metrics.intake.text import BLANK, examine, header_of, text_rows
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.model import events
from cx_metrics.warehouse import Warehouse

KINDS: tuple[str, ...] = events.c.kind.info["rule"].allowed
DEFAULT_KIND = str(events.c.kind.info["rule"].default)
LONGEST = 120  # characters of a title: more does not fit under a chart
_AHEAD = 366  # days: what is planned may be entered
_TIME = ("occurred_at", "date")  # names of the column that says when


@dataclass(frozen=True)
class Entry:
    """An event to enter. occurred_at: UTC."""

    occurred_at: datetime.datetime
    title: str
    kind: str

    @property
    def key(self) -> tuple[datetime.date, str]:
        """What makes two events the same: the day, and the title without regard to case."""
        return self.occurred_at.date(), self.title.casefold()


@dataclass(frozen=True)
class Entered:
    """What became of a file: rows read = entered + already there + set aside. note: how it was read."""

    file: str
    read: int
    entered: int
    already: int
    set_aside: tuple[SetAside, ...]
    note: str = ""

    @property
    def sentence(self) -> str:
        """The account in words."""
        parts = f"{self.entered:,} entered + {self.already:,} already there + {len(self.set_aside):,} set aside"
        return f"{self.file}: {self.read:,} rows read = {parts}" + (f"; {self.note}" if self.note else "")


def entry(when: str, title: str, kind: str = "") -> Entry:
    """An event from what somebody wrote. when: a day or time, ISO 8601, UTC where it names no zone.

    Raises IntakeError, one sentence.
    """
    words, sort = " ".join(title.split()), kind.strip(BLANK).lower() or DEFAULT_KIND
    if not words:
        raise IntakeError("the title is empty; say in a few words what happened")
    if len(words) > LONGEST:
        raise IntakeError(f"the title has {len(words)} characters; {LONGEST} is the most")
    if any("\ud800" <= sign <= "\udfff" or sign == "\0" for sign in words):
        raise IntakeError("the title holds signs that are no text; write it anew")
    if sort not in KINDS:
        raise IntakeError(f"{sort[:60]!r} is no kind of event; there are: {', '.join(KINDS)}")
    return Entry(_time(when.strip(BLANK)), words, sort)


def _time(text: str) -> datetime.datetime:
    if not text:
        raise IntakeError("the date is empty; write it as 2026-05-01")
    try:
        found = datetime.datetime.fromisoformat(text)
        utc = found.astimezone(datetime.UTC).replace(tzinfo=None) if found.tzinfo else found
    except (ValueError, OverflowError):
        raise IntakeError(f"{text[:60]!r} cannot be read as a date; write it as 2026-05-01") from None
    latest = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(days=_AHEAD)
    if not datetime.datetime(1970, 1, 1) <= utc <= latest:
        raise IntakeError(f"the date {utc.date()} lies {'before 1970' if utc < latest else 'more than a year ahead'}")
    return utc


def enter(warehouse: Warehouse, ledger: Ledger, wanted: Entry, who: str = "") -> None:
    """Keep one event. Raises IntakeError where it is there already."""
    if wanted.key in _there(warehouse, ledger):
        raise IntakeError(f"{wanted.title!r} of {wanted.occurred_at.date()} is there already")
    ledger.enter_events([vars(wanted)], who)


def enter_file(warehouse: Warehouse, ledger: Ledger, path: Path, who: str = "") -> Entered:
    """Keep the events of a delimited file, all that can be used or, on an error, none.

    The file has the columns occurred_at or date, title, and perhaps kind; others are ignored. Raises IntakeError for a
    file that cannot be used at all.
    """
    if not path.is_file():
        raise IntakeError(f"there is no file {path}")
    text = examine(path)
    known, good, already, aside, read = _there(warehouse, ledger), list[Entry](), 0, list[SetAside](), 0
    when, title, kind = _columns(path, header_of(text, Reading())[1])
    for row in text_rows(text, Reading()):
        read += 1
        try:
            if row.problem:
                raise IntakeError(row.problem)
            found = entry(_cell(row, when), _cell(row, title), _cell(row, kind))
        except IntakeError as error:
            aside.append(SetAside(row.line, str(error), json.dumps(dict(row.cells))))
            continue
        already += found.key in known
        good += [] if found.key in known else [found]
        known.add(found.key)
    if good:
        ledger.enter_events([vars(event) for event in good], who)
    return Entered(path.name, read, len(good), already, tuple(aside), text.note)


def _columns(path: Path, header: Sequence[str]) -> tuple[str, str, str]:
    """The file's own names of the columns that say when, what and of which kind ("" = it has no kind)."""
    own = {name.lower(): name for name in reversed(header)}
    when = next((own[name] for name in _TIME if name in own), "")
    if not when or "title" not in own:
        lacking = "title" if when else "occurred_at or date"
        raise IntakeError(
            f"{path.name} has no column {lacking}; it has: {', '.join(name[:40] for name in header[:12])}"
        )
    return when, own["title"], own.get("kind", "")


def _cell(row: Row, name: str) -> str:
    return (row.cells.get(name) or "").strip(BLANK)


def _there(warehouse: Warehouse, ledger: Ledger) -> set[tuple[datetime.date, str]]:
    """Keys of the events that are drawn already, imported or entered."""
    rows = [warehouse.read(sa.select(events.c.occurred_at, events.c.title)), drawn(ledger.events())]
    return {key for frame in rows for key in _keys(frame)}


def _keys(frame: pd.DataFrame) -> Iterator[tuple[datetime.date, str]]:
    for when, title in frame[["occurred_at", "title"]].itertuples(index=False):
        yield Entry(pd.Timestamp(when).to_pydatetime(), " ".join(str(title).split()), "").key


def drawn(entered: pd.DataFrame) -> pd.DataFrame:
    """Those of the ledger's events that were not withdrawn."""
    return entered[entered["withdrawn_at"].isna()]


def withdraw(ledger: Ledger, number: str, who: str = "") -> None:
    """Let an entered event be drawn no longer. number: as the list of events shows it. Raises LedgerError."""
    if not number.strip().isdecimal() or len(number.strip()) > 15:
        raise LedgerError(f"{number[:60]!r} is not the number of an entered event; what came in a file stays as it is")
    ledger.withdraw_event(int(number), who)
