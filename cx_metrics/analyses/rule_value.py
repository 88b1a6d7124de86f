"""What customers were worth a year at a moment, and from which value on they were among the top.

Yearly value: twelve months of the subscriptions that ran then, and the orders of the year before it that were kept; as
in `customers_at_risk`. Amounts in several currencies do not add up: such a customer has no value.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.customers_at_risk import YEAR_DAYS
from cx_metrics.analyses.leaving import kept_order
from cx_metrics.dialect import bucket
from cx_metrics.model import orders, subscriptions


def by_customer(left: sa.FromClause, right: sa.FromClause) -> sa.FromClause:
    """Both sides by customer, to be narrowed with `together`.

    As a full join, which engines cannot do row by row: not knowing how many moments there will be, they might else
    compare each with all.
    """
    return left.outerjoin(right, left.c.customer_id == right.c.customer_id, full=True)


def together(condition: Any) -> Any:
    """Whether a condition holds, in a form that lets the join stay as it is."""
    return sa.case((condition, 1), else_=0) == 1


def yearly_values(moments: sa.FromClause) -> sa.Subquery:
    """fact, value, currency: the customers' yearly value at each moment, of those who have one.

    moments: fact (their key), customer_id, at.
    """
    own = subscriptions.c
    running = sa.and_(
        own.started_at <= moments.c.at, own.monthly_amount > 0,
        sa.or_(own.ended_at.is_(None), own.ended_at > moments.c.at),
    )  # fmt: skip
    lately = sa.and_(
        orders.c.ordered_at <= moments.c.at, orders.c.ordered_at > moments.c.at - timedelta(days=YEAR_DAYS),
        kept_order(), orders.c.amount != 0,
    )  # fmt: skip
    paid = sa.select(moments.c.fact, (12.0 * own.monthly_amount).label("amount"), own.currency)
    bought = sa.select(moments.c.fact, orders.c.amount, orders.c.currency)
    return _summed(
        paid.select_from(by_customer(moments, subscriptions)).where(together(running)),
        bought.select_from(by_customer(moments, orders)).where(together(lately)),
        "fact",
    )


def top_values(moments: sa.FromClause, share: float) -> sa.Subquery:
    """quarter, currency, least: from which yearly value on a customer was in the top share when the quarter began.

    At its beginning, of all customers with a value then: later values would be a look ahead. moments: with at.
    """
    quarters = sa.select(bucket("quarter", moments.c.at).label("quarter")).distinct().subquery("quarters")
    own, start = subscriptions.c, quarters.c.quarter
    running = sa.and_(own.started_at <= start, sa.or_(own.ended_at.is_(None), own.ended_at > start))
    lately = sa.and_(orders.c.ordered_at <= start, orders.c.ordered_at > start - timedelta(days=YEAR_DAYS))
    paid = sa.select(start, own.customer_id, (12.0 * own.monthly_amount).label("amount"), own.currency)
    bought = sa.select(start, orders.c.customer_id, orders.c.amount, orders.c.currency)
    values = _summed(
        paid.join_from(quarters, subscriptions, running).where(own.monthly_amount > 0, own.customer_id.is_not(None)),
        bought.join_from(quarters, orders, lately).where(kept_order(), orders.c.amount != 0),
        "quarter", "customer_id",
    )  # fmt: skip
    least = sa.func.percentile_cont(1.0 - share).within_group(values.c.value)
    return (
        sa.select(values.c.quarter, values.c.currency, sa.cast(least, sa.Double).label("least"))
        .where(values.c.value > 0)
        .group_by(values.c.quarter, values.c.currency)
        .subquery()
    )


def _summed(paid: sa.Select[Any], bought: sa.Select[Any], *keys: str) -> sa.Subquery:
    """keys, value, currency ("" = not given), of those whose amounts are in one currency."""
    both = sa.union_all(paid, bought).subquery()
    currency = sa.func.coalesce(both.c.currency, "")
    by = [both.c[key] for key in keys]
    return (
        sa.select(
            *by,
            sa.cast(sa.func.sum(both.c.amount), sa.Double).label("value"),
            sa.func.min(currency).label("currency"),
        )
        .group_by(*by)
        .having(sa.func.min(currency) == sa.func.max(currency))
        .subquery()
    )


def subscription_starts(moments: sa.FromClause) -> sa.Subquery:
    """fact, started_at: when the newest subscription of the customer began that ran at each moment."""
    own = subscriptions.c
    running = sa.and_(own.started_at <= moments.c.at, sa.or_(own.ended_at.is_(None), own.ended_at > moments.c.at))
    newest = sa.select(moments.c.fact, sa.func.max(own.started_at).label("started_at"))
    both = newest.select_from(by_customer(moments, subscriptions)).where(together(running))
    return both.group_by(moments.c.fact).subquery()
