"""How well teams' predictions are calibrated: bias, error, ranges, and the comparison with a naive forecast."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from scipy import stats

from cx_metrics.metrics.proportions import wilson_interval

SHOWN = 10  # marked predictions from which a figure about them is given
RANKED = 30  # and from which teams are put in an order
MEANT = 90.0  # per cent of the ranges that should hold reality
_TEAM = ["team", "rank", "n"]
_SHARES = {"closer": "closer", "closer_year": "closer_year", "held": "held"}
_ERRORS = ["unit", "n", "bias", "low", "high", "mean_absolute_error", "previous_n", "previous_error", "skill",
           "year_earlier_n", "year_earlier_error", "skill_year"]  # fmt: skip


def by_team(scored: pd.DataFrame) -> pd.DataFrame:
    """One row per team: team, rank, n (marked predictions), and three shares in per cent with n_, _low and _high.

    closer, closer_year: of the predictions that came closer to reality than the previous period's value, and than that
    of the same period a year earlier. held: of the ranges that hold reality. A share is missing below SHOWN; teams of
    RANKED or more are ranked by `closer` and come first, the others follow by name, without a rank. scored: the rows of
    `predictions.marked` that are marked. Wilson intervals.
    """
    rows = []
    for team, part in scored.groupby("team"):
        shares = {name: value for column in _SHARES for name, value in _share(part[column], column).items()}
        rows.append({"team": team, "n": len(part), **shares})
    names = [
        *_TEAM,
        *(f"{a}{column}{b}" for column in _SHARES for a, b in (("n_", ""), ("", ""), ("", "_low"), ("", "_high"))),
    ]
    found = pd.DataFrame(rows, columns=names)
    ranked = found["n_closer"] >= RANKED
    place = found.loc[ranked, "closer"].rank(ascending=False, method="min")
    found["rank"] = place.reindex(found.index)
    return found.sort_values(["rank", "team"], na_position="last").reset_index(drop=True)


def _share(answers: pd.Series[Any], name: str) -> dict[str, float | None]:
    known = answers.dropna().astype(bool)
    n = len(known)
    if n < SHOWN:
        return {f"n_{name}": n, name: None, f"{name}_low": None, f"{name}_high": None}
    share = float(known.mean())
    low, high = wilson_interval(share, n)
    return {f"n_{name}": n, name: 100 * share, f"{name}_low": 100 * low, f"{name}_high": 100 * high}


def errors(scored: pd.DataFrame) -> pd.DataFrame:
    """One row per team and unit, since errors of different units cannot be added: team, and the columns of `_figures`.

    scored: as in `by_team`.
    """
    rows = [{"team": team, "unit": unit, **_figures(part)} for (team, unit), part in scored.groupby(["team", "unit"])]
    return pd.DataFrame(rows, columns=["team", *_ERRORS])


def by_quarter(scored: pd.DataFrame) -> pd.DataFrame:
    """Over all teams, one row per quarter in which periods ended and unit, oldest first: quarter (its first day), and
    the columns of `_figures`. scored: as in `by_team`."""
    ends = pd.to_datetime(scored["last_day"]).dt.to_period("Q").dt.start_time.rename("quarter")
    rows = [
        {"quarter": quarter, "unit": unit, **_figures(part)} for (quarter, unit), part in scored.groupby([ends, "unit"])
    ]
    return pd.DataFrame(rows, columns=["quarter", *_ERRORS])


def course(quarters: pd.DataFrame, unit: str) -> pd.DataFrame:
    """The mean absolute errors of one unit over time, for a chart: period, group ("predictions", "period before" for
    that naive forecast), n, value, low and high (missing). quarters: as `by_quarter`."""
    own = quarters[quarters["unit"] == unit].rename(columns={"quarter": "period"})
    groups = {"predictions": ("n", "mean_absolute_error"), "period before": ("previous_n", "previous_error")}
    parts = [
        own[["period"]].assign(group=group, n=own[n], value=own[value].astype(float), low=math.nan, high=math.nan)
        for group, (n, value) in groups.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _figures(part: pd.DataFrame) -> dict[str, float | None]:
    """n, bias (mean of expected - reality) with low and high (Student's t), mean_absolute_error.

    For each naive forecast: how many predictions have one (_n), its mean absolute error over those (_error), and the
    skill, 1 - error / naive error (Murphy 1988). All but counts are missing below SHOWN.
    """
    error, n = part["error"].astype(float), len(part)
    found: dict[str, float | None] = {"n": n}
    if n >= SHOWN:
        half = float(stats.t.ppf(0.975, n - 1)) * float(error.std()) / math.sqrt(n)
        found |= {"bias": float(error.mean()), "low": float(error.mean()) - half, "high": float(error.mean()) + half,
                  "mean_absolute_error": float(error.abs().mean())}  # fmt: skip
    for name, skill in (("previous", "skill"), ("year_earlier", "skill_year")):
        known = part[f"{name}_error"].notna()
        naive = part.loc[known, f"{name}_error"].astype(float).abs()
        found[f"{name}_n"] = len(naive)
        if len(naive) >= SHOWN:
            mean, own = float(naive.mean()), float(error[known].abs().mean())
            found[f"{name}_error"] = mean
            found[skill] = 1 - own / mean if mean > 0 else None
    return found
