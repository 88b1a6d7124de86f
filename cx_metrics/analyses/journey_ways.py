"""Cases as numbers: the way that each one takes, counted by the engine without a text being put together."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from cx_metrics.analyses.journey_cells import GOES_ON, OUTCOMES, THE_END, Places, asked, bits, once
from cx_metrics.metrics.estimators import Expression, Share
from cx_metrics.metrics.survey import CSAT
from cx_metrics.model import interactions as contact
from cx_metrics.model import survey_answers
from cx_metrics.scope import Scope

STEPS = 8  # contacts of a way that are told apart
FIRST = 4  # contacts whose flow is drawn
MOST = 20  # ways that are listed
_BITS, _MASK = 5, 31
_LONGER = 1 << (_BITS * STEPS)  # added to the way of a case with more contacts


@dataclass(frozen=True)
class Cases:
    """The cases of a scope. multi: way, contacts, hours, one row per case of several contacts.

    every: way, contacts, last, outcome, cases; also with the cases of one contact, which are counted. ways: way,
    cases, contacts, known (cases whose outcome is), resolved.
    """

    multi: sa.CTE
    every: sa.CTE
    ways: sa.CTE


def outcome_number(outcome: Expression) -> Expression:
    """The place of an outcome in OUTCOMES from 1 on; 5 where it is missing."""
    known = [(outcome == name, place) for place, name in enumerate(OUTCOMES, start=1)]
    return sa.cast(sa.case(*known, else_=5), sa.BigInteger)


def _whole(value: Expression) -> Expression:
    return sa.cast(value, sa.BigInteger)


def _way(number: Expression) -> Expression:
    """The way of a group of contacts that are a case: a digit per contact, the first one lowest."""
    worth = [(contact.c.case_contact == k + 1, sa.literal(1 << (_BITS * k), sa.BigInteger)) for k in range(STEPS)]
    digits = sa.func.sum(number * sa.case(*worth, else_=sa.literal(0, sa.BigInteger)))
    more = sa.case((sa.func.max(contact.c.case_contacts) > STEPS, sa.literal(_LONGER, sa.BigInteger)), else_=0)
    return _whole(digits) + _whole(more)


def per_case(
    scope: Scope, columns: dict[str, Expression], *where: sa.ColumnElement[bool]
) -> sa.Select[tuple[object, ...]]:
    """case_key and aggregates over the contacts of each case whose first contact is in the scope.

    Contacts before the period cannot be of such a case. Grouping first and choosing cases after costs less than a join.
    """
    source, conditions = asked(scope)
    c = contact.c
    begins = sa.case((sa.and_(c.case_contact == 1, *conditions), 1), else_=0)
    since = Scope(scope.start).conditions(c.occurred_at, {})
    chosen = sa.select(c.case_key, *(column.label(name) for name, column in columns.items()))
    grouped = chosen.select_from(source).where(*since, *where).group_by(c.case_key)
    return grouped.having(sa.func.max(begins) == 1)


def cases(names: Places, scope: Scope) -> Cases:
    """The cases that begin in the scope."""
    c, number = contact.c, names.number(contact.c[names.of])
    at_end = sa.case((c.case_contact == c.case_contacts, number))
    columns = {
        "way": _way(number), "contacts": sa.func.max(c.case_contacts), "hours": sa.func.sum(c.case_hours_until_next),
        "last": sa.func.max(at_end), "outcome": sa.func.max(outcome_number(c.case_outcome)),
    }  # fmt: skip
    multi = once(per_case(scope, columns, c.case_contacts > 1), "multi")
    source, conditions = asked(scope)
    alone = sa.select(number.label("way"), outcome_number(c.case_outcome).label("outcome")).select_from(source)
    one = alone.where(c.case_contact == 1, c.case_contacts == 1, *conditions).subquery()
    several = sa.select(
        multi.c.way, multi.c.contacts, multi.c.last, multi.c.outcome, _whole(sa.literal(1)).label("cases")
    )
    single = sa.select(one.c.way, _whole(sa.literal(1)), one.c.way, one.c.outcome, sa.func.count())
    every = once(sa.union_all(several, single.group_by(one.c.way, one.c.outcome)), "every")
    return Cases(multi, every, _ways(every))


def _ways(every: sa.CTE) -> sa.CTE:
    e = every.c

    def added(value: Expression, name: str) -> sa.Label[float]:
        return sa.cast(sa.func.sum(value), sa.Double).label(name)

    known = sa.case((e.outcome <= len(OUTCOMES), e.cases), else_=0)
    resolved = sa.case((e.outcome == 1, e.cases), else_=0)
    sums = (added(e.cases, "cases"), added(e.cases * e.contacts, "contacts"))
    more = (added(known, "known"), added(resolved, "resolved"))
    return once(sa.select(e.way, *sums, *more).group_by(e.way), "ways")


def largest(ways: sa.CTE) -> sa.CTE:
    """The MOST frequent ways (way, cases, contacts, known, resolved), and all others together as way -1."""
    place = sa.func.row_number().over(order_by=(ways.c.cases.desc(), ways.c.way))
    ranked = sa.select(*ways.c, place.label("place")).subquery()
    way = sa.case((ranked.c.place <= MOST, ranked.c.way), else_=-1)
    named = sa.select(
        way.label("listed"), *(ranked.c[n] for n in ("cases", "contacts", "known", "resolved"))
    ).subquery()
    sums = (sa.func.sum(named.c[n]).label(n) for n in ("cases", "contacts", "known", "resolved"))
    return once(sa.select(named.c.listed.label("way"), *sums).group_by(named.c.listed), "largest")


def first_number(way: Expression) -> Expression:
    """The number of the place in which a way begins."""
    return bits(way, 0, _BITS)


def moves(ways: sa.CTE) -> sa.CTE:
    """a (position 1 to FIRST), b (place there), c (the next one, the end, or "goes on"), cases."""
    steps = []
    for position in range(1, FIRST + 1):
        here = bits(ways.c.way, _BITS * (position - 1), _BITS)
        after = bits(ways.c.way, _BITS * position, _BITS)
        if position == FIRST:
            after = sa.case((after > THE_END, GOES_ON), else_=THE_END)
        steps.append(
            sa.select(_whole(sa.literal(position)).label("a"), here.label("b"), after.label("c"), ways.c.cases)
        )
    every = sa.union_all(*steps).subquery()
    keys = (every.c.a, every.c.b, every.c.c)
    counted = sa.select(*keys, sa.func.sum(every.c.cases).label("cases")).where(every.c.b > 0).group_by(*keys)
    return once(counted, "moves")


def spelled(names: Places, way: int) -> str:
    """A way for people: "chat > phone > phone", with "…" at the end where it goes on."""
    if way < 0:
        return "(all other ways)"
    numbers = [(way >> (_BITS * k)) & _MASK for k in range(STEPS)]
    return " > ".join([*(names.name(number) for number in numbers if number), *(["…"] if way >= _LONGER else [])])


def satisfaction(names: Places, scope: Scope, listed: list[int]) -> sa.Select[tuple[object, ...]]:
    """a (way, of `listed`), n (answers about contacts of its cases that count), hits (satisfied ones)."""
    kind = CSAT.kind
    assert isinstance(kind, Share)
    answered = sa.select(contact.c.case_key, sa.case((kind.hit, 1), else_=0).label("hit"))
    about = answered.join_from(
        survey_answers, contact, survey_answers.c.interaction_id == contact.c.interaction_id
    ).where(kind.counted)
    said = about.subquery()
    n, hits = sa.func.count().label("n"), sa.func.sum(said.c.hit).label("hits")
    rated = once(sa.select(said.c.case_key, n, hits).group_by(said.c.case_key), "rated")
    mine = contact.c.case_key.in_(sa.select(rated.c.case_key))
    taken = per_case(scope, {"way": _way(names.number(contact.c[names.of]))}, mine).subquery()
    joined = sa.select(
        taken.c.way.label("a"), sa.func.sum(rated.c.n).label("n"), sa.func.sum(rated.c.hits).label("hits")
    )
    on_way = joined.join_from(taken, rated, taken.c.case_key == rated.c.case_key)
    return on_way.where(taken.c.way.in_(listed)).group_by(taken.c.way)
