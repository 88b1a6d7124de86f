"""What happened next that nobody wanted: customers left, complained, or gave a low score."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.leaving import SUBSCRIPTION, kept_order, subscribers
from cx_metrics.analyses.leaving import Rule as Leaving
from cx_metrics.analyses.rule_facts import END, KNOWN, LOW_SCORE
from cx_metrics.journey import Limits
from cx_metrics.metrics.facts import last_time
from cx_metrics.metrics.retention import IDLE_MONTHS
from cx_metrics.model import interactions as contact
from cx_metrics.model import orders, survey_answers

OUTCOMES = {"left": "left", "complained": "complained", "low_score": "gave a low score"}
KINDS = tuple(OUTCOMES)
_IDLE = timedelta(days=round(IDLE_MONTHS * 365.25 / 12))


def outcomes(leaving: Leaving, limits: Limits) -> sa.CompoundSelect[Any]:
    """kind (place in KINDS), key, customer_id, at (when it was known), interaction_id (of the contact that it is).

    left: the last subscription ended, or (by orders) `IDLE_MONTHS` months went by without one. complained: a contact
    that escalated, was about a complaint, ended in a bad mood, or in which the customer spoke of leaving. low_score:
    CSAT in the bottom two boxes, or NPS 0 to 6.
    """
    return sa.union_all(_left(leaving), _complained(limits), _low())


def _named(kind: str, key: Any, customer: Any, at: Any, contact_id: Any = None) -> list[Any]:
    missing = sa.cast(sa.null(), sa.Text)
    return [
        sa.literal(KINDS.index(kind)).label("kind"), (sa.literal(f"{kind} ") + key).label("key"),
        customer.label("customer_id"), at.label("at"),
        (missing if contact_id is None else contact_id).label("interaction_id"),
    ]  # fmt: skip


def _left(leaving: Leaving) -> sa.Select[Any]:
    if leaving is SUBSCRIPTION:
        gone = subscribers()
        columns = _named("left", gone.c.customer_id, gone.c.customer_id, gone.c.last_at)
        return sa.select(*columns).where(gone.c.last_at.is_not(None))
    order, idle_at = orders.c, orders.c.ordered_at + _IDLE
    idle = sa.and_(
        idle_at <= last_time("orders", "ordered_at"),
        sa.or_(order.next_ordered_at.is_(None), order.next_ordered_at > idle_at),
    )
    return sa.select(*_named("left", order.order_id, order.customer_id, idle_at)).where(kept_order(), idle)


def _complained(limits: Limits) -> sa.Select[Any]:
    mood = sa.func.coalesce(contact.c.sentiment_end, contact.c.judged_end)
    said = sa.or_(
        contact.c.outcome == "escalated", mood < limits.sentiment, contact.c.leaving == 1,
        sa.func.lower(contact.c.reason).like("%complain%"),
    )  # fmt: skip
    key = contact.c.interaction_id
    return sa.select(*_named("complained", key, contact.c.customer_id, KNOWN[END], key)).where(
        contact.c.customer_id.is_not(None), said
    )


def _low() -> sa.Select[Any]:
    answer = survey_answers.c
    return sa.select(*_named("low_score", answer.answer_id, answer.customer_id, answer.answered_at)).where(
        answer.customer_id.is_not(None), answer.respondent == "customer", answer.answered_at.is_not(None), LOW_SCORE
    )
