"""The funnel: how many customers go on from one stage to the next, how long that takes, and what those who don't do."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.journey_cells import (
    OUTCOMES,
    Places,
    answers,
    asked,
    bits,
    figures,
    median,
    once,
    part,
    places,
    table,
)
from cx_metrics.analyses.journey_ways import outcome_number
from cx_metrics.dialect import seconds_between
from cx_metrics.metrics.estimators import Expression
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN, Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval, listing

NOT_THE_WAY = ("get help", "leave")  # stages that nobody should have to come to
NO_MORE = "no further contact"
NEXT, ENDED_HOW = "next contact", "outcome of the contact in the step"
_MOST = 8  # steps
_MICRO, _HOURS = 1_000_000, 3_600_000_000
_EPOCH = datetime.datetime(1970, 1, 1)
# A contact as one number: its time in microseconds, and in the bits below its outcome, or its stage and channel. The
# least of these numbers tells when a customer's first contact was and what it was, in one aggregate.
_OUTCOME_BITS, _PLACE_BITS = 3, 5


def usual_stages(warehouse: Warehouse, scope: Scope) -> tuple[str, ...]:
    """The journey's stages that the data have, in order, without those that nobody should have to come to."""
    there = places(warehouse, scope, "stage").names
    return tuple(stage for stage in journey.current().stages if stage in there and stage not in NOT_THE_WAY)


def funnel(warehouse: Warehouse, scope: Scope, stages: Sequence[str] = ()) -> Analysis:
    """Tables by customer; stages: the steps in order, by default `usual_stages`. Shares in per cent.

    funnel: step (1, ...), stage, n (customers who came so far), share (of step 1), low, high, share_before (of the step
    before), before_low, before_high, median_days (from the step before), days_low, days_high, suppressed.
    funnel_leavers: step, stage, what (NEXT or ENDED_HOW), name, n, share (of those who came to the step and not to the
    next one), low, high, suppressed. Raises ScopeError for more than 8 stages.
    """
    steps = tuple(dict.fromkeys(stages)) or usual_stages(warehouse, scope)[:_MOST]
    if len(steps) > _MOST:
        raise ScopeError(f"a funnel has at most {_MOST} steps, not {len(steps)}")
    if len(steps) < 2:
        said = ("There is no funnel: the contacts are in fewer than two stages of the journey.",)
        return Analysis("journey", scope, {}, said, ())
    names = {of: places(warehouse, scope, of) for of in ("stage", "channel")}
    reached = _reached(scope, steps)
    left = _left(scope, reached, names)
    read = answers(warehouse, [*_figures(reached), *_leavers(left, len(steps))])
    tables = {"funnel": _funnel(read, steps), "funnel_leavers": _leaving(read, steps, names)}
    return Analysis("journey", scope, tables, _sentences(tables), _assumptions(scope, steps))


def _moment() -> Expression:
    """Microseconds since 1970, whole."""
    seconds = seconds_between(sa.cast(sa.literal(_EPOCH), sa.DateTime), contact.c.occurred_at)
    return sa.cast(sa.func.floor(seconds * float(_MICRO) + 0.5), sa.BigInteger)


def _period(scope: Scope) -> list[sa.ColumnElement[bool]]:
    return [contact.c.customer_id.is_not(None), *replace(scope, filters=()).conditions(contact.c.occurred_at, {})]


def _reached(scope: Scope, steps: Sequence[str]) -> list[sa.CTE]:
    """Per step, customer_id, at (microseconds) and outcome of the first contact in the stage after the step before."""
    seen = _seen(scope, steps)
    found: list[sa.CTE] = []
    for step in range(1, len(steps) + 1):
        here = [seen.c.step == step, *([] if found else [seen.c.begins == 1])]
        chosen = sa.select(seen.c.customer_id, sa.func.min(seen.c.mark).label("mark")).where(*here)
        if found:
            later = bits(seen.c.mark, _OUTCOME_BITS, 63 - _OUTCOME_BITS) >= found[-1].c.at
            chosen = chosen.join_from(seen, found[-1], sa.and_(seen.c.customer_id == found[-1].c.customer_id, later))
        marked = chosen.group_by(seen.c.customer_id).subquery()
        at = bits(marked.c.mark, _OUTCOME_BITS, 63 - _OUTCOME_BITS).label("at")
        outcome = bits(marked.c.mark, 0, _OUTCOME_BITS).label("outcome")
        found.append(once(sa.select(marked.c.customer_id, at, outcome), f"step_{step}"))
    return found


