"""Rival definitions of first contact resolution that need more than the contact's own row."""

from __future__ import annotations

import sqlalchemy as sa

from cx_metrics.metrics.estimators import Share
from cx_metrics.metrics.facts import ANSWERS, CONTACTS, Fact
from cx_metrics.metrics.metric import Metric
from cx_metrics.model import interactions as contact
from cx_metrics.model import messages, survey_answers


def _contacts_with_replies() -> Fact:
    """One row per contact whose messages are known, with the number of agents' replies."""
    said = (
        sa.select(
            messages.c.interaction_id, sa.func.sum(sa.case((messages.c.author == "agent", 1), else_=0)).label("replies")
        )
        .group_by(messages.c.interaction_id)
        .subquery("said")
    )
    rows = (
        sa.select(contact.c.customer_id, contact.c.occurred_at, *CONTACTS.own.values(), said.c.replies)
        .select_from(contact.join(said, contact.c.interaction_id == said.c.interaction_id))
        .subquery("contacts_with_replies")
    )
    return Fact(
        "contacts_with_replies", rows, {name: rows.c[name] for name in CONTACTS.own}, ("interactions", "messages")
    )


WITH_REPLIES = _contacts_with_replies()
_row = WITH_REPLIES.rows.c
ONE_TOUCH = Metric(
    name="fcr_one_touch",
    title="First contact resolution, one touch",
    unit="%",
    better="higher",
    definition="Share of resolved contacts that took exactly one reply by an agent.",
    formula="resolved contacts with one agent's message / resolved contacts with at least one",
    source="One-touch resolution, help desk practice (Zendesk, HDI)",
    needs="conversations with their authors: messages.author, and interactions.outcome",
    fact=WITH_REPLIES,
    time=_row.occurred_at,
    kind=Share(sa.and_(_row.outcome == "resolved", _row.replies >= 1), _row.replies == 1),
    rivals=("fcr",),
    variant="one reply by an agent",
)
SURVEYED = Metric(
    name="fcr_surveyed",
    title="First contact resolution, surveyed",
    unit="%",
    better="higher",
    definition="Share of customers who say that their matter was resolved.",
    formula='answers "yes" (the highest of their scale) / all answers to "was it resolved?"',
    source="Surveyed FCR (SQM Group, COPC)",
    needs="answers to the question whether it was resolved: survey_answers with instrument resolved",
    fact=ANSWERS,
    time=survey_answers.c.answered_at,
    kind=Share(
        sa.and_(
            survey_answers.c.instrument == "resolved", survey_answers.c.respondent == "customer",
            survey_answers.c.counts == 1, survey_answers.c.score.is_not(None),
        ),
        survey_answers.c.score >= survey_answers.c.scale_max,
    ),
    rivals=("fcr",),
    variant="customers say so",
)  # fmt: skip
METRICS = (ONE_TOUCH, SURVEYED)
