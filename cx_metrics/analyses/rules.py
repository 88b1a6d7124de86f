"""The rules in force, and how they are kept: every change is a new version of the whole text in the ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cx_metrics.analyses.rule_text import Rule, RuleError, parse
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import rule_versions
from cx_metrics.scope import short_date

__all__ = [
    "Rule", "RuleError", "Rules", "asks", "current_rules", "differences", "history", "refuse_unseen", "save_rules",
    "shipped", "unseen",
]  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """The rules in force. version: number in the ledger, 0 = as shipped. text: all of them as TOML. said: which they
    are, for people."""

    version: int
    text: str
    rules: tuple[Rule, ...]
    said: str = ""

    def named(self, name: str) -> Rule | None:
        """The rule with this name; None where there is none (any more)."""
        return next((rule for rule in self.rules if rule.name == name), None)


def shipped() -> Rules:
    """The rules that come with the product."""
    text = Path(__file__).with_name("rules.toml").read_text(encoding="utf-8")
    return Rules(0, text, parse(text), "Rules as they come with the product; nobody has changed them yet.")


def current_rules(ledger: Ledger) -> Rules:
    """The newest version that somebody saved, else the shipped one. Raises LedgerError, RuleError."""
    saved = ledger.rows(rule_versions)
    if saved.empty:
        return shipped()
    row = saved.iloc[-1]
    text, day = str(row["rules"]), short_date(pd.Timestamp(row["at"]).date())
    return Rules(int(row["version_id"]), text, parse(text), f"Rules as {row['who']} saved them on {day}.")


def save_rules(ledger: Ledger, text: str, based_on: int, change: str, who: str) -> int:
    """Keep a text of rules as a new version, and return its number. based_on: the version that was changed (0 = the
    shipped one). change: what was done and why.

    Raises RuleError where the text cannot be used or nobody is named, LedgerError where somebody was quicker.
    """
    if not who.strip():
        raise RuleError("your name is empty; say who changes the rules")
    if not change.strip():
        raise RuleError("the reason is empty; say what was changed and why")
    found = parse(text)
    done = " ".join(change.split())
    row = {"who": " ".join(who.split()), "based_on": based_on, "change": done, "rules": text}
    active = sum(rule.active for rule in found)
    detail = f"{len(found)} rules, {active} switched on, after version {based_on}"
    return ledger.append(rule_versions, row, "rules", done, detail)


def differences(before: tuple[Rule, ...], after: tuple[Rule, ...]) -> tuple[str, ...]:
    """What was changed between two states of the rules, in words, one per rule that differs."""
    old, new = ({rule.name: rule for rule in rules} for rules in (before, after))
    said = [f"{rule.title}: new" for name, rule in new.items() if name not in old]
    said += [f"{rule.title}: removed" for name, rule in old.items() if name not in new]
    for name in [name for name in new if name in old and new[name] != old[name]]:
        keys = [key for key in vars(new[name]) if getattr(new[name], key) != getattr(old[name], key)]
        words = [key.replace("_", " ") for key in keys if key != "active"]
        switch = ["switched on" if new[name].active else "switched off"] if "active" in keys else []
        rest = [f"changed {', '.join(words)}"] if words else []
        said.append(f"{new[name].title}: {'; '.join([*switch, *rest])}")
    return tuple(said)


def asks(rule: Rule) -> Rule:
    """The rule with only what decides which moments it finds: what a backtest was looked at for."""
    return Rule(rule.name, "", of=rule.of, any=rule.any, all=rule.all)


def unseen(before: tuple[Rule, ...], after: tuple[Rule, ...], looked_at: Collection[Rule]) -> tuple[Rule, ...]:
    """Rules that would be switched on, or go on with other conditions, and whose backtest nobody has looked at.

    looked_at: what `asks` gave for those whose backtest was shown.
    """
    running = {asks(rule) for rule in before if rule.active}
    return tuple(rule for rule in after if rule.active and asks(rule) not in running and asks(rule) not in looked_at)


def refuse_unseen(before: tuple[Rule, ...], after: tuple[Rule, ...], looked_at: Collection[Rule]) -> None:
    """Raises RuleError for the first of the rules that `unseen` gives."""
    for rule in unseen(before, after, looked_at):
        raise RuleError(f"{rule.title}: look at its backtest below before it runs with these conditions")


def history(ledger: Ledger) -> pd.DataFrame:
    """Every saved version, the newest first: version, at (UTC), who, change, rules (how many), active (of them)."""
    saved = ledger.rows(rule_versions)
    parsed = [parse(str(text)) for text in saved["rules"]]
    found = saved.assign(
        rules=[len(rules) for rules in parsed], active=[sum(rule.active for rule in rules) for rules in parsed]
    ).rename(columns={"version_id": "version"})
    return found[["version", "at", "who", "change", "rules", "active"]].iloc[::-1].reset_index(drop=True)
