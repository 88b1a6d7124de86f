"""The parts of a change as a table, and which of them are more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.change_groups import Groups
from cx_metrics.metrics.decomposition import Floats, Parts, contributions, decompose, differences, evidence

ALL = "All groups"
FALSE_RATE = 0.05  # of the differences that are called changes, at most this share is chance (expected)
COLUMNS = (
    "dimension", "group", "part", "n_before", "n_now", "share_before", "share_now", "value_before", "value_now",
    "size", "low", "high", "p", "q", "clear",
)  # fmt: skip


def table(dimension: str, found: Groups, way: str) -> pd.DataFrame:
    """COLUMNS of one dimension, one row per part and group, ALL last; q and clear are still to be filled.

    way: "mix" gives the parts within and mix, "sum" contribution, "apart" difference (without ALL).
    """
    cells = found.cells
    parts: dict[str, Parts]
    if way == "mix":
        parts, values = decompose(cells), cells.total / np.where(cells.size > 0, cells.size, np.nan)
        whole = cells.total.sum(axis=1) / cells.size.sum(axis=1)
    elif way == "sum":
        parts, values = {"contribution": contributions(cells.total, cells.spread)}, cells.total
        whole = cells.total.sum(axis=1)
    else:
        counts = cells.spread == cells.total  # a count of different ones has 1 for each, a share 0 or 100
        values = cells.total if counts.all() else cells.total / np.where(cells.size > 0, cells.size, np.nan)
        own = contributions(cells.total, cells.spread) if counts.all() else differences(cells)
        parts, whole = {"difference": own}, np.full(2, np.nan)
    added = way != "apart"
    shares = cells.shares if way == "mix" else _of_whole(values if way == "sum" else cells.n)
    columns: dict[str, object] = {"dimension": dimension, "group": [*found.names, *([ALL] if added else [])]}
    for name, cell, last in (
        ("n", cells.n, cells.n.sum(axis=1)), ("share", 100 * shares, (100.0, 100.0)), ("value", values, whole),
    ):  # fmt: skip
        for period, side in enumerate(("before", "now")):
            columns[f"{name}_{side}"] = np.append(cell[period], last[period]) if added else cell[period]
    size = len(found.names) + added
    rows = [
        pd.DataFrame(columns).assign(
            part=name, **{end: getattr(part, end)[:size] for end in ("size", "low", "high", "p")}, q=np.nan, clear=False
        )
        for name, part in parts.items()
    ]
    return pd.concat(rows, ignore_index=True)[list(COLUMNS)]


def _of_whole(x: Floats) -> Floats:
    whole = x.sum(axis=1, keepdims=True)
    found: Floats = x / np.where(whole != 0, whole, np.nan)
    return found


def judged(parts: pd.DataFrame) -> pd.DataFrame:
    """With q, clear, and p only where it is asked: n of at least 30, in a period where there is any.

    q: p adjusted by Benjamini and Hochberg (1995) over all rows together. clear: q is at most 5 %, and the interval
    leaves out zero.
    """
    n = parts[["n_before", "n_now"]].astype(float)
    enough = ((n >= RANKED) | (n == 0)).all(axis=1) & (n > 0).any(axis=1)
    p = parts["p"].astype(float).where(enough)
    asked = p.notna()
    q = pd.Series(np.nan, index=parts.index)
    if asked.any():
        q[asked] = stats.false_discovery_control(p[asked].clip(0.0, 1.0))
    clear = (q <= FALSE_RATE) & ((parts["low"] > 0) | (parts["high"] < 0))
    return parts.assign(p=p, q=q, clear=clear)


def excess(parts: pd.DataFrame) -> float:
    """How far the tested parts of the groups exceed chance together, see `decomposition.evidence`."""
    return evidence(*_squares(parts))


def gained(pair: pd.DataFrame, names: tuple[str, str], singles: Mapping[str, pd.DataFrame]) -> float:
    """The same of the parts of a pair of dimensions, less what the best of the single ones shows alone.

    Minus infinity where one of the two tells the other's groups apart already, so that the pair adds nothing.
    """
    (both, k), alone = _squares(pair), {name: _squares(own) for name, own in singles.items()}
    if k <= max(alone[name][1] for name in names):
        return -math.inf
    best = max(alone.values())
    return (both - best[0] - (k - best[1])) / math.sqrt(2 * k)


def _squares(parts: pd.DataFrame) -> tuple[float, int]:
    """The sum of squares of the tested parts of groups as standard normal deviates, and how many there are."""
    own = parts.loc[parts["group"] != ALL, "p"].astype(float).dropna()
    z = stats.norm.isf(np.clip(own.to_numpy(dtype=float), 1e-300, 1.0) / 2)
    return float((z**2).sum()), len(own)
