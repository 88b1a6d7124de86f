"""How often a series without any change gets a mark, and the penalties that keep that at the stated rate.

`python -m tests.benchmarks.false_alarms` prints both tables for 2,000 series per case (about an hour on one core).
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from cx_metrics.analyses.change_points import ALARM, PENALTIES, change_points, evidence

# Chance: a name, what the weeks deviate by on their own (in sampling standard errors) and how much of that lasts into
# the next week (AR(1) coefficient).
CHANCE = {"sampling only": (0.0, 0.0), "overdispersed": (1.5, 0.0), "lasting": (1.0, 0.5), "mostly lasting": (3.0, 0.5)}
CALIBRATION = {
    "sampling only": (0.0, 0.0), "white": (10.0, 0.0), "AR(0.3)": (10.0, 0.3), "AR(0.5)": (10.0, 0.5),
    "sampling and AR(0.5)": (1.0, 0.5), "sampling and more AR(0.5)": (2.0, 0.5),
}  # fmt: skip
CASES = tuple(
    (weeks, name, season) for weeks in (26, 52, 156) for season in sorted({False, weeks >= 104}) for name in CHANCE
)


def rates(series: int, cases: tuple[tuple[int, str, bool], ...] = CASES, seed: int = 1) -> pd.DataFrame:
    """weeks, chance, season (whether there is one), rate (share of the series that got a mark), error (simulation
    standard error of a rate that is ALARM). Binomial shares of 5 to 95 %, 20 to 5,000 contacts a week."""
    rows = []
    for weeks, name, season in cases:
        rng = np.random.default_rng([seed, weeks, season, list(CHANCE).index(name)])
        marked = sum(bool(change_points(course)) for course in still(rng, series, weeks, *CHANCE[name], season))
        rows.append((weeks, name, season, marked / series, np.sqrt(ALARM * (1 - ALARM) / series)))
    return pd.DataFrame(rows, columns=["weeks", "chance", "season", "rate", "error"])


def penalties(
    series: int, lengths: Iterable[int] = tuple(PENALTIES), kinds: Iterable[str] = tuple(CALIBRATION), seed: int = 1
) -> pd.DataFrame:
    """weeks, chance, penalty (95th percentile of the evidence in normal series without a change), rate (share of them
    whose evidence is above the product's penalty). The product's penalty is the largest of each length."""
    rows = []
    for weeks, name in itertools.product(lengths, kinds):
        spread, rho = CALIBRATION[name]
        rng = np.random.default_rng([seed, weeks, list(CALIBRATION).index(name)])
        values = 50 + rng.standard_normal((series, weeks)) + spread * lasting(rng, series, weeks, rho)
        found = np.array([evidence(course(value, np.full(weeks, 2500))) for value in values])  # sampling error: 1 point
        rows.append((weeks, name, np.quantile(found, 1 - ALARM), (found > PENALTIES[weeks]).mean()))
    return pd.DataFrame(rows, columns=["weeks", "chance", "penalty", "rate"])


def still(
    rng: np.random.Generator, series: int, weeks: int, spread: float, rho: float, season: bool
) -> Iterator[pd.DataFrame]:
    """Courses without a change: period, n, value (per cent)."""
    size = (series, weeks)
    share = rng.uniform(0.05, 0.95, (series, 1))
    usual = np.exp(rng.uniform(np.log(30), np.log(3500), (series, 1)))
    n = np.clip(usual * np.exp(0.25 * rng.standard_normal(size)), 20, 5000).astype(int)
    logit = np.log(share / (1 - share)) + spread / np.sqrt(usual * share * (1 - share)) * lasting(rng, *size, rho)
    if season:
        logit = logit + yearly(weeks)
    hits = rng.binomial(n, 1 / (1 + np.exp(-logit)))
    return (course(100 * own / many, many) for own, many in zip(hits, n, strict=True))


def lasting(rng: np.random.Generator, series: int, weeks: int, rho: float) -> np.ndarray:
    """Stationary AR(1) of variance 1, one row per series."""
    drawn = rng.standard_normal((series, weeks))
    for week in range(1, weeks):
        drawn[:, week] = rho * drawn[:, week - 1] + np.sqrt(1 - rho**2) * drawn[:, week]
    return drawn


def yearly(weeks: int) -> np.ndarray:
    """A season on the logit scale: higher in spring, and a November of its own."""
    days = course(np.zeros(weeks), np.ones(weeks))["period"].dt
    return 0.3 * np.sin(2 * np.pi * days.day_of_year.to_numpy() / 365.25) + 0.4 * (days.month == 11).to_numpy()


def course(value: np.ndarray, n: np.ndarray) -> pd.DataFrame:
    """One row per week: period, n, value."""
    return pd.DataFrame({"period": pd.date_range("2023-01-02", periods=len(value), freq="7D"), "n": n, "value": value})


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(penalties(count).pivot(index="weeks", columns="chance", values="penalty").round(1).to_string())
    print(rates(count).round(3).to_string(index=False))
