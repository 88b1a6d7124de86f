"""Levels as columns: what is learnt, pooled or stands in, in memory and in the engine alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.analyses.estimate_design import OTHER, Design, column_names, design
from cx_metrics.analyses.estimate_features import Feature, level_words
from cx_metrics.warehouse import Warehouse

STAGE = Feature("stage", "Stage", "stage {}", sa.literal(""))
MOVED = Feature("moved", "Moved", "being moved", sa.literal(""), usual="no")
USED = (STAGE, MOVED)


def combinations(counts: dict[tuple[str, str], float]) -> pd.DataFrame:
    rows = [(stage, moved, n) for (stage, moved), n in counts.items()]
    return pd.DataFrame(rows, columns=["x_stage", "x_moved", "n"])


POOLED = combinations({
    ("use", "yes"): 60, ("use", "no"): 100, ("pay", "no"): 50, ("pay", "yes"): 50, ("rare", "yes"): 20, ("odd", "no"): 15,
})  # fmt: skip


def test_rare_levels_are_pooled_and_the_usual_one_is_compared_with() -> None:
    found = design(USED, POOLED)
    assert [part.levels for part in found.parts] == [("use", "pay", OTHER), ("no", "yes")]
    assert column_names(found) == [
        ("stage", "pay", "use", 100.0), ("stage", OTHER, "use", 35.0), ("moved", "yes", "no", 130.0),
    ]  # fmt: skip
    assert found.matrix(POOLED).tolist() == [
        [1, 0, 0, 1], [1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 1], [1, 0, 1, 1], [1, 0, 1, 0],
    ]  # fmt: skip


def test_a_level_that_is_not_learnt_takes_the_mean_of_the_others() -> None:
    found = design(USED, POOLED[POOLED["x_stage"] != "rare"])
    assert found.parts[0].levels == ("use", "pay")  # 15 odd ones are too few for a pool
    assert found.matrix(combinations({("odd", "no"): 1, ("new", "?"): 1}))[:, 1] == pytest.approx([100 / 260] * 2)


def test_redundant_columns_are_left_out() -> None:
    same = combinations({("use", "no"): 120, ("pay", "yes"): 100})
    assert column_names(design(USED, same)) == [("stage", "pay", "use", 100.0)]
    alone = combinations({("use", "no"): 100})
    assert design(USED, alone).columns == () and design(USED, alone).matrix(alone).tolist() == [[1.0]]


@pytest.mark.parametrize("kept", [POOLED, POOLED[POOLED["x_stage"] != "rare"]], ids=["pooled", "mean"])
def test_the_engine_makes_the_same_columns(kept: pd.DataFrame, empty_warehouse: Warehouse) -> None:
    found: Design = design(USED, kept)
    asked = combinations({(stage, moved): 1 for stage in ("use", "pay", "rare", "new") for moved in ("yes", "no", "?")})
    rows = sa.union_all(*(sa.select(sa.literal(a).label("x_stage"), sa.literal(b).label("x_moved"), sa.literal(place).label("row"))
                          for place, (a, b) in enumerate(asked[["x_stage", "x_moved"]].to_numpy())))  # fmt: skip
    given, weights = rows.subquery(), np.array([70.0, -3.0, 5.5, 8.0])[: 1 + len(found.columns)]
    columns = [value.label(f"c{place}") for place, value in enumerate(found.expressions(given))]
    strange = [value.label(f"u{place}") for place, value in enumerate(found.unlearnt(given))]
    question = sa.select(*columns, *strange, found.expected(given, weights).label("e")).order_by(given.c.row)
    answer = empty_warehouse.read(question).astype(float)
    assert answer[[column.name for column in columns]].to_numpy() == pytest.approx(found.matrix(asked)[:, 1:])
    assert answer["e"].to_numpy() == pytest.approx(found.matrix(asked) @ weights)
    assert answer["u0"].tolist() == (~asked["x_stage"].isin(["use", "pay"])).astype(float).tolist()


def test_words() -> None:
    assert level_words(STAGE, "pay") == "stage pay" and level_words(MOVED, "yes") == "being moved"
    assert level_words(MOVED, "(not given)") == "moved not known"
