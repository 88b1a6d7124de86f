"""Fact tables as metrics see them: their dimensions, and the join that customer attributes need."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from cx_metrics.model import customers, interactions, metadata, orders, survey_answers
from cx_metrics.scope import Scope

_GENERATIONS = (  # Dimock 2019, Pew Research Center: Defining generations
    (1945, "1880-1945 (Silent)"), (1964, "1946-1964 (Boomers)"), (1980, "1965-1980 (Generation X)"),
    (1996, "1981-1996 (Millennials)"), (2012, "1997-2012 (Generation Z)"), (9999, "2013 on (Alpha)"),
)  # fmt: skip


def _generation() -> Any:
    """The generation of a customer's year of birth."""
    born = customers.c.birth_year
    return sa.cast(sa.case(*((born <= last, name) for last, name in _GENERATIONS)), sa.Text)


OF_CUSTOMER: dict[str, Any] = {
    **{name: customers.c[name] for name in ("segment", "region", "country")}, "generation": _generation(),
}  # fmt: skip
ITEM = ("stage", "dimension")  # what makes two survey items the same
_PLACE = ("stage", "channel", "touchpoint", "reason", "team", "handled_by")


@dataclass(frozen=True)
class Fact:
    """rows: table or subquery with a customer_id. own: dimension -> its column. tables: canonical tables behind it.

    general: rows that, where they name no value of a dimension, stand for all of them: what employees think of all
    customers holds for each segment. An item that was asked about (stage, dimension) is always named.
    """

    name: str
    rows: sa.FromClause
    own: dict[str, Any] = field(hash=False)
    tables: tuple[str, ...]
    general: Any = field(default=None, hash=False)

    @property
    def dimensions(self) -> dict[str, Any]:
        """Every dimension, those of the customer included."""
        return {**self.own, **OF_CUSTOMER}

    def conditions(self, scope: Scope, time: Any) -> list[sa.ColumnElement[bool]]:
        """What a row must satisfy to lie in the scope; `time` is its time column. Raises ScopeError."""
        if self.general is None:
            return scope.conditions(time, self.dimensions)
        found = replace(scope, filters=()).conditions(time, self.dimensions)
        for name, values in scope.filters:
            (fits,) = Scope(filters=((name, values),)).conditions(time, self.dimensions)
            all_of_them = sa.and_(self.general, self.dimensions[name].is_(None))
            found.append(fits if name in ITEM else sa.or_(fits, all_of_them))
        return found

    def source(self, used: Collection[str]) -> sa.FromClause:
        """What to select from when the dimensions `used` are grouped by or filtered on."""
        if any(name in OF_CUSTOMER for name in used):
            return self.rows.outerjoin(customers, self.rows.c.customer_id == customers.c.customer_id)
        return self.rows


def _own(rows: sa.FromClause, *names: str) -> dict[str, Any]:
    return {name: rows.c[name] for name in names}


CONTACTS = Fact(
    "contacts", interactions,
    _own(interactions, *_PLACE, "initiated_by", "outcome", "source"),
    ("interactions",),
)  # fmt: skip
ANSWERS = Fact(
    "answers", survey_answers,
    _own(survey_answers, *_PLACE, "dimension", "delivery", "source"),
    ("survey_answers",),
)  # fmt: skip
_BELIEFS = survey_answers.c.instrument.in_(("belief", "believed_expectation"))  # what the company's own people think
GAP_ANSWERS = replace(ANSWERS, name="gap_answers", general=_BELIEFS)
ORDERS = Fact("orders", orders, _own(orders, "status", "delivery", "currency", "source"), ("orders",))

_doings = sa.union_all(
    sa.select(interactions.c.customer_id, interactions.c.occurred_at.label("happened_at")),
    sa.select(orders.c.customer_id, orders.c.ordered_at),
).subquery("activity")
ACTIVITY = Fact("activity", _doings, {}, ("interactions", "orders"))


@functools.cache
def last_time(table: str, column: str) -> sa.ScalarSelect[Any]:
    """When the data of a table end: what is younger than a window before this cannot be judged yet.

    As one table of a statement, so that it is looked up once however many expressions ask for it.
    """
    newest = sa.select(sa.func.max(metadata.tables[table].c[column]).label("at")).cte(f"last_{column}_of_{table}")
    return sa.select(newest.c.at).scalar_subquery()
