"""How far apart channels are on the same reason: the spread of shares, freed from chance, and one index of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cx_metrics.charts.consistency import ALL, INDEX, MEASURES

Floats = npt.NDArray[np.float64]
_DRAWS, _MOST_NUMBERS, _SEED = 1000, 4_000_000, 20_260_701
_ENDS = (2.5, 97.5)  # percentiles


@dataclass(frozen=True)
class Shares:
    """Shares p (0-1) of n in cells, sorted by reason; starts: where each reason's cells begin."""

    n: Floats
    p: Floats
    starts: npt.NDArray[np.int64]

    def by_reason(self, values: Floats) -> Floats:
        """Sums over the cells of each reason (last axis)."""
        return np.add.reduceat(values, self.starts, axis=-1)

    def spread_out(self, of_reasons: Floats) -> Floats:
        """A value per reason as one per cell (last axis)."""
        return np.repeat(of_reasons, np.diff([*self.starts, len(self.n)]), axis=-1)


def spread(cells: pd.DataFrame) -> pd.DataFrame:
    """reason, measure, channels, n, value, low, high; the reason ALL for all together, the measure INDEX for the index.

    cells: reason, channel, measure (of MEASURES), n and hits of the cells to compare. value: for a measure, the
    standard deviation of its share between channels in points: sqrt(sum w (p - mean)^2 - noise), w = n / all n of the
    reason, noise = sum (1 - w) w p (1 - p) / (n - 1), what binomial chance alone adds, and not below 0; ALL: from the
    reasons' differences weighted by n. INDEX: 100 minus the mean of the measures' values. Interval: parametric
    bootstrap (Efron and Tibshirani 1993) from shares drawn together until they are as far apart as estimated.
    Reasons with one channel have no spread.
    """
    rows, drawn = [], {}
    for place, measure in enumerate(MEASURES):
        own = cells[cells["measure"] == measure].sort_values(["reason", "channel"])
        own = own[own.groupby("reason")["channel"].transform("count") > 1]
        if own.empty:
            continue
        found, draws = _of_measure(own, np.random.default_rng([_SEED, place]))
        rows += [{"measure": measure, **row} for row in found]
        drawn[measure] = draws
    told = pd.DataFrame(rows, columns=["measure", "reason", "channels", "n", "value", "low", "high"])
    whole = pd.concat([told, _index(told, drawn)], ignore_index=True)
    return whole[["reason", "measure", "channels", "n", "value", "low", "high"]]


def _of_measure(cells: pd.DataFrame, random: np.random.Generator) -> tuple[list[dict[str, object]], dict[str, Floats]]:
    """Rows for each reason and ALL, and their values in each draw."""
    reasons, starts, channels = np.unique(cells["reason"].to_numpy(str), return_index=True, return_counts=True)
    n = cells["n"].to_numpy(dtype=float)
    shares = Shares(n, cells["hits"].to_numpy(dtype=float) / n, starts)
    sizes = shares.by_reason(n)
    weights = sizes / sizes.sum()
    apart, noise = _variances(shares, shares.p)
    own, together = apart - noise, float(((apart - noise) * weights).sum())
    draws = max(min(_DRAWS, int(_MOST_NUMBERS / len(n))), 100)
    one_by_one = _drawn(shares, _pull(own, apart), draws, random)
    as_one = _drawn(shares, np.full(len(own), _pull(together, float((apart * weights).sum()))), draws, random)
    values = {reason: _points(one_by_one[:, i]) for i, reason in enumerate(reasons.tolist())}
    values[ALL] = _points((as_one * weights).sum(axis=1))
    whole = (ALL, cells["channel"].nunique(), sizes.sum(), together)
    estimates = [*zip(reasons.tolist(), channels, sizes, own, strict=True), whole]
    rows = [
        {"reason": reason, "channels": int(count), "n": float(size), "value": float(_points(variance)),
         **dict(zip(("low", "high"), np.percentile(values[reason], _ENDS).tolist(), strict=True))}
        for reason, count, size, variance in estimates
    ]  # fmt: skip
    return rows, values


def _points(variance: npt.ArrayLike) -> Floats:
    found: Floats = 100 * np.sqrt(np.maximum(np.asarray(variance, dtype=float), 0.0))
    return found


def _pull(corrected: npt.ArrayLike, apart: npt.ArrayLike) -> Floats:
    """By how much shares have to be drawn together so that their variance is the corrected one."""
    kept, seen = np.maximum(np.asarray(corrected, dtype=float), 0.0), np.asarray(apart, dtype=float)
    found: Floats = np.sqrt(np.divide(kept, seen, out=np.zeros_like(kept), where=seen > 0))
    return found


def _drawn(shares: Shares, pull: Floats, draws: int, random: np.random.Generator) -> Floats:
    """Corrected variances of each reason (columns) in each draw (rows)."""
    weights = shares.n / shares.spread_out(shares.by_reason(shares.n))
    centre = shares.spread_out(shares.by_reason(weights * shares.p))
    truth = np.clip(centre + shares.spread_out(pull) * (shares.p - centre), 0.0, 1.0)
    hits = random.binomial(shares.n.astype(np.int64), truth, size=(draws, len(truth)))
    apart, noise = _variances(shares, hits / shares.n)
    return apart - noise


def _variances(shares: Shares, p: Floats) -> tuple[Floats, Floats]:
    """Of each reason: the weighted variance between channels, and how much of it is binomial chance (unbiased)."""
    weights = shares.n / shares.spread_out(shares.by_reason(shares.n))
    centre = shares.spread_out(shares.by_reason(weights * p))
    chance = (1 - weights) * weights * p * (1 - p) / (shares.n - 1)
    return shares.by_reason(weights * (p - centre) ** 2), shares.by_reason(chance)


def _index(told: pd.DataFrame, drawn: dict[str, dict[str, Floats]]) -> pd.DataFrame:
    """100 minus the mean of the spreads that there are; the measures are drawn independently of each other."""
    rows = []
    for reason, own in told.groupby("reason", sort=False):
        draws = [drawn[measure][str(reason)] for measure in own["measure"]]
        fewest = min(len(draw) for draw in draws)
        index = 100 - np.mean([draw[:fewest] for draw in draws], axis=0)
        low, high = np.percentile(index, _ENDS).tolist()
        rows.append({"measure": INDEX, "reason": reason, "channels": own["channels"].max(), "n": own["n"].max(),
                     "value": 100 - own["value"].mean(), "low": low, "high": high})  # fmt: skip
    return pd.DataFrame(rows, columns=told.columns)


def largest_first(table: pd.DataFrame, reasons: Sequence[str]) -> pd.DataFrame:
    """Rows by reason in this order, ALL first."""
    place = {reason: number for number, reason in enumerate([ALL, *reasons])}
    return table.sort_values("reason", key=lambda names: names.map(place), kind="stable").reset_index(drop=True)
