"""Customers whom somebody contacted against comparable ones whom nobody did: outcomes, and how alike they were."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from cx_metrics.analyses.cells import MINIMUM, RANKED
from cx_metrics.analyses.matched import Comparison, Group, compare
from cx_metrics.analyses.recoveries_moments import COVARIATES, NOBODY, OUTCOMES, PERSON
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.proportions import wilson_interval
from cx_metrics.metrics.suppression import HIDDEN_BELOW

STRATA = ("rule", "channel", "fifth", "earlier", "quarter")
BY = ("all", "rule", "team")
_WORDS = {"value": "yearly value", "contacts": "contacts in the 90 days before",
          "low_before": "low score in the 90 days before"}  # fmt: skip
_SUMS = ("n", "total", "squares")
_TEXTS = ("by", "group", "outcome", "unit")


def groups(cells: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    """by, group and its cells: all, each rule, each team. A moment counts once in all and in teams, whatever rules
    found it."""
    once = cells[cells["once"] == 1]
    found = [("all", "", once)]
    found += [("rule", str(name), own) for name, own in cells.groupby("rule")]
    return found + [("team", str(name), own) for name, own in once.groupby("team")]


def effects(cells: pd.DataFrame) -> pd.DataFrame:
    """by, group, outcome, unit, n_contacted, contacted, contacted_low, contacted_high, n_others, others, others_low,
    others_high, difference, low, high, strata, contacted_left_out, others_left_out: one row for each of OUTCOMES.

    In per cent, differences in percentage points: contacted minus others, within the strata that have both, the others
    spread over them as the contacted are. Intervals of the sides: Wilson's, with the n that their variance is worth;
    of the difference: from both (MOVER, Zou and Donner 2008), from 30 on each side.
    """
    rows = []
    for by, group, own in groups(_sides(cells)):
        for outcome in OUTCOMES:
            rows.append({"by": by, "group": group, "outcome": outcome, "unit": "%", **_row(_compared(own, outcome))})
    return pd.DataFrame(rows).astype({name: float for name in rows[0] if name not in _TEXTS})


def _sides(cells: pd.DataFrame) -> pd.DataFrame:
    """Those contacted and the others, with treated (1 or 0) and the number of the stratum (alike)."""
    kept = cells[cells["part"].isin((PERSON, NOBODY))]
    alike = kept.groupby(list(STRATA), dropna=False).ngroup()
    return kept.assign(treated=(kept["part"] == PERSON).astype(int), alike=alike)


def _compared(own: pd.DataFrame, name: str, strata: Sequence[str] = ("alike",)) -> Comparison:
    """own: as `_sides` gives them."""
    told = own.loc[own[f"n_{name}"] > 0, ["alike", "treated", *(f"{sort}_{name}" for sort in _SUMS)]]
    return compare(told.set_axis(["alike", "treated", *_SUMS], axis=1), strata)


def _row(found: Comparison) -> dict[str, Any]:
    sides = {"contacted": found.treated, "others": found.untreated}
    shown = all(side.n >= MINIMUM for side in sides.values())
    compared = all(side.n >= RANKED for side in sides.values())
    values: dict[str, Any] = {}
    ends = {}
    for name, side in sides.items():
        ends[name] = _percent(side)
        values[f"n_{name}"] = None if 0 < side.n < HIDDEN_BELOW else side.n
        values |= {
            f"{name}{end}": x if shown else None for end, x in zip(("", "_low", "_high"), ends[name], strict=True)
        }
    (one, one_low, one_high), (other, other_low, other_high) = ends["contacted"], ends["others"]
    low = one - other - math.hypot(one - one_low, other_high - other)
    high = one - other + math.hypot(one_high - one, other - other_low)
    change = {"difference": one - other, "low": low, "high": high}
    values |= {name: x if compared else None for name, x in change.items()}
    left_out = {"contacted_left_out": found.treated.left_out, "others_left_out": found.untreated.left_out}
    return values | {"strata": found.strata} | left_out


def _percent(side: Group) -> tuple[float, float, float]:
    """A share with Wilson's interval for the n that its variance is worth."""
    mean = min(max(side.mean, 0.0), 1.0) if side.n else math.nan  # weighted means may miss 0 or 1 by a rounding
    variance = ((side.high - side.low) / (2 * Z)) ** 2
    worth = min(mean * (1 - mean) / variance, side.n) if variance > 0 else side.n
    low, high = wilson_interval(mean, worth)
    return 100 * mean, 100 * low, 100 * high


