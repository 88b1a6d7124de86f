"""The model of who answers: which traits of an invitation it knows, and how many of their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
EXPECTED = 7.0  # answers and silences that a value must be expected to have; five to nine suffice: Vittinghoff and
# McCulloch 2007, Relaxing the rule of ten events per variable
POOLED = "(all others)"  # values that stand together already


@dataclass(frozen=True)
class Model:
    """design: (r, p) for the r combinations, first column constant. used: the traits in it, the one that tells most
    first. left_out: traits that vary, and for which there are too few answers."""

    design: Array
    used: tuple[str, ...]
    left_out: tuple[str, ...]


def strength(asked: npt.ArrayLike, answered: npt.ArrayLike) -> float:
    """How much better the values of a trait tell who answers than chance would: the likelihood-ratio statistic minus
    twice its degrees of freedom (Akaike 1974). asked, answered: by value."""
    n, hits = (np.asarray(given, dtype=float) for given in (asked, answered))
    n, hits = n[n > 0], hits[n > 0]
    rate = hits.sum() / n.sum() if len(n) else 0.0
    if not 0 < rate < 1:
        return 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        gained = np.nan_to_num(hits * np.log(hits / n / rate))
        lost = np.nan_to_num((n - hits) * np.log((n - hits) / n / (1 - rate)))
    return float(2 * (gained + lost).sum() - 2 * (len(n) - 1))


def kept(asked: pd.Series[float], rate: float) -> list[str]:
    """The values of a trait that are large enough to stand alone, the largest first. asked: by value; rate: share that
    answers, 0-1."""
    enough = asked[asked * min(rate, 1 - rate) >= EXPECTED]
    return [str(name) for name in enough.sort_values(ascending=False, kind="stable").index]


def model(cells: pd.DataFrame, traits: Sequence[str]) -> Model:
    """Main effects of the traits, as many as the answers bear.

    cells: the traits (texts), asked, answered. The largest value of a trait is what others are compared with; values
    that are too small stand together, or, where they are too few even so, with the largest. Traits come in by their
    strength as long as there is one column for every seven answers and every seven silences.
    """
    asked, answered = (cells[name].to_numpy(dtype=float) for name in ("asked", "answered"))
    rate, most = answered.sum() / asked.sum(), min(answered.sum(), (asked - answered).sum()) / EXPECTED
    found = [(name, *_columns(cells[name], asked, answered, rate)) for name in traits]
    ranked = sorted(((gain, name, columns) for name, gain, columns in found if columns.shape[1]),
                    key=lambda one: -one[0])  # fmt: skip
    design = np.ones((len(cells), 1))
    used: list[str] = []
    for _, name, columns in ranked:
        if design.shape[1] + columns.shape[1] <= most:
            design = np.hstack([design, columns])
            used.append(name)
    varying = [name for name in traits if cells[name].nunique() > 1]
    return Model(design, tuple(used), tuple(name for name in varying if name not in used))


def _columns(values: pd.Series[str], asked: Array, answered: Array, rate: float) -> tuple[float, Array]:
    """How much a trait tells, and a column of 0 and 1 for each of its values but the largest, the larger ones first."""
    names, place = np.unique(values.to_numpy(dtype=str), return_inverse=True)
    sizes = np.bincount(place, asked)
    alone = (sizes * min(rate, 1 - rate) >= EXPECTED) & (names != POOLED)
    rest = sizes[~alone].sum() * min(rate, 1 - rate)
    stand_in = int(sizes.argmax()) if alone.any() and rest < EXPECTED else len(names)
    group = np.where(alone, np.arange(len(names)), stand_in)[place]
    n, hits = (np.bincount(group, given, minlength=len(names) + 1) for given in (asked, answered))
    present = np.unique(group)
    others = present[np.argsort(-n[present], kind="stable")][1:]
    return strength(n, hits), (group[:, None] == others[None, :]).astype(float)
