"""Kaplan-Meier curves from counts per whole day, and whether groups' curves differ (log-rank test)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from cx_metrics.metrics.estimators import Z

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Durations:
    """Counts per duration, arrays of one length. time: ascending, each once. ended: who left after so long. seen: who
    were looked at for so long, those who ended included."""

    time: Array
    ended: Array
    seen: Array

    @property
    def at_risk(self) -> Array:
        """Who had lasted up to each time, those of it included."""
        return self.seen[::-1].cumsum()[::-1]


@dataclass(frozen=True)
class Curve:
    """A curve at its times: survival (0-1) after each, low, high (95 %), at_risk just before each."""

    time: Array
    survival: Array
    low: Array
    high: Array
    at_risk: Array

    def at(self, times: Array) -> Curve:
        """The curve at other times, ascending: survival as of the last step up to each, at_risk of who lasted up to
        each."""
        place = np.searchsorted(self.time, times, side="right") - 1
        later = np.searchsorted(self.time, times, side="left")
        risk = np.append(self.at_risk, 0.0)[later]
        known = [np.where(place >= 0, column[place], 1.0) for column in (self.survival, self.low, self.high)]
        return Curve(times, known[0], known[1], known[2], risk)

    def first_below(self, share: float) -> tuple[float, float, float]:
        """When survival has fallen to a share, with its interval (Brookmeyer and Crowley 1982); nan: not yet."""
        ends = []
        for column in (self.survival, self.low, self.high):
            below = np.flatnonzero(column <= share + 1e-12)
            ends.append(float(self.time[below[0]]) if len(below) else float("nan"))
        return ends[0], ends[1], ends[2]


def kaplan_meier(given: Durations) -> Curve:
    """S(t) = product of (1 - d / n) (Kaplan and Meier 1958), with Greenwood's variance and log-log intervals."""
    d, n = given.ended, given.at_risk
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.asarray(np.cumprod(1 - d / n), dtype=np.float64)
        variance = np.cumsum(np.where(d < n, d / (n * (n - d)), 0.0))
        log_s = np.log(survival)
        width = np.exp(Z * np.sqrt(variance) / np.abs(log_s))
        low, high = survival**width, survival ** (1 / width)
    certain = (survival >= 1) | (survival <= 0)  # before the first end, and after the last, there is no width
    low, high = (np.where(certain, survival, end) for end in (low, high))
    return Curve(given.time, survival, low, high, n)


@dataclass(frozen=True)
class LogRank:
    """Whether groups last equally long. statistic: chi squared with `freedom` degrees; p. observed, expected: who left
    of each group, and who would have if all were alike, (groups,)."""

    statistic: float
    freedom: int
    p: float
    observed: Array
    expected: Array


def log_rank(groups: list[Durations]) -> LogRank | None:
    """The log-rank test (Mantel 1966; Peto and Peto 1972) of two groups or more; None where nobody left or all groups
    but one are empty at each end."""
    times = np.unique(np.concatenate([group.time for group in groups]))
    ended = np.array([_spread(group.ended, group.time, times) for group in groups])
    seen = np.array([_spread(group.seen, group.time, times) for group in groups])
    risk = seen[:, ::-1].cumsum(axis=1)[:, ::-1]
    d, n = ended.sum(axis=0), risk.sum(axis=0)
    risk, d, n, ended = risk[:, d > 0], d[d > 0], n[d > 0], ended[:, d > 0]
    share = risk / n
    observed, expected = ended.sum(axis=1), (share * d).sum(axis=1)
    scale = d * (n - d) / np.maximum(n - 1, 1)  # of the hypergeometric distribution
    spread = np.diag((share * scale).sum(axis=1)) - (share * scale) @ share.T
    freedom = int(np.linalg.matrix_rank(spread))
    if freedom < 1:
        return None
    apart = observed - expected
    statistic = float(apart @ np.linalg.pinv(spread) @ apart)
    return LogRank(statistic, freedom, float(chi2.sf(statistic, freedom)), observed, expected)


def _spread(counts: Array, at: Array, times: Array) -> Array:
    found = np.zeros(len(times))
    found[np.searchsorted(times, at)] = counts
    return found
