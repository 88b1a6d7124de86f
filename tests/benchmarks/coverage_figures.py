"""How often 95 % intervals contain the truth: CSAT, NPS, means and gaps, over simulated data sets.

Every data set is a group of one statement, so that the engine's own intervals are judged. Small n and extreme shares
are included; n below 10 is not, because nothing is shown there.

`python -m tests.benchmarks.coverage_figures` prints a line per case for 500 data sets each (about a minute).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from cx_metrics.metrics.clustered_mean import ClusteredMean
from cx_metrics.metrics.estimators import Net, Share
from cx_metrics.metrics.matched_gap import MatchedGap
from cx_metrics.metrics.metric import Kind
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.metrics.literal import metric_over

Array = npt.NDArray[np.float64]
Rows = list[tuple[str, str, str, float]]  # side, dimension, who, y
Draw = Callable[[np.random.Generator], Rows]
COLUMNS = {"label": sa.Text(), "side": sa.Text(), "dimension": sa.Text(), "who": sa.Text(), "y": sa.Double()}
SHARES = (0.02, 0.1, 0.5, 0.77, 0.95)


@dataclass(frozen=True)
class Case:
    """draw: one data set's rows as (side, dimension, who, y), given its random numbers. truth: what they estimate."""

    name: str
    kind: Callable[[sa.Subquery], Kind]
    draw: Draw
    truth: float


def cases() -> list[Case]:
    """All statistics at several sizes; scores lie on real scales, so that they are as coarse as answers are."""
    found = []
    for n in (10, 30, 100, 400):
        for p in SHARES:
            found.append(Case(f"CSAT p = {p:g}, n = {n}", _share, _yes_no(n, p), 100 * p))
        for up, down in ((0.5, 0.2), (0.8, 0.05), (0.1, 0.6), (0.95, 0.02)):
            found.append(Case(f"NPS {up:g} / {down:g}, n = {n}", _net, _sides(n, up, down), 100 * (up - down)))
    for n, m in ((10, 12), (30, 20), (120, 40), (400, 60)):
        found.append(Case(f"gap, one item, n = {n} and {m}", _gap, _items(n, m, 1, 0.0), _gap_truth(1)))
        found.append(
            Case(f"gap, 7 items of the same people, n = {n} and {m}", _gap, _items(n, m, 7, 0.8), _gap_truth(7))
        )
        found.append(
            Case(f"experience, 7 items of the same people, n = {n}", _mean, _items(n, m, 7, 0.8), _mean_truth(7))
        )
    return found


def _share(rows: sa.Subquery) -> Kind:
    return Share(rows.c.side == "a", rows.c.y == 1)


def _net(rows: sa.Subquery) -> Kind:
    return Net(rows.c.side == "a", rows.c.y == 1, rows.c.y == -1)


def _gap(rows: sa.Subquery) -> Kind:
    return MatchedGap(rows.c.side == "b", rows.c.side == "a", rows.c.y, sa.literal(""), rows.c.dimension, rows.c.who)


def _mean(rows: sa.Subquery) -> Kind:
    return ClusteredMean(rows.c.side == "a", rows.c.y, rows.c.who)


def _yes_no(n: int, p: float) -> Draw:
    return lambda rng: [("a", "", str(i), float(x)) for i, x in enumerate(rng.random(n) < p)]


def _sides(n: int, up: float, down: float) -> Draw:
    chances = [up, down, 1 - up - down]
    return lambda rng: [("a", "", str(i), (1.0, -1.0, 0.0)[x]) for i, x in enumerate(rng.choice(3, n, p=chances))]


_LEVEL = {"a": 0.55, "b": 0.70}  # customers rate lower than employees believe
_STEPS = 6  # a scale of 1-7


def _score(latent: Array) -> Array:
    """Latent satisfaction (0-1) as answers on 1-7, brought to 0-100."""
    return 100 * np.clip(np.rint(latent * _STEPS), 0, _STEPS) / _STEPS


def _items(n: int, m: int, items: int, mood: float) -> Draw:
    """n customers answer all items, m employees one each and unnamed; mood: how alike a customer's answers are."""

    def draw(rng: np.random.Generator) -> Rows:
        own = 0.25 * np.sqrt(mood) * rng.standard_normal((n, 1)) + 0.25 * np.sqrt(1 - mood) * rng.standard_normal(
            (n, items)
        )
        given = _score(_LEVEL["a"] + 0.04 * np.arange(items) + own)
        found = [("a", str(j), f"c{i}", float(given[i, j])) for i in range(n) for j in range(items)]
        believed = _score(_LEVEL["b"] + 0.2 * rng.standard_normal((m, items)))
        return found + [("b", str(j), f"e{i}-{j}", float(believed[i, j])) for i in range(m) for j in range(items)]

    return draw


def _expected(level: float, spread: float) -> float:
    """Mean of `_score` over normal latent values, by fine numerical integration."""
    z = np.linspace(-8, 8, 400_001)
    density = np.exp(-z * z / 2)
    return float((_score(level + spread * z) * density).sum() / density.sum())


def _mean_truth(items: int) -> float:
    return float(np.mean([_expected(_LEVEL["a"] + 0.04 * j, 0.25) for j in range(items)]))


def _gap_truth(items: int) -> float:
    return _expected(_LEVEL["b"], 0.2) - _mean_truth(items)


def coverage(warehouse: Warehouse, case: Case, times: int, seed: int = 7) -> float:
    """Share of `times` data sets whose interval contains the truth, in per cent."""
    rng = np.random.default_rng([seed, sum(map(ord, case.name))])
    rows = [(f"{number:04}", *row) for number in range(times) for row in case.draw(rng)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(file, index=False)
        read = sa.func.read_csv(str(file), sa.literal_column("all_varchar = true")).table_valued(*COLUMNS)
        given = sa.select(*(sa.cast(read.c[name], kind).label(name) for name, kind in COLUMNS.items())).subquery(
            "given"
        )
        found = warehouse.read(metric_over(given, case.kind(given)).select(Scope(), ("label",)))
    inside = (found["low"] <= case.truth + 1e-9) & (found["high"] >= case.truth - 1e-9)
    return float(100 * inside.mean())


def main(times: int = 500) -> None:
    """Coverage of every case."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(f"duckdb:///{folder}/warehouse")
        for case in cases():
            print(f"{case.name:52s} {coverage(warehouse, case, times):5.1f} %", flush=True)


if __name__ == "__main__":
    main()
