"""Who needs a person now? The queue of the ledger, with what the data know about these customers."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.intervention_queue import MOST, Asked, clock, count, queue, said_of
from cx_metrics.analyses.intervention_words import holder, left
from cx_metrics.analyses.rules import Rule, RuleError, Rules, current_rules
from cx_metrics.judges.mood import label
from cx_metrics.ledger import Ledger
from cx_metrics.metrics.words import mood_end
from cx_metrics.model import customers, interactions, known_customers
from cx_metrics.scope import short_date
from cx_metrics.warehouse import Warehouse

ANY_STEP = "Read what happened, then get in touch yourself, as one person to another."
_AT_ONCE = 1_000  # keys in one question
_person, _contact = customers.c, interactions.c
ABOUT = (
    "Overdue ones come first, then by yearly value at stake × 0.5 ^ (days before the newest moment in the list / 7), "
    "so that what is fresh and large comes first; where the value is unknown (marked ~) the median of the known ones "
    "stands in. What is at stake is the sum of the customers' yearly values as the rules saw them, not an estimate of "
    "what will be lost. Times are UTC."
)
LIMITS_OF_IT = (
    "Only customers that the data know, and only what the active rules look for when data are imported: who never "
    "got in touch and left no trace is not here. Nothing is ever sent to a customer from here; the next step is words "
    "for the person who takes it. Period and filters above do not apply."
)


@dataclass(frozen=True)
class Listed:
    """A list of interventions. rows: as `queue` gives them, those of customers that the data know, at most as many as
    asked for. more: further ones. gone: those of customers that are not in the data any more."""

    rows: pd.DataFrame
    more: int
    gone: int

    @property
    def said(self) -> str:
        """What the list leaves out, in sentences; empty where it leaves out nothing."""
        told = [f"{self.more:,} more in this list; take the first ones, or filter."] if self.more else []
        verb = "belongs to a customer" if self.gone == 1 else "belong to customers"
        shown = "is not shown" if self.gone == 1 else "are not shown"
        told += [f"{self.gone:,} {verb} not in the data any more, and {shown}."] if self.gone else []
        return " ".join(told)


def people(warehouse: Warehouse, keys: tuple[str, ...]) -> pd.DataFrame:
    """Those of these customers that the data know: customer_id (the index), name, segment, region."""
    details = [_person[name] for name in ("customer_id", "name", "segment", "region")]
    found = [pd.DataFrame(columns=[column.name for column in details])]
    for first in range(0, len(keys), _AT_ONCE):
        some = keys[first : first + _AT_ONCE]
        told = warehouse.read(sa.select(*details).where(_person.customer_id.in_(some)))
        known = known_customers.c.customer_id
        others = warehouse.read(sa.select(known).where(known.in_(some)))
        found += [told, others[~others["customer_id"].isin(set(told["customer_id"]))]]
    full = [part for part in found if len(part)]
    return (pd.concat([found[0].astype(object), *full]) if full else found[0]).set_index("customer_id")


def keys_of(rows: pd.DataFrame) -> tuple[str, ...]:
    """The customers of interventions, each once."""
    return tuple(sorted(map(str, rows["customer_id"].unique())))


def found(ledger: Ledger, asked: Asked, now: datetime.datetime | None = None) -> pd.DataFrame:
    """Every intervention that is asked for, up to MOST, in its order; the limit comes later, in `listed`."""
    return queue(ledger, replace(asked, limit=MOST), now)


def listed(
    ledger: Ledger, asked: Asked, rows: pd.DataFrame, known: Iterable[str], now: datetime.datetime | None = None
) -> Listed:
    """Those of customers that the data know. rows: as `found` gives them. known: customers that the data know."""
    here = rows[rows["customer_id"].isin(set(known))].reset_index(drop=True)
    beyond = count(ledger, asked, now) - len(rows) if len(rows) >= MOST else 0
    more = max(len(here) - asked.limit, 0) + max(beyond, 0)
    return Listed(here.head(asked.limit), more, len(rows) - len(here))


def table(
    ledger: Ledger, rows: pd.DataFrame, known: pd.DataFrame, rules: Rules | None, now: datetime.datetime | None = None
) -> pd.DataFrame:
    """Interventions for people and files, one row each, in their order: number, customer_id, name, segment, rule,
    what_happened, at_stake (yearly, in `currency`), value_known, happened_at, due_at (UTC), due (in words), overdue,
    who_has_it, status, team, priority (score). known: as `people` gives them."""
    at, said = now or clock(), said_of(ledger, [int(number) for number in rows["intervention_id"]])
    details = known.reindex(rows["customer_id"])
    dues = [pd.Timestamp(due).to_pydatetime() for due in rows["due_at"]]
    held = zip(rows["assignee"], rows["status"], rows["outcome"], dues, strict=True)
    return pd.DataFrame({
        "number": rows["intervention_id"].astype(int), "customer_id": rows["customer_id"],
        "name": details["name"].to_numpy(), "segment": details["segment"].to_numpy(),
        "rule": [title(rules, name) for name in rows["rule"]],
        "what_happened": ["; ".join(said.get(int(number), [])) for number in rows["intervention_id"]],
        "at_stake": rows["at_stake"], "currency": rows["currency"], "value_known": ~rows["assumed"].astype(bool),
        "happened_at": rows["happened_at"], "due_at": rows["due_at"],
        "due": ["" if over == "done" else left(due, at) for due, over in zip(dues, rows["status"], strict=True)],
        "overdue": rows["overdue"] == 1, "who_has_it": [holder(*held_by) for held_by in held],
        "status": rows["status"], "team": rows["team"], "priority": rows["score"],
    })  # fmt: skip


def title(rules: Rules | None, name: str) -> str:
    """A rule's title, or its name where it is not among the rules any more."""
    rule = named(rules, name)
    return rule.title if rule else name


