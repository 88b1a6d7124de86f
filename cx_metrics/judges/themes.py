"""Themes: named lists of words, proposed from texts and then kept by people.

A term is one word, or several parted by blanks, of which all must stand in the text, in any order; a word that ends in
`*` stands for all that begin so. A text belongs to every theme of which a term is in it.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cx_metrics.judges.words import parts

FEWEST, MOST = 8, 15  # themes that are proposed
ENOUGH = 200  # texts from which on themes are proposed
SAMPLE = 20_000  # texts that a proposal looks at
LONGEST_NAME = 80  # letters
NOT_COVERED, EVERYTHING = "(in no theme)", "(all texts)"  # rows beside themes, which no theme may be called
_SHORTEST_BEGINNING = 3  # letters before a *
_COMMON, _RARE = 0.3, 0.002  # words in a larger or smaller share of the texts say nothing about a theme
_WORDS = 8  # of a proposed theme
_OWN = 0.5  # share of a word's weight that must lie in one theme for it to become a word of that theme
_SEED = 20_260_701


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
    matrix factorisation (Lee and Seung 1999) by scikit-learn. Each word belongs to the theme that holds at least half
    its weight; words in more than 30 % or less than 0.2 % of the texts (or in fewer than 5) are left out. The name is
    made of the three heaviest words.
    """
    from sklearn.decomposition import NMF  # takes a second, which those who only match themes should not
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = [list(texts[key]) for key in sorted(texts, key=str)]
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
    spoken = weights > 0
    found = []
    for words in _words_of(np.asarray(model.components_), names):
        places = [counted.vocabulary_[word] for word in words]
        size = int((spoken[:, places].sum(axis=1) > 0).sum())
        found.append((size, Theme(" / ".join(words[:3]), tuple(words))))
    return [theme for _, theme in sorted(found, key=lambda pair: (-pair[0], pair[1].name))]


def _words_of(components: Any, names: Any) -> list[list[str]]:
    """The words of each component: those that lie at least half in it, the heaviest first; none without any."""
    scaled = components / np.maximum(components.sum(axis=1, keepdims=True), 1e-12)
    own = scaled / np.maximum(scaled.sum(axis=0, keepdims=True), 1e-12)
    found = []
    for heavy, part in zip(scaled, own, strict=True):
        order = sorted(np.flatnonzero((part >= _OWN) & (heavy > 0)), key=lambda place: (-heavy[place], names[place]))
        kept = [str(names[place]) for place in order[:_WORDS] if heavy[place] >= 0.1 * heavy[order[0]]]
        if kept:
            found.append(kept)
    return found
