"""Revenue at risk: by hand, what must hold for any figures, and intervals against refitting."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.analyses.customers_at_risk import present
from cx_metrics.analyses.value_at_risk import Cells, added_chances, cells, priced_parts, revenue_at_risk
from cx_metrics.metrics.logistic import logistic, probability
from cx_metrics.metrics.random_groups import resamples
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse

Array = npt.NDArray[np.float64]
START = datetime.datetime(2024, 1, 1)
Row = dict[str, Any]


def odds(chance: float) -> float:
    return float(np.log(chance / (1 - chance)))


# --- sharing out -----------------------------------------------------------------------------------------------------


def test_two_signals_by_hand() -> None:
    """Without any 10 % leave; with one 20 %, with the other 30 %, with both what the log odds make of it."""
    coefficients = np.array([odds(0.1), odds(0.2) - odds(0.1), odds(0.3) - odds(0.1)])
    there = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    design = np.column_stack([np.ones(4), there])
    both = 1 / (1 + np.exp(-(odds(0.2) + odds(0.3) - odds(0.1))))
    parts = added_chances(design, there, coefficients)
    assert parts[0] == pytest.approx([0.1, 0.0]) and parts[1] == pytest.approx([0.0, 0.2])
    first = ((0.2 - 0.1) + (both - 0.3)) / 2
    assert parts[2] == pytest.approx([first, both - 0.1 - first])
    assert parts[3] == pytest.approx([0.0, 0.0])


def test_an_overlap_is_shared_and_not_counted_twice() -> None:
    """Two signals that always meet and weigh the same bear half each."""
    coefficients = np.array([-2.0, 0.7, 0.7])
    parts = added_chances(np.ones((1, 3)), np.ones((1, 2)), coefficients)[0]
    whole = probability(np.array([-0.6])) - probability(np.array([-2.0]))
    assert parts == pytest.approx([whole[0] / 2] * 2)


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_parts_sum_to_the_whole(seed: int, signals: int) -> None:
    random = np.random.default_rng(seed)
    there = random.integers(0, 2, (12, signals)).astype(float)
    design = np.column_stack([np.ones(12), there, random.integers(0, 2, 12)])
    coefficients = random.normal(0, 2, signals + 2)  # effects of either sign
    parts = added_chances(design, there, coefficients)
    bare = design.copy()
    bare[:, 1 : 1 + signals] = 0.0
    whole = probability(design @ coefficients) - probability(bare @ coefficients)
    assert parts.sum(axis=1) == pytest.approx(whole, abs=1e-12)
    assert (parts[there == 0] == 0).all()


# --- cells and intervals ---------------------------------------------------------------------------------------------


def rows(seed: int, n: int = 3000) -> pd.DataFrame:
    """Judged contacts and priced customers in 64 groups; the first of three signals makes more of them leave."""
    random = np.random.default_rng(seed)
    pattern, group = random.integers(0, 8, n), random.integers(0, 64, n)
    band = random.choice([1, 2, 3], n)
    left = random.random(n) < 0.1 + 0.15 * (pattern & 1) + 0.02 * band
    judged = random.random(n) < 0.7
    return pd.DataFrame({
        "pattern": pattern, "band": band, "segment": random.choice(["home", "business", None], n),
        "quarter": pd.Timestamp("2024-01-01") + pd.to_timedelta(91 * random.integers(0, 3, n), unit="D"),
        "group": [f"{one:02}" for one in group], "n": 1, "judged": judged.astype(int),
        "left_us": (left & judged).astype(float), "value": random.exponential(100.0, n),
    })  # fmt: skip


def test_cells_keep_every_sum() -> None:
    given = rows(1)
    made = cells(given, present(given, 3))
    assert made.judged.sum() == given["judged"].sum() and made.left.sum() == given["left_us"].sum()
    assert made.value.sum() == pytest.approx(given["value"].sum())
    assert made.value.shape == (len(made.design), 64)
    assert (made.design[:, 1:4] == made.present).all() and (made.design[:, 0] == 1).all()
    assert len(np.unique(made.design, axis=0)) == len(made.design)
    one = given[(given["pattern"] == 5) & (given["band"] == 2) & given["segment"].isna()]
    here = (made.present == [1, 0, 1]).all(axis=1)
    assert made.value[here].sum() == pytest.approx(given.loc[given["pattern"] == 5, "value"].sum())
    assert 0 < len(one) < here.sum() * 64


def test_rare_levels_are_put_together_and_late_quarters_count_as_the_last_judged() -> None:
    given = rows(2)
    given.loc[:5, "segment"] = "tiny"
    late = given["quarter"] == given["quarter"].max()
    given.loc[late, ["judged", "left_us"]] = 0
    made = cells(given, present(given, 3))
    assert made.design.shape[1] == 1 + 3 + 2 + 3 + 1  # constant, signals, bands, segments (one of them rare), quarters
    assert made.value.sum() == pytest.approx(given["value"].sum())


def refitted(given: Cells, times: int) -> Array:
    """Parts and total from resampled groups, the model fitted anew each time."""
    drawn = []
    for draw in resamples(given.judged.shape[1], times):
        fitted, _ = logistic(given.design, given.judged @ draw, given.left @ draw)
        parts = (given.value @ draw) @ added_chances(given.design, given.present, fitted)
        drawn.append([*parts, parts.sum()])
    return np.array(drawn)


def test_intervals_are_those_of_refitting() -> None:
    given = rows(3)
    made = cells(given, present(given, 3))
    values, low, high = priced_parts(made)
    spread = refitted(made, 300).std(axis=0)
    assert (high - low) / (2 * 2.0) == pytest.approx(spread, rel=0.15)
    assert values[:-1].sum() == pytest.approx(values[-1]) and (low + high) / 2 == pytest.approx(values)
    assert low[0] > 0  # the planted signal
    assert low[1] < 0 < high[1] and low[2] < 0 < high[2]


def test_the_truth_lies_in_the_interval_as_often_as_it_should() -> None:
    """A signal that changes nothing, in 100 companies: its part is zero."""
    held = 0
    for seed in range(100):
        given = rows(1000 + seed, n=1500)
        _, low, high = priced_parts(cells(given, present(given, 3)))
        held += bool(low[2] <= 0 <= high[2])
    assert held >= 89


# --- from a warehouse ------------------------------------------------------------------------------------------------


def company(seed: int = 1, people: int = 300, **more: Any) -> dict[str, list[Row]]:
    """Subscribers with a contact every month or so; after an abandoned one, four in ten leave."""
    random, contacts, subscriptions = np.random.default_rng(seed), [], []
    for number in range(people):
        left, day = None, float(random.uniform(0, 30))
        while day < 500 and left is None:
            bad = random.random() < 0.2
            contacts.append({
                "interaction_id": f"i{len(contacts)}", "customer_id": f"c{number}", "reason": f"r{len(contacts)}",
                "occurred_at": START + datetime.timedelta(days=day), "transfers": int(random.random() < 0.2),
                "outcome": "abandoned" if bad else "resolved", "channel": "phone", "stage": "pay",
            })  # fmt: skip
            if random.random() < (0.4 if bad else 0.05):
                left = day + random.uniform(8, 60)
            day += random.exponential(40) + 8
        ended = {"ended_at": START + datetime.timedelta(days=left)} if left is not None and left < 500 else {}
        subscriptions.append({
            "subscription_id": f"s{number}", "customer_id": f"c{number}", "started_at": "2023-06-01",
            "monthly_amount": 10, "currency": "EUR", **more, **ended,
        })  # fmt: skip
    return {"interactions": contacts, "subscriptions": subscriptions}


def test_a_planted_reason_to_leave_is_priced(make_warehouse: MakeWarehouse) -> None:
    found = revenue_at_risk(make_warehouse(company()), Scope())
    parts = found.parts.set_index("signal")
    assert not found.reason and found.rule is not None and found.rule.name == "subscription"
    assert found.currency == "EUR" and found.value == pytest.approx(120.0 * found.customers)
    assert parts["low"]["abandonment"] > 0 and parts["low"]["transfer"] < 0 < parts["high"]["transfer"]
    assert parts["value"].drop("total").sum() == pytest.approx(parts["value"]["total"])
    assert (parts["share"] == parts["value"] / found.value).all()
    assert found.leavers >= 30 and parts["customers"]["total"] == found.customers <= 300


def test_a_mix_of_currencies_has_no_price(embedded: Embedded) -> None:
    tables = company(people=150)
    for row in tables["subscriptions"][::2]:
        row["currency"] = "USD"
    found = revenue_at_risk(embedded.warehouse(tables), Scope())
    assert "several currencies" in found.reason and found.parts.empty and found.value == 0.0
    for row in tables["subscriptions"]:
        row["currency"] = "EUR"
    last = max(row["occurred_at"] for row in tables["interactions"] if row["customer_id"] == "c0")
    order = {"order_id": "o", "customer_id": "c0", "ordered_at": last - datetime.timedelta(days=20), "amount": 9}
    both = {**tables, "orders": [{**order, "currency": "GBP"}]}
    assert "several currencies" in revenue_at_risk(embedded.warehouse(both), Scope()).reason


def test_without_amounts_there_is_no_price(embedded: Embedded) -> None:
    found = revenue_at_risk(embedded.warehouse(company(people=150, monthly_amount=None, currency=None)), Scope())
    assert "no amounts" in found.reason and found.parts.empty


def test_too_few_who_left(embedded: Embedded, empty_warehouse: Warehouse) -> None:
    found = revenue_at_risk(embedded.warehouse(company(people=20)), Scope())
    assert "stayed by their subscriptions, and 0 left and 0 stayed by their orders; 30 of each" in found.reason
    assert revenue_at_risk(empty_warehouse, Scope()).rule is None


def test_buyers_without_a_subscription_leave_by_not_ordering(make_warehouse: MakeWarehouse) -> None:
    """Everyone orders every 50 days; after an abandoned contact half stop, after another one in ten."""
    random, contacts, orders = np.random.default_rng(4), [], []
    for number in range(200):
        day, gone = float(random.uniform(0, 50)), False
        while day < 600 and not gone:
            at = START + datetime.timedelta(days=day)
            orders.append({"order_id": f"o{len(orders)}", "customer_id": f"c{number}", "ordered_at": at, "amount": 20,
                           "currency": "EUR"})  # fmt: skip
            if random.random() < 0.4:
                bad = random.random() < 0.3
                contacts.append({
                    "interaction_id": f"i{len(contacts)}", "customer_id": f"c{number}", "reason": f"r{len(contacts)}",
                    "occurred_at": at + datetime.timedelta(days=9), "outcome": "abandoned" if bad else "resolved",
                    "transfers": int(random.random() < 0.3),
                })  # fmt: skip
                gone = random.random() < (0.5 if bad else 0.1)
            day += 50
    found = revenue_at_risk(make_warehouse({"interactions": contacts, "orders": orders}), Scope())
    parts = found.parts.set_index("signal")
    assert found.rule is not None and found.rule.name == "order" and found.currency == "EUR"
    assert parts["low"]["abandonment"] > 0 and parts["low"]["transfer"] < 0 < parts["high"]["transfer"]
