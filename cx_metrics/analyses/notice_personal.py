"""What a notice may add about customers where the settings allow it, and whether it may still leave at all.

It is looked up on the way out and never kept: the ledger forgets nothing, so nothing of customers is written there, and
a setting that is taken back holds for what still waits.
"""

from __future__ import annotations

import re

import sqlalchemy as sa

from cx_metrics.analyses.notice_outbox import Notice
from cx_metrics.analyses.notice_words import defused, numbers_in
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import consents, interventions, nominations
from cx_metrics.model import customers
from cx_metrics.warehouse import Warehouse


def details(warehouse: Warehouse, ledger: Ledger, notice: Notice) -> str:
    """Who the customers of a notice are, or what was said, with personal data masked there; "" = nothing to add."""
    if notice.kind in ("new", "overdue"):
        return _customers(warehouse, ledger, numbers_in(notice.about))
    return _praise(ledger, notice) if notice.kind == "recognition" else ""


def still_wanted(ledger: Ledger, notice: Notice) -> bool:
    """Whether an agent who is to be named still agrees to be."""
    if notice.kind != "recognition":
        return True
    asked = sa.select(consents.c.given).where(consents.c.nomination_id == _nomination(notice))
    given = ledger.read(asked.order_by(consents.c.consent_id.desc()).limit(1))["given"]
    return bool(len(given) and given.iloc[0] == 1)


def _nomination(notice: Notice) -> int:
    found = re.search(r"\d+", notice.about)
    return int(found[0]) if found else 0


def _customers(warehouse: Warehouse, ledger: Ledger, numbers: set[int]) -> str:
    """17: Ada Example (C-1), one line each."""
    c, i = customers.c, interventions.c
    keys = ledger.read(
        sa.select(i.intervention_id, i.customer_id).where(i.intervention_id.in_(numbers)).order_by(i.intervention_id)
    )
    asked = sa.select(c.customer_id, c.name).where(c.customer_id.in_(list(keys["customer_id"])))
    names = dict(warehouse.read(asked).itertuples(index=False, name=None))
    lines = []
    for number, key in keys.itertuples(index=False):
        name = names.get(key)
        lines.append(f"{number}: {defused(name)} ({defused(key)})" if name else f"{number}: {defused(key)}")
    return "\n".join(["Customers:", *lines]) if lines else ""


def _praise(ledger: Ledger, notice: Notice) -> str:
    c = nominations.c
    rows = ledger.read(sa.select(c.situation, c.customer_said, c.reply).where(c.nomination_id == _nomination(notice)))
    words = {"situation": "The situation", "customer_said": "The customer", "reply": "The answer"}
    told = [(title, row[name]) for row in rows.to_dict("records") for name, title in words.items()]
    return "\n".join(f"{title}: {defused(text)}" for title, text in told if text)
