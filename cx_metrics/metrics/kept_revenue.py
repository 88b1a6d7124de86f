"""How much of the subscription revenue of a month's beginning is there at its end: net and gross revenue retention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import month_number
from cx_metrics.metrics.estimators import Estimate, Expression, Z, wilson
from cx_metrics.metrics.facts import Fact
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.retention import months_of_subscriptions
from cx_metrics.model import subscriptions


@dataclass(frozen=True)
class KeptShare:
    """What is left of a sum, in per cent: sum of `left` / sum of `start` over the counted rows.

    Interval by Taylor linearisation of the ratio (Wolter 2007, chapter 6), each row by itself: what happens to a
    customer in one month says nothing of the next. Missing where no row moved. bounded: no row can keep more than all
    of its start; Wilson's interval with Kish's effective n, which does not shrink to nothing where nobody left. single:
    with several values of this column there is no value.
    """

    counted: Expression
    start: Expression
    left: Expression
    single: Expression
    bounded: bool = False

    def sums(self) -> dict[str, Expression]:
        """What is added up per cell."""
        start, left = (sa.cast(column, sa.Double) for column in (self.start, self.left))
        products = {"start": start, "left": left, "ss": start * start, "sl": start * left, "ll": left * left}
        summed = {name: _sum(sa.case((self.counted, product))) for name, product in products.items()}
        unit = sa.case((self.counted, sa.func.coalesce(self.single, "")))
        mixed = sa.case((sa.func.min(unit) == sa.func.max(unit), 0.0), else_=1.0)
        return {"n": _sum(sa.case((self.counted, 1), else_=0)), **summed, "mixed": mixed}

    def estimate(self, sums: dict[str, Expression]) -> Estimate:
        """The figure from the sums."""
        n, start = sums["n"], sa.func.nullif(sums["start"], 0.0)
        ratio = sums["left"] / start
        if self.bounded:
            low, high = wilson(ratio, start * start / sums["ss"])
        else:
            around = sums["ll"] - 2 * ratio * sums["sl"] + ratio * ratio * sums["ss"]
            moved = sa.case((around > 1e-9 * sums["ss"], around))  # less is rounding
            half = 100 * Z * sa.func.sqrt(moved * n / sa.func.nullif(n - 1, 0.0)) / start
            low, high = 100 * ratio - half, 100 * ratio + half
        value, low, high = (sa.case((sums["mixed"] == 0, figure)) for figure in (100 * ratio, low, high))
        return Estimate(n, value, low, high)


def _sum(value: Any) -> Expression:
    return sa.cast(sa.func.coalesce(sa.func.sum(value), 0), sa.Double)


def kept_revenue(months: int = 1) -> Fact:
    """One row per customer and whole month with a subscription when the first of so many months up to it began:
    started, ended, kept (the amounts a month when that month began, when the last one ended, and the smaller of both).

    A customer's subscriptions are added up, those in different currencies apart; a missing amount leaves them out.
    """
    sub, over = subscriptions, months_of_subscriptions()
    last, first = over.c.number, over.c.number - (months - 1)
    start, end = month_number(sub.c.started_at), month_number(sub.c.ended_at)
    began = sa.and_(start < first, sa.or_(end.is_(None), end >= first))
    runs = sa.and_(start <= last, sa.or_(end.is_(None), end > last))
    amount = sub.c.monthly_amount
    sides = {"began": began, "started": sa.and_(began, amount.is_not(None)), "ended": runs}
    values = {"began": 1, "started": amount, "ended": amount}
    summed = [sa.func.sum(sa.case((side, values[name]), else_=0)).label(name) for name, side in sides.items()]
    unknown = sa.func.sum(sa.case((amount.is_(None), 1), else_=0)).label("unknown")
    added = (
        sa.select(sub.c.customer_id, over.c.starts.label("month"), sub.c.currency, *summed, unknown)
        .select_from(sub)
        .join(over, sa.or_(began, runs))
        .where(sub.c.customer_id.is_not(None))
        .group_by(sub.c.customer_id, over.c.starts, sub.c.currency)
        .subquery("added")
    )
    kept = sa.case((added.c.ended < added.c.started, added.c.ended), else_=added.c.started)
    rows = (
        sa.select(added.c.customer_id, added.c.month, added.c.currency, added.c.started, added.c.ended,
                  kept.label("kept"), added.c.unknown)
        .where(added.c.began > 0)
        .subquery(f"kept_revenue_{months}")
    )  # fmt: skip
    return Fact(f"kept_revenue_{months}", rows, {"currency": rows.c.currency}, ("subscriptions",))


KEPT_REVENUE = kept_revenue()
_rows = KEPT_REVENUE.rows.c


def kept_share(fact: Fact, bounded: bool) -> Any:
    """The kind of NRR, or (bounded) of GRR, over the rows of `kept_revenue`."""
    rows = fact.rows.c
    counted = sa.and_(rows.started > 0, rows.unknown == 0)
    return KeptShare(counted, rows.started, rows.kept if bounded else rows.ended, rows.currency, bounded)


NRR = Metric(
    name="nrr",
    title="Net revenue retention",
    unit="%",
    better="higher",
    definition="What the customers with a subscription at the beginning of a month pay a month when it ends, as a "
    "share of what they paid when it began.",
    formula="(start + expansion - contraction - churn) / start, over each customer's subscriptions together; over "
    "longer periods the months are pooled; interval: Taylor linearisation of the ratio",
    source="Subscription practice (NRR); interval: Wolter 2007, chapter 6",
    needs="subscriptions with amounts: subscriptions.monthly_amount, started_at and ended_at",
    fact=KEPT_REVENUE,
    time=_rows.month,
    kind=kept_share(KEPT_REVENUE, bounded=False),
    undefined="the subscriptions are in several currencies: choose one, or group by currency",
)
GRR = Metric(
    name="grr",
    title="Gross revenue retention",
    unit="%",
    better="higher",
    definition="What the customers with a subscription at the beginning of a month still pay a month when it ends, as "
    "a share of what they paid when it began; what they pay more does not count.",
    formula="(start - contraction - churn) / start, over each customer's subscriptions together; over longer periods "
    "the months are pooled; interval: Wilson, with the effective n of the amounts",
    source="Subscription practice (GRR); interval: Wilson 1927, effective n by Kish 1965",
    needs=NRR.needs,
    fact=KEPT_REVENUE,
    time=_rows.month,
    kind=kept_share(KEPT_REVENUE, bounded=True),
    undefined=NRR.undefined,
)
METRICS = (NRR, GRR)
