"""The ledger: what our people decided, wrote and expected. Small transactions, many writers; nothing is ever rewritten.

Only rows are added: an event that should not have been entered is withdrawn by a row of its own, a prediction stays as
it was made. The database itself refuses to change or remove a row (see `dialect.prepare_ledger`).
"""

from __future__ import annotations

import contextlib
import datetime
import getpass
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics import dialect, migrations
from cx_metrics.ledger_tables import audit, entered_events, metadata, predictions, withdrawn_events


class LedgerError(Exception):
    """What the ledger cannot take; the message is one sentence."""


@dataclass(frozen=True)
class Writing:
    """A transaction of the ledger in which nobody else writes."""

    connection: sa.Connection

    def read(self, question: sa.Select[Any] | sa.CompoundSelect[Any]) -> pd.DataFrame:
        """The answer to a select, with what this transaction has added."""
        return _frame(self.connection, question)

    def add(self, table: sa.Table, row: Mapping[str, Any]) -> int:
        """Add a row, with its time where it gives none; returns its number."""
        clean = _clean({"at": _now(), **row})
        added = sa.insert(table).values(**clean).returning(*table.primary_key)
        return int(self.connection.execute(added).scalar_one())

    def note(self, action: str, subject: str, detail: str, who: str) -> None:
        """Append to the audit: every change has its entry."""
        _append(self.connection, action, subject, detail, who)


