"""The same reason on different channels: how often it is solved, comes back, and takes long."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import RANKED, added_up, answered, in_order, share_columns, small_hidden, tallied
from cx_metrics.charts.consistency import ALL, MEASURES
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.signals import signals
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse

_KEYS = ("reason", "channel")
_COUNTED = "contacts"
_TOOK = sa.func.coalesce(contact.c.case_resolved_seconds, contact.c.wait_seconds + contact.c.handle_seconds)


def channels(warehouse: Warehouse, scope: Scope) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """The table of channels, the cells to compare, and how many contacts have no reason or channel.

    Table: reason, channel, contacts, measure, n, share, low, high, suppressed, compared (n from 30 on); the largest
    reasons first, channels in journey order. Cells: reason, channel, measure, n, hits of the compared ones.
    """
    found = answered(warehouse, _question(scope), "n", "hits", "share", "low", "high")
    found["reason"] = [f"“{reason}”" if reason == ALL else reason for reason in found["reason"]]
    aside = found.loc[found["part"] == "left out", "n"].fillna(0.0).sum()
    cells = found[found["part"] == "compared"][[*_KEYS, "measure", "n", "hits"]]
    shown = found[found["part"] == "shown"].drop(columns=["part", "hits"])
    sizes = shown[shown["measure"] == _COUNTED].set_index([*_KEYS])["n"].rename("contacts")
    table = shown[shown["measure"] != _COUNTED].join(sizes, on=[*_KEYS])
    table = table.assign(compared=table["n"].fillna(0.0) >= RANKED, place=table["measure"].map([*MEASURES].index))
    table = in_order(table.sort_values("place"), "channel")
    order = sizes.groupby("reason").sum().sort_values(ascending=False, kind="stable").index
    table = table.sort_values("reason", key=lambda names: names.map(order.get_loc), kind="stable", ignore_index=True)
    columns = [*_KEYS, "contacts", "measure", "n", "share", "low", "high", "suppressed", "compared"]
    return table[columns], cells.reset_index(drop=True), float(aside)


def _rows(scope: Scope) -> sa.Select[Any]:
    """One row per contact: reason, channel, and for each measure whether it can be said (_n) and is so."""
    where = scope.conditions(contact.c.occurred_at, CONTACTS.dimensions)
    source = CONTACTS.source([name for name, _ in scope.filters])
    usual = (
        # The ordered-set aggregate is standard SQL, and needs no sorting of all rows where an engine is clever.
        sa.select(contact.c.reason, sa.func.percentile_cont(0.5).within_group(_TOOK).label("seconds"))
        .select_from(source).where(*where, contact.c.reason.is_not(None)).group_by(contact.c.reason).cte("usual")
    )  # fmt: skip
    again = next(signal for signal in signals(scope.limits) if signal.name == "repeat_contact")
    told = {
        "resolved": (contact.c.outcome.is_not(None), contact.c.outcome == "resolved"),
        "repeat": (again.judged, again.present),
        "slow": (sa.and_(_TOOK.is_not(None), usual.c.seconds.is_not(None)), usual.c.seconds < _TOOK),
    }
    flags = {f"{name}_n": known for name, (known, _) in told.items()}
    flags |= {name: sa.and_(*both) for name, both in told.items()}
    columns = (sa.case((flag, 1), else_=0).label(name) for name, flag in flags.items())
    return (
        sa.select(contact.c.reason, contact.c.channel, *columns)
        .select_from(source.outerjoin(usual, usual.c.reason == contact.c.reason)).where(*where)
    )  # fmt: skip


def _question(scope: Scope) -> sa.CompoundSelect[Any]:
    """part, reason, channel, measure, n, hits, share, low, high, suppressed.

    Parts: what is shown, small cells hidden; what is compared, cells from 30 contacts on; and what is left out.
    """
    names = [f"{measure}{end}" for measure in MEASURES for end in ("_n", "")]
    counts = tallied(_rows(scope), _KEYS, names)
    sums = {"n": counts.c.n, **{name: counts.c[name] for name in names}}
    every = added_up(counts, _KEYS, sums)
    known = sa.and_(every.c.reason != NOT_GIVEN, every.c.channel != NOT_GIVEN)
    given = sa.select(*every.c).where(known).cte()
    parts = [_shown(given, measure) for measure in (_COUNTED, *MEASURES)]
    parts += [_compared(given, measure) for measure in MEASURES]
    left = sa.select(
        sa.literal("left out"), sa.literal(""), sa.literal(""), sa.literal(""),
        sa.cast(sa.func.sum(every.c.n), sa.Double), *(_nothing() for _ in range(4)), sa.false(),
    ).where(sa.not_(known))  # fmt: skip
    return sa.union_all(*parts, left)


def _nothing() -> sa.Cast[Any]:
    return sa.cast(sa.null(), sa.Double)


def _shown(given: sa.CTE, measure: str) -> sa.Select[Any]:
    n, hits = (given.c.n, given.c.n) if measure == _COUNTED else (given.c[f"{measure}_n"], given.c[measure])
    cells = sa.select(*(given.c[name] for name in _KEYS), n.label("n"), hits.label("hits")).cte()
    c = small_hidden(cells, _KEYS, ["hits"]).subquery().c
    texts = [sa.literal("shown").label("part"), c.reason, c.channel, sa.literal(measure).label("measure")]
    return sa.select(*texts, c.n, c.hits, *share_columns(c.hits, c.n), c.suppressed)


def _compared(given: sa.CTE, measure: str) -> sa.Select[Any]:
    n, c = given.c[f"{measure}_n"], given.c
    texts = [sa.literal("compared"), c.reason, c.channel, sa.literal(measure)]
    return sa.select(*texts, n, c[measure], *(_nothing() for _ in range(3)), sa.false()).where(n >= RANKED)
