"""Conditions of rules as expressions on the engine: each is the time from which on it is known to hold, else missing.

So nothing is used before it was known: a customer's coming back counts from the moment on at which they came back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.rule_facts import ANY_SIGNAL, END, FACTS, KNOWN, START, WAITED, RuleFact, after
from cx_metrics.analyses.rule_text import Condition
from cx_metrics.dialect import seconds_between
from cx_metrics.journey import Limits
from cx_metrics.metrics.signals import AUTOMATIC, KNOWN_CUSTOMER, signals
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN

_HOUR = 3600.0
_START_KNOWN = ("loop",)
_SAME = {"reason": contact.c.reason, "case": contact.c.case_key}


def signal_times(limits: Limits) -> dict[str, Any]:
    """Each signal of friction by its name: the time at which it was known to be there, missing where it is not.

    Those that wait whether the customer comes back (`metrics.signals`) are known when they do; what a contact left
    behind is known when it ended. They need not wait until the window is over, as a share of contacts has to.
    """
    end, back = KNOWN[END], after(KNOWN[START], contact.c.hours_until_next * _HOUR)
    found = {}
    for signal in signals(limits):
        there = sa.and_(signal.judged, signal.present)
        time = KNOWN[START] if signal.name in _START_KNOWN else end
        if signal.name == "long_wait":
            time = KNOWN[WAITED]
        elif signal.name == "repeat_contact":
            there, time = signal.present, back
        elif signal.name == "channel_switch":
            there, time = sa.and_(contact.c.channel.is_not(None), signal.present), sa.func.greatest(back, end)
        elif signal.name == "bot_dead_end":
            alone = contact.c.outcome.in_(("unresolved", "abandoned"))
            there = sa.and_(AUTOMATIC, signal.present)
            time = sa.case((alone, end), else_=sa.func.greatest(back, end))
        elif signal.name == "broken_promise":
            # An open contact is late a day after the promise; one that ended before that, when it ended.
            given_up = contact.c.promised_at + timedelta(days=1, hours=limits.promise_hours)
            time = sa.func.least(contact.c.ended_at, given_up)
        found[signal.name] = sa.case((there, time))
    return {ANY_SIGNAL: sa.func.least(*found.values()), **found}


def time_of(condition: Condition, of: str, limits: Limits) -> Any:
    """From when on a signal or a fact of a contact, answer or order holds; missing where it does not."""
    if condition.kind == "signal":
        return signal_times(limits)[condition.name]
    fact = FACTS[of][condition.name]
    return sa.case((holds(condition, fact.column, fact), KNOWN[fact.known]))


def holds(condition: Condition, column: Any, fact: RuleFact) -> Any:
    """Whether a fact is as the condition says; what is not known is neither yes nor no."""
    if fact.kind == "number":
        bounds = [column >= condition.at_least] if condition.at_least is not None else []
        bounds += [column < condition.below] if condition.below is not None else []
        return sa.and_(*bounds)
    if fact.kind == "flag":
        return column.in_([{"yes": 1, "no": 0}[value] for value in condition.values])
    given = column.in_([value for value in condition.values if value != NOT_GIVEN])
    return sa.or_(given, column.is_(None)) if NOT_GIVEN in condition.values else given


def counted(condition: Condition, limits: Limits, since: Any = None) -> sa.Subquery:
    """The contacts with which so many of a sort are reached: interaction_id, at (when that was known).

    One look along each customer's own contacts of the sort, in the order in which they became known: the one that lies
    count - 1 before must be within the window. since: moments before are not needed.
    """
    at = time_of(condition.which, "contact", limits) if condition.which else KNOWN[START]
    shared = [_SAME[condition.same]] if condition.same in _SAME else []
    hits = sa.select(
        contact.c.interaction_id, contact.c.customer_id, at.label("at"),
        *(column.label("same") for column in shared),
    ).where(KNOWN_CUSTOMER, *(column.is_not(None) for column in shared)).subquery()  # fmt: skip
    wanted = [hits.c.at.is_not(None)]
    if since is not None:
        wanted.append(hits.c.at >= since - timedelta(hours=condition.hours))
    known = sa.select(*hits.c).where(*wanted).subquery()
    along: Any = {
        "partition_by": [known.c.customer_id, *([known.c.same] if shared else [])],
        "order_by": (known.c.at, known.c.interaction_id),
    }
    first = sa.func.lag(known.c.at, condition.count - 1).over(**along)
    reached = sa.select(known.c.interaction_id, known.c.at, first.label("first")).subquery()
    near = seconds_between(reached.c.first, reached.c.at) <= condition.hours * _HOUR
    return sa.select(reached.c.interaction_id, reached.c.at).where(near).subquery()
