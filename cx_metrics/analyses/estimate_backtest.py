"""The model against answers that came after those it was learnt from: error, calibration, and bias group by group.

What groups differ by beyond chance is the model's own error: its variance between groups, by the method of moments
(Paule and Mandel 1982), goes into every interval of an estimate.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.estimate_bias import SINGLE, Bias, biases, dimension_columns, judged
from cx_metrics.analyses.estimate_features import Feature, answered_rows
from cx_metrics.analyses.estimate_fit import Fit
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.random_groups import interval_of_sums
from cx_metrics.warehouse import Warehouse

Array = npt.NDArray[np.float64]
FEWEST_BEHIND = 10  # random groups of customers: fewer cannot tell how far chance moves a figure
_PER_BIN, _BINS = 30, 10


@dataclass(frozen=True)
class Backtest:
    """errors: one row: n, rmse, rmse_mean, mae, mae_mean (points; of the model and of the mean of the training
    answers), r_squared (share of the mean's squared error that the model saves), better, low, high (squared error
    saved per answer, in squared points, with its 95 % interval). calibration: see `calibration`. bias: see
    `Bias`. reason: why the model is not used, in a clause, else empty.
    """

    errors: pd.DataFrame
    calibration: pd.DataFrame
    bias: Bias
    reason: str


def backtest(
    warehouse: Warehouse, used: tuple[Feature, ...], fit: Fit, final: Fit, combinations: pd.DataFrame,
    start: datetime.datetime,
) -> Backtest:  # fmt: skip
    """The model `fit`, learnt from the combinations with later = 0, against those with later = 1, from `start` on.

    final: the model learnt from all, which tells how far groups that are no part of it differ.
    """
    train, test = (combinations[combinations["later"] == later] for later in (0, 1))
    mean = float(train["y"].sum() / train["n"].sum())
    source, columns = dimension_columns(answered_rows(used), SINGLE)
    rows = source.add_columns(*columns).subquery()
    whole = sa.select(*rows.c).where(rows.c.early == 0)
    later, answers = whole.where(rows.c.at >= start).subquery("later"), whole.subquery("answers")
    losses = warehouse.read(_losses(later, fit, mean))
    found = errors(losses)
    reason = _doubt(found, min(len(losses), len(fit.groups)))
    bias = judged(biases(warehouse, later, fit), biases(warehouse, answers, final))
    return Backtest(found, calibration(fit, test), bias, reason)


def _doubt(found: pd.DataFrame, behind: int) -> str:
    """Why a model with these errors is not used, in a clause, else empty. behind: random groups with answers."""
    if behind < FEWEST_BEHIND:
        return "the answers come from too few customers to tell a model from chance"
    low, rmse, plain = (float(found[name].iloc[0]) for name in ("low", "rmse", "rmse_mean"))
    worse = "on later answers the model does no better than the mean of the older ones"
    return "" if low > 0 else f"{worse} (error {rmse:.1f} points against {plain:.1f}, the difference may be chance)"


def _losses(rows: sa.FromClause, fit: Fit, mean: float) -> sa.Select[Any]:
    """Per random group: n, and sums of squared and absolute errors of the model and of the mean."""
    own = (rows.c.y - fit.design.expected(rows, fit.coefficients)).label("own")
    given = sa.select(rows.c.grp, own, (rows.c.y - mean).label("plain")).subquery()
    sums = {
        "squared": given.c.own * given.c.own, "squared_mean": given.c.plain * given.c.plain,
        "absolute": sa.func.abs(given.c.own), "absolute_mean": sa.func.abs(given.c.plain),
    }  # fmt: skip
    totals = [sa.cast(sa.func.sum(value), sa.Double).label(name) for name, value in sums.items()]
    n = sa.cast(sa.func.count(), sa.Double).label("n")
    return sa.select(given.c.grp, n, *totals).group_by(given.c.grp)


def errors(losses: pd.DataFrame) -> pd.DataFrame:
    """The row of `Backtest.errors` from sums per random group: n, squared, squared_mean, absolute, absolute_mean."""
    n, squared, squared_mean, absolute, absolute_mean = (
        losses[name].to_numpy(dtype=float) for name in ("n", "squared", "squared_mean", "absolute", "absolute_mean")
    )
    total, saved = n.sum(), squared_mean - squared
    better = saved.sum() / total
    parts = (saved - better * n) / total
    low, high = interval_of_sums(np.array([better]), parts[:, None], np.array([len(losses)]))
    return pd.DataFrame([{
        "n": total, "rmse": np.sqrt(squared.sum() / total), "rmse_mean": np.sqrt(squared_mean.sum() / total),
        "mae": absolute.sum() / total, "mae_mean": absolute_mean.sum() / total,
        "r_squared": 1 - squared.sum() / squared_mean.sum() if squared_mean.sum() > 0 else np.nan,
        "better": better, "low": low[0], "high": high[0],
    }])  # fmt: skip


def calibration(fit: Fit, test: pd.DataFrame) -> pd.DataFrame:
    """Answers in tenths (fewer where there are few) by what was expected of them: bin, n, estimated (mean expected),
    answered (mean), low, high. test: x_<name>, n, y, yy. Combinations with one expectation stay together."""
    n, y, yy = (test[name].to_numpy(dtype=float) for name in ("n", "y", "yy"))
    expected = fit.expected(fit.design.matrix(test))
    order = np.argsort(expected, kind="stable")
    bins = int(np.clip(n.sum() // _PER_BIN, 1, _BINS))
    middle = (np.cumsum(n[order]) - n[order] / 2) / n.sum()
    table = pd.DataFrame({"bin": np.minimum((middle * bins).astype(int), bins - 1), "n": n[order], "y": y[order],
                          "yy": yy[order], "e": (expected * n)[order]})  # fmt: skip
    # The same expectation is the same answer to "how satisfied": it goes where its middle lies.
    same = np.round(expected[order], 9)
    table["bin"] = table.groupby(same)["bin"].transform("median").astype(int)
    sums = table.groupby("bin", as_index=False).sum()
    mean = sums["y"] / sums["n"]
    spread = np.sqrt((sums["yy"] - sums["n"] * mean**2).clip(lower=0) / (sums["n"] - 1).clip(lower=1))
    half = Z * spread / np.sqrt(sums["n"])
    found = pd.DataFrame({"bin": range(1, len(sums) + 1), "n": sums["n"], "estimated": sums["e"] / sums["n"],
                          "answered": mean, "low": mean - half, "high": mean + half})  # fmt: skip
    return found[found["n"] >= 10].reset_index(drop=True)
