"""The week in a notice: figures at the end of the data, and how the queue stands. The month's digest: see there."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping

import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.analyses.intervention_queue import standing
from cx_metrics.analyses.notice_words import linked
from cx_metrics.analyses.overview import Card, overview
from cx_metrics.analyses.recognition_digest import digest, to_notice
from cx_metrics.ledger import Ledger
from cx_metrics.metrics.catalog import data_period, usual_definitions
from cx_metrics.metrics.change import moved
from cx_metrics.notice_settings import NoticeSettings
from cx_metrics.scope import Scope, short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval

_DAY = datetime.timedelta(days=1)


def summaries(
    warehouse: Warehouse, ledger: Ledger, told: NoticeSettings, now: datetime.datetime
) -> Mapping[str, Callable[[str], tuple[str, str]]]:  # fmt: skip
    """kind -> what it is about ("week 2026-W47", "month 2026-10") to title and body, which cost a while to find."""
    return {
        "weekly": lambda about: weekly(warehouse, ledger, about, told.link, now),
        "digest": lambda about: to_notice(digest(warehouse, ledger, month_in(about)), told.link),
    }


def month_in(about: str) -> datetime.date:
    """The first day of the month that a digest is about."""
    return datetime.date.fromisoformat(f"{about.split()[1]}-01")


def weekly(
    warehouse: Warehouse, ledger: Ledger, about: str, link: str, now: datetime.datetime
) -> tuple[str, str]:  # fmt: skip
    """Title and body of a week's summary. about: "week 2026-W47". now: UTC, for the state of the queue."""
    name = about.split()[1]
    monday = datetime.datetime.strptime(f"{name}-1", "%G-W%V-%u")
    title = f"The week of {short_date(monday.date())}"
    lines = [*figures(warehouse), *_queue(ledger, monday, now)]
    return title, "\n".join([*lines, *filter(None, [linked(link, "overview"), linked(link, "recoveries")])])


def figures(warehouse: Warehouse) -> list[str]:
    """The last seven days of the data: the first figure, and those that moved clearly against the seven days before."""
    period = data_period(warehouse)
    if period is None:
        return ["There are no data yet."]
    last = period[1]
    limits = journey.current().limits
    found = overview(warehouse, Scope(last - 6 * _DAY, last, limits=limits, definitions=usual_definitions()))
    compared = [card for card in found.cards if card.change]
    clear = [card for card in compared if card.change and card.change.clear]
    shown = list(dict.fromkeys([*([found.lead] if found.lead else []), *clear]))
    head = (
        f"In the last seven days of the data, to {short_date(last)}, {len(clear)} of {len(compared)} figures moved "
        "clearly against the seven days before (of twenty that did not change, one does by chance)."
    )
    return [head, *(_said(card) for card in shown)]


def _said(card: Card) -> str:
    figure, unit = card.figure, card.metric.unit
    span = interval(figure.low, figure.high, unit)
    change = f"; {moved(card.change, unit)}" if card.change else ""
    return f"{card.metric.title}: {amount(figure.value, unit)} (95 %: {span}), n = {amount(figure.n, 'count')}{change}"


def _queue(ledger: Ledger, monday: datetime.datetime, now: datetime.datetime) -> list[str]:
    """What happened to interventions in the week, and how the queue stands now."""
    row = standing(now).c
    rows = ledger.read(sa.select(row.at, row.status, row.overdue, row.outcome, row.acted_at))
    if rows.empty:
        return ["No intervention was opened yet."]
    within = {name: (rows[name] >= monday) & (rows[name] < monday + 7 * _DAY) for name in ("at", "acted_at")}
    done = rows[within["acted_at"] & (rows["status"] == "done")]
    ended = ", ".join(f"{count:,} {outcome}" for outcome, count in done["outcome"].value_counts().sort_index().items())
    waiting = int(rows["status"].isin(["open", "claimed"]).sum())
    return [
        f"Interventions: {int(within['at'].sum()):,} opened in the week, {len(done):,} done"
        + (f" ({ended})" if ended else "") + ".",
        f"Now {waiting:,} wait, {int((rows['overdue'] == 1).sum()):,} are overdue, "
        f"{int((rows['status'] == 'snoozed').sum()):,} are snoozed.",
    ]  # fmt: skip
