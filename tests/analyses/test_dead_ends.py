"""Dead ends: by hand, at the stated false alarm rate, and where the sample company has one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.dead_ends import MARGIN, dead_ends, judged
from cx_metrics.analyses.standing_out import ALARM
from cx_metrics.scope import Scope
from tests.benchmarks import truths
from tests.conftest import MakeWarehouse

START = datetime(2024, 3, 4, 9)


def counted(rows: list[tuple[str, float, float]]) -> pd.DataFrame:
    """Cells of stages (stage, n, dead ends) on one channel, with the rest beside them."""
    cells = pd.DataFrame(rows, columns=["stage", "n", "dead_ends"])
    rest = {f"rest_{name}": cells[name].sum() - cells[name] for name in ("n", "dead_ends")}
    return cells.assign(
        channel="chat", handled_by="bot", share=np.nan, low=np.nan, high=np.nan, suppressed=False, **rest
    )


def test_by_hand() -> None:
    found = judged(counted([("pay", 100, 60), ("buy", 200, 40), ("use", 100, 20)])).set_index("stage")
    assert found["rest_share"].tolist() == pytest.approx([20, 40, 100 / 3])
    assert found["ratio"].tolist() == pytest.approx([3, 0.5, 0.6])
    assert found["stands_out"].tolist() == [True, False, False]
    assert found["p_holm"]["pay"] == pytest.approx(3 * found["p"]["pay"])


def test_a_little_more_does_not_stand_out() -> None:
    """Clearly more than the others (p below 1e-6), and not clearly 1.25 times as many."""
    found = judged(counted([("pay", 4000, 1200), ("buy", 4000, 1000), ("use", 4000, 1000)])).set_index("stage")
    assert found["ratio"]["pay"] == pytest.approx(1.2) and not found["stands_out"].any()


@pytest.mark.parametrize(
    ("n", "others", "compared"), [(29, 100, False), (30, 100, True), (100, 29, False), (100, 30, True)]
)
def test_small_cells_are_not_compared(n: float, others: float, compared: bool) -> None:
    found = judged(counted([("pay", n, n), ("buy", others, 0)])).set_index("stage")
    assert found["stands_out"]["pay"] == compared and pd.notna(found["p"]["pay"]) == compared
    assert found["rest_share"]["pay"] == 0 and pd.isna(found["ratio"]["pay"])  # nothing to divide by


def test_a_rest_that_is_too_small_is_not_shown() -> None:
    found = judged(counted([("pay", 100, 20), ("buy", 9, 9)])).set_index("stage")
    assert pd.isna(found["rest_share"]["pay"]) and pd.isna(found["rest_n"]["pay"])


def test_false_alarms_over_companies() -> None:
    """300 companies of 8 stages at the very margin: none may stand out more often than stated."""
    random, alarms = np.random.default_rng(1), 0
    for _ in range(300):
        n = random.integers(20, 400, 8)
        share = random.uniform(0.05, 0.7)
        shares = np.full(8, share)
        shares[0] *= MARGIN  # of the others: the worst case that is no dead end yet
        found = judged(counted([(str(i), float(n[i]), float(random.binomial(n[i], shares[i]))) for i in range(8)]))
        alarms += bool(found["stands_out"].any())
    assert alarms / 300 <= ALARM


def test_it_sees_what_is_there() -> None:
    random, seen = np.random.default_rng(2), 0
    for _ in range(100):
        shares = np.array([0.8, *[0.36] * 7])
        found = judged(counted([(str(i), 150.0, float(random.binomial(150, shares[i]))) for i in range(8)]))
        seen += found["stands_out"].tolist() == [True] + [False] * 7
    assert seen >= 99


# --- in a warehouse --------------------------------------------------------------------------------------------------


def contacts() -> Iterator[dict[str, Any]]:
    number = 0
    counts = {
        ("pay", "chat", "bot"): (40, 30), ("buy", "chat", "bot"): (60, 12), ("pay", "chat", "self_service"): (50, 10),
        ("buy", "chat", "self_service"): (50, 10), ("pay", "app", "bot"): (40, 10), (None, "app", "bot"): (20, 4),
        ("yak", "app", "bot"): (4, 4), ("zoo", "app", "bot"): (3, 3),
    }  # fmt: skip
    for (stage, channel, handler), (n, ends) in counts.items():
        for place in range(n):
            number += 1
            yield {"interaction_id": f"i{number}", "customer_id": f"c{number}", "occurred_at": START, "stage": stage,
                   "channel": channel, "handled_by": handler, "outcome": "abandoned" if place < ends else "resolved"}  # fmt: skip
    yield {"interaction_id": "end", "occurred_at": START + timedelta(days=30), "handled_by": "human"}


def test_cells_of_a_company(make_warehouse: MakeWarehouse) -> None:
    found = dead_ends(make_warehouse({"interactions": list(contacts())}), Scope())
    rows = {(row["stage"], row["channel"], row["handled_by"]): row for row in found.to_dict("records")}
    pay = rows["pay", "chat", "bot"]
    assert (pay["n"], pay["dead_ends"], pay["share"], pay["rest_n"], pay["rest_share"]) == (40, 30, 75, 60, 20)
    assert [key for key, row in rows.items() if row["stands_out"]] == [("pay", "chat", "bot")]
    assert found["stage"].tolist() == ["buy", "buy", "pay", "pay", "pay", "(not given)", "yak", "zoo"]
    hidden = [key for key, row in rows.items() if pd.isna(row["n"])]
    assert hidden == [("yak", "app", "bot"), ("zoo", "app", "bot")]
    assert rows["pay", "app", "bot"]["rest_n"] == 27
    for key in hidden:
        assert all(pd.isna(rows[key][name]) for name in ("dead_ends", "share", "rest_n", "rest_share", "ratio", "p"))


def test_nothing_to_judge(make_warehouse: MakeWarehouse) -> None:
    assert dead_ends(make_warehouse({"interactions": list(contacts())[-1:]}), Scope()).empty


# --- in the sample company -------------------------------------------------------------------------------------------


def test_the_planted_one_is_found_and_no_other() -> None:
    found = truths.dead_ends(2)
    planted, plain = (found[found["planted"] == is_there] for is_there in (True, False))
    assert len(planted) == len(plain) == 2 * len(truths.PERIODS)
    assert planted["found"].all() and not plain["found"].any()
    assert (found["elsewhere"] == 0).all()
