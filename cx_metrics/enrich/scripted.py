"""Which replies are scripted: their families of texts over all teams, and how many conversations each occurs in."""

from __future__ import annotations

import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.judges.scripted import families
from cx_metrics.model import excused_templates, interactions, messages, reply_texts
from cx_metrics.warehouse import Warehouse

MANY, PART = 3, 0.002  # conversations of a team that a scripted text must occur in: so many, and such a part of them
_replies = messages.c.template.is_not(None)


def mark_scripted(target: sa.Connection) -> None:
    """Find the families anew where there is a new reply, and mark every reply as scripted or not."""
    text = sa.select(reply_texts.c.template).where(reply_texts.c.family.is_(None))
    reply = sa.select(messages.c.template).where(_replies, messages.c.scripted.is_(None))
    if target.execute(text.limit(1)).first() or target.execute(reply.limit(1)).first():
        _find_families(target)
    _mark(target)


def excused_now() -> sa.Select[tuple[int]]:
    """The families that are excused: those in which an excused text is. A family is numbered by its most frequent text,
    which may be another one after the next import; the text that was excused stays in it."""
    excused = sa.select(excused_templates.c.template)
    return sa.select(reply_texts.c.family).where(reply_texts.c.template.in_(excused)).distinct()


def excuse(warehouse: Warehouse, templates: frozenset[int]) -> None:
    """Let exactly these texts, with all that read like them, count as excused from now on; mark the replies anew."""
    with warehouse.publishing() as publication:
        target = publication.target
        target.execute(sa.delete(excused_templates))
        dialect.add_rows(target, excused_templates, [(template,) for template in sorted(templates)])
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
    """A family is scripted in a team where it occurs in so many of its conversations, and is not excused."""
    contact = messages.c.interaction_id
    replies = messages.join(reply_texts, reply_texts.c.template == messages.c.template).outerjoin(
        interactions, interactions.c.interaction_id == contact
    )
    team = sa.func.coalesce(interactions.c.team, "")
    seen = sa.select(messages.c.message_id, contact, team.label("team"), reply_texts.c.family).select_from(replies)
    each, whole, rows = (seen.where(_replies).subquery(name) for name in ("each", "whole", "replies"))
    n, of = sa.func.count(each.c.interaction_id.distinct()), sa.func.count(whole.c.interaction_id.distinct())
    counted = sa.select(each.c.team, each.c.family, n.label("n")).group_by(each.c.team, each.c.family).subquery()
    total = sa.select(whole.c.team, of.label("n")).group_by(whole.c.team).subquery()
    often = sa.and_(counted.c.n >= MANY, counted.c.n >= total.c.n * PART)
    found = (
        sa.select(rows.c.message_id)
        .join(counted, sa.and_(counted.c.team == rows.c.team, counted.c.family == rows.c.family))
        .join(total, total.c.team == rows.c.team)
        .where(often, rows.c.family.not_in(excused_now()))
    )
    mark = sa.cast(sa.case((messages.c.message_id.in_(found), 1), else_=0), sa.BigInteger)
    target.execute(sa.update(messages).values(scripted=mark).where(_replies))
