"""Two groups of cases in one statement: a case belongs to the group of its first contact."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.journey_cells import Places, asked, figures, once, part
from cx_metrics.analyses.journey_ways import per_case
from cx_metrics.metrics.estimators import Expression, Z
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.signals import signals
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN, Scope, ScopeError
from cx_metrics.warehouse import Warehouse

_LISTED = 30  # groups to choose from


@dataclass(frozen=True)
class Groups:
    """sides: the scope of each group. both: that of the two together. side: which one (1, 2) a contact of it is in."""

    sides: tuple[Scope, Scope]
    both: Scope
    side: Expression


def groups(warehouse: Warehouse, scope: Scope, dimension: str) -> tuple[str, ...]:
    """The groups of a dimension with at least 30 cases in the scope, at most 30, the largest first.

    Raises ScopeError.
    """
    whole = _without(scope, dimension)
    source = CONTACTS.source([dimension, *(name for name, _ in whole.filters)])
    conditions = asked(whole)[1]
    column, n = CONTACTS.dimensions[dimension], sa.func.count()
    counted = sa.select(column.label("name")).select_from(source).where(contact.c.case_contact == 1, *conditions)
    read = warehouse.read(counted.group_by(column).having(n >= RANKED).order_by(n.desc(), column).limit(_LISTED))
    return tuple(NOT_GIVEN if pd.isna(name) else str(name) for name in read["name"])


def split(scope: Scope, dimension: str, one: str, other: str) -> Groups:
    """Two groups of a dimension; a filter on it is left out. Raises ScopeError."""
    if one == other:
        raise ScopeError(f"two groups are compared; {one!r} is named twice")
    whole = _without(scope, dimension)
    first, second = (replace(whole, filters=(*whole.filters, (dimension, (name,)))) for name in (one, other))
    in_first = Scope(filters=((dimension, (one,)),)).conditions(contact.c.occurred_at, CONTACTS.dimensions)
    side = sa.cast(sa.case((sa.and_(*in_first), 1), else_=2), sa.BigInteger)
    return Groups((first, second), replace(whole, filters=(*whole.filters, (dimension, (one, other)))), side)


def _without(scope: Scope, dimension: str) -> Scope:
    if dimension not in CONTACTS.dimensions:
        raise ScopeError(f"contacts have no dimension {dimension!r}; they have: {', '.join(CONTACTS.dimensions)}")
    return replace(scope, filters=tuple(given for given in scope.filters if given[0] != dimension))


def measures(groups: Groups) -> list[sa.Select[tuple[object, ...]]]:
    """Parts by a (side): contacts (mean per case), channels, loops, resolved, abandoned (shares of cases)."""
    s = _sums(groups).c
    spread = sa.func.sqrt((s.squares - s.contacts * s.contacts / s.n) / sa.func.nullif(s.n - 1, 0.0))
    mean, half = s.contacts / s.n, Z * spread / sa.func.sqrt(s.n)
    limits = (s.n, mean.label("value"), (mean - half).label("low"), (mean + half).label("high"))
    shares = {"channels": (s.channels, s.n), "loops": (s.loops, s.n), "resolved": (s.resolved, s.known),
              "abandoned": (s.abandoned, s.known)}  # fmt: skip
    parts = [part("contacts", sa.select(s.a, *limits), ("a",))]
    return parts + [part(name, sa.select(s.a, *figures(n, hits, n)), ("a",)) for name, (hits, n) in shares.items()]


def _sums(groups: Groups) -> sa.CTE:
    """Per side: n (cases), contacts and their squares, and how many cases have what; all double."""
    both, side = groups.both, groups.side
    c, looped = contact.c, next(signal for signal in signals(groups.both.limits) if signal.name == "loop")
    many = sa.case((sa.func.min(c.channel) != sa.func.max(c.channel), 1), else_=0)
    columns = {
        "a": sa.func.max(sa.case((c.case_contact == 1, side))), "contacts": sa.func.max(c.case_contacts),
        "channels": many, "loops": sa.func.max(sa.case((looped.there, 1), else_=0)),
        "outcome": sa.func.max(c.case_outcome),
    }  # fmt: skip
    several = per_case(both, columns, c.case_contacts > 1).subquery()
    source, conditions = asked(both)
    alone = sa.select(side.label("a"), c.case_outcome.label("outcome")).select_from(source)
    one = alone.where(c.case_contact == 1, c.case_contacts == 1, *conditions).subquery()
    n, whole = sa.func.count(), sa.cast(sa.literal(1), sa.BigInteger)
    single = sa.select(one.c.a, whole, sa.literal(0), sa.literal(0), one.c.outcome, n).group_by(one.c.a, one.c.outcome)
    rows = [several.c[name] for name in columns]
    every = sa.union_all(sa.select(*rows, whole.label("cases")), single).subquery()
    e = every.c

    def added(value: Expression, name: str) -> sa.Label[float]:
        return sa.cast(sa.func.coalesce(sa.func.sum(value), 0), sa.Double).label(name)

    sums = [added(e.cases, "n"), added(e.cases * e.contacts, "contacts"),
            added(e.cases * e.contacts * e.contacts, "squares"), added(e.cases * e.channels, "channels"),
            added(e.cases * e.loops, "loops"), added(sa.case((e.outcome.is_not(None), e.cases)), "known")]  # fmt: skip
    ends = [added(sa.case((e.outcome == name, e.cases)), name) for name in ("resolved", "abandoned")]
    return once(sa.select(e.a, *sums, *ends).group_by(e.a), "sums")


def first_moves(groups: Groups, where: Places) -> sa.Select[tuple[object, ...]]:
    """a (side), b (place of the first contact), c (of the second), cases: of the cases that go on."""
    both, side = groups.both, groups.side
    source, conditions = asked(both)
    here, after = where.number(contact.c[where.of]), where.number(contact.c[f"next_{where.of}"])
    rows = sa.select(side.label("a"), here.label("b"), after.label("c")).select_from(source)
    goes_on = sa.and_(contact.c.case_contact == 1, contact.c.case_contacts > 1)
    first = rows.where(goes_on, *conditions).subquery()
    keys = (first.c.a, first.c.b, first.c.c)
    return sa.select(*keys, sa.cast(sa.func.count(), sa.Double).label("cases")).group_by(*keys)


def moves(groups: Groups, where: Places) -> list[sa.Select[tuple[object, ...]]]:
    """Parts moves: each first move's share of those of its side; a (side), b (from and to, 32 x from + to)."""
    rows = once(first_moves(groups, where), "first_moves")
    parts = []
    for side in (1, 2):
        own = sa.select((rows.c.b * 32 + rows.c.c).label("b"), rows.c.cases).where(rows.c.a == side).subquery()
        shares = sa.select(own.c.b, *figures(own.c.cases, own.c.cases, sa.func.sum(own.c.cases).over()))
        parts.append(part("moves", shares, ("b",), {"a": side}))
    return parts
