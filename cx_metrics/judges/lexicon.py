"""The fallback for English where no judge could be trained: VADER's words, and words of service that it does not know.

VADER (Hutto & Gilbert 2014) alone takes complaints without bad words ("2 hours on hold") for neutral, polite ones
for positive. So phrases of `lexicon.toml` come first, each with the weight of its list; only what they leave
over goes to VADER. Problems merely told weigh little, and what is polite or part of a question weighs nothing.
"""

from __future__ import annotations

import functools
import math
import re
from pathlib import Path

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from cx_metrics.judges.phrases import Phrases, Span, read_phrases, spans

SHIPPED = Path(__file__).with_name("lexicon.toml")
WEIGHTS = {"strongly_bad": -3.5, "bad": -2.0, "weakly_bad": -0.7, "good": 2.0, "strongly_good": 3.0, "unmoved": 0.0}
BAD_BELOW, GOOD_ABOVE = -0.3, 0.3  # cut points of the mood of a text: negative, neutral, positive
_SPREAD = 15.0  # as VADER's own: the sum s becomes s / sqrt(s² + 15)
_OF_VADER = 0.8  # what VADER's own words weigh, of what they weigh in VADER
_OF_PRAISE = 0.4  # what praise weighs in a request
_BEFORE_BUT = 0.5  # what praise weighs before a "but"
_MOST_WORDS = 15  # in longer texts, single friendly words weigh less
_SHOUTED = 1.3  # what a complaint weighs in capitals or with an exclamation mark
_LONGEST = 2_000  # characters that are judged: the mood of a text stands in its first lines
_THANKS = re.compile(r"\b(thanks?( you)?|thx|ty|cheers|tia)\b[\s!.,:)🙏]*", re.IGNORECASE)
_ASKS = re.compile(
    r"\?|\b(please|pls|plz|can you|could you|can i|could i|how (do|can|to)|help|need|is there|are there|do you|will you"
    r"|when (is|will|are|do)|where (is|can|do)|what (is|are|time)|any (idea|update|chance)s?)\b",
    re.IGNORECASE,
)
_TURNS = re.compile(r"\b(but|however|until|except|although|though|unfortunately|sadly)\b", re.IGNORECASE)
_SHOUTS = re.compile(r"\b[A-Z]{2,} [A-Z]{2,}\b|\b[A-Z]{5,}\b")
_HANDLES = re.compile(r"@\w+|https?://\S+|<\w+>")


def lexicon_mood(text: str) -> float:
    """Mood of an English plain text, -1 (bad) to 1 (good); 0 where no word speaks of it."""
    text = _HANDLES.sub(" ", text[:_LONGEST])
    asks = bool(_ASKS.search(text))
    turns = [match.start() for match in _TURNS.finditer(text)]
    good, bad, rest, at = 0.0, 0.0, list[str](), 0
    for start, end, name in _chosen(text):
        rest.append(text[at:start])
        at, weight = end, WEIGHTS[name]
        bad += min(weight, 0.0)
        good += max(weight, 0.0) * (_BEFORE_BUT if turns and start < turns[-1] else 1.0)
    rest.append(text[at:])
    left = _vader(" ".join(rest), polite=asks or bad < 0)
    left *= min(1.0, _MOST_WORDS / (1 + text.count(" "))) if left > 0 else 1.0
    total = bad + min(left, 0.0) + (good + max(left, 0.0)) * (_OF_PRAISE if asks else 1.0)
    if total < 0 and ("!" in text or (_SHOUTS.search(text) and not text.isupper())):
        total *= _SHOUTED
    return float(total / math.sqrt(total * total + _SPREAD))


@functools.cache
def lexicon_phrases() -> Phrases:
    """The words of service."""
    return read_phrases(SHIPPED)


@functools.cache
def _analyzer() -> SentimentIntensityAnalyzer:
    """VADER, its words read once."""
    return SentimentIntensityAnalyzer()


def _chosen(text: str) -> list[tuple[int, int, str]]:
    """The phrases that count: of those that overlap the first, of those that begin together the longest."""
    places: list[tuple[Span, str]] = [
        (place, name) for name, found in spans(lexicon_phrases(), text, "en").items() for place in found
    ]
    chosen: list[tuple[int, int, str]] = []
    for (start, end), name in sorted(places, key=lambda place: (place[0][0], -place[0][1])):
        if not chosen or start >= chosen[-1][1]:
            chosen.append((start, end, name))
    return chosen


def _vader(text: str, polite: bool) -> float:
    """What VADER's words of the remaining text sum up to; thanks that close a request or complaint are no praise."""
    if polite:
        text = _THANKS.sub(" ", text)
    mood = float(_analyzer().polarity_scores(text)["compound"])
    total = mood * math.sqrt(_SPREAD / max(1e-6, 1 - mood * mood))
    return _OF_VADER * max(-6.0, min(6.0, total))
