"""Lists of phrases in readable TOML files, and where they stand in a text.

A file holds a table per language (ISO 639-1), in it a list of phrases per name, and what cancels them:

    [en]
    gratitude = ["thank you", "thanks", "appreciat* your help"]
    [en.unless]
    gratitude = ["no", "for nothing", "thanks for nothing"]

How a phrase is read:
- capital and small letters are the same, curly apostrophes are straight ones, and an apostrophe may be missing;
- it begins and ends with whole words; a blank stands for white space, commas or hyphens;
- `*` stands for the rest of a word ("appreciat*"), `%` for up to 40 characters of the same sentence ("told % again").
- A phrase of `unless` cancels a match of its name that it overlaps, or that comes directly after it ("not" + "happy");
  but not one that it is only a part of ("no" does not cancel "no answer").
In languages written without blanks between words (Chinese, Japanese, Thai) a phrase may stand anywhere.

Use: `PHRASES = read_phrases(path, extra)` once; then per text
`find(PHRASES, text, "en") -> {"gratitude": ("Thank you",)}`, the words as they stand in the text;
`spans(PHRASES, text, "en") -> {"gratitude": ((0, 9),)}`, the places instead;
`PHRASES.languages` and `PHRASES.names` say what is listed, `PHRASES.digest` changes when a list does.
"""

from __future__ import annotations

import bisect
import functools
import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})
APOSTROPHES = str.maketrans(dict.fromkeys("’‘´`ʼ＇", "'"))
_BLANK = r"[\s,\-–]{1,3}"
_ANYTHING = r"[^\n.!?]{0,40}?"
_WORDS = re.compile(r"\w+")
_KEY = 3  # phrases are looked up by so many first letters of their first word
_BETWEEN = re.compile(r"[\s,\-–\"']{0,3}")

Buckets = Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]]
Lists = Mapping[str, Mapping[str, tuple[str, ...]]]
Span = tuple[int, int]


@dataclass(frozen=True)
class Patterns:
    """The compiled phrases of one language: by the first letters of the first word, and those to look for anywhere."""

    buckets: Buckets
    anywhere: tuple[tuple[str, re.Pattern[str]], ...]


@dataclass(frozen=True)
class Phrases:
    """Compiled lists: by language what is meant and what cancels it; all names; a digest of the lists."""

    meant: Mapping[str, Patterns]
    unless: Mapping[str, Patterns]
    names: tuple[str, ...]
    digest: str

    @property
    def languages(self) -> frozenset[str]:
        """The languages that have a list."""
        return frozenset(self.meant)


def read_phrases(path: Path, extra: Path | None = None) -> Phrases:
    """Phrases of a shipped file, with those of a company's own file (same layout, names of the shipped one) added.

    Raises ValueError in one sentence that names the file and what is wrong with it.
    """
    meant, unless = _read(path)
    names = tuple(dict.fromkeys(name for lists in meant.values() for name in lists))
    if extra is not None:
        more_meant, more_unless = _read(extra, names)
        meant, unless = _merged(meant, more_meant), _merged(unless, more_unless)
    described = repr([sorted((code, sorted(of.items())) for code, of in part.items()) for part in (meant, unless)])
    digest = hashlib.sha256(described.encode()).hexdigest()[:8]
    compiled = [{code: _patterns(lists, code) for code, lists in part.items()} for part in (meant, unless)]
    return Phrases(compiled[0], compiled[1], names, digest)


def find(phrases: Phrases, text: str, language: str | None) -> dict[str, tuple[str, ...]]:
    """The words of each name that stands in the text, as written there, each once, in their order.

    A name without a match is missing; {} too when the language has no list (ask `phrases.languages`).
    """
    found: dict[str, dict[str, str]] = {}
    for name, places in spans(phrases, text, language).items():
        for start, end in places:
            found.setdefault(name, {}).setdefault(text[start:end].casefold(), text[start:end])
    return {name: tuple(words.values()) for name, words in found.items()}


def spans(phrases: Phrases, text: str, language: str | None) -> dict[str, tuple[Span, ...]]:
    """Where each name's phrases stand: (start, end) in characters, not overlapping; names without one are missing."""
    patterns = phrases.meant.get(language or "")
    if patterns is None or language is None:
        return {}
    plain = _small(text)
    places: dict[str, list[Span]] = {}
    for name, place in _matches(patterns, plain):
        places.setdefault(name, []).append(place)
    if not places:
        return {}
    against: dict[str, list[Span]] = {}
    if language in phrases.unless:
        for name, place in _matches(phrases.unless[language], plain):
            against.setdefault(name, []).append(place)
    kept = {name: _standing(plain, sorted(found), against.get(name, ())) for name, found in places.items()}
    return {name: kept[name] for name in phrases.names if kept.get(name)}


def _standing(text: str, found: Iterable[Span], against: Iterable[Span]) -> tuple[Span, ...]:
    """Matches that nothing cancels; of overlapping ones the first, of those that begin together the longest."""
    cancelling, kept = sorted(against), list[Span]()
    longest = max((b - a for a, b in cancelling), default=0) + 3
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if kept and start < kept[-1][1]:
            continue
        first, last = (bisect.bisect_left(cancelling, (place, 0)) for place in (start - longest, end))
        if not any(_cancels(text, other, (start, end)) for other in cancelling[first:last]):
            kept.append((start, end))
    return tuple(kept)


def _cancels(text: str, other: Span, match: Span) -> bool:
    """Whether another match overlaps one, or comes directly before it, without being only a part of it."""
    (a, b), (start, end) = other, match
    if start <= a and b <= end and other != match:
        return False
    return b > start or bool(_BETWEEN.fullmatch(text, b, start))


