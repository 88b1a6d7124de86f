"""Which shares have risen lately, of many that are watched: at a known rate of false alarms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Span:
    """Some weeks, as sums over them. n: texts; weeks: how many. Of each thing that is watched: hits: texts with it;
    ratio: hits squared / texts; logs and log_squares: of `level`."""

    n: float
    weeks: int
    hits: Floats
    ratio: Floats
    logs: Floats
    log_squares: Floats


def level(hits: float, n: float) -> float:
    """The log of a week's share, with half a hit and one text more, so that a week without hits has one."""
    return math.log(hits + 0.5) - math.log(n + 1)


def risen(recent: Span, before: Span) -> tuple[Floats, Floats]:
    """p (one-sided) that the recent share is no larger than the one before, and the dispersion that it allows for.

    Texts of a week hang together (one outage, many complaints), so weeks differ by more than chance. p is the largest
    of three tests, as each is too bold somewhere:
    - Student's t of the difference of the shares, its variance multiplied by the dispersion: Pearson's chi squared of
      the weeks around the two shares / (weeks - 2), at least 1 (McCullagh and Nelder 1989, 4.5). Bold for rare words.
    - The binomial test of how the hits, divided by the dispersion, fall on the two spans (Rao and Scott 1992).
    - Student's t of the weeks' log shares, which are less skewed than the shares of spiky words.
    """
    from scipy.special import betainc  # takes a moment that those who do not ask should not spend

    hits, n, weeks = recent.hits + before.hits, recent.n + before.n, recent.weeks + before.weeks
    share, own, rest = hits / n, recent.hits / recent.n, before.hits / before.n
    dispersion = np.maximum((_pearson(recent) + _pearson(before)) / (weeks - 2), 1.0)
    spread = np.maximum(dispersion * share * (1 - share), 1e-300)
    by_share = _upper_t((own - rest) / np.sqrt(spread * (1 / recent.n + 1 / before.n)), weeks - 2)
    fewer = np.maximum(recent.hits, 1e-9) / dispersion, before.hits / dispersion
    by_count = betainc(fewer[0], fewer[1] + 1, recent.n / n)
    apart = sum(span.log_squares - span.logs**2 / span.weeks for span in (recent, before))
    error = np.sqrt(np.maximum(apart, 1e-12) / (weeks - 2) * (1 / recent.weeks + 1 / before.weeks))
    by_log = _upper_t((recent.logs / recent.weeks - before.logs / before.weeks) / error, weeks - 2)
    return np.where(own > rest, reduce(np.maximum, (by_share, by_count, by_log)), 1.0), dispersion


def _pearson(span: Span) -> Floats:
    """Sum over weeks of (hits - expected)^2 / variance, by the sums that it needs only."""
    share = span.hits / span.n
    return np.asarray((span.ratio - span.hits * share) / np.maximum(share * (1 - share), 1e-12))


def _upper_t(t: Floats, freedom: int) -> Floats:
    from scipy.special import stdtr

    return np.asarray(stdtr(freedom, -t))


def false_discovery(p: npt.ArrayLike) -> Floats:
    """p adjusted so that, of those at or below a level, that share is expected to be false (Benjamini and Hochberg
    1995); missing ones were not asked."""
    given = np.asarray(p, dtype=float)
    asked = np.flatnonzero(~np.isnan(given))
    order = asked[np.argsort(-given[asked], kind="stable")]
    found = np.full(given.shape, np.nan)
    steps = given[order] * len(order) / np.arange(len(order), 0, -1)
    found[order] = np.minimum(np.minimum.accumulate(steps), 1.0) if len(order) else steps
    return found
