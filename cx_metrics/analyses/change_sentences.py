"""The most important of what changed, for the Overview: few figures, few dimensions, one scan each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cx_metrics.analyses.change_findings import findings
from cx_metrics.analyses.change_parts import Parted, parted, way
from cx_metrics.analyses.change_words import Finding, total
from cx_metrics.analyses.changes import comparison
from cx_metrics.analyses.overview import Card, Overview, overview
from cx_metrics.metrics.catalog import metric_named
from cx_metrics.metrics.change import Figure
from cx_metrics.metrics.estimators import Quantile, Z
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import in_sentence, listing

MOST = 3  # sentences
_FIGURES = 6  # that are looked into
_EACH = 2  # findings of one figure that may be told
_DIMENSIONS = ("channel", "stage", "reason", "status", "delivery")  # without a look at customers


@dataclass(frozen=True)
class Clear:
    """A figure that clearly changed: its metric, and what it was and is."""

    metric: str
    before: Figure
    now: Figure


def clearest(found: Overview) -> tuple[Clear, ...]:
    """The figures to look into: those that clearly changed and that a quick scan takes apart: the one that the overview
    begins with, then the worse ones, the clearest (change / its standard error) first."""
    able = [card for card in found.cards if card.change and card.change.clear and _quick(card.metric)]
    best = sorted(able, key=lambda card: (card is not found.lead, *_order(card)))[:_FIGURES]
    return tuple(Clear(card.metric.name, card.before, card.figure) for card in best if card.before)


def _quick(metric: Metric) -> bool:
    """Whether one scan of sums takes its change apart; distributions, different customers and months of
    subscriptions take longer than an overview may."""
    return way(metric) in ("mix", "sum") and not isinstance(metric.kind, Quantile) and bool(_dimensions(metric))


def _order(card: Card) -> tuple[bool, float]:
    assert card.change is not None
    half = (card.change.high - card.change.low) / 2
    return card.judgement != "worse", -abs(card.change.value) / half if half > 0 else 0.0


def headlines(warehouse: Warehouse, scope: Scope, clear: Sequence[Clear] | None = None) -> tuple[Finding, ...]:
    """At most three findings, each another story, in the order of `clearest`.

    Of each figure the most important finding is told first: the one that is largest in standard errors of the figure's
    own change; where that leaves fewer than three, the next ones follow. One story: the same group of a dimension;
    figures that tell the same are named. clear: what to look into; None: the `clearest` of the overview. The text names
    the figure; metric and dimension say where the evidence is.
    """
    earlier, _ = comparison(warehouse, scope)
    if earlier is None:
        return ()
    looked_at = clearest(overview(warehouse, scope)) if clear is None else clear
    each = [_told(warehouse, scope, earlier, known) for known in looked_at]
    stories: dict[tuple[str, str], list[Finding]] = {}
    for rank in range(_EACH):
        for own in each:
            story = (own[rank].dimension, own[rank].group) if rank < len(own) else None
            if story in stories and all(own[rank].metric != other.metric for other in stories[story]):
                stories[story].append(own[rank])
            elif story and story not in stories and len(stories) < MOST:
                stories[story] = [own[rank]]
    return tuple(_with_others(own, scope) for own in stories.values())


def _told(warehouse: Warehouse, scope: Scope, earlier: Scope, known: Clear) -> list[Finding]:
    """A figure's findings, the most important first, each in a sentence that names the figure."""
    metric = metric_named(known.metric, scope.limits)
    both = known.before, known.now
    one = parted(warehouse, metric, scope, earlier, _dimensions(metric), two_way=False, totals=both)
    own = sorted(findings(one), key=lambda finding: -_importance(one, finding))
    return [replace(found, text=f"{total(one).removesuffix('.')}: {found.short}.") for found in own]


def _with_others(story: Sequence[Finding], scope: Scope) -> Finding:
    """The first finding of a story, with the names of the figures that tell the same."""
    first, *others = story
    titles = listing([in_sentence(metric_named(other.metric, scope.limits).title) for other in others])
    return replace(first, text=f"{first.text} The same shows in {titles}.") if others else first


def _dimensions(metric: Metric) -> tuple[str, ...]:
    return tuple(name for name in _DIMENSIONS if name in metric.dimensions)


def _importance(found: Parted, finding: Finding) -> float:
    change = found.change
    if change is None or found.way != "mix":
        return abs(finding.size)
    error = (change.high - change.low) / (2 * Z)
    return abs(finding.size) / error if error > 0 else 0.0
