"""One moment of a customer's timeline in full, and what was said in it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.timeline import QUESTIONS
from cx_metrics.columns import given_columns
from cx_metrics.model import KEYS, messages
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import duration, number

_MESSAGES = 500  # that a page shows of one contact
_IN_TITLE = ("customer_id", "channel", "reason", "outcome", "occurred_at", "comment", "weight")  # or of no interest
_IF_ANY = ("transfers", "reopens")


@dataclass(frozen=True)
class Moment:
    """A contact, a survey answer, an order or a subscription.

    title, described: in words. messages: when (text), author, text, mood (-1 to 1; missing = not judged), evidence
    (cue or kind of empathy -> words); the first ones. shown: what of them there is.
    """

    customer_id: str | None
    title: str
    described: str
    messages: pd.DataFrame
    shown: str


def moment(warehouse: Warehouse, kind: str, key: str) -> Moment | None:
    """The moment of that kind (of timeline.KINDS) with that key; None when there is none."""
    table, question = QUESTIONS[kind]
    where = table.c[KEYS[table.name][0]] == key
    found = warehouse.read(question.where(where).limit(1)).to_dict("records")
    if not found:
        return None
    row = warehouse.read(sa.select(table).where(where).limit(1)).to_dict("records")[0]
    facts = {
        c.name: row[c.name] for c in given_columns(table) if row[c.name] is not None and row[c.name] == row[c.name]
    }
    at = f", {found[0]['at']:%d %b %Y, %H:%M} UTC" if found[0]["at"] == found[0]["at"] else ""
    title = f"{found[0]['lane']}: {found[0]['title']}, {found[0]['outcome'] or 'outcome not given'}{at}"
    told = {n: value for n, value in facts.items() if n not in _IN_TITLE and (value or n not in _IF_ANY)}
    described = " · ".join(_fact(name, value) for name, value in told.items())
    said, shown = _comment({**row, **found[0]}, facts) if kind != "contact" else _spoken(warehouse, key)
    return Moment(facts.get("customer_id"), title[:1].upper() + title[1:], described, said, shown)


def _fact(name: str, value: Any) -> str:
    label = name.removesuffix("_id").removesuffix("_seconds").removesuffix("_at").replace("_", " ")
    if name.endswith("_seconds"):
        return f"{label} {duration(float(value))}"
    if isinstance(value, datetime.datetime):
        return f"{label} {value:%d %b %Y, %H:%M}"
    text = number(value) if isinstance(value, float) and value.is_integer() else str(value)
    return f"{label} {text.replace('_', ' ') if name.endswith('_by') else text}"


def _comment(row: dict[Any, Any], facts: dict[str, Any]) -> tuple[pd.DataFrame, str]:
    judged = _judged([row.get("sentiment")], [row.get("evidence")])
    texts = [{"when": "customer", "author": "customer", "text": facts["comment"]}] if "comment" in facts else []
    nothing = "No comment was written." if row["kind"] == "survey" else ""
    frame = pd.DataFrame(texts, columns=["when", "author", "text"])
    return frame.assign(**{name: cells[: len(frame)] for name, cells in judged.items()}), "" if texts else nothing


def _judged(moods: Sequence[Any], evidence: Sequence[Any]) -> dict[str, list[Any]]:
    """Moods as numbers, and evidence as what it is, out of what is stored."""
    known = [float(mood) if mood is not None else float("nan") for mood in moods]
    return {"mood": known, "evidence": [json.loads(text) if isinstance(text, str) else {} for text in evidence]}


def _spoken(warehouse: Warehouse, interaction_id: str) -> tuple[pd.DataFrame, str]:
    said = conversation(warehouse, interaction_id, _MESSAGES + 1)
    times = [f", {time:%d %b %Y, %H:%M}" if time is not None and time == time else "" for time in said["sent_at"]]
    when = [author + time for author, time in zip(said["author"], times, strict=True)]
    shown = "" if len(said) else "The data hold no text of this contact."
    shown = f"Only the first {_MESSAGES} messages are shown." if len(said) > _MESSAGES else shown
    found = _judged(said["sentiment"].tolist(), said["evidence"].tolist())
    texts = said.assign(when=when, text=said["text"].fillna(""), **found)
    return texts[["when", "author", "text", "mood", "evidence"]].head(_MESSAGES), shown


def conversation(warehouse: Warehouse, interaction_id: str, first: int | None = None) -> pd.DataFrame:
    """The messages of one contact in their order: sent_at, author, text, sentiment, evidence."""
    question = (
        sa.select(*(messages.c[name] for name in ("sent_at", "author", "text", "sentiment", "evidence")))
        .where(messages.c.interaction_id == interaction_id)
        .order_by(messages.c.sent_at.is_(None), messages.c.sent_at, messages.c.message_id)
    )
    return warehouse.read(question.limit(first))
