"""Themes proposed once from the words of the texts, so that there is something to begin with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import add_rows
from cx_metrics.judges.themes import ENOUGH, SAMPLE, propose
from cx_metrics.model import known_names, proposed_themes, text_words


def propose_themes(target: sa.Connection) -> None:
    """Fill proposed_themes from text_words, once: where it is empty and there are at least 200 texts.

    What came later does not change the proposal, so that figures stay comparable; people do, by editing. Words that
    are parts of customers' names are left out.
    """
    if target.execute(sa.select(sa.literal(1)).select_from(proposed_themes).limit(1)).first() is not None:
        return
    texts: dict[tuple[str, str], list[str]] = {}
    for kind, key, word in target.execute(_sample()):
        texts.setdefault((kind, key), []).append(word)
    if len(texts) < ENOUGH:
        return
    rows = [(place, theme.name, "\n".join(theme.words)) for place, theme in enumerate(propose(texts), start=1)]
    if rows:
        add_rows(target, proposed_themes, rows)


def _sample() -> sa.Select[Any]:
    """kind, key, word of at most 20,000 texts, the same on every engine: those whose keys' hashes come first."""
    keys = (text_words.c.kind, text_words.c.key)
    chosen = sa.select(*keys).group_by(*keys).order_by(sa.func.md5(text_words.c.key), *keys).limit(SAMPLE).subquery()
    same = sa.and_(chosen.c.kind == text_words.c.kind, chosen.c.key == text_words.c.key)
    name = sa.select(known_names.c.word).where(known_names.c.word == text_words.c.word)
    return (
        sa.select(*keys, text_words.c.word)
        .select_from(text_words.join(chosen, same))
        .where(~name.exists())
        .order_by(*keys, text_words.c.word)
    )