def _small(text: str) -> str:
    """Small letters and straight apostrophes, every character at its place."""
    small = text.lower()
    if len(small) != len(text):  # a few capitals, such as the Turkish dotted I, become two characters
        small = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)
    return small.translate(APOSTROPHES)


def _matches(patterns: Patterns, text: str) -> Iterator[tuple[str, Span]]:
    """Every (name, place) that matches, overlapping ones and cancelled ones too."""
    buckets = patterns.buckets
    for word in _WORDS.finditer(text) if buckets else ():
        for name, pattern in buckets.get(word.group()[:_KEY], ()):
            if match := pattern.match(text, word.start()):
                yield name, match.span()
    for name, pattern in patterns.anywhere:
        for match in pattern.finditer(text):
            yield name, match.span()


# --- compiling -------------------------------------------------------------------------------------------------------


def _patterns(lists: Mapping[str, tuple[str, ...]], code: str) -> Patterns:
    """One pattern per name and first letters, so that a text's word only meets phrases that begin like it."""
    buckets: dict[str, dict[str, list[str]]] = {}
    anywhere: dict[str, list[str]] = {}
    for name, phrases in lists.items():
        for phrase in phrases:
            if code in UNSPACED or not _WORDS.match(phrase):
                anywhere.setdefault(name, []).append(phrase)
                continue
            for key in _keys(phrase):
                buckets.setdefault(key, {}).setdefault(name, []).append(phrase)
    compiled = {key: tuple((name, _pattern(tuple(of), code)) for name, of in by.items()) for key, by in buckets.items()}
    return Patterns(compiled, tuple((name, _pattern(tuple(of), code)) for name, of in anywhere.items()))


def _keys(phrase: str) -> set[str]:
    """First letters of the text's word at which a phrase may begin; without its apostrophe that word is longer."""
    first = re.split(r"[\s%*,–-]", phrase, maxsplit=1)[0]
    return {match.group()[:_KEY] for match in (_WORDS.match(first), _WORDS.match(first.replace("'", ""))) if match}


@functools.lru_cache(maxsize=50_000)  # a company's own file changes few
def _pattern(phrases: tuple[str, ...], language: str) -> re.Pattern[str]:
    """One pattern for phrases, the longest first."""
    return re.compile("|".join(_expression(phrase, language) for phrase in sorted(set(phrases), key=len, reverse=True)))


def _expression(phrase: str, language: str) -> str:
    """A phrase as a regular expression for small letters."""
    written = {"'": "'?", "*": r"\w*", "%": _ANYTHING, " ": _BLANK, " % ": rf"{_BLANK}(?:{_ANYTHING}{_BLANK})?"}
    body = "".join(written.get(part) or re.escape(part) for part in re.split(r"( % |['*% ])", phrase) if part)
    whole = phrase[-1].isalnum() and language not in UNSPACED
    return body + r"(?!\w)" if whole else body


# --- reading ---------------------------------------------------------------------------------------------------------


def _read(path: Path, known: tuple[str, ...] | None = None) -> tuple[Lists, Lists]:
    """The lists of one file: language -> name -> phrases meant, and the same of those that cancel."""
    try:
        given = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path.name} can't be read as a list of phrases: {error}") from None
    meant, unless = {}, {}
    for code, table in given.items():
        if not (isinstance(table, dict) and re.fullmatch(r"[a-z]{2,3}", code)):
            raise ValueError(f"{path.name}: {code!r} isn't a table named like a language, such as [en]")
        meant[code] = _lists(path, code, {name: of for name, of in table.items() if name != "unless"}, known)
        unless[code] = _lists(path, f"{code}.unless", table.get("unless", {}), known or tuple(meant[code]))
    return meant, unless


def _lists(path: Path, where: str, table: Any, known: tuple[str, ...] | None) -> dict[str, tuple[str, ...]]:
    """Checked lists of one table."""
    if not isinstance(table, dict):
        raise ValueError(f"{path.name}: {where} must be a table of lists")
    for name, phrases in table.items():
        if known is not None and name not in known:
            raise ValueError(f"{path.name}: {where} names {name!r}, which is none of {', '.join(known)}")
        if not (isinstance(phrases, list) and all(isinstance(phrase, str) for phrase in phrases)):
            raise ValueError(f"{path.name}: {where}.{name} must be a list of texts in quotes")
        for phrase in phrases:
            if wrong := _fault(phrase):
                raise ValueError(f"{path.name}: the phrase {phrase!r} of {where}.{name} {wrong}")
    return {name: tuple(" ".join(_small(phrase).split()) for phrase in phrases) for name, phrases in table.items()}


def _fault(phrase: str) -> str | None:
    """What is wrong with a phrase."""
    if not phrase.strip(" %*"):
        return "is empty"
    if re.match(r"\s*[%*]", phrase) or re.search(r"%\s*$", phrase):
        return "must not begin with * or % nor end with %"
    if re.match(r"\s*\w{0,2}\*", phrase):
        return "needs three letters before a * in its first word"
    return "has more than two %" if phrase.count("%") > 2 else None


def _merged(first: Lists, second: Lists) -> Lists:
    """Both lists together, by language and name."""
    merged = {code: dict(lists) for code, lists in first.items()}
    for code, lists in second.items():
        own = merged.setdefault(code, {})
        for name, phrases in lists.items():
            own[name] = tuple(dict.fromkeys((*own.get(name, ()), *phrases)))
    return merged
