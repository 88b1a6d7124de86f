"""Small groups stay hidden, and no subtraction brings them back."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cx_metrics.metrics.catalog import METRICS, figures
from cx_metrics.metrics.suppression import suppress
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse
from tests.metrics.literal import literal_rows

MINIMUM = 10
Key = tuple[str | None, ...]
Cells = dict[Key, int]
NAMES = ("a", "b", "c", "d", "e", None)  # None: the dimension's value is missing


def suppressed(warehouse: Warehouse, cells: Mapping[Key, int], dimensions: int) -> dict[Key, dict[str, Any]]:
    """What becomes of cells (key -> n), each with the value 1; missing figures are None."""
    groups = [f"group_{number}" for number in range(dimensions)]
    kinds = dict.fromkeys(groups, sa.Text) | dict.fromkeys(("n", "value", "low", "high"), sa.Double)
    rows = literal_rows(kinds, [(*key, float(n), 1.0, 0.0, 2.0) for key, n in cells.items()])
    found = warehouse.read(suppress(rows, groups, MINIMUM)).astype(object)
    found = found.where(found.notna(), None)
    return {tuple(row[name] for name in groups): row.drop(groups).to_dict() for _, row in found.iterrows()}


def hidden(found: Mapping[Key, Mapping[str, Any]]) -> set[Key]:
    return {key for key, row in found.items() if row["n"] is None}


def lines(cells: Mapping[Key, int], dimension: int) -> list[list[Key]]:
    """Keys that differ along one dimension only."""

    def others(key: Key) -> tuple[bool | str | None, ...]:
        rest = key[:dimension] + key[dimension + 1 :]
        return (*(part is None for part in rest), *(part or "" for part in rest))

    return [list(line) for _, line in itertools.groupby(sorted(cells, key=others), key=others)]


def tables_of(dimensions: int) -> st.SearchStrategy[Cells]:
    names = NAMES if dimensions < 3 else NAMES[-4:]  # few enough for lines to cross
    keys = st.tuples(*[st.sampled_from(names)] * dimensions)
    sizes = st.one_of(st.integers(1, 4), st.integers(5, 40))
    return st.dictionaries(keys, sizes, min_size=1, max_size=40)


def check(warehouse: Warehouse, cells: Cells, dimensions: int) -> None:
    found = suppressed(warehouse, cells, dimensions)
    assert found.keys() == cells.keys()
    for key, n in cells.items():
        row = found[key]
        assert row["n"] in (None, n)
        assert row["n"] is None or n >= 5
        shown = row["n"] is not None and n >= MINIMUM
        figure = (row["value"], row["low"], row["high"], row["suppressed"])
        assert figure == ((1, 0, 2, False) if shown else (None, None, None, True))
    for dimension in range(dimensions):
        for line in lines(cells, dimension):
            assert len(line) == 1 or len(hidden(found) & set(line)) != 1, line
    if min(cells.values()) >= 5:
        assert not hidden(found)


@given(cells=tables_of(1))
@example(cells={("a",): 3})
@settings(max_examples=15)
def test_no_subtraction_along_one_dimension(empty_warehouse: Warehouse, cells: Cells) -> None:
    check(empty_warehouse, cells, 1)


@given(cells=tables_of(2))
@settings(max_examples=25)
def test_no_subtraction_along_two_dimensions(empty_warehouse: Warehouse, cells: Cells) -> None:
    check(empty_warehouse, cells, 2)


@given(cells=tables_of(3))
@settings(max_examples=15)
def test_no_subtraction_along_three_dimensions(empty_warehouse: Warehouse, cells: Cells) -> None:
    check(empty_warehouse, cells, 3)


def test_a_chain_of_siblings_is_followed_to_its_end(empty_warehouse: Warehouse) -> None:
    """A staircase: each sibling is alone in its next line, so that hiding goes on cell by cell."""
    names = "abcdefgh"
    cells: Cells = {key: 20 for step in itertools.pairwise(names) for key in ((step[0], step[0]), step)}
    check(empty_warehouse, cells | {("a", "a"): 3, ("h", "h"): 20}, 2)


def test_the_smallest_sibling_is_hidden(empty_warehouse: Warehouse) -> None:
    found = suppressed(empty_warehouse, {("a",): 3, ("b",): 90, ("c",): 30, ("d",): 60}, 1)
    assert hidden(found) == {("a",), ("c",)}


def test_two_small_cells_need_no_sibling(empty_warehouse: Warehouse) -> None:
    found = suppressed(empty_warehouse, {("a",): 3, ("b",): 4, ("c",): 30}, 1)
    assert hidden(found) == {("a",), ("b",)}


def test_a_rectangle_is_enough_for_one_small_cell(empty_warehouse: Warehouse) -> None:
    cells: Cells = {(x, y): 20 for x in "abcd" for y in "abcd"}
    found = suppressed(empty_warehouse, cells | {("b", "c"): 2}, 2)
    assert len(hidden(found)) == 4


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    """Regions of 3, 7, 12 and 40 contacts, in January and February by turns; every second one is transferred."""
    sizes = {"north": 3, "east": 7, "south": 12, "west": 40}
    contacts = [
        {
            "interaction_id": f"{region}{i}",
            "customer_id": region,
            "transfers": i % 2,
            "occurred_at": f"2024-0{1 + i % 2}-15",
        }
        for region, size in sizes.items()
        for i in range(size)
    ]
    customers = [{"customer_id": region, "region": region} for region in sizes]
    return make_shared_warehouse({"customers": customers, "interactions": contacts})


class TestInFigures:
    """The same through a metric."""

    def by_region(self, warehouse: Warehouse, metric: str) -> pd.DataFrame:
        found = figures(warehouse, METRICS[metric], Scope(), ("region",))
        return found.set_index("region").astype({"n": float, "value": float})

    def test_below_five_is_hidden_with_a_sibling(self, warehouse: Warehouse) -> None:
        found = self.by_region(warehouse, "transfer_rate")
        assert found.index[found["n"].isna()].tolist() == ["east", "north"]
        assert found["n"].dropna().to_dict() == {"south": 12, "west": 40}
        assert found["value"].dropna().to_dict() == {"south": 50, "west": 50}

    def test_five_to_nine_shows_the_count_only(self, warehouse: Warehouse) -> None:
        scope = Scope(filters=(("region", ("east", "south", "west")),))
        found = figures(warehouse, METRICS["transfer_rate"], scope, ("region",)).set_index("region").loc["east"]
        assert (found["n"], found["suppressed"]) == (7, True)
        assert found[["value", "low", "high"]].isna().all()

    def test_a_count_is_shown_from_five_on(self, warehouse: Warehouse) -> None:
        scope = Scope(filters=(("region", ("east", "south", "west")),))
        found = figures(warehouse, METRICS["contacts"], scope, ("region",)).set_index("region")["value"]
        assert found.to_dict() == {"east": 7, "south": 12, "west": 40}

    def test_the_total_is_not_touched(self, warehouse: Warehouse) -> None:
        total = figures(warehouse, METRICS["contacts"], Scope()).iloc[0]
        assert (total["n"], total["value"], total["suppressed"]) == (62, 62, False)

    def test_a_single_small_total_is_hidden(self, warehouse: Warehouse) -> None:
        total = figures(warehouse, METRICS["contacts"], Scope(filters=(("region", ("north",)),))).iloc[0]
        assert total[["n", "value", "low", "high"]].isna().all()
        assert total["suppressed"]

    def test_periods_are_siblings_too(self, warehouse: Warehouse) -> None:
        scope = Scope(filters=(("region", ("north", "south")),))
        found = figures(warehouse, METRICS["contacts"], scope, ("region",), "month")
        shown = found.astype({"n": float}).pivot(index="region", columns="period", values="n")
        assert shown.isna().to_numpy().all()  # 2 and 1 in the north; their only siblings are 6 and 6 in the south
