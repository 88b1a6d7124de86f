"""What is to be told, written into the outbox: each thing to each recipient once.

Who writes looks first, and again while nobody else writes, so that two processes don't tell the same twice.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.intervention_queue import ordered, standing
from cx_metrics.analyses.notice_outbox import Read
from cx_metrics.analyses.notice_words import (
    Draft,
    about_due,
    about_numbers,
    due_in,
    new_words,
    numbers_in,
    overdue_words,
    recognition_words,
)
from cx_metrics.analyses.rules import RuleError, current_rules
from cx_metrics.ledger import Ledger, Writing
from cx_metrics.ledger_tables import consents, nominations, notices
from cx_metrics.model import customers, known_customers
from cx_metrics.notice_settings import NoticeSettings, Recipient
from cx_metrics.warehouse import Warehouse

Summary = Callable[[str], tuple[str, str]]  # what it is about, to title and body
DAYS = 30  # what was opened, fell due or came to the wall earlier is no longer news
_MOST = 60  # interventions of one notice: what it is about is a key of the table, and keys are short
_AT_ONCE = 500  # keys of one question
_DATES = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class _Asked:
    """told: the settings. now: UTC. titles: of the rules. known: to the interventions whose customers the data know."""

    told: NoticeSettings
    now: datetime.datetime
    titles: Callable[[], Mapping[str, str]]
    known: Callable[[pd.DataFrame], pd.DataFrame]

    @property
    def since(self) -> datetime.datetime:
        return self.now - datetime.timedelta(days=DAYS)


def write_news(warehouse: Warehouse, ledger: Ledger, told: NoticeSettings, now: datetime.datetime) -> int:
    """Write of interventions and recognitions what is due and not written yet; returns how many notices. now: UTC.
    Raises LedgerError, and what the warehouse raises."""
    asked = _Asked(told, now, lambda: _titles(ledger), lambda rows: _known(warehouse, rows))
    if not _news(ledger.read, asked):
        return 0
    with ledger.alone() as writing:
        return add(writing, _news(writing.read, asked))


def write_summaries(
    ledger: Ledger, told: NoticeSettings, summaries: Mapping[str, Summary], now: datetime.datetime
) -> int:
    """Write the summaries that are due and not written yet; returns how many notices. summaries: kind ("weekly",
    "digest") to who words it. now: UTC. Raises LedgerError, and what a summary raises."""
    written = 0
    for kind, recipients in _summaries_due(ledger.read, told, now).items():
        about = about_summary(kind, now)
        title, body = summaries[kind](about)
        written += write(ledger, [Draft(kind, about, recipient, title, body) for recipient in recipients])
    return written


def write(ledger: Ledger, drafts: list[Draft]) -> int:
    """Write those of the notices that are not written yet; returns how many. Raises LedgerError."""
    with ledger.alone() as writing:
        c = notices.c
        there = writing.read(sa.select(c.kind, c.about, c.recipient).where(c.kind.in_({one.kind for one in drafts})))
        known = set(there.itertuples(index=False, name=None))
        return add(writing, [one for one in drafts if (one.kind, one.about, one.recipient) not in known])


def add(writing: Writing, drafts: list[Draft]) -> int:
    """Write notices; returns how many."""
    for draft in drafts:
        number = writing.add(notices, asdict(draft))
        writing.note("notice", f"notice {number} to {draft.recipient}", f"{draft.kind}: {draft.title}", "")
    return len(drafts)


def about_summary(kind: str, now: datetime.datetime) -> str:
    """What a summary is about that is due at a time (UTC): the last whole week (from Monday on) or month."""
    today = now.date()
    if kind == "weekly":
        year, week, _ = (today - datetime.timedelta(days=today.weekday() + 7)).isocalendar()
        return f"week {year}-W{week:02d}"
    return f"month {today.replace(day=1) - datetime.timedelta(days=1):%Y-%m}"


def _summaries_due(read: Read, told: NoticeSettings, now: datetime.datetime) -> dict[str, list[str]]:
    """kind -> the recipients who were not told the newest summary yet."""
    c, found = notices.c, {}
    for kind in ("weekly", "digest"):
        if names := [one.name for one in told.told(kind)]:
            done = read(sa.select(c.recipient).where(c.kind == kind, c.about == about_summary(kind, now)))["recipient"]
            if left := [name for name in names if name not in set(done)]:
                found[kind] = left
    return found


def _news(read: Read, asked: _Asked) -> list[Draft]:
    """Interventions and recognitions that a recipient was not told of yet."""
    told, since, drafts = asked.told, asked.since, []
    c = notices.c
    before = read(sa.select(c.kind, c.about, c.recipient).where(c.at > since))
    if told.told("new") or told.told("overdue"):
        row = standing(asked.now).c
        recent = sa.or_(row.at > since, sa.and_(row.overdue == 1, row.due_at > since))
        rows = ordered(read(sa.select(*row).where(row.status != "done", recent)))
        late = rows[(rows["overdue"] == 1) & (rows["due_at"] > since)]
        for one in told.told("new"):
            drafts += _new(one, rows[rows["at"] > since], before, asked)
        for one in told.told("overdue"):
            drafts += _overdue(one, late, before, asked)
    if there := told.told("recognition"):
        for praised in on_the_wall(read, since).to_dict("records"):
            about, words = f"nomination {praised['nomination_id']}", recognition_words(praised, told.link)
            drafts += [Draft("recognition", about, one.name, *words) for one in there
                       if about not in _abouts(before, "recognition", one)]  # fmt: skip
    return drafts


def on_the_wall(read: Read, since: datetime.datetime, until: datetime.datetime | None = None) -> pd.DataFrame:
    """Nominations whose newest word of consent is yes, and was given after `since` and before `until` (UTC): the
    columns of the table, and agreed_at, in that order."""
    newest = sa.select(consents.c.nomination_id, sa.func.max(consents.c.consent_id).label("consent_id"))
    last = newest.group_by(consents.c.nomination_id).subquery()
    source = nominations.join(last, last.c.nomination_id == nominations.c.nomination_id)
    source = source.join(consents, consents.c.consent_id == last.c.consent_id)
    wanted = [consents.c.given == 1, consents.c.at > since, *([consents.c.at < until] if until else [])]
    asked = sa.select(*nominations.c, consents.c.at.label("agreed_at")).select_from(source).where(*wanted)
    return read(asked.order_by(consents.c.at, nominations.c.nomination_id))


def _new(one: Recipient, rows: pd.DataFrame, before: pd.DataFrame, asked: _Asked) -> list[Draft]:
    done = {number for about in _abouts(before, "new", one) for number in numbers_in(about)}
    mine = _theirs(one, rows)
    parts = _parts(asked.known(mine[~mine["intervention_id"].isin(done)]))
    return [
        Draft("new", about_numbers(map(int, part["intervention_id"])), one.name,
              *new_words(part, asked.titles(), asked.told.link))
        for part in parts
    ]  # fmt: skip


def _overdue(one: Recipient, rows: pd.DataFrame, before: pd.DataFrame, asked: _Asked) -> list[Draft]:
    done = {pair for about in _abouts(before, "overdue", one) for pair in due_in(about)}
    mine = _theirs(one, rows)
    keys = zip(mine["intervention_id"].astype(int), mine["due_at"].dt.strftime(_DATES), strict=True)
    left = pd.Series([key not in done for key in keys], mine.index, dtype=bool)
    parts = _parts(asked.known(mine[left]))
    return [
        Draft("overdue", about_due(zip(map(int, part["intervention_id"]), part["due_at"], strict=True)), one.name,
              *overdue_words(part, asked.titles(), asked.told.link))
        for part in parts
    ]  # fmt: skip


def _titles(ledger: Ledger) -> dict[str, str]:
    """Titles of the rules by name; where they cannot be read, their names have to do."""
    try:
        return {rule.name: rule.title for rule in current_rules(ledger).rules}
    except RuleError:
        return {}


def _known(warehouse: Warehouse, rows: pd.DataFrame) -> pd.DataFrame:
    """The interventions whose customers the data know: those of data that were replaced are nobody's work."""
    keys, there = sorted(set(rows["customer_id"])), set()
    for first in range(0, len(keys), _AT_ONCE):
        asked = [sa.select(table.c.customer_id).where(table.c.customer_id.in_(keys[first : first + _AT_ONCE]))
                 for table in (customers, known_customers)]  # fmt: skip
        there |= set(warehouse.read(sa.union(*asked))["customer_id"])
    return rows[rows["customer_id"].isin(there)]


def _abouts(before: pd.DataFrame, kind: str, one: Recipient) -> set[str]:
    return set(before.loc[(before["kind"] == kind) & (before["recipient"] == one.name), "about"])


def _theirs(one: Recipient, rows: pd.DataFrame) -> pd.DataFrame:
    """The interventions of a recipient's teams, and those that anybody may take."""
    return rows[rows["team"].isin([*one.teams, ""])] if one.teams else rows


def _parts(rows: pd.DataFrame) -> list[pd.DataFrame]:
    return [rows.iloc[start : start + _MOST] for start in range(0, len(rows), _MOST)]
