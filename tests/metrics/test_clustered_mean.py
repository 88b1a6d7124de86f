"""Means of answers that hang together within a respondent, against a reference library."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa
import statsmodels.api as sm
from scipy import stats

from cx_metrics.metrics.clustered_mean import ClusteredMean
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.metrics.literal import literal_rows, metric_over

COLUMNS = {"label": sa.Text(), "who": sa.Text(), "y": sa.Double()}


def figure(warehouse: Warehouse, rows: list[tuple[str, str, float | None]]) -> list[float]:
    given = literal_rows(COLUMNS, rows)
    kind = ClusteredMean(sa.true(), given.c.y, given.c.who)
    (found,) = (
        warehouse.read(metric_over(given, kind).select(Scope()))[["n", "value", "low", "high"]].to_numpy().tolist()
    )
    return [float("nan") if x is None else float(x) for x in found]


def test_one_answer_each_is_the_plain_interval(empty_warehouse: Warehouse) -> None:
    y = [50.0, 60.0, 40.0, 70.0, 55.0, 65.0, 30.0, 80.0]
    wanted = stats.t.interval(0.95, 7, np.mean(y), stats.sem(y))
    found = figure(empty_warehouse, [("x", f"p{i}", value) for i, value in enumerate(y)])
    assert found == pytest.approx([8, np.mean(y), *wanted], rel=1e-3)


def test_several_answers_each(empty_warehouse: Warehouse) -> None:
    """The sandwich of a regression on a constant, with groups / (groups - 1) as its correction."""
    rng = np.random.default_rng(3)
    who = np.repeat(np.arange(12), rng.integers(1, 7, 12))
    y = 50 + 10 * rng.standard_normal(12)[who] + 5 * rng.standard_normal(len(who))
    given = {"groups": who, "df_correction": False, "use_correction": False}
    error = sm.OLS(y, np.ones(len(y))).fit(cov_type="cluster", cov_kwds=given).bse[0] * np.sqrt(12 / 11)
    half = stats.t.ppf(0.975, 11) * error
    found = figure(empty_warehouse, [("x", str(person), float(value)) for person, value in zip(who, y, strict=True)])
    assert found == pytest.approx([len(y), y.mean(), y.mean() - half, y.mean() + half], rel=1e-3)


def test_missing_values_and_a_single_person(empty_warehouse: Warehouse) -> None:
    n, value, low, high = figure(empty_warehouse, [("x", "p", 50.0), ("x", "p", 70.0)] * 6 + [("x", "q", None)])
    assert (n, value) == (12, 60.0)
    assert np.isnan(low) and np.isnan(high)  # one person tells nothing of how people differ


def test_nobody(empty_warehouse: Warehouse) -> None:
    assert figure(empty_warehouse, [("x", "p", None)])[0] == 0
