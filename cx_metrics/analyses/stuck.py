"""The contacts behind a figure of friction, and the signals on one customer's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.journey import Limits
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.signals import Signal, any_signal, old_enough, signals
from cx_metrics.model import interactions as contact
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

SHOWN = 500  # contacts on a page
_COLUMNS = ("interaction_id", "customer_id", "occurred_at", "stage", "channel", "reason", "team", "handled_by",
            "outcome", "wait_seconds")  # fmt: skip


@dataclass(frozen=True)
class Stuck:
    """rows: the newest contacts with a signal, with their signals in words. total: how many there are. counted: how
    many of them the figures count; the others are so young that a further contact may still come."""

    rows: pd.DataFrame
    total: int
    counted: int

    @property
    def said(self) -> str:
        """What is listed, and what of it a share leaves out, in sentences."""
        young = self.total - self.counted
        left_out = f" Shares leave out {young:,} that are too young: a further contact may still come." if young else ""
        return f"The newest {len(self.rows):,}.{left_out}"


def stuck(warehouse: Warehouse, scope: Scope, signal: str = "", most: int = SHOWN) -> Stuck:
    """Contacts of the scope with a signal ("" = any), newest first: interaction_id, customer_id, occurred_at, stage,
    channel, reason, team, handled_by, outcome, wait_seconds, signals (their titles)."""
    found = signals(scope.limits)
    wanted = any_signal(tuple(one for one in found if signal in ("", one.name)))
    source = CONTACTS.source([name for name, _ in scope.filters])
    where = [*scope.conditions(contact.c.occurred_at, CONTACTS.dimensions), wanted]
    counted = sa.true() if signal else old_enough(scope.limits)
    sizes: list[sa.ColumnElement[Any]] = [
        sa.func.count().label("total"),
        sa.func.count(sa.case((counted, 1))).label("counted"),
    ]
    size = warehouse.read(sa.select(*sizes).select_from(source).where(*where))
    order = contact.c.occurred_at.desc(), contact.c.interaction_id
    newest = sa.select(contact.c.interaction_id).select_from(source).where(*where).order_by(*order).limit(most)
    columns = (contact.c[name] for name in _COLUMNS)
    those = sa.select(*columns, *_flags(found)).where(contact.c.interaction_id.in_(newest))  # flags for them alone
    rows = warehouse.read(those.order_by(*order))
    return Stuck(_named(rows, found), *(int(size[name][0]) for name in ("total", "counted")))


def signals_of(warehouse: Warehouse, customer_id: str, limits: Limits) -> dict[str, str]:
    """interaction_id -> titles of the signals, for a customer's contacts that have any."""
    found = signals(limits)
    question = sa.select(contact.c.interaction_id, *_flags(found))
    rows = _named(warehouse.read(question.where(contact.c.customer_id == customer_id, any_signal(found))), found)
    return dict(zip(rows["interaction_id"], rows["signals"], strict=True))


def _flags(found: tuple[Signal, ...]) -> list[sa.ColumnElement[Any]]:
    return [sa.case((signal.there, 1), else_=0).label(signal.name) for signal in found]


def _named(rows: pd.DataFrame, found: tuple[Signal, ...]) -> pd.DataFrame:
    titles = {signal.name: signal.title.lower() for signal in found}
    flags = rows[list(titles)].to_numpy()
    named = [", ".join(title for title, flag in zip(titles.values(), row, strict=True) if flag) for row in flags]
    return rows.drop(columns=list(titles)).assign(signals=named)
