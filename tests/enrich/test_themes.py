"""Themes proposed from the words of the texts: once, the same on every engine."""

from __future__ import annotations

import random

import sqlalchemy as sa

from cx_metrics.analyses.taxonomy import proposed
from cx_metrics.enrich.themes import propose_themes
from cx_metrics.model import known_names, proposed_themes, text_words
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse

TOPICS = (("refund", "money", "bank", "berg"), ("parcel", "courier", "late", "van"),
          ("bill", "tax", "twice", "paid"))  # fmt: skip


def fill(warehouse: Warehouse, texts: int, word: str = "") -> None:
    """Words of so many texts, of three topics; or of one word."""
    chance = random.Random(3)
    rows = [{"kind": "contact", "key": f"{word}{i}", "word": said} for i in range(texts)
            for said in ([word] if word else chance.sample(TOPICS[i % 3], 3))]  # fmt: skip
    with warehouse.publishing() as publication:
        publication.target.execute(sa.insert(text_words), rows)
        publication.target.execute(sa.insert(known_names), [{"word": "berg"}, {"word": None}])
        propose_themes(publication.target)


def test_what_is_proposed(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse({})
    fill(warehouse, 199)
    assert proposed(warehouse) == ()  # too few
    fill(warehouse, 240, "sofa")
    found = proposed(warehouse)
    words = {word for theme in found for word in theme.words}
    assert words and words < {word for topic in TOPICS for word in topic} - {"berg"} | {
        "lamp"
    }  # no name, nothing in most texts
    fill(warehouse, 400, "lamp")
    assert proposed(warehouse) == found  # once


def test_both_engines_propose_the_same(make_warehouse: MakeWarehouse, embedded: Embedded) -> None:
    one, other = make_warehouse({}), embedded.warehouse({})
    for warehouse in (one, other):
        fill(warehouse, 300)
    rows = [w.read(sa.select(proposed_themes).order_by(proposed_themes.c.position)) for w in (one, other)]
    assert len(rows[0]) and rows[0].equals(rows[1])
