"""Moments that call for a person: who was contacted after them, and what became of the customers.

Everything is counted from a landmark on, so many days after the moment, for those contacted and for the others alike:
who left before could be contacted no more, and would otherwise count among the others (Anderson, Cain and Gelber 1983).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.leaving import at_risk, kept_order, subscribers
from cx_metrics.analyses.rule_facts import LOW_SCORE
from cx_metrics.analyses.rule_matches import NEWEST
from cx_metrics.analyses.rule_text import Rule
from cx_metrics.dialect import bucket, seconds_between
from cx_metrics.journey import Limits
from cx_metrics.metrics.estimators import Share
from cx_metrics.metrics.facts import OF_CUSTOMER
from cx_metrics.metrics.survey import CSAT, NPS, SATISFIED
from cx_metrics.model import customers, orders, subscriptions
from cx_metrics.model import interactions as contact
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import Scope

Moments = Callable[[Rule, Limits], sa.Select[Any]]
Pairs = Sequence[tuple[str, datetime.datetime]]  # customer_id, when a person of ours reached them (UTC)
LANDMARK, WINDOW, LOOK_BACK, YEAR = 7, 30, 90, 365  # days
YOUNG, LEFT, MACHINE, PERSON, NOBODY = "young", "left", "machine", "person", "nobody"
OUTCOMES = ("recovered", "left", "no_order", "came_back", "low_score", "csat")
COVARIATES = ("value", "contacts", "low_before")
KEYS = ("rule", "team", "channel", "fifth", "earlier", "quarter", "once", "part")
MOST_PAIRS = 10_000  # of the ledger, the newest: a statement takes so many values
_DAY = 86_400.0
_PERSON, _MACHINE, _CUSTOMER, _LEDGER = range(4)


def cells(rules: Sequence[Rule], moments: Moments, scope: Scope, reached: Pairs) -> sa.Select[Any]:
    """KEYS and n, and for each of OUTCOMES and COVARIATES n_, total_ and squares_ (of its values, 0-1 for outcomes).

    part: young (the window is not over), left (a customer no more at the landmark), machine (only a machine of ours
    got in touch), person, nobody. fifth: of the value among these moments, 5 = highest, 0 = no value known. earlier:
    band of the contacts in the look-back, the moment's own included. Of moments of one customer and rule only those
    count before which as long as the whole window there was none; once: 1 where there was none of any rule.
    """
    people = _told(_moments(rules, moments, scope), reached)
    values = {**_outcomes(people), **{name: people.c[name] for name in COVARIATES}}
    marked = sa.select(
        people.c.rule, people.c.team, people.c.channel, people.c.once, _fifth(people).label("fifth"),
        _band(people.c.contacts).label("earlier"), bucket("quarter", people.c.happened_at).label("quarter"),
        _part(people).label("part"), *(sa.cast(value, sa.Double).label(name) for name, value in values.items()),
    ).subquery("marked")  # fmt: skip
    sums = [sa.func.count().label("n")]
    for name in values:
        x = marked.c[name]
        sums += [sa.func.count(x).label(f"n_{name}"), _total(x, f"total_{name}"), _total(x * x, f"squares_{name}")]
    keys = [marked.c[name] for name in KEYS]
    return sa.select(*keys, *sums).group_by(*keys)


def _total(value: Any, name: str) -> Any:
    return sa.cast(sa.func.coalesce(sa.func.sum(value), 0.0), sa.Double).label(name)


def _moments(rules: Sequence[Rule], moments: Moments, scope: Scope) -> sa.CTE:
    """The moments of a scope that count: rule, customer_id, fact, happened_at, team, channel, reason, once."""
    parts = []
    for rule in rules:
        own = moments(rule, scope.limits).subquery()
        names = ("customer_id", "fact", "happened_at", "team", "channel", "stage", "reason")
        parts.append(sa.select(sa.literal(rule.name).label("rule"), *(own.c[name] for name in names)))
    every = sa.union_all(*parts).subquery("every")
    order = (every.c.happened_at, every.c.rule, every.c.fact)
    last = sa.func.lag(every.c.happened_at)
    before = last.over(partition_by=(every.c.rule, every.c.customer_id), order_by=order).label("before")
    any_before = last.over(partition_by=every.c.customer_id, order_by=order).label("any_before")
    placed = sa.select(*every.c, before, any_before).where(every.c.customer_id.is_not(None)).subquery("placed")
    dimensions = {name: placed.c[name] for name in ("stage", "channel", "reason", "team")} | OF_CUSTOMER
    once = sa.case((_over(placed.c.any_before, placed.c.happened_at), 1), else_=0).label("once")
    source = placed.outerjoin(customers, customers.c.customer_id == placed.c.customer_id)
    kept = [column for column in placed.c if column.name not in ("before", "any_before", "stage")]
    found = (
        sa.select(*kept, once)
        .select_from(source)
        .where(_over(placed.c.before, placed.c.happened_at), *scope.conditions(placed.c.happened_at, dimensions))
    )
    return found.cte("moments").prefix_with("MATERIALIZED")  # several joins read it


def _over(before: Any, time: Any) -> sa.ColumnElement[bool]:
    """That the window of a moment before, if any, is over at a time."""
    return sa.or_(before.is_(None), seconds_between(before, time) > _DAY * (LANDMARK + WINDOW))


def _told(moment: sa.CTE, reached: Pairs) -> sa.Subquery:
    """One row per moment with everything that is known of its customer."""
    met, said, bought = _met(moment, reached), _said(moment), _bought(moment)
    paying, under = _paying(moment), subscribers()
    source: sa.FromClause = moment.outerjoin(under, under.c.customer_id == moment.c.customer_id)
    for part in (met, said, bought, paying):
        source = source.outerjoin(part, sa.and_(part.c.rule == moment.c.rule, part.c.fact == moment.c.fact))
    value = sa.func.coalesce(bought.c.spent, 0.0) + sa.func.coalesce(paying.c.paid, 0.0)
    landmark = _DAY * LANDMARK
    gone = seconds_between(moment.c.happened_at, under.c.last_at)
    columns = {
        "subscribed": sa.case((at_risk(under, moment.c.happened_at, landmark), 1), else_=0),
        "gone": gone, "person": met.c.person, "machine": met.c.machine, "back": met.c.back,
        "contacts": sa.func.coalesce(met.c.contacts, 0), "low": said.c.low, "csat": said.c.csat,
        "low_before": sa.func.coalesce(said.c.low_before, 0), "ordered": bought.c.ordered, "buyer": bought.c.buyer,
        "value": value,
    }  # fmt: skip
    return sa.select(*moment.c, *(x.label(name) for name, x in columns.items())).select_from(source).subquery("told")


def _within(moment: sa.CTE, time: Any, after: float, upto: float) -> sa.ColumnElement[bool]:
    """That a time lies more than so many days after the moment, and at most so many."""
    since = seconds_between(moment.c.happened_at, time)
    return sa.and_(since > _DAY * after, since <= _DAY * upto)


def _near(moment: sa.CTE, rows: Any, time: Any, before: float) -> sa.ColumnElement[bool]:
    """Rows of the moment's customer from so many days before it until the window is over."""
    start = moment.c.happened_at - sa.literal(datetime.timedelta(days=before))
    end = moment.c.happened_at + sa.literal(datetime.timedelta(days=LANDMARK + WINDOW))
    return sa.and_(rows.c.customer_id == moment.c.customer_id, time >= start, time <= end)