def _seen(scope: Scope, steps: Sequence[str]) -> sa.CTE:
    """The period's contacts in the steps: customer_id, step, mark (see above), begins (1: it meets the filters)."""
    first = replace(scope, filters=tuple(given for given in scope.filters if given[0] != "stage"))
    source, conditions = asked(first)
    step = sa.case(*((contact.c.stage == stage, place) for place, stage in enumerate(steps, start=1)), else_=0)
    mark = _moment() * (1 << _OUTCOME_BITS) + outcome_number(contact.c.outcome)
    begins = sa.case((sa.and_(sa.true(), *conditions), 1), else_=0)
    columns = (contact.c.customer_id, step.label("step"), mark.label("mark"), begins.label("begins"))
    rows = sa.select(*columns).select_from(source).where(contact.c.stage.in_(steps), *_period(scope))
    return once(rows, "seen", whole=True)


def _figures(reached: list[sa.CTE]) -> list[sa.Select[Any]]:
    """Parts first (of step 1), before (of the step before) and days, by a (step)."""
    counts = [
        sa.select(_whole(step).label("a"), sa.func.count().label("n")).select_from(rows)
        for step, rows in enumerate(reached, start=1)
    ]
    counted = once(sa.union_all(*counts), "counted")
    c, start, before = counted.c, counted.alias("start"), counted.alias("before")
    of_start = sa.select(c.a, *figures(c.n, c.n, start.c.n)).join_from(counted, start, start.c.a == 1)
    of_before = sa.select(c.a, *figures(c.n, c.n, before.c.n)).join_from(counted, before, before.c.a == c.a - 1)
    gaps = [
        sa.select(_whole(step).label("a"), (sa.cast(here.c.at - was.c.at, sa.Double) / float(_HOURS)).label("hours"))
        .join_from(here, was, here.c.customer_id == was.c.customer_id)
        for step, (was, here) in enumerate(itertools.pairwise(reached), start=2)
    ]  # fmt: skip
    gap = once(sa.union_all(*gaps), "gap")
    days = median(sa.true(), gap.c.hours).cells(gap, [gap.c.a.label("a")], [])
    found = {"first": of_start.subquery(), "before": of_before.subquery(), "days": days.subquery()}
    # A step is no part of a sum with the others: each hides on its own.
    return [
        part(what, sa.select(*rows.c).where(rows.c.a == step), (), {"a": step})
        for what, rows in found.items() for step in range(1, len(reached) + 1)
    ]  # fmt: skip


def _whole(number: int) -> Expression:
    return sa.cast(sa.literal(number), sa.BigInteger)


def _left(scope: Scope, reached: list[sa.CTE], names: dict[str, Places]) -> sa.CTE:
    """step, outcome (of the contact in the step), place (stage and channel of the next contact, or missing), n."""
    stayed = []
    for step, (here, after) in enumerate(itertools.pairwise(reached), start=1):
        rows = sa.select(_whole(step).label("step"), here.c.customer_id, here.c.at, here.c.outcome)
        joined = here.outerjoin(after, here.c.customer_id == after.c.customer_id)
        stayed.append(rows.select_from(joined).where(after.c.customer_id.is_(None)))
    left = sa.union_all(*stayed).cte("left_at")
    place = names["stage"].number(contact.c.stage) * (1 << _PLACE_BITS) + names["channel"].number(contact.c.channel)
    since = [contact.c.customer_id == left.c.customer_id, _moment() > left.c.at, *_period(scope)]
    mark = sa.func.min(_moment() * (1 << 2 * _PLACE_BITS) + place).label("mark")
    keys = (left.c.step, left.c.customer_id, left.c.outcome)
    following = sa.select(*keys, mark).select_from(left.outerjoin(contact, sa.and_(*since))).group_by(*keys).subquery()
    where_to = bits(following.c.mark, 0, 2 * _PLACE_BITS).label("place")
    named = sa.select(following.c.step, following.c.outcome, where_to).subquery()
    groups = (named.c.step, named.c.outcome, named.c.place)
    return once(sa.select(*groups, sa.func.count().label("n")).group_by(*groups), "gone")


