"""What the shipped judges rest on and how good they are: cards.toml, whose figures one command computes anew."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_CARDS = Path(__file__).with_name("cards.toml")


def shipped_cards() -> dict[str, Any]:
    """judge -> what it is, what its figures were measured on, its figures, its known failures."""
    return tomllib.loads(_CARDS.read_text(encoding="utf-8"))
