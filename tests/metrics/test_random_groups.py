"""Random groups: the same on every engine; their intervals hold what they promise."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import sqlalchemy as sa
from scipy import stats

from cx_metrics.metrics.estimators import students_t
from cx_metrics.metrics.random_groups import (
    GROUPS,
    group_of,
    interval,
    interval_of_sums,
    resamples,
    skewed_interval,
)
from cx_metrics.warehouse import Warehouse
from tests.metrics.literal import literal_rows


def test_groups_are_the_same_on_every_engine(empty_warehouse: Warehouse) -> None:
    keys = [f"customer-{number}" for number in range(3000)] + ["Zoë", ""]
    rows = [(key, None if number % 3 else "order", number) for number, key in enumerate(keys)]
    given = literal_rows({"a": sa.Text, "b": sa.Text, "place": sa.Integer}, rows)
    asked = sa.select(group_of(given.c.a).label("one"), group_of(given.c.b, given.c.a).label("two")).order_by(
        given.c.place
    )
    found = empty_warehouse.read(asked)

    def expected(key: str) -> str:
        digest = hashlib.md5(key.encode()).hexdigest()
        return f"{digest[0]}{int(digest[1], 16) // 4}"

    assert found["one"].tolist() == [expected(key) for key in keys]
    assert found["two"].tolist() == [expected(b or a) for a, b, _ in rows]
    assert found["one"].nunique() == GROUPS
    assert found["one"].value_counts().max() < 2 * 3000 / GROUPS


def test_resamples_draw_as_many_groups_as_there_are() -> None:
    drawn = resamples(10, 500)
    assert (drawn.sum(axis=1) == 10).all() and drawn.mean(axis=0) == pytest.approx([1.0] * 10, abs=0.2)
    assert (drawn == resamples(10, 500)).all()


def test_students_t() -> None:
    freedom = np.array([4.0, 8.0, 20.0, 63.0])
    assert students_t(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-3)


def test_resampling_and_sums_agree_and_hold_what_they_promise() -> None:
    """A mean of skewed values in 20 groups: both intervals are alike, and hold the truth about 95 times in 100."""
    random, held, drawn = np.random.default_rng(3), 0, resamples(20, 400)
    for _ in range(300):
        groups = random.exponential(1.0, (20, 15)).sum(axis=1)
        mean = np.array([groups.sum() / 300])
        low, high = interval_of_sums(mean, groups[:, None] / 300, np.array([20.0]))
        redrawn = (drawn @ groups / 300)[:, None]
        again = interval(mean, redrawn, np.array([20.0]))
        assert again[1] - again[0] == pytest.approx(high - low, rel=0.15)
        held += bool(low[0] <= 1.0 <= high[0])
    assert 275 <= held <= 297


def test_few_groups_make_wide_intervals() -> None:
    redrawn = np.random.default_rng(1).standard_normal((400, 2))
    low, high = interval(np.zeros(2), redrawn, np.array([5.0, 64.0]))
    assert high[0] > 1.4 * high[1] and low == pytest.approx(-high)


def test_skewed_intervals_correct_for_bias() -> None:
    """Squares are biased upward: the interval of a square that is nothing reaches (nearly) zero."""
    random = np.random.default_rng(2)
    estimates, truths = np.array([0.5, 3.0]), np.array([0.0, 3.0])
    redrawn = (estimates + random.standard_normal((4000, 2))) ** 2
    low, high = skewed_interval(estimates**2, redrawn)
    assert low[0] < 0.05 and low[1] > 0.8 and (low >= 0).all()
    assert (low <= estimates**2).all() and (estimates**2 <= high).all()
    plain = np.quantile(redrawn, 0.975, axis=0)
    assert high[0] < plain[0] and truths[1] ** 2 < high[1]
