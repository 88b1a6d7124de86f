"""How often the intervals of a change's parts hold the truth, and how often something is called a change by chance.

`python -m tests.benchmarks.coverage_changes` prints both tables for 500 data sets per case (about three minutes on one core).
Cases marked "nothing" have no difference between groups to weigh or no shift of shares at all: mix is then a product of
two numbers that are both chance, and its interval is too wide (it covers more than 97 %).
"""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cx_metrics.analyses.change_groups import groups
from cx_metrics.analyses.change_quantiles import density, quantile, reweighted, scaled
from cx_metrics.analyses.change_tables import ALL, judged, table
from cx_metrics.metrics.decomposition import NONE, OF_NET, OF_SHARE, Cells, Prior, decompose

LOW, HIGH = 93.0, 97.0  # per cent that a 95 % interval should cover
Values = Callable[[np.random.Generator, int, float], np.ndarray]


@dataclass(frozen=True)
class Case:
    """Rows per period, shares of groups and their true means before and now; draw(rng, n, mean): values of rows."""

    n: tuple[int, int]
    shares: tuple[tuple[float, ...], tuple[float, ...]]
    means: tuple[tuple[float, ...], tuple[float, ...]]
    draw: Values
    prior: Prior
    weights: bool = False


def _hits(rng: np.random.Generator, n: int, mean: float) -> np.ndarray:
    return 100.0 * (rng.random(n) < mean / 100)


def _votes(rng: np.random.Generator, n: int, mean: float) -> np.ndarray:
    """Up or down with half of the rows neutral."""
    return np.where(rng.random(n) < 0.5, 0.0, np.where(rng.random(n) < 0.5 + mean / 100, 100.0, -100.0))


def _scores(rng: np.random.Generator, n: int, mean: float) -> np.ndarray:
    return 100 * rng.binomial(4, mean / 100, n) / 4


_THREE, _SHIFTED = (0.3, 0.3, 0.4), (0.15, 0.3, 0.55)
CASES = {
    "shares": Case((1000, 1000), (_THREE, _SHIFTED), ((80, 70, 55), (75, 72, 60)), _hits, OF_SHARE),
    "shares, small": Case((100, 80), (_THREE, _SHIFTED), ((90, 60, 35), (80, 60, 40)), _hits, OF_SHARE),
    "shares, two small groups": Case((60, 60), ((0.5, 0.5), (0.35, 0.65)), ((80, 60), (70, 65)), _hits, OF_SHARE),
    "shares, extreme": Case((600, 500), (_THREE, _SHIFTED), ((98, 95, 90), (97, 96, 92)), _hits, OF_SHARE),
    "shares, rare": Case((2000, 2000), ((0.6, 0.3, 0.1), (0.4, 0.35, 0.25)), ((1, 3, 8), (2, 2, 6)), _hits, OF_SHARE),
    "shares, 20 groups": Case((800, 800), ((0.05,) * 20, tuple(np.linspace(0.02, 0.08, 20))), (tuple(np.linspace(50, 97, 20)), tuple(np.linspace(45, 98, 20))), _hits, OF_SHARE),
    "weighted shares": Case((600, 600), (_THREE, _SHIFTED), ((80, 70, 55), (75, 72, 60)), _hits, OF_SHARE, weights=True),
    "net shares": Case((300, 300), (_THREE, _SHIFTED), ((30, 10, -20), (25, 12, -15)), _votes, OF_NET),
    "means": Case((300, 300), (_THREE, _SHIFTED), ((80, 70, 45), (75, 72, 50)), _scores, NONE),
    "means, small": Case((60, 60), (_THREE, _SHIFTED), ((80, 60, 35), (75, 62, 40)), _scores, NONE),
}  # fmt: skip
NOTHING = {
    "nothing moved": Case((500, 500), (_THREE, _THREE), ((80, 70, 60), (80, 70, 60)), _hits, OF_SHARE),
    "nothing differs": Case((500, 500), (_THREE, _THREE), ((80, 80, 80), (80, 80, 80)), _hits, OF_SHARE),
}


