"""Replies worth reading: all three kinds of empathy, in contacts that went well, situation by situation."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.metrics.estimators import Share
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.signals import came_back
from cx_metrics.metrics.survey import CSAT
from cx_metrics.metrics.words import mood_end, mood_lowest
from cx_metrics.model import interactions as contact
from cx_metrics.model import messages
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.texts import EMPATHY
from cx_metrics.warehouse import Warehouse

_BEST_OF = 300  # replies that situations are made from
EACH = 3  # replies of a situation


def examples(warehouse: Warehouse, scope: Scope, each: int = EACH) -> pd.DataFrame:
    """message_id, interaction_id, customer_id, situation (reason and stage), strength (sum of the three grades), upset
    (1: the customer was), satisfied (1, 0, missing): the best replies of each situation, situations by the alphabet.

    A reply counts if it shows all three kinds, is not scripted, and its contact went well: resolved, no further contact
    on the same reason within the limit, the mood at the end not below the limit, no dissatisfied answer. The strongest
    first; of equals those whose customer was upset or is known to be satisfied.
    """
    m, grades = messages.c, [messages.c[f"empathy_{kind}"] for kind in EMPATHY]
    limits, satisfied = scope.limits, _satisfied()
    strength = sum(grades[1:], start=grades[0])
    upset = sa.case((mood_lowest < limits.sentiment, 1), else_=0)
    went_well = (
        contact.c.outcome == "resolved", sa.not_(came_back(limits)),
        sa.func.coalesce(mood_end >= limits.sentiment, sa.true()), sa.func.coalesce(satisfied.c.satisfied, 1) == 1,
    )  # fmt: skip
    source = messages.join(CONTACTS.source([name for name, _ in scope.filters]),
                           contact.c.interaction_id == m.interaction_id)  # fmt: skip
    source = source.outerjoin(satisfied, satisfied.c.interaction_id == contact.c.interaction_id)
    order = (strength.desc(), (upset + sa.func.coalesce(satisfied.c.satisfied, 0)).desc(), sa.func.md5(m.message_id))
    place = sa.func.row_number().over(partition_by=(contact.c.reason, contact.c.stage), order_by=order)
    found = (
        sa.select(m.message_id, m.interaction_id, contact.c.customer_id, contact.c.reason, contact.c.stage,
                  strength.label("strength"), upset.label("upset"), satisfied.c.satisfied, place.label("place"))
        .select_from(source)
        .where(m.author == "agent", *(grade >= 1 for grade in grades), sa.func.coalesce(m.scripted, 0) == 0, *went_well,
               *scope.conditions(contact.c.occurred_at, CONTACTS.dimensions))
    ).subquery()  # fmt: skip
    c = found.c
    best = sa.select(found).where(c.place <= each).order_by(c.place, c.strength.desc(), c.message_id).limit(_BEST_OF)
    rows = warehouse.read(best)
    rows["situation"] = [_situation(reason, stage) for reason, stage in zip(rows["reason"], rows["stage"], strict=True)]
    rows = rows.sort_values(["situation", "place"], kind="stable", ignore_index=True)
    return rows[["message_id", "interaction_id", "customer_id", "situation", "strength", "upset", "satisfied"]]


def _satisfied() -> sa.Subquery:
    """interaction_id, satisfied (1 or 0) of contacts with satisfaction answers that count."""
    kind = CSAT.kind
    assert isinstance(kind, Share)
    good = sa.func.min(sa.case((kind.hit, 1), else_=0)).label("satisfied")
    asked = sa.select(answer.c.interaction_id, good).where(kind.counted, answer.c.interaction_id.is_not(None))
    return asked.group_by(answer.c.interaction_id).subquery("satisfied")


def _situation(reason: Any, stage: Any) -> str:
    return " · ".join(text for text in (reason, stage) if isinstance(text, str)) or NOT_GIVEN
