"""What the shipped judges rest on and how good they are: cards.toml, and the figures that one command computes anew."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def shipped_cards() -> dict[str, dict[str, Any]]:
    """judge -> what it is, what its figures were measured on, its known failures, and `figures` where there are any."""
    found = tomllib.loads((_FOLDER / "cards.toml").read_text(encoding="utf-8"))
    figures = json.loads((_FOLDER / "figures.json").read_text(encoding="utf-8"))
    return {name: card | ({"figures": figures[name]} if name in figures else {}) for name, card in found.items()}
