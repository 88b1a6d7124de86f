"""Customers with a contact in the period: which signals they met lately, and what they are worth a year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.leaving import DAY, Rule, at_risk, customers_under, kept_order
from cx_metrics.dialect import bucket, seconds_between
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.random_groups import group_of
from cx_metrics.metrics.signals import Signal
from cx_metrics.model import customers, interactions, orders, subscriptions
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

LOOK_BACK_DAYS = 90  # how far before a contact the signals of earlier ones count, too
YEAR_DAYS = 365
BANDS = (1, 2, 3, 4, 5, 7, 10, 15)  # contacts in the look-back from which each band begins
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Patterns:
    """rows: pattern (number whose bit i says that signal i was met), band (of the number of contacts), segment, quarter
    (of the last contact, its first day), group (random group), n (customers), value (yearly, of all n). currencies: in
    which the values are."""

    rows: pd.DataFrame
    currencies: tuple[str, ...]


def present(rows: pd.DataFrame, signals: int) -> Array:
    """Which signals the customers of each row met, by its pattern: 0 or 1, (rows, signals)."""
    number = rows["pattern"].to_numpy(np.int64)
    return ((number[:, None] >> np.arange(signals)) & 1).astype(float)


def patterns(warehouse: Warehouse, scope: Scope, rule: Rule, found: tuple[Signal, ...]) -> Patterns:
    """The customers with a contact in a scope who had not left by the last one, counted by what they met up to it.

    Yearly value: twelve months of the subscriptions that ran at the last contact, and the orders of the year before it.
    """
    rows = warehouse.read(_counted(_people(_met(scope, rule, found))))
    ends = rows[["currency_low", "currency_high"]].to_numpy().ravel()
    currencies = sorted({str(name) or "none given" for name in ends if isinstance(name, str)})
    numbers = rows.assign(value=rows["value"].astype(float)).drop(columns=["currency_low", "currency_high"])
    return Patterns(numbers, tuple(currencies))


def _met(scope: Scope, rule: Rule, found: tuple[Signal, ...]) -> sa.CTE:
    """One row per customer with a contact in the scope before leaving: customer_id, last_at (the last such contact),
    contacts and pattern (of the look-back up to it)."""
    contact, at, under = interactions, interactions.c.occurred_at, customers_under(rule)
    where = scope.conditions(at, CONTACTS.dimensions)
    source = CONTACTS.source([name for name, _ in scope.filters])
    last = (
        sa.select(contact.c.customer_id, sa.func.max(at).label("last_at"))
        .select_from(source.join(under, contact.c.customer_id == under.c.customer_id))
        .where(*where, at_risk(under, at, DAY * scope.limits.repeat_days))
        .group_by(contact.c.customer_id)
        .subquery("last")
    )
    there = [sa.func.max(sa.case((signal.there, 2**place), else_=0)) for place, signal in enumerate(found)]
    before = seconds_between(at, last.c.last_at)
    return (
        sa.select(
            *last.c, sa.func.count().label("contacts"),
            sa.cast(sum(there, start=sa.literal(0)), sa.BigInteger).label("pattern"),
        )
        .select_from(source.join(last, contact.c.customer_id == last.c.customer_id))
        .where(*where, before >= 0, before <= DAY * LOOK_BACK_DAYS)
        .group_by(*last.c)
        .cte("met")
    )  # fmt: skip


def _people(met: sa.CTE) -> sa.Subquery:
    paying, buying = _subscribed(met), _bought(met)
    source: sa.FromClause = met
    for joined in (paying, buying, customers):
        source = source.outerjoin(joined, met.c.customer_id == joined.c.customer_id)
    value = sa.func.coalesce(paying.c.value, 0.0) + sa.func.coalesce(buying.c.value, 0.0)
    band = sa.case(*((met.c.contacts >= least, least) for least in reversed(BANDS)), else_=BANDS[0])
    return (
        sa.select(
            met.c.pattern, band.label("band"), customers.c.segment, bucket("quarter", met.c.last_at).label("quarter"),
            group_of(met.c.customer_id).label("group"), value.label("value"),
            sa.func.least(paying.c.currency_low, buying.c.currency_low).label("currency_low"),
            sa.func.greatest(paying.c.currency_high, buying.c.currency_high).label("currency_high"),
        )
        .select_from(source)
        .subquery("people")
    )  # fmt: skip


def _currencies(currency: Any, priced: Any) -> list[Any]:
    """The first and the last currency of amounts by the alphabet: where they differ there are several."""
    known = sa.case((priced, sa.func.coalesce(currency, "")))
    return [sa.func.min(known).label("currency_low"), sa.func.max(known).label("currency_high")]


def _subscribed(met: sa.CTE) -> sa.Subquery:
    """Per customer the yearly amount of the subscriptions that ran at the last contact."""
    own = subscriptions
    open_then = sa.or_(own.c.ended_at.is_(None), own.c.ended_at > met.c.last_at)
    running = sa.and_(own.c.customer_id == met.c.customer_id, own.c.started_at <= met.c.last_at, open_then)
    value = sa.cast(12.0 * sa.func.sum(own.c.monthly_amount), sa.Double)
    return (
        sa.select(met.c.customer_id, value.label("value"), *_currencies(own.c.currency, own.c.monthly_amount > 0))
        .join(own, running)
        .group_by(met.c.customer_id)
        .subquery("subscribed")
    )


def _bought(met: sa.CTE) -> sa.Subquery:
    """Per customer the amount ordered in the year up to the last contact."""
    before = seconds_between(orders.c.ordered_at, met.c.last_at)
    lately = sa.and_(orders.c.customer_id == met.c.customer_id, before >= 0, before < DAY * YEAR_DAYS)
    value = sa.cast(sa.func.sum(orders.c.amount), sa.Double)
    return (
        sa.select(met.c.customer_id, value.label("value"), *_currencies(orders.c.currency, orders.c.amount != 0))
        .join(orders, lately)
        .where(kept_order())
        .group_by(met.c.customer_id)
        .subquery("bought")
    )


def _counted(people: sa.Subquery) -> sa.Select[Any]:
    by = [people.c[name] for name in ("pattern", "band", "segment", "quarter", "group")]
    return sa.select(
        *by, sa.func.count().label("n"), sa.cast(sa.func.sum(people.c.value), sa.Double).label("value"),
        sa.func.min(people.c.currency_low).label("currency_low"),
        sa.func.max(people.c.currency_high).label("currency_high"),
    ).group_by(*by)  # fmt: skip
