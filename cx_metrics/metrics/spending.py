"""What customers spend per purchase: the Gamma-Gamma model.

Fader, Hardie and Lee 2005, RFM and CLV: using iso-value curves, Journal of Marketing Research 42(4); Fader and Hardie
2013, The Gamma-Gamma model of monetary value. Spend varies around each customer's mean (p), and the means vary over
customers (q, v), independent of how often they buy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from cx_metrics.metrics.lifetimes import spread_of

Array = npt.NDArray[np.float64]
NAMES = ("p", "q", "v")
_STARTS = ((1.0, 2.0), (5.0, 4.0), (20.0, 3.0))
_LOWEST, _HIGHEST = -7.0, 12.0


@dataclass(frozen=True)
class Spends:
    """What the model sees; one entry per group of alike customers, arrays of one length.

    repeats: purchases whose spend is averaged, above 0. mean: mean spend of these, above 0. customers: how many.
    """

    repeats: Array
    mean: Array
    customers: Array


@dataclass(frozen=True)
class Spending:
    """A fitted model. parameters: p, q (above 1, or there is no mean), v (in money). spread: covariance of ln p,
    ln (q - 1) and ln v, (3, 3). correlation: between repeats and mean, which
    the model takes as zero. at_bound: as of `Lifetimes`."""

    parameters: Array
    spread: Array
    log_likelihood: float
    correlation: float
    at_bound: bool


def fit(seen: Spends) -> Spending:
    """Maximum likelihood from several starts; the best counts."""
    people = float(seen.customers.sum())
    middle = float(np.average(seen.mean, weights=seen.customers))
    scaled = Spends(seen.repeats, seen.mean / middle, seen.customers)  # v is then near 1 in any currency

    def loss(logs: Array) -> tuple[float, Array]:
        value, slope = _log_likelihood(natural(logs), scaled)
        return -value / people, -slope * np.exp(logs) / people

    bounds = [(_LOWEST, _HIGHEST)] * 3
    tries = []
    for p, q in _STARTS:
        start = np.log([p, q - 1, (q - 1) / p])
        tries.append(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds,
                              options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8}))  # fmt: skip
    best = min(tries, key=lambda found: float(found.fun))
    logs = np.asarray(best.x, dtype=float)
    at_bound = bool((np.abs(logs - _LOWEST) < 1e-3).any() or (np.abs(logs - _HIGHEST) < 1e-3).any())
    found = natural(logs) * [1.0, 1.0, middle]
    spread = spread_of(lambda at: loss(at)[1] * people, logs)
    return Spending(found, spread, log_likelihood(found, seen), correlation(seen), at_bound)


def natural(logs: Array) -> Array:
    """p, q, v from ln p, ln (q - 1), ln v."""
    return np.asarray(np.exp(logs) + np.array([0.0, 1.0, 0.0]))


def log_likelihood(parameters: Array, seen: Spends) -> float:
    """Of all customers together (equation 1a of the 2013 note)."""
    return _log_likelihood(np.asarray(parameters, dtype=float), seen)[0]


def _log_likelihood(parameters: Array, seen: Spends) -> tuple[float, Array]:
    """The log-likelihood and its slope by p, q, v, (3,)."""
    p, q, v = parameters
    x, mean, weight = seen.repeats, seen.mean, seen.customers
    whole = v + x * mean
    each = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + (p * x - 1) * np.log(mean)
    each = each + p * x * np.log(x) - (p * x + q) * np.log(whole)
    slopes = (
        x * (psi(p * x + q) - psi(p * x) + np.log(mean) + np.log(x) - np.log(whole)),
        psi(p * x + q) - psi(q) + np.log(v) - np.log(whole),
        q / v - (p * x + q) / whole,
    )
    return float(weight @ each), np.array([weight @ slope for slope in slopes])


def expected(parameters: Array, repeats: Array, total: Array) -> Array:
    """Mean spend expected of a customer's next purchases (equation 5 of the 2013 note), in money.

    repeats: purchases known. total: what they came to. With no purchase it is the mean of all customers. It is linear
    in the total, so that totals of alike customers can be added up first.
    """
    p, q, v = parameters
    return np.asarray(p * (v + total) / (p * repeats + q - 1))


def correlation(seen: Spends) -> float:
    """Pearson's correlation between repeats and mean spend over customers; nan where either does not vary."""
    both = np.cov(np.vstack([seen.repeats, seen.mean]), aweights=seen.customers, ddof=0)
    spread = float(np.sqrt(both[0, 0] * both[1, 1]))
    return float(both[0, 1]) / spread if spread > 0 else float("nan")
