"""From counts to figures with their 95 % intervals, for the references: numpy formulas over a frame of groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

Z = 1.959963984540054
Figures = dict[str, pd.DataFrame]  # metric -> period and group (where asked by), n, value, low, high


def _figure(rows: pd.DataFrame, n: object, value: object, low: object, high: object) -> pd.DataFrame:
    groups = rows[
        [name for name in rows.columns if "__" not in name and name not in ("t", "d", "r", "n", "x", "rows_here")]
    ]
    return groups.assign(n=n, value=value, low=low, high=high)


def of_counts(rows: pd.DataFrame) -> Figures:
    """Shares, scores, numbers and sums. rows: group columns, and per metric name__n, name__hits, ..."""
    found: Figures = {}
    for name in [column.removesuffix("__n") for column in rows.columns if column.endswith("__n")]:
        n = rows[f"{name}__n"].astype(float)
        if f"{name}__hits" in rows:
            share, square = rows[f"{name}__hits"] / n, Z * Z
            centre, scale = share + square / 2 / n, 1 + square / n
            half = Z * np.sqrt(share * (1 - share) / n + square / 4 / n**2)
            found[name] = _figure(rows, n, 100 * share, 100 * (centre - half) / scale, 100 * (centre + half) / scale)
        elif f"{name}__up" in rows:
            ups, downs = rows[f"{name}__up"].astype(float), rows[f"{name}__down"].astype(float)
            up, down = (ups + 0.75) / (n + 3), (downs + 0.75) / (n + 3)
            half = Z * np.sqrt((up + down - (up - down) ** 2) / (n + 3))
            found[name] = _figure(rows, n, 100 * (ups - downs) / n, 100 * (up - down - half), 100 * (up - down + half))
        elif f"{name}__total" in rows:
            total, half = rows[f"{name}__total"], Z * np.sqrt(rows[f"{name}__squares"])
            found[name] = _figure(rows, n, total, total - half, total + half)
        else:
            low = n * (1 - 1 / (9 * n) - Z / 3 / np.sqrt(n)) ** 3
            high = (n + 1) * (1 - 1 / (9 * (n + 1)) + Z / 3 / np.sqrt(n + 1)) ** 3
            found[name] = _figure(rows, n, n, low, high)
    return found


def _by_group(rows: pd.DataFrame, columns: tuple[str, ...]) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Per group: its first row, for the group columns, and the rows."""
    names = [name for name in rows.columns if name not in columns]
    parts = [part for _, part in rows.groupby(names, sort=True, dropna=False)] if names else [rows]
    return [(part[names].head(1), part) for part in parts if len(part)]


@dataclass(frozen=True)
class Ranks:
    """A quantile from values and how often each occurs: rows with x and rows_here, ordered by x."""

    name: str
    q: float

    def __call__(self, rows: pd.DataFrame) -> Figures:
        found = []
        for group, part in _by_group(rows, ("x", "rows_here")):
            x, upto = part["x"].to_numpy(), part["rows_here"].cumsum().to_numpy()
            n = int(upto[-1])
            place, spread = self.q * (n - 1), Z * np.sqrt(n * self.q * (1 - self.q))
            ranks = np.array(
                [np.floor(place) + 1, np.ceil(place) + 1, np.ceil(n * self.q - spread), np.ceil(n * self.q + spread)]
            )
            below, above, low, high = x[np.searchsorted(upto, ranks)]
            found.append(_figure(group, n, below + (place - np.floor(place)) * (above - below), low, high))
        return {self.name: pd.concat(found, ignore_index=True)}


@dataclass(frozen=True)
class KaplanMeier:
    """A quantile of durations of which some are not over: rows with t, d (ends), r (at risk), n, ordered by t."""

    name: str
    q: float

    def __call__(self, rows: pd.DataFrame) -> Figures:
        found = []
        for group, part in _by_group(rows, ("t", "d", "r", "n")):
            t, d, r = (part[name].to_numpy(float) for name in ("t", "d", "r"))
            with np.errstate(divide="ignore", invalid="ignore"):
                log_s, variance = np.cumsum(np.log1p(-d / r)), np.cumsum(d / (r * (r - d)))
                log_log = Z * np.sqrt(variance) / np.abs(log_s)
                bounds = [np.exp(log_s), np.exp(log_s * np.exp(log_log)), np.exp(log_s * np.exp(-log_log))]
            first = [np.flatnonzero(np.nan_to_num(bound) <= 1 - self.q + 1e-12) for bound in bounds]
            value, low, high = (t[places[0]] if len(places) else np.nan for places in first)
            found.append(_figure(group, float(part["n"].iloc[0]), value, low, high))
        return {self.name: pd.concat(found, ignore_index=True)}
