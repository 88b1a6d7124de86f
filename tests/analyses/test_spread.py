"""The spread between channels: by hand, freed from chance, with intervals that hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.spread import largest_first, spread
from cx_metrics.charts.consistency import ALL, INDEX, MEASURES

Cell = tuple[str, str, str, float, float]


def cells(*rows: Cell) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["reason", "channel", "measure", "n", "hits"])


def values(found: pd.DataFrame) -> dict[tuple[str, str], float]:
    return {(row.reason, row.measure): row.value for row in found.itertuples()}


def test_by_hand() -> None:
    """Shares 0.5 of 100 and 0.8 of 300: mean 0.725, variance 0.016875; chance adds 3/4 of 1/4 of each p(1-p)/(n-1)."""
    found = spread(cells(("a", "phone", "resolved", 100, 50), ("a", "chat", "resolved", 300, 240)))
    chance = 0.75 * 0.25 * (0.25 / 99 + 0.16 / 299)
    corrected = 0.25 * 0.225**2 + 0.75 * 0.075**2 - chance
    points = 100 * math.sqrt(corrected)
    assert values(found) == pytest.approx({
        ("a", "resolved"): points, (ALL, "resolved"): points, ("a", INDEX): 100 - points, (ALL, INDEX): 100 - points,
    })  # fmt: skip
    assert (found["low"] < found["value"]).all() and (found["value"] < found["high"]).all()
    assert set(found["n"]) == {400} and set(found["channels"]) == {2}


def test_all_together_weighs_reasons_by_contacts() -> None:
    one = [("a", "phone", "resolved", 1000, 500), ("a", "chat", "resolved", 1000, 700)]
    other = [("b", "phone", "resolved", 3000, 1500), ("b", "chat", "resolved", 3000, 1500)]
    found = values(spread(cells(*one, *other)))
    variance = (0.1**2 - 0.25 * (0.25 + 0.21) / 999, -0.25 * 2 * 0.25 / 2999)
    assert found["b", "resolved"] == 0
    assert found["a", "resolved"] == pytest.approx(100 * math.sqrt(variance[0]))
    assert found[ALL, "resolved"] == pytest.approx(100 * math.sqrt(0.25 * variance[0] + 0.75 * variance[1]))


def test_the_index_is_the_mean_of_what_there_is() -> None:
    rows = [("a", channel, measure, 10_000, hits) for measure, both in
            {"resolved": (5000, 6000), "repeat": (1000, 1000), "slow": (2000, 8000)}.items()
            for channel, hits in zip(("phone", "chat"), both, strict=True)]  # fmt: skip
    found = values(spread(cells(*rows)))
    mean = sum(found["a", measure] for measure in MEASURES) / 3
    assert found["a", INDEX] == pytest.approx(100 - mean)
    two = values(spread(cells(*(row for row in rows if row[2] != "slow"))))
    assert two["a", INDEX] == pytest.approx(100 - (found["a", "resolved"] + found["a", "repeat"]) / 2)


def test_one_channel_has_no_spread() -> None:
    found = spread(cells(("a", "phone", "resolved", 100, 50), ("b", "phone", "repeat", 100, 50)))
    assert found.empty
    assert spread(cells()).empty


@pytest.mark.parametrize(("one", "other"), [(0, 0), (100, 100), (100, 0)])
def test_shares_at_the_ends(one: float, other: float) -> None:
    found = spread(cells(("a", "phone", "resolved", 100, one), ("a", "chat", "resolved", 100, other)))
    assert values(found)["a", "resolved"] == (50 if one != other else 0)
    assert found[["value", "low", "high"]].notna().all(axis=None)


def simulated(random: np.random.Generator, deviation: float, typical: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """Cells of six reasons on six channels whose true shares have about this deviation, and their true spread."""
    rows, truth, sizes = [], {}, []
    for reason in map(str, range(6)):
        n = random.integers(max(typical // 2, 30), typical * 2, 6)
        p = np.clip(0.7 + deviation * random.standard_normal(6), 0.02, 0.98)
        weights = n / n.sum()
        truth[reason] = float((weights * (p - (weights * p).sum()) ** 2).sum())
        sizes.append(n.sum())
        rows += [(reason, str(i), "resolved", float(n[i]), float(random.binomial(n[i], p[i]))) for i in range(6)]
    truth[ALL] = float(np.average([*truth.values()], weights=sizes))
    return cells(*rows), {reason: 100 * math.sqrt(variance) for reason, variance in truth.items()}


def test_equal_channels_have_no_spread() -> None:
    """The plain standard deviation of these shares is some 4 points; without chance hardly anything is left."""
    random = np.random.default_rng(5)
    found = [spread(simulated(random, 0.0, 120)[0]).set_index(["reason", "measure"]) for _ in range(20)]
    assert np.mean([table["value"][ALL, "resolved"] for table in found]) < 0.8
    assert np.mean([table["low"][ALL, "resolved"] > 0 for table in found]) <= 0.1
    assert np.mean([table["low"][reason, "resolved"] > 0 for table in found for reason in map(str, range(6))]) <= 0.05


@pytest.mark.parametrize(("deviation", "typical"), [(0.03, 300), (0.08, 60)])
def test_intervals_hold_the_truth(deviation: float, typical: int) -> None:
    random, held, estimates, truths = np.random.default_rng(6), [], [], []
    for _ in range(20):
        given, truth = simulated(random, deviation, typical)
        rows = spread(given).set_index(["reason", "measure"])
        for reason, points in truth.items():
            row = rows.loc[reason, "resolved"]
            held.append(row["low"] <= points <= row["high"])
        estimates.append(rows["value"][ALL, "resolved"])
        truths.append(truth[ALL])
    assert np.mean(held) > 0.91
    assert np.mean(estimates) == pytest.approx(np.mean(truths), rel=0.05)


def test_the_same_counts_give_the_same_interval() -> None:
    given = cells(("b", "phone", "resolved", 100, 50), ("b", "chat", "resolved", 300, 240),
                  ("a", "phone", "resolved", 80, 50), ("a", "chat", "resolved", 90, 80))  # fmt: skip
    pd.testing.assert_frame_equal(spread(given), spread(given.iloc[::-1]))


def test_reasons_in_a_given_order() -> None:
    found = largest_first(spread(cells(("b", "x", "resolved", 99, 9), ("b", "y", "resolved", 99, 50),
                                       ("a", "x", "resolved", 99, 9), ("a", "y", "resolved", 99, 50))), ["b", "a"])  # fmt: skip
    assert list(dict.fromkeys(found["reason"])) == [ALL, "b", "a"]
