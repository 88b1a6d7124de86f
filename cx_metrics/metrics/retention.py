"""Whether customers stay: cohorts of buyers, and customers lost with and without a contract.

All three are counted in whole calendar months; the month in which the data end is left out, being unfinished.
"""

from __future__ import annotations

import functools
from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import month_number, month_start
from cx_metrics.metrics.estimators import Share
from cx_metrics.metrics.facts import Fact, last_time
from cx_metrics.metrics.metric import Metric
from cx_metrics.model import orders, subscriptions

COHORT_MONTHS = 12  # how far a cohort is followed
IDLE_MONTHS = 6  # calendar months in a row without an order after which a customer counts as lost
_LONGEST = 600  # months before the data end that subscriptions are looked at


def _steps(first: int, last: int) -> Any:
    numbers = sa.values(sa.column("step", sa.BigInteger), name="steps")
    return numbers.data([(number,) for number in range(first, last + 1)])


_this_month = month_number(last_time("orders", "ordered_at"))


def _cohorts(rolling: bool = False) -> Fact:
    """One row per first-time buyer and later month that is over; returned = 1: bought in it (rolling: or later)."""
    step, start = _steps(1, COHORT_MONTHS), orders.alias("start")
    bought = (
        sa.select(orders.c.customer_id, month_number(orders.c.ordered_at).label("month"))
        .where(orders.c.customer_id.is_not(None))
        .distinct()
        .subquery("bought")
    )
    month = month_number(start.c.ordered_at) + step.c.step
    came = bought.c.month == month
    if rolling:  # who bought in the last month of all bought in it or later
        last = sa.func.max(bought.c.month).label("month")
        bought = sa.select(bought.c.customer_id, last).group_by(bought.c.customer_id).subquery("last_bought")
        came = bought.c.month >= month
    rows = (
        sa.select(
            start.c.customer_id,
            start.c.ordered_at.label("first_ordered_at"),
            step.c.step.label("months_since"),
            sa.case((bought.c.customer_id.is_not(None), 1), else_=0).label("returned"),
        )
        .select_from(start)
        .join(step, month < _this_month)
        .outerjoin(bought, sa.and_(bought.c.customer_id == start.c.customer_id, came))
        .where(start.c.order_number == 1)
        .subquery("cohorts")
    )
    return Fact("rolling_cohorts" if rolling else "cohorts", rows, {"months_since": rows.c.months_since}, ("orders",))


def _idle_customers() -> Fact:
    """One row per customer and month that began with an order in the months before; lost = 1: fell idle in it."""
    step = _steps(1, IDLE_MONTHS)
    month = month_number(orders.c.ordered_at) + step.c.step
    following = month_number(orders.c.next_ordered_at)
    idle = sa.and_(step.c.step == IDLE_MONTHS, sa.or_(following.is_(None), following > month))
    rows = (
        sa.select(
            orders.c.customer_id,
            month_start(month).label("month"),
            sa.case((idle, 1), else_=0).label("lost"),
        )
        .select_from(orders)
        .join(step, sa.and_(month < _this_month, sa.or_(following.is_(None), following >= month)))
        .where(orders.c.customer_id.is_not(None))
        .subquery("idle_customers")
    )
    return Fact("idle_customers", rows, {}, ("orders",))


@functools.cache
def months_of_subscriptions() -> sa.CTE:
    """The months from the first subscription until the data end, without the unfinished one: number, starts.

    By themselves, not counted from each start: so a scope's period leaves few months before customers are looked at.
    One table of a statement, found once: else each subscription has the end of the data worked out for each month.
    """
    step, started = _steps(1, _LONGEST), subscriptions.c.started_at
    first, newest = (sa.select(end(started)).scalar_subquery() for end in (sa.func.min, sa.func.max))
    data_end = sa.func.greatest(newest, last_time("orders", "ordered_at"), last_time("interactions", "occurred_at"))
    month = month_number(data_end) - step.c.step
    found = sa.select(month.label("number"), month_start(month).label("starts"))
    return found.where(month >= month_number(first)).cte("subscription_months").prefix_with("MATERIALIZED")


