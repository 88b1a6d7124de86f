"""Which replies are scripted: their families of texts over all teams, and how many conversations each occurs in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.judges.scripted import families
from cx_metrics.model import excused_families, interactions, messages, reply_texts
from cx_metrics.warehouse import Warehouse

MANY = 3  # conversations that a family of texts must occur in
_replies = messages.c.template.is_not(None)


def mark_scripted(target: sa.Connection) -> None:
    """Find the families anew where a text is new, and mark every reply as scripted or not."""
    if target.execute(sa.select(reply_texts.c.template).where(reply_texts.c.family.is_(None)).limit(1)).first():
        _find_families(target)
    _mark(target)


def excuse(warehouse: Warehouse, families: frozenset[int]) -> None:
    """Let exactly these families count as excused from now on, and mark the replies anew."""
    with warehouse.publishing() as publication:
        target = publication.target
        target.execute(sa.delete(excused_families))
        dialect.add_rows(target, excused_families, [(family,) for family in sorted(families)])
        _mark(target)


def _find_families(target: sa.Connection) -> None:
    """Texts of a team that read alike get one family; texts that no reply has any longer are forgotten."""
    used = (
        sa.select(interactions.c.team, reply_texts.c.skeleton,
                  sa.func.count(messages.c.interaction_id.distinct()).label("n"))
        .select_from(messages)
        .join(reply_texts, reply_texts.c.template == messages.c.template)
        .outerjoin(interactions, interactions.c.interaction_id == messages.c.interaction_id)
        .where(_replies).group_by(interactions.c.team, reply_texts.c.skeleton)
        .order_by(interactions.c.team, reply_texts.c.skeleton)
    )  # fmt: skip
    by_team: dict[str, dict[str, int]] = {}
    for row in target.execute(used):
        by_team.setdefault(row.team or "", {})[row.skeleton] = row.n
    found = families(by_team)
    numbers = {row.skeleton: row.template for row in target.execute(sa.select(reply_texts))}
    target.execute(sa.delete(reply_texts))
    rows = [(numbers[skeleton], skeleton, family) for skeleton, family in sorted(found.items())]
    dialect.add_rows(target, reply_texts, rows)


def _mark(target: sa.Connection) -> None:
    many = (
        sa.select(reply_texts.c.family)
        .join(messages, messages.c.template == reply_texts.c.template)
        .group_by(reply_texts.c.family)
        .having(sa.func.count(messages.c.interaction_id.distinct()) >= MANY)
    )
    excused = sa.select(excused_families.c.family)
    scripted = sa.select(reply_texts.c.template).where(
        reply_texts.c.family.in_(many), reply_texts.c.family.not_in(excused)
    )
    mark: Any = sa.case((messages.c.template.in_(scripted), 1), else_=0)
    stale = sa.or_(messages.c.scripted.is_(None), messages.c.scripted != mark)
    target.execute(sa.update(messages).values(scripted=sa.cast(mark, sa.BigInteger)).where(_replies, stale))
