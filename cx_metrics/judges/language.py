"""Which language a text is in; nothing where it is too short or too unlike any language to be sure.

py3langid's model says how sure it is. From 0.7 it is believed, from 0.4 where the language's own short words agree.
So it decided 83 % of 17,173 short translated interface messages in 60 languages and was wrong in 0.3 % of those; of
1,999 English support tweets and 4,109 Portuguese reviews it decided 98 % and 95 % and got none wrong. (Measured once;
the last two are measured again in tests/judges.) A text too short for it is decided by word lists if it can be.
"""

from __future__ import annotations

import functools
import re
import tomllib
from pathlib import Path

from py3langid.langid import MODEL_FILE, LanguageIdentifier

SUREST = 0.7
LIKELY = 0.4  # enough where the language's own short words bear it out
FEWEST_LETTERS = 8
_LONGEST = 400  # characters that are enough to tell
_MOST_SHORT_WORDS = 6
LANGUAGES = (
    "af ar az be bg bn ca cs da de el en es et eu fa fi fr gu he hi hr hu hy id is it ja ka kk kn ko lt lv mk ml mr"
    " ms nl no pa pl pt ro ru sk sl sq sr sv sw ta te th tl tr uk ur vi zh".split()
)
_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+|<\w+>|\b\w*\d\w*\b|\b\w+_\w+\b")
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SHORT = Path(__file__).with_name("short_texts.toml")
_SCRIPTS = {  # letters that only one of the languages uses, so that one word is enough
    "ja": re.compile("[\u3041-\u30ff]{2}"), "ko": re.compile("[\uac00-\ud7a3]{2}"),
    "th": re.compile("[\u0e01-\u0e5b]{3}"), "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]{4}"),
    "he": re.compile("[\u05d0-\u05ea]{3}"),
}  # fmt: skip


def language(text: str) -> str | None:
    """ISO 639-1 code of the language of a plain text, None where it cannot be told. Handles and links don't count."""
    words = _NOISE.sub(" ", text[:_LONGEST])
    letters = sum(map(str.isalpha, words))
    if letters >= FEWEST_LETTERS:
        code, sureness = _identifier().classify(words)
        if sureness >= SUREST or (sureness >= LIKELY and _known_words(words, str(code))):
            return str(code)
    return (_by_script(words) or _by_words(words)) if letters else None


@functools.cache
def _identifier() -> LanguageIdentifier:
    """The model, read once (0.7 s) and kept to our languages."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier


def _by_script(text: str) -> str | None:
    """The one language that is written so."""
    found = [code for code, pattern in _SCRIPTS.items() if pattern.search(text)]
    return found[0] if len(found) == 1 else None


@functools.cache
def _short_words() -> dict[str, frozenset[str]]:
    """Words by language."""
    lists = tomllib.loads(_SHORT.read_text(encoding="utf-8"))
    return {code: frozenset(words.split()) for code, words in lists.items()}


def _known_words(text: str, code: str) -> bool:
    """Whether a text has two words of a language's list or more, and fewer of any other list."""
    words = {word.lower() for word in _WORDS.findall(text)}
    counts = {listed: len(words & known) for listed, known in _short_words().items()}
    own = counts.pop(code, 0)
    return own >= 2 and own > max(counts.values())


def _by_words(text: str) -> str | None:
    """The one language whose list holds all words of a short text."""
    words = {word.lower() for word in _WORDS.findall(text)}
    if not words or len(words) > _MOST_SHORT_WORDS:
        return None
    fitting = [code for code, known in _short_words().items() if words <= known]
    return fitting[0] if len(fitting) == 1 else None
