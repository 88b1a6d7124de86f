"""Small groups become one row from which no hidden count can be worked out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.analyses.change_cells import OTHERS
from cx_metrics.analyses.change_groups import groups, together
from cx_metrics.metrics.suppression import HIDDEN_BELOW


def counts(**n: tuple[int, int]) -> pd.DataFrame:
    """Sums of groups by their n before and now; every second row hits."""
    rows = [(name, period, k) for name, both in n.items() for period, k in enumerate(both) if k]
    frame = pd.DataFrame(rows, columns=["group", "period", "n"]).assign(rest=0)
    half = 50.0 * frame["n"]
    return frame.assign(size=frame["n"], total=half, squares=frame["n"], skew=half, spread=100 * half)


@pytest.mark.parametrize(
    ("n", "pooled"),
    [
        ({"a": (50, 60), "b": (10, 11)}, set()),
        ({"a": (50, 60), "b": (40, 30), "c": (9, 30), "d": (30, 8)}, {"c", "d"}),  # two that are small add up to enough
        ({"a": (50, 60), "b": (40, 30), "c": (9, 30)}, {"b", "c"}),  # nine before: with the next smallest
        ({"a": (50, 60), "b": (40, 30), "c": (20, 25), "d": (3, 30)}, {"c", "d"}),  # its count could be worked out
        ({"a": (50, 60), "b": (40, 30), "c": (20, 25), "d": (2, 2), "e": (4, 1)}, {"c", "d", "e"}),  # six are too few
        ({"a": (50, 60), "b": (40, 30), "c": (0, 25)}, set()),  # nobody there is no secret
        ({"a": (50, 60), "b": (40, 30), "c": (0, 4), "d": (20, 35)}, {"b", "c", "d"} - {"d"}),  # b is smallest now
    ],
)
def test_who_is_pooled(n: dict[str, tuple[int, int]], pooled: set[str]) -> None:
    found = groups(counts(**n))
    assert set(n) - set(found.names) == pooled and (OTHERS in found.names) == bool(pooled)
    assert found.cells.n.sum(axis=1) == pytest.approx(np.array(list(n.values())).sum(axis=0))
    assert found.cells.total.sum(axis=1) == pytest.approx(50 * np.array(list(n.values())).sum(axis=0))


def test_groups_come_largest_first_with_the_others_last() -> None:
    assert groups(counts(a=(20, 20), b=(90, 3), c=(300, 400), d=(4, 4))).names == ("c", OTHERS)
    assert groups(counts(a=(20, 20), c=(300, 400))).names == ("c", "a")


def test_groups_that_must_not_stand_alone() -> None:
    assert groups(counts(a=(90, 90), b=(50, 50), c=(40, 40), d=(30, 30)), ["b", "d"]).names == ("a", "c", OTHERS)


def test_what_does_not_add_up_is_left_out() -> None:
    found = groups(counts(a=(90, 90), b=(50, 50), c=(4, 40)), add_up=False)
    assert found.names == ("a",)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=9))
def test_nothing_hidden_can_be_worked_out(both: list[tuple[int, int]]) -> None:
    n = np.array(sorted(both, key=lambda row: -sum(row)), dtype=float).T
    n = n[:, n.sum(axis=0) > 0]
    if n.shape[1] < 2:
        return
    found = together(n, np.zeros(n.shape[1], dtype=bool))
    alone = n[:, ~found]
    assert ((alone == 0) | (alone >= 10)).all()
    for own in n:
        low = found & (own > 0) & (own < HIDDEN_BELOW)
        if not found.all() and low.any():
            assert (own[found] > 0).sum() > 1 and own[found].sum() >= 10
