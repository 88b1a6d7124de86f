"""Gaps item by item: against Welch's interval, a paired sample, published SERVQUAL arithmetic and simulated data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from scipy import stats

from cx_metrics.metrics.matched_gap import MatchedGap
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.benchmarks.coverage_figures import cases, coverage
from tests.conftest import Embedded
from tests.metrics.literal import literal_rows, metric_over

Row = tuple[str, str, str, str, float]  # label, side, dimension, who, y
COLUMNS = {"label": sa.Text(), "side": sa.Text(), "dimension": sa.Text(), "who": sa.Text(), "y": sa.Double()}
WORSE = [50.0, 60.0, 40.0, 70.0, 55.0, 65.0, 30.0, 80.0, 45.0, 60.0]
BETTER = [70.0, 80.0, 75.0, 90.0, 60.0, 85.0, 65.0, 80.0, 95.0, 70.0, 85.0, 75.0]


def answers(label: str, side: str, dimension: str, scores: Sequence[float], people: str = "") -> list[Row]:
    """One answer per score, of people of their own unless `people` names them."""
    who = people or f"{label}{side}{dimension}"
    return [(label, side, dimension, f"{who}{number}", score) for number, score in enumerate(scores)]


def gaps(warehouse: Warehouse, rows: Sequence[Row], by: Sequence[str] = (), **more: Any) -> pd.DataFrame:
    given = literal_rows(COLUMNS, rows)
    kind = MatchedGap(
        given.c.side == "b", given.c.side == "a", given.c.y, sa.literal(""), given.c.dimension, given.c.who,
        importance=given.c.side == "w" if more.pop("weighted", False) else None, **more,
    )  # fmt: skip
    return warehouse.read(metric_over(given, kind).select(Scope(), by))


def one(warehouse: Warehouse, rows: Sequence[Row], **more: Any) -> tuple[float, float, float, float]:
    (row,) = gaps(warehouse, rows, **more)[["n", "value", "low", "high"]].astype(float).to_numpy().tolist()
    return tuple(row)


def test_one_item_is_welchs_interval(empty_warehouse: Warehouse) -> None:
    found = one(empty_warehouse, answers("x", "a", "ease", WORSE) + answers("x", "b", "ease", BETTER))
    wanted = stats.ttest_ind(BETTER, WORSE, equal_var=False).confidence_interval(0.95)
    assert found == pytest.approx((10, np.mean(BETTER) - np.mean(WORSE), *wanted), rel=1e-4)


def test_the_same_people_on_both_sides_are_a_paired_sample(empty_warehouse: Warehouse) -> None:
    after = [a + 10 + d for a, d in zip(WORSE, (1, -2, 3, 0, -1, 2, -3, 1, 0, -1), strict=True)]
    n, value, low, high = one(
        empty_warehouse, answers("x", "a", "ease", WORSE, "p") + answers("x", "b", "ease", after, "p")
    )
    error = np.std(np.subtract(after, WORSE), ddof=1) / math.sqrt(10)
    assert (n, value) == (10, pytest.approx(10.0))
    assert (high - low) / 2 == pytest.approx(error * stats.t.ppf(0.975, 18), rel=0.02)  # 9 degrees for each side


def test_items_of_one_side_are_left_out(empty_warehouse: Warehouse) -> None:
    both = answers("x", "a", "ease", WORSE) + answers("x", "b", "ease", BETTER)
    more = answers("x", "a", "speed", [0.0] * 20) + answers("x", "b", "price", [100.0] * 20)
    single = answers("x", "a", "care", [0.0]) + answers("x", "b", "care", [100.0] * 20)
    assert one(empty_warehouse, both + more + single) == pytest.approx(one(empty_warehouse, both))


def test_pooling_would_compare_unlike_things(empty_warehouse: Warehouse) -> None:
    """The company was asked more about the item that all rate highly; item by item there is no gap."""
    rows = answers("x", "a", "ease", [80, 90] * 10) + answers("x", "a", "price", [20, 30] * 40)
    rows += answers("x", "b", "ease", [80, 90] * 40) + answers("x", "b", "price", [20, 30] * 10)
    assert one(empty_warehouse, rows)[1] == pytest.approx(0.0)


def test_people_who_answer_several_items_count_once(empty_warehouse: Warehouse) -> None:
    """Seven answers that are all the same person's mood are as good as one."""
    alone = answers("x", "a", "ease", WORSE, "p") + answers("x", "b", "ease", BETTER, "q")
    seven = [
        row for j in range(7) for row in answers("x", "a", str(j), WORSE, "p") + answers("x", "b", str(j), BETTER, "q")
    ]
    assert one(empty_warehouse, seven) == pytest.approx(one(empty_warehouse, alone))


def test_weighted_by_importance_as_published(empty_warehouse: Warehouse) -> None:
    """Zeithaml, Parasuraman and Berry 1990: reliability 32, responsiveness 22, assurance 19, empathy 16, tangibles 11."""
    weights = {"reliability": 32, "responsiveness": 22, "assurance": 19, "empathy": 16, "tangibles": 11}
    means = {"reliability": -20, "responsiveness": -15, "assurance": -10, "empathy": -12, "tangibles": 5}
    rows: list[Row] = []
    for name, weight in weights.items():
        rows += answers("x", "a", name, [50 - 1, 50 + 1] * 6) + answers("x", "b", name, [50 + means[name]] * 12)
        rows += answers("x", "w", name, [weight - 2, weight + 2])
    rows += answers("x", "w", "not compared", [90.0, 90.0])
    assert one(empty_warehouse, rows, weighted=True)[1] == pytest.approx(-12.97)  # by hand
    assert one(empty_warehouse, rows)[1] == pytest.approx(-10.4)


def test_what_is_said_of_all_stands_beside_each_group(empty_warehouse: Warehouse) -> None:
    """label is a dimension; the minuend names none ("") and is compared with every group."""
    rows = answers("north", "a", "ease", WORSE) + answers("south", "a", "ease", BETTER)
    rows += answers("", "b", "ease", BETTER)
    found = gaps(empty_warehouse, rows, ("label",), general=True).set_index("label")
    assert found["value"].to_dict() == {
        "north": pytest.approx(np.mean(BETTER) - np.mean(WORSE)),
        "south": pytest.approx(0.0),
    }
    assert gaps(empty_warehouse, rows, ("label",)).empty


def test_without_answers(empty_warehouse: Warehouse) -> None:
    assert one(empty_warehouse, answers("x", "a", "ease", WORSE))[0] == 0
    assert gaps(empty_warehouse, answers("x", "a", "ease", WORSE), ("label",)).empty


SMALL = [case for case in cases() if case.name.endswith(("n = 30", "n = 30 and 20"))]


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_intervals_cover(case: Any, embedded: Embedded) -> None:
    """A small run of the benchmark: of 200 data sets, chance leaves 90 to 99.5 % where the truth is 95 %."""
    assert 90 <= coverage(embedded.warehouse({}), case, 200) <= 99.5
