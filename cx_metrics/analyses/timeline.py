"""One customer's timeline over all channels, and how to find the customer."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from cx_metrics.model import customers, identities, interactions, messages, orders, subscriptions, survey_answers
from cx_metrics.warehouse import Warehouse

_COLUMNS = ("at", "until", "lane", "kind", "title", "detail", "outcome", "key")


@dataclass(frozen=True)
class Customer:
    """A customer's details as they are known; keys: the customer's keys in other sources."""

    customer_id: str
    details: dict[str, str]
    keys: tuple[str, ...]


def find_customers(warehouse: Warehouse, text: str, limit: int = 50) -> pd.DataFrame:
    """Customers whose name, e-mail or key contains a text: customer_id, name, email, segment, region, contacts.

    Keys of other sources count too, and customers that no customer table names, but contacts or orders do.
    """
    pattern = f"%{_escaped(text.strip().lower())}%"

    def like(column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        return sa.func.lower(column).like(pattern, escape="!")

    other = sa.select(identities.c.customer_id).where(like(identities.c.source_customer_key))
    parts = [
        sa.select(customers.c.customer_id).where(
            sa.or_(*(like(customers.c[c]) for c in ("customer_id", "name", "email")), customers.c.customer_id.in_(other))
        )
    ]
    for table in (interactions, orders, survey_answers, subscriptions):
        parts.append(sa.select(table.c.customer_id).where(like(table.c.customer_id)))
    found = sa.select(sa.union(*parts).subquery().c.customer_id).limit(limit).subquery()
    contacts = sa.select(sa.func.count()).where(interactions.c.customer_id == found.c.customer_id).scalar_subquery()
    details = [customers.c[name] for name in ("name", "email", "segment", "region")]
    joined = found.outerjoin(customers, customers.c.customer_id == found.c.customer_id)
    question = sa.select(found.c.customer_id, *details, contacts.label("contacts")).select_from(joined)
    return warehouse.read(question.order_by(customers.c.name, found.c.customer_id))


def _escaped(text: str) -> str:
    for sign in ("!", "%", "_"):
        text = text.replace(sign, "!" + sign)
    return text


def customer(warehouse: Warehouse, key: str) -> Customer | None:
    """The customer with this key, key in another source, or e-mail address; None when there is none."""
    by_identity = sa.select(identities.c.customer_id).where(identities.c.source_customer_key == key)
    by_mail = sa.select(customers.c.customer_id).where(sa.func.lower(customers.c.email) == key.lower())
    candidates = [sa.select(customers.c.customer_id).where(customers.c.customer_id == key), by_identity, by_mail]
    for table in (interactions, orders, survey_answers, subscriptions):
        candidates.append(sa.select(table.c.customer_id).where(table.c.customer_id == key).limit(1))
    for question in candidates:
        found = warehouse.read(question.limit(1))
        if not found.empty:
            return _described(warehouse, str(found["customer_id"][0]))
    return None


def _described(warehouse: Warehouse, customer_id: str) -> Customer:
    names = ("name", "email", "phone", "segment", "region", "country", "birth_year", "signed_up_at")
    rows = warehouse.read(sa.select(*(customers.c[n] for n in names)).where(customers.c.customer_id == customer_id))
    details = {} if rows.empty else {n: str(v) for n, v in rows.iloc[0].items() if v is not None and v == v}
    keys = warehouse.read(
        sa.select(identities.c.source, identities.c.source_customer_key).where(identities.c.customer_id == customer_id)
    )
    return Customer(customer_id, details, tuple(f"{row.source_customer_key} ({row.source})" for row in keys.itertuples()))


def timeline(warehouse: Warehouse, customer_id: str) -> pd.DataFrame:
    """Everything that happened with a customer, oldest first.

    Columns: at, until (UTC), lane (channel, or survey, order, subscription), kind, title, detail, outcome, key.
    """
    frames = [warehouse.read(question.where(table.c.customer_id == customer_id)) for table, question in _QUESTIONS]
    filled = [frame for frame in frames if not frame.empty]
    if not filled:
        return pd.DataFrame(columns=list(_COLUMNS))
    return pd.concat(filled, ignore_index=True).sort_values(["at", "key"], ignore_index=True)


def conversation(warehouse: Warehouse, interaction_id: str) -> pd.DataFrame:
    """The messages of one contact in their order: sent_at, author, text."""
    return warehouse.read(
        sa.select(messages.c.sent_at, messages.c.author, messages.c.text)
        .where(messages.c.interaction_id == interaction_id)
        .order_by(messages.c.sent_at.is_(None), messages.c.sent_at, messages.c.message_id)
    )


def _text(value: sa.ColumnElement[object] | str | None) -> sa.ColumnElement[str]:
    return sa.cast(value if isinstance(value, sa.ColumnElement) else sa.literal(value), sa.Text)


def _row(at: object, until: object, lane: object, kind: str, title: object, detail: object, outcome: object, key: object):  # type: ignore[no-untyped-def]
    times = [sa.cast(time if time is not None else sa.null(), sa.DateTime) for time in (at, until)]
    texts = [_text(text) for text in (lane, kind, title, detail, outcome, key)]  # type: ignore[arg-type]
    return sa.select(*(value.label(name) for name, value in zip(_COLUMNS, [*times, *texts], strict=True)))


def _joined(*parts: sa.ColumnElement[object]) -> sa.ColumnElement[str]:
    """Texts that are there, with " · " between them."""
    texts = [sa.func.coalesce(sa.literal(" · ").concat(_text(part)), "") for part in parts]
    joined = texts[0]
    for text in texts[1:]:
        joined = joined.concat(text)
    return sa.func.substr(joined, 4)


_contact, _answer, _order, _sub = interactions.c, survey_answers.c, orders.c, subscriptions.c
_score = _text(_answer.score).concat(" of ").concat(_text(_answer.scale_max))
_answered = sa.case((_answer.score.is_not(None), _score), (_answer.answered_at.is_(None), "not answered"), else_="comment")
_QUESTIONS = (
    (interactions, _row(
        _contact.occurred_at, _contact.ended_at, sa.func.coalesce(_contact.channel, "contact"), "contact",
        sa.func.coalesce(_contact.reason, _contact.stage, "contact"),
        _joined(_contact.stage, _contact.touchpoint, _contact.team, _contact.handled_by), _contact.outcome,
        _contact.interaction_id,
    )),
    (survey_answers, _row(
        sa.func.coalesce(_answer.answered_at, _answer.invited_at), None, "survey", "survey",
        _joined(_answer.instrument, _answer.dimension, _answer.stage), _answer.comment, _answered, _answer.answer_id,
    )),
    (orders, _row(
        _order.ordered_at, _order.delivered_at, "order", "order",
        sa.literal("order ").concat(_order.order_id), _joined(_order.amount, _order.currency, _order.delivery),
        _order.status, _order.order_id,
    )),
    (subscriptions, _row(
        _sub.started_at, _sub.ended_at, "subscription", "subscription",
        sa.literal("subscription ").concat(_sub.subscription_id), _joined(_sub.monthly_amount, _sub.currency),
        sa.case((_sub.ended_at.is_(None), "running"), else_="ended"), _sub.subscription_id,
    )),
)  # fmt: skip
