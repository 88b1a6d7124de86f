"""What lies beside the texts: contacts whose words moved to another, and the names that quotes must not show."""

from __future__ import annotations

import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.judges.personal import name_parts
from cx_metrics.model import customers, interactions, known_names, messages, text_words
from cx_metrics.texts import contact_columns

_OF_WORDS = [column.name for column in contact_columns()]


def forget_moved_words(target: sa.Connection, fresh: sa.Table) -> None:
    """Take what words showed off contacts whose known messages turn out to belong to another: what is left there is
    judged anew.

    fresh: messages that are about to replace those of the same key.
    """
    moved = messages.c.interaction_id != fresh.c.interaction_id
    earlier = sa.select(messages.c.interaction_id).join(fresh, messages.c.message_id == fresh.c.message_id).where(moved)
    if not target.execute(earlier.limit(1)).first():
        return
    concerned = interactions.c.interaction_id.in_(earlier)
    target.execute(sa.delete(text_words).where(text_words.c.kind == "contact", text_words.c.key.in_(earlier)))
    target.execute(sa.update(messages).values(judged_by=sa.null()).where(messages.c.interaction_id.in_(earlier)))
    target.execute(sa.update(interactions).values(dict.fromkeys(_OF_WORDS, sa.null())).where(concerned))


def note_names(target: sa.Connection, first_load: int) -> None:
    """Note the parts of all customers' names, where customers came with these loads."""
    if not target.execute(sa.select(customers.c.load_id).where(customers.c.load_id >= first_load).limit(1)).first():
        return
    names = target.execute(sa.select(customers.c.name).where(customers.c.name.is_not(None)).distinct()).scalars()
    target.execute(sa.delete(known_names))
    dialect.add_rows(target, known_names, [(part,) for part in sorted(name_parts(names))])
