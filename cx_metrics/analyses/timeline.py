"""One customer's timeline over all channels, and how to find the customer."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.model import customers, identities, interactions, messages, orders, subscriptions, survey_answers
from cx_metrics.scope import short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import duration, listing, number

KINDS = ("contact", "survey", "order", "subscription")
_COLUMNS = ("at", "until", "lane", "kind", "title", "detail", "outcome", "key")
_NEWEST = 2_000  # rows that a page draws
_MESSAGES = 500
_contact, _answer, _order, _sub, _person = interactions.c, survey_answers.c, orders.c, subscriptions.c, customers.c
_DOINGS = (_contact.occurred_at, _answer.answered_at, _order.ordered_at, _sub.started_at)


@dataclass(frozen=True)
class Customer:
    """A customer's details as they are known; keys: the customer's keys in other sources."""

    customer_id: str
    details: dict[str, str]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """What happened with a customer. rows: the newest of it, oldest first, as `timeline` gives it. total: rows that
    there are. sentence: in words."""

    rows: pd.DataFrame
    total: int
    sentence: str


@dataclass(frozen=True)
class Contact:
    """One contact. title and facts ([(name, value)]) for people. messages: sent_at, author, text; the first ones."""

    interaction_id: str
    customer_id: str | None
    title: str
    facts: tuple[tuple[str, str], ...]
    messages: pd.DataFrame
    message_count: int


def find_customers(warehouse: Warehouse, text: str, limit: int = 50) -> pd.DataFrame:
    """Customers whose name, e-mail or key contains each word of a text: customer_id, name, email, segment, region,
    contacts (count), last_contact (UTC); exact matches first. Without a text, those of whom there is the newest news.

    Keys of other sources count too, and customers that no customer table names, but contacts or orders do.
    """
    words = text.lower().split()
    found = (_matching(words) if words else _newest(limit)).limit(limit).subquery()
    own = interactions.c.customer_id == found.c.customer_id
    contacts, last = (
        sa.select(figure).where(own).scalar_subquery() for figure in (sa.func.count(), sa.func.max(_contact.occurred_at))
    )
    joined = found.outerjoin(customers, _person.customer_id == found.c.customer_id)
    details = [_person[name] for name in ("name", "email", "segment", "region")]
    question = sa.select(found.c.customer_id, *details, contacts.label("contacts"), last.label("last_contact"))
    exact = sa.or_(*(sa.func.lower(c) == text.strip().lower() for c in (found.c.customer_id, _person.name, _person.email)))
    order = (sa.case((exact, 0), else_=1), last.desc().nulls_last(), _person.name, found.c.customer_id)
    return warehouse.read(question.select_from(joined).order_by(*order))


def _matching(words: list[str]) -> sa.Select[Any]:
    def like(*columns: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return sa.and_(*(sa.or_(*(_contains(column, word) for column in columns)) for word in words))

    other = sa.select(identities.c.customer_id).where(like(identities.c.source_customer_key))
    named = like(_person.customer_id, _person.name, _person.email)
    parts = [sa.select(_person.customer_id).where(sa.or_(named, _person.customer_id.in_(other)))]
    for table in (interactions, orders, survey_answers, subscriptions):
        parts.append(sa.select(table.c.customer_id).where(like(table.c.customer_id)))
    return sa.select(sa.union(*parts).subquery().c.customer_id)


def _contains(column: sa.ColumnElement[Any], word: str) -> sa.ColumnElement[bool]:
    for sign in ("!", "%", "_"):
        word = word.replace(sign, "!" + sign)
    return sa.func.lower(column).like(f"%{word}%", escape="!")


def _newest(limit: int) -> sa.Select[Any]:
    """Customers of the newest rows of each table: no table has to be read whole for them."""
    parts = []
    for time in _DOINGS:
        customer_id = time.table.c.customer_id
        rows = sa.select(customer_id, time.label("at")).where(customer_id.is_not(None), time.is_not(None))
        parts.append(sa.select(*rows.order_by(time.desc()).limit(4 * limit).subquery().c))
    news = sa.union_all(*parts).subquery()
    return sa.select(news.c.customer_id).group_by(news.c.customer_id).order_by(sa.func.max(news.c.at).desc())


def names_customers(warehouse: Warehouse) -> bool:
    """Whether the data name any customer at all; a survey may be anonymous."""
    named = [sa.select(time.table.c.customer_id).where(time.table.c.customer_id.is_not(None)).limit(1) for time in _DOINGS]
    return any(not warehouse.read(question).empty for question in [sa.select(_person.customer_id).limit(1), *named])


def customer(warehouse: Warehouse, key: str) -> Customer | None:
    """The customer with this key, key in another source, or e-mail address; None when there is none."""
    by_identity = sa.select(identities.c.customer_id).where(identities.c.source_customer_key == key)
    by_mail = sa.select(_person.customer_id).where(sa.func.lower(_person.email) == key.lower())
    candidates = [sa.select(_person.customer_id).where(_person.customer_id == key), by_identity, by_mail]
    for table in (interactions, orders, survey_answers, subscriptions):
        candidates.append(sa.select(table.c.customer_id).where(table.c.customer_id == key))
    for question in candidates:
        found = warehouse.read(question.limit(1))
        if not found.empty:
            return _described(warehouse, str(found["customer_id"][0]))
    return None


def _described(warehouse: Warehouse, customer_id: str) -> Customer:
    names = ("name", "email", "phone", "segment", "region", "country", "birth_year", "signed_up_at")
    rows = warehouse.read(sa.select(*(_person[n] for n in names)).where(_person.customer_id == customer_id))
    details = {} if rows.empty else {n: _said(v) for n, v in rows.iloc[0].items() if v is not None and v == v}
    keys = warehouse.read(
        sa.select(identities.c.source, identities.c.source_customer_key)
        .where(identities.c.customer_id == customer_id, identities.c.source_customer_key != customer_id)
        .order_by(identities.c.source, identities.c.source_customer_key)
    )
    return Customer(customer_id, details, tuple(f"{row.source_customer_key} ({row.source})" for row in keys.itertuples()))


def _said(value: Any) -> str:
    return short_date(value.date()) if isinstance(value, datetime.datetime) else str(value).removesuffix(".0")


def timeline(warehouse: Warehouse, customer_id: str) -> pd.DataFrame:
    """Everything that happened with a customer, oldest first; what has no time comes last.

    Columns: at, until (UTC), lane (channel, or survey, order, subscription), kind (of KINDS), title, detail, outcome, key.
    """
    rows = _happened(customer_id)
    return warehouse.read(sa.select(rows).order_by(rows.c.at.nulls_last(), rows.c.key))


def history(
    warehouse: Warehouse, customer_id: str, start: datetime.date | None = None, end: datetime.date | None = None,
    newest: int = _NEWEST,
) -> History:  # fmt: skip
    """The `newest` rows of what happened with a customer, with start and end what reaches into those days."""
    rows = _happened(customer_id)
    kept: list[sa.ColumnElement[bool]] = []
    if start is not None:
        runs = sa.and_(rows.c.kind == "subscription", rows.c.until.is_(None))
        kept.append(sa.or_(sa.func.coalesce(rows.c.until, rows.c.at) >= datetime.datetime.combine(start, datetime.time()), runs))
    if end is not None:
        kept.append(rows.c.at < datetime.datetime.combine(end + datetime.timedelta(days=1), datetime.time()))
    counts = [sa.func.count().label("n"), sa.func.count(rows.c.lane.distinct()).label("lanes"), sa.func.min(rows.c.at).label("first")]
    sizes = warehouse.read(sa.select(rows.c.kind, *counts).where(*kept).group_by(rows.c.kind)).set_index("kind")
    latest = warehouse.read(
        sa.select(rows).where(*kept).order_by(rows.c.at.desc().nulls_last(), rows.c.key.desc()).limit(newest)
    )
    return History(latest.iloc[::-1].reset_index(drop=True), int(sizes["n"].sum()), _in_words(sizes, latest))


def _in_words(sizes: pd.DataFrame, latest: pd.DataFrame) -> str:
    """sizes: n, lanes, first by kind. latest: rows, newest first."""
    said = []
    for kind, word in zip(KINDS, ("contact", "survey invitation", "order", "subscription"), strict=True):
        if kind in sizes.index:
            n, lanes = int(sizes["n"][kind]), int(sizes["lanes"][kind])
            on = f" on {lanes} channel{'s' if lanes > 1 else ''}" if kind == "contact" else ""
            said.append(f"{number(n)} {word}{'s' if n > 1 else ''}{on}")
    if not said:
        return "Nothing happened here."
    first = sizes["first"].dropna()
    sentence = listing(said) + (f" since {short_date(pd.Timestamp(first.min()).date())}" if len(first) else "")
    contacts = latest[latest["kind"] == "contact"]
    if len(contacts):
        last = contacts.iloc[0]
        outcome = f", {last['outcome']}" if isinstance(last["outcome"], str) else ""
        sentence += f"; last contact: {last['lane']} about {last['title']} on {short_date(last['at'].date())}{outcome}"
    answers = latest[(latest["kind"] == "survey") & ~latest["outcome"].isin(["not answered", "comment"])]
    if len(answers):
        asked = str(answers["title"].iloc[0]).partition(" · ")[0]
        sentence += f"; last answer: {asked} {answers['outcome'].iloc[0]} on {short_date(answers['at'].iloc[0].date())}"
    return sentence + "."


def contact(warehouse: Warehouse, interaction_id: str) -> Contact | None:
    """One contact with what was said in it; None when there is none."""
    rows = warehouse.read(sa.select(interactions).where(_contact.interaction_id == interaction_id).limit(1))
    if rows.empty:
        return None
    row = {name: value for name, value in rows.iloc[0].items() if value is not None and value == value}
    asked = row.get("reason") or row.get("stage")
    title = f"{row.get('channel', 'contact')}{f' about {asked}' if asked else ''}, {row['occurred_at']:%d %b %Y, %H:%M} UTC"
    size = warehouse.read(sa.select(sa.func.count().label("n")).where(messages.c.interaction_id == interaction_id))
    return Contact(
        interaction_id, row.get("customer_id"), title[:1].upper() + title[1:], tuple(_facts(row)),
        conversation(warehouse, interaction_id, _MESSAGES), int(size["n"][0]),
    )  # fmt: skip


def _facts(row: dict[Any, Any]) -> list[tuple[str, str]]:
    texts = {"outcome": "outcome", "stage": "stage", "touchpoint": "touchpoint", "team": "team", "agent_id": "agent",
             "handled_by": "handled by", "initiated_by": "begun by", "case_id": "case"}  # fmt: skip
    facts = [(label, str(row[name]).replace("_", " ") if name.endswith("_by") else str(row[name]))
             for name, label in texts.items() if name in row]  # fmt: skip
    for name, label in (("wait_seconds", "waited"), ("handle_seconds", "handled in")):
        facts += [(label, duration(float(row[name])))] if name in row else []
    facts += [(name, number(row[name])) for name in ("transfers", "reopens") if row.get(name)]
    if "hours_since_previous" in row:
        facts.append(("after the previous contact on this reason", duration(3600 * float(row["hours_since_previous"]))))
    return facts


def conversation(warehouse: Warehouse, interaction_id: str, first: int | None = None) -> pd.DataFrame:
    """The messages of one contact in their order: sent_at, author, text."""
    question = (
        sa.select(messages.c.sent_at, messages.c.author, messages.c.text)
        .where(messages.c.interaction_id == interaction_id)
        .order_by(messages.c.sent_at.is_(None), messages.c.sent_at, messages.c.message_id)
    )
    return warehouse.read(question.limit(first))


def _happened(customer_id: str) -> sa.Subquery:
    """One row per thing that happened, columns as `timeline` describes them."""
    return sa.union_all(*(question.where(table.c.customer_id == customer_id) for table, question in _QUESTIONS)).subquery()
