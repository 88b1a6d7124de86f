"""Groups of a dimension in both periods, the small ones as one row: parts still add up and no count leaks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cx_metrics.analyses.cells import MINIMUM
from cx_metrics.analyses.change_cells import OTHERS, SUMS
from cx_metrics.metrics.decomposition import NONE, Cells, Floats, Prior
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import NOT_GIVEN

Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Groups:
    """names: of the groups, largest first, OTHERS last where there is such a row. cells: their sums."""

    names: tuple[str, ...]
    cells: Cells


def named(values: pd.Series[str]) -> list[str]:
    """Values of a dimension as texts, missing ones as NOT_GIVEN."""
    return [NOT_GIVEN if x is None or x != x else str(x) for x in values]


def groups(sums: pd.DataFrame, hidden: Collection[str] = (), prior: Prior = NONE, add_up: bool = True) -> Groups:
    """sums: group, period, rest, SUMS. hidden: groups that must not stand alone. A group with n below 10 in a period
    that it has rows in goes to OTHERS, with further ones where its count could be worked out.

    add_up: whether groups can be pooled; if not (one who is counted may be in several), small ones are left out.
    """
    names, arrays = _arrays(sums)
    n = arrays["n"]
    rest = sums.groupby("group")["rest"].max().reindex(names).to_numpy() > 0
    pooled = together(n, rest | np.isin(names, [OTHERS, *hidden]))
    if not add_up:
        too = pooled | ((n > 0) & (n < MINIMUM)).any(axis=0)
        kept = {name: array[:, ~too] for name, array in arrays.items()}
        return Groups(tuple(np.array(names, dtype=object)[~too]), Cells(**kept, prior=prior))
    stand = {name: array[:, ~pooled] for name, array in arrays.items()}
    left = tuple(np.array(names, dtype=object)[~pooled])
    if not pooled.any():
        return Groups(left, Cells(**stand, prior=prior))
    more = {name: np.column_stack([stand[name], arrays[name][:, pooled].sum(axis=1)]) for name in SUMS}
    return Groups((*left, OTHERS), Cells(**more, prior=prior))


def _arrays(sums: pd.DataFrame) -> tuple[list[str], dict[str, Floats]]:
    """Names, those with most rows first, and 2 periods x groups of each sum."""
    codes, names = pd.factorize(sums["group"], sort=True)
    periods = sums["period"].to_numpy(dtype=int)
    found = {name: np.zeros((2, len(names))) for name in SUMS}
    for name, array in found.items():
        np.add.at(array, (periods, codes), sums[name].to_numpy(dtype=float, na_value=0.0))
    order = np.argsort(-found["n"].sum(axis=0), kind="stable")
    return [str(names[place]) for place in order], {name: array[:, order] for name, array in found.items()}


def together(n: Floats, pooled: Marks) -> Marks:
    """Which groups become one row. n: 2 periods x groups, most rows first. pooled: those that do so anyway.

    The row holds every count that is hidden elsewhere (below 5, and its smallest sibling where it is the only one), so
    that subtraction says no more than it does there; it has n >= 10 in each period, or none.
    """
    found = pooled | ((n > 0) & (n < MINIMUM)).any(axis=0)
    for own in n:
        low = (own > 0) & (own < HIDDEN_BELOW)
        siblings = (own > 0) & ~low
        if low.sum() == 1 and siblings.any():
            found |= siblings & (own == own[siblings].min())
    while found.any() and not found.all():
        whole = n[:, found].sum(axis=1)
        if ((whole == 0) | (whole >= MINIMUM)).all():
            break
        found[np.flatnonzero(~found)[-1]] = True
    return found
