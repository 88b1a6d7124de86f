"""Publishing: staged rows become facts. Known keys are merged, the rest is added, contacts with their measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cx_metrics import dialect, journey
from cx_metrics.enrich.contacts import NEIGHBOURS, contact_measures, find_episodes, own_measures
from cx_metrics.enrich.words import forget_moved_words
from cx_metrics.intake.files import LINE, RAW
from cx_metrics.intake.identity import apply_identities, match_customers
from cx_metrics.intake.plan import Plan
from cx_metrics.intake.stage import SetAside, Staged
from cx_metrics.model import CANONICAL, KEYS, identities, interactions, messages, quarantine
from cx_metrics.warehouse import Publication


@dataclass(frozen=True)
class Published:
    """Rows of one plan: loaded = new + changed; known = already in the warehouse with the same values.

    set_aside: rows of a plan that only completes known rows, with keys that are not known. moved: rows that were known
    went over to another customer.
    """

    loaded: int
    changed: int
    known: int
    set_aside: tuple[SetAside, ...] = ()
    moved: bool = False


def publish(publication: Publication, staged: Staged, load_id: int) -> Published:
    """Bring one plan's staged rows into the facts, within the publication's transaction."""
    target, fresh = publication.target, _bring(publication, staged)
    facts = CANONICAL[staged.plan.table]
    unknown = _take_unknown(target, fresh, facts) if staged.plan.completes else ()
    if staged.plan.table == "customers":
        matched, known = match_customers(target, fresh, staged.plan.source, load_id)
    else:
        matched, known = 0, 0
        if "customer_id" in facts.c:
            apply_identities(target, fresh, staged.plan.source)
    changed, same, moved = _merge(target, staged, fresh, facts)
    rows = _with_origin(staged, fresh, load_id)
    rows = rows.distinct() if staged.plan.sum else rows  # those that were added up are alike now
    if facts is interactions:
        _add_contacts(target, fresh, rows)
    else:
        if facts is messages:
            forget_moved_words(target, fresh)
        _remove(target, facts, fresh, staged.plan.source)
        with dialect.in_any_order(target):
            target.execute(sa.insert(facts).from_select([column.name for column in rows.selected_columns], rows))
    _set_aside(target, staged.plan, (*staged.set_aside, *unknown), load_id)
    fresh.drop(target)
    return Published(staged.usable - same - known - len(unknown), changed + matched, same + known, unknown, moved)


def _bring(publication: Publication, staged: Staged) -> sa.Table:
    """The staged rows as a temporary table on the target connection."""
    if publication.embedded:
        return staged.table
    origin = [LINE, RAW] if staged.plan.completes else []
    columns = [sa.Column(name, staged.table.c[name].type) for name in (*staged.columns, *origin)]
    table = sa.Table(staged.table.name, sa.MetaData(), *columns, prefixes=["TEMPORARY"])
    table.create(publication.target)
    dialect.copy_rows(
        publication.parser, sa.select(*(staged.table.c[c.name] for c in columns)), publication.target, table
    )
    staged.table.drop(publication.parser)
    return table


def _same_key(fresh: sa.Table, facts: sa.Table, source: str = "") -> sa.ColumnElement[bool]:
    same = [fresh.c[key] == facts.c[key] for key in KEYS[facts.name]]
    if facts is identities:  # one source's key says nothing about another's
        same.append(facts.c.source == source)
    return sa.and_(*same)


def _take_unknown(target: sa.Connection, fresh: sa.Table, facts: sa.Table) -> tuple[SetAside, ...]:
    """Take rows out of `fresh` whose key no fact has."""
    key = fresh.c[KEYS[facts.name][0]]
    unknown = sa.not_(sa.exists().where(_same_key(fresh, facts)))
    reason = sa.literal(f"there is no {key.name} '").concat(key).concat("' yet that this row could complete")
    found = target.execute(sa.select(fresh.c[LINE], reason, fresh.c[RAW]).where(unknown).order_by(fresh.c[LINE])).all()
    target.execute(sa.delete(fresh).where(unknown))
    return tuple(SetAside(*row) for row in found)


def _merge(target: sa.Connection, staged: Staged, fresh: sa.Table, facts: sa.Table) -> tuple[int, int, bool]:
    """Rows whose key is known: drop those that say nothing new, complete the others from what is known.

    Only values that the file gives count: an empty cell does not erase. Returns (changed, same, whether a row went over
    to another customer).
    """
    plan = staged.plan
    same_key = _same_key(fresh, facts, plan.source)
    known = sa.exists().where(same_key)
    if not target.execute(sa.select(sa.func.count()).select_from(fresh).where(known)).scalar_one():
        return 0, 0, False
    given = [name for name in staged.columns if name in plan.columns or name in plan.constants]
    news = sa.or_(
        sa.false(), *(sa.and_(fresh.c[c].is_not(None), fresh.c[c].is_distinct_from(facts.c[c])) for c in given)
    )
    nothing_new = sa.exists().where(same_key, sa.not_(news))
    same = target.execute(sa.delete(fresh).where(nothing_new)).rowcount
    kept: dict[str, Any] = {}
    for name in staged.columns:
        if name not in KEYS[facts.name]:
            new = fresh.c[name] if name in given else sa.null()
            kept[name] = sa.func.coalesce(new, facts.c[name], fresh.c[name])
    moved = False
    if "source_customer_key" in staged.columns:
        other = (
            sa.select(sa.literal(1)).join_from(fresh, facts, same_key).where(fresh.c.customer_id != facts.c.customer_id)
        )
        moved = target.execute(other.limit(1)).first() is not None
    changed = target.execute(sa.update(fresh).values(kept).where(same_key)).rowcount
    return changed, same, moved


def _with_origin(staged: Staged, fresh: sa.Table, load_id: int) -> sa.Select[Any]:
    plan = staged.plan
    origin: dict[str, Any] = {
        "source": sa.literal(plan.source), "load_id": sa.cast(sa.literal(load_id), sa.BigInteger),
        "source_key": fresh.c[KEYS[plan.table][0]],
    }  # fmt: skip
    columns = [fresh.c[name] for name in staged.columns]
    return sa.select(*columns, *(expression.label(name) for name, expression in origin.items()))


def _remove(target: sa.Connection, facts: sa.Table, fresh: sa.Table, source: str = "") -> None:
    target.execute(sa.delete(facts).where(sa.exists().where(_same_key(fresh, facts, source))))


def _add_contacts(target: sa.Connection, fresh: sa.Table, rows: sa.Select[Any]) -> None:
    """Add contacts together with all earlier ones of their customers, measured anew."""
    names = [column.name for column in rows.selected_columns]
    if target.execute(sa.select(interactions.c.load_id).limit(1)).first() is None:
        _insert_measured(target, names, rows.subquery("contact"))
        return
    customers, cases = (_now_or_before(fresh, name) for name in ("customer_id", "case_id"))
    unnamed = sa.and_(interactions.c.customer_id.is_(None), interactions.c.case_id.in_(cases))
    concerned = sa.or_(interactions.c.customer_id.in_(customers), unnamed)
    remeasure(target, concerned, names, fresh, rows)


def _now_or_before(fresh: sa.Table, name: str) -> sa.Select[Any]:
    """The values of a column in new contacts, and those in the known ones that they replace."""
    before = sa.select(interactions.c[name]).join(fresh, _same_key(fresh, interactions))
    both = sa.union(sa.select(fresh.c[name]), before).subquery()
    return sa.select(both.c[name])


def remeasure(
    target: sa.Connection, concerned: sa.ColumnElement[bool], names: list[str], fresh: sa.Table | None,
    rows: sa.Select[Any] | None,
) -> None:  # fmt: skip
    """Take the contacts that `concerned` selects out of the facts, and put them back measured anew, with new `rows`."""
    earlier = sa.Table(
        "earlier_contacts", sa.MetaData(), *(sa.Column(n, interactions.c[n].type) for n in names),
        prefixes=["TEMPORARY"],
    )  # fmt: skip
    earlier.create(target)
    target.execute(
        sa.insert(earlier).from_select(names, sa.select(*(interactions.c[n] for n in names)).where(concerned))
    )
    _remove(target, interactions, earlier)
    parts = [sa.select(*(earlier.c[n] for n in names))]
    if fresh is not None and rows is not None:
        _remove(target, interactions, fresh)
        parts = [parts[0].where(~sa.exists().where(earlier.c.interaction_id == fresh.c.interaction_id)), rows]
    _insert_measured(target, names, sa.union_all(*parts).subquery("contact"))
    earlier.drop(target)


def _insert_measured(target: sa.Connection, names: list[str], contact: sa.Subquery) -> None:
    """Add contacts with their measures, computed beside the rows and joined, because sorting whole rows is dear."""
    episodes = find_episodes(target, contact, journey.current().episode_hours)
    measured, own = contact_measures(contact, episodes).subquery("measured"), own_measures(contact)
    values = [*(contact.c[n] for n in names), *(measured.c[n] for n in NEIGHBOURS), *own.values()]
    select = sa.select(*values).select_from(
        contact.join(measured, contact.c.interaction_id == measured.c.interaction_id)
    )
    with dialect.in_any_order(target):
        target.execute(sa.insert(interactions).from_select([*names, *NEIGHBOURS, *own], select))
    episodes.drop(target)


def _set_aside(target: sa.Connection, plan: Plan, set_aside: Sequence[SetAside], load_id: int) -> None:
    common = {"load_id": load_id, "source": plan.source, "file": plan.file.name, "table_name": plan.table}
    rows = [{**common, "line": row.line, "reason": row.reason, "raw": row.raw} for row in set_aside]
    if rows:
        target.execute(sa.insert(quarantine), rows)
