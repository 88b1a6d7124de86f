"""One metric's change taken apart by each dimension and by the best two of them: parts, intervals, what is clear."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from cx_metrics.analyses.change_cells import OTHERS, sums_by
from cx_metrics.analyses.change_groups import groups, named
from cx_metrics.analyses.change_quantiles import Spread, scaled, spread, usable, with_quantiles
from cx_metrics.analyses.change_tables import ALL, COLUMNS, excess, gained, judged, table
from cx_metrics.analyses.overview import figure
from cx_metrics.metrics.catalog import figures, figures_together
from cx_metrics.metrics.change import Change, Figure, change
from cx_metrics.metrics.decomposition import NONE, OF_NET, OF_SHARE, Prior
from cx_metrics.metrics.estimators import Mean, Net, Quantile, Share, Total
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

_OWN = 0.5  # of the variance; a dimension that leaves less than this within its groups is part of the definition
CANDIDATES = 4  # dimensions whose pairs are looked at
CROSS = " × "
_CROSSED = 20  # groups of a dimension that stand alone in pairs
_EMPTY = pd.DataFrame(columns=list(COLUMNS))


@dataclass(frozen=True)
class Parted:
    """One metric's change. way: "mix" (within and mix), "sum" (contributions), "apart" (groups do not add up), "none".

    parts: COLUMNS; each group (and ALL) of each dimension, one row per part; size, low, high in the metric's unit,
    shares in per cent, q adjusted p; missing p: not tested. definition: dimensions that determine the value. pair: the
    two dimensions of `two_way`, which is like parts with groups "a × b". pairs: how many pairs were looked at.
    """

    metric: Metric
    before: Figure
    now: Figure
    change: Change | None
    way: str
    parts: pd.DataFrame
    definition: tuple[str, ...] = ()
    two_way: pd.DataFrame = field(default_factory=_EMPTY.copy)
    pair: tuple[str, str] | None = None
    pairs: int = 0


def way(metric: Metric) -> str:
    """How a metric's change can be taken apart, see `Parted`."""
    kind = metric.kind
    if isinstance(kind, Share | Total) and kind.distinct is not None:
        return "apart"
    if isinstance(kind, Total):
        return "sum"
    return "mix" if isinstance(kind, Share | Net | Mean | Quantile) else "none"


def parted(
    warehouse: Warehouse, metric: Metric, scope: Scope, earlier: Scope, dimensions: Sequence[str] | None = None,
    two_way: bool = True, totals: tuple[Figure, Figure] | None = None,
) -> Parted:  # fmt: skip
    """A metric's change from the period of `earlier` to that of `scope`, by these dimensions (None: all it has).

    two_way: look at pairs of dimensions too. totals: the figure before and now, where they are known.
    """
    before, now = totals or (totals_of(warehouse, [metric], one)[metric.name] for one in (earlier, scope))
    result = Parted(metric, before, now, change(metric, now, before), way(metric), _EMPTY)
    names = [name for name in metric.dimensions if dimensions is None or name in dimensions]
    if result.change is None or result.way == "none" or not names:
        return result
    held = None
    if isinstance(metric.kind, Quantile):
        held = spread(warehouse, metric, scope, earlier, names, (now.value or 0.0) - (before.value or 0.0))
        if not usable(held):
            return replace(result, way="none")
    result = _by_each(warehouse, result, scope, earlier, names, held)
    looked_at = two_way and result.way != "apart"
    return _by_two(warehouse, result, scope, earlier, held) if looked_at else result


def totals_of(warehouse: Warehouse, metrics: Sequence[Metric], scope: Scope) -> dict[str, Figure]:
    """The figures of metrics that the scope's filters apply to, in as few scans as possible."""
    found = figures_together(warehouse, metrics, scope)[["metric", "n", "value", "low", "high"]]
    known = {name: figure(*numbers) for name, *numbers in found.itertuples(index=False)}
    return {metric.name: known.get(metric.name, Figure(0, None, None, None)) for metric in metrics}


def _prior(metric: Metric) -> Prior:
    if isinstance(metric.kind, Share | Quantile):
        return OF_SHARE
    return OF_NET if isinstance(metric.kind, Net) else NONE


