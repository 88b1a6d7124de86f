"""How are we doing: every headline figure, its change, and the situation in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cx_metrics.metrics.catalog import FAMILIES, compared, figures_together, headlines
from cx_metrics.metrics.change import Change, Figure, change, judgement, moved
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import COMPARISONS, Scope, short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, in_sentence, is_missing

_SECTIONS = {
    "answers": "What customers say", "gap_answers": "Where belief and experience part", "contacts": "How contacts go",
    "activity": "What customers do",
    "orders": "What customers do", "cohorts": "What customers do", "subscribers": "What customers do",
    "idle_customers": "What customers do", "rolling_cohorts": "What customers do",
    "contacts_with_replies": "How contacts go",
}  # fmt: skip
_LEADS = ("csat", "nps", "ces", "fcr", "cohort_retention", "repeat_purchase", "revenue", "contacts")


@dataclass(frozen=True)
class Card:
    """One headline figure. spark: its values over the period, oldest first. change: None without a comparison."""

    metric: Metric
    figure: Figure
    before: Figure | None
    change: Change | None
    spark: tuple[float, ...]

    @property
    def judgement(self) -> str:
        return judgement(self.metric, self.change)


@dataclass(frozen=True)
class Overview:
    """cards: figures that there are. missing: metrics without data, unable: metrics that a filter does not apply to."""

    scope: Scope
    cards: tuple[Card, ...]
    missing: tuple[Metric, ...]
    unable: tuple[Metric, ...]
    sentence: str

    def sections(self) -> dict[str, list[Card]]:
        """The cards by what they are about."""
        found: dict[str, list[Card]] = {title: [] for title in dict.fromkeys(_SECTIONS.values())}
        for card in self.cards:
            found[_SECTIONS[card.metric.fact.name]].append(card)
        return {title: cards for title, cards in found.items() if cards}

    @property
    def lead(self) -> Card | None:
        """The figure that the sentence is about."""
        return _lead(self.cards)

    def judged(self, word: str) -> list[str]:
        """Titles of the figures that got "better" or "worse", or show "no clear change"."""
        return [in_sentence(card.metric.title) for card in self.cards if card.change and card.judgement == word]


def overview(warehouse: Warehouse, scope: Scope) -> Overview:
    """The overview for a scope whose period is set (see `catalog.resolved`)."""
    headline = headlines(scope)
    able = [metric for metric in headline if all(name in metric.dimensions for name, _ in scope.filters)]
    now = _by_metric(figures_together(warehouse, able, scope))
    earlier_scope = compared(warehouse, scope)
    before = _by_metric(figures_together(warehouse, able, earlier_scope)) if earlier_scope else {}
    course = figures_together(warehouse, able, scope, usual_interval(scope))
    there = [metric for metric in able if now[metric.name].n != 0]  # a hidden n is None, not 0
    cards = tuple(_card(metric, now[metric.name], before.get(metric.name), course) for metric in there)
    missing = tuple(metric for metric in able if now[metric.name].n == 0)
    unable = tuple(metric for metric in headline if metric not in able)
    return Overview(scope, cards, missing, unable, _sentence(scope, earlier_scope, cards))


def usual_interval(scope: Scope) -> str:
    """The interval that shows a period's course in some ten to fifty steps."""
    days = (scope.end - scope.start).days if scope.start and scope.end else 366
    return "week" if days <= 120 else "month" if days <= 1500 else "quarter"


def _by_metric(frame: pd.DataFrame) -> dict[str, Figure]:
    columns = ["n", "value", "low", "high"]
    return {row[0]: figure(*row[1:]) for row in frame[["metric", *columns]].itertuples(index=False)}


def figure(n: float | None, value: float | None, low: float | None, high: float | None) -> Figure:
    """A figure with missing numbers as None."""
    return Figure(*(None if x is None or is_missing(float(x)) else float(x) for x in (n, value, low, high)))


def _card(metric: Metric, now: Figure, before: Figure | None, course: pd.DataFrame) -> Card:
    own = course[(course["metric"] == metric.name)].sort_values("period") if "period" in course else course.iloc[:0]
    spark = tuple(float(value) for value in own["value"].dropna())
    return Card(metric, now, before, change(metric, now, before) if before else None, spark)


def _lead(cards: Sequence[Card]) -> Card | None:
    concept = {rival: name for name, rivals in FAMILIES.items() for rival in rivals}
    by_name = {concept.get(c.metric.name, c.metric.name): c for c in cards if c.figure.value is not None}
    return next((by_name[name] for name in (*_LEADS, *by_name) if name in by_name), None)


def _sentence(scope: Scope, earlier: Scope | None, cards: Sequence[Card]) -> str:
    period = f"From {short_date(scope.start)} to {short_date(scope.end)}" if scope.start and scope.end else "So far"
    lead = _lead(cards)
    if lead is None:
        return f"{period} there are too few data for a figure; widen the period or remove a filter."
    unit = lead.metric.unit
    said = f"{period}, {in_sentence(lead.metric.title)} stood at {amount(lead.figure.value, unit)}"
    if scope.compare == "none":
        return f"{said}."
    if lead.change is None or earlier is None or earlier.start is None or earlier.end is None:
        return f"{said}; the data do not reach back far enough to compare."
    than = f"{COMPARISONS[scope.compare]} ({short_date(earlier.start)} to {short_date(earlier.end)})"
    return f"{said}: {moved(lead.change, unit)} against {than}."
