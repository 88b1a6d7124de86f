"""Drivers in sentences, and what they rest on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.answers_with_signals import RELATIONSHIP_DAYS
from cx_metrics.analyses.driver_models import RESAMPLES, DriverModel, title_of
from cx_metrics.analyses.driver_moments import FEWEST_HITS
from cx_metrics.analyses.follow_ups import LIMIT
from cx_metrics.analyses.leaving import SUBSCRIPTION
from cx_metrics.analyses.retention_drivers import RetentionModel
from cx_metrics.metrics.random_groups import GROUPS
from cx_metrics.scope import Scope
from cx_metrics.wording import listing, number

_NAMED = 3  # signals named with their figures in a sentence; the table has all


def model_sentences(outcome: str, model: DriverModel | None) -> list[str]:
    """What moves a metric, and what cannot be told from nothing. model: None where there are no answers."""
    title = title_of(outcome)
    if model is None or model.reason:
        why = model.reason if model else "there are no answers that go with contacts"
        return [f"What moves {title} cannot be said: {why}."]
    known = model.drivers.dropna(subset="weight")
    clear = known[known["distinguishable"]]
    said: list[str] = []
    for words, part in (("lower", clear[clear["effect"] < 0]), ("higher", clear[clear["effect"] > 0])):
        if len(part):
            named = [_effect(row) for row in part.head(_NAMED).to_dict("records")]
            rest = list(part["title"][_NAMED:])
            more = f"; also {words} with {_small(rest)}" if rest else ""
            n = f" (n = {model.n:,} answers)" if not said else ""
            said.append(f"{title}{n} is {words} with {listing(named)}{more}.")
    if not said:
        said.append(f"No signal can be told from chance as a driver of {title} (n = {model.n:,} answers).")
    said.append(
        f"Together the signals explain {100 * model.r_squared:.1f} % of the differences in {title} that stage, channel "
        "and segment leave."
    )
    return said + _unclear(title, model.drivers, "weight")


def _effect(row: dict[Any, Any]) -> str:
    ends = sorted(abs(row[name]) for name in ("effect_low", "effect_high"))
    return f"{row['title'].lower()} by {abs(row['effect']):.1f} points ({ends[0]:.1f} to {ends[1]:.1f})"


def _unclear(title: str, drivers: pd.DataFrame, figure: str) -> list[str]:
    known = drivers[figure].notna()
    unclear = drivers[known & ~drivers["distinguishable"].astype(bool)]
    rare = drivers[~known & (drivers["n"] > 0)]
    parts = []
    if len(unclear):
        parts.append(f"not distinguishable from zero: {_small(list(unclear['title']))}")
    if len(rare):
        parts.append(f"too rare to say: {_small(list(rare['title']))}")
    return [f"For {title}, {'; '.join(parts)}."] if parts else []


def _small(titles: list[str]) -> str:
    return listing([title.lower() for title in titles])


def retention_sentences(model: RetentionModel) -> list[str]:
    """What makes customers leave, or come back."""
    if model.rule is None or model.reason:
        return [f"What makes customers leave cannot be said: {model.reason}."]
    known = model.drivers.dropna(subset="hazard_ratio")
    clear = known[known["distinguishable"]]
    leaving = model.rule is SUBSCRIPTION
    said = []
    for up in (leaving, not leaving):
        part = clear[(clear["hazard_ratio"] > 1) == up]
        if len(part):
            words = "leave" if leaving else "come back with an order"
            named = [_hazard(row) for row in part.head(_NAMED).to_dict("records")]
            said.append(f"Customers {words} {'sooner' if up else 'later'} after {listing(named)}.")
    if not said:
        said.append(f"No signal can be told from chance as a reason why customers {model.rule.verb}.")
    seen = f"{model.events:,} times, after {model.n:,} contacts"
    said.append(f"That a customer {model.rule.event} was seen {seen}.")
    return said + _unclear("retention", model.drivers, "hazard_ratio")


def _hazard(row: dict[Any, Any]) -> str:
    return f"{row['title'].lower()} ({row['hazard_ratio']:.2f} times the rate; {row['low']:.2f} to {row['high']:.2f})"


def assumptions(scope: Scope, retention: RetentionModel) -> tuple[str, ...]:
    """What the figures rest on and do not cover."""
    return (
        "An effect is how far the metric differs where a signal is there, everything else in the model being equal: "
        "the other signals, stage, channel, segment, and whether the data can say if each signal is there. It is an "
        "association; what is not in the model may be its cause.",
        "An answer about a contact goes with that contact's signals; an answer about neither contact nor order with "
        f"those of the customer's contacts in the {RELATIONSHIP_DAYS} days before. Answers about an order are left "
        "out. Some signals, such as a repeat contact, show only after the answer was given.",
        "Weights are relative weights (Johnson 2000); they sum to R squared. A signal that costs nothing but comes "
        "along with one that does has a weight, too, so whether a driver is distinguishable from zero is judged by "
        "its effect.",
        f"Intervals are 95 %, from {number(RESAMPLES)} resamples of {GROUPS} random groups that keep each customer "
        "whole. Each signal is judged on its own: of 20 that cost nothing, one would seem to cost or gain something.",
        "CSAT is the share in the top two boxes, NPS promoters less detractors, CES the share of 5-7 of 7, whatever "
        "the scope chooses elsewhere.",
        f"A signal needs {FEWEST_HITS} answers (or contacts) with it and as many without it.",
        *(_of_retention(scope, retention) if retention.rule else ()),
    )


def _of_retention(scope: Scope, model: RetentionModel) -> tuple[str, ...]:
    assert model.rule is not None
    taken = (
        f" {model.n:,} of {model.total:,} contacts were looked at, of whole customers drawn at random."
        if model.total > LIMIT else ""
    )  # fmt: skip
    return (
        f"Retention: {model.rule.definition} A contact is followed from {scope.limits.repeat_days:g} days after it, "
        f"when all its signals are known, until the customer's next contact or the end of the data.{taken}",
        "Its figures are hazard ratios of a Cox model, adjusted for segment, stage, channel and quarter, with errors "
        "by customer. Contacts in which customers ask to leave count like any other: one that fails can delay the "
        "leaving.",
    )
