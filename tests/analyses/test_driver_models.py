"""Driver models on simulated answers: what was planted is found, what was not is not, as often as promised."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats

from cx_metrics.analyses.driver_models import FEWEST_ANSWERS, DriverModel, model
from cx_metrics.analyses.driver_moments import Sums, how_common
from cx_metrics.journey import Limits
from cx_metrics.metrics.random_groups import GROUPS
from cx_metrics.metrics.signals import signals

Array = npt.NDArray[np.float64]
FOUND = signals(Limits())[:4]
COSTS = np.array([-20.0, -14.0, 0.0, 0.0])  # points; the last two cost nothing


def simulated(random: np.random.Generator, n: int, correlation: float, shares: Array, costs: Array = COSTS) -> Sums:
    """Answers of customers with a mood of their own, 0 or 100, to contacts whose signals are correlated."""
    customer = random.integers(0, max(n // 4, 1), n)
    mixing = np.linalg.cholesky(np.full((4, 4), correlation) + (1 - correlation) * np.eye(4))
    own = random.standard_normal((n // 4 + 1, 4))[customer]
    latent = (0.6 * own + 0.8 * random.standard_normal((n, 4))) @ mixing.T
    there = (latent > stats.norm.ppf(1 - shares)).astype(float)
    stage = random.integers(0, 2, n)
    mood = 15 * random.standard_normal(n // 4 + 1)[customer]
    satisfied = 100 * random.random(n) < 70 + there @ costs + 5 * stage - 2 + mood
    return summed(there, 100.0 * satisfied, stage.astype(str), customer * 2_654_435_761 % GROUPS)


def summed(there: Array, y: Array, stage: npt.NDArray[np.str_], groups: npt.NDArray[np.int64]) -> Sums:
    place = np.unique(groups, return_inverse=True)[1]
    level, kind = np.unique(stage, return_inverse=True)
    number = kind * (place.max() + 1) + place
    held, cell = np.unique(number, return_inverse=True)
    totals = np.zeros((len(held), 6))
    np.add.at(totals, cell, np.column_stack([np.ones(len(y)), y, there]))
    cells = pd.DataFrame(totals, columns=["n", "y", "x0", "x1", "x2", "x3"])
    cells = cells.assign(**{f"v{signal}": cells["n"] for signal in range(4)}, channel="web", segment=None)
    cells = cells.assign(stage=level[held // (place.max() + 1)], group=held % (place.max() + 1))
    together = np.column_stack([there, y])
    squares = np.array([together[place == one].T @ together[place == one] for one in range(place.max() + 1)])
    return Sums(cells, how_common(cells, 4), ("x0", "x1", "x2", "x3", "y"), squares, 0)


def called(n: int, correlation: float, shares: Array, runs: int = 200) -> Array:
    """How often each signal is called a driver, of the runs whose model has it."""
    random, hits, tried = np.random.default_rng(8), np.zeros(4), np.zeros(4)
    for _ in range(runs):
        drivers = model("csat", simulated(random, n, correlation, shares), FOUND, times=200).drivers
        drivers = drivers.set_index("signal").loc[[signal.name for signal in FOUND]]
        hits += drivers["distinguishable"].to_numpy(bool)
        tried += drivers["weight"].notna().to_numpy()
    return hits / tried


@pytest.mark.parametrize(("correlation", "runs"), [(0.0, 60), (0.5, 200)])
def test_planted_drivers_are_found_and_others_are_not(correlation: float, runs: int) -> None:
    found = called(800, correlation, np.full(4, 0.2), runs)
    assert found[0] > 0.9 and found[1] > 0.6
    assert (found[2:] <= 0.05 + 2.33 * np.sqrt(0.05 * 0.95 / runs)).all()


def test_rare_signals_are_no_drivers_more_often_either() -> None:
    found = called(500, 0.5, np.array([0.2, 0.2, 0.03, 0.04]), runs=80)
    assert (found[2:] <= 0.05 + 2.33 * np.sqrt(0.05 * 0.95 / 60)).all()


@pytest.fixture(scope="module")
def one() -> DriverModel:
    return model("csat", simulated(np.random.default_rng(1), 3000, 0.5, np.full(4, 0.2)), FOUND, times=300)


def test_what_a_model_tells(one: DriverModel) -> None:
    drivers = one.drivers.set_index("signal")
    assert not one.reason and one.n == 3000 and one.outcome == "csat"
    assert drivers["weight"].is_monotonic_decreasing
    assert drivers["weight"].sum() == pytest.approx(one.r_squared) and 0 < one.r_squared < 1
    for low, value, high in (("low", "weight", "high"), ("effect_low", "effect", "effect_high")):
        assert ((drivers[low] <= drivers[value]) & (drivers[value] <= drivers[high])).all()
    effects = drivers.loc[[signal.name for signal in FOUND], "effect"]
    assert effects.tolist() == pytest.approx(COSTS.tolist(), abs=6)
    excluded = (drivers["effect_low"] > 0) | (drivers["effect_high"] < 0)
    assert (drivers["distinguishable"] == excluded).all()


def test_points_lost_sum_to_the_total(one: DriverModel) -> None:
    lost = one.lost.set_index("signal")
    assert lost["value"].drop("total").sum() == pytest.approx(lost["value"]["total"])
    assert lost.index[-1] == "total" and lost["value"].drop("total").is_monotonic_decreasing
    share = lost["hits"] / one.n
    expected = -share * one.drivers.set_index("signal")["effect"]
    assert lost["value"].drop("total").to_dict() == pytest.approx(expected.drop("total").to_dict())
    assert (lost["low"] <= lost["value"]).all() and (lost["value"] <= lost["high"]).all()


def test_the_same_answers_give_the_same_figures(one: DriverModel) -> None:
    again = model("csat", simulated(np.random.default_rng(1), 3000, 0.5, np.full(4, 0.2)), FOUND, times=300)
    pd.testing.assert_frame_equal(one.drivers, again.drivers)


def test_rare_signals_are_listed_without_figures() -> None:
    random = np.random.default_rng(2)
    there = (random.random((600, 4)) < 0.3).astype(float)
    there[:, 2], there[:, 3] = 0.0, 0.0
    there[:9, 2], there[:3, 3] = 1.0, 1.0
    given = summed(there, 100.0 * (random.random(600) < 0.5), np.full(600, "buy"), random.integers(0, GROUPS, 600))
    drivers = model("csat", given, FOUND, times=100).drivers.set_index("signal")
    nine, three = FOUND[2].name, FOUND[3].name
    assert drivers.loc[[nine, three], ["weight", "effect", "low"]].isna().all(axis=None)
    assert not drivers.loc[[nine, three], "distinguishable"].any()
    assert drivers["hits"][nine] == 9 and np.isnan(drivers["hits"][three])  # fewer than 5 are not shown
    assert list(drivers.index[-2:]) == [nine, three]


def test_one_customer_makes_no_driver() -> None:
    """All hits in one random group, such as those of one busy customer: nobody can say how far chance moves them."""
    random = np.random.default_rng(3)
    there = (random.random((600, 4)) < 0.3).astype(float)
    groups = random.integers(1, GROUPS, 600)
    there[:, 3], groups[:80] = 0.0, 0
    there[:80, 3] = 1.0
    y = np.where(there[:, 3] > 0, 0.0, 100.0 * (random.random(600) < 0.7))
    drivers = model("csat", summed(there, y, np.full(600, "buy"), groups), FOUND, times=100).drivers.set_index("signal")
    assert np.isnan(drivers["weight"][FOUND[3].name])


def test_few_answers() -> None:
    few = simulated(np.random.default_rng(4), FEWEST_ANSWERS - 1, 0.0, np.full(4, 0.4))
    found = model("csat", few, FOUND)
    assert f"{FEWEST_ANSWERS} are needed" in found.reason and found.lost.empty
    assert found.drivers["weight"].isna().all() and found.drivers["n"].tolist() == [99.0] * 4
    none = simulated(np.random.default_rng(4), 400, 0.0, np.full(4, 1e-9))
    assert model("csat", none, FOUND).reason == "no signal is common enough"
