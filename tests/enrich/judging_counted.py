"""For tests of judging: small conversations, and a count of the texts that judges were given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from cx_metrics.enrich import judging
from cx_metrics.judges.judge import Judgement, Judges, Said, judge
from cx_metrics.model import text_words
from cx_metrics.warehouse import Warehouse

Row = dict[str, Any]


def contact(key: str, **more: Any) -> Row:
    """A contact's row."""
    return {"interaction_id": key, "occurred_at": "2024-01-01 10:00", "team": "North", **more}


def message(key: str, of: str, text: str, author: str = "customer", minute: int = 0) -> Row:
    """A message's row."""
    at = f"2024-01-01 10:{minute:02}"
    return {"message_id": key, "interaction_id": of, "author": author, "text": text, "sent_at": at}


def count_judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the judges of this process are given from now on."""
    given: list[str] = []

    def counting(said: Sequence[Said], judges: Judges) -> list[Judgement]:
        given.extend(one.text for one in said)
        return judge(said, judges)

    monkeypatch.setattr(judging, "judge", counting)
    return given


def words_of(warehouse: Warehouse, kind: str = "contact") -> dict[str, set[str]]:
    """key -> the words that are kept of it; a word that is kept twice fails."""
    rows = warehouse.read(sa.select(text_words.c.key, text_words.c.word).where(text_words.c.kind == kind))
    assert not rows.duplicated().any()
    return {str(key): set(part) for key, part in rows.groupby("key")["word"]}
