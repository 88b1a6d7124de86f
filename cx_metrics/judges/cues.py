"""Cues in what customers write: frustration, confusion, urgency, thanks, leaving, and having to say things again.

The phrases lie in `cues.toml`; a company may add its own. A cue says that words of the list stand there, not what is
felt: irony ("so happy to wait again") and feelings in other words are not seen.
"""

from __future__ import annotations

import functools
from pathlib import Path

from cx_metrics.judges.phrases import Phrases, find, read_phrases

SHIPPED = Path(__file__).with_name("cues.toml")


def cue_phrases(extra: Path | None = None) -> Phrases:
    """The shipped phrases with those of a company's own file. Raises ValueError, naming what is wrong with a file."""
    return read_phrases(SHIPPED, extra) if extra else _shipped()  # a company's file may change while we run


@functools.cache
def _shipped() -> Phrases:
    return read_phrases(SHIPPED)


def cues(text: str, language: str | None, phrases: Phrases | None = None) -> dict[str, tuple[str, ...]] | None:
    """The words of each cue found in a plain text, as they stand there; None for a language without a list."""
    lists = phrases or cue_phrases()
    return find(lists, text, language) if language in lists.languages else None