def _leavers(left: sa.CTE, steps: int) -> list[sa.Select[Any]]:
    """Parts next (b: stage and channel, 0 = none) and outcome (b: outcome) by a (step); each step sums on its own."""
    parts = []
    for what, key in (("next", sa.func.coalesce(left.c.place, 0)), ("outcome", left.c.outcome)):
        for step in range(1, steps):
            named = sa.select(key.label("b"), left.c.n).where(left.c.step == step).subquery()
            counted = sa.select(named.c.b, sa.func.sum(named.c.n).label("n")).group_by(named.c.b).subquery()
            cells = sa.select(counted.c.b, *figures(counted.c.n, counted.c.n, sa.func.sum(counted.c.n).over()))
            parts.append(part(what, cells, ("b",), {"a": step}))
    return parts


def _funnel(read: dict[str, pd.DataFrame], steps: Sequence[str]) -> pd.DataFrame:
    own = table(read, {"first": "", "before": "share_before", "days": "days"}, ("share", "low", "high"), ("a",))
    for name in ("days", "days_low", "days_high"):
        own[name] = own[name] / 24
    own.loc[own["a"] == 1, ["low", "high"]] = None  # all of them, by definition
    renamed = {"a": "step", "share_before_low": "before_low", "share_before_high": "before_high", "days": "median_days"}
    columns = [
        "step", "stage", "n", "share", "low", "high", "share_before", "before_low", "before_high", "median_days",
        "days_low", "days_high", "suppressed",
    ]  # fmt: skip
    return own.assign(stage=[steps[step - 1] for step in own["a"]]).rename(columns=renamed)[columns]


def _leaving(read: dict[str, pd.DataFrame], steps: Sequence[str], names: dict[str, Places]) -> pd.DataFrame:
    outcomes = (*OUTCOMES, NOT_GIVEN)

    def next_place(number: int) -> str:
        stage, channel = number >> _PLACE_BITS, number & ((1 << _PLACE_BITS) - 1)
        return f"{names['stage'].name(stage)}, {names['channel'].name(channel)}" if number else NO_MORE

    found = []
    for what, key in ((NEXT, "next"), (ENDED_HOW, "outcome")):
        own = table(read, {key: ""}, ("share", "low", "high"), ("a", "b"))
        words = [next_place(int(b)) if what == NEXT else outcomes[int(b) - 1] for b in own["b"]]
        found.append(own.assign(step=own["a"], stage=[steps[int(a) - 1] for a in own["a"]], what=what, name=words))
    whole = pd.concat(found, ignore_index=True)
    ordered = whole.sort_values(["step", "what", "n"], ascending=[True, True, False], kind="stable", na_position="last")
    columns = ["step", "stage", "what", "name", "n", "share", "low", "high", "suppressed"]
    return ordered[columns].reset_index(drop=True)


def _sentences(tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """How many came to the end, where most are lost, and what those did next."""
    steps = tables["funnel"]
    known = steps[steps["share"].notna()]
    if len(known) < 2 or float(known["n"].iloc[0]) < RANKED:
        return ()
    first, last = known.iloc[0], known.iloc[-1]
    share = f"{amount(last['share'], '%')} ({interval(last['low'], last['high'], '%')})"
    ways = listing([str(stage) for stage in known["stage"]])
    said = [
        f"Of {amount(first['n'], 'count')} customers with a contact in {first['stage']}, {share} went through {ways} "
        "in this order within the period."
    ]
    lost = known[known["share_before"].notna()].sort_values("share_before", kind="stable")
    if len(lost):
        worst = lost.iloc[0]
        went = f"{amount(worst['share_before'], '%')} ({interval(worst['before_low'], worst['before_high'], '%')})"
        gone = tables["funnel_leavers"]
        own = gone[(gone["step"] == worst["step"] - 1) & (gone["what"] == NEXT) & gone["share"].notna()]
        then = ""
        if len(own):
            name = str(own["name"].iloc[0])
            then = f"; {amount(own['share'].iloc[0], '%')} of the others "
            then += f"had {NO_MORE}" if name == NO_MORE else f"went to {name} next, more than anywhere else"
        said.append(f"Most are lost before {worst['stage']}: {went} go on to it{then}.")
    return tuple(said)


def _assumptions(scope: Scope, steps: Sequence[str]) -> tuple[str, ...]:
    filtered = {name for name, _ in scope.filters}
    said = [
        f"The funnel ({', '.join(steps)}) counts customers: the first contact in a step, then the first one in the "
        "next step at the same time or later, all within the period. Who began late had less time to go on, and who "
        "went on without a contact is not seen.",
    ]
    if filtered - {"stage"}:
        said.append("Filters choose customers by their contact in the first step of the funnel; later ones may be any.")
    if "stage" in filtered:
        said.append("The funnel leaves out the filter on stages.")
    return tuple(said)
