"""What did not follow a moment within a time: known only when that time is over in the data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.rule_facts import KNOWN, WAITED
from cx_metrics.metrics.facts import last_time
from cx_metrics.model import interactions as contact
from cx_metrics.model import messages, orders, survey_answers

_INVITED = sa.func.coalesce(survey_answers.c.invited_at, survey_answers.c.answered_at)
_LAST_SURVEY = sa.select(sa.func.max(_INVITED)).scalar_subquery()
_DATA_END = {"survey": _LAST_SURVEY, "order": last_time("orders", "ordered_at")}


def data_end(name: str) -> Any:
    """When the data end in which something of the sort would be; missing where there are none at all."""
    return _DATA_END.get(name, last_time("interactions", "occurred_at"))


def followed(name: str, moments: sa.FromClause, hours: float) -> list[sa.Select[Any]]:
    """Selects of the facts (keys) of moments that something of the sort followed within so many hours.

    moments: fact, customer_id, interaction_id, at.
    """
    until = moments.c.at + timedelta(hours=hours)

    def of_customer(table: sa.Table, time: Any, *more: Any) -> sa.Select[Any]:
        near = sa.and_(table.c.customer_id == moments.c.customer_id, time > moments.c.at, time <= until, *more)
        return sa.select(moments.c.fact).join_from(moments, table, near)

    if name == "survey":
        return [of_customer(survey_answers, _INVITED, survey_answers.c.respondent == "customer")]
    if name == "order":
        return [of_customer(orders, orders.c.ordered_at)]
    if name == "contact":
        return [of_customer(contact, contact.c.occurred_at)]
    from_us = of_customer(contact, contact.c.occurred_at, contact.c.initiated_by == "company")
    return [from_us] if name == "contact from us" else [from_us, *_replies(moments, until)]


def _replies(moments: sa.FromClause, until: Any) -> list[sa.Select[Any]]:
    """The contact itself ended, was answered, or a person wrote in it. What has no time counts as in time."""
    own = sa.select(moments.c.fact).join_from(moments, contact, contact.c.interaction_id == moments.c.interaction_id)
    ended = sa.or_(
        contact.c.ended_at <= until, sa.and_(contact.c.ended_at.is_(None), contact.c.outcome.is_not(None)),
        KNOWN[WAITED] <= until,
    )  # fmt: skip
    written = sa.select(moments.c.fact).join_from(
        moments, messages, messages.c.interaction_id == moments.c.interaction_id
    )
    in_time = sa.or_(messages.c.sent_at <= until, messages.c.sent_at.is_(None))
    return [own.where(ended), written.where(messages.c.author == "agent", in_time)]
