"""Themes: named lists of words, proposed from texts and then kept by people.

A term is one word, or several parted by blanks, of which all must stand in the text, in any order; a word that ends in
`*` stands for all that begin so. A text belongs to every theme of which a term is in it.
"""

from __future__ import annotations

import functools
import json
import math
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from cx_metrics.judges.words import WITHOUT_BLANKS, parts

FEWEST, MOST = 8, 15  # themes that are proposed
ENOUGH = 200  # texts from which on themes are proposed
SAMPLE = 20_000  # texts that a proposal looks at
LONGEST_NAME = 80  # letters
NOT_COVERED, EVERYTHING = "(in no theme)", "(all texts)"  # rows beside themes, which no theme may be called
_SHORTEST_BEGINNING = 3  # letters before a *
_COMMON, _RARE = 0.3, 0.002  # words in a larger or smaller share of the texts say nothing about a theme
_WORDS = 8  # of a proposed theme
_OWN = 0.3  # share of a word's weight that must lie in a theme, and no more in any other, for it to be a word of it
_LIGHTEST = 0.03  # weight of a theme's word, as a share of its heaviest
_TOGETHER = 0.8  # words are one thing (washing machine) where so large a share of the texts with either has both
_SEED = 20_260_701
_SHORTEST = 3  # letters of a word in a proposal; scripts without blanks have words of two signs
_ROUNDS = 5


class ThemeError(Exception):
    """What cannot be a theme; the message is one sentence."""


@dataclass(frozen=True)
class Theme:
    """name: for people. words: its terms, as `term` writes them."""

    name: str
    words: tuple[str, ...]


def term(text: str) -> str:
    """A term as words of texts are written: small letters, single blanks. Raises ThemeError."""
    small = unicodedata.normalize("NFC", text).lower()
    found: list[str] = []
    for given in small.split():
        beginning, star, rest = given.partition("*")
        if rest or (star and len(beginning) < _SHORTEST_BEGINNING):
            raise ThemeError(
                f"a * stands at the end of a word, after {_SHORTEST_BEGINNING} letters or more, not so: {given}"
            )
        words = parts(beginning)
        if not words:
            raise ThemeError(f"{given} has no word of two letters or more; numbers and signs are not looked for")
        found += [*words[:-1], words[-1] + star]
    if not found:
        raise ThemeError("the word is empty")
    return " ".join(dict.fromkeys(found))


def to_json(themes: Sequence[Theme]) -> str:
    """[{"name", "words": [term, ...]}, ...] as text."""
    return json.dumps([{"name": theme.name, "words": list(theme.words)} for theme in themes], ensure_ascii=False)


def from_json(text: str) -> tuple[Theme, ...]:
    """The themes of `to_json`."""
    return tuple(Theme(str(row["name"]), tuple(map(str, row["words"]))) for row in json.loads(text))


# --- proposing -------------------------------------------------------------------------------------------------------


def usual_count(texts: int) -> int:
    """How many themes are proposed: eight, and one more for each doubling of the texts beyond 200, at most 15."""
    return min(MOST, FEWEST + max(0, math.floor(math.log2(max(texts, 1) / ENOUGH))))


def propose(texts: Mapping[Any, Sequence[str]], count: int | None = None) -> list[Theme]:
    """Themes to begin with, the largest first; the same texts give the same themes. None are found in very few texts.

    texts: key -> its distinct words. count: how many at most; None = `usual_count`. Method: TF-IDF and non-negative
    matrix factorisation (Lee and Seung 1999) by scikit-learn. Each word belongs to the theme that holds most of its
    weight, if that is 30 % or more; words in more than 30 % or less than 0.2 % of the texts (or in fewer than 5) are
    left out, and so are words that name no matter (`names_a_matter`). One word, or words that only stand together,
    such as a product's name, make no theme: without them the texts are looked at again, at most five times in all, and
    the round with the most themes counts. The name is made of the three heaviest words.
    """
    rows = [[word for word in texts[key] if names_a_matter(word)] for key in sorted(texts, key=str)]
    best: list[Found] = []
    for _ in range(_ROUNDS):
        found = _factored(rows, count)
        best = max(best, [one for one in found if not one.alone], key=len)  # the earlier of equals
        alone = {word for one in found if one.alone for word in one.theme.words}
        if not alone:
            break
        rows = [[word for word in row if word not in alone] for row in rows]
    return [one.theme for one in sorted(best, key=lambda one: (-one.size, one.theme.name))]


@dataclass(frozen=True)
class Found:
    """A theme, how many texts hold it, and whether it is one word, or words that only stand together."""

    theme: Theme
    size: int
    alone: bool


def names_a_matter(word: str) -> bool:
    """Whether a word may stand in a proposal: no name of a day or month, no greeting (themes.toml), no short word."""
    return word not in _fillers() and (len(word) >= _SHORTEST or WITHOUT_BLANKS.match(word) is not None)


@functools.cache
def _fillers() -> frozenset[str]:
    """All words of themes.toml, in all languages together, as proposals mix them."""
    read = tomllib.loads((resources.files("cx_metrics.judges") / "themes.toml").read_text("utf-8"))
    return frozenset(word for listed in read.values() for line in listed.values() for word in line.split())


def _factored(rows: list[list[str]], count: int | None) -> list[Found]:
    """One round of `propose`. rows: the words of each text."""
    from sklearn.decomposition import NMF  # takes a second, which those who only match themes should not
    from sklearn.feature_extraction.text import TfidfVectorizer

    rarest = max(5, math.ceil(_RARE * len(rows)))
    if len(rows) * _COMMON < rarest:
        return []
    counted = TfidfVectorizer(analyzer=list, min_df=rarest, max_df=_COMMON, sublinear_tf=True)
    try:
        weights = counted.fit_transform(rows)
    except ValueError:  # no word is neither too common nor too rare
        return []
    names = counted.get_feature_names_out()
    wanted = min(count or usual_count(len(rows)), len(names))
    model = NMF(wanted, init="nndsvda", random_state=_SEED, max_iter=200, tol=1e-3)
    model.fit(weights)
    found = []
    for words in _words_of(np.asarray(model.components_), names):
        spoken = (weights[:, [counted.vocabulary_[word] for word in words]] > 0).toarray()
        size = int(spoken.any(axis=1).sum())
        either = (spoken | spoken[:, :1]).sum(axis=0)
        alone = bool(((spoken & spoken[:, :1]).sum(axis=0) >= _TOGETHER * either).all())
        found.append(Found(Theme(" / ".join(words[:3]), tuple(words)), size, alone))
    return found


def _words_of(components: Any, names: Any) -> list[list[str]]:
    """The words of each component: those that lie most, and at least to 30 %, in it, the heaviest first; none without
    any."""
    scaled = components / np.maximum(components.sum(axis=1, keepdims=True), 1e-12)
    own = scaled / np.maximum(scaled.sum(axis=0, keepdims=True), 1e-12)
    largest = own.argmax(axis=0)
    found = []
    for number, (heavy, part) in enumerate(zip(scaled, own, strict=True)):
        mine = np.flatnonzero((largest == number) & (part >= _OWN) & (heavy > 0))
        order = sorted(mine, key=lambda place: (-heavy[place], names[place]))
        kept = [str(names[place]) for place in order[:_WORDS] if heavy[place] >= _LIGHTEST * heavy[order[0]]]
        if kept:
            found.append(kept)
    return found
