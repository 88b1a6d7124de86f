"""Retention drivers: what was planted is found, what was not is not; which rule holds; when nothing can be said."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses import retention_drivers
from cx_metrics.analyses.leaving import ORDER, SUBSCRIPTION
from cx_metrics.analyses.retention_drivers import COLUMNS, retention_model, until_next
from cx_metrics.metrics.cox import cox
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.random_company import SIGNALS
from tests.analyses.test_value_at_risk import START, Row, company
from tests.conftest import Embedded, MakeWarehouse

PLACE = {signal.name: number for number, signal in enumerate(SIGNALS)}


def followed(seed: int, n: int = 1500, ratio: float = 2.0) -> pd.DataFrame:
    """Follow-ups of customers with moods of their own; after an abandoned contact they leave `ratio` times as fast."""
    random = np.random.default_rng(seed)
    customer = random.integers(0, n // 4, n)
    there = {
        name: random.random(n) < share for name, share in (("abandonment", 0.2), ("transfer", 0.25), ("loop", 0.1))
    }
    rate = 0.004 * np.exp(np.log(ratio) * there["abandonment"] + 0.3 * random.standard_normal(n // 4)[customer])
    none = np.zeros(n)
    flags = {f"x{place}": there.get(name, none).astype(float) for name, place in PLACE.items()}
    judged = {f"v{place}": (np.ones(n) if name in there else none) for name, place in PLACE.items()}
    return pd.DataFrame({
        "customer_id": customer.astype(str), "stage": random.choice(["pay", "use", None], n),
        "channel": random.choice(["phone", "chat"], n), "segment": "home", "quarter": pd.Timestamp("2025-01-01"),
        "until_event": random.exponential(1 / rate), "until_contact": random.exponential(60, n), "until_end": 100.0,
        **flags, **judged,
    })  # fmt: skip


def test_planted_reasons_are_found_and_others_are_not(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse, called = embedded.warehouse({}), {"abandonment": 0, "transfer": 0, "loop": 0}
    for seed in range(60):
        monkeypatch.setattr(retention_drivers, "follow_ups", lambda *_, seed=seed: (followed(seed), 1500))
        drivers = retention_model(warehouse, Scope()).drivers.set_index("signal")
        for name in called:
            called[name] += bool(drivers["distinguishable"][name])
    assert called["abandonment"] >= 57
    assert max(called["transfer"], called["loop"]) <= 0.05 * 60 + 2.33 * (60 * 0.05 * 0.95) ** 0.5


def test_figures_are_those_of_the_model(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = until_next(followed(3))
    monkeypatch.setattr(retention_drivers, "follow_ups", lambda *_: (followed(3), 9000))
    found = retention_model(embedded.warehouse({}), Scope())
    assert (found.n, found.total, found.events, found.rule) == (1500, 9000, int(rows["happened"].sum()), SUBSCRIPTION)
    controls = [rows["stage"] == "use", rows["stage"].isna(), rows["channel"] == "chat"]
    names = ["abandonment", "transfer", "loop"]
    traits = np.column_stack([*(rows[f"x{PLACE[name]}"] for name in names), *controls]).astype(float)
    fitted = cox(rows["days"].to_numpy(), rows["happened"].to_numpy(), traits, rows["customer_id"].to_numpy())
    drivers = found.drivers.set_index("signal").loc[names]
    assert np.log(drivers["hazard_ratio"].astype(float)).tolist() == pytest.approx(
        fitted.log_hazard[:3].tolist(), abs=1e-6
    )
    half = (np.log(drivers["high"].astype(float)) - np.log(drivers["low"].astype(float))) / 2
    assert half.tolist() == pytest.approx((1.959964 * fitted.errors[:3]).tolist(), rel=1e-5)
    assert drivers["hits"].tolist() == [rows[f"x{PLACE[name]}"].sum() for name in names]


def test_how_a_follow_up_ends() -> None:
    rows = pd.DataFrame({
        "until_event": [5.0, 5.0, 5.0, np.nan, np.nan], "until_contact": [9.0, 3.0, np.nan, 4.0, np.nan],
        "until_end": [8.0, 8.0, 2.0, 8.0, 8.0],
    })  # fmt: skip
    ended = until_next(rows)
    assert ended["days"].tolist() == [5, 3, 2, 4, 8] and ended["happened"].tolist() == [1, 0, 0, 0, 0]


def test_subscribers_leave(make_warehouse: MakeWarehouse) -> None:
    found = retention_model(make_warehouse(company()), Scope())
    drivers = found.drivers.set_index("signal")
    assert found.rule is SUBSCRIPTION and not found.reason and list(found.drivers.columns) == list(COLUMNS)
    assert drivers["low"]["abandonment"] > 1 and drivers["distinguishable"]["abandonment"]
    assert drivers["low"]["transfer"] < 1 < drivers["high"]["transfer"]
    assert np.isnan(drivers["hazard_ratio"]["loop"])


def buyers(stop: float) -> dict[str, list[Row]]:
    """Orders every 30 days or so, with a contact after some; after a transferred one the next order takes longer."""
    random, contacts, orders = np.random.default_rng(7), [], []
    for number in range(150):
        day = float(random.uniform(0, 30))
        while day < 400:
            at = START + datetime.timedelta(days=day)
            customer: dict[str, Any] = {"customer_id": f"c{number}"}
            orders.append({"order_id": f"o{len(orders)}", **customer, "ordered_at": at, "amount": 5, "currency": "EUR"})
            day += random.exponential(30) + 9
            if random.random() < 0.4:
                moved = random.random() < 0.3
                contacts.append({
                    "interaction_id": f"i{len(contacts)}", **customer, "occurred_at": at + datetime.timedelta(days=1),
                    "transfers": int(moved), "outcome": "abandoned" if random.random() < 0.3 else "resolved",
                })  # fmt: skip
                day += stop if moved else 0
    return {"interactions": contacts, "orders": orders}


def test_buyers_come_back(make_warehouse: MakeWarehouse) -> None:
    found = retention_model(make_warehouse(buyers(stop=40)), Scope())
    drivers = found.drivers.set_index("signal")
    assert found.rule is ORDER
    assert drivers["high"]["transfer"] < 1 and drivers["low"]["abandonment"] < 1 < drivers["high"]["abandonment"]


def test_few_or_no_leavers(embedded: Embedded, empty_warehouse: Warehouse) -> None:
    few = retention_model(embedded.warehouse(company(people=12)), Scope())
    assert few.rule is None and few.drivers.empty and "30 are needed" in few.reason
    assert "0 ends of subscriptions and 0 further orders" in retention_model(empty_warehouse, Scope()).reason


def test_a_signal_that_decides_alone_is_left_out(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody leaves after a transfer: no finite rate, so no figure for it, but for the others."""
    rows = followed(5)
    safe = rows[f"x{PLACE['transfer']}"] > 0
    monkeypatch.setattr(
        retention_drivers, "follow_ups", lambda *_: (rows.assign(until_event=rows["until_event"].mask(safe)), 1)
    )
    drivers = retention_model(embedded.warehouse({}), Scope()).drivers.set_index("signal")
    assert np.isnan(drivers["hazard_ratio"]["transfer"]) and drivers["hazard_ratio"]["abandonment"] > 1
