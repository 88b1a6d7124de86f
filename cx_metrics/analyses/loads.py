"""What was read from which file, what became of every row, and which keys were joined to one customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.intake.load import LoadReport
from cx_metrics.model import customers, identities, loads, quarantine
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import number

NEWEST = 1_000  # quarantined rows that a page shows
_ACCOUNT = ("read", "loaded", "quarantined", "duplicates", "skipped")
# What differs from row to row in a reason: what is quoted, and a score.
_quoted = sa.func.regexp_replace(quarantine.c.reason, "'(.|\n)*'", "'…'")
_general = sa.func.regexp_replace(_quoted, "^score [-0-9][^ ]* is", "score … is")


def loaded(warehouse: Warehouse) -> pd.DataFrame:
    """What was loaded, newest first: at (UTC), file, became (table), read, loaded, quarantined, duplicates,
    skipped, changed (of the loaded), source, note."""
    c = loads.c
    columns = [
        c.imported_at.label("at"), c.file, c.table_name.label("became"), c.rows_read.label("read"), c.loaded,
        c.quarantined, c.duplicates, c.skipped, c.changed, c.source, c.note,
    ]  # fmt: skip
    return warehouse.read(sa.select(*columns).order_by(c.load_id.desc()))


def account(reports: Sequence[LoadReport]) -> pd.DataFrame:
    """Reports of an import or a check: file, became, read, loaded, quarantined, duplicates, skipped, note."""
    rows = [
        {"file": r.file, "became": r.table, **{name: getattr(r, name) for name in _ACCOUNT},
         "note": r.note if r.already is None else f"loaded before (load {r.already}), nothing to do"}
        for r in reports
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["file", "became", *_ACCOUNT, "note"])


def examples(reports: Sequence[LoadReport]) -> pd.DataFrame:
    """Some of the rows that were set aside: file, line, reason, raw (the row as JSON)."""
    rows = [(r.file, row.line, row.reason, row.raw) for r in reports for row in r.examples]
    return pd.DataFrame(rows, columns=["file", "line", "reason", "raw"])


def equation(found: pd.DataFrame) -> str:
    """Where all rows went. found: with read, loaded, quarantined, duplicates, skipped."""
    read, *parts = (number(found[name].sum()) for name in _ACCOUNT)
    return f"{read} rows read = " + " + ".join(f"{n} {name}" for n, name in zip(parts, _ACCOUNT[1:], strict=True))


def reasons(warehouse: Warehouse) -> pd.DataFrame:
    """Why rows were set aside, in the reason's general form, most frequent first: reason, file, rows."""
    general, n = _general.label("reason"), sa.func.count().label("rows")
    question = sa.select(general, quarantine.c.file, n).group_by(general, quarantine.c.file)
    return warehouse.read(question.order_by(n.desc(), general, quarantine.c.file))


def set_aside(warehouse: Warehouse, reason: str | None = None, file: str | None = None) -> pd.DataFrame:
    """The newest 1,000 quarantined rows: file, line, table_name, reason, raw (the row as JSON).

    reason, file: only those of one row of `reasons`.
    """
    names = ("file", "line", "table_name", "reason", "raw")
    question = sa.select(*(quarantine.c[name] for name in names))
    if reason is not None:
        question = question.where(_general == reason, quarantine.c.file == file)
    return warehouse.read(
        question.order_by(quarantine.c.load_id.desc(), quarantine.c.file, quarantine.c.line).limit(NEWEST)
    )


def matches(warehouse: Warehouse) -> pd.DataFrame:
    """How keys of sources were joined to customers: source, matched_by (given, email), keys, customers (counts)."""
    c = identities.c
    figures: list[Any] = [sa.func.count().label("keys"), sa.func.count(c.customer_id.distinct()).label("customers")]
    return warehouse.read(
        sa.select(c.source, c.matched_by, *figures).group_by(c.source, c.matched_by).order_by(c.source)
    )


def matched(warehouse: Warehouse, newest: int = 200) -> pd.DataFrame:
    """The newest keys that were joined: customer_id, name, source, key, email, matched_by, confidence (0-1)."""
    c = identities.c
    columns = [c.customer_id, customers.c.name, c.source, c.source_customer_key.label("key"), customers.c.email]
    joined = identities.outerjoin(customers, customers.c.customer_id == c.customer_id)
    question = sa.select(*columns, c.matched_by, c.confidence).select_from(joined)
    return warehouse.read(question.order_by(c.load_id.desc(), c.source_customer_key).limit(newest))
