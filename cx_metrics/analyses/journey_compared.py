"""Two groups of cases side by side: how many contacts they need, how they move and end, and whether that differs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.journey_cells import Places, answers, places
from cx_metrics.analyses.journey_differences import Difference, of_means, of_medians, of_mixes, of_shares
from cx_metrics.analyses.journey_groups import first_moves, measures, moves, split
from cx_metrics.metrics.catalog import figures, metric_named
from cx_metrics.metrics.change import Change, Figure, size, span
from cx_metrics.metrics.proportions import holm
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import DIMENSIONS, Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, listing

MEASURES = {  # name -> for people, unit
    "contacts": ("contacts per case", "contacts"),
    "channels": ("cases with more than one channel", "%"),
    "loops": ("cases with a loop", "%"),
    "resolved": ("cases resolved", "%"),
    "abandoned": ("cases abandoned", "%"),
    "hours": ("median time until resolved", "hours"),
}
MIX = "where the second contact takes place"
_LEVEL = 0.05
_FIGURE = ("value", "low", "high", "n")
_SIDES = ("one", "one_low", "one_high", "n_one", "other", "other_low", "other_high", "n_other")


def comparison(warehouse: Warehouse, scope: Scope, of: str, compare: tuple[str, str, str]) -> Analysis:
    """Two groups of cases by their first contact. compare: dimension, one value, the other. Shares in per cent.

    comparison: measure, unit, one, one_low, one_high, n_one, other, other_low, other_high, n_other, difference (one
    minus other), low, high, p, p_holm, clear (p_holm < 5 %); the last row is the mix of moves: only n and p.
    comparison_moves: from, to (first and second contact), one (share of the group's cases that go on), n_one, other,
    n_other. Raises ScopeError.
    """
    dimension, one, other = compare
    groups, where = split(scope, dimension, one, other), places(warehouse, scope, of)
    read = answers(warehouse, [*measures(groups), *moves(groups, where)])
    found = {name: tuple(_figure(read.get(name), side) for side in (1, 2)) for name in MEASURES if name != "hours"}
    resolution = metric_named("resolution_median", scope.limits)
    found["hours"] = tuple(_only(figures(warehouse, resolution, side)) for side in groups.sides)
    hidden = (Figure(None, None, None, None),) * 2  # one hidden side hides the other: they may sum to all
    seen = {name: hidden if any(side.n is None for side in sides) else sides for name, sides in found.items()}
    moved = warehouse.read(first_moves(groups, where))
    tested = compared(seen, moved, alone=dimension == of)
    tables = {"comparison": tested, "comparison_moves": _side_by_side(read.get("moves"), where)}
    return Analysis("journey", scope, tables, _sentences(tested, compare), _assumptions(compare, of))


def _figure(found: pd.DataFrame | None, side: int) -> Figure:
    return Figure(0, None, None, None) if found is None else _only(found[found["a"] == side])


def _only(rows: pd.DataFrame) -> Figure:
    """A single row as figure, missing numbers as None."""
    if rows.empty:
        return Figure(0, None, None, None)
    numbers = (rows[name].astype(float).iloc[0] for name in ("n", "value", "low", "high"))
    return Figure(*(None if x != x else float(x) for x in numbers))


def compared(found: dict[str, tuple[Figure, ...]], moved: pd.DataFrame, alone: bool) -> pd.DataFrame:
    """The table `comparison`. found: each of MEASURES for one group and the other. moved: a (side), b, c, cases.

    alone: the groups are the places themselves, so that only where cases go to can differ, not from where.
    """
    rows = []
    for name, (words, unit) in MEASURES.items():
        one, other = found[name]
        test = of_means if name == "contacts" else of_medians if unit == "hours" else of_shares
        apart = test(one, other) if min(one.n or 0, other.n or 0) >= RANKED else Difference(None, None)
        change = (apart.found.value, apart.found.low, apart.found.high) if apart.found else (None, None, None)
        rows.append((words, unit, *(getattr(side, end) for side in (one, other) for end in _FIGURE), *change, apart.p))
    kinds = moved.assign(kind=moved["c"] if alone else moved["b"] * 32 + moved["c"])
    counts = kinds.pivot_table(index="a", columns="kind", values="cases", aggfunc="sum", fill_value=0.0)
    sizes = [float(moved.loc[moved["a"] == side, "cases"].sum()) for side in (1, 2)]
    p = of_mixes(counts.to_numpy()) if min(sizes) >= RANKED else None
    one_n, other_n = (size if min(sizes) >= HIDDEN_BELOW else None for size in sizes)
    rows.append((MIX, "mix", None, None, None, one_n, None, None, None, other_n, None, None, None, p))
    frame = pd.DataFrame(rows, columns=["measure", "unit", *_SIDES, "difference", "low", "high", "p"])
    numbers = frame.columns[2:]
    frame[numbers] = frame[numbers].astype(float)
    adjusted = holm(frame["p"].to_numpy())
    return frame.assign(p_holm=adjusted, clear=np.nan_to_num(adjusted, nan=1.0) < _LEVEL)


def _side_by_side(found: pd.DataFrame | None, where: Places) -> pd.DataFrame:
    columns = ["from", "to", "one", "n_one", "other", "n_other"]
    if found is None:
        return pd.DataFrame(columns=columns)
    sides = [
        found.loc[found["a"] == side, ["b", "value", "n"]].rename(columns={"value": name, "n": f"n_{name}"})
        for side, name in ((1, "one"), (2, "other"))
    ]
    both = sides[0].merge(sides[1], on="b", how="outer").sort_values("b")
    named = {"from": (both["b"] // 32).map(where.name), "to": (both["b"] % 32).map(where.name)}
    return both.assign(**named)[columns].reset_index(drop=True)


def _sentences(tested: pd.DataFrame, compare: tuple[str, str, str]) -> tuple[str, ...]:
    """What differs clearly, and what does not."""
    _, one, other = compare
    asked = tested[tested["p"].notna()]
    if asked.empty:
        return (f"There are too few cases to compare {one} with {other} (at least {RANKED} each).",)
    clear = []
    for row in asked[asked["clear"]].to_dict("records"):
        if row["unit"] == "mix":
            clear.append(str(row["measure"]))
            continue
        values = f"{amount(row['one'], row['unit'])} against {amount(row['other'], row['unit'])}"
        apart = Change(row["difference"], row["low"], row["high"], relative=False)
        clear.append(f"{row['measure']} ({values}: {size(apart, row['unit'])}, {span(apart, row['unit'])})")
    alike = [str(measure) for measure in asked.loc[~asked["clear"], "measure"]]
    if not clear:
        return (f"{one} and {other}: no clear difference in {listing(alike)}.",)
    rest = f"; no clear difference in {listing(alike)}" if alike else ""
    return (f"{one} and {other} differ clearly in {listing(clear)}{rest}.",)


def _assumptions(compare: tuple[str, str, str], of: str) -> tuple[str, ...]:
    dimension, one, other = compare
    return (
        f"Compared by {DIMENSIONS[dimension]}: cases whose first contact is {one} with those where it is {other}; a "
        "filter on it does not apply here. The groups chose themselves: a difference is not proof of a cause.",
        "Tests take cases as independent of each other. Contacts per case: Welch; shares: Newcombe's interval, score "
        "test; time until resolved: Kaplan-Meier medians, in which open cases count as still waiting, their intervals "
        f"combined; {MIX}: chi-square over the {of}s of first and second contact. Holm over all of them, 5 % in total; "
        f"groups of fewer than {RANKED} are not tested.",
    )
