"""Replies to read: what was said before, the reply, and the words that show empathy; personal data masked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.signed import signer_masked
from cx_metrics.judges.personal import masked
from cx_metrics.judges.plain import plain
from cx_metrics.model import interactions as contact
from cx_metrics.model import known_names, messages
from cx_metrics.texts import EMPATHY
from cx_metrics.warehouse import Warehouse

_BEFORE = 2  # messages before a reply that belong to it
_LONGEST = 200_000  # signs of a text that are fetched, as when it was judged


@dataclass(frozen=True)
class Reply:
    """A reply of an agent, all texts with personal data masked.

    before: author and text of the one or two messages before it. grades: kind -> 0-2, empty where the rules cannot
    judge it. words: kind -> the words that show it, masked as the text is. agent, team: "" = not given.
    """

    message_id: str
    interaction_id: str
    text: str
    before: tuple[tuple[str, str], ...]
    grades: dict[str, int]
    words: dict[str, tuple[str, ...]]
    agent: str
    team: str

    @property
    def customer_said(self) -> str:
        """The customer's words just before the reply."""
        return "\n".join(text for author, text in self.before if author == "customer")


def evidence_of(evidence: Any) -> dict[str, tuple[str, ...]]:
    """Name -> words, from the column of that name; empty where there is none."""
    found = json.loads(evidence) if isinstance(evidence, str) and evidence else {}
    return {str(name): tuple(map(str, words)) for name, words in found.items()}


def masking(warehouse: Warehouse) -> Callable[[Any], str]:
    """Makes texts fit to be shown: without markup, quoted history and personal data; customers' names are known, those
    of agents are told by where they stand (see `signed`)."""
    names = frozenset(map(str, warehouse.read(sa.select(known_names.c.word))["word"]))
    return lambda text: masked(signer_masked(plain(text)), names) if isinstance(text, str) else ""


def reply_texts(warehouse: Warehouse, message_ids: tuple[str, ...]) -> dict[str, Reply]:
    """The replies with these keys, as far as they are there; few, for their contacts' messages are read."""
    if not message_ids:
        return {}
    mask = masking(warehouse)
    of = sa.select(messages.c.interaction_id).where(messages.c.message_id.in_(message_ids))
    m, fetched = messages.c, sa.func.substr(messages.c.text, 1, _LONGEST).label("text")
    grades = [m[f"empathy_{kind}"] for kind in EMPATHY]
    said = warehouse.read(
        sa.select(m.message_id, m.interaction_id, m.author, m.author_id, fetched, m.evidence, *grades,
                  contact.c.team, contact.c.agent_id)
        .select_from(messages.outerjoin(contact, contact.c.interaction_id == m.interaction_id))
        .where(m.interaction_id.in_(of))
        .order_by(m.interaction_id, m.sent_at.is_(None), m.sent_at, m.message_id)
    )  # fmt: skip
    wanted, found = set(message_ids), {}
    for _, conversation in said.groupby("interaction_id", sort=False):
        rows = conversation.to_dict("records")
        for place, row in enumerate(rows):
            if row["message_id"] in wanted:
                found[row["message_id"]] = _reply(row, rows[max(place - _BEFORE, 0) : place], mask)
    return found


def _reply(row: dict[Any, Any], before: list[dict[Any, Any]], mask: Callable[[Any], str]) -> Reply:
    judged = row["empathy_cognitive"] == row["empathy_cognitive"] and row["empathy_cognitive"] is not None
    agent = next((row[name] for name in ("author_id", "agent_id") if isinstance(row[name], str)), "")
    words = {kind: tuple(map(mask, words)) for kind, words in evidence_of(row["evidence"]).items() if kind in EMPATHY}
    return Reply(
        row["message_id"], row["interaction_id"], mask(row["text"]),
        tuple((said["author"], mask(said["text"])) for said in before),
        {kind: int(row[f"empathy_{kind}"]) for kind in EMPATHY} if judged else {}, words,
        agent, row["team"] if isinstance(row["team"], str) else "",
    )  # fmt: skip
