"""What became of the contacts of bots and self-service: solved for good, or only ended."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import added_up, answered, in_order, share_columns, small_hidden, tallied
from cx_metrics.charts.bots import ABANDONED, COLOURS, DURABLE, ELSEWHERE, ESCALATED, SAME, SOMEWHERE, UNRESOLVED
from cx_metrics.journey import Limits
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.signals import AUTOMATIC, KNOWN_CUSTOMER, came_back, old_enough
from cx_metrics.model import interactions as contact
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

PARTS = tuple(COLOURS)  # what a judged contact is, one of these
NO_CUSTOMER, NO_OUTCOME, YOUNG = "customer unknown", "outcome unknown", "too young to judge"
LEFT_OUT = (NO_CUSTOMER, NO_OUTCOME, YOUNG)
BY = ("channel", "stage", "reason")
_SHARE = ("share", "low", "high")


def containment(warehouse: Warehouse, scope: Scope) -> dict[str, pd.DataFrame]:
    """Tables containment (handled_by, part, n, contacts, share, low, high, suppressed), containment_by_channel, _stage
    and _reason (the same by one dimension more), and left_out (handled_by, why, n).

    n: contacts judged; contacts and share (%): those of the part. The parts of a cell sum to n; see `part_of`.
    """
    counts = tallied(_rows(scope), ("handled_by", *BY, "part"))
    asked = [_split(counts, by) for by in (None, *BY)]
    found = answered(warehouse, sa.union_all(*asked, _aside(counts)), "n", "contacts", *_SHARE)
    tables = {}
    for by in (None, *BY):
        own = found[found["by"] == (by or "")].drop(columns="by").rename(columns={"name": by or "name"})
        ordered = _in_order(own, by)
        tables["containment" + (f"_by_{by}" if by else "")] = ordered if by else ordered.drop(columns="name")
    aside = found[found["by"] == "left out"].rename(columns={"part": "why"})
    return tables | {"left_out": in_order(aside, "handled_by", "why")[["handled_by", "why", "n"]]}


def part_of(limits: Limits) -> sa.Case[Any]:
    """Which of PARTS a contact is, or why it is not judged, one of LEFT_OUT.

    Handed on: escalated, whether or not the customer was heard of again. Returned: the customer's next contact on the
    same reason lies within the window, however this one ended. The others did not return: durable (resolved),
    abandoned, unresolved.
    """
    c, back = contact.c, came_back(limits)
    return sa.case(
        (sa.not_(KNOWN_CUSTOMER), NO_CUSTOMER), (c.outcome.is_(None), NO_OUTCOME),
        (sa.not_(old_enough(limits)), YOUNG), (c.outcome == "escalated", ESCALATED),
        (sa.and_(back, c.return_channel == c.channel), SAME), (sa.and_(back, c.return_channel != c.channel), ELSEWHERE),
        (back, SOMEWHERE), (c.outcome == "resolved", DURABLE), (c.outcome == "abandoned", ABANDONED), else_=UNRESOLVED,
    )  # fmt: skip


def _rows(scope: Scope, *more: Any) -> sa.Select[Any]:
    columns = [contact.c[name] for name in ("handled_by", *BY)]
    where = scope.conditions(contact.c.occurred_at, CONTACTS.dimensions)
    return (
        sa.select(*columns, part_of(scope.limits).label("part"), *more)
        .select_from(CONTACTS.source([name for name, _ in scope.filters]))
        .where(AUTOMATIC, *where)
    )


def _split(counts: sa.CTE, by: str | None) -> sa.CompoundSelect[Any]:
    """by, handled_by, name, part, n, contacts, share, low, high, suppressed: one row for each cell and part."""
    groups = ["handled_by", *([by] if by else [])]
    numbered = {f"part_{place}": part for place, part in enumerate(PARTS)}
    sums = {name: sa.case((counts.c.part == part, counts.c.n), else_=0.0) for name, part in numbered.items()}
    judged = sa.case((counts.c.part.in_(PARTS), counts.c.n), else_=0.0)
    cells = small_hidden(added_up(counts, groups, {"n": judged, **sums}), groups, [*sums]).cte()
    name = cells.c[by] if by else sa.literal("")
    rows = [
        sa.select(
            sa.literal(by or "").label("by"), cells.c.handled_by, name.label("name"), sa.literal(part).label("part"),
            cells.c.n, cells.c[column].label("contacts"), *share_columns(cells.c[column], cells.c.n),
            cells.c.suppressed,
        )
        for column, part in numbered.items()
    ]  # fmt: skip
    return sa.union_all(*rows)


def _aside(counts: sa.CTE) -> sa.Select[Any]:
    kept = sa.select(*counts.c).where(counts.c.part.in_(LEFT_OUT)).subquery()
    cells = small_hidden(added_up(kept, ("handled_by", "part"), {"n": kept.c.n}), ("handled_by", "part"), []).subquery()
    missing = [sa.cast(sa.null(), sa.Double).label(name) for name in ("contacts", *_SHARE)]
    texts = [sa.literal("left out").label("by"), cells.c.handled_by, sa.literal("").label("name"), cells.c.part]
    return sa.select(*texts, cells.c.n, *missing, cells.c.suppressed)


def _in_order(table: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """Channels and stages in journey order, reasons by size; parts as in PARTS, without those that never occur."""
    there = set(table.loc[table["contacts"] != 0, "part"])  # a hidden count is no zero
    kept = table[table["part"].isin(there)].reset_index(drop=True)
    kept = kept.assign(place=[PARTS.index(part) for part in kept["part"]])
    if by == "reason":
        sizes = kept[kept["place"] == kept["place"].min()].groupby("reason")["n"].sum()
        kept = kept.assign(size=-kept["reason"].map(sizes).astype(float)).sort_values(
            ["size", "reason", "handled_by", "place"]
        )
        return kept.drop(columns=["place", "size"]).reset_index(drop=True)
    ordered = in_order(kept.sort_values("place", kind="stable"), *([by] if by else []), "handled_by")
    return ordered.drop(columns="place")


def returns(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """Where those who came back on another channel came back: channel, return_channel, n, of, share, low, high,
    median_hours, suppressed; the largest share of each channel first.

    n: contacts that came back so; of: all of the channel that came back elsewhere; share in per cent of these.
    """
    given = _rows(scope, contact.c.return_channel, contact.c.hours_until_next).subquery()
    ways = [given.c.channel, given.c.return_channel]
    median = sa.cast(sa.func.percentile_cont(0.5).within_group(given.c.hours_until_next), sa.Double)
    n = sa.cast(sa.func.count(), sa.Double).label("n")
    elsewhere = given.c.part == ELSEWHERE
    flows = sa.select(*ways, n, median.label("median_hours")).where(elsewhere).group_by(*ways).cte()
    all_of = added_up(flows, ("channel",), {"of": flows.c.n})
    known = sa.select(*flows.c, all_of.c.of).join_from(flows, all_of, all_of.c.channel == flows.c.channel).cte()
    hidden = small_hidden(known, ("channel", "return_channel"), ["of", "median_hours"]).subquery()
    c = hidden.c
    shares = share_columns(c.n, c.of)
    question = sa.select(c.channel, c.return_channel, c.n, c.of, *shares, c.median_hours, c.suppressed)
    found = answered(warehouse, question, "n", "of", *_SHARE, "median_hours")
    ranked = found.sort_values(["n", "return_channel"], ascending=[False, True], na_position="last", kind="stable")
    return in_order(ranked, "channel")
