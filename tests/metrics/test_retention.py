"""Whether customers stay, on few customers that can be counted by hand. Each case is a region of its own."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from cx_metrics.metrics.catalog import METRICS, figures
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

Row = dict[str, Any]
Figures = dict[Any, list[float]]
_numbers = itertools.count(1)
GROUPS = ("cohort", "idle", "contract")


def orders(customer: str, *months: int) -> list[Row]:
    """Orders on the 20th of months of 2024."""
    return [
        {"order_id": f"o{next(_numbers):04}", "customer_id": customer, "ordered_at": f"2024-{month:02}-20"}
        for month in months
    ]


def subscription(customer: str, start: str, end: str | None = None) -> Row:
    number = next(_numbers)
    return {"subscription_id": f"s{number:04}", "customer_id": customer, "started_at": start, "ended_at": end}


def all_orders() -> list[Row]:
    """Cohort: ten buy first in September; four come back in October, five in November, one in both."""
    rows = [*orders("newest", 12)]  # December is the month in which the data end
    for i in range(10):
        rows += orders(
            f"cohort{i}", 9, *([10] if i < 4 else []), *([11] if 3 <= i < 8 else []), *([12] if i == 9 else [])
        )
        rows += orders(f"idle{i}", 1, *([7] if i < 2 else []), *([8] if 2 <= i < 4 else []))
    return rows


def subscriptions() -> list[Row]:
    """Ten begin in January; two end in March, one of these changes plans, and one ends and begins again in April."""
    rows = [subscription(f"contract{i}", "2024-01-10", "2024-03-15" if i < 3 else None) for i in range(9)]
    rows.append(subscription("contract2", "2024-03-20"))
    rows.append(subscription("contract9", "2024-01-10", "2024-04-01"))
    rows.append(subscription("contract9", "2024-05-03"))
    rows.append(subscription("contract10", "2024-02-03", "2024-02-20"))  # never there when a month began
    return rows


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    customers = [{"customer_id": f"{group}{i}", "region": group} for group in GROUPS for i in range(11)]
    return make_shared_warehouse({"customers": customers, "orders": all_orders(), "subscriptions": subscriptions()})


def found(
    warehouse: Warehouse, metric: str, region: str, by: tuple[str, ...] = (), every: str | None = None
) -> Figures:
    """n and value by the only group."""
    rows = figures(warehouse, METRICS[metric], Scope(filters=(("region", (region,)),)), by, every)
    keys = rows["period"].dt.month if every else rows[by[0]] if by else [None]
    return dict(zip(keys, rows[["n", "value"]].astype(float).to_numpy().tolist(), strict=True))


class TestCohortRetention:
    def test_by_months_since_the_first_order(self, warehouse: Warehouse) -> None:
        """December is not over, so that only one and two months can be judged."""
        assert found(warehouse, "cohort_retention", "cohort", ("months_since",)) == {1: [10, 40], 2: [10, 50]}

    def test_pooled(self, warehouse: Warehouse) -> None:
        assert found(warehouse, "cohort_retention", "cohort") == {None: [20, 45]}

    def test_a_month_can_be_filtered(self, warehouse: Warehouse) -> None:
        scope = Scope(filters=(("region", ("cohort",)), ("months_since", ("2",))))
        assert figures(warehouse, METRICS["cohort_retention"], scope).iloc[0][["n", "value"]].tolist() == [10, 50]

    def test_no_month_after_the_twelfth(self, warehouse: Warehouse) -> None:
        assert max(found(warehouse, "cohort_retention", "idle", ("months_since",))) == 10

    def test_the_period_is_that_of_the_first_order(self, warehouse: Warehouse) -> None:
        scope = Scope(date(2024, 10, 1), date(2024, 12, 31), filters=(("region", ("cohort",)),))
        assert figures(warehouse, METRICS["cohort_retention"], scope).iloc[0]["n"] == 0


def test_churn_counts_customers_who_have_nothing_left(warehouse: Warehouse) -> None:
    """March: two of ten, as one only changed plans. April: one of eight. May: who came back counts again in June."""
    months = found(warehouse, "churn", "contract", (), "month")
    assert [months[month][0] for month in (2, 3)] == [10, 10]
    assert [months[month][1] for month in (2, 3)] == [0, 20]
    scope = Scope(date(2024, 4, 1), date(2024, 6, 30), filters=(("region", ("contract",)),))
    assert figures(warehouse, METRICS["churn"], scope).iloc[0][["n", "value"]].tolist() == [
        8 + 7 + 8,
        pytest.approx(100 / 23),
    ]
    assert max(months) == 11


def test_inactivity_churn_is_the_sixth_month_without_an_order(warehouse: Warehouse) -> None:
    """Ten buy in January, two of these again in July and two in August: eight fall idle in July."""
    months = found(warehouse, "inactivity_churn", "idle", (), "month")
    assert {month: months[month] for month in range(2, 8)} == {**{month: [10, 0] for month in range(2, 7)}, 7: [10, 80]}
    assert min(months) == 2
