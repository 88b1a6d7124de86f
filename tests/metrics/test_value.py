"""What customers do, on orders and contacts that can be counted by hand. Each case is a region of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cx_metrics.metrics.catalog import METRICS, figures
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

Row = dict[str, Any]
ALL = Scope()
_numbers = itertools.count(1)


def order(customer: str | None, day: str = "2024-03-05", **more: Any) -> Row:
    number = next(_numbers)
    return {
        "order_id": f"o{number:04}", "customer_id": customer, "ordered_at": day, "amount": 10, "currency": "EUR", **more
    }  # fmt: skip


def orders() -> Iterator[Row]:
    for i in range(10):
        yield order(f"plain{i}")
        yield order(f"mixed{i}", currency="EUR" if i else "USD")
        yield order(f"unpriced{i}")
        yield order(f"cancelled{i}")
        yield order(f"active{i}")
        yield order(f"again{i}")
    yield order("unpriced0", amount=None, currency=None)
    for status in ("Canceled", "returned"):
        yield from (order(f"cancelled{i}", status=status) for i in range(4))
    yield from (order(f"again{i}", "2024-01-05") for i in range(3))  # bought before the period
    yield from (order(f"again{i}", "2024-03-20") for i in range(2, 5))  # twice within it
    yield order("again9", "2024-05-01")
    yield order(None)


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    groups = ("plain", "mixed", "unpriced", "cancelled", "active", "again")
    customers = [{"customer_id": f"{group}{i}", "region": group} for group in groups for i in range(15)]
    contacts = [
        {"interaction_id": f"i{i}", "customer_id": f"active{i % 15}", "occurred_at": "2024-03-06"} for i in range(5, 45)
    ] + [{"interaction_id": "nobody", "occurred_at": "2024-03-06"}]
    return make_shared_warehouse({"customers": customers, "orders": list(orders()), "interactions": contacts})


def figure(warehouse: Warehouse, metric: str, region: str, scope: Scope = ALL) -> list[float]:
    """n and value."""
    found = figures(warehouse, METRICS[metric], replace(scope, filters=(("region", (region,)),))).iloc[0]
    return [float(found["n"]), float("nan") if found["value"] is None else float(found["value"])]


def test_active_customers_have_a_contact_or_an_order(warehouse: Warehouse) -> None:
    assert figure(warehouse, "active_customers", "active") == [15, 15]
    assert figures(warehouse, METRICS["active_customers"], Scope()).iloc[0]["n"] == 65


class TestRevenue:
    def test_is_the_sum_of_amounts(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "revenue", "plain") == [10, 100]

    def test_leaves_out_cancelled_and_returned_orders(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "revenue", "cancelled") == [10, 100]

    def test_is_not_added_up_over_currencies(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "revenue", "mixed") == pytest.approx([10, float("nan")], nan_ok=True)
        found = figures(warehouse, METRICS["revenue"], Scope(filters=(("currency", ("EUR",)), ("region", ("mixed",)))))
        assert found.iloc[0][["n", "value"]].tolist() == [9, 90]

    def test_an_order_without_amount_does_not_spoil_the_sum(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "revenue", "unpriced") == [10, 100]


class TestRepeatPurchase:
    def test_counts_buyers_who_had_bought_before(self, warehouse: Warehouse) -> None:
        march = Scope(date(2024, 3, 1), date(2024, 3, 31))
        assert figure(warehouse, "repeat_purchase", "again", march) == [10, 50]

    def test_a_later_order_does_not_count(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "repeat_purchase", "plain") == [10, 0]
