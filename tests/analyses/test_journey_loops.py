"""Loops by hand, and how often a reason stands out that does not differ."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.journey_loops import MARGIN, judged, loops
from cx_metrics.analyses.standing_out import ALARM
from cx_metrics.scope import NOT_GIVEN, Scope
from tests.conftest import Embedded, MakeWarehouse

START = datetime(2024, 3, 4)
SCOPE = Scope(date(2024, 1, 1), date(2024, 12, 31), "none")
Row = dict[str, Any]


def cases(**sizes: int) -> list[Row]:
    """Cases by reason_kind: straight (pay), loop (pay, get help, pay), other (pay, use, pay) or stay (pay, pay)."""
    kinds = {
        "straight": ["pay"],
        "loop": ["pay", "get help", "pay"],
        "other": ["pay", "use", "pay"],
        "stay": ["pay", "pay"],
    }
    rows = []
    for name, size in sizes.items():
        reason, _, kind = name.rpartition("_")
        for number in range(size):
            for place, stage in enumerate(kinds[kind]):
                rows.append({
                    "interaction_id": f"{name}{number:04}-{place}", "customer_id": f"{name}{number}", "reason": reason or None,
                    "case_id": f"{name}{number}", "occurred_at": START + timedelta(hours=place), "stage": stage,
                    "channel": "chat", "outcome": "resolved",
                })  # fmt: skip
    return rows


def test_by_hand(make_warehouse: MakeWarehouse) -> None:
    """Refund: 30 of 200 loop, 25 through get help and 5 through use; bill: 4 of 304; never loop: order, 100 cases."""
    rows = cases(refund_straight=150, refund_stay=20, refund_loop=25, refund_other=5, bill_straight=300, bill_loop=4,
                 order_straight=100, small_loop=4)  # fmt: skip
    found = loops(make_warehouse({"interactions": rows}), SCOPE)
    table = found.tables["loops"].set_index("reason")
    assert table.loc["refund", ["n", "cases", "share"]].tolist() == [200, 30, 15]
    assert table.loc["refund", "rest_share"] == pytest.approx(100 * 8 / 308)  # order is left out: it cannot loop
    assert table.loc["refund", "ratio"] == pytest.approx(15 / (100 * 8 / 308))
    assert table.loc["bill", "rest_share"] == pytest.approx(100 * 34 / 204)
    assert table["stands_out"].to_dict() == {"refund": True, "bill": False, "order": False, "small": False}
    assert table.loc["small"][["n", "cases", "share", "rest_share"]].isna().all()
    assert pd.isna(table.loc["order", "n"])  # the sibling of the small one
    ways = found.tables["loop_ways"].set_index(["reason", "stage", "by_way_of"])
    assert ways.loc[("refund", "pay", "get help"), ["cases", "share"]].tolist() == [25, 12.5]
    assert ways.loc[("refund", "pay", "use"), ["cases", "share"]].tolist() == [5, 2.5]
    assert pd.isna(ways.loc[("small", "pay", "get help"), "cases"])
    assert found.sentences == (
        "refund: cases go in circles in 15.0 % (10.7 to 20.6 %), on other reasons in 2.6 %; back to pay from get help in "
        "12.5 %.",
    )


def test_nothing_stands_out(make_warehouse: MakeWarehouse) -> None:
    rows = cases(a_straight=90, a_loop=10, b_straight=90, b_loop=8, _straight=60, _loop=6)
    found = loops(make_warehouse({"interactions": rows}), SCOPE)
    assert not found.tables["loops"]["stands_out"].any() and "On no reason" in found.sentences[0]
    assert set(found.tables["loops"]["reason"]) == {"a", "b", NOT_GIVEN}


def test_the_only_reason_that_loops_is_compared_with_all(make_warehouse: MakeWarehouse) -> None:
    rows = cases(a_straight=100, a_loop=20, b_straight=200)
    found = loops(make_warehouse({"interactions": rows}), SCOPE).tables["loops"].set_index("reason")
    assert found.loc["a", "rest_share"] == 0 and found.loc["a", "stands_out"] and pd.isna(found.loc["a", "ratio"])


def test_a_case_belongs_to_its_first_contact(embedded: Embedded) -> None:
    rows = cases(a_straight=30, a_loop=10, b_straight=30)
    changed = [
        {**row, "reason": "b", "channel": "phone"} if row["interaction_id"].endswith("-2") else row for row in rows
    ]
    warehouse = embedded.warehouse({"interactions": changed})
    found = loops(warehouse, SCOPE).tables["loops"].set_index("reason")["cases"]
    assert found.to_dict() == {"a": 10, "b": 0}
    by_chat = Scope(SCOPE.start, SCOPE.end, "none", (("channel", ("chat",)),))
    assert loops(warehouse, by_chat).tables["loops"].set_index("reason")["cases"].to_dict() == {"a": 10, "b": 0}


# --- false alarms ----------------------------------------------------------------------------------------------------


def reasons(n: np.ndarray, hits: np.ndarray) -> pd.DataFrame:
    """Counts of reasons as the statement gives them: the rest are other reasons with any hit, else all others."""
    some = np.where(hits > 0, n, 0)
    others = some.sum() - some
    rest_n = np.where(others > 0, others, n.sum() - n)
    frame = pd.DataFrame({"reason": [f"r{i}" for i in range(len(n))], "n": n, "cases": hits, "rest_n": rest_n})
    ends = {"rest_cases": hits.sum() - hits, "share": 100 * hits / n, "low": 0.0, "high": 0.0, "suppressed": False}
    return frame.assign(**ends)


@pytest.mark.parametrize(
    ("background", "spread"), [(0.003, 1.0), (0.01, 1.0), (0.01, MARGIN), (0.1, MARGIN), (0.3, 1.0)]
)
def test_false_alarms_stay_below_the_stated_rate(background: float, spread: float) -> None:
    """Every reason has its background of loops; with `spread` one has as much more as the margin allows."""
    dice = np.random.default_rng(3)
    n = np.array([40, 60, 120, 300, 300, 500, 800, 800, 1500, 2000, 3000, 3000])
    share = np.full(len(n), background)
    share[6] *= spread
    rounds = 200
    alarms = sum(judged(reasons(n, dice.binomial(n, share)))["stands_out"].any() for _ in range(rounds))
    assert alarms <= rounds * ALARM + 2 * np.sqrt(rounds * ALARM)


def test_a_planted_loop_is_found() -> None:
    dice = np.random.default_rng(4)
    n, share = np.array([600] * 10), np.array([0.004] * 9 + [0.1])
    found = [judged(reasons(n, dice.binomial(n, share)))["stands_out"].tolist() for _ in range(50)]
    assert all(row == [False] * 9 + [True] for row in found)


def test_few_cases_are_not_compared() -> None:
    found = judged(reasons(np.array([29, 400, 500]), np.array([29, 4, 5])))
    assert found["p"].isna().tolist() == [True, False, False] and not found["stands_out"].any()