def balance(cells: pd.DataFrame) -> pd.DataFrame:
    """what, contacted, others (means of all), matched_contacted, matched_others (means in strata with both sides),
    before, after: standardised differences (of means, over the root of the mean of both variances before matching).

    More than 0.1 in size counts as unlike (Austin 2009). Empty below 10 on a side.
    """
    own = _sides(cells[cells["once"] == 1])
    columns = ["what", "contacted", "others", "matched_contacted", "matched_others", "before", "after"]
    rows = []
    for name in COVARIATES:
        sums = {f"{sort}_x": own[f"{sort}_{name}"] for sort in ("total", "squares")}
        rows.append((_WORDS[name], *_means(own.assign(n_x=own["n"], **sums))))
    for channel in sorted(own["channel"].dropna().unique()):
        hits = own["n"].where(own["channel"] == channel, 0)
        rows.append((f"channel {channel}", *_means(own.assign(n_x=own["n"], total_x=hits, squares_x=hits))))
    sizes = own.groupby("treated")["n"].sum()
    enough = len(sizes) == 2 and (sizes >= MINIMUM).all()
    return pd.DataFrame(rows if enough else [], columns=columns)


def _means(own: pd.DataFrame) -> tuple[float, ...]:
    raw, matched = _compared(own, "x", ()), _compared(own, "x")
    spread = math.sqrt(sum(_variance(own[own["treated"] == side]) for side in (1, 0)) / 2)

    def over(difference: float) -> float:
        return difference / spread if spread > 0 else 0.0 if difference == 0 else math.nan

    means = (raw.treated.mean, raw.untreated.mean, matched.treated.mean, matched.untreated.mean)
    return (*means, over(raw.difference), over(matched.difference))


def _variance(own: pd.DataFrame) -> float:
    n, total, squares = (float(own[name].sum()) for name in ("n_x", "total_x", "squares_x"))
    return max(squares - total**2 / n, 0.0) / (n - 1) if n > 1 else math.nan


def recovered(cells: pd.DataFrame) -> pd.DataFrame:
    """by, group, moments, set_aside (too young, left before the landmark, or only a machine got in touch), contacted,
    others, n (contacted whose recovery can be told), value (of these recovered, %), low, high, suppressed.

    Counts below 5 are hidden, and with one of them the sum that would give it away.
    """
    rows: list[dict[str, Any]] = []
    for by, group, own in groups(cells):
        sizes = own.groupby("part")["n"].sum()
        contacted, others, moments = sizes.get(PERSON, 0.0), sizes.get(NOBODY, 0.0), float(own["n"].sum())
        parts = {"set_aside": moments - contacted - others, "contacted": contacted, "others": others}
        shown = {name: None if 0 < count < HIDDEN_BELOW else count for name, count in parts.items()}
        whole = moments if None not in shown.values() and moments >= HIDDEN_BELOW else None
        told = own[own["part"] == PERSON]
        n, hits = float(told["n_recovered"].sum()), float(told["total_recovered"].sum())
        share = hits / n if n else math.nan
        figures = dict(zip(("value", "low", "high"), (share, *wilson_interval(share, n)), strict=True))
        values = {name: None if n < MINIMUM else 100 * x for name, x in figures.items()}
        rows.append({"by": by, "group": group, "moments": whole, **shown, "n": None if 0 < n < HIDDEN_BELOW else n,
                     **values, "suppressed": 0 < n < MINIMUM})  # fmt: skip
    numbers = [name for name in rows[0] if name not in ("by", "group", "suppressed")]
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, float))
