"""The statements behind a backtest: moments of several rules in one table, and what followed and preceded them.

One row per rule and figure leaves the engine, never a moment.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.leaving import Rule as Leaving
from cx_metrics.analyses.leaving import at_risk, customers_under
from cx_metrics.analyses.rule_facts import END, KNOWN, SHARES
from cx_metrics.analyses.rule_matches import moments, narrowed
from cx_metrics.analyses.rule_outcomes import KINDS, outcomes
from cx_metrics.analyses.rule_text import Rule, late
from cx_metrics.analyses.rule_value import by_customer, together, top_values
from cx_metrics.dialect import bucket, seconds_between
from cx_metrics.journey import Limits
from cx_metrics.model import interactions as contact

FOLLOW_DAYS, OVERLAP_DAYS = 30, 7
_DAY = 86_400.0
_HEX = 8  # digits of the hash that customers are drawn by
_FOLLOW = timedelta(days=FOLLOW_DAYS)


@dataclass(frozen=True)
class Period:
    """start, end: of the past data that are looked at. last: what came later has no full follow-up."""

    start: datetime.datetime
    end: datetime.datetime

    @property
    def last(self) -> datetime.datetime:
        return self.end - _FOLLOW


def all_moments(rules: Sequence[Rule], limits: Limits, period: Period) -> sa.CTE:
    """The moments of all rules, and of the days before that are needed to judge the first.

    rule (place in rules), fact, customer_id, at, interaction_id, opens (1: the customer had none of the rule for its
    quiet days, so that it would open an intervention; else 0).
    """
    parts = []
    for place, rule in enumerate(rules):
        before = timedelta(days=max(rule.quiet_days, FOLLOW_DAYS))
        found = moments(rule, limits, period.start - before).subquery()
        parts.append(_opening(found, found.c.happened_at, place, rule.quiet_days))
    return sa.union_all(*parts).cte("moments")


def _opening(found: sa.FromClause, at: Any, place: int, quiet_days: float) -> sa.Select[Any]:
    """Moments with `opens`: a chain of moments with shorter gaps than the quiet days is one intervention."""
    before = sa.func.lag(at).over(partition_by=found.c.customer_id, order_by=(at, found.c.fact))
    near = seconds_between(before, at) < quiet_days * _DAY
    columns = [found.c.fact, found.c.customer_id, at.label("at"), found.c.interaction_id]
    return sa.select(
        sa.literal(place).label("rule"), *columns, sa.case((near, 0), else_=1).label("opens")
    )  # fmt: skip


def comparison(
    rules: Sequence[Rule], found: sa.CTE, period: Period, threshold: str | None
) -> sa.CTE:  # fmt: skip
    """Contacts of comparable customers, in the columns of `all_moments`: of those whom the rule's conditions on the
    customer let in, without a moment of the rule in the follow-up time before, drawn by customer.

    A contact counts as the moment when it ended, one for each of the rule's quiet days, as the rule's own do.
    """
    own = sa.select(
        contact.c.customer_id, (sa.literal("contact ") + contact.c.interaction_id).label("fact"),
        KNOWN[END].label("at"), contact.c.interaction_id,
    ).where(contact.c.customer_id.is_not(None), KNOWN[END] >= period.start, KNOWN[END] < period.last)  # fmt: skip
    if threshold is not None:
        own = own.where(sa.func.substr(sa.func.md5(contact.c.customer_id), 9) < threshold)
    drawn, parts = own.cte("drawn"), []
    shares = sorted({condition.name for rule in rules for condition in rule.all if condition.kind == "value"})
    tops = {name: sa.select(top_values(drawn, SHARES[name])).cte() for name in shares}  # once, not for each rule
    for place, rule in enumerate(rules):
        of_customer = [condition for condition in rule.all if late(condition) and condition.kind != "none"]
        there = sa.select(found.c.customer_id, found.c.at).where(found.c.rule == place).subquery()
        near = sa.and_(there.c.at <= drawn.c.at, there.c.at > drawn.c.at - _FOLLOW)
        free = sa.select(*drawn.c).select_from(by_customer(drawn, there)).where(together(drawn.c.fact.is_not(None)))
        alone = free.group_by(*drawn.c).having(sa.func.max(sa.case((near, 1), else_=0)) == 0).cte()
        source, where = narrowed(alone, of_customer, tops)
        rest = sa.select(*alone.c).select_from(source).where(*where).subquery()
        parts.append(_opening(rest, rest.c.at, place, rule.quiet_days))
    return sa.union_all(*parts).cte("comparison")


def drawn_below(contacts: int, limit: int) -> str | None:
    """Customers whose hash is below this have about so many contacts together; None: all."""
    share = limit / max(contacts, 1)
    return None if share >= 1 else f"{int(share * 16**_HEX):0{_HEX}x}"


def bad_outcomes(leaving: Leaving, limits: Limits, period: Period) -> sa.CTE:
    """The outcomes of the period, see `rule_outcomes.outcomes`."""
    rows = outcomes(leaving, limits).subquery()
    return sa.select(*rows.c).where(rows.c.at >= period.start, rows.c.at <= period.end).cte("outcomes")


def followed(found: sa.CTE, bad: sa.CTE, leaving: Leaving, period: Period) -> sa.Select[Any]:
    """Per rule: rule, n (moments that open), could_leave (of them), <kind> and any (how many were followed within
    the follow-up time), low, middle, high (quartiles of the days until the first outcome)."""
    opens = sa.select(*found.c).where(found.c.opens == 1, found.c.at >= period.start, found.c.at < period.last)
    m = opens.subquery()
    next_one = sa.and_(*_after(m, bad))
    came = [
        sa.func.max(sa.case((sa.and_(next_one, bad.c.kind == place), 1), else_=0)).label(kind)
        for place, kind in enumerate(KINDS)
    ]
    days = sa.case((next_one, seconds_between(m.c.at, bad.c.at))) / sa.cast(_DAY, sa.Double)
    keys = [m.c[name] for name in ("rule", "fact", "customer_id", "at")]
    hit = (
        sa.select(*keys, *came, sa.func.min(days).label("days"))
        .select_from(by_customer(m, bad))
        .where(together(m.c.fact.is_not(None)))
        .group_by(*keys)
        .subquery()
    )
    people = customers_under(leaving)
    source = hit.outerjoin(people, people.c.customer_id == hit.c.customer_id)
    could = sa.case((sa.and_(people.c.customer_id.is_not(None), at_risk(people, hit.c.at)), 1), else_=0)
    counts = [_sum(hit.c[kind] * (could if kind == "left" else 1)).label(kind) for kind in KINDS]
    quartiles = [
        sa.cast(sa.func.percentile_cont(q).within_group(hit.c.days), sa.Double).label(name)
        for name, q in {"low": 0.25, "middle": 0.5, "high": 0.75}.items()
    ]
    return (
        sa.select(
            hit.c.rule, sa.func.count().label("n"), _sum(could).label("could_leave"),
            *counts, sa.func.count(hit.c.days).label("any"), *quartiles,
        )
        .select_from(source)
        .group_by(hit.c.rule)
    )  # fmt: skip


def _after(m: Any, bad: Any) -> list[Any]:
    """The outcome came after the moment, in time, and is not the moment's own contact."""
    same = sa.and_(m.c.interaction_id.is_not(None), m.c.interaction_id == bad.c.interaction_id)
    return [bad.c.at > m.c.at, bad.c.at <= m.c.at + _FOLLOW, sa.case((same, 0), else_=1) == 1]


