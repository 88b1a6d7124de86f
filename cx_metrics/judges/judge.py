"""All judges together: what each message of a conversation shows."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cx_metrics.judges.company_model import from_text
from cx_metrics.judges.cues import cue_phrases, cues
from cx_metrics.judges.empathy import Graded, empathy, read_rules
from cx_metrics.judges.language import language
from cx_metrics.judges.mood import Mood, mood_of, version
from cx_metrics.judges.phrases import Phrases
from cx_metrics.judges.plain import plain
from cx_metrics.judges.scripted import skeleton
from cx_metrics.judges.words import words

_TELLING = 500  # signs of a text that its language is told by
_EDITION = "3"  # goes up whenever the code of a judge changes what it finds: what was judged before is judged anew


@dataclass(frozen=True)
class Recipe:
    """What judges are made of, quick to hand to another process: the company's model of mood as text ("" = none), and
    its own files of phrases."""

    model: str = ""
    cues: Path | None = None
    empathy: Path | None = None


@dataclass(frozen=True)
class Judges:
    """The judges in use. mood: of customers' words. cues, empathy: phrase lists, a company's own additions included."""

    recipe: Recipe
    mood: Mood
    cues: Phrases
    empathy: Phrases

    @functools.cached_property
    def version(self) -> str:
        """A short tag that changes whenever a judge does."""
        parts = (_EDITION, version(self.mood), self.cues.digest, self.empathy.digest)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def judges_of(recipe: Recipe) -> Judges:
    """The judges of a recipe. Raises ValueError for a file of phrases, or a model, that can't be read."""
    mood = Mood(from_text(recipe.model) if recipe.model else None)
    return Judges(recipe, mood, cue_phrases(recipe.cues), read_rules(recipe.empathy))


@dataclass(frozen=True)
class Said:
    """A message: the conversation that it belongs to; author customer, agent or bot, or "" where nobody knows."""

    conversation: str
    author: str
    text: str


@dataclass(frozen=True)
class Judgement:
    """What a message shows. None = cannot be judged, or not asked of such an author.

    language: ISO 639-1. sentiment: -1 to 1. cues: name -> words. empathy: kind -> grade 0-2 and words. skeleton: the
    reply without what differs from customer to customer, "" where too little is left. words: those with a meaning.
    """

    language: str | None
    sentiment: float | None
    cues: dict[str, tuple[str, ...]] | None
    empathy: Graded | None
    skeleton: str
    words: tuple[str, ...]


def judge(said: Sequence[Said], judges: Judges) -> list[Judgement]:
    """The judgement of each message, in the same order. A text too short to tell its language takes the one that most
    of its conversation is in."""
    texts = [plain(message.text) for message in said]
    spoken = _languages(said, texts)
    asked = [place for place, message in enumerate(said) if message.author in ("customer", "")]
    moods = dict(zip(asked, mood_of(judges.mood, [texts[n] for n in asked], [spoken[n] for n in asked]), strict=True))
    found = []
    for place, (message, text, code) in enumerate(zip(said, texts, spoken, strict=True)):
        customer, agent = message.author in ("customer", ""), message.author in ("agent", "")
        found.append(Judgement(
            code, moods.get(place), cues(text, code, judges.cues) if customer else None,
            empathy(text, code, judges.empathy) if agent else None, skeleton(text) if agent else "",
            words(text, code) if message.author == "customer" else (),
        ))  # fmt: skip
    return found


def _languages(said: Sequence[Said], texts: Sequence[str]) -> list[str | None]:
    """The language of each text; where it cannot be told, that of all that its author says in the conversation
    together, else the one that the conversation's others have."""
    own = [language(text) for text in texts]
    if None not in own:
        return own
    together: dict[tuple[str, str], list[str]] = {}
    others: dict[str, str] = {}
    for message, text, code in zip(said, texts, own, strict=True):
        together.setdefault((message.conversation, message.author), []).append(text[:_TELLING])
        if code:
            others.setdefault(message.conversation, code)

    @functools.cache
    def told(conversation: str, author: str) -> str | None:
        parts = together[conversation, author]
        return (language("\n".join(parts)) if len(parts) > 1 else None) or others.get(conversation)

    return [
        code or (told(message.conversation, message.author) if message.conversation and text.strip() else None)
        for message, text, code in zip(said, texts, own, strict=True)
    ]
