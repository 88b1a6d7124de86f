"""What a backtest says, in sentences, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cx_metrics.analyses.leaving import SUBSCRIPTION
from cx_metrics.analyses.leaving import Rule as Leaving
from cx_metrics.analyses.rule_backtest_parts import FOLLOW_DAYS, OVERLAP_DAYS
from cx_metrics.analyses.rule_model import Rule
from cx_metrics.metrics.retention import IDLE_MONTHS
from cx_metrics.wording import is_missing


def sentences(tables: dict[str, pd.DataFrame], rules: Sequence[Rule]) -> tuple[str, ...]:
    """One sentence per rule of the tables: how often, how many hours, how often something followed, beside the usual.

    rules: these rules, and perhaps others.
    """
    valued = {rule.name for rule in rules if any(condition.kind == "value" for condition in rule.all)}
    shares = tables["outcomes"][tables["outcomes"]["outcome"] == "any"].set_index("rule")
    said = [
        _sentence(row, shares.loc[row["rule"]], row["rule"] in valued) for row in tables["rules"].to_dict("records")
    ]
    return tuple(said) or ("There are no data that rules could be tested on.",)


def _sentence(row: Mapping[Any, Any], share: pd.Series, valued: bool) -> str:
    title = str(row["title"])
    if row["n"] == 0:
        needed = "; it asks for what customers are worth, which needs orders or subscriptions with amounts"
        return f"{title}: it would not have opened any intervention in the past year{needed if valued else ''}."
    if is_missing(row["per_week"]):
        return f"{title}: it would have opened fewer than 10 interventions in the past year, too few to judge."
    said = f"{title}: {row['per_week']:.1f} interventions and {row['hours_week']:.1f} hours of people's time a week"
    if not is_missing(share["precision"]):
        said += (f"; {share['precision']:.0f} % ({share['low']:.0f} to {share['high']:.0f} %) were followed within "
                 f"{FOLLOW_DAYS} days by leaving, a complaint or a low score")  # fmt: skip
    if not is_missing(share["base"]) and not is_missing(share["precision"]):
        said += f", against {share['base']:.0f} % after comparable contacts: {_verdict(share)}"
    if not is_missing(row["lead"]):
        said += f"; half of these came within {row['lead']:.1f} days"
    return said + "."


def _verdict(share: pd.Series) -> str:
    """Intervals that do not touch differ; those that overlap say nothing."""
    if share["low"] > share["base_high"]:
        return "more than usual"
    return "less than usual" if share["high"] < share["base_low"] else "not clearly different"


def assumptions(leaving: Leaving) -> tuple[str, ...]:
    """What the figures rest on, and what they do not cover."""
    left = "the last subscription ended" if leaving is SUBSCRIPTION else f"{IDLE_MONTHS} months without an order passed"
    return (
        "The past year of data, every moment only with what was known then; statuses that a later import changed are "
        "the exception, for the warehouse keeps the newest.",
        "Moments of one customer with shorter gaps than the rule's quiet days are one intervention.",
        f"Precision: interventions that within {FOLLOW_DAYS} days were followed by: left ({left}; only of customers "
        "who could leave), complained (escalated, about a complaint, ended in a bad mood, spoke of leaving) or a low "
        "score (CSAT bottom two boxes, NPS 0 to 6); the contact itself does not count. 95 % intervals by Wilson.",
        "Precision is no success rate: it counts people who might have stayed with a call, and others whom no call "
        "would have kept. Few answer surveys, so most low opinions stay unseen.",
        "Comparable contacts: those of customers whom the rule's conditions on the customer let in, without a moment "
        f"of the rule in the {FOLLOW_DAYS} days before; drawn by customer. Whoever makes contact has a reason, so this "
        "is not what the calls would change: that only a comparison with customers who were not called shows.",
        f"Recall: outcomes of the year that a moment of the rule came before, by at most {FOLLOW_DAYS} days; outcomes "
        "of customers without any contact are among them. Lead time: until the first outcome, where one followed.",
        f"Overlap: interventions whose customer has a moment of the other rule within {OVERLAP_DAYS} days.",
    )
