"""Rules that open interventions, as people write them: TOML to rules, with errors that say what is wrong and where.

A rule looks at moments of one sort: contacts, answers or orders of known customers. A moment counts where any of the
conditions under `any` holds and every condition under `all` does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cx_metrics.analyses.rule_condition_text import conditions, number_of, only, text_of
from cx_metrics.analyses.rule_model import Condition, Rule, RuleError, late

__all__ = ["Condition", "Rule", "RuleError", "late", "parse"]
OF = ("contact", "answer", "order")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def parse(text: str) -> tuple[Rule, ...]:
    """The rules of a TOML text: [[rule]] tables. Raises RuleError."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"the rules are not readable as TOML: {error}") from error
    if strange := [key for key in given if key != "rule"]:
        raise RuleError(f"there is no {strange[0]!r} beside the rules; write each rule under [[rule]]")
    tables = given.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RuleError("write each rule under [[rule]], with two brackets")
    rules = tuple(_rule(table, place) for place, table in enumerate(tables, start=1))
    names = [rule.name for rule in rules]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise RuleError(f"two rules have the name {double!r}; give one of them another name")
    return rules


def _rule(table: Mapping[str, Any], place: int) -> Rule:
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RuleError(f'rule {place}: name is {name!r}; write small letters, digits and _, such as name = "no_call"')
    where, known = f"rule {name}", [field.name for field in fields(Rule)]
    only(table, known, where)
    texts: dict[str, Any] = {key: text_of(table[key], f"{where}: {key}") for key in _TEXTS if key in table}
    if not texts.get("title", "").strip():
        raise RuleError(f"{where}: title is missing; give the rule a few words for people")
    of = table.get("of", "contact")
    if of not in OF:
        raise RuleError(f"{where}: of is {of!r}; it is one of {', '.join(OF)}")
    active = table.get("active", False)
    if not isinstance(active, bool):
        raise RuleError(f"{where}: active is {active!r}; write true or false")
    numbers: dict[str, Any] = {key: number_of(table[key], f"{where}: {key}", least, most)
               for key, (least, most) in _RANGE.items() if key in table}  # fmt: skip
    any_of, all_of = (conditions(table.get(key, []), of, key, f"{where}: {key}") for key in ("any", "all"))
    if not any_of and not any(_plain(condition) for condition in all_of):
        raise RuleError(f"{where}: it has no condition on its {of}s; write some under any or all")
    return Rule(name=name, active=active, of=of, any=any_of, all=all_of, **texts, **numbers)


_TEXTS = ("title", "why", "team", "next_step")
_RANGE = {
    "happened_within_days": (0.1, 366.0), "due_hours": (0.1, 8_760.0), "minutes": (0.1, 1_440.0),
    "quiet_days": (0.0, 366.0),
}  # fmt: skip


def _plain(condition: Condition) -> bool:
    return not late(condition)
