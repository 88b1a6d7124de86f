"""What the customer's own words say about a contact: whether something had to be said again.

The phrases lie in `repeated.toml`, which a company may extend; a phrase in another language is not recognised, and the
contact then counts as one without repetition.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import sqlalchemy as sa

from cx_metrics.model import interactions, messages

_PHRASES = Path(__file__).with_name("repeated.toml")


@functools.cache
def phrases() -> tuple[str, ...]:
    """Small-letter texts, % standing for anything."""
    return tuple(tomllib.loads(_PHRASES.read_text(encoding="utf-8"))["phrases"])


def mark_repeated_information(target: sa.Connection, first_load: int) -> None:
    """Set `repeated_information` of contacts whose customers' words are known, where contact or words came or moved.

    A contact that was measured anew has lost its mark, so those without one are looked at too.
    """
    if target.execute(sa.select(sa.literal(1)).select_from(messages).limit(1)).first() is None:
        return
    words = sa.func.replace(sa.func.lower(messages.c.text), "’", "'")
    said = sa.case((sa.or_(*(words.like(f"%{phrase}%") for phrase in phrases())), 1), else_=0)
    newly = sa.select(messages.c.interaction_id).where(messages.c.load_id >= first_load)
    unmarked = sa.select(interactions.c.interaction_id).where(interactions.c.repeated_information.is_(None))
    concerned = sa.or_(messages.c.interaction_id.in_(newly), messages.c.interaction_id.in_(unmarked))
    spoken = (
        sa.select(messages.c.interaction_id, sa.cast(sa.func.max(said), sa.BigInteger).label("repeated"))
        .where(messages.c.author == "customer", messages.c.text.is_not(None), concerned)
        .group_by(messages.c.interaction_id)
        .subquery("spoken")
    )
    same = interactions.c.interaction_id == spoken.c.interaction_id
    target.execute(sa.update(interactions).values(repeated_information=spoken.c.repeated).where(same))


def forget_moved_words(target: sa.Connection, fresh: sa.Table) -> None:
    """Take the mark off contacts whose known messages turn out to belong to another: it is to be set anew.

    fresh: messages that are about to replace those of the same key.
    """
    moved = messages.c.interaction_id != fresh.c.interaction_id
    earlier = sa.select(messages.c.interaction_id).join(fresh, messages.c.message_id == fresh.c.message_id).where(moved)
    concerned = interactions.c.interaction_id.in_(earlier)
    target.execute(sa.update(interactions).values(repeated_information=sa.null()).where(concerned))
