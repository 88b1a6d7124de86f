"""Telling what is to be told, and delivering what is due: called after imports, by the dashboard and by the clock."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from cx_metrics.analyses.notice_attempts import USUAL, clock, deliver
from cx_metrics.analyses.notice_outbox import FAILED, SENT, TESTED, WITHDRAWN, Clock
from cx_metrics.analyses.notice_summaries import summaries
from cx_metrics.analyses.notice_writing import write_news, write_summaries
from cx_metrics.journey import JourneyError
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.notice_settings import NoticeSettings
from cx_metrics.scope import ScopeError
from cx_metrics.warehouse import Warehouse, WarehouseError

_TROUBLE = (LedgerError, JourneyError, ScopeError, WarehouseError, OSError, sa.exc.SQLAlchemyError)


@dataclass(frozen=True)
class Ticked:
    """How many notices were written, and how many tries ended in which way. problem: what went wrong, one sentence."""

    written: int = 0
    sent: int = 0
    failed: int = 0
    tested: int = 0
    withdrawn: int = 0
    problem: str = ""

    @property
    def sentence(self) -> str:
        """In words, e.g. "2 notices written, 1 sent, 1 failed"."""
        ends = {"sent": self.sent, "failed": self.failed, "tested": self.tested, "withdrawn": self.withdrawn}
        said = [f"{self.written} notice{'s' * (self.written != 1)} written"]
        said += [f"{count} {words}" for words, count in ends.items() if count]
        return ", ".join(said) + (f"; {self.problem}" if self.problem else "")


def tick(
    warehouse: Warehouse, ledger: Ledger, told: NoticeSettings, now: datetime.datetime | None = None
) -> Ticked:  # fmt: skip
    """Write what is due to be told, and deliver what is due. now: UTC, for tests; None = the clock. Costs a few small
    reads where nothing is due. Raises nothing: trouble is in `problem`."""
    time: Clock = clock if now is None else lambda: now
    if not told.recipients:
        return Ticked()
    written, problems, ends = 0, [], Counter[str]()
    steps: tuple[Callable[[], int], ...] = (
        lambda: write_news(warehouse, ledger, told, time()),
        lambda: write_summaries(ledger, told, summaries(warehouse, ledger, told, time()), time()),
        lambda: deliver(warehouse, ledger, told, time, USUAL, ends),
    )
    for step in steps:
        try:
            written += step()
        except _TROUBLE as error:
            problems.append(_sentence(error))
    counts = {name: ends[state] for name, state in
              (("sent", SENT), ("failed", FAILED), ("tested", TESTED), ("withdrawn", WITHDRAWN))}  # fmt: skip
    return Ticked(written, **counts, problem="; ".join(dict.fromkeys(problems)))


def _sentence(error: Exception) -> str:
    return (str(error).splitlines() or [repr(error)])[0]