def coverage(sets: int = 500, cases: dict[str, Case] | None = None, seed: int = 1) -> pd.DataFrame:
    """case, part, group (number, or ALL), covered: per cent of data sets whose interval holds the truth. Parts that are
    nothing in truth because the group neither moved nor lies off the mean are left out where shares shift."""
    rows = []
    for name, case in (cases or {**CASES, **NOTHING}).items():
        rng = np.random.default_rng([seed, *name.encode()])
        wanted = truth(case)
        held: dict[str, list[np.ndarray]] = {part: [] for part in wanted}
        for _ in range(sets):
            found = decompose(drawn(rng, case))
            for part, true in wanted.items():
                held[part].append((found[part].low <= true) & (true <= found[part].high))
        for part, kept in held.items():
            for place, covered in enumerate(100 * np.mean(kept, axis=0)):
                group = ALL if place == len(case.shares[0]) else str(place)
                rows.append((name, part, group, covered, abs(float(wanted[part][place]))))
    return pd.DataFrame(rows, columns=["case", "part", "group", "covered", "truth"])


def truth(case: Case) -> dict[str, np.ndarray]:
    """The parts of the change of the populations, each group and the sum."""
    share, mean = np.array(case.shares), np.array(case.means, dtype=float)
    within = (mean[1] - mean[0]) * share.mean(axis=0)
    mix = (share[1] - share[0]) * (mean.mean(axis=0) - (share * mean).sum(axis=1).mean())
    return {"within": np.append(within, within.sum()), "mix": np.append(mix, mix.sum())}


def drawn(rng: np.random.Generator, case: Case) -> Cells:
    """One data set."""
    sums = np.zeros((6, 2, len(case.shares[0])))
    for period, (n, shares, means) in enumerate(zip(case.n, case.shares, case.means, strict=True)):
        for group, rows in enumerate(rng.multinomial(n, shares)):
            y = case.draw(rng, rows, means[group])
            w = rng.uniform(0.5, 2.5, rows) if case.weights else np.ones(rows)
            sums[:, period, group] = (rows, w.sum(), (w * y).sum(), (w * w).sum(), (w * w * y).sum(), (w * w * y * y).sum())  # fmt: skip
    return Cells(*sums, prior=case.prior)


# --- quantiles -------------------------------------------------------------------------------------------------------

_LOGS = (((3.0, 5.0, 4.0), (0.3, 0.3, 0.4)), ((3.1, 4.8, 4.0), (0.5, 0.2, 0.3)))  # of waits before and now: mean, share


def quantile_coverage(sets: int = 500, n: int = 1000, q: float = 0.5, seed: int = 1) -> pd.DataFrame:
    """part, covered: per cent of data sets in which the interval of a median's part holds that of the populations."""
    rng = np.random.default_rng([seed, n])
    true = _quantile_truth(q)
    kept: dict[str, list[bool]] = {"within": [], "mix": []}
    for _ in range(sets):
        found = _quantile_parts([_waits(rng, n, period) for period in (0, 1)], q)
        for part, held in kept.items():
            held.append(found[part][1] <= true[part][0] <= found[part][2])
    return pd.DataFrame([(part, 100 * np.mean(held)) for part, held in kept.items()], columns=["part", "covered"])


@functools.cache
def _quantile_truth(q: float) -> dict[str, tuple[float, float, float]]:
    rng = np.random.default_rng(0)
    return _quantile_parts([_waits(rng, 1_500_000, period) for period in (0, 1)], q)


def _waits(rng: np.random.Generator, n: int, period: int) -> tuple[np.ndarray, np.ndarray]:
    logs, shares = _LOGS[period]
    group = rng.choice(3, n, p=shares)
    return group, np.exp(np.array(logs)[group] + 0.7 * rng.standard_normal(n)).round(1)


