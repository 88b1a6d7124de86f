"""The course of a customer's mood: from message to message within a contact, and from contact to contact."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.judges.mood import label
from cx_metrics.metrics.words import mood_end, mood_lowest, mood_start
from cx_metrics.model import interactions as contact
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import listing


def moods_of(warehouse: Warehouse, customer_id: str) -> pd.DataFrame:
    """A customer's contacts with a mood, oldest first: key, at (UTC), start, lowest, end (-1 to 1), mood (in words)."""
    columns = {
        "key": contact.c.interaction_id, "at": contact.c.occurred_at, "start": mood_start, "lowest": mood_lowest,
        "end": mood_end,
    }  # fmt: skip
    question = sa.select(*(column.label(name) for name, column in columns.items()))
    known = question.where(contact.c.customer_id == customer_id, mood_end.is_not(None))
    rows = warehouse.read(known.order_by(contact.c.occurred_at, contact.c.interaction_id))
    told = [course(row) for row in rows[["start", "lowest", "end"]].astype(float).to_numpy().tolist()]
    return rows.assign(mood=told)


def course(moods: list[float]) -> str:
    """Moods in their order as words, repetitions told once: "negative → neutral"."""
    words = [label(mood) for mood in moods if mood == mood]
    kept = [word for place, word in enumerate(words) if place == 0 or word != words[place - 1]]
    return " → ".join(kept)


def cues_in_words(evidence: dict[str, Any]) -> str:
    """What was found in a message, with its words: frustration: “fed up”; urgency: “asap”."""
    said = [f"{name.replace('_', ' ')}: {listing([f'“{word}”' for word in words])}" for name, words in evidence.items()]
    return "; ".join(said)