def _flag(condition: Any) -> Any:
    return sa.func.max(sa.case((condition, 1), else_=0))


def _met(moment: sa.CTE, reached: Pairs) -> sa.Subquery:
    """person, machine: one of ours got in touch before the landmark; back: the customer did on the same reason, in the
    window; contacts: how many in the look-back."""
    company = sa.func.coalesce(contact.c.initiated_by, "customer") == "company"
    human = sa.func.coalesce(contact.c.handled_by, "human") == "human"
    kind = sa.case((sa.and_(company, human), _PERSON), (company, _MACHINE), else_=_CUSTOMER)
    parts = [sa.select(contact.c.customer_id, contact.c.occurred_at.label("at"), contact.c.reason, kind.label("kind"))]
    if reached:
        listed = sa.values(sa.column("customer_id", sa.Text), sa.column("at", sa.DateTime), name="reached")
        pairs = listed.data(sorted(reached, key=lambda pair: pair[1])[-MOST_PAIRS:])
        times = sa.cast(pairs.c.at, sa.DateTime)
        who, nothing = sa.cast(pairs.c.customer_id, sa.Text), sa.cast(sa.null(), sa.Text)
        parts.append(sa.select(who, times, nothing, sa.literal(_LEDGER)))
    own = sa.union_all(*parts).subquery("touches")
    soon = _within(moment, own.c.at, 0, LANDMARK)
    again = sa.and_(own.c.kind == _CUSTOMER, own.c.reason == moment.c.reason)
    earlier = sa.and_(own.c.kind != _LEDGER, own.c.at <= moment.c.happened_at)
    columns = {
        "person": _flag(sa.and_(own.c.kind.in_((_PERSON, _LEDGER)), soon)),
        "machine": _flag(sa.and_(own.c.kind == _MACHINE, soon)),
        "back": _flag(sa.and_(again, _within(moment, own.c.at, LANDMARK, LANDMARK + WINDOW))),
        "contacts": sa.func.sum(sa.case((earlier, 1), else_=0)),
    }
    return _per_moment(moment, own, _near(moment, own, own.c.at, LOOK_BACK), columns, "met")