def _quantile_parts(samples: list[tuple[np.ndarray, np.ndarray]], q: float) -> dict[str, tuple[float, float, float]]:
    x = np.unique(np.concatenate([values for _, values in samples]))
    mass = np.zeros((2, len(x), 3))
    for period, (group, values) in enumerate(samples):
        np.add.at(mass[period], (np.searchsorted(x, values), group), 1.0)
    by_period = mass.sum(axis=2)
    moved = quantile(x, by_period[1], by_period[1].sum(), q) - quantile(x, by_period[0], by_period[0].sum(), q)
    held = density(x, by_period, q, pd.DataFrame(), moved)
    n = mass.sum(axis=1)
    hits = 100 * mass[:, x <= held.threshold].sum(axis=1)
    cells = Cells(n, n, hits, n, hits, 100 * hits, OF_SHARE)
    parts = table("g", _Named(("a", "b", "c"), cells), "mix")
    whole = scaled(parts, held, reweighted(x, mass, q)).query("group == @ALL").set_index("part")
    return {str(part): tuple(whole.loc[part, ["size", "low", "high"]]) for part in whole.index}


@dataclass(frozen=True)
class _Named:
    names: tuple[str, ...]
    cells: Cells


# --- false findings --------------------------------------------------------------------------------------------------


def false_rate(sets: int = 500, seed: int = 1) -> pd.DataFrame:
    """kind, sets, called: per cent of figures without any change in which something is called one (at most 5 wanted).

    Eight dimensions of 2 to 12 groups, some of which matter for the value, 300 to 4,000 rows, the same in both periods.
    """
    rows = []
    for kind in ("shares, 2 to 98 %", "scores", "nothing at all matters"):
        rng = np.random.default_rng([seed, len(kind)])
        called = sum(bool(still(rng, kind)["clear"].any()) for _ in range(sets))
        rows.append((kind, sets, 100 * called / sets))
    return pd.DataFrame(rows, columns=["kind", "sets", "called"])


def still(rng: np.random.Generator, kind: str) -> pd.DataFrame:
    """The judged parts of one figure that has not changed."""
    n, sizes = int(np.exp(rng.uniform(np.log(300), np.log(4000)))), rng.integers(2, 13, 8)
    levels = rng.uniform(-3.5, 3.5)
    effects = [rng.normal(0, 0.0 if "nothing" in kind else rng.choice([0.0, 0.3, 0.8]), k) for k in sizes]
    shares = [rng.dirichlet(np.full(k, 2.0)) for k in sizes]
    period = np.repeat([0, 1], n)
    members = [rng.choice(k, 2 * n, p=p) for k, p in zip(sizes, shares, strict=True)]
    latent = levels + sum(effect[own] for effect, own in zip(effects, members, strict=True))
    chance = 1 / (1 + np.exp(-latent))
    y = (
        100 * rng.binomial(4, chance) / 4
        if kind == "scores"
        else 100.0 * (rng.random(2 * n) < np.clip(chance, 0.02, 0.98))
    )
    tables = []
    for name, own in zip("abcdefgh", members, strict=True):
        place = own * 2 + period
        sums = pd.DataFrame({"group": np.repeat(np.arange(own.max() + 1), 2).astype(str), "rest": 0})
        sums = sums.assign(period=np.arange(len(sums)) % 2, **{
            column: np.bincount(place, of, len(sums)) for column, of in (("n", np.ones(2 * n)), ("total", y), ("spread", y * y))
        })  # fmt: skip
        sums = sums[sums["n"] > 0].assign(size=sums["n"], squares=sums["n"], skew=sums["total"])
        cells = groups(sums, (), NONE if kind == "scores" else OF_SHARE)
        if len(cells.names) > 1:
            tables.append(table(name, cells, "mix"))
    return judged(pd.concat(tables, ignore_index=True))


def main(sets: int) -> None:
    """Print the tables."""
    found = coverage(sets)
    for name, own in found.groupby("case", sort=False):
        said = []
        for part, whole in itertools.product(("within", "mix"), (False, True)):
            rows = own[(own["part"] == part) & ((own["group"] == ALL) == whole)]["covered"]
            said.append(
                f"{part} {'all' if whole else 'groups'} {rows.mean():.1f} ({rows.min():.1f} to {rows.max():.1f})"
            )
        print(f"{name:26s} {'; '.join(said)}", flush=True)
    for n in (300, 1000, 5000):
        print(f"median, n = {n}:", quantile_coverage(sets, n).round(1).to_dict("records"), flush=True)
    print(false_rate(sets).round(1).to_string(index=False))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
