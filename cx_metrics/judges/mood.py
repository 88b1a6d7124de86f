"""The judge of mood in use: the company's own where it learned enough, a lexicon for English else, nobody otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cx_metrics.judges.company_model import Model, judged, to_text
from cx_metrics.judges.lexicon import BAD_BELOW, GOOD_ABOVE, lexicon_mood, lexicon_phrases

_EDITION = "2"  # goes up when the code below or the lexicon's rules judge otherwise
FALLBACK_LANGUAGE = "en"
LEAST_MET = 0.2  # share of a text, by weight of words, that a model must have met; 99 % of comments have more
KNOWN_FAILURES = (
    "irony without a fixed phrase (\"so happy to spend my evening like this\") is taken at its word",
    "a negation far from its word (\"I can't say that the service was in any way good\") is missed",
    "a problem told without a word of feeling is neutral, however large it is",
    "praise of somebody else (\"your competitor is great\") counts as praise",
    "a standard text that customers send (a form, a shared complaint) is judged like their own words",
    "mixed moods of one text are added up",
)  # fmt: skip


@dataclass(frozen=True)
class Mood:
    """The judge in use: the company's model, if there is one; English that it does not judge is left to the lexicon."""

    model: Model | None = None


def mood_of(judge: Mood, texts: Sequence[str], languages: Sequence[str | None]) -> list[float | None]:
    """Mood of each plain text, -1 (bad) to 1 (good), given its language; None where nobody can judge it."""
    return [_mood(judge, text, code) for text, code in zip(texts, languages, strict=True)]


def label(value: float) -> str:
    """ "negative", "neutral" or "positive" of a mood; the same cut points for every judge."""
    return "negative" if value < BAD_BELOW else "positive" if value > GOOD_ABOVE else "neutral"


def judged_languages(judge: Mood) -> tuple[str, ...]:
    """The languages that somebody can judge."""
    return tuple(sorted({FALLBACK_LANGUAGE, *(judge.model.judged_languages if judge.model else ())}))


def version(judge: Mood) -> str:
    """A short tag that changes when the model or the lexicon does."""
    parts = (_EDITION, lexicon_phrases().digest, to_text(judge.model) if judge.model else "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def card(judge: Mood) -> Mapping[str, Any]:
    """How the judge was made and how good it is: fit for JSON."""
    model = judge.model
    own = list(model.judged_languages) if model else []
    return {
        "judge": "model of the company's own scored comments" if own else "lexicon for English",
        "version": version(judge),
        "method": "TF-IDF of words and pairs, logistic regression, both kinds weighed alike" if own else _LEXICON,
        "languages": {code: _who(code, own) for code in judged_languages(judge)},
        "trained_on": dict(model.trained_on) if model else {},
        "held_out": {code: asdict(figure) for code, figure in model.held_out.items()} if model else {},
        "held_out_by": "a fifth of the comments by a hash of their words; none learned from any that reads so",
        "neutral": [BAD_BELOW, GOOD_ABOVE],
        "blank": "other languages, texts whose language cannot be told, texts without a word",
        "known_failures": list(KNOWN_FAILURES),
    }


def _who(code: str, own: Sequence[str]) -> str:
    if code not in own:
        return "lexicon"
    return "company model" + (", lexicon for words that it has not met" if code == FALLBACK_LANGUAGE else "")


_LEXICON = "VADER's words and phrases of service, by hand"


def _mood(judge: Mood, text: str, code: str | None) -> float | None:
    """Mood of one text. What the model has not met of an English text is the lexicon's to judge; a text in another
    language of which it has met next to nothing stays blank: conversations are not worded like comments."""
    if code is None or not any(map(str.isalpha, text)):
        return None
    if judge.model is not None and code in judge.model.judged_languages:
        mood, met = judged(judge.model, text)
        if code == FALLBACK_LANGUAGE:
            return met * mood + (1 - met) * lexicon_mood(text)
        return mood if met >= LEAST_MET else None
    return lexicon_mood(text) if code == FALLBACK_LANGUAGE else None