class Ledger:
    """A ledger by URL: one file, or a server. Every entry is also in the audit, in the same transaction.

    Raises LedgerError where it cannot be opened.
    """

    def __init__(self, url: str) -> None:
        try:
            self._engine = dialect.ledger_engine(url)
            dialect.prepare_ledger(self._engine, metadata, migrations.is_current, migrations.upgrade)
        except (OSError, ImportError, ValueError, sa.exc.SQLAlchemyError) as error:
            raise LedgerError(f"the ledger cannot be opened: {_reason(error)}") from error

    def record(self, action: str, subject: str, detail: str) -> None:
        """Append to the audit."""
        with self._transaction() as connection:
            _append(connection, action, subject, detail)

    def history(self, newest: int = 200) -> pd.DataFrame:
        """The newest audit entries first: at, who, action, subject, detail."""
        columns = [audit.c[name] for name in ("at", "who", "action", "subject", "detail")]
        return self.read(sa.select(*columns).order_by(audit.c.audit_id.desc()).limit(newest))

    def enter_events(self, entries: Sequence[Mapping[str, Any]], who: str = "") -> None:
        """Add events, all or none. entries: occurred_at (UTC), title, kind each. who: "" = the account."""
        entered = {"entered_at": _now(), "who": who or account()}
        rows = [_clean({**entry, **entered}) for entry in entries]
        with self._transaction() as connection:
            for row in rows:
                connection.execute(sa.insert(entered_events).values(**row))
                _append(
                    connection, "event", row["title"], f"{row['kind']} of {row['occurred_at']:%Y-%m-%d}", row["who"]
                )

    def withdraw_event(self, event_id: int, who: str = "") -> None:
        """Let an entered event be drawn no longer; it stays in the history. Raises LedgerError."""
        known = self.events().set_index("event_id")
        if event_id not in known.index:
            raise LedgerError(f"no event with the number {event_id} was entered")
        by = _text(who or account())
        try:
            with self._transaction() as connection:
                connection.execute(sa.insert(withdrawn_events).values(event_id=event_id, at=_now(), who=by))
                title = str(known.loc[event_id, "title"])
                _append(connection, "withdrawal", title, f"event {event_id} is no longer drawn", by)
        except sa.exc.IntegrityError:
            raise LedgerError(f"the event with the number {event_id} is withdrawn already") from None

    def events(self) -> pd.DataFrame:
        """Every event that was entered, oldest first: event_id, occurred_at, title, kind, entered_at, who,
        withdrawn_at and withdrawn_by (missing where it is drawn)."""
        event, gone = entered_events.c, withdrawn_events.c
        both = entered_events.outerjoin(withdrawn_events, gone.event_id == event.event_id)
        columns = [*event, gone.at.label("withdrawn_at"), gone.who.label("withdrawn_by")]
        return self.read(sa.select(*columns).select_from(both).order_by(event.occurred_at, event.event_id))

    def predict(self, prediction: Mapping[str, Any], at: datetime.datetime | None = None) -> int:
        """Add a prediction: who, team, metric, first_day, last_day, filters (JSON), expected, low, high, note; returns
        its number. at: when it was entered (UTC), for tests; None = now."""
        row = _clean({**prediction, "entered_at": at or _now()})
        with self._transaction() as connection:
            added = sa.insert(predictions).values(**row).returning(predictions.c.prediction_id)
            number = connection.execute(added).scalar_one()
            period = f"{row['metric']} {row['first_day']} to {row['last_day']}: {row['expected']:g}"
            _append(connection, "prediction", row["team"], period, row["who"])
        return int(number)

    def predictions(self) -> pd.DataFrame:
        """Every prediction in the order of entry, with the columns of the table."""
        return self.rows(predictions)

    def append(self, table: sa.Table, row: Mapping[str, Any], action: str, subject: str, detail: str) -> int:
        """Add a row to a table of the ledger, with its time, and return its number. row: the other columns, `who` among
        them. Raises LedgerError where the row contradicts what is there."""
        clean = _clean({"at": _now(), **row})
        try:
            with self._transaction() as connection:
                number = connection.execute(sa.insert(table).values(**clean).returning(*table.primary_key)).scalar_one()
                _append(connection, action, subject, detail, clean["who"])
        except sa.exc.IntegrityError:
            told = "somebody was quicker, so nothing was written; look at what is there now and try again"
            raise LedgerError(told) from None
        return int(number)

    def rows(self, table: sa.Table) -> pd.DataFrame:
        """Every row of a table of the ledger in the order of entry, with the table's columns."""
        return self.read(sa.select(*table.c).order_by(*table.primary_key))

    def read(self, question: sa.Select[Any] | sa.CompoundSelect[Any]) -> pd.DataFrame:
        """The answer to a select over the ledger's tables, one row per result row."""
        with self._transaction() as connection:
            return _frame(connection, question)

    @contextlib.contextmanager
    def alone(self) -> Iterator[Writing]:
        """A transaction in which nobody else writes, for what looks first and then adds; all of it or nothing."""
        try:
            with self._transaction() as connection:
                dialect.write_alone(connection)
                yield Writing(connection)
        except sa.exc.IntegrityError as error:
            raise LedgerError(f"this contradicts what is there, so nothing was written: {_reason(error)}") from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        """All or nothing. Raises LedgerError where the database is gone, full, or locked for too long."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.OperationalError as error:
            raise LedgerError(f"the ledger cannot be used now, and nothing was written: {_reason(error)}") from error


def _frame(connection: sa.Connection, question: sa.Select[Any] | sa.CompoundSelect[Any]) -> pd.DataFrame:
    result = connection.execute(question)
    return pd.DataFrame(result.fetchall(), columns=list(result.keys()))


def account() -> str:
    """The name of the account that the process runs under, or "unknown"."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no account behind the process, as in some containers
        return "unknown"


def _reason(error: Exception) -> str:
    """The first line of what a database said; never its URL, which may hold a password."""
    return (str(getattr(error, "orig", None) or error).splitlines() or [repr(error)])[0]


def _append(connection: sa.Connection, action: str, subject: str, detail: str, who: str = "") -> None:
    entry = {"at": _now(), "who": who or account(), "action": action, "subject": subject, "detail": detail}
    connection.execute(sa.insert(audit).values(**_clean(entry)))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def _clean(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _text(value) if isinstance(value, str) else value for name, value in row.items()}


def _text(text: str) -> str:
    """Without the signs that some database refuses: NUL, and halves of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
