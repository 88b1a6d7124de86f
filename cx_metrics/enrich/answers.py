"""What a survey answer inherits from the contact or order that it is about, and which answers count."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import day
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
    new = sa.or_(answer.c.load_id >= first_load, contact.c.load_id >= first_load)
    inherited: dict[str, Any] = {name: contact.c[name] for name in _FROM_CONTACT}
    for name in ("customer_id", "stage"):
        inherited[name] = sa.func.coalesce(answer.c[name], contact.c[name])
    connection.execute(
        sa.update(answer).values(inherited).where(answer.c.interaction_id == contact.c.interaction_id, new)
    )
    new = sa.or_(answer.c.load_id >= first_load, order.c.load_id >= first_load)
    values = {"delivery": order.c.delivery, "customer_id": sa.func.coalesce(answer.c.customer_id, order.c.customer_id)}
    connection.execute(sa.update(answer).values(values).where(answer.c.order_id == order.c.order_id, new))


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
    touched = sa.union(sa.select(asked.c.customer_id).where(asked.c.load_id >= first_load), *by_fact)
    day_asked = sa.cast(day(sa.func.coalesce(answer.c.invited_at, answer.c.answered_at)), sa.Text)
    sending = (answer.c.customer_id, sa.func.coalesce(answer.c.interaction_id, answer.c.order_id, day_asked))
    item = (*sending, answer.c.respondent, answer.c.instrument, answer.c.dimension, answer.c.stage)
    latest: Any = (
        sa.case((answer.c.score.is_not(None), 0), else_=1),
        sa.func.coalesce(answer.c.answered_at, answer.c.invited_at).desc(),
        answer.c.answer_id.desc(),
    )
    marks = (
        sa.select(
            answer.c.answer_id,
            sa.func.row_number().over(partition_by=item, order_by=latest).label("place"),
            sa.func.row_number().over(partition_by=sending, order_by=latest).label("sent"),
        )
        .where(answer.c.customer_id.in_(touched))
        .subquery()
    )
    connection.execute(
        sa.update(answer)
        .values(counts=1, invitation=1)
        .where(answer.c.load_id >= first_load, answer.c.customer_id.is_(None))
    )
    connection.execute(
        sa.update(answer)
        .values(counts=sa.case((marks.c.place == 1, 1), else_=0), invitation=sa.case((marks.c.sent == 1, 1), else_=0))
        .where(answer.c.answer_id == marks.c.answer_id)
    )
