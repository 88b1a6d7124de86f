"""What of a rule can be changed in a form: one field per key, with its place, its words and what it may be."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cx_metrics.analyses.rule_edits import Place
from cx_metrics.analyses.rule_facts import FACTS, NOBODY, OF_CUSTOMER, SAME, SHARES, SIGNALS
from cx_metrics.analyses.rule_text import Rule, parse
from cx_metrics.analyses.rule_words import condition_words

_TEXTS = {"title": "Title", "why": "Why it calls for a person", "team": "Team (empty: that of the contact)",
          "next_step": "Suggested next step, with its reason"}  # fmt: skip
_NUMBERS = {
    "due_hours": "Due within, hours", "minutes": "Minutes of a person's time", "quiet_days": "Quiet days afterwards",
    "happened_within_days": "Happened within the last days of data",
}  # fmt: skip
_PARTS = {"at_least": "at least", "below": "below", "contacts": "contacts, from", "within_days": "within, days",
          "within_hours": "within, hours"}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """place: where it stands, for `rule_edits.edited`. words: for people. value: number, text, or list of texts.

    options: what a text may be; empty = anything.
    """

    place: Place
    words: str
    value: Any
    options: tuple[str, ...] = ()


def fields_of(text: str, name: str) -> tuple[Field, ...]:
    """The fields of a rule: its texts, its numbers, then those of its conditions. Raises RuleError."""
    rule = next(rule for rule in parse(text) if rule.name == name)
    table = next(table for table in tomllib.loads(text)["rule"] if table["name"] == name)
    found = [Field(key, words, getattr(rule, key)) for key, words in {**_TEXTS, **_NUMBERS}.items()]
    for key in ("any", "all"):
        for number, row in enumerate(table.get(key, [])):
            found += _of_condition(rule, key, number, row)
    return tuple(found)


def conditions_of(rule: Rule) -> dict[tuple[str, int], str]:
    """The conditions of a rule in words, by their place: ("any", 0)."""
    return {
        (key, number): condition_words(condition, rule.of)
        for key in ("any", "all")
        for number, condition in enumerate(getattr(rule, key))
    }


def _of_condition(rule: Rule, key: str, number: int, row: Mapping[str, Any]) -> list[Field]:
    options = {"signal": tuple(SIGNALS), "none": tuple(NOBODY), "value": tuple(SHARES), "same": tuple(SAME)}
    said = _subject(rule, row)
    found = [
        Field((key, number, part), f"{said}: {words}", float(row[part]))
        for part, words in _PARTS.items()
        if part in row
    ]
    found += [
        Field((key, number, part), said if part != "same" else f"{said}: the same", row[part], allowed)
        for part, allowed in options.items() if part in row
    ]  # fmt: skip
    if "is" in row:
        fact = {**FACTS[rule.of], **OF_CUSTOMER}[row["fact"]]
        allowed = ("yes", "no") if fact.kind == "flag" else fact.allowed
        values = row["is"] if isinstance(row["is"], list) else [row["is"]]
        found.append(Field((key, number, "is"), said, values, allowed))
    return found


def _subject(rule: Rule, row: Mapping[str, Any]) -> str:
    if "fact" in row:
        return {**FACTS[rule.of], **OF_CUSTOMER}[row["fact"]].words
    return {"signal": "signal", "contacts": "contacts", "none": "none followed", "value": "yearly value"}[
        next(kind for kind in ("signal", "contacts", "none", "value") if kind in row)
    ]
