"""Conditions of rules as people write them: tables of TOML to conditions, with errors that say what and where."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cx_metrics.analyses.rule_facts import FACTS, NOBODY, OF_CUSTOMER, SAME, SHARES, SIGNALS, RuleFact
from cx_metrics.analyses.rule_model import Condition, RuleError, late

_LONGEST, _MOST = 2_000, 12  # letters of a text, conditions of a list


def conditions(given: Any, of: str, key: str, where: str) -> tuple[Condition, ...]:
    """The conditions of a list, `key` being any or all. where: for messages. Raises RuleError."""
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        raise RuleError(f'{where} is a list of conditions, such as [ {{ signal = "long_wait" }} ]')
    if len(given) > _MOST:
        raise RuleError(f"{where} has {len(given)} conditions; at most {_MOST} can be read by people")
    found = tuple(_condition(row, of, f"{where}, condition {place}") for place, row in enumerate(given, start=1))
    for place, condition in enumerate(found, start=1):
        if key == "any" and late(condition):
            raise RuleError(f"{where}, condition {place}: {condition.kind} {condition.name!r} belongs under all")
    return found


def _condition(row: Mapping[str, Any], of: str, where: str) -> Condition:
    kinds = [kind for kind in _READ if kind in row]
    if len(kinds) != 1:
        raise RuleError(
            f"{where} says {' and '.join(kinds) or 'nothing'} of {', '.join(_READ)}; write exactly one of them"
        )
    kind = kinds[0]
    if kind in ("signal", "contacts") and of != "contact":
        raise RuleError(f'{where}: {kind} asks about contacts; write of = "contact" or take the condition out')
    return _READ[kind](row, of, where)


def _signal(row: Mapping[str, Any], of: str, where: str) -> Condition:
    only(row, ["signal"], where)
    return Condition("signal", _one(row["signal"], SIGNALS, f"{where}: signal"))


def _fact(row: Mapping[str, Any], of: str, where: str) -> Condition:
    only(row, ["fact", "is", "at_least", "below"], where)
    known = {**FACTS[of], **OF_CUSTOMER}
    name = _one(row["fact"], known, f"{where}: fact")
    fact, given = known[name], [key for key in ("at_least", "below") if key in row]
    bounds: dict[str, Any] = {key: number_of(row[key], f"{where}: {key}") for key in given}
    if fact.kind == "number":
        if not bounds or "is" in row:
            raise RuleError(f"{where}: {name} is a number; compare it with at_least or below")
        return Condition("fact", name, **bounds)
    if bounds or "is" not in row:
        raise RuleError(f"{where}: {name} is no number; compare it with is, such as is = {_example(fact)}")
    values = row["is"] if isinstance(row["is"], list) else [row["is"]]
    if not values or not all(isinstance(value, str) and value for value in values):
        raise RuleError(f"{where}: is takes one text or a list of texts, such as is = {_example(fact)}")
    allowed = ("yes", "no") if fact.kind == "flag" else fact.allowed
    for value in values if allowed else []:
        _one(value, allowed, f"{where}: is")
    return Condition("fact", name, tuple(dict.fromkeys(values)))


def _example(fact: RuleFact) -> str:
    return '"yes"' if fact.kind == "flag" else f'["{(*fact.allowed, "some value")[0]}"]'


def _contacts(row: Mapping[str, Any], of: str, where: str) -> Condition:
    only(row, ["contacts", "within_days", "within_hours", "same", "which"], where)
    count = row["contacts"]
    if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= 100:
        raise RuleError(f"{where}: contacts is {count!r}; write a whole number from 2 to 100")
    same = _one(row.get("same", "customer"), SAME, f"{where}: same")
    which = None
    if "which" in row:
        if not isinstance(row["which"], Mapping) or "contacts" in row["which"]:
            raise RuleError(f'{where}: which is one condition, such as which = {{ signal = "long_wait" }}')
        which = _condition(row["which"], "contact", f"{where}: which")
        if late(which):
            raise RuleError(f"{where}: which asks about the contact itself, so {which.name!r} cannot stand there")
    return Condition("contacts", count=count, hours=_hours(row, where), same=same, which=which)


def _none(row: Mapping[str, Any], of: str, where: str) -> Condition:
    only(row, ["none", "within_days", "within_hours"], where)
    name = _one(row["none"], NOBODY, f"{where}: none")
    if of not in NOBODY[name][1]:
        raise RuleError(f"{where}: none {name!r} cannot be asked of {of}s, only of {' and '.join(NOBODY[name][1])}s")
    return Condition("none", name, hours=_hours(row, where))


def _value(row: Mapping[str, Any], of: str, where: str) -> Condition:
    only(row, ["value"], where)
    return Condition("value", _one(row["value"], SHARES, f"{where}: value"))


_READ = {"signal": _signal, "fact": _fact, "contacts": _contacts, "none": _none, "value": _value}


def _hours(row: Mapping[str, Any], where: str) -> float:
    given = [key for key in ("within_days", "within_hours") if key in row]
    if len(given) != 1:
        raise RuleError(f"{where} needs within_days or within_hours, one of them")
    number = number_of(row[given[0]], f"{where}: {given[0]}", 0.1, 8_784.0)
    return number * 24.0 if given[0] == "within_days" else number


def only(row: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    """Raises RuleError for a key that is not known."""
    if strange := [key for key in row if key not in known]:
        raise RuleError(f"{where}: there is no {strange[0]!r}; there are: {', '.join(known)}")


def _one(given: Any, known: Collection[str], where: str) -> str:
    if not isinstance(given, str) or given not in known:
        raise RuleError(f"{where} is {given!r}; it is one of {', '.join(known)}")
    return given


def text_of(given: Any, where: str) -> str:
    """A text of a file. Raises RuleError."""
    if not isinstance(given, str) or len(given) > _LONGEST:
        raise RuleError(f"{where} is a text of at most {_LONGEST} letters between quotation marks")
    return given


def number_of(given: Any, where: str, least: float = -1e12, most: float = 1e12) -> float:
    """A number of a file within bounds. Raises RuleError."""
    number = given if isinstance(given, int | float) and not isinstance(given, bool) else math.nan
    if not least <= number <= most:
        span = f" from {least:g} to {most:g}" if most < 1e12 else ""
        raise RuleError(f"{where} is {given!r}; write a number{span}")
    return float(number)
