"""How often customers will buy again who can leave unseen: the BG/NBD model.

Fader, Hardie and Lee 2005, "Counting your customers" the easy way, Marketing Science 24(2). While alive a customer buys
at a rate that is gamma distributed over customers (r, alpha); after each purchase a customer leaves with a chance that
is beta distributed (a, b). Time is in one unit throughout (the product uses weeks).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, gammaln, hyp2f1, psi

Array = npt.NDArray[np.float64]
NAMES = ("r", "alpha", "a", "b")
_LOWEST, _HIGHEST = -9.0, 9.0  # logarithms of parameters that are looked at
_STARTS = ((0.25, 4.0, 0.8, 2.5), (1.0, 20.0, 1.0, 10.0), (1.0, 10.0, 0.1, 1.0))
_STEP = 1e-4
_ALIKE = 40.0  # a above which the chances to leave hardly differ
_FLAT = 1e-6  # curvature of the likelihood, to the sharpest one, below which it does not tell a direction


@dataclass(frozen=True)
class Histories:
    """What the model sees of customers; one entry per group of alike ones, arrays of one length.

    repeats: purchases after the first. recency: from the first to the last purchase. age: from the first purchase to
    the end of what is seen. customers: how many are alike.
    """

    repeats: Array
    recency: Array
    age: Array
    customers: Array


@dataclass(frozen=True)
class Lifetimes:
    """A fitted model. parameters: r, alpha, a, b. spread: covariance of their logarithms, (4, 4). log_likelihood: at
    the parameters. at_bound: a parameter ran to the end of the range that is looked at: customers do not tell it."""

    parameters: Array
    spread: Array
    log_likelihood: float
    at_bound: bool


def fit(seen: Histories) -> Lifetimes:
    """Maximum likelihood over the logarithms of the parameters, from several starts; the best counts."""
    people = float(seen.customers.sum())

    def loss(logs: Array) -> tuple[float, Array]:
        value, slope = _log_likelihood(np.exp(logs), seen)
        return -value / people, -slope * np.exp(logs) / people

    bounds = [(_LOWEST, _HIGHEST)] * 4
    unit = float(np.average(seen.age, weights=seen.customers)) / 30 or 1.0  # starts are for ages of about 30 weeks
    tries = []
    for start in _STARTS:
        first = np.log(np.array(start) * [1.0, unit, 1.0, 1.0]).clip(_LOWEST + 1, _HIGHEST - 1)
        tries.append(minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds,
                              options={"maxiter": 300, "ftol": 1e-12, "gtol": 1e-7}))  # fmt: skip
    best = min(tries, key=lambda found: float(found.fun))
    logs = np.asarray(best.x, dtype=float)
    at_bound = bool((np.abs(logs - _LOWEST) < 1e-3).any() or (np.abs(logs - _HIGHEST) < 1e-3).any())
    return Lifetimes(np.exp(logs), spread_of(lambda at: loss(at)[1] * people, logs), -best.fun * people, at_bound)


def spread_of(slope: Any, at: Array) -> Array:
    """Covariance of estimates: the inverse of the observed information, by differences of the slope of the negative
    log-likelihood. Directions in which that is flat, as at the end of the range, are held fixed."""
    steps = _STEP * np.eye(len(at))
    information = np.array([(slope(at + step) - slope(at - step)) / (2 * _STEP) for step in steps])
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    told = values > _FLAT * values.max()
    return np.asarray((vectors[:, told] / values[told]) @ vectors[:, told].T)


def log_likelihood(parameters: Array, seen: Histories) -> float:
    """Of all customers together (equation 6 of the paper)."""
    return _log_likelihood(np.asarray(parameters, dtype=float), seen)[0]


def _log_likelihood(parameters: Array, seen: Histories) -> tuple[float, Array]:
    """The log-likelihood and its slope by the parameters, (4,).

    What depends on the repeats alone is computed once for each number of them: gamma functions are slow. Products of
    long arrays are added up without the matrix library, whose threads would wait for each other.
    """
    r, alpha, a, b = parameters
    weight, again = seen.customers, seen.repeats > 0
    x, place = np.unique(seen.repeats, return_inverse=True)
    count = np.bincount(place, weights=weight)
    after = np.where(x > 0, b + x - 1, 1.0)  # b + x - 1 counts only with x > 0
    of_x = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + gammaln(a + b) + gammaln(b + x) - gammaln(b)
    of_x = of_x - gammaln(a + b + x)
    age, recency, power = alpha + seen.age, alpha + seen.recency, r + seen.repeats
    log_age, log_recency = np.log(age), np.log(recency)
    odds = (np.log(a) - np.log(after))[place] + power * (log_age - log_recency)  # of having left, to having stayed
    gone = np.where(again, expit(odds), 0.0)
    each = np.where(again, np.logaddexp(0.0, odds), 0.0) - power * log_age
    left = weight * gone
    gone_of_x = np.bincount(place, weights=left)
    stayed = weight - left
    spent = float((stayed * log_age + left * log_recency).sum())
    slopes = (
        float(count @ (psi(r + x) - psi(r))) + weight.sum() * np.log(alpha) - spent,
        weight.sum() * r / alpha - float(((stayed / age + left / recency) * power).sum()),
        float(count @ (psi(a + b) - psi(a + b + x))) + left.sum() / a,
        float(count @ (psi(a + b) + psi(b + x) - psi(b) - psi(a + b + x))) - float((gone_of_x / after).sum()),
    )
    return float(count @ of_x) + float((weight * each).sum()), np.array(slopes)


def alive(parameters: Array, seen: Histories) -> Array:
    """The chance that a customer has not left; who never bought again cannot have left in this model."""
    r, alpha, a, b = parameters
    x = seen.repeats
    after = np.where(x > 0, b + x - 1, 1.0)
    odds = np.log(a) - np.log(after) + (r + x) * (np.log(alpha + seen.age) - np.log(alpha + seen.recency))
    return np.asarray(np.where(x > 0, expit(-odds), 1.0))


def expected(parameters: Array, horizon: float, seen: Histories) -> Array:
    """Purchases of a customer expected within a horizon after the age (equation 10 of the paper)."""
    r, alpha, a, b = parameters
    bought = _bought(r + seen.repeats, alpha + seen.age, a, b + seen.repeats, np.asarray(horizon))
    return np.asarray(bought * alive(parameters, seen))


def expected_of_new(parameters: Array, time: Array) -> Array:
    """Repeat purchases of a customer of whom nothing is known, by a time after the first (equation 9)."""
    r, alpha, a, b = parameters
    return _bought(np.asarray(r), np.asarray(alpha), a, np.asarray(b), np.maximum(time, 0.0))


def _bought(shape: Array, rate: Array, a: float, b: Array, time: Array) -> Array:
    """Purchases within a time of one who is alive, whose rate is gamma(shape, rate) and chance to leave beta(a, b).

    By Euler's transformation of the paper's hypergeometric function, whose arguments then stay small for frequent
    buyers. Where a is large, customers hardly differ in the chance: it is put at its mean -/+ its deviation, half each.
    """
    if a > _ALIKE:
        mean = a / (a + b)
        spread = np.sqrt(mean * (1 - mean) / (a + b + 1))
        ends = [-np.expm1(-shape * np.log1p(p * time / rate)) / p for p in (mean - spread, mean + spread)]
        return np.asarray((ends[0] + ends[1]) / 2)
    a = 1.0 + 1e-6 if abs(a - 1) < 1e-6 else a  # where the formula divides by zero although its value is smooth
    share = time / (rate + time)
    series = hyp2f1(a + b - 1 - shape, a - 1, a + b - 1, share)
    return np.asarray(np.maximum((a + b - 1) / (a - 1) * (1 - (1 - share) ** (a - 1) * series), 0.0))
