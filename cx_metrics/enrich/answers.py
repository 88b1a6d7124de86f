"""What a survey answer inherits from the contact or order that it is about, and which answers count."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import day
from cx_metrics.enrich.rebuild import rebuild
from cx_metrics.model import interactions, orders, survey_answers

_FROM_CONTACT = ("channel", "touchpoint", "reason", "team", "handled_by")


def follow_customers(connection: sa.Connection) -> None:
    """Where a contact's or order's customer was matched to another since, the answers that inherited it follow."""
    answer = survey_answers
    for fact, key in ((interactions, "interaction_id"), (orders, "order_id")):
        inherited = sa.and_(answer.c[key] == fact.c[key], answer.c.customer_id == fact.c.source_customer_key)
        connection.execute(sa.update(answer).values(customer_id=fact.c.customer_id).where(inherited))


def describe_answers(connection: sa.Connection, first_load: int) -> None:
    """Give answers the customer, stage, channel, ... of their contact or order, where either came with these loads."""
    answer, contact, order = survey_answers, interactions, orders
    new = [answer.c.load_id >= first_load]
    for fact, key in ((contact, "interaction_id"), (order, "order_id")):
        new.append(answer.c[key].in_(sa.select(fact.c[key]).where(fact.c.load_id >= first_load)))
    known = sa.or_(answer.c.interaction_id.is_not(None), answer.c.order_id.is_not(None))
    rebuild(connection, answer, sa.and_(known, sa.or_(*new)), _described)


def _described(rows: sa.FromClause) -> tuple[dict[str, Any], sa.FromClause]:
    contact, order = interactions, orders
    values: dict[str, Any] = {name: sa.func.coalesce(contact.c[name], rows.c[name]) for name in _FROM_CONTACT}
    values["stage"] = sa.func.coalesce(rows.c.stage, contact.c.stage)
    values["customer_id"] = sa.func.coalesce(rows.c.customer_id, contact.c.customer_id, order.c.customer_id)
    values["delivery"] = sa.func.coalesce(order.c.delivery, rows.c.delivery)
    with_contact = rows.outerjoin(contact, rows.c.interaction_id == contact.c.interaction_id)
    return values, with_contact.outerjoin(order, rows.c.order_id == order.c.order_id)


def mark_answers(connection: sa.Connection, first_load: int) -> None:
    """Set `counts` and `invitation` for the customers whose answers came or changed with these loads.

    A wave is one sending: the same contact or order, otherwise the same day of invitation (or of answer, where no
    invitation is known). In a wave the latest answer to an item counts, and one row stands for the invitation.
    Anonymous answers cannot be matched: each counts.
    """
    answer = survey_answers
    asked = answer.alias("asked")
    by_fact = [  # the customer may have come from there only now
        sa.select(asked.c.customer_id).where(asked.c[key] == fact.c[key], fact.c.load_id >= first_load)
        for fact, key in ((interactions, "interaction_id"), (orders, "order_id"))
    ]
    touched = sa.union(sa.select(asked.c.customer_id).where(asked.c.load_id >= first_load), *by_fact).subquery()
    of_customer = answer.c.customer_id.in_(sa.select(touched.c.customer_id))
    anonymous = sa.and_(answer.c.customer_id.is_(None), answer.c.load_id >= first_load)
    rebuild(connection, answer, sa.or_(of_customer, anonymous), _marked)


def _marked(rows: sa.FromClause) -> tuple[dict[str, Any], sa.FromClause]:
    day_asked = sa.cast(day(sa.func.coalesce(rows.c.invited_at, rows.c.answered_at)), sa.Text)
    sending = (rows.c.customer_id, sa.func.coalesce(rows.c.interaction_id, rows.c.order_id, day_asked))
    item = (*sending, rows.c.respondent, rows.c.instrument, rows.c.dimension, rows.c.stage)
    latest: Any = (
        sa.case((rows.c.score.is_not(None), 0), (rows.c.answered_at.is_not(None), 1), else_=2),
        sa.func.coalesce(rows.c.answered_at, rows.c.invited_at).desc(),
        rows.c.answer_id.desc(),
    )

    anonymous = rows.c.customer_id.is_(None)
    place = sa.func.row_number().over(partition_by=item, order_by=latest)
    # The row that stands for an invitation is one that says when it was sent; the answer may be in another.
    dated = (sa.case((rows.c.invited_at.is_not(None), 0), else_=1), *latest)
    sent = sa.func.row_number().over(partition_by=sending, order_by=dated)
    answered = sa.case((rows.c.answered_at.is_not(None), 1), else_=0)
    any_answer = sa.func.max(answered).over(partition_by=sending)
    values = {
        "counts": sa.case((anonymous, 1), (place == 1, 1), else_=0),
        "invitation": sa.case((anonymous, 1 + answered), (sent == 1, 1 + any_answer), else_=0),
    }
    return values, rows
