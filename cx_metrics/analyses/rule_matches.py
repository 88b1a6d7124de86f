"""The moments that a rule finds: one row per contact, answer or order, with when it was known to call for a person."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.leaving import DAY, kept_order
from cx_metrics.analyses.rule_absences import data_end, followed
from cx_metrics.analyses.rule_conditions import counted, holds, time_of
from cx_metrics.analyses.rule_facts import OF_CUSTOMER, SHARES
from cx_metrics.analyses.rule_text import Condition, Rule, late
from cx_metrics.analyses.rule_value import subscription_starts, together, top_values, yearly_values
from cx_metrics.dialect import bucket, seconds_between
from cx_metrics.journey import Limits
from cx_metrics.metrics.facts import last_time
from cx_metrics.model import customers, interactions, orders, survey_answers

_newest = sa.select(sa.func.greatest(
    last_time("interactions", "occurred_at"), last_time("survey_answers", "answered_at"),
    last_time("orders", "ordered_at"),
).label("at")).cte("newest")  # fmt: skip
NEWEST = sa.select(_newest.c.at).scalar_subquery()  # found once, however many rules ask for it
_TABLE = {"contact": interactions, "answer": survey_answers, "order": orders}
_KEY = {"contact": "interaction_id", "answer": "answer_id", "order": "order_id"}
_PLACE = ("interaction_id", "team", "channel", "stage", "reason")
_COUNTED = {
    "contact": interactions.c.customer_id.is_not(None),
    "answer": sa.and_(
        survey_answers.c.customer_id.is_not(None), survey_answers.c.respondent == "customer",
        survey_answers.c.answered_at.is_not(None), survey_answers.c.score.is_not(None),
    ),
    "order": kept_order(),
}  # fmt: skip
Time = datetime.datetime | None
Tops = Mapping[str, sa.FromClause]
Narrowed = tuple[sa.FromClause, list[Any]]


def moments(rule: Rule, limits: Limits, since: Time = None, until: Time = None) -> sa.Select[Any]:
    """One row per moment that a rule finds, of known customers, up to the end of the data.

    customer_id, fact (its key, e.g. "contact I-17"), happened_at (when the last thing that the rule asks for was
    known), at (the same without the time in which nothing followed), interaction_id, team, channel, stage, reason,
    met (a number whose bit i says that condition i of `any` held by then). since, until: happened_at from and before.

    Nothing that came later moves a moment, with two exceptions that the warehouse has no history of: a status of an
    order or a column of a contact that a later import changed.
    """
    wait = timedelta(hours=max((condition.hours for condition in rule.all if condition.kind == "none"), default=0.0))
    found = _found(rule, limits, wait, since and since - wait, until and until - wait).cte()
    source, where = narrowed(found, [condition for condition in rule.all if late(condition)])
    happened = (found.c.at + wait).label("happened_at")
    columns = [found.c[name] for name in ("at", *_PLACE, "met")]
    return sa.select(found.c.customer_id, found.c.fact, happened, *columns).select_from(source).where(*where)


def _found(rule: Rule, limits: Limits, wait: timedelta, since: Time, until: Time) -> sa.Select[Any]:
    """The moments before what looks at the customer, or at what did not follow. wait: until the data must reach."""
    table, plain = _TABLE[rule.of], [condition for condition in rule.all if not late(condition)]
    source: sa.FromClause = table
    times = []
    for condition in (*rule.any, *plain):
        if condition.kind == "contacts":
            reached = counted(condition, limits, since)
            source = source.outerjoin(reached, table.c.interaction_id == reached.c.interaction_id)
            times.append(reached.c.at)
        else:
            times.append(time_of(condition, rule.of, limits))
    missing = sa.cast(sa.null(), sa.Text)
    place = [table.c.get(name, missing).label(name) for name in _PLACE]
    fact = (sa.literal(f"{rule.of} ") + table.c[_KEY[rule.of]]).label("fact")
    named = [time.label(f"time_{number}") for number, time in enumerate(times)]
    rows = sa.select(table.c.customer_id, fact, *place, *named).select_from(source)
    seen = rows.where(_COUNTED[rule.of]).subquery()
    known = [seen.c[f"time_{number}"] for number in range(len(times))]
    either, every = known[: len(rule.any)], known[len(rule.any) :]
    both = [*([sa.func.least(*either)] if either else []), *every]
    at = sa.func.greatest(*both).label("at")
    kept = sa.select(*(seen.c[name] for name in ("customer_id", "fact", *_PLACE)), at, *either).where(
        sa.or_(*(time.is_not(None) for time in either)) if either else sa.true(),
        *(time.is_not(None) for time in every),
    ).subquery()  # fmt: skip
    bits = [sa.case((kept.c[time.name] <= kept.c.at, 2**number), else_=0) for number, time in enumerate(either)]
    met = sa.cast(sum(bits, start=sa.literal(0)), sa.BigInteger).label("met")
    within = [kept.c.at + wait <= NEWEST, *([kept.c.at >= since] if since is not None else [])]
    within += [kept.c.at < until] if until is not None else []
    columns = [kept.c[name] for name in ("customer_id", "fact", "at", *_PLACE)]
    return sa.select(*columns, met).where(kept.c.at.is_not(None), *within)


def narrowed(found: sa.CTE, conditions: Sequence[Condition], tops: Tops = MappingProxyType({})) -> Narrowed:
    """What to select from, and what must hold, for conditions on the customer or on what did not follow.

    found: fact, customer_id, at, interaction_id. `rule_text.late` says which conditions fit. tops: by the name of a
    share its `rule_value.top_values`, where they are known already for all quarters of these moments.
    """
    source: sa.FromClause = found
    where: list[Any] = []
    for condition in conditions:
        source, more = _asked(condition, found, source, tops)
        where += more
    return source, where


def _asked(condition: Condition, found: sa.CTE, source: sa.FromClause, tops: Tops) -> Narrowed:
    """What is joined for a condition on the customer, or on what did not follow, and what must hold."""
    if condition.kind == "none":
        came = sa.union(*followed(condition.name, found, condition.hours)).subquery()
        over = found.c.at + timedelta(hours=condition.hours) <= data_end(condition.name)
        return source.outerjoin(came, came.c.fact == found.c.fact), [came.c.fact.is_(None), over]
    if condition.kind == "value" or condition.name == "yearly_value":
        values = yearly_values(found)
        source = _beside(source, values, values.c.fact == found.c.fact)
        if condition.kind == "fact":
            return source, [_met(found, holds(condition, values.c.value, OF_CUSTOMER[condition.name]))]
        top = tops[condition.name] if condition.name in tops else top_values(found, SHARES[condition.name])
        same = sa.and_(top.c.quarter == bucket("quarter", found.c.at), top.c.currency == values.c.currency)
        return _beside(source, top, same), [_met(found, values.c.value >= top.c.least)]
    if condition.name == "subscription_days":
        began = subscription_starts(found)
        days = seconds_between(began.c.started_at, found.c.at) / sa.cast(DAY, sa.Double)
        met = _met(found, holds(condition, days, OF_CUSTOMER[condition.name]))
        return _beside(source, began, began.c.fact == found.c.fact), [met]
    own = customers.alias()
    met = _met(found, holds(condition, own.c[condition.name], OF_CUSTOMER[condition.name]))
    return _beside(source, own, own.c.customer_id == found.c.customer_id), [met]


def _beside(source: sa.FromClause, more: sa.FromClause, same: Any) -> sa.FromClause:
    """As a full join for the reason that `rule_value.by_customer` gives; `_met` leaves the moments."""
    return source.outerjoin(more, same, full=True)


def _met(found: sa.CTE, condition: Any) -> Any:
    return together(sa.and_(found.c.fact.is_not(None), condition))
