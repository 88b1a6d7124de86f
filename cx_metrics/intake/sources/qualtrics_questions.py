"""What the columns of a Qualtrics export ask, and the scales that their answers are on."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cx_metrics.model import INSTRUMENTS

_NO_QUESTION = re.compile(
    r"_NPS_GROUP$|_TEXT(_|$)|_COMMENT$|_DO(_\d+)?$|Topics$|Sentiment|_(\w+ Click|Page Submit|Click Count)$", re.I
)
_NAMED = re.compile(rf"^({'|'.join(sorted(INSTRUMENTS, key=len, reverse=True))})(?:[_ -]+(.+))?$", re.I)
_DIMENSIONS = ("reliability", "responsiveness", "assurance", "empathy", "tangibles", "ease", "shared_values")
_EASE = re.compile(r"\b(eas(y|e|ier|ily)|einfach|leicht|fácil|facile(ment)?|facilidade?|simple)\b")
_EFFORT = re.compile(r"\b(effort|aufwand|mühe|esfuerzo|esforço)\b")
_WORDS = {
    "nps": re.compile(r"recommend|empfehl|empfiehl|recomend|recomiend|recommand"),
    "csat": re.compile(r"satisf|zufrieden"),
    "ces": re.compile(f"{_EASE.pattern}|{_EFFORT.pattern}"),
}
_STATED = re.compile(r"\b([01])\s*(?:-|–|to|and|bis|und|a|à|et|até)\s*(5|7|10)\b")
_NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*(?:$|[-–—:=(])")
_NEITHER = re.compile(r"neither|weder|\bni\b.*\bni\b|\bnem\b.*\bnem\b|neutr|teils")
_BAD = re.compile(r"dissatisf|unsatisf|insatisf|unzufrieden|disagree|difficult|difícil|schwierig|schwer\b")
_GOOD = re.compile(r"satisf|zufrieden|agree|eas(y|ier)|einfach|leicht|fácil|facile")
_VERY = re.compile(r"very|extrem|strongly|completely|sehr|äußerst|muy|très|extrêm|muito")
_UNCLEAR = re.compile(r"slightly|moderately|\b(not|no|nicht|pas|não)\b")  # words of scales with other steps


@dataclass(frozen=True)
class Question:
    """A column that asks something. surely: known by its name or group column, not only by words of its text."""

    column: str
    instrument: str
    surely: bool
    stage: str = ""
    dimension: str = ""


def question(labels: Mapping[str, tuple[str, str]], taken: Collection[str], name: str) -> Question | None:
    """What a column asks; None when it is no question that is known here.

    labels: column -> (ImportId, text). taken: columns that are known to be something else.
    """
    key, text = labels[name]
    if name in taken or _NO_QUESTION.search(name) or _NO_QUESTION.search(key):
        return None
    named = _NAMED.match(name)
    if named:
        rest = re.sub(r"[^a-z0-9]+|(?<![a-z0-9])(\d+|score|rating)$", "_", (named[2] or "").lower()).strip("_")
        dimension = next((known for known in _DIMENSIONS if rest == known or rest.endswith(f"_{known}")), "")
        if not dimension and "_" in rest and named[1].lower() not in ("nps", "csat", "ces"):
            dimension = rest.rpartition("_")[2]
        stage = rest.removesuffix(dimension).strip("_")
        return Question(name, named[1].lower(), True, stage.replace("_", " "), dimension.replace("_", " "))
    everything = {part for column, (other, _) in labels.items() for part in (column, other)}
    if f"{name}_NPS_GROUP" in everything or (key and f"{key}_NPS_GROUP" in everything):
        return Question(name, "nps", True)
    instrument = next((kind for kind, words in _WORDS.items() if words.search(text.lower())), None)
    if instrument is None or (key and "QID" not in key):  # embedded data is not asked
        return None
    item = re.search(r" - ([^-]{1,60})$", text) if re.search(r"_\d+$", name) else None  # a row of a matrix
    return Question(name, instrument, False, "", item[1].strip().lower() if item else "")


def _number(answer: str) -> float | None:
    """The number that an answer begins with, or the place of a choice on the usual five steps; None for others."""
    text = answer.lower()
    if digits := _NUMBER.match(text):
        return float(digits[1].replace(",", "."))
    if _UNCLEAR.search(text) or not (_NEITHER.search(text) or _BAD.search(text) or _GOOD.search(text)):
        return None
    steps = 0 if _NEITHER.search(text) else 2 if _VERY.search(text) else 1
    return float(3 - steps if _BAD.search(text) else 3 + steps)


def scaled(asked: Question, text: str, given: Sequence[str]) -> tuple[int, int, dict[str, str]]:
    """(lowest, highest, answer -> its number) of a question with this text and these answers."""
    unclear = any(_UNCLEAR.search(answer.lower()) for answer in given)
    numbers = {a: n for a in given if (n := _number(a)) is not None and not (unclear and not a[0].isdigit())}
    chosen, stated = any(not answer[0].isdigit() for answer in numbers), _STATED.search(text)
    if asked.instrument in ("nps", "importance"):
        low, high = 0, 10 if asked.instrument == "nps" else 100
    else:
        low = 0 if 0 in numbers.values() or (stated and stated[1] == "0") else 1
        least = int(stated[2]) if stated else 7 if asked.instrument == "ces" and not chosen else 5
        high = next(top for top in (5, 7, 10) if top >= max([least, *(n for n in numbers.values() if n <= 10)]))
    effort = bool(_EFFORT.search(text)) and not _EASE.search(text)
    if asked.instrument == "ces" and (low, high) != (1, 5 if effort else 7):
        stretched = {a: 1 + (n - low) * 6 / (high - low) for a, n in numbers.items() if low <= n <= high}
        low, high, numbers = 1, 7, {a: 8 - n if effort else n for a, n in stretched.items()}
    return low, high, {answer: f"{n:.6g}" for answer, n in numbers.items()}


def scored(given: Mapping[str, int]) -> bool:
    """Whether the answers to a question that is known by its words only are scores."""
    return 2 * sum(count for answer, count in given.items() if _number(answer) is not None) > sum(given.values())
