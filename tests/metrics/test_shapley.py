"""Shapley's value against textbook games and his axioms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.metrics.shapley import members, shapley

GAMES = st.integers(0, 5).flatmap(
    lambda k: st.lists(st.floats(-100, 100, allow_nan=False), min_size=2**k, max_size=2**k)
)


def test_the_glove_game() -> None:
    """One left and two right gloves; a pair is worth 1 (Osborne and Rubinstein 1994, section 14.4)."""
    there = members(3)
    worth = there[:, 0] * np.maximum(there[:, 1], there[:, 2])
    assert shapley(worth) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_the_airport_game() -> None:
    """A runway costs what its largest aircraft needs; each stretch is shared by all who use it (Littlechild, Owen 1973)."""
    costs = np.array([8.0, 11.0, 13.0, 18.0])
    worth = (members(4) * costs).max(axis=1)
    assert shapley(worth) == pytest.approx([2.0, 3.0, 4.0, 9.0])


def test_any_of_them_caused_it_is_shared_equally() -> None:
    worth = 12.0 * (members(4).sum(axis=1) > 0)
    assert shapley(worth) == pytest.approx([3.0] * 4)


@given(GAMES)
def test_parts_sum_to_the_whole(worth: list[float]) -> None:
    assert shapley(np.array(worth)).sum() == pytest.approx(worth[-1] - worth[0] if len(worth) > 1 else 0.0, abs=1e-9)


@given(st.lists(st.floats(-100, 100), min_size=5, max_size=5))
def test_where_nothing_overlaps_each_gets_what_it_adds(adds: list[float]) -> None:
    assert shapley(members(5) @ np.array(adds)) == pytest.approx(adds, abs=1e-9)


@given(GAMES, GAMES)
def test_games_add_up(one: list[float], other: list[float]) -> None:
    size = min(len(one), len(other))
    a, b = np.array(one[:size]), np.array(other[:size])
    assert shapley(a + b) == pytest.approx(shapley(a) + shapley(b), abs=1e-9)
    assert shapley(np.array([a, b])) == pytest.approx(np.array([shapley(a), shapley(b)]))


def test_only_powers_of_two_are_games() -> None:
    with pytest.raises(ValueError, match="3 is not"):
        shapley(np.zeros(3))
