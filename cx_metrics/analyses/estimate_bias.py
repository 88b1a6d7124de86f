"""Where a model is too kind or too harsh: expected minus answered in each group of later answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa
from scipy.optimize import brentq
from scipy.special import stdtr, stdtrit

from cx_metrics.analyses.estimate_design import summed
from cx_metrics.analyses.estimate_fit import Fit
from cx_metrics.metrics.facts import CONTACTS, OF_CUSTOMER
from cx_metrics.metrics.proportions import holm
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.model import customers, interactions
from cx_metrics.warehouse import Warehouse

Array = npt.NDArray[np.float64]
SINGLE = ("stage", "channel", "team", "segment", "region")
PAIR = "stage and channel"
ALL = "all"
GROUPINGS: Mapping[str, tuple[str, ...]] = {**{name: (name,) for name in SINGLE}, PAIR: ("stage", "channel")}
COMPARED = 30  # later answers from which on a group is tested
_MEASURED = 10  # and from which on it tells something of the model's error
_FEWEST_GROUPS = 3
_NOTHING = 1e-6  # points: the error of a group that the model fits exactly
ALARM = 0.05
COLUMNS = ("by", "group", "n", "bias", "low", "high", "p", "p_holm", "biased")


@dataclass(frozen=True)
class Bias:
    """table: by, group, n (later answers), bias (estimated minus answered, points), low, high, p, p_holm, biased
    (p_holm at most ALARM); groups with fewer than COMPARED answers are left out. left_out: how many these are.

    between: grouping -> variance of the bias between its groups beyond chance, squared points; groups: grouping -> how
    many it was measured on. overall: that of all later answers together.
    """

    table: pd.DataFrame
    left_out: int
    between: dict[str, float]
    groups: dict[str, int]
    overall: float

    def of(self, grouping: str) -> tuple[float, int]:
        """The model's own variance in groups of a grouping, and the degrees of freedom behind it.

        One measured on fewer than three groups takes the largest of the others. "all": what all later answers were off
        by, and what is left of the errors of stages when they are put together.
        """
        known = [name for name in self.between if self.groups[name] >= _FEWEST_GROUPS]
        if not known:
            return self.overall, 1
        chosen = grouping if grouping in known else max(known, key=self.between.__getitem__)
        if grouping == ALL:
            chosen = "stage" if "stage" in known else chosen
            return self.overall + self.between[chosen] / self.groups[chosen], self.groups[chosen]
        return self.between[chosen], self.groups[chosen]


def dimension_columns(rows: sa.Select[Any], names: tuple[str, ...]) -> tuple[sa.Select[Any], list[sa.Label[Any]]]:
    """Rows over interactions, joined to customers where a dimension needs them, and the dimensions as d_<name>."""
    columns = [CONTACTS.dimensions[name].label(f"d_{name}") for name in names]
    if any(name in OF_CUSTOMER for name in names):
        joined = rows.get_final_froms()[0].outerjoin(customers, interactions.c.customer_id == customers.c.customer_id)
        rows = rows.select_from(joined)
    return rows, columns


def biases(warehouse: Warehouse, answers: sa.Subquery, fit: Fit) -> pd.DataFrame:
    """How far a model with errors (`with_errors`) is off in each group of answers: by, g0, g1, n, bias (expected minus
    answered), error (its standard error), behind (random groups with such answers). answers: y, grp, x_<name>,
    d_<dimension>; those that the model was fitted on, or others."""
    given = sa.select(*answers.c, fit.design.expected(answers, fit.coefficients).label("expected")).cte("expected")
    error = given.c.expected - given.c.y
    columns = summed([sa.literal(1.0, sa.Double), *fit.design.expressions(given)], "c")
    traits = sa.select(*(given.c[f"d_{name}"] for name in SINGLE), *columns).cte("traits")
    parts, means = [], []
    for grouping, names in {ALL: (), **GROUPINGS}.items():
        label = sa.literal(grouping).label("by")
        sums = {"n": sa.func.count(), "e": sa.func.sum(error)}
        counted = [sa.cast(value, sa.Double).label(name) for name, value in sums.items()]
        grouped = [given.c[f"d_{name}"] for name in names] + [given.c.grp]
        parts.append(sa.select(label, *_keys(given, names), given.c.grp, *counted).group_by(*grouped))
        totals = (sa.cast(sa.func.sum(traits.c[column.name]), sa.Double).label(column.name) for column in columns)
        own = [traits.c[f"d_{name}"] for name in names]
        means.append(sa.select(label, *_keys(traits, names), *totals).group_by(*own))
    return measured(warehouse.read(sa.union_all(*parts)), warehouse.read(sa.union_all(*means)), fit)


def _keys(rows: sa.FromClause, names: tuple[str, ...]) -> list[Any]:
    """Two columns g0 and g1: the dimensions, missing where there are fewer."""
    keys = [rows.c[f"d_{name}"] for name in names]
    return [
        key.label(f"g{place}") for place, key in enumerate([*keys, *[sa.cast(sa.null(), sa.Text)] * (2 - len(keys))])
    ]


def measured(parts: pd.DataFrame, means: pd.DataFrame, fit: Fit) -> pd.DataFrame:
    """`biases` from sums. parts: by, g0, g1, grp (random group), n, e (sum of expected minus answered). means: by,
    g0, g1, c0, c1, ... (sums of the design's columns)."""
    keys = ["by", "g0", "g1"]
    parts, means = (frame.astype(dict.fromkeys(keys, object)) for frame in (parts, means))
    parts[keys], means[keys] = parts[keys].fillna("\0"), means[keys].fillna("\0")
    mean_of = dict(
        zip(means[keys].itertuples(index=False, name=None), means.drop(columns=keys).to_numpy(float), strict=True)
    )
    place = {group: position for position, group in enumerate(fit.groups)}
    groups = max(len(place), 1)
    found = []
    for key, own in parts.groupby(keys, sort=True):
        n, e = own["n"].to_numpy(float), own["e"].to_numpy(float)
        bias = e.sum() / n.sum()
        at = [place.get(name, groups) for name in own["grp"]]
        pulls = np.zeros(groups + 1)
        np.add.at(pulls, at, (e - bias * n) / n.sum())
        pulls[:groups] += fit.pull @ (mean_of[key] / n.sum())
        behind = len(own)
        error = float(np.sqrt((pulls**2).sum() * behind / max(behind - 1, 1)))
        found.append((*key, n.sum(), bias, error, behind))
    return pd.DataFrame(found, columns=[*keys, "n", "bias", "error", "behind"])


def judged(later: pd.DataFrame, whole: pd.DataFrame) -> Bias:
    """Which groups are biased, and the model's own error. later: `biases` of the trained model on later answers; whole:
    of the final model on all answers, which tells more of groups that are no part of the model (none of the others)."""
    both = pd.concat([later, whole], ignore_index=True)
    known = both[(both["n"] >= _MEASURED) & (both["behind"] > 1) & (both["error"] > _NOTHING)]
    between, groups = dict.fromkeys(GROUPINGS, 0.0), dict.fromkeys(GROUPINGS, 0)
    for grouping, own in known[known["by"] != ALL].groupby("by"):
        groups[str(grouping)] = int(own[["g0", "g1"]].drop_duplicates().shape[0])
        between[str(grouping)] = between_variance(own["bias"].to_numpy(float), own["error"].to_numpy(float) ** 2)
    together = later[later["by"] == ALL]
    overall = between_variance(together["bias"].to_numpy(float), together["error"].to_numpy(float) ** 2)
    return Bias(*_table(later), between, groups, overall)


def _table(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    single = table[table["by"].isin(SINGLE)]
    shown = single[_shown(single) & (single["error"] > _NOTHING)].copy()
    freedom = (shown["behind"] - 1).to_numpy(float)
    half = stdtrit(freedom, 0.975) * shown["error"]
    p = 2 * stdtr(freedom, -np.abs(shown["bias"] / shown["error"]))
    adjusted = holm(p)
    shown = shown.assign(low=shown["bias"] - half, high=shown["bias"] + half, p=p, p_holm=adjusted,
                         biased=np.nan_to_num(adjusted, nan=1.0) <= ALARM, group=shown["g0"])  # fmt: skip
    return shown[list(COLUMNS)].reset_index(drop=True), len(single) - len(shown)


def _shown(single: pd.DataFrame) -> pd.Series:
    """From COMPARED answers on; where one tiny group alone would be left out, the smallest other one goes with it, lest
    a subtraction tells its size."""
    keep = single["n"] >= COMPARED
    for _, own in single.groupby("by"):
        out = own[~keep[own.index]]
        if len(out) == 1 and out["n"].iloc[0] < HIDDEN_BELOW and keep[own.index].any():
            keep &= keep.index != own.loc[keep[own.index], "n"].idxmin()
    return keep


def between_variance(bias: Array, variance: Array) -> float:
    """The variance between groups beyond chance, around zero: where sum b^2 / (v + t) = number of groups (Paule and
    Mandel 1982); 0 where chance is enough."""

    def excess(extra: float) -> float:
        return float((bias**2 / (variance + extra)).sum() - len(bias))

    if not len(bias) or excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, float((bias**2).sum()) + 1.0, xtol=1e-9))
