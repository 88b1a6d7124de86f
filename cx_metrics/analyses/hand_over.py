"""What people get who come from a bot or self-service, against those who came to a person first."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import MINIMUM, answered, in_order, share_columns, small_hidden, tallied
from cx_metrics.analyses.matched import Comparison, Group, compare
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.proportions import wilson_interval
from cx_metrics.metrics.signals import AUTOMATIC, KNOWN_CUSTOMER, old_enough, signals
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse

STRATA = ("channel", "reason")
WAIT = "median wait"
MEASURES = {"long wait": "long_wait", "repeated information": "repeated_information", "resolved": "resolved"}
_NEAR = 1e-9  # of a sum of weights, which engines add up in different orders
_AFTER = contact.c.previous_handled_by.in_(("bot", "self_service"))
_PEOPLE = (
    contact.c.handled_by == "human", sa.or_(_AFTER, contact.c.case_contact == 1),
    sa.func.coalesce(contact.c.initiated_by, "customer") != "company",
)  # fmt: skip


def hand_over(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """measure, unit, n_after, after, after_low, after_high, n_first, first, first_low, first_high, difference, low,
    high, strata, left_out: median wait (seconds), share with a long wait, with repeated information, resolved (%).

    after: contacts with people whose case's previous contact was with a bot or self-service. first: first contacts of a
    case with people, on the same channel and reason, counted so that they are spread over these like the others.
    Contacts that the company began are in neither. left_out: contacts after a bot without a like first contact.
    """
    counts = warehouse.read(_counts(scope))
    waited = _compared(counts, "wait", 0)
    rows = [_row(WAIT, "seconds", _with_medians(waited, warehouse.read(median_waits(scope))))]
    rows += [_row(name, "%", _in_percent(_compared(counts, column, column))) for name, column in MEASURES.items()]
    return pd.DataFrame(rows).astype({name: float for name in rows[0] if name not in ("measure", "unit")})


def _given(scope: Scope, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*(contact.c[name] for name in STRATA), sa.case((_AFTER, 1), else_=0).label("treated"), *columns)
        .select_from(CONTACTS.source([name for name, _ in scope.filters]))
        .where(*_PEOPLE, *scope.conditions(contact.c.occurred_at, CONTACTS.dimensions))
    )


def _counts(scope: Scope) -> sa.Select[Any]:
    """Contacts by stratum and side: how many have each measure, and of how many it can be said."""
    long_wait = next(signal for signal in signals(scope.limits) if signal.name == "long_wait")
    told = {
        "wait": (contact.c.wait_seconds.is_not(None), sa.true()),
        "long_wait": (long_wait.judged, long_wait.present),
        "repeated_information": (contact.c.repeated_information.is_not(None), contact.c.repeated_information == 1),
        "resolved": (contact.c.outcome.is_not(None), contact.c.outcome == "resolved"),
    }
    flags = {f"{name}_n": known for name, (known, _) in told.items()}
    flags |= {name: sa.and_(*both) for name, both in told.items()}
    columns = [sa.case((flag, 1), else_=0).label(name) for name, flag in flags.items()]
    found = tallied(_given(scope, *columns), (*STRATA, "treated"), list(flags))
    return sa.select(*found.c)


def _compared(counts: pd.DataFrame, measure: str, total: str | int) -> Comparison:
    cells = counts[[*STRATA, "treated"]].assign(n=counts[f"{measure}_n"])
    value = counts[total] if isinstance(total, str) else total
    return compare(cells.assign(total=value, squares=value)[cells["n"] > 0], STRATA)


def median_waits(scope: Scope) -> sa.Select[Any]:
    """treated (1: after a bot), value, low, high: median seconds of wait in strata that have both sides.

    First contacts weigh n after / n first of their stratum. Interval of a weighted quantile by Woodruff (1952), with
    Kish's effective n.
    """
    given = _given(scope, contact.c.wait_seconds.label("x")).where(contact.c.wait_seconds.is_not(None)).cte()
    sides = [sa.func.sum(sa.case((given.c.treated == side, 1.0), else_=0.0)).label(f"n_{side}") for side in (0, 1)]
    keys = [given.c[name] for name in STRATA]
    strata = sa.select(*keys, *(sa.cast(side, sa.Double).label(side.name) for side in sides)).group_by(*keys).cte()
    same = [_text(given.c[name]) == _text(strata.c[name]) for name in STRATA]
    weight = sa.case((given.c.treated == 1, 1.0), else_=strata.c.n_1 / sa.func.nullif(strata.c.n_0, 0.0))
    weighed = sa.select(given.c.treated, given.c.x, sa.cast(weight, sa.Double).label("weight")).join_from(
        given, strata, sa.and_(*same, strata.c.n_0 > 0, strata.c.n_1 > 0)
    ).subquery()  # fmt: skip
    totals = {"weight": sa.func.sum(weighed.c.weight), "squares": sa.func.sum(weighed.c.weight * weighed.c.weight)}
    summed = sa.select(weighed.c.treated, weighed.c.x, *(sum_.label(name) for name, sum_ in totals.items())).group_by(
        weighed.c.treated, weighed.c.x
    ).subquery()  # fmt: skip
    return _medians(summed)


def _text(column: Any) -> sa.ColumnElement[str]:
    return sa.func.coalesce(column, NOT_GIVEN)


def _medians(summed: sa.Subquery) -> sa.Select[Any]:
    weight, side = sa.func.sum(summed.c.weight), summed.c.treated
    running = sa.select(
        side, summed.c.x, weight.over(partition_by=side, order_by=summed.c.x).label("upto"),
        weight.over(partition_by=side).label("whole"),
        sa.func.sum(summed.c.squares).over(partition_by=side).label("squares"),
    ).subquery()  # fmt: skip
    c = running.c
    spread = Z * 0.5 * sa.func.sqrt(c.squares)  # of half the weights: whole * sqrt(0.25 / n effective)

    def first(reached: Any) -> sa.ColumnElement[Any]:
        return sa.func.min(sa.case((reached, c.x)))

    below, above = first(c.upto >= c.whole * (0.5 - _NEAR)), first(c.upto > c.whole * (0.5 + _NEAR))
    low_end, high_end = 0.5 * c.whole - spread, 0.5 * c.whole + spread
    low = first(sa.and_(low_end > 0, c.upto >= low_end - _NEAR * c.whole))
    high = first(c.upto >= high_end - _NEAR * c.whole)
    values = {"value": (below + above) / 2, "low": low, "high": high}
    columns = (sa.cast(value, sa.Double).label(name) for name, value in values.items())
    return sa.select(c.treated, *columns).group_by(c.treated)


def _with_medians(found: Comparison, medians: pd.DataFrame) -> Comparison:
    """The medians in place of means; the difference's interval from both intervals (MOVER, Zou and Donner 2008)."""
    by_side = medians.set_index("treated").astype(float).reindex([1, 0])
    (one, one_low, one_high), (other, other_low, other_high) = by_side[["value", "low", "high"]].to_numpy().tolist()
    sides = found.treated, found.untreated
    treated = Group(sides[0].n, one, one_low, one_high, sides[0].left_out)
    untreated = Group(sides[1].n, other, other_low, other_high, sides[1].left_out)
    low = one - other - math.hypot(one - one_low, other_high - other)
    high = one - other + math.hypot(one_high - one, other - other_low)
    return Comparison(treated, untreated, one - other, low, high, found.strata, found.strata_left_out)


