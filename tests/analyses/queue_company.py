"""A few interventions in a ledger, for the tests of the queue."""

from __future__ import annotations

import datetime
from typing import Any

import sqlalchemy as sa

from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import intervention_evidence, intervention_steps, interventions

NOW = datetime.datetime(2026, 5, 4, 12)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
ROW = {
    "at": NOW, "rule": "wall", "rules_version": 0, "happened_at": NOW, "team": "North", "channel": "chat",
    "reason": "delivery", "interaction_id": None, "at_stake": 100.0, "currency": "EUR", "due_at": NOW + DAY,
}  # fmt: skip


def opened(ledger: Ledger, *rows: dict[str, Any], said: str = "the bot gave up") -> list[int]:
    """Open interventions, for customers c1, c2, ... where a row names none; returns their numbers."""
    numbers = []
    with ledger.alone() as writing:
        for place, row in enumerate(rows, 1):
            full: dict[str, Any] = {**ROW, "customer_id": f"c{place}", **row}
            number = writing.add(interventions, full)
            proof = {"intervention_id": number, "rule": full["rule"], "fact": f"{number}", "said": said,
                     "happened_at": full["happened_at"]}  # fmt: skip
            writing.add(intervention_evidence, proof)
            numbers.append(number)
    return numbers


def all_steps(ledger: Ledger) -> list[dict[str, Any]]:
    """Every step of every intervention, in the order of their entry."""
    table = intervention_steps.c
    rows = ledger.read(sa.select(*table).order_by(table.step_id)).astype(object)
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
