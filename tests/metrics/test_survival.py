"""Kaplan-Meier quantiles against a textbook's data and statsmodels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from statsmodels.duration.survfunc import SurvfuncRight

from cx_metrics.metrics.survival import SurvivalQuantile
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.metrics.literal import literal_rows, metric_over

# Miller 1997, Survival Analysis, p. 49: weeks in remission; True: relapse seen, False: still under observation.
MAINTAINED = [(9, 1), (13, 1), (13, 0), (18, 1), (23, 1), (28, 0), (31, 1), (34, 1), (45, 0), (48, 1), (161, 0)]
NOT_MAINTAINED = [(t, 1) for t in (5, 5, 8, 8, 12, 23, 27, 30, 33, 43, 45)] + [(16, 0)]


def quantiles(warehouse: Warehouse, groups: Mapping[str, Sequence[tuple[float, Any]]], q: float) -> pd.DataFrame:
    """Figures by label from (time, ended)."""
    rows = [(label, t if ended else None, t) for label, times in groups.items() for t, ended in times]
    given = literal_rows({"label": sa.Text, "ended": sa.Double, "so_far": sa.Double}, rows)
    metric = metric_over(given, SurvivalQuantile(sa.true(), given.c.ended, given.c.so_far, q))
    return warehouse.read(metric.select(Scope(), ("label",))).set_index("label").astype(float)


def random_groups(q: float) -> dict[str, list[tuple[float, bool]]]:
    """Tied times, with and without censoring; without curves that meet the quantile, where conventions differ."""
    random = np.random.default_rng(3)
    groups = {}
    for number in range(60):
        n = int(random.integers(8, 60))
        times = random.integers(1, 40, n).astype(float)
        ended = random.random(n) < random.choice([0.5, 0.8, 1.0])
        if ended.any() and not np.isclose(SurvfuncRight(times, ended.astype(int)).surv_prob, 1 - q).any():
            groups[f"{number:02}"] = list(zip(times.tolist(), ended.tolist(), strict=True))
    return groups


def test_medians_of_the_textbook(empty_warehouse: Warehouse) -> None:
    found = quantiles(empty_warehouse, {"maintained": MAINTAINED, "not": NOT_MAINTAINED}, 0.5)
    assert found["n"].tolist() == [11, 12]
    assert found["value"].tolist() == [31, 23]


def test_open_cases_make_the_median_longer(empty_warehouse: Warehouse) -> None:
    closed = [(float(t), True) for t in range(1, 11)]
    found = quantiles(empty_warehouse, {"closed": closed, "open too": [*closed, *[(20.0, False)] * 8]}, 0.5)
    assert found["value"].tolist() == [5, 9]


def test_a_curve_that_stays_above_has_no_quantile(empty_warehouse: Warehouse) -> None:
    found = quantiles(empty_warehouse, {"a": [(1.0, True)] * 4 + [(9.0, False)] * 6}, 0.5).iloc[0]
    assert found["n"] == 10
    assert math.isnan(found["value"]) and math.isnan(found["high"])
    assert found["low"] == 1


@pytest.mark.parametrize("q", [0.5, 0.9])
def test_against_statsmodels(empty_warehouse: Warehouse, q: float) -> None:
    groups = random_groups(q)
    found = quantiles(empty_warehouse, groups, q)
    assert len(found) > 40
    for label, pairs in groups.items():
        times, ended = np.array(pairs).T
        curve = SurvfuncRight(times, ended.astype(int))
        with np.errstate(all="ignore"):  # statsmodels takes the logarithm of a curve that ends at zero
            low, high = (x if np.isfinite(x) else np.nan for x in curve.quantile_ci(q, method="cloglog"))
            value = curve.quantile(q)
        row = found.loc[label]
        assert row["value"] == pytest.approx(value if np.isfinite(value) else np.nan, nan_ok=True), label
        if not (math.isnan(low) and math.isnan(high)):
            assert [row["low"], row["high"]] == pytest.approx([low, high], nan_ok=True), label
