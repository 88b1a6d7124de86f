"""A change of a quantile taken apart: the distribution before, put together with the shares of now, and the reverse.

within = 1/2 [(Q(now's values, now's shares) - Q(values before, now's shares))
            + (Q(now's values, shares before) - Q(values before, shares before))], mix is the rest of the change.
What a group adds is not defined by that. It is taken from the share of values up to a threshold between the two
quantiles, divided by the density there (recentred influence function, Firpo, Fortin and Lemieux 2009); what is left to
the sums above is spread over the groups by size, so that all parts add up.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from cx_metrics.analyses.change_cells import OTHERS, distributions
from cx_metrics.analyses.change_groups import named
from cx_metrics.analyses.change_tables import ALL
from cx_metrics.metrics.decomposition import Floats
from cx_metrics.metrics.estimators import Quantile, Z
from cx_metrics.metrics.metric import Metric
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse


@dataclass(frozen=True)
class Spread:
    """counts: see `distributions`. q: which quantile. threshold, density (per unit of the values): at the quantile of
    both periods together; density 0 where all values there are the same. change: of the quantile, now - before."""

    counts: pd.DataFrame
    q: float
    threshold: float
    density: float
    change: float


def quantile(x: Floats, mass: Floats, n: float, q: float) -> float:
    """The quantile of values x (ascending) with relative frequencies `mass`, interpolated as of n rows."""
    upto = np.cumsum(mass) / mass.sum() * n
    place = q * (n - 1)
    below, above = (x[min(int(np.searchsorted(upto, rank - 1e-6)), len(x) - 1)]
                    for rank in (np.floor(place) + 1, np.ceil(place) + 1))  # fmt: skip
    return float(below + (place - np.floor(place)) * (above - below))


def spread(
    warehouse: Warehouse, metric: Metric, scope: Scope, earlier: Scope, names: Sequence[str], change: float
) -> Spread:
    """The distributions that the change (of the metric, now - before) of a quantile is taken apart from."""
    assert isinstance(metric.kind, Quantile)
    counts = distributions(warehouse, metric, scope, earlier, names)
    whole = counts[counts["which"].isna()]
    table = whole.pivot_table(index="x", columns="period", values="n", aggfunc="sum", fill_value=0.0)
    x, mass = table.index.to_numpy(dtype=float), table[[0, 1]].to_numpy(dtype=float).T
    return density(x, mass, metric.kind.q, counts, change)


def density(x: Floats, mass: Floats, q: float, counts: pd.DataFrame, change: float) -> Spread:
    """From values x (ascending) and how many rows of each period (2 x values) have them.

    The density is that between the ends of the quantile's 95 % interval in both periods, and at least between the two
    quantiles (Siddiqui's difference quotient).
    """
    n = mass.sum(axis=1)
    middle = (mass / n[:, None]).mean(axis=0)
    half = Z * np.sqrt(q * (1 - q) * (1 / n).sum() / 2)
    places = [quantile(x, middle, n.sum(), at) for at in (q, max(q - half, 0.0), min(q + half, 1.0))]
    ends = [*places[1:], *(quantile(x, own, own.sum(), q) for own in mass)]
    low, high = min(ends), max(ends)
    between = middle[(x > low) & (x <= high)].sum()
    return Spread(counts, q, places[0], float(between / (high - low)) if high > low else 0.0, change)


def with_quantiles(table: pd.DataFrame, held: Spread, number: int) -> pd.DataFrame:
    """A table of parts of the share of values up to the threshold, turned into parts of the quantile.

    number: of the dimension in `held.counts`.
    """
    own = held.counts[held.counts["which"] == number]
    kept = set(table["group"]) - {OTHERS}
    label = [name if name in kept else OTHERS for name in named(own["value"])]
    counts = own.assign(group=label).pivot_table(
        index="x", columns=["period", "group"], values="n", aggfunc="sum", fill_value=0.0
    )
    order = list(dict.fromkeys(name for name in table["group"] if name != ALL))
    x = counts.index.to_numpy(dtype=float)
    mass = np.stack([counts.reindex(columns=[(t, g) for g in order], fill_value=0.0).to_numpy(float) for t in (0, 1)])
    values = np.array([[_of(x, mass[t][:, g], held.q) for g in range(len(order))] for t in (0, 1)])
    whole = [_of(x, mass[t].sum(axis=1), held.q) for t in (0, 1)]
    shown = {name: [*own_values, total] * 2 for name, own_values, total in
             zip(("value_before", "value_now"), values, whole, strict=True)}  # fmt: skip
    return scaled(table.assign(**shown), held, reweighted(x, mass, held.q))


def _of(x: Floats, mass: Floats, q: float) -> float:
    return quantile(x, mass, mass.sum(), q) if mass.sum() > 0 else np.nan


def reweighted(x: Floats, mass: Floats, q: float) -> dict[str, tuple[float, float]]:
    """within and mix of the change of a quantile, each with its standard error.

    mass: rows of 2 periods x values x groups. The error is the delta method's: how the four quantiles move with the
    rows, by the density at each of them.
    """
    n = mass.sum(axis=1)
    share = n / n.sum(axis=1, keepdims=True)
    there = (n > 0)[:, None, :]  # a group that is not there has the distribution of the other period
    inside = mass / np.where(n > 0, n, 1.0)[:, None, :]
    inside = np.where(there, inside, inside[::-1])
    at, slope = np.zeros((2, 2)), np.zeros((2, 2))  # by the period of values and that of shares
    for values, shares in itertools.product((0, 1), (0, 1)):
        size = n[values].sum()
        mixed = inside[values] @ share[shares]
        at[values, shares] = quantile(x, mixed, size, q)
        slope[values, shares] = _slope(x, mixed, size, q)
    below = np.array([[inside[values, x <= at[values, shares]].sum(axis=0) for shares in (0, 1)] for values in (0, 1)])
    signs = {"within": np.array([[-1, -1], [1, 1]]) / 2, "mix": np.array([[-1, 1], [-1, 1]]) / 2}
    found = {}
    for part, sign in signs.items():
        per_row = np.where(slope > 0, -sign / np.where(slope > 0, slope, 1.0), 0.0)
        variance = sum(_row_variance(per_row, below, share, n, period) for period in (0, 1))
        found[part] = (float((sign * at).sum()), math.sqrt(variance))
    return found


def _slope(x: Floats, mass: Floats, n: float, q: float) -> float:
    """The density at a quantile, between the ends of its 95 % interval."""
    half = Z * math.sqrt(q * (1 - q) / n)
    low, high = (quantile(x, mass, n, min(max(q + side * half, 0.0), 1.0)) for side in (-1, 1))
    between = mass[(x > low) & (x <= high)].sum() / mass.sum()
    return float(between / (high - low)) if high > low else 0.0


def _row_variance(per_row: Floats, below: Floats, share: Floats, n: Floats, period: int) -> float:
    """Variance of a sum of quantiles from the rows of one period. per_row: by which a part moves with the share below
    each quantile; below: that share of each group."""
    own, here = below[period], share[period] > 0
    weight = per_row[period][:, None] * share / np.where(here, share[period], 1.0)
    low = np.minimum(own[0], own[1])
    values = (weight**2 * own * (1 - own)).sum(axis=0) + 2 * weight[0] * weight[1] * (low - own[0] * own[1])
    moved = (per_row[:, period][:, None] * below[:, period]).sum(axis=0)
    middle = (share[period] * moved).sum()
    whole = (share[period] * (np.where(here, values, 0.0) + (moved - middle) ** 2)).sum()
    return float(whole / n[period].sum())


def scaled(table: pd.DataFrame, held: Spread, known: Mapping[str, tuple[float, float]] | None = None) -> pd.DataFrame:
    """Parts of the share up to the threshold as parts of the quantile.

    known: their sums with standard errors, as `reweighted` gives; without them the sums that the shares give, and what
    they leave over counts as within.
    """
    scale = -1 / (100 * held.density)
    found = table.assign(size=table["size"] * scale, low=table["high"] * scale, high=table["low"] * scale)
    all_of_them = found["group"] == ALL
    added = {str(part): float(size) for part, size in found[all_of_them].set_index("part")["size"].items()}
    within = known["within"][0] if known else held.change - added["mix"]
    wanted = {"within": within, "mix": held.change - within}
    weight = found[["share_before", "share_now"]].mean(axis=1) / 100
    left = found["part"].map({part: size - added[part] for part, size in wanted.items()}) * weight
    found = found.assign(**{name: found[name] + left for name in ("size", "low", "high")})
    for part, (_, error) in (known or {}).items():
        place = all_of_them & (found["part"] == part)
        size = found.loc[place, "size"]
        found.loc[place, ["low", "high"]] = np.column_stack([size - Z * error, size + Z * error])
        found.loc[place, "p"] = 2 * stats.norm.sf(abs(size) / error) if error > 0 else np.nan
    return found


def usable(held: Spread) -> bool:
    """Whether the values vary at the quantile, so that its change can be taken apart."""
    return held.density > 0
