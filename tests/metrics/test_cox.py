"""Proportional hazards against statsmodels; errors by cluster against leaving clusters out one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from statsmodels.duration.hazard_regression import PHReg

from cx_metrics.metrics.cox import CoxError, cox

Array = npt.NDArray[np.float64]


def rows(seed: int, n: int = 400, clusters: int = 80, shared: float = 0.0) -> tuple[Array, Array, Array, Any]:
    """Times with many ties, some censored, of a hazard that the first trait multiplies by 2.

    shared: how far the rows of a cluster have traits and hazard in common.
    """
    random = np.random.default_rng(seed)
    cluster = random.integers(0, clusters, n)
    own = random.standard_normal(clusters)[cluster]
    traits = (random.standard_normal((n, 2)) + shared * own[:, None] > 0.8).astype(float)
    rate = 0.02 * np.exp(np.log(2) * traits[:, 0] + shared * own)
    times, ends = random.exponential(1 / rate), random.exponential(60, n)
    return np.ceil(np.minimum(times, ends)), (times <= ends).astype(float), traits, cluster


@pytest.mark.parametrize("seed", range(4))
def test_against_statsmodels(seed: int) -> None:
    times, happened, traits, _ = rows(seed)
    reference = PHReg(times, traits, status=happened, ties="breslow").fit()
    found = cox(times, happened, traits, np.arange(len(times)))
    assert found.log_hazard == pytest.approx(reference.params, abs=1e-6)
    assert found.errors == pytest.approx(reference.bse, rel=0.15)  # robust ones differ a little from the model's


def test_errors_by_cluster_follow_from_leaving_clusters_out() -> None:
    times, happened, traits, cluster = rows(11, shared=0.7)
    found = cox(times, happened, traits, cluster)
    without = np.array([
        cox(times[keep], happened[keep], traits[keep], cluster[keep]).log_hazard
        for keep in (cluster != one for one in np.unique(cluster))
    ])  # fmt: skip
    jackknife = np.sqrt(((without - found.log_hazard) ** 2).sum(axis=0))
    assert found.errors == pytest.approx(jackknife, rel=0.06)
    as_if_alone = cox(times, happened, traits, np.arange(len(times))).errors
    assert (found.errors > 1.1 * as_if_alone).any()


def test_the_planted_hazard_lies_in_its_interval_as_often_as_it_should() -> None:
    held = 0
    for seed in range(100):
        found = cox(*rows(seed, n=300))
        held += abs(found.log_hazard[0] - np.log(2)) < 1.96 * found.errors[0]
    assert held >= 88


def test_by_hand() -> None:
    """Three rows: the one with the trait first. Partial likelihood e^b / (e^b + 2), then 1 / 2: b grows without end."""
    with pytest.raises(CoxError, match="decides"):
        cox(np.array([1.0, 2.0, 3.0]), np.ones(3), np.array([[1.0], [0.0], [0.0]]), np.arange(3))
    # With the trait second of four, of which it is one in three: e^b / (e^b + 2) and (1 / (1 + ...)) balance at a root.
    times, trait = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 1.0, 0.0, 0.0])
    b = cox(times, np.ones(4), trait[:, None], np.arange(4)).log_hazard[0]
    share = np.exp(b) / (np.exp(b) + np.array([3.0, 2.0]))
    assert share.sum() == pytest.approx(1.0)  # the score is zero: observed 1, expected in the two risk sets


def test_redundant_traits_are_said() -> None:
    times, happened, traits, cluster = rows(1)
    with pytest.raises(CoxError, match="told apart"):
        cox(times, happened, np.column_stack([traits, np.zeros(len(times))]), cluster)
