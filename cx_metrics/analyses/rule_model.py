"""What a rule is: which moments call for a person, and what is to be done about them."""

from __future__ import annotations

from dataclasses import dataclass

from cx_metrics.analyses.rule_facts import OF_CUSTOMER


class RuleError(Exception):
    """Rules that cannot be used; the message is one sentence that says what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Condition:
    """One condition on a moment. kind: signal, fact, contacts (so many of them up to this one), none (nothing of the
    sort followed) or value (of the customer).

    name: the signal, the fact, what is missing, or the share of customers such as "top fifth"; empty for contacts.
    values: of which the fact has one; at_least, below: for numbers. count: how many contacts. hours: within which.
    same: what the contacts share: "reason", "case", or "customer" for nothing more. which: what each contact must be.
    """

    kind: str
    name: str = ""
    values: tuple[str, ...] = ()
    at_least: float | None = None
    below: float | None = None
    count: int = 0
    hours: float = 0.0
    same: str = "customer"
    which: Condition | None = None


@dataclass(frozen=True)
class Rule:
    """Which moments call for a person. of: contact, answer or order.

    happened_within_days: older moments, before the end of the data, are no longer worth a call. due_hours: until when
    somebody should have acted, from the opening on. minutes: of a person's time. team: "" = the team of the moment.
    quiet_days: so long after an outcome the customer is not opened again for what was before it. next_step: words for
    the person, with their reason.
    """

    name: str
    title: str
    why: str = ""
    active: bool = False
    of: str = "contact"
    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()
    happened_within_days: float = 14.0
    due_hours: float = 24.0
    minutes: float = 15.0
    quiet_days: float = 14.0
    team: str = ""
    next_step: str = ""


def late(condition: Condition) -> bool:
    """Conditions that look at the customer, or at what did not follow: asked only of moments that meet the others."""
    of_customer = condition.kind == "fact" and condition.name in OF_CUSTOMER
    return condition.kind in ("none", "value") or of_customer
