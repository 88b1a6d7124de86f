"""Measures of contacts, worked out by hand."""

from datetime import datetime
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.model import interactions
from tests.conftest import MakeWarehouse

COLUMNS = ("interaction_id", "customer_id", "occurred_at", "reason", "case_id", "initiated_by", "outcome")
CONTACTS = [  # January 2024: (id, customer, day and hour, reason, case, begun by, outcome)
    ("a1", "ann", "01T10", "bill", "k1", "customer", "unresolved"),
    ("a2", "ann", "02T10", "bill", "k1", "company", "escalated"),
    ("a3", "ann", "02T12", "login", None, "company", "resolved"),
    ("a4", "ann", "05T10", "bill", "k1", "customer", "resolved"),
    ("a5", "ann", "05T10", "bill", None, "company", None),  # in the same second: the key decides
    ("b1", "bob", "03T10", "bill", "k1", "company", "resolved"),  # another customer's case of the same name
    ("b2", "bob", "04T10", None, None, "customer", None),
    ("b3", "bob", "06T10", None, None, "company", None),  # without a reason are the same matter
    ("x1", None, "01T00", "bill", None, "customer", "resolved"),  # nobody knows whether x1 and x2 are one customer
    ("x2", None, "01T01", "bill", None, "company", "resolved"),
]


def row(contact: tuple[str | None, ...]) -> dict[str, Any]:
    found: dict[str, Any] = dict(zip(COLUMNS, contact, strict=True))
    return {**found, "occurred_at": f"2024-01-{found['occurred_at']}:00"}


@pytest.fixture
def measured(make_warehouse: MakeWarehouse) -> pd.DataFrame:
    warehouse = make_warehouse({"interactions": [row(contact) for contact in CONTACTS]})
    return warehouse.read(sa.select(interactions)).set_index("interaction_id").sort_index()


def given(frame: pd.DataFrame, column: str) -> dict[str, Any]:
    """The measure of each contact that has it."""
    return {str(key): value for key, value in frame[column].items() if not pd.isna(value)}


def test_neighbours_are_contacts_of_one_customer_on_one_reason(measured: pd.DataFrame) -> None:
    assert given(measured, "hours_until_next") == {"a1": 24, "a2": 72, "a4": 0, "b2": 48}
    assert given(measured, "hours_since_previous") == {"a2": 24, "a4": 72, "a5": 0, "b3": 48}


def test_who_began_on_the_matter(measured: pd.DataFrame) -> None:
    """In a case its contacts decide, otherwise those on the reason; a1 is the first, a3 and b1 are nobody's answer."""
    expected = dict.fromkeys(("a2", "a4", "a5", "b3"), 1) | dict.fromkeys(("a1", "a3", "b1", "b2", "x1", "x2"), 0)
    assert given(measured, "customer_began_first") == expected


def test_place_and_end_of_cases(measured: pd.DataFrame) -> None:
    assert given(measured, "case_contact") == {"a1": 1, "a2": 2, "a4": 3} | dict.fromkeys(
        ("a3", "a5", "b1", "b2", "b3", "x1", "x2"), 1
    )
    outcomes = {"a1": "resolved", "a2": "resolved", "a3": "resolved", "a4": "resolved", "b1": "resolved"}
    assert given(measured, "case_outcome") == outcomes | {"x1": "resolved", "x2": "resolved"}


LASTS = [  # what is known of a case's last contact, a day after the first -> seconds until resolved
    ({"ended_at": datetime(2024, 1, 2, 11)}, 25 * 3600),
    ({"ended_at": datetime(2024, 1, 2, 11), "wait_seconds": 5}, 25 * 3600),
    ({"wait_seconds": 100, "handle_seconds": 50}, 24 * 3600 + 150),
    ({"wait_seconds": 100}, None),
    ({"ended_at": datetime(2024, 1, 2, 11), "outcome": "unresolved"}, None),
]


def test_time_until_a_case_is_resolved(make_warehouse: MakeWarehouse) -> None:
    rows: list[dict[str, Any]] = []
    for number, (last, _) in enumerate(LASTS):
        first = {
            "interaction_id": f"{number}a",
            "customer_id": "c",
            "case_id": f"k{number}",
            "occurred_at": "2024-01-01T10:00",
        }
        rows += [
            first,
            {**first, "interaction_id": f"{number}b", "occurred_at": "2024-01-02T10:00", "outcome": "resolved", **last},
        ]
    contact = interactions.c
    found = make_warehouse({"interactions": rows}).read(
        sa.select(contact.interaction_id, contact.case_resolved_seconds)
    )
    seconds = {key: None if pd.isna(value) else value for key, value in found.itertuples(index=False)}
    assert seconds == {f"{number}{part}": expected for number, (_, expected) in enumerate(LASTS) for part in "ab"}
