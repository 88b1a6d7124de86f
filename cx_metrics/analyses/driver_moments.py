"""Sums over survey answers from which the driver models are computed: the engine adds up, rows stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.answers_with_signals import CONTROLS, OUTCOMES, about_contacts, about_relationship
from cx_metrics.metrics.random_groups import FEWEST
from cx_metrics.metrics.signals import Signal
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

FEWEST_HITS = 10  # contacts with and without a signal, of those that can be judged
_LEVEL = 30  # answers that a stage, channel or segment needs to be one of its own
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """Sums over the answers to one instrument, in g random groups.

    cells: stage, channel, segment, group (position), n, y (sum of the outcome) and, per signal i, x<i> (answers with
    the signal) and v<i> (answers of which it can be said). signals: how common each is (see `how_common`). columns: of
    the signals in use, x<i> and, where it is not said of every answer, v<i>; last y. squares: Z'Z of these per group,
    (g, k, k). relationship: how many of the answers are about no contact.
    """

    cells: pd.DataFrame
    signals: pd.DataFrame
    columns: tuple[str, ...]
    squares: Array
    relationship: int

    @property
    def n(self) -> int:
        """Number of answers."""
        return int(self.cells["n"].sum())


def sums(warehouse: Warehouse, scope: Scope, found: tuple[Signal, ...]) -> dict[str, Sums]:
    """The sums per outcome (csat, nps, ces) in a scope; an outcome without answers is left out."""
    asked = (about_contacts(scope, found), about_relationship(scope, found))
    cells = [warehouse.read(_cells(rows, len(found))) for rows in asked]
    both = pd.concat([part for part in cells if len(part)] or cells, ignore_index=True)
    own = {name: frame.reset_index(drop=True) for name, frame in both.groupby("instrument")}
    columns = _columns(list(own.values()), len(found))
    products = [
        warehouse.read(_squares(rows, columns)) for rows, part in zip(asked, cells, strict=True) if len(part)
    ]  # fmt: skip
    collected = {}
    for name in [name for name in OUTCOMES if name in own]:
        place = {group: position for position, group in enumerate(sorted(set(own[name]["group"])))}
        placed = own[name].assign(group=own[name]["group"].map(place))
        squares = np.zeros((len(place), len(columns), len(columns)))
        for frame in products:
            _add(squares, frame[frame["instrument"] == name], place, columns)
        relationship = int(cells[1].loc[cells[1]["instrument"] == name, "n"].sum())
        collected[name] = Sums(placed, how_common(placed, len(found)), columns, squares, relationship)
    return collected


def how_common(cells: pd.DataFrame, count: int) -> pd.DataFrame:
    """Per signal: n (answers of which it can be said), hits (those with it), spread (in how many random groups the
    rarer side occurs) and usable (common enough for a model). cells: as in `Sums`."""
    by_group = cells.groupby("group")[[f"{kind}{place}" for kind in "xv" for place in range(count)]].sum()
    hits = by_group.iloc[:, :count].to_numpy(float)
    without = by_group.iloc[:, count:].to_numpy(float) - hits
    rarer = np.minimum(hits.sum(axis=0), without.sum(axis=0))
    spread = np.minimum((hits > 0).sum(axis=0), (without > 0).sum(axis=0))
    usable = (rarer >= FEWEST_HITS) & (spread >= FEWEST)
    n = (hits + without).sum(axis=0)
    return pd.DataFrame({"n": n, "hits": hits.sum(axis=0), "spread": spread, "usable": usable})


def control_columns(
    cells: pd.DataFrame, controls: Sequence[str] = CONTROLS, weights: str = "n", least: int = _LEVEL
) -> Array:
    """A constant and 0/1 columns for the controls of cells, (rows, d).

    A level on which `weights` sums to less than `least` is put together with the other small ones; the largest level of
    each control is the one that the others are compared with.
    """
    columns: list[Array] = [np.ones(len(cells))]
    for control in controls:
        name = cells[control].astype(object).where(cells[control].notna(), "\0")
        counts = cells[weights].groupby(name).sum().sort_values(ascending=False, kind="stable")
        own = [level for level in counts.index if counts[level] >= least]
        columns += [np.asarray(name == level, dtype=float) for level in own[1:]]
        if own and len(own) < len(counts):
            columns.append(np.asarray(~name.isin(own), dtype=float))
    return np.column_stack(columns)


def moments(given: Sums) -> tuple[Array, int]:
    """Z'Z per random group, (g, k, k), of: controls, signals in use, outcome; and how many columns are controls.

    Controls are stage, channel, segment and whether a signal can be said to be there. They are functions of the cell or
    summed in it, so that the sums of the cells hold all of their products.
    """
    used = [place for place in np.flatnonzero(given.signals["usable"]) if f"x{place}" in given.columns]
    judged = [f"v{place}" for place in used if f"v{place}" in given.columns]
    names = [*judged, *(f"x{place}" for place in used), "y"]
    within = [given.columns.index(name) for name in names]
    dummies, sides = control_columns(given.cells), given.cells[names].to_numpy(float)
    count, group = given.cells["n"].to_numpy(float), given.cells["group"].to_numpy()
    width = dummies.shape[1]
    matrix = np.zeros((len(given.squares), width + len(names), width + len(names)))
    matrix[:, width:, width:] = given.squares[:, within][:, :, within]
    for place in range(len(given.squares)):
        here = group == place
        own = dummies[here]
        matrix[place, :width, :width] = (own * count[here, None]).T @ own
        matrix[place, :width, width:] = own.T @ sides[here]
        matrix[place, width:, :width] = matrix[place, :width, width:].T
    return matrix, width + len(judged)


def _total(value: Any) -> Any:
    return sa.cast(sa.func.sum(value), sa.Double)


def _cells(rows: sa.Subquery, count: int) -> sa.Select[Any]:
    by = [rows.c[name] for name in ("instrument", *CONTROLS, "group")]
    summed = [_total(rows.c[f"{kind}{place}"]).label(f"{kind}{place}") for kind in "vx" for place in range(count)]
    return sa.select(*by, _total(rows.c.n).label("n"), _total(rows.c.n * rows.c.y).label("y"), *summed).group_by(*by)


def _columns(cells: list[pd.DataFrame], count: int) -> tuple[str, ...]:
    """The columns that any of the models may need."""
    usable = np.zeros(count, dtype=bool)
    doubtful = np.zeros(count, dtype=bool)
    for frame in cells:
        common = how_common(frame, count)
        usable |= common["usable"].to_numpy(bool)
        doubtful |= common["n"].to_numpy(float) < frame["n"].sum()
    judged = [f"v{place}" for place in np.flatnonzero(usable & doubtful)]
    return (*judged, *(f"x{place}" for place in np.flatnonzero(usable)), "y")


def _squares(rows: sa.Subquery, columns: tuple[str, ...]) -> sa.Select[Any]:
    """Sums of products of two columns per instrument and random group."""
    products = []
    for a, b in combinations_with_replacement(columns, 2):
        product = rows.c[a] * rows.c[b]
        products.append(_total(rows.c.n * product if a == "y" else product).label(f"{a}*{b}"))
    by = [rows.c.instrument, rows.c.group]
    return sa.select(*by, *products).group_by(*by)


def _add(squares: Array, frame: pd.DataFrame, place: dict[str, int], columns: tuple[str, ...]) -> None:
    groups = frame["group"].map(place).to_numpy(int)
    for name in frame.columns[2:]:
        a, b = (columns.index(part) for part in name.split("*"))
        squares[groups, a, b] += frame[name].to_numpy(float)
        if a != b:
            squares[groups, b, a] += frame[name].to_numpy(float)
