"""Levels and a yearly season of weekly shares, fitted together by weighted least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cx_metrics.analyses.weekly_shares import Numbers

Starts = tuple[int, ...]  # the first week of each level but the first


@dataclass(frozen=True)
class Weeks:
    """The weeks that can be judged. period: starts; share: per cent; n: contacts; variance: of each week by chance, in
    squared points; own: what of it is not sampling noise; season: effects of months, one row per week, no column where
    no season is fitted; shortest: weeks that a level lasts."""

    period: pd.DatetimeIndex
    share: Numbers
    n: Numbers
    variance: Numbers
    own: float
    season: Numbers
    shortest: int


@dataclass(frozen=True)
class Fit:
    """Levels and season together. steps: the first level and the changes; season: effect on each week, in points;
    misfit: weighted sum of squared residuals; losses: what each change takes off it."""

    steps: Numbers
    season: Numbers
    misfit: float
    losses: Numbers


def columns(weeks: Weeks, starts: Starts) -> Numbers:
    """The design: the first level, the changes (1 from their first week on), the months."""
    return np.hstack([np.arange(len(weeks.n))[:, None] >= np.array([0, *starts]), weeks.season])


def inverse(design: Numbers, weight: Numbers) -> Numbers:
    """Of the normal equations; a trace of ridge decides where a level and a month are the same weeks."""
    gram: Numbers = design.T @ (design * weight[:, None])
    return np.linalg.inv(gram + 1e-10 * np.trace(gram) * np.eye(len(gram)))


def fitted(weeks: Weeks, starts: Starts) -> Fit:
    """The fit of levels that start there and, where one is fitted, of the season."""
    design, weight, count = columns(weeks, starts), 1 / weeks.variance, len(starts) + 1
    inverted = inverse(design, weight)
    found = inverted @ (design.T @ (weight * weeks.share))
    rest = weeks.share - design @ found
    losses = found**2 / np.diag(inverted)  # exact for linear models
    return Fit(found[:count], weeks.season @ found[count:], float((weight * rest**2).sum()), losses[1:count])


def gains(weeks: Weeks, starts: Starts) -> Numbers:
    """What one more change would take off the misfit, by its first week; -inf where a level would be too short or the
    season explains the change as well."""
    design, weight = columns(weeks, starts), 1 / weeks.variance
    inverted = inverse(design, weight)
    rest = weeks.share - design @ (inverted @ (design.T @ (weight * weeks.share)))
    sums = np.column_stack([weight * rest, weight, design * weight[:, None]])[::-1].cumsum(axis=0)[::-1]
    drop, total, shared = sums[:, 0], sums[:, 1], sums[:, 2:]  # each over the weeks from one on
    free = total - np.einsum("ij,jk,ik->i", shared, inverted, shared)
    near = np.abs(np.arange(len(rest))[:, None] - np.array([0, *starts, len(rest)])).min(axis=1) < weeks.shortest
    none = near | (free < 1e-6 * total[0])
    return np.where(none, -np.inf, drop**2 / np.where(none, 1, free))
