"""Survey answers with the signals of what they are about.

An answer about a contact goes with the signals of that contact. One about neither contact nor order (the relationship
survey) goes with those of all contacts of its customer in the days before.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import seconds_between
from cx_metrics.metrics.estimators import Net, Share
from cx_metrics.metrics.facts import ANSWERS
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.random_groups import group_of
from cx_metrics.metrics.signals import Signal
from cx_metrics.metrics.survey import CES, CSAT, NPS
from cx_metrics.model import interactions, survey_answers
from cx_metrics.scope import Scope

OUTCOMES: dict[str, Metric] = {metric.name: metric for metric in (CSAT, NPS, CES)}
CONTROLS = ("stage", "channel", "segment")
RELATIONSHIP_DAYS = 90  # how far back a relationship survey looks for contacts


def _points() -> Any:
    """What an answer adds to its metric: 100, 0 or -100, so that means are the metric."""
    answer = survey_answers.c.instrument
    found = []
    for name, metric in OUTCOMES.items():
        kind = metric.kind
        assert isinstance(kind, Share | Net)
        points = (
            sa.case((kind.up, 100.0), (kind.down, -100.0), else_=0.0)
            if isinstance(kind, Net)
            else sa.case((kind.hit, 100.0), else_=0.0)
        )
        found.append((answer == name, points))
    return sa.cast(sa.case(*found), sa.Double)


def _counted() -> Any:
    kinds = [metric.kind for metric in OUTCOMES.values()]
    return sa.or_(*(kind.counted for kind in kinds if isinstance(kind, Share | Net)))


def _flag(condition: Any) -> Any:
    return sa.case((condition, 1.0), else_=0.0)


def _own_columns() -> list[Any]:
    answer, dimensions = survey_answers, ANSWERS.dimensions
    return [
        answer.c.instrument, _points().label("y"), group_of(answer.c.customer_id, answer.c.answer_id).label("group"),
        *(dimensions[name].label(name) for name in CONTROLS),
    ]  # fmt: skip


def about_contacts(scope: Scope, found: tuple[Signal, ...]) -> sa.Subquery:
    """One row per answer about a contact: instrument, y (what it adds to its metric), group (random group), stage,
    channel, segment, n (1), and per signal i, of the contact, v<i> (1: it can be said) and x<i> (1: it is there)."""
    answer = survey_answers
    flags = [_flag(signal.judged).label(f"v{place}") for place, signal in enumerate(found)]
    flags += [_flag(signal.there).label(f"x{place}") for place, signal in enumerate(found)]
    source = ANSWERS.source(CONTROLS).join(interactions, answer.c.interaction_id == interactions.c.interaction_id)
    where = [_counted(), *scope.conditions(answer.c.answered_at, ANSWERS.dimensions)]
    rows = sa.select(*_own_columns(), sa.literal(1.0).label("n"), *flags).select_from(source).where(*where)
    return rows.subquery("answers")


def about_relationship(scope: Scope, found: tuple[Signal, ...]) -> sa.Subquery:
    """Answers about neither contact nor order, as above, with the signals of all contacts of the customer in the
    RELATIONSHIP_DAYS before.

    An answer is one row without signals (n = 1) and, where there were contacts, another one with them (n = 0): an
    outer join on a span of time is more than some engines do well.
    """
    answer, contact = survey_answers, interactions
    about_none = sa.and_(answer.c.interaction_id.is_(None), answer.c.order_id.is_(None))
    where = [_counted(), about_none, answer.c.customer_id.is_not(None)]
    where += scope.conditions(answer.c.answered_at, ANSWERS.dimensions)
    asked = (
        sa.select(*_own_columns(), answer.c.answer_id, answer.c.customer_id, answer.c.answered_at)
        .select_from(ANSWERS.source(CONTROLS))
        .where(*where)
        .cte("relationship")
    )
    before = seconds_between(contact.c.occurred_at, asked.c.answered_at)
    flags = [sa.func.max(_flag(signal.judged)).label(f"v{place}") for place, signal in enumerate(found)]
    flags += [sa.func.max(_flag(signal.there)).label(f"x{place}") for place, signal in enumerate(found)]
    own = [asked.c[name] for name in ("instrument", "y", "group", *CONTROLS)]
    alone = sa.select(*own, sa.literal(1.0).label("n"), *(sa.literal(0.0).label(flag.name) for flag in flags))
    lately = (
        sa.select(*own, sa.literal(0.0), *flags)
        .select_from(asked.join(contact, asked.c.customer_id == contact.c.customer_id))
        .where(before >= 0, before <= 86_400.0 * RELATIONSHIP_DAYS)
        .group_by(asked.c.answer_id, *own)
    )
    return sa.union_all(alone, lately).subquery("answers")
