"""The ledger: what our people decided and did. Small transactions, many writers; nothing is ever rewritten.

So far it holds the audit: who imported, exported or loaded what, and when.
"""

from __future__ import annotations

import datetime
import getpass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics import dialect

metadata = sa.MetaData()
audit = sa.Table(
    "audit", metadata,
    sa.Column("audit_id", sa.Integer, primary_key=True, comment="number of the entry, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="account that did it"),
    sa.Column("action", sa.Text, nullable=False, comment="import, sample, quarantine export"),
    sa.Column("subject", sa.Text, nullable=False, comment="what it was done to"),
    sa.Column("detail", sa.Text, nullable=False, comment="outcome in words"),
    comment="who did what, append-only",
)  # fmt: skip


class Ledger:
    """A ledger by URL: one file, or a server."""

    def __init__(self, url: str) -> None:
        self._engine = dialect.ledger_engine(url)
        try:
            metadata.create_all(self._engine)
        except sa.exc.DBAPIError:  # somebody else created it at the same moment; now it is there
            metadata.create_all(self._engine)

    def record(self, action: str, subject: str, detail: str) -> None:
        """Append to the audit."""
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        entry: dict[str, Any] = {"at": now, "who": _account(), "action": action, "subject": subject, "detail": detail}
        with self._engine.begin() as connection:
            connection.execute(sa.insert(audit).values(**entry))

    def history(self, newest: int = 200) -> pd.DataFrame:
        """The newest audit entries first: at, who, action, subject, detail."""
        columns = [audit.c[name] for name in ("at", "who", "action", "subject", "detail")]
        with self._engine.connect() as connection:
            result = connection.execute(sa.select(*columns).order_by(audit.c.audit_id.desc()).limit(newest))
            return pd.DataFrame(result.fetchall(), columns=list(result.keys()))


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no account behind the process, as in some containers
        return "unknown"
