"""Open interventions: customers whose moments the active rules found, each customer once, with all reasons."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.analyses.rule_matches import NEWEST, moments
from cx_metrics.analyses.rule_value import yearly_values
from cx_metrics.analyses.rule_words import evidence_words
from cx_metrics.analyses.rules import Rule, Rules, current_rules
from cx_metrics.ledger import Ledger, Writing, account
from cx_metrics.ledger_tables import intervention_evidence, intervention_steps, interventions
from cx_metrics.warehouse import Warehouse

MOST = 500  # customers that one rule opens from the newest data; more would bury those who matter most
_BLOCK = 5_000  # keys in one question
Moment = dict[str, Any]


@dataclass(frozen=True)
class Opened:
    """What one look at the rules did. opened: interventions; added: evidence for customers who were in the queue
    already; left: customers left aside, being more than a rule may open at once.

    by_rule: rule -> (opened, added, left). sentence: the same in words.
    """

    opened: int
    added: int
    left: int
    by_rule: dict[str, tuple[int, int, int]]
    sentence: str


@dataclass(frozen=True)
class _Standing:
    """How a customer stands in the queue. number: of the intervention. done_at: when it ended; None = not yet."""

    number: int
    done_at: datetime.datetime | None


def open_interventions(warehouse: Warehouse, ledger: Ledger) -> Opened:
    """Open what the active rules find in the newest data; a second call on the same data opens nothing.

    Of each rule the `MOST` customers with the largest yearly value (then the newest moments) are looked at. A customer
    who is in the queue gets further evidence, not a second intervention. Raises LedgerError, RuleError, JourneyError.
    """
    rules = current_rules(ledger)
    active = [rule for rule in rules.rules if rule.active]
    limits = journey.current().limits
    newest = warehouse.read(sa.select(NEWEST.label("newest")))["newest"].iloc[0]
    found: list[tuple[Rule, Moment]] = []
    left: Counter[str] = Counter()
    for rule in active if not pd.isna(newest) else []:
        since = newest - datetime.timedelta(days=rule.happened_within_days)
        rows = [_clean(row) for row in warehouse.read(_worth_a_call(rule, limits, since)).to_dict("records")]
        left[rule.name] = max(int(rows[0]["customers"]) - MOST, 0) if rows else 0
        found += [(rule, row) for row in rows]
    if not found:
        return _told(active, Counter(), Counter(), left)
    with ledger.alone() as writing:
        opened, added = _enter(writing, rules, found)
        told = _told(active, opened, added, left)
        if told.opened or told.added:
            writing.note("interventions", f"rules version {rules.version}", told.sentence, account())
    return told


def _worth_a_call(rule: Rule, limits: journey.Limits, since: datetime.datetime) -> sa.Select[Any]:
    """The moments of the customers that matter most, the newest first, with value, currency and customers (of all)."""
    found = moments(rule, limits, since).cte()
    values = yearly_values(found)
    valued = (
        sa.select(*found.c, values.c.value, values.c.currency).outerjoin(values, values.c.fact == found.c.fact).cte()
    )
    people = (
        sa.select(
            valued.c.customer_id,
            sa.func.coalesce(sa.func.max(valued.c.value), -1.0).label("best"),
            sa.func.max(valued.c.happened_at).label("last"),
        )
        .group_by(valued.c.customer_id)
        .subquery()
    )
    place = sa.func.row_number().over(order_by=(people.c.best.desc(), people.c.last.desc(), people.c.customer_id))
    ranked = sa.select(
        people.c.customer_id, place.label("place"), sa.func.count().over().label("customers")
    ).subquery()  # fmt: skip
    return (
        sa.select(*valued.c, ranked.c.customers)
        .join(ranked, ranked.c.customer_id == valued.c.customer_id)
        .where(ranked.c.place <= MOST)
        .order_by(ranked.c.place, valued.c.happened_at.desc(), valued.c.fact)
    )


def _enter(writing: Writing, rules: Rules, found: Sequence[tuple[Rule, Moment]]) -> tuple[Counter[str], Counter[str]]:
    """Add what is not there yet; how many interventions each rule opened, and how much evidence it added to others."""
    there = _evidence(writing, [moment["fact"] for _, moment in found])
    standing = _standings(writing, sorted({moment["customer_id"] for _, moment in found}))
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    opened: Counter[str] = Counter()
    added: Counter[str] = Counter()
    just_opened: set[int] = set()
    for rule, moment in found:
        customer = moment["customer_id"]
        stands = standing.get(customer)
        if (rule.name, moment["fact"]) in there or (stands and _settled(rule, moment, stands, now)):
            continue
        if stands is None or stands.done_at is not None:
            number = writing.add(interventions, _row(rules, rule, moment, now))
            standing[customer] = stands = _Standing(number, None)
            just_opened.add(number)
            opened[rule.name] += 1
        elif stands.number not in just_opened:
            added[rule.name] += 1
        evidence = {name: moment[name] for name in ("fact", "happened_at")}
        said = evidence_words(rule, moment)
        writing.add(intervention_evidence, {**evidence, "intervention_id": stands.number, "rule": rule.name,
                                            "said": said})  # fmt: skip
    return opened, added


def _row(rules: Rules, rule: Rule, moment: Moment, now: datetime.datetime) -> Moment:
    same = ("customer_id", "happened_at", "interaction_id", "channel", "stage", "reason")
    return {name: moment[name] for name in same} | {
        "rule": rule.name, "rules_version": rules.version, "team": rule.team or moment["team"] or "",
        "at_stake": moment["value"], "currency": moment["currency"] or None,
        "due_at": now + datetime.timedelta(hours=rule.due_hours),
    }  # fmt: skip


def _settled(rule: Rule, moment: Moment, stands: _Standing, now: datetime.datetime) -> bool:
    """Somebody spoke to the customer lately, and this was before it."""
    if stands.done_at is None:
        return False
    lately = now - stands.done_at < datetime.timedelta(days=rule.quiet_days)
    return lately and moment["happened_at"] <= stands.done_at


def _evidence(writing: Writing, facts: Sequence[str]) -> set[tuple[str, str]]:
    """rule and fact of the evidence that is there already."""
    found: set[tuple[str, str]] = set()
    kept = intervention_evidence.c
    for first in range(0, len(facts), _BLOCK):
        rows = writing.read(sa.select(kept.rule, kept.fact).where(kept.fact.in_(facts[first : first + _BLOCK])))
        found |= set(rows.itertuples(index=False, name=None))
    return found


def _standings(writing: Writing, people: Sequence[str]) -> dict[str, _Standing]:
    """Per customer the newest intervention that is not done, else the one that was done last."""
    own, step = interventions.c, intervention_steps.c
    newest = (
        sa.select(step.intervention_id, sa.func.max(step.number).label("number"))
        .group_by(step.intervention_id)
        .subquery()
    )
    ends = sa.select(step.intervention_id, sa.func.max(step.at).label("at")).where(step.action == "outcome")
    ended_at = ends.group_by(step.intervention_id).subquery()  # a note afterwards moves nothing
    last = (
        interventions.outerjoin(newest, newest.c.intervention_id == own.intervention_id)
        .outerjoin(ended_at, ended_at.c.intervention_id == own.intervention_id)
        .outerjoin(
            intervention_steps,
            sa.and_(step.intervention_id == newest.c.intervention_id, step.number == newest.c.number),
        )
    )
    done = sa.case((step.status == "done", ended_at.c.at)).label("done_at")
    found: dict[str, _Standing] = {}
    for first in range(0, len(people), _BLOCK):
        asked = sa.select(own.customer_id, own.intervention_id, done).select_from(last)
        chosen = asked.where(own.customer_id.in_(people[first : first + _BLOCK])).order_by(own.intervention_id)
        for row in writing.read(chosen).to_dict("records"):
            ended = None if pd.isna(row["done_at"]) else row["done_at"]
            fresh, before = _Standing(int(row["intervention_id"]), ended), found.get(row["customer_id"])
            if before is None or (before.done_at and (ended is None or ended >= before.done_at)):
                found[row["customer_id"]] = fresh
    return found


def _clean(row: Mapping[Any, Any]) -> Moment:
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}


def _told(active: Sequence[Rule], opened: Counter[str], added: Counter[str], left: Counter[str]) -> Opened:
    by_rule = {rule.name: (opened[rule.name], added[rule.name], left[rule.name]) for rule in active}
    totals = (opened.total(), added.total(), left.total())
    parts = [f"{_many(totals[0], 'intervention')} opened", f"{_many(totals[1], 'reason')} added to open ones"]
    for rule in active:
        if left[rule.name]:
            parts.append(f"{rule.title}: {_many(left[rule.name], 'customer')} left aside, only the {MOST} who matter "
                         "most (yearly value, then how fresh) are opened at once")  # fmt: skip
    return Opened(*totals, by_rule, "; ".join(parts) + ".")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