def _subscribers() -> Fact:
    """One row per customer and month that began with a running subscription; lost = 1: none ran when it ended."""
    sub = subscriptions
    months = months_of_subscriptions()
    month = months.c.number
    start, end = month_number(sub.c.started_at), month_number(sub.c.ended_at)
    running = (
        sa.select(
            sub.c.customer_id,
            months.c.starts.label("month"),
            sa.case((start < month, 1), else_=0).label("began"),
            sa.case((sa.or_(end.is_(None), end > month), 1), else_=0).label("kept"),
        )
        .select_from(sub)
        .join(months, sa.and_(start <= month, sa.or_(end.is_(None), end >= month)))
        .where(sub.c.customer_id.is_not(None))
        .subquery("running")
    )
    rows = (
        sa.select(
            running.c.customer_id,
            running.c.month,
            (1 - sa.func.max(running.c.kept)).label("lost"),
        )
        .group_by(running.c.customer_id, running.c.month)
        .having(sa.func.max(running.c.began) == 1)
        .subquery("subscribers")
    )
    return Fact("subscribers", rows, {}, ("subscriptions",))


COHORTS, ROLLING_COHORTS = _cohorts(), _cohorts(rolling=True)
IDLE_CUSTOMERS, SUBSCRIBERS = _idle_customers(), _subscribers()

COHORT_RETENTION = Metric(
    name="cohort_retention",
    title="Cohort retention",
    unit="%",
    better="higher",
    definition="Share of the period's first-time buyers who bought in a given later calendar month (bounded, so it may "
    "rise again).",
    formula=f"customers with an order in the k-th month after their first / customers whose k-th month is over; "
    f"by months_since: k = 1 to {COHORT_MONTHS}; otherwise these months pooled",
    source="Start event: first order; return event: any order; interval: calendar month; bounded retention",
    needs="orders with a customer, over more than two months: orders.customer_id",
    fact=COHORTS,
    time=COHORTS.rows.c.first_ordered_at,
    kind=Share(sa.true(), COHORTS.rows.c.returned == 1),
    rivals=("cohort_retention_rolling",),
    variant="bounded: bought in the month",
)
ROLLING_RETENTION = Metric(
    name="cohort_retention_rolling",
    title="Cohort retention, rolling",
    unit="%",
    better="higher",
    definition="Share of the period's first-time buyers who bought in a given later calendar month or after it "
    "(falls with the months).",
    formula=f"customers with an order in the k-th month after their first or later / customers whose k-th month is "
    f"over; by months_since: k = 1 to {COHORT_MONTHS}; otherwise these months pooled",
    source="Rolling (unbounded) retention; later cohorts have had less time to come back",
    needs=COHORT_RETENTION.needs,
    fact=ROLLING_COHORTS,
    time=ROLLING_COHORTS.rows.c.first_ordered_at,
    kind=Share(sa.true(), ROLLING_COHORTS.rows.c.returned == 1),
    rivals=("cohort_retention",),
    variant="rolling: bought in the month or later",
)
CHURN = Metric(
    name="churn",
    title="Monthly churn",
    unit="%",
    better="lower",
    definition="Share of the customers with a subscription at the beginning of a month who have none when it ends.",
    formula="customers lost in a month / customers at its start; over longer periods the months are pooled",
    source="Subscription practice (customer churn rate)",
    needs="subscriptions: subscriptions.started_at and ended_at",
    fact=SUBSCRIBERS,
    time=SUBSCRIBERS.rows.c.month,
    kind=Share(sa.true(), SUBSCRIBERS.rows.c.lost == 1),
    rivals=("inactivity_churn",),
    headline=True,
    variant="subscription ended",
)
INACTIVITY_CHURN = Metric(
    name="inactivity_churn",
    title="Monthly churn by inactivity",
    unit="%",
    better="lower",
    definition=f"Share of the customers who ordered in the last {IDLE_MONTHS} months for whom the month is the "
    f"{IDLE_MONTHS}th in a row without an order.",
    formula=f"customers whose {IDLE_MONTHS}th calendar month without an order this is / customers with an order in the "
    f"{IDLE_MONTHS} months before; over longer periods the months are pooled",
    source="Inactivity rule for customers without a contract",
    needs="orders with a customer, over more than six months: orders.customer_id",
    fact=IDLE_CUSTOMERS,
    time=IDLE_CUSTOMERS.rows.c.month,
    kind=Share(sa.true(), IDLE_CUSTOMERS.rows.c.lost == 1),
    rivals=("churn",),
    variant=f"{IDLE_MONTHS} months without an order",
)
METRICS = (COHORT_RETENTION, ROLLING_RETENTION, CHURN, INACTIVITY_CHURN)
