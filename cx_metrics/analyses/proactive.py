"""Contacts that the company began before the customer had to: how many, and how satisfied they leave people."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import MINIMUM, in_order, tallied
from cx_metrics.analyses.matched import Comparison, compare
from cx_metrics.dialect import bucket
from cx_metrics.metrics.catalog import figures, metric_named
from cx_metrics.metrics.estimators import Net, Share
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.metrics.survey import CSAT, NPS
from cx_metrics.model import customers
from cx_metrics.model import interactions as contact
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse

STRATA = ("reason", "stage", "channel", "segment", "quarter")
BY = ("stage", "channel", "team")
RAW, MATCHED = "raw", "matched"
_NAMES = ("instrument", "comparison", "unit")
_FIGURES = ["n", "value", "low", "high", "suppressed"]


def proactive(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """by (all, stage, channel, team), group, n, value (%), low, high, suppressed: the metric proactive_share."""
    metric = metric_named("proactive_share", scope.limits)
    parts = [figures(warehouse, metric, scope).assign(by="all", group="")]
    for by in BY:
        found = figures(warehouse, metric, scope, (by,))
        found = found.assign(by=by, group=[NOT_GIVEN if x is None or x != x else x for x in found[by]])
        parts.append(in_order(found, "group"))
    numbers = dict.fromkeys(_FIGURES[:-1], float)
    return pd.concat([part[["by", "group", *_FIGURES]].astype(numbers) for part in parts], ignore_index=True)


def proactive_effect(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """instrument (csat, nps), comparison (raw, matched), unit, n_proactive, proactive, n_customer, customer,
    difference, low, high, strata, strata_left_out, proactive_left_out, customer_left_out: one row each.

    proactive: answers about contacts that the company began before the customer did; customer: about contacts that
    the customer began. CSAT in per cent, its difference and NPS in points. Matched: within reason, stage, channel,
    segment and quarter of the contact (see `compare`). The contacts lie in the scope's period.
    """
    cells = warehouse.read(_answers(scope))
    rows = []
    for instrument, unit in (("csat", "%"), ("nps", "points")):
        own = cells[cells["instrument"] == instrument]
        for comparison, strata in ((RAW, ()), (MATCHED, STRATA)):
            named = {"instrument": instrument, "comparison": comparison, "unit": unit}
            rows.append(named | _row(compare(own, strata), comparison == RAW))
    return pd.DataFrame(rows).astype({name: float for name in rows[0] if name not in _NAMES})


def _answers(scope: Scope) -> sa.Select[Any]:
    """instrument, the strata, treated (1: proactive), n, total and squares of the answers' values."""
    csat, nps = CSAT.kind, NPS.kind
    assert isinstance(csat, Share) and isinstance(nps, Net)
    company = sa.and_(contact.c.initiated_by == "company", contact.c.customer_began_first == 0)
    side = sa.case((company, 1), (contact.c.initiated_by == "customer", 0))
    value = sa.case(
        (sa.and_(csat.counted, csat.hit), 1), (csat.counted, 0), (sa.and_(nps.counted, nps.up), 1),
        (sa.and_(nps.counted, nps.down), -1), else_=0,
    )  # fmt: skip
    dimensions = CONTACTS.dimensions
    strata = [dimensions[name].label(name) for name in STRATA[:-1]]
    quarter = bucket("quarter", contact.c.occurred_at).label("quarter")
    answered = contact.join(answer, answer.c.interaction_id == contact.c.interaction_id)  # few, so customers after it
    source = answered.outerjoin(customers, contact.c.customer_id == customers.c.customer_id)
    rows = (
        sa.select(answer.c.instrument, *strata, quarter, side.label("treated"), value.label("x"))
        .select_from(source)
        .where(sa.or_(csat.counted, nps.counted), side.is_not(None),
               *scope.conditions(contact.c.occurred_at, dimensions))
    ).subquery()  # fmt: skip
    both = sa.select(*rows.c, rows.c.x.label("total"), (rows.c.x * rows.c.x).label("squares"))
    found = tallied(both, ("instrument", *STRATA, "treated"), ["total", "squares"])
    return sa.select(*found.c)


def _row(found: Comparison, raw: bool) -> dict[str, Any]:
    """Values in per cent or points; those of small sides hidden as everywhere. raw: no answer needs a like one."""
    sides = {"proactive": found.treated, "customer": found.untreated}
    shown = all(side.n >= MINIMUM for side in sides.values())
    row: dict[str, Any] = {}
    for name, side in sides.items():
        n = side.n + (side.left_out if raw else 0)
        row[f"n_{name}"] = None if 0 < n < HIDDEN_BELOW else n
        row[name] = 100 * side.mean if shown else None
    for name, change in (("difference", found.difference), ("low", found.low), ("high", found.high)):
        row[name] = 100 * change if shown and not math.isnan(change) else None
    row |= {"strata": found.strata, "strata_left_out": found.strata_left_out}
    return row | {f"{name}_left_out": 0 if raw else side.left_out for name, side in sides.items()}
