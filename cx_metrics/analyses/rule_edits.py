"""Changes to a text of rules that keep its comments and layout: text in, text out, always one that can be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from cx_metrics.analyses.rule_text import RuleError, parse

Place = str | tuple[str, int, str]  # a key of the rule, or (any or all, which condition, its key)


def edited(text: str, name: str, changes: Mapping[Place, Any]) -> str:
    """With keys of a rule set: "due_hours", or ("any", 1, "within_days") of its second condition under any.

    Raises RuleError, as all edits do, where there is no such rule, or what comes out cannot be used.
    """
    document, rule = _opened(text, name)
    for place, value in changes.items():
        if isinstance(place, str):
            rule[place] = _shortest(value)
            continue
        key, number, part = place
        if number >= len(rule.get(key, [])):
            raise RuleError(f"rule {name}: {key} has no condition {number + 1}")
        rule[key][number][part] = _shortest(value)
    return _checked(document)


def with_condition(text: str, name: str, key: str, condition: str) -> str:
    """With one condition more under any or all. condition: as TOML, e.g. 'signal = "long_wait"', in braces or not."""
    document, rule = _opened(text, name)
    row = condition.strip().rstrip(",").strip()
    row = row if row.startswith("{") else f"{{ {row} }}"
    try:
        added = tomlkit.parse(f"row = {row}")["row"]
    except TOMLKitError as error:
        raise RuleError(f"the condition {condition.strip()!r} is not readable as TOML: {error}") from error
    if key not in rule:
        rule[key] = tomlkit.array()
    rule[key].add_line(added, indent="  ")
    if not str(rule[key].as_string()).rstrip("]").endswith("\n"):
        rule[key].add_line(indent="")
    return _checked(document)


def without_condition(text: str, name: str, key: str, number: int) -> str:
    """Without one condition under any or all. number: its place, from 0."""
    document, rule = _opened(text, name)
    if number >= len(rule.get(key, [])):
        raise RuleError(f"rule {name}: {key} has no condition {number + 1}")
    del rule[key][number]
    return _checked(document)


def with_rule(text: str, name: str, title: str, of: str, condition: str) -> str:
    """With a new rule at the end, switched off, with one condition under any."""
    row = condition.strip().strip("{}").strip()
    written = [f"name = {_quoted(name)}", f"title = {_quoted(title)}", "active = false", f"of = {_quoted(of)}",
               f"any = [\n  {{ {row} }},\n]", "all = [\n]"]  # fmt: skip
    whole = "\n".join([text.rstrip(), "", "[[rule]]", *written, ""])
    parse(whole)
    return whole


def without_rule(text: str, name: str) -> str:
    """Without a rule."""
    document, rule = _opened(text, name)
    rules = document["rule"]
    rules.remove(rule)
    return _checked(document)


def _shortest(value: Any) -> Any:
    """Whole numbers without a point, as people write them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _quoted(text: str) -> str:
    return str(tomlkit.string(text).as_string())


def _opened(text: str, name: str) -> tuple[Any, Any]:
    """The document, and the table of one rule. A text that cannot be used is refused first, with its reason."""
    parse(text)
    document: Any = tomlkit.parse(text)
    found = next((table for table in document.get("rule", []) if table["name"] == name), None)
    if found is None:
        raise RuleError(f"there is no rule {name!r}")
    return document, found


def _checked(document: Any) -> str:
    text = tomlkit.dumps(document)
    parse(text)
    return text
