"""Contact hours that friction costs: the handling of the further contact that followed one with friction."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.signals import Signal, came_back, signals
from cx_metrics.model import interactions
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse


def friction_hours(warehouse: Warehouse, scope: Scope) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hours by signal, and by signal and stage, over the contacts of a scope.

    Both: signal, title, contacts (with the signal), value (hours); the first also low and high, and a last row for the
    total; the second also stage. The hours of a further contact are shared equally over the signals of the contact
    before: the Shapley value of “any of them caused it”. Intervals: compound Poisson (the variance of a sum is the sum
    of squares).
    """
    found = signals(scope.limits)
    wide = warehouse.read(_select(scope, found))
    parts = [
        pd.DataFrame({
            "signal": signal.name, "title": signal.title, "stage": wide["stage"],
            **{name: wide[f"{name}{place}"].fillna(0.0).astype(float) for name in ("contacts", "value", "squares")},
        })
        for place, signal in enumerate(found)
    ]  # fmt: skip
    stages = pd.concat(parts, ignore_index=True)
    stages = stages[stages["contacts"] > 0]
    by_signal = stages.groupby(["signal", "title"], sort=False)[["contacts", "value", "squares"]].sum().reset_index()
    by_signal = by_signal.sort_values("value", ascending=False, kind="stable")
    sums = wide[["friction", "hours", "squares"]].fillna(0.0).astype(float).sum()
    whole = {
        "signal": "total", "title": "All signals", "contacts": sums["friction"], "value": sums["hours"],
        "squares": sums["squares"],
    }  # fmt: skip
    table = pd.concat([by_signal, pd.DataFrame([whole])], ignore_index=True)
    half = Z * table["squares"] ** 0.5
    table = table.assign(low=table["value"] - half, high=table["value"] + half).drop(columns=["squares"])
    return table, stages.drop(columns=["squares"]).reset_index(drop=True)


def _select(scope: Scope, found: tuple[Signal, ...]) -> sa.Select[Any]:
    contact = interactions
    flags = [sa.case((signal.there, 1.0), else_=0.0).label(f"x{place}") for place, signal in enumerate(found)]
    cost = sa.case((came_back(scope.limits), sa.func.coalesce(contact.c.next_handle_seconds, 0.0) / 3600.0), else_=0.0)
    marked = (
        sa.select(contact.c.stage, cost.label("cost"), *flags)
        .select_from(CONTACTS.source([name for name, _ in scope.filters]))
        .where(*scope.conditions(contact.c.occurred_at, CONTACTS.dimensions))
        .subquery("marked")
    )
    count: Any = sum((marked.c[flag.name] for flag in flags), start=sa.literal(0.0))
    share = sa.cast(marked.c.cost, sa.Double) / sa.func.nullif(sa.cast(count, sa.Double), 0.0)
    each = sa.select(*marked.c, count.label("many"), share.label("part")).subquery("each")
    sums = []
    for place in range(len(found)):
        part = each.c[f"x{place}"] * each.c.part
        sums += [_total(each.c[f"x{place}"], f"contacts{place}"), _total(part, f"value{place}")]
        sums.append(_total(part * part, f"squares{place}"))
    hit = each.c.many > 0
    cost = sa.case((hit, each.c.cost))
    whole = [_total(sa.case((hit, 1.0)), "friction"), _total(cost, "hours"), _total(cost * cost, "squares")]
    return sa.select(each.c.stage, *sums, *whole).group_by(each.c.stage)


def _total(value: Any, name: str) -> Any:
    return sa.cast(sa.func.sum(value), sa.Double).label(name)
