"""Rules in words, made from their conditions so that what is read and what is asked cannot differ."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from cx_metrics.analyses.rule_facts import FACTS, NOBODY, OF_CUSTOMER, SAME, SIGNALS
from cx_metrics.analyses.rule_text import Condition, Rule
from cx_metrics.scope import short_date
from cx_metrics.wording import in_sentence


def span(hours: float) -> str:
    """A time in words: 48 hours, 7 days."""
    if hours >= 72 and hours % 24 == 0:
        return f"{hours / 24:g} days"
    return f"{hours:g} hours" if hours != 1 else "1 hour"


def condition_words(condition: Condition, of: str) -> str:
    """What one condition asks for, e.g. "wait for the first answer, seconds: at least 600"."""
    if condition.kind == "signal":
        return in_sentence(SIGNALS[condition.name])
    if condition.kind == "none":
        return f"{NOBODY[condition.name][0]} within {span(condition.hours)}"
    if condition.kind == "value":
        return f"yearly value of the customer in the {condition.name}"
    if condition.kind == "contacts":
        sort = f" (each with {condition_words(condition.which, 'contact')})" if condition.which else ""
        return f"{condition.count} contacts {SAME[condition.same]} within {span(condition.hours)}{sort}"
    fact = {**FACTS[of], **OF_CUSTOMER}[condition.name]
    if fact.kind == "number":
        bounds = [f"at least {condition.at_least:g}"] if condition.at_least is not None else []
        bounds += [f"below {condition.below:g}"] if condition.below is not None else []
        return f"{fact.words}: {' and '.join(bounds)}"
    if fact.kind == "flag":
        return fact.words if condition.values == ("yes",) else f"{fact.words}: {' or '.join(condition.values)}"
    return f"{fact.words}: {' or '.join(condition.values)}"


def rule_words(rule: Rule) -> str:
    """A rule as one sentence."""
    either = [condition_words(condition, rule.of) for condition in rule.any]
    said = [f"{'either ' if len(either) > 1 else ''}{', or '.join(either)}"] if either else []
    said += [condition_words(condition, rule.of) for condition in rule.all]
    article = "An" if rule.of[0] in "ao" else "A"
    return f"{article} {rule.of} with {'; and '.join(said)}."


def evidence_words(rule: Rule, moment: Mapping[str, Any]) -> str:
    """What happened, without the customer's own words. moment: happened_at, met, channel, reason (None: missing)."""
    met = [condition for place, condition in enumerate(rule.any) if int(moment["met"]) >> place & 1]
    said = [condition_words(condition, rule.of) for condition in met] or [rule.title]
    said += [condition_words(condition, rule.of) for condition in rule.all if condition.kind == "none"]
    first = said[0][:1].upper() + said[0][1:]
    place = [f"channel {moment['channel']}"] if moment["channel"] else []
    place += [f"reason {moment['reason']}"] if moment["reason"] else []
    happened: datetime.datetime = moment["happened_at"]
    return ", ".join(["; ".join([first, *said[1:]]), *place, short_date(happened.date())])