def named(rules: Rules | None, name: str) -> Rule | None:
    """A rule, or None where it is not among the rules any more."""
    return rules.named(name) if rules else None


def rules_now(ledger: Ledger) -> Rules | None:
    """The current rules; None where what was saved cannot be read, as the queue goes on without them."""
    try:
        return current_rules(ledger)
    except RuleError:
        return None


def nothing(rules: Rules | None, ever: int) -> str:
    """Why the queue is empty, in a sentence. ever: interventions that were ever opened."""
    if rules is not None and not any(rule.active for rule in rules.rules):
        return "No rule is switched on, so nothing comes into the queue; switch rules on on the Rules page."
    if not ever:
        return "The active rules have opened nothing yet; they look at each import."
    return "The queue is empty: everybody who needed a person was seen to."


def contact_of(warehouse: Warehouse, interaction_id: str | None) -> dict[str, Any]:
    """The contact of a moment: channel, stage, reason, ended (how), mood (at its end, -1 to 1), promised_at (UTC),
    happened_at (UTC); empty where the data do not hold it."""
    if not interaction_id:
        return {}
    columns = {"channel": _contact.channel, "stage": _contact.stage, "reason": _contact.reason,
               "ended": _contact.outcome, "mood": mood_end, "promised_at": _contact.promised_at,
               "happened_at": _contact.occurred_at}  # fmt: skip
    question = sa.select(*(column.label(name) for name, column in columns.items()))
    rows = warehouse.read(question.where(_contact.interaction_id == interaction_id).limit(1)).astype(object)
    return {str(name): value for name, value in rows.iloc[0].items() if not pd.isna(value)} if len(rows) else {}


def explained(row: Mapping[str, Any], said: Sequence[str], contact: Mapping[str, Any]) -> dict[str, Any]:
    """An intervention with what happened and with its contact, for `suggestion`: what the ledger noted of the contact
    counts where the data no longer hold it."""
    noted = {name: row.get(name) for name in ("channel", "stage", "reason", "happened_at")}
    return {**noted, **contact, "rule": row["rule"], "said": list(said)}


def suggestion(rule: Rule | None, row: Mapping[str, Any]) -> str:
    """The next step that is suggested, and because of what; words for a person of ours, never sent to a customer.

    rule: None where it is no longer among the rules. row: said (what happened, the newest first), and of the contact,
    where it is known: channel, reason, happened_at (UTC), mood (-1 to 1), promised_at (UTC), ended (how).
    """
    step = (rule.next_step if rule else "").strip() or ANY_STEP
    happened = "; ".join(str(said).rstrip(".") for said in row.get("said") or [])
    because = f"because of: {happened}" if happened else f"because the rule {row['rule']} found this customer"
    parts = [step if step.endswith((".", "!", "?")) else f"{step}.", f"This is suggested {because}."]
    if told := _told(row):
        parts.append(f"The contact: {told}.")
    return " ".join(parts)


def _told(row: Mapping[str, Any]) -> str:
    channel, reason, mood, promised, ended = (
        _given(row.get(name)) for name in ("channel", "reason", "mood", "promised_at", "ended")
    )
    found = [str(channel)] if channel else []
    found += [f"about {reason}"] if reason else []
    found += [f"ended {ended}"] if ended else []
    found += [f"the customer's mood at its end was {label(float(mood))} (an estimate)"] if mood is not None else []
    found += [f"a result was promised by {short_date(promised.date())}"] if promised else []
    return ", ".join(found)


def _given(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value
