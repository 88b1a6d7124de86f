"""What has risen lately: the tests by hand and reference, and simulations of when there is nothing, or something."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cx_metrics.metrics.emerging import Span, false_discovery, level, risen

RECENT, WEEKS = 4, 30


def spans(hits: np.ndarray, n: np.ndarray) -> tuple[Span, Span]:
    """Recent and before, from hits (things x weeks, the newest first) and texts per week."""
    logs = np.array([[level(x, size) for x, size in zip(row, n, strict=True)] for row in hits])
    return tuple(
        Span(float(n[own].sum()), len(n[own]), hits[:, own].sum(1), (hits[:, own] ** 2 / n[own]).sum(1),
             logs[:, own].sum(1), (logs[:, own] ** 2).sum(1))
        for own in (slice(0, RECENT), slice(RECENT, None))
    )  # type: ignore[return-value]  # fmt: skip


def test_the_parts_by_reference() -> None:
    """Of its three tests the largest p counts: the pooled t test of the logs, the binomial test, the t of shares."""
    chance = np.random.default_rng(2)
    n = np.full(WEEKS, 200.0)
    hits = chance.binomial(200, 0.05, (6, WEEKS)).astype(float)
    hits[:, :RECENT] += 6
    p, dispersion = risen(*spans(hits, n))
    for row, got, spread in zip(hits, p, dispersion, strict=True):
        own, rest = row[:RECENT], row[RECENT:]
        logs = np.log(row + 0.5) - np.log(201)
        by_log = stats.ttest_ind(logs[:RECENT], logs[RECENT:], alternative="greater").pvalue
        shares = own.sum() / 800, rest.sum() / 5200
        expected = np.r_[np.full(RECENT, 200 * shares[0]), np.full(WEEKS - RECENT, 200 * shares[1])]
        chi = ((row - expected) ** 2 / (expected * (1 - expected / 200))).sum() / (WEEKS - 2)
        assert spread == pytest.approx(max(chi, 1))
        whole = row.sum() / n.sum()
        error = np.sqrt(spread * whole * (1 - whole) * (1 / 800 + 1 / 5200))
        by_share = stats.t.sf((shares[0] - shares[1]) / error, WEEKS - 2)
        candidates = [by_log, by_share]
        if spread == 1:
            candidates.append(stats.binomtest(int(own.sum()), int(row.sum()), 800 / 6000, "greater").pvalue)
            assert got == pytest.approx(max(candidates), rel=1e-6)
        assert got >= max(candidates) - 1e-12


def test_false_discovery_like_the_reference() -> None:
    p = np.random.default_rng(1).random(50) ** 3
    assert false_discovery(p) == pytest.approx(stats.false_discovery_control(p))
    assert np.isnan(false_discovery([np.nan, 0.5])[0]) and false_discovery([np.nan, 0.5])[1] == 0.5
    assert len(false_discovery([])) == 0


def alarms(runs: int, together: float, lift: float = 1.0) -> float:
    """Share of runs in which anything (with `lift`: the first) of 100 things is named. together: correlation of a
    week's texts. Things have 0.1 to 10 % of 300 texts a week."""
    chance, named = np.random.default_rng(7), 0
    for _ in range(runs):
        n = chance.poisson(300, WEEKS) + 1
        usual = np.r_[0.03, np.exp(chance.uniform(np.log(0.001), np.log(0.1), 99))]
        shares = np.repeat(usual[:, None], WEEKS, axis=1)
        if together:
            shape = 1 / together - 1
            shares = chance.beta(usual[:, None] * shape, (1 - usual[:, None]) * shape, shares.shape)
        shares[0, :RECENT] *= lift
        hits = chance.binomial(n, np.minimum(shares, 1)).astype(float)
        hits = hits[hits.sum(1) >= RECENT + 26]
        found = false_discovery(risen(*spans(hits, n.astype(float)))[0]) <= 0.05
        named += bool(found[0] if lift > 1 else found.any())
    return named / runs


@pytest.mark.parametrize("together", [0.0, 0.002, 0.01])
def test_without_a_rise_false_alarms_are_rare(together: float) -> None:
    """Nothing rises, so whatever is named is false; 5 % of runs are allowed, and the estimate of 300 runs is good to 2.5 %."""
    assert alarms(300, together) <= 0.06


def test_a_rise_is_found() -> None:
    assert alarms(20, 0.0, lift=3.0) >= 0.9
    assert alarms(20, 0.002, lift=4.0) >= 0.5
