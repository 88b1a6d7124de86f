"""The model cards: one per judge, with figures that are computed anew and not only written down."""

from __future__ import annotations

import json

import pytest

from cx_metrics.judges.cards import shipped_cards
from tests.judges.held_out import FIGURES, REAL, figures


def test_every_judge_has_a_card_that_says_what_it_gets_wrong() -> None:
    cards = shipped_cards()
    assert set(cards) == {"mood", "language", "cues", "empathy", "personal", "scripted"}
    assert all(card["measured_on"] for card in cards.values())
    assert all(len(card["known_failures"]) >= 3 for name, card in cards.items() if name != "mood")  # its own has them


@pytest.mark.skipif(not REAL.is_dir(), reason=f"the public data sets are not in {REAL}")
def test_the_figures_are_those_of_the_command() -> None:
    assert figures() == json.loads(FIGURES.read_text(encoding="utf-8"))
