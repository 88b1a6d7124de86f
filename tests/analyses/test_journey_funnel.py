"""The funnel by hand, and against plain pandas on customers who come at random."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.journey_funnel import ENDED_HOW, NEXT, NO_MORE, funnel, usual_stages
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses import journey_oracle as oracle
from tests.conftest import MakeWarehouse

START = datetime(2024, 3, 1)
ALL = Scope(date(2024, 1, 1), date(2024, 12, 31), "none")
SCOPES = {
    "all": ALL,
    "two months": Scope(date(2024, 3, 11), date(2024, 5, 10), "none"),
    "begun by chat or nowhere": Scope(ALL.start, ALL.end, "none", (("channel", ("chat", NOT_GIVEN)),)),
    "a stage is left out": Scope(ALL.start, ALL.end, "none", (("stage", ("use",)),)),
}
Row = dict[str, Any]


def crowd() -> dict[str, list[Row]]:
    """1,500 customers with up to six contacts each, many at the same hour, some without customer, stage or channel."""
    dice = np.random.default_rng(5)
    rows: list[Row] = []
    for customer in range(1500):
        for _ in range(int(dice.integers(1, 7))):
            rows.append({
                "interaction_id": f"i{len(rows):05}", "customer_id": f"c{customer:04}" if dice.random() < 0.97 else None,
                "occurred_at": START + timedelta(hours=12 * int(dice.integers(0, 200))),
                "stage": dice.choice(["buy", "use", "pay", "get help", None], p=[0.3, 0.25, 0.2, 0.15, 0.1]),
                "channel": dice.choice(["chat", "phone", None], p=[0.6, 0.3, 0.1]),
                "outcome": dice.choice(["resolved", "unresolved", "abandoned", "escalated", None]), "reason": "r",
            })  # fmt: skip
    return {"interactions": rows}


@pytest.fixture(scope="session")
def contacts() -> pd.DataFrame:
    return pd.DataFrame(crowd()["interactions"])


@pytest.fixture(scope="module")
def busy(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse(crowd())


@pytest.mark.parametrize("name", SCOPES)
@pytest.mark.parametrize("stages", [(), ("pay", "get help", "buy")], ids=["usual", "own"])
def test_against_plain_pandas(name: str, stages: tuple[str, ...], busy: Warehouse, contacts: pd.DataFrame) -> None:
    found = funnel(busy, SCOPES[name], stages).tables
    steps = stages or ("buy", "use", "pay")
    reached, following, outcomes = oracle.funnel(contacts, SCOPES[name], steps)
    assert found["funnel"]["stage"].tolist() == list(steps)
    for row, customers, before in zip(found["funnel"].to_dict("records"), reached, [None, *reached], strict=False):
        assert row["n"] == len(customers) >= 10
        assert row["share"] == pytest.approx(100 * len(customers) / len(reached[0]))
        if before:
            assert row["share_before"] == pytest.approx(100 * len(customers) / len(before))
            assert row["before_low"] < row["share_before"] < row["before_high"]
            days = [oracle.rounded(oracle.hours(before[who], at)) / 24 for who, at in customers.items()]
            assert row["median_days"] == pytest.approx(pd.Series(days).median())
    leavers = found["funnel_leavers"]
    for what, wanted in ((NEXT, following), (ENDED_HOW, outcomes)):
        oracle.agree(oracle.shown(leavers[leavers["what"] == what], ("step", "name")), wanted)
    for step in range(1, len(steps)):
        own = leavers[(leavers["step"] == step) & (leavers["what"] == NEXT) & leavers["share"].notna()]
        gone = len(reached[step - 1]) - len(reached[step])
        assert own["share"].to_numpy() == pytest.approx(100 * own["n"].to_numpy() / gone)


# --- by hand ---------------------------------------------------------------------------------------------------------


def customers(*ways: str, copies: int = 10) -> dict[str, list[Row]]:
    """`copies` customers for each way such as "buy@0 use@5": stages with days; an outcome may follow: buy@0/abandoned."""
    rows = []
    for number, way in enumerate(ways):
        for copy in range(copies):
            for place, contact in enumerate(way.split()):
                contact, _, outcome = contact.partition("/")
                stage, _, day = contact.partition("@")
                rows.append({
                    "interaction_id": f"{number}-{copy:02}-{place}", "customer_id": f"{number}-{copy:02}",
                    "occurred_at": START + timedelta(days=float(day)), "stage": stage, "channel": "chat",
                    "outcome": outcome or "resolved", "reason": stage,
                })  # fmt: skip
    return {"interactions": rows}


def test_by_hand(make_warehouse: MakeWarehouse) -> None:
    """Of 40 who buy, 20 use after that, 10 of these pay; using or paying before does not count."""
    warehouse = make_warehouse(customers(
        "buy@0/abandoned", "pay@0 buy@1 leave@2", "buy@0 use@4 pay@6", "use@0 buy@2 use@4",
    ))  # fmt: skip
    found = funnel(warehouse, ALL)
    steps = found.tables["funnel"]
    assert steps[["stage", "n", "share"]].to_numpy().tolist() == [["buy", 40, 100], ["use", 20, 50], ["pay", 10, 25]]
    assert steps["share_before"].fillna(-1).tolist() == [-1, 50, 50]
    assert steps["median_days"].fillna(-1).tolist() == [-1, 3, 2]  # from buying to using: 4 and 2 days
    left = oracle.shown(found.tables["funnel_leavers"], ("step", "what", "name"))
    assert {key: (row["n"], row["share"]) for key, row in left.items()} == {
        (1, NEXT, NO_MORE): (10, 50), (1, NEXT, "leave, chat"): (10, 50), (1, ENDED_HOW, "abandoned"): (10, 50),
        (1, ENDED_HOW, "resolved"): (10, 50), (2, NEXT, NO_MORE): (10, 100), (2, ENDED_HOW, "resolved"): (10, 100),
    }  # fmt: skip
    assert found.sentences == (
        "Of 40 customers with a contact in buy, 25.0 % (14.2 to 40.2 %) went through buy, use and pay in this order "
        "within the period.",
        "Most are lost before use: 50.0 % (35.2 to 64.8 %) go on to it; 50.0 % of the others had no further contact.",
    )


def test_a_step_at_the_same_second_counts(make_warehouse: MakeWarehouse) -> None:
    found = funnel(make_warehouse(customers("use@1 buy@1", "buy@1 buy@1")), ALL, ("buy", "use")).tables
    assert found["funnel"]["n"].tolist() == [20, 10] and found["funnel"]["median_days"].tolist()[1] == 0
    next_ones = found["funnel_leavers"][found["funnel_leavers"]["what"] == NEXT]
    assert next_ones["name"].tolist() == [NO_MORE]  # the second purchase is not later than the first


def test_only_the_period_counts(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse(customers("buy@0 use@40", "buy@20 use@30", "use@25 buy@26"))
    early = Scope(date(2024, 3, 1), date(2024, 3, 31), "none")
    assert funnel(warehouse, early, ("buy", "use")).tables["funnel"]["n"].tolist() == [30, 10]
    late = Scope(date(2024, 3, 20), date(2024, 4, 30), "none")
    assert funnel(warehouse, late, ("buy", "use")).tables["funnel"]["n"].tolist() == [20, 10]


def test_a_small_step_hides_no_other(make_warehouse: MakeWarehouse) -> None:
    rows = [
        *customers("buy@0", "buy@0 use@1")["interactions"],
        *customers("buy@3 use@4 pay@5", copies=3)["interactions"],
    ]
    named = [{**row, "customer_id": f"{row['customer_id']} {place > 29}", "interaction_id": f"i{place}"}
             for place, row in enumerate(rows)]  # fmt: skip
    steps = funnel(make_warehouse({"interactions": named}), ALL).tables["funnel"]
    assert steps["n"].fillna(-1).tolist() == [23, 13, -1] and steps["suppressed"].tolist() == [False, False, True]


def test_usual_steps_are_the_journeys(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse(customers("pay@0 use@1 get@2 leave@3 discover@4"))
    assert usual_stages(warehouse, ALL) == ("discover", "use", "pay")


def test_small_steps_are_hidden(make_warehouse: MakeWarehouse) -> None:
    found = funnel(make_warehouse(customers("buy@0", "buy@0 use@1", copies=3)), ALL)
    steps = found.tables["funnel"]
    assert steps["n"].fillna(-1).tolist() == [6, -1] and steps["share"].isna().all() and not found.sentences
    assert found.tables["funnel_leavers"]["n"].isna().all()
    one_stage = funnel(make_warehouse(customers("buy@0")), ALL)
    assert not one_stage.tables and "fewer than two stages" in one_stage.sentences[0]
