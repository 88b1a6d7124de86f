"""What was asked of customers, item by item and sending by sending, with what is known of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import day, hashed
from cx_metrics.metrics.estimators import Mean, Net, Share
from cx_metrics.metrics.facts import ANSWERS
from cx_metrics.metrics.survey import CES, CSAT, CSAT_MEAN, NPS
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import Scope

NAMED = {"csat": "Satisfaction", "nps": "Net Promoter Score", "ces": "Ease", "experience": "Experience"}
_SINGLE = ("csat", "nps", "ces")
OF_CUSTOMERS = answer.c.respondent == "customer"


def sending() -> Any:
    """A number that stands for the sending of a row: the customer's contact, order or day of invitation.

    An anonymous answer is a sending of its own; see `enrich.answers`, which marks invitations the same way.
    """
    day_asked = sa.cast(day(sa.func.coalesce(answer.c.invited_at, answer.c.answered_at)), sa.Text)
    known = hashed(answer.c.customer_id, sa.func.coalesce(answer.c.interaction_id, answer.c.order_id, day_asked))
    return sa.case((answer.c.customer_id.is_(None), hashed(answer.c.answer_id)), else_=known)


def asked_items(scope: Scope, traits: Sequence[str]) -> sa.Select[Any]:
    """What customers were asked by a known invitation in the scope's period: instrument, the traits, answered (1 or 0),
    value (0 to 1; NPS -1 to 1; missing where not answered).

    csat, nps, ces: a row for each item of each sending. experience: a row for each sending with perception items, its
    value the mean of their scores, so that a respondent counts once; traits that differ between the items are missing.
    """
    dimensions = ANSWERS.dimensions
    source = ANSWERS.source([*traits, *(name for name, _ in scope.filters)])
    where = [OF_CUSTOMERS, answer.c.counts == 1, answer.c.invited_at.is_not(None),
             *scope.conditions(answer.c.invited_at, dimensions)]  # fmt: skip
    value = _value()
    single = (
        sa.select(answer.c.instrument, *(dimensions[name].label(name) for name in traits),
                  sa.case((value.is_not(None), 1), else_=0).label("answered"), value.label("value"))
        .select_from(source)
        .where(answer.c.instrument.in_(_SINGLE), *where)
    )  # fmt: skip
    percent = CSAT_MEAN.kind
    assert isinstance(percent, Mean)
    score = percent.values / 100.0
    lowest, highest = ({name: end(dimensions[name]) for name in traits} for end in (sa.func.min, sa.func.max))
    alike = (sa.case((lowest[name] == highest[name], lowest[name])).label(name) for name in traits)
    several = (
        sa.select(sa.literal("experience").label("instrument"), *alike,
                  sa.case((sa.func.count(score) > 0, 1), else_=0).label("answered"),
                  sa.cast(sa.func.avg(score), sa.Double).label("value"))
        .select_from(source)
        .where(answer.c.instrument == "perception", *where)
        .group_by(sending())
    )  # fmt: skip
    both = sa.union_all(single, several).subquery()
    return sa.select(*both.c)


def _value() -> Any:
    """A single item's answer as it is counted: 1 or 0, and of NPS 1, 0 or -1."""
    csat, ces, nps = CSAT.kind, CES.kind, NPS.kind
    assert isinstance(csat, Share) and isinstance(ces, Share) and isinstance(nps, Net)
    found = sa.case(
        (sa.and_(sa.or_(sa.and_(csat.counted, csat.hit), sa.and_(ces.counted, ces.hit), sa.and_(nps.counted, nps.up))),
         1.0),
        (sa.and_(nps.counted, nps.down), -1.0), (sa.or_(csat.counted, ces.counted, nps.counted), 0.0),
    )  # fmt: skip
    return sa.cast(found, sa.Double)