def _by_each(
    warehouse: Warehouse, result: Parted, scope: Scope, earlier: Scope, names: Sequence[str], held: Spread | None
) -> Parted:
    metric, sets = result.metric, [(name,) for name in names]
    sums = sums_by(warehouse, metric, scope, earlier, sets, threshold=held.threshold if held else None)
    tables, definition = [], []
    for number, name in enumerate(names):
        own = sums[sums["which"] == number]
        found = groups(own.assign(group=named(own["value"])), (), _prior(metric), result.way != "apart")
        if len(found.names) < 2:
            continue
        if result.way == "mix" and found.cells.within_variance() < _OWN:
            definition.append(name)
            continue
        parts = table(name, found, result.way)
        tables.append(with_quantiles(parts, held, number) if held else parts)
    parts = judged(pd.concat(tables, ignore_index=True)) if tables else _EMPTY
    return replace(result, parts=parts, definition=tuple(definition))


def _by_two(warehouse: Warehouse, result: Parted, scope: Scope, earlier: Scope, held: Spread | None) -> Parted:
    """With the pair whose parts exceed chance most beyond what one dimension shows alone."""
    strength = {str(name): excess(own) for name, own in result.parts.groupby("dimension", sort=False)}
    best = sorted(strength, key=lambda name: -strength[name])[:CANDIDATES]
    pairs = list(itertools.combinations(best, 2))
    if not pairs:
        return result
    kept = {name: _largest(result.parts, name) for name in best}
    threshold = held.threshold if held else None
    sums = sums_by(warehouse, result.metric, scope, earlier, pairs, kept, threshold)
    cells = {pair: _crossed(sums[sums["which"] == number], *pair) for number, pair in enumerate(pairs)}
    tables = {pair: _crossed_table(result, own, pair, held) for pair, own in cells.items()}
    tables = {pair: own for pair, own in tables.items() if len(own)}
    if not tables:
        return result
    singles = {str(name): own for name, own in result.parts.groupby("dimension") if name in best}
    pair = max(tables, key=lambda pair: gained(tables[pair], pair, singles))
    hidden = _hidden(warehouse, result.metric, pair, (scope, earlier))
    tables[pair] = _crossed_table(result, cells[pair], pair, held, hidden)
    together = judged(pd.concat(tables.values(), ignore_index=True))  # all that were looked at are asked together
    return replace(result, two_way=together[together["dimension"] == CROSS.join(pair)].reset_index(drop=True),
                   pair=pair, pairs=len(tables))  # fmt: skip


def _largest(parts: pd.DataFrame, name: str) -> list[str]:
    own = dict.fromkeys(parts.loc[parts["dimension"] == name, "group"])
    return [group for group in own if group not in (ALL, OTHERS)][:_CROSSED]


def _crossed(cells: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    pairs = zip(cells[one], cells[other], strict=True)
    return cells.assign(group=[OTHERS if OTHERS in (a, b) else f"{a}{CROSS}{b}" for a, b in pairs])


def _crossed_table(
    result: Parted, cells: pd.DataFrame, pair: tuple[str, str], held: Spread | None, hidden: Collection[str] = ()
) -> pd.DataFrame:
    if cells.empty:
        return _EMPTY
    found = groups(cells, hidden, _prior(result.metric))
    if len(found.names) < 2 or (result.way == "mix" and found.cells.within_variance() < _OWN):
        return _EMPTY
    parts = table(CROSS.join(pair), found, result.way)
    return scaled(parts.assign(value_before=float("nan"), value_now=float("nan")), held) if held else parts


def _hidden(warehouse: Warehouse, metric: Metric, pair: tuple[str, str], scopes: Sequence[Scope]) -> set[str]:
    """Cells whose count is hidden in the figures of either period, so that theirs cannot be worked out from here."""
    found: set[str] = set()
    for scope in scopes:
        cells = figures(warehouse, metric, scope, pair)
        unseen = cells[cells["n"].isna()]
        both = zip(named(unseen[pair[0]]), named(unseen[pair[1]]), strict=True)
        found |= {f"{one}{CROSS}{other}" for one, other in both}
    return found
