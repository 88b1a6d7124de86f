"""How often the weighted figures' 95 % intervals hold the truth, in simulated surveys that one group hardly answers.

`python -m tests.benchmarks.coverage_weighted` prints a line per case for 500 data sets each (about three minutes).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import pandas as pd

from cx_metrics.analyses.surveys_model import model
from cx_metrics.metrics.non_response import Asked, NonResponse, non_response

TARGET = (0.93, 0.97)
KINDS = ("csat", "nps", "mean")
ASKED = (200, 600, 2_500)  # invitations, of which 22 % are answered
SATISFIED = (0.5, 0.8, 0.95)  # of the regions that answer; the other is 15 points lower
CASES = tuple(itertools.product(KINDS, ASKED, SATISFIED, (True, False)))
_TRAITS = {
    "region": {"East": 0.18, "North": 0.22, "South": 0.20, "West": 0.20, "Centre": 0.12, "Isles": 0.08},
    "segment": {"private": 0.5, "small": 0.3, "large": 0.2},
    "stage": {"buy": 0.4, "use": 0.3, "pay": 0.2, "leave": 0.1},
}
_SCALES = {"csat": np.array([0.0, 1.0]), "nps": np.array([-1.0, 0.0, 1.0]), "mean": np.arange(5) / 4}


def coverage(sets: int, cases: Iterable[tuple[str, int, float, bool]] = CASES, seed: int = 1) -> pd.DataFrame:
    """kind, asked, satisfied, biased, covered (share of the sets whose interval holds the mean of all who could be
    asked), difference (the same for raw minus weighted), clear (share with an interval of the difference without 0),
    error (simulation standard error of a share of 95 %), width (mean, of values 0-1 or -1 to 1), n (mean answers)."""
    rows = [_case(sets, *case, np.random.default_rng([seed, number])) for number, case in enumerate(cases)]
    return pd.DataFrame(rows)


def _case(
    sets: int, kind: str, asked: int, satisfied: float, biased: bool, rng: np.random.Generator
) -> dict[str, object]:
    cells, share, answering, scores = _population(kind, satisfied, biased)
    values = scores @ _SCALES[kind]
    truth, raw = share @ values, (share * answering) @ values / (share @ answering)
    found = [_survey(rng, kind, asked, cells, share, answering, scores) for _ in range(sets)]
    ends = np.array([(one.weighted.low, one.weighted.high, one.difference.low, one.difference.high, one.raw.n) for one
                     in found], dtype=float)  # fmt: skip
    low, high, below, above, n = ends.T
    return {
        "kind": kind, "asked": asked, "satisfied": satisfied, "biased": biased,
        "covered": ((low <= truth) & (truth <= high)).mean(),
        "difference": ((below <= raw - truth) & (raw - truth <= above)).mean(),
        "clear": ((below > 0) | (above < 0)).mean(), "error": np.sqrt(0.95 * 0.05 / sets), "width": (high - low).mean(),
        "n": n.mean(),
    }  # fmt: skip


def _population(kind: str, satisfied: float, biased: bool) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Combinations of traits, their shares, their chances to answer, and of each value of the scale: 8 % of one region
    answer, 25 % of the others, and where they are biased they are 15 points less often satisfied."""
    cells = pd.DataFrame(list(itertools.product(*_TRAITS.values())), columns=list(_TRAITS))
    share = np.prod([cells[name].map(values).to_numpy(dtype=float) for name, values in _TRAITS.items()], axis=0)
    odds = np.where((cells["region"] == "East") & biased, 0.08 / 0.92, 0.25 / 0.75)
    odds = odds * np.where(cells["segment"] == "small", 1.3, 1.0) * np.where(cells["stage"] == "use", 0.8, 1.0)
    happy = np.minimum(
        satisfied - 0.15 * ((cells["region"] == "East") & biased) + 0.02 * (cells["stage"] == "use"), 0.99
    )
    happy = happy.to_numpy(dtype=float)
    if kind == "csat":
        scores = [1 - happy, happy]
    elif kind == "nps":
        scores = [0.6 * (1 - happy), 1 - 0.6 * (1 - happy) - 0.8 * happy, 0.8 * happy]
    else:
        scores = [0.4 * (1 - happy), 0.3 * (1 - happy), 0.3 * (1 - happy), 0.4 * happy, 0.6 * happy]
    return cells, share, odds / (1 + odds), np.column_stack(scores)


def _survey(
    rng: np.random.Generator, kind: str, asked: int, cells: pd.DataFrame, share: np.ndarray, answering: np.ndarray,
    scores: np.ndarray,
) -> NonResponse:  # fmt: skip
    """One survey with at least 30 answers, as the product looks at it."""
    while True:
        invited = rng.multinomial(asked, share)
        answered = rng.binomial(invited, answering)
        if answered.sum() >= 30:
            break
    given = rng.multinomial(answered, scores)
    seen = cells.assign(asked=invited, answered=answered)[invited > 0]
    values, counts = _SCALES[kind], given[invited > 0]
    design = model(seen, list(_TRAITS)).design
    sums = [
        seen["asked"].to_numpy(dtype=float),
        seen["answered"].to_numpy(dtype=float),
        counts @ values,
        counts @ values**2,
    ]
    return non_response(Asked(design, *sums, lowest=values[0]))


if __name__ == "__main__":
    found = coverage(500)
    print(found.round(3).to_string(index=False))
    for biased, part in found.groupby("biased"):
        print(f"biased: {biased}, covered {part['covered'].min():.3f} to {part['covered'].max():.3f}")
