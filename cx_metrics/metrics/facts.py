"""Fact tables as metrics see them: their dimensions, and the join that customer attributes need."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from cx_metrics.model import customers, interactions, metadata, orders, survey_answers

OF_CUSTOMER = ("segment", "region", "country")
_PLACE = ("stage", "channel", "touchpoint", "reason", "team", "handled_by")


@dataclass(frozen=True)
class Fact:
    """rows: table or subquery with a customer_id. own: dimension -> its column. tables: canonical tables behind it."""

    name: str
    rows: sa.FromClause
    own: dict[str, Any] = field(hash=False)
    tables: tuple[str, ...]

    @property
    def dimensions(self) -> dict[str, Any]:
        """Every dimension, those of the customer included."""
        return {**self.own, **{name: customers.c[name] for name in OF_CUSTOMER}}

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
ORDERS = Fact("orders", orders, _own(orders, "status", "delivery", "currency", "source"), ("orders",))

_doings = sa.union_all(
    sa.select(interactions.c.customer_id, interactions.c.occurred_at.label("happened_at")),
    sa.select(orders.c.customer_id, orders.c.ordered_at),
).subquery("activity")
ACTIVITY = Fact("activity", _doings, {}, ("interactions", "orders"))


def last_time(table: str, column: str) -> sa.ScalarSelect[Any]:
    """When the data of a table end: what is younger than a window before this cannot be judged yet."""
    return sa.select(sa.func.max(metadata.tables[table].c[column])).scalar_subquery()
