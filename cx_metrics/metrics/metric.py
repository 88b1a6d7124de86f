"""What a metric is: one declaration that page, glossary, command line and tests all read, and its select."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import bucket
from cx_metrics.metrics.clustered_mean import ClusteredMean
from cx_metrics.metrics.estimators import Estimate, Mean, Net, Quantile, Share, Total
from cx_metrics.metrics.facts import Fact
from cx_metrics.metrics.matched_gap import MatchedGap
from cx_metrics.metrics.suppression import suppress
from cx_metrics.metrics.survival import SurvivalQuantile
from cx_metrics.scope import Scope, ScopeError

EVERY = ("week", "month", "quarter", "year")
Additive = Share | Net | Mean | Total
Whole = Quantile | SurvivalQuantile | MatchedGap | ClusteredMean  # kinds that need more than sums per cell
Kind = Additive | Whole
FIGURES = ("n", "value", "low", "high", "suppressed")


@dataclass(frozen=True)
class Metric:
    """A figure that the product shows.

    name: what `cx-metrics show` says. title, definition (one sentence), formula, source (where the definition comes
    from): for people. unit: "%", "points", "seconds", "hours", "count", "money", "score 0-100". better: "higher",
    "lower" or "neither". needs: the data without which there is no figure, for people. fact, time, kind: how it is
    computed. minimum_n: below this the value is hidden. rivals: names of metrics with a rival definition.
    headline: shown as a card on the overview. undefined: why there can be rows enough and still no value.
    variant: what tells the definition from its rivals, in few words.
    """

    name: str
    title: str
    unit: str
    better: str
    definition: str
    formula: str
    source: str
    needs: str
    fact: Fact = field(hash=False)
    time: Any = field(hash=False)
    kind: Kind = field(hash=False)
    minimum_n: int = 10
    rivals: tuple[str, ...] = ()
    headline: bool = False
    undefined: str = ""
    variant: str = ""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What the metric can be grouped by and filtered on."""
        return tuple(self.fact.dimensions)

    def select(self, scope: Scope, by: Sequence[str] = (), every: str | None = None) -> sa.Select[Any]:
        """The metric's figures: columns period (with `every`), the dimensions `by`, n, value, low, high, suppressed.

        Raises ScopeError for a dimension that the metric does not have.
        """
        groups, source, where = self._asked(scope, by, every)
        if isinstance(self.kind, Whole):
            cells = self.kind.cells(source, groups, where)
        else:
            sums = self.kind.sums()
            summed = _summed(source, groups, where, sums)
            cells = _estimated(summed, groups, self.kind, {name: summed.c[name] for name in sums})
        return self._finished(cells.subquery("cells"), [group.name for group in groups])

    def _asked(self, scope: Scope, by: Sequence[str], every: str | None) -> tuple[list[Any], sa.FromClause, list[Any]]:
        dimensions, by = self.fact.dimensions, tuple(dict.fromkeys(by))
        for name in by:
            if name not in dimensions:
                raise ScopeError(f"{self.name} has no dimension {name!r}; it has: {', '.join(dimensions)}")
        if every is not None and every not in EVERY:
            raise ScopeError(f"{every!r} is no interval; there are: {', '.join(EVERY)}")
        where = self.fact.conditions(scope, self.time)
        groups = [bucket(every, self.time).label("period")] if every else []
        groups += [dimensions[name].label(name) for name in by]
        return groups, self.fact.source([*by, *(name for name, _ in scope.filters)]), where

    def _finished(self, cells: sa.Subquery, names: list[str]) -> sa.Select[Any]:
        if names:  # cells without rows say nothing and would fill the table
            kept = sa.select(*cells.c).where(cells.c.n > 0).subquery("kept")
            shown = suppress(kept, names, self.minimum_n)
            return shown.order_by(*(shown.selected_columns[name] for name in names))
        return suppress(cells, names, self.minimum_n)


def _summed(source: sa.FromClause, groups: list[Any], where: list[Any], sums: dict[str, Any]) -> sa.Subquery:
    labelled = [expression.label(name) for name, expression in sums.items()]
    statement = sa.select(*groups, *labelled).select_from(source).where(*where)
    return statement.group_by(*(group.element for group in groups)).subquery("summed")


def _estimated(summed: sa.FromClause, groups: list[Any], kind: Additive, sums: dict[str, Any]) -> sa.Select[Any]:
    estimate: Estimate = kind.estimate(sums)
    columns = [summed.c[group.name] for group in groups]
    figures = [getattr(estimate, name).label(name) for name in ("n", "value", "low", "high")]
    return sa.select(*columns, *figures)


def select_together(metrics: Sequence[Metric], scope: Scope, every: str | None = None) -> list[sa.CompoundSelect[Any]]:
    """The figures of many metrics in as few scans as possible: columns metric, period (with `every`), n, value, ...

    Additive metrics over the same fact and time share one scan; the others get a statement of their own.
    """
    shared: dict[tuple[str, str], list[Metric]] = {}
    alone: list[sa.CompoundSelect[Any]] = []
    for metric in metrics:
        if isinstance(metric.kind, Whole):
            alone.append(sa.union_all(_named(metric, metric.select(scope, (), every))))
        else:
            shared.setdefault((metric.fact.name, str(metric.time)), []).append(metric)
    return [*(_select_shared(group, scope, every) for group in shared.values()), *alone]


def _named(metric: Metric, figures: sa.Select[Any]) -> sa.Select[Any]:
    rows = figures.order_by(None).subquery()
    return sa.select(sa.literal(metric.name).label("metric"), *rows.c)


def _select_shared(metrics: list[Metric], scope: Scope, every: str | None) -> sa.CompoundSelect[Any]:
    groups, source, where = metrics[0]._asked(scope, (), every)
    sums = {f"{m.name}__{name}": expression for m in metrics for name, expression in m.kind.sums().items()}  # type: ignore[union-attr]
    statement = sa.select(*groups, *(expression.label(name) for name, expression in sums.items()))
    summed = statement.select_from(source).where(*where).group_by(*(group.element for group in groups)).cte("summed")
    parts = []
    for metric in metrics:
        kind = metric.kind
        assert not isinstance(kind, Whole)
        own = {name: summed.c[f"{metric.name}__{name}"] for name in kind.sums()}
        cells = _estimated(summed, groups, kind, own).subquery()
        parts.append(_named(metric, metric._finished(cells, [group.name for group in groups])))
    return sa.union_all(*parts)
