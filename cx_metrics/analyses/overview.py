"""How are we doing: every headline figure, its change, and the situation in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cx_metrics.metrics.catalog import METRICS, figures_together
from cx_metrics.metrics.change import Change, Figure, change, in_words, judgement
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import Scope, short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, is_missing, listing

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


def overview(warehouse: Warehouse, scope: Scope) -> Overview:
    """The overview for a scope whose period is set (see `catalog.resolved`)."""
    headline = [metric for metric in METRICS.values() if metric.headline]
    able = [metric for metric in headline if all(name in metric.dimensions for name, _ in scope.filters)]
    now = _by_metric(figures_together(warehouse, able, scope))
    earlier_scope = scope.before()
    before = _by_metric(figures_together(warehouse, able, earlier_scope)) if earlier_scope else {}
    course = figures_together(warehouse, able, scope, _interval(scope))
    cards = tuple(_card(metric, now[metric.name], before.get(metric.name), course) for metric in able if now[metric.name].n != 0)
    missing = tuple(metric for metric in able if now[metric.name].n == 0)
    unable = tuple(metric for metric in headline if metric not in able)
    return Overview(scope, cards, missing, unable, _sentence(scope, cards))


def _interval(scope: Scope) -> str:
    days = (scope.end - scope.start).days if scope.start and scope.end else 366
    return "week" if days <= 190 else "month" if days <= 1500 else "quarter"


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


def _sentence(scope: Scope, cards: Sequence[Card]) -> str:
    period = f"From {short_date(scope.start)} to {short_date(scope.end)}" if scope.start and scope.end else "So far"
    by_name = {card.metric.name: card for card in cards if card.figure.value is not None}
    lead = next((by_name[name] for name in _LEADS if name in by_name), None)
    if lead is None:
        return f"{period} there are too few data for a figure; widen the period or remove a filter."
    unit = lead.metric.unit
    said = f"{period}, {lead.metric.title} was {amount(lead.figure.value, unit)}"
    compared = [card for card in cards if card.change is not None]
    if lead.change is not None:
        said += f", {_moved(lead.change)} {in_words(lead.change, unit)}" if lead.change.clear else ", with no clear change"
        said += " against the comparison period"
    if not compared:
        return said + "; there is no earlier period to compare with."
    return said + f". {_tally(compared)}"


def _moved(found: Change) -> str:
    return "up" if found.value > 0 else "down"


def _tally(cards: Sequence[Card]) -> str:
    groups = {word: [c.metric.title for c in cards if c.judgement == word] for word in ("worse", "better")}
    parts = [f"{len(titles)} got {word} ({listing(titles)})" for word, titles in groups.items() if titles]
    rest = len(cards) - sum(len(titles) for titles in groups.values())
    parts.append(f"{rest} show no clear change for better or worse")
    return f"Of {len(cards)} figures, {listing(parts)}."
