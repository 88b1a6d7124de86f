"""What data there are: how much, from when to when, how new, how complete, and what cannot be measured with them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.dialect import bucket
from cx_metrics.metrics.catalog import METRICS, data_period, figures_together
from cx_metrics.metrics.metric import Metric
from cx_metrics.model import CANONICAL, TIME_COLUMN, quarantine
from cx_metrics.scope import Scope, short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import listing, number

NEEDED = {  # the columns that metrics and analyses stand on
    "interactions": (
        "customer_id", "case_id", "ended_at", "channel", "stage", "touchpoint", "reason", "initiated_by", "handled_by",
        "team", "wait_seconds", "handle_seconds", "transfers", "reopens", "outcome",
    ),
    "survey_answers": ("customer_id", "interaction_id", "stage", "score", "comment", "invited_at", "answered_at"),
    "orders": ("customer_id", "promised_at", "delivered_at", "amount", "currency", "status"),
    "subscriptions": ("customer_id", "ended_at", "monthly_amount"),
    "messages": ("sent_at", "text"),
    "customers": ("name", "email", "segment", "region", "country"),
}  # fmt: skip
_MONTHS = 120  # the newest ones that a chart shows
_FRESHEST = ("interactions", "survey_answers", "orders", "messages", "subscriptions", "customers")
_ONE = {"interactions": "contact", "survey_answers": "survey answer", "orders": "order", "messages": "message",
        "subscriptions": "subscription", "customers": "sign-up"}  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """Months without a row in the middle of a table's rows: what an export that failed leaves behind."""

    table: str
    months: tuple[datetime.date, ...]


def coverage(warehouse: Warehouse, today: datetime.date) -> pd.DataFrame:
    """The canonical tables that hold rows: table, rows, first, last (days), age (days from the last until today)."""
    parts = []
    for name, table in CANONICAL.items():
        time = table.c[TIME_COLUMN[name]] if name in TIME_COLUMN else None
        ends = [sa.func.min(time), sa.func.max(time)] if time is not None else [sa.null(), sa.null()]
        first, last = (sa.cast(end, sa.DateTime) for end in ends)
        parts.append(sa.select(sa.literal(name).label("table"), sa.func.count().label("rows"), first.label("first"), last.label("last")).select_from(table))
    found = warehouse.read(sa.union_all(*parts))
    found = found[found["rows"] > 0].reset_index(drop=True)
    found["age"] = (pd.Timestamp(today) - pd.to_datetime(found["last"]).dt.normalize()).dt.days
    return found
