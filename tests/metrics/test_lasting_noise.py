"""Noise that lasts: likelihoods against dense matrices, and that chance alone is rarely called an effect."""

import numpy as np
import numpy.typing as npt
import pytest

from cx_metrics.metrics.lasting_noise import _BELIEF, _LASTS, covariance, errors, half_width, noise, tail

Array = npt.NDArray[np.float64]


def design_of(before: int, after: int) -> Array:
    return np.column_stack([np.ones(before + after), np.arange(before + after) >= before]).astype(float)


def contrast_of(before: int, after: int) -> Array:
    return np.concatenate([np.full(before, -1 / before), np.full(after, 1 / after)])


def simulated(seed: int, count: int, design: Array, lasts: float, shocks: float) -> tuple[Array, Array]:
    """Weekly differences of two groups and their sampling variance (one on average); shocks: their size beside it."""
    rng, weeks = np.random.default_rng(seed), len(design)
    sampling = 1 / rng.uniform(0.6, 1.6, weeks)
    shock = rng.normal(size=(count, weeks))
    for week in range(1, weeks):
        shock[:, week] = lasts * shock[:, week - 1] + np.sqrt(1 - lasts**2) * shock[:, week]
    return rng.normal(size=(count, weeks)) * np.sqrt(sampling) + shocks * shock, sampling


def shown(seed: int, count: int, before: int, after: int, lasts: float, shocks: float, effect: float = 0.0) -> float:
    """Share of simulated initiatives whose interval leaves out zero."""
    design, contrast = design_of(before, after), contrast_of(before, after)
    series, sampling = simulated(seed, count, design, lasts, shocks)
    series = series + effect * design[:, 1]
    found = noise(series, np.broadcast_to(sampling, series.shape), design)
    value = series @ contrast
    half = half_width(found.weight, errors(found, np.broadcast_to(contrast, series.shape)))
    return float((np.abs(value) > half).mean())


def test_weights_equal_restricted_likelihoods_of_dense_matrices() -> None:
    design = design_of(9, 5)
    series, sampling = simulated(5, 1, design, 0.6, 1.0)
    series[0, 3] = np.nan
    found = noise(series[0], sampling, design)
    kept = np.isfinite(series[0])
    y, x, apart = series[0][kept], design[kept], np.abs(np.subtract.outer(np.flatnonzero(kept), np.flatnonzero(kept)))
    fits = []
    for size, rho in zip(found.size, found.lasts, strict=True):
        spread = np.diag(sampling[kept]) + size * rho**apart
        own = x.T @ np.linalg.solve(spread, x)
        rest = y - x @ np.linalg.solve(own, x.T @ np.linalg.solve(spread, y))
        logs = np.linalg.slogdet(spread)[1] + np.linalg.slogdet(own)[1]
        fits.append(-0.5 * (logs + rest @ np.linalg.solve(spread, rest)))
    belief = dict(zip(_LASTS, _BELIEF, strict=True))
    expected = np.exp(np.array(fits) - max(fits)) * [belief[rho] for rho in found.lasts]
    assert found.weight == pytest.approx(expected / expected.sum(), rel=1e-5, abs=1e-12)


def test_errors_are_those_of_dense_matrices_and_average_to_the_covariance() -> None:
    design, contrast = design_of(6, 4), contrast_of(6, 4)
    series, sampling = simulated(6, 1, design, 0.4, 1.0)
    found = noise(series[0], sampling, design)
    apart = np.abs(np.subtract.outer(np.arange(10), np.arange(10)))
    each = [
        contrast @ (np.diag(sampling) + size * rho**apart) @ contrast
        for size, rho in zip(found.size, found.lasts, strict=True)
    ]
    assert errors(found, contrast) ** 2 == pytest.approx(np.array(each))
    assert contrast @ covariance(found) @ contrast == pytest.approx(found.weight @ np.array(each))
    more = errors(found, contrast, np.array(1.0)) ** 2 - errors(found, contrast, np.array(0.0)) ** 2
    assert more == pytest.approx(np.ones(len(more)))


def test_a_known_error_gives_the_normal_interval() -> None:
    weight, error = np.array([0.0, 1.0]), np.array([5.0, 2.0])
    assert half_width(weight, error) == pytest.approx(2 * 1.959964, rel=1e-6)
    assert tail(weight, error, np.array(-2 * 1.959964)) == pytest.approx(0.05, rel=1e-5)


def test_what_is_not_known_widens_the_interval() -> None:
    error = np.array([1.0, 3.0])
    mixed = float(half_width(np.array([0.5, 0.5]), error))
    assert mixed > 1.959964 * np.sqrt(5.0)  # of a normal of the same variance
    assert tail(np.array([0.5, 0.5]), error, np.array(mixed)) == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize(
    ("before", "after", "lasts", "shocks"),
    [(26, 12, 0.0, 0.6), (26, 12, 0.4, 0.6), (26, 12, 0.8, 0.6), (52, 26, 0.8, 1.0), (104, 40, 0.4, 3.0)],
)
def test_of_300_initiatives_without_effect_few_are_shown(before: int, after: int, lasts: float, shocks: float) -> None:
    """5 % and the upper end of what 300 draws add to it, 2.5 points."""
    assert shown(11, 300, before, after, lasts, shocks) <= 0.075


def test_taking_weeks_as_independent_would_show_many() -> None:
    """The same data with the plain error: what the careful one is for."""
    design, contrast = design_of(40, 20), contrast_of(40, 20)
    series, sampling = simulated(11, 300, design, 0.8, 1.5)
    plain = np.sqrt((contrast**2 * (sampling + 1.5**2)).sum())
    assert (np.abs(series @ contrast) > 1.96 * plain).mean() > 0.3


def test_a_clear_effect_is_shown() -> None:
    """Four and a half standard errors of the plain kind, without shocks."""
    plain = float(np.sqrt((contrast_of(52, 26) ** 2).sum()))
    assert shown(12, 60, 52, 26, 0.0, 0.0, effect=4.5 * plain) >= 0.9
