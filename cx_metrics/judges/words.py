"""The meaningful words of a text, each once: what themes are found by.

A word is a run of 2 to 40 letters with their marks, in small letters. None are numbers, what digits are part of, links,
mail addresses, handles and masks such as [mail] or <link>, and stop words (stopwordsiso). In Latin script what stands
before or after an apostrophe is left off, as it is short for a word that carries no meaning here: customer's, l'agence.

Chinese, Japanese, Thai, Lao, Khmer and Burmese are written without blanks: there each pair of neighbouring signs is a
word, as is usual where no dictionary is at hand (Nie and Ren 1999, Information Processing and Management 35).
"""

from __future__ import annotations

import functools
import re
import unicodedata

import stopwordsiso

LONGEST = 40  # letters of a word; longer runs are keys, or keyboards that somebody leant on
_MOST = 50_000  # signs of a text that are looked at: nobody writes more, and a pasted log must not fill the table
_MASK = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]{0,64}@[\w.-]+|[\[<{]\w{1,20}(?:[ _-]\w{1,20})?[\]>}]", re.IGNORECASE
)
_MAY_MASK = re.compile(r"[@\[<{]|http|www", re.IGNORECASE)
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘´`ʼ＇", "'"))
_MARKS = "".join(sign for sign in map(chr, range(0x300, 0x1200)) if unicodedata.category(sign) in ("Mn", "Mc"))
_LETTERS = rf"(?:[^\W\d_][{_MARKS}]*+)++"
_WORD = re.compile(rf"(?<!\w){_LETTERS}(?:'{_LETTERS})*+(?!\w)")
_PLAIN_WORD = re.compile(r"(?<!\w)[a-z]++(?:'[a-z]++)*+(?!\w)")
WITHOUT_BLANKS = re.compile(  # runs of the scripts that are written so
    "[\u0e01-\u0e4f\u0e81-\u0ecf\u1000-\u103f\u1780-\u17d3\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)
# The English list was made for searching the web; in service these are what the matter is about.
_KEPT = frozenset(
    "bill call computer copy fire free homepage information order ordered ordering orders page pages problem problems "
    "ring room rooms site system test text webpage website work worked working works".split()
)
_GREETING = re.compile(
    r"\s*(?:hello|hi|hey|dear|good (?:morning|afternoon|evening|day)|hallo|hoi|moin|liebe[rs]?"
    r"|guten (?:tag|morgen|abend)|beste|bonjour|bonsoir|salut|ch[eè]re?"
    r"|hola|estimad[oa]s?|ol[áa]|prezad[oa]s?|ciao|gentile|cze[śs][ćc])"
    r"(?:[ \t]+[^\s,.!?:;@]{1,40}){0,3}[ \t]*[,!:;\n]",
    re.IGNORECASE,
)
_LATIN_ENDS = "\u0250"  # letters from here on belong to other scripts, in which an apostrophe is a part of the word


def words(text: str, language: str | None = None) -> tuple[str, ...]:
    """The distinct meaningful words of a text, in the order in which they first occur.

    language: ISO 639-1, whose stop words are left out; those of every listed language where it is None or not listed.
    Whom the text greets at its beginning ("Hello Nordlicht team,") is left out, too: it is not what it is about.
    """
    greeting = _GREETING.match(text)
    return _meaningful(text[greeting.end() if greeting else 0 :][:_MOST], _stop_words(language))


def parts(text: str) -> tuple[str, ...]:
    """The words that somebody types to look for, written as `words` writes them; stop words stay."""
    return _meaningful(text, frozenset())


def _meaningful(text: str, stop: frozenset[str]) -> tuple[str, ...]:
    small = unicodedata.normalize("NFC", text).lower().translate(_APOSTROPHES)
    if _MAY_MASK.search(small):
        small = _MASK.sub(" ", small)
    if small.isascii():
        found = _PLAIN_WORD.findall(small)
    else:
        runs = WITHOUT_BLANKS.findall(small)
        found = _WORD.findall(WITHOUT_BLANKS.sub(" ", small) if runs else small)
        found = [word for word in found if word.isalpha() or not any(map(str.isnumeric, word))]  # ² is no letter
        found += [run[place : place + 2] for run in runs for place in range(len(run) - 1)]
    kept = (_stem(word, stop) if "'" in word else word for word in found if word not in stop)
    return tuple(dict.fromkeys(word for word in kept if 2 <= len(word) <= LONGEST and word not in stop))


def _stem(word: str, stop: frozenset[str]) -> str:
    """A word with an apostrophe: in Latin script the longest part that is no stop word, elsewhere the whole."""
    if word[0] >= _LATIN_ENDS:
        return word
    return max((part for part in word.split("'") if part not in stop), key=len, default="")


@functools.cache
def _stop_words(language: str | None) -> frozenset[str]:
    """The stop words of a language, or of all; contracted negations without their apostrophe too (dont)."""
    listed = stopwordsiso.langs()
    found = stopwordsiso.stopwords(language if language in listed else listed)
    plain = {word.lower().translate(_APOSTROPHES) for word in found}
    return frozenset(plain | {word.replace("'", "") for word in plain if word.endswith("n't")}) - _KEPT