def _in_percent(found: Comparison) -> Comparison:
    """Shares in per cent, those of the sides with Wilson intervals for the n that their variance is worth."""

    def percent(side: Group) -> Group:
        variance = ((side.high - side.low) / (2 * Z)) ** 2
        worth = side.mean * (1 - side.mean) / variance if variance > 0 else side.n
        low, high = wilson_interval(side.mean, worth)
        return Group(side.n, 100 * side.mean, 100 * low, 100 * high, side.left_out)

    return Comparison(
        percent(found.treated), percent(found.untreated), 100 * found.difference, 100 * found.low, 100 * found.high,
        found.strata, found.strata_left_out,
    )  # fmt: skip


def _row(measure: str, unit: str, found: Comparison) -> dict[str, Any]:
    """A row of the table; small sides are hidden as everywhere."""
    shown = min(found.treated.n, found.untreated.n) >= MINIMUM
    values: dict[str, Any] = {"measure": measure, "unit": unit}
    for name, side in (("after", found.treated), ("first", found.untreated)):
        values[f"n_{name}"] = None if 0 < side.n < HIDDEN_BELOW else side.n
        ends = {name: side.mean, f"{name}_low": side.low, f"{name}_high": side.high}
        values |= {key: end if shown else None for key, end in ends.items()}
    changes = {"difference": found.difference, "low": found.low, "high": found.high}
    values |= {key: change if shown else None for key, change in changes.items()}
    return values | {"strata": found.strata, "left_out": found.treated.left_out}


def escalated(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """What became of contacts that a bot or self-service escalated itself: handled_by, n, followed, share, low, high,
    median_hours, resolved, resolved_low, resolved_high, suppressed.

    share: per cent whose case had another contact within the window; median_hours: until that one; resolved: per cent
    whose case's last contact was resolved.
    """
    within = contact.c.case_hours_until_next <= 24.0 * scope.limits.repeat_days
    rows = sa.select(
        contact.c.handled_by, sa.case((within, contact.c.case_hours_until_next)).label("hours"),
        sa.case((within, 1), else_=0).label("followed"),
        sa.case((contact.c.case_outcome == "resolved", 1), else_=0).label("solved"),
    ).select_from(CONTACTS.source([name for name, _ in scope.filters])).where(
        AUTOMATIC, contact.c.outcome == "escalated", KNOWN_CUSTOMER, old_enough(scope.limits),
        *scope.conditions(contact.c.occurred_at, CONTACTS.dimensions),
    ).subquery()  # fmt: skip
    sums = {"n": sa.func.count(), "followed": sa.func.sum(rows.c.followed), "solved": sa.func.sum(rows.c.solved),
            "median_hours": sa.func.percentile_cont(0.5).within_group(rows.c.hours)}  # fmt: skip
    columns = (sa.cast(value, sa.Double).label(name) for name, value in sums.items())
    cells = sa.select(rows.c.handled_by, *columns).group_by(rows.c.handled_by).cte()
    c = small_hidden(cells, ("handled_by",), ("followed", "solved", "median_hours")).subquery().c
    solved = [column.label(name) for name, column in zip(
        ("resolved", "resolved_low", "resolved_high"), share_columns(c.solved, c.n), strict=True)]  # fmt: skip
    shares = share_columns(c.followed, c.n)
    question = sa.select(c.handled_by, c.n, c.followed, *shares, c.median_hours, *solved, c.suppressed)
    numbers = ("n", "followed", "share", "low", "high", "median_hours", "resolved", "resolved_low", "resolved_high")
    return in_order(answered(warehouse, question, *numbers), "handled_by")