def _said(moment: sa.CTE) -> sa.Subquery:
    """low: a low score in the window (missing without an answer); csat: share of satisfied answers in it; low_before:
    a low score in the look-back."""
    assert isinstance(CSAT.kind, Share)
    at, csat = answer.c.answered_at, CSAT.kind.counted
    asked = sa.or_(csat, NPS.kind.counted)  # type: ignore[union-attr]
    window = _within(moment, at, LANDMARK, LANDMARK + WINDOW)
    low = sa.case((LOW_SCORE, 1.0), else_=0.0)
    satisfied = sa.case((SATISFIED, 1.0), else_=0.0)
    columns = {
        "low": sa.func.max(sa.case((window, low))),
        "csat": sa.func.avg(sa.case((sa.and_(window, csat), satisfied))),
        "low_before": sa.func.max(sa.case((at <= moment.c.happened_at, low))),
    }
    return _per_moment(moment, answer, sa.and_(_near(moment, answer, at, LOOK_BACK), asked), columns, "said")


def _bought(moment: sa.CTE) -> sa.Subquery:
    """spent: amount of the orders of the year before; ordered: an order in the window; buyer: had ordered before."""
    at = orders.c.ordered_at
    before = at <= moment.c.happened_at
    lately = sa.and_(before, seconds_between(at, moment.c.happened_at) < _DAY * YEAR)
    mine = sa.and_(orders.c.customer_id == moment.c.customer_id, kept_order())
    columns = {
        "spent": sa.cast(sa.func.sum(sa.case((lately, orders.c.amount), else_=0.0)), sa.Double),
        "ordered": _flag(_within(moment, at, LANDMARK, LANDMARK + WINDOW)), "buyer": _flag(before),
    }  # fmt: skip
    return _per_moment(moment, orders, mine, columns, "bought")


def _paying(moment: sa.CTE) -> sa.Subquery:
    """paid: twelve months of the subscriptions that ran at the moment."""
    own = subscriptions
    ran = sa.or_(own.c.ended_at.is_(None), own.c.ended_at > moment.c.happened_at)
    mine = sa.and_(own.c.customer_id == moment.c.customer_id, own.c.started_at <= moment.c.happened_at, ran)
    return _per_moment(
        moment, own, mine, {"paid": sa.cast(12.0 * sa.func.sum(own.c.monthly_amount), sa.Double)}, "paying"
    )


def _per_moment(moment: sa.CTE, rows: Any, mine: Any, columns: dict[str, Any], name: str) -> sa.Subquery:
    keys = (moment.c.rule, moment.c.fact)
    told = (column.label(title) for title, column in columns.items())
    return sa.select(*keys, *told).select_from(moment.join(rows, mine)).group_by(*keys).subquery(name)


def _part(people: sa.Subquery) -> Any:
    days = seconds_between(people.c.happened_at, NEWEST)
    return sa.case(
        (days < _DAY * (LANDMARK + WINDOW), YOUNG),
        (sa.and_(people.c.gone > 0, people.c.gone <= _DAY * LANDMARK), LEFT),
        (people.c.person == 1, PERSON), (people.c.machine == 1, MACHINE), else_=NOBODY,
    )  # fmt: skip


def _outcomes(people: sa.Subquery) -> dict[str, Any]:
    """0 or 1 (csat: a share), missing where it cannot be said."""
    end = _DAY * (LANDMARK + WINDOW)
    left = sa.case((people.c.subscribed == 0, None), (people.c.gone <= end, 1.0), else_=0.0)
    back = sa.case((people.c.reason.is_not(None), sa.func.coalesce(people.c.back, 0)))
    unhappy = sa.or_(sa.func.coalesce(left, 0) == 1, sa.func.coalesce(back, 0) == 1, people.c.low == 1)
    told = sa.or_(people.c.subscribed == 1, people.c.reason.is_not(None))
    return {
        "recovered": sa.case((sa.not_(told), None), (unhappy, 0.0), else_=1.0), "left": left,
        "no_order": sa.case((people.c.buyer == 1, 1.0 - people.c.ordered)), "came_back": back,
        "low_score": people.c.low, "csat": people.c.csat,
    }  # fmt: skip


def _fifth(people: sa.Subquery) -> Any:
    """Customers of the same value are in the same fifth."""
    valued = sa.case((people.c.value > 0, 1), else_=0)
    rank = sa.func.percent_rank().over(partition_by=valued, order_by=people.c.value)
    part = sa.cast(sa.func.floor(5.0 * rank), sa.BigInteger) + 1
    return sa.case((people.c.value > 0, sa.case((part > 5, 5), else_=part)), else_=0)


def _band(count: Any) -> Any:
    """Contacts of the look-back: 0 = at most one, 1 = two, 2 = three or four, 3 = more."""
    return sa.case((count <= 1, 0), (count == 2, 1), (count <= 4, 2), else_=3)
