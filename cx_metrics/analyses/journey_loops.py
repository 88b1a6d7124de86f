"""Loops: cases that enter a stage again that they had left, and on which reasons that is clearly more frequent."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.cells import MINIMUM, RANKED
from cx_metrics.analyses.journey_cells import asked, figures, once
from cx_metrics.analyses.standing_out import ALARM, standing_out
from cx_metrics.metrics.estimators import Expression
from cx_metrics.metrics.signals import signals
from cx_metrics.metrics.suppression import suppress
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval

MARGIN = 1.5  # times the other reasons' share: smaller differences are part of every company
_MOST = 50  # rows of a table


def loops(warehouse: Warehouse, scope: Scope) -> Analysis:
    """Tables of the cases that begin in the scope, by the reason of their first contact; shares in per cent.

    loops: reason, n (cases), cases (that entered a stage again), share, low, high, rest_share (of all other reasons on
    which that happens), ratio, p (one-sided, of a ratio of at most MARGIN), p_holm, stands_out (p_holm <= ALARM),
    suppressed. loop_ways: stage (entered again), by_way_of (the stage before), reason, n (cases on the
    reason), cases (that do), share, low, high, suppressed. The most frequent first.
    """
    found = judged(warehouse.read(_by_reason(scope)))
    ways = warehouse.read(_ways(scope))
    ordered = found.sort_values(["stands_out", "share"], ascending=False, kind="stable", na_position="last")
    tables = {
        "loops": ordered.head(_MOST).reset_index(drop=True),
        "loop_ways": ways.sort_values("cases", ascending=False, kind="stable", na_position="last").head(_MOST),
    }
    tables["loop_ways"] = tables["loop_ways"].reset_index(drop=True)
    return Analysis("journey", scope, tables, _sentences(ordered, tables["loop_ways"]), _assumptions(scope))


def judged(reasons: pd.DataFrame) -> pd.DataFrame:
    """Reasons (reason, n, cases, rest_n, rest_cases, ...) with rest_share, ratio, p, p_holm and stands_out.

    Compared are reasons with at least 30 cases, against others with as many.
    """
    found = standing_out(reasons, "cases", MARGIN, RANKED)
    return found[["reason", "n", "cases", "share", "low", "high", "rest_share", "ratio", "p", "p_holm", "stands_out",
                  "suppressed"]]  # fmt: skip


def _begun(scope: Scope) -> sa.Subquery:
    """case_key and reason of the cases that begin in the scope."""
    source, conditions = asked(scope)
    reason = sa.func.coalesce(contact.c.reason, NOT_GIVEN).label("reason")
    chosen = sa.select(contact.c.case_key, reason, contact.c.case_contacts).select_from(source)
    return chosen.where(contact.c.case_contact == 1, *conditions).subquery("begun")


def _looped(scope: Scope) -> sa.CTE:
    """reason, stage, via and case_key of all contacts with the signal in cases that begin in the scope."""
    begun, again = _begun(scope), contact.alias("again")
    signal = next(found for found in signals(scope.limits) if found.name == "loop")
    since = Scope(scope.start).conditions(contact.c.occurred_at, {})
    there = sa.select(contact.c.case_key, contact.c.stage, contact.c.previous_stage.label("via"))
    entered = there.where(signal.there, *since).subquery(again.name)
    columns = (begun.c.reason, entered.c.stage, entered.c.via, entered.c.case_key)
    return once(sa.select(*columns).join_from(entered, begun, entered.c.case_key == begun.c.case_key), "looped")


def _double(value: Expression) -> Expression:
    return sa.cast(sa.func.coalesce(value, 0), sa.Double)


def _counted(scope: Scope) -> tuple[sa.CTE, sa.CTE]:
    """reason, n, cases (with a loop) per reason; and the contacts that are loops."""
    begun, looped = _begun(scope), _looped(scope)
    whole = sa.select(begun.c.reason, sa.func.count().label("n")).group_by(begun.c.reason).subquery()
    hits = sa.select(looped.c.reason, sa.func.count(looped.c.case_key.distinct()).label("cases"))
    circled = hits.group_by(looped.c.reason).subquery()
    both = whole.outerjoin(circled, whole.c.reason == circled.c.reason)
    columns = (whole.c.reason, _double(whole.c.n).label("n"), _double(circled.c.cases).label("cases"))
    return once(sa.select(*columns).select_from(both), "reasons"), looped


def _by_reason(scope: Scope) -> sa.Select[tuple[object, ...]]:
    """Each reason against all others on which any case goes in a circle: on some matters none can.

    Where there is no such other, against all others.
    """
    reasons = _counted(scope)[0]
    r, seen = reasons.c, _seen(reasons)
    some = sa.case((r.cases > 0, r.n), else_=0.0)
    others = sa.func.sum(some).over() - some
    rest_n = sa.case((others > 0, others), else_=sa.func.sum(r.n).over() - r.n).label("rest_n")
    rest = sa.select(r.reason, r.cases, rest_n, (sa.func.sum(r.cases).over() - r.cases).label("rest_cases")).subquery()
    more = [
        sa.case((seen.c.value.is_not(None), rest.c[name])).label(name) for name in ("cases", "rest_n", "rest_cases")
    ]
    figures = (seen.c.value.label("share"), seen.c.low, seen.c.high, seen.c.suppressed)
    shown = sa.select(seen.c.reason, seen.c.n, *more, *figures)
    return shown.join_from(seen, rest, seen.c.reason == rest.c.reason)


def _seen(reasons: sa.CTE) -> sa.Subquery:
    """The reasons with their share of cases with a loop, small ones hidden."""
    r = reasons.c
    return suppress(sa.select(r.reason, *figures(r.n, r.cases, r.n)).subquery(), ("reason",), MINIMUM).subquery()


def _ways(scope: Scope) -> sa.Select[tuple[object, ...]]:
    """Shares of a reason's cases: shown where the reason's own share is."""
    reasons, looped = _counted(scope)
    seen = _seen(reasons)
    keys = (looped.c.stage, looped.c.via, looped.c.reason)
    cases = sa.cast(sa.func.count(looped.c.case_key.distinct()), sa.Double).label("cases")
    ways = sa.select(*keys, cases).group_by(*keys).subquery()
    n, *shares = figures(seen.c.n, ways.c.cases, seen.c.n)
    names = ("share", "low", "high")
    shown = [
        sa.case((seen.c.value.is_not(None), share.element)).label(name)
        for name, share in zip(names, shares, strict=True)
    ]
    counted = sa.case((seen.c.value.is_not(None), ways.c.cases)).label("cases")
    columns = (ways.c.stage, ways.c.via.label("by_way_of"), ways.c.reason, n, counted, *shown, seen.c.suppressed)
    return sa.select(*columns).join_from(ways, seen, ways.c.reason == seen.c.reason)


def _sentences(found: pd.DataFrame, ways: pd.DataFrame) -> tuple[str, ...]:
    """The reasons that stand out and where their cases go round; else that none does."""
    said = []
    for row in found[found["stands_out"]].to_dict("records"):
        share = f"{amount(row['share'], '%')} ({interval(row['low'], row['high'], '%')})"
        text = f"{row['reason']}: cases go in circles in {share}, on other reasons in {amount(row['rest_share'], '%')}"
        own = ways[(ways["reason"] == row["reason"]) & ways["share"].notna()].to_dict("records")
        if own:
            text += f"; back to {own[0]['stage']} from {own[0]['by_way_of']} in {amount(own[0]['share'], '%')}"
        said.append(text + ".")
    if said or not len(found):
        return tuple(said)
    return ("On no reason do cases go in circles clearly more often than on the others.",)


def _assumptions(scope: Scope) -> tuple[str, ...]:
    rule = next(signal.rule for signal in signals(scope.limits) if signal.name == "loop")
    return (
        f"A loop: {rule[0].lower()}{rule[1:]} A case belongs to the reason of its first contact.",
        f"A reason stands out where its share of cases with a loop is clearly more than {MARGIN:g} times that of all "
        "other reasons on which any case has a loop (score test of the ratio, one-sided, Holm over all reasons of at "
        f"least {RANKED} cases, {100 * ALARM:g} % false alarms in total).",
    )