def _sum(value: Any) -> Any:
    return sa.cast(sa.func.coalesce(sa.func.sum(value), 0), sa.BigInteger)


def foreseen(found: sa.CTE, bad: sa.CTE) -> sa.Select[Any]:
    """Per rule and kind: rule, kind, hits (outcomes that a moment of the rule came before, within the follow-up)."""
    return (
        sa.select(found.c.rule, bad.c.kind, sa.func.count(bad.c.key.distinct()).label("hits"))
        .select_from(by_customer(found, bad))
        .where(together(sa.and_(*_after(found, bad))))
        .group_by(found.c.rule, bad.c.kind)
    )


def counted_outcomes(bad: sa.CTE) -> sa.Select[Any]:
    """kind, n: how many outcomes of customers there were."""
    return sa.select(bad.c.kind, sa.func.count().label("n")).group_by(bad.c.kind)


def by_week(found: sa.CTE, period: Period) -> sa.Select[Any]:
    """rule, week (its Monday), n (moments that open), moments."""
    week = bucket("week", found.c.at)
    return (
        sa.select(found.c.rule, week.label("week"), _sum(found.c.opens).label("n"), sa.func.count().label("moments"))
        .where(found.c.at >= period.start)
        .group_by(found.c.rule, week)
    )


def overlaps(found: sa.CTE, period: Period, judged: int) -> sa.Select[Any]:
    """rule (of the first `judged`), other, hits: moments that open whose customer has one of the other rule near by."""
    other, width = found.alias(), timedelta(days=OVERLAP_DAYS)
    near = sa.and_(
        found.c.rule < judged, found.c.opens == 1, found.c.at >= period.start, other.c.rule != found.c.rule,
        other.c.at >= found.c.at - width, other.c.at <= found.c.at + width,
    )  # fmt: skip
    return (
        sa.select(found.c.rule, other.c.rule.label("other"), sa.func.count(found.c.fact.distinct()).label("hits"))
        .select_from(by_customer(found, other))
        .where(together(near))
        .group_by(found.c.rule, other.c.rule)
    )
