"""Replies that read alike: what is left of a reply without the customer's data, and families of such texts.

skeleton(text) is the reply without greeting, signature, names and numbers. families(...) gives skeletons that are
nearly equal the same number: by Indel similarity, 200 * common / (length + length) with the longest common subsequence
(S. Needleman and C. Wunsch, 1970; H. Hyyrö, 2004, for the fast algorithm), at least ALIKE.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cdist, cpdist

ALIKE = 90.0  # of 100: see tests/judges/test_scripted.py for pairs on both sides
LONGEST = 4000  # characters of a reply that are looked at
FEWEST_WORDS = 4  # a shorter rest ("let us know") is no script
COMPLETE = 2000  # a team's distinct texts that are all compared with each other; beyond it only neighbours are
_SIGNED_IN, _CLOSED_IN = 45, 110  # signatures are looked for in so many last characters
_NAMED_BY = 5  # so many words may follow "Kind regards"
_NAMED = 3  # so many words before a comma may be the name after a greeting
_CHUNK = 512
_NEIGHBOURS = 8
_ROUNDS = 4

_NUMBER, _LINK, _HANDLE, _NAME = "⟨n⟩", "⟨l⟩", "⟨h⟩", "⟨name⟩"
_PLAIN = r"[^\W\d_]+(?:'[^\W\d_]+)*"
_TOKEN = re.compile(
    rf"(?P<word>{_PLAIN}(?![\w@]|[-_/.:+][\w/@]))"  # most words: nothing follows that could make it something else
    r"|(?P<kept>⟨(?:n|l|h|name)⟩)"
    r"|(?P<link>(?:https?://|www\.)\S+|<\w+>|\[(?:mail|phone|card|account|handle|link|name|network address)\])"
    r"|(?P<handle>[\w.+-]{0,64}@[\w.-]{0,200}\w)"
    r"|(?P<number>[^\W\d_]{0,40}(?:[-_/.:][^\W\d_]{0,40}){0,4}\d\w{0,60}(?:[-_/.,:]\w{1,60}){0,20})"
    rf"|(?P<other>{_PLAIN})"
)
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")  # of these scripts two characters are a word
_ADDRESSED = re.compile(r"\s*(?:@\w+[\s,:]*)+")
_HELLO = (
    "hi+|hello|hey+|howdy|dear|greetings|good (?:morning|afternoon|evening|day)"
    "|hallo|guten (?:tag|morgen|abend)|moin|servus|liebe[rs]?|sehr geehrte[rs]?"
    "|beste|geachte|goede(?:morgen|middag|navond)|goedendag|bonjour|bonsoir|salut|ch[eè]re?"
    "|hola|buen[oa]s (?:d[ií]as|tardes|noches)|estimad[oa]s?|ol[áa]|bom dia|boa (?:tarde|noite)|prezad[oa]s?"
    "|ciao|salve|buongiorno|buonasera|gentile|cze[śs][ćc]|dzie[ńn] dobry|witaj|szanown[ya]"
)
_GREETING = re.compile(
    rf"\s*(?:(?:{_HELLO})(?:\s(?:again|there|all|everyone|team|customer))?(?![\w'])"
    r"(?:\s+(?:mr|mrs|ms|miss|dr|herrn?|frau)\.?(?!\w))?)(?P<rest>[^,.!?:;\n–—]{0,40}[,.!:;\n–—]+)?",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"(?:\s*(?:\^\s?\w{1,20}|~\s?\w{1,20}|\*[A-Z]{1,3}|/[A-Z]{1,3}|\(?\b\d\s?/\s?\d\)?"
    r"|(?<=[\s.!?>])[-–—]\s?[A-Z]\w{0,19}(?:\s[A-Z]\w{0,19})?)[\s.]*)\Z"
)
_GOODBYE = (
    "(?:(?:with )?(?:kind|best|warm|many) )?regards|(?:yours )?(?:sincerely|faithfully)|best wishes|all the best"
    "|mit freundlichen gr[üu](?:ß|ss)en|(?:freundliche|viele|beste|liebe) gr[üu](?:ß|ss)e|met vriendelijke groet(?:en)?"
    "|cordialement|bien [àa] vous|saludos(?: cordiales)?|atentamente|atenciosamente|cumprimentos"
    "|cordiali saluti|distinti saluti|pozdrawiam|z powa[żz]aniem"
)
_CLOSED = re.compile(
    rf"(?:\b(?:{_GOODBYE})|(?:^|[.!?\n]\s*)(?:best|cheers|thanks|thank you|lg|mfg|vg)\s*[,\n])"
    r"(?P<who>[^.!?]{0,60}[.!]?\s*)\Z",
    re.IGNORECASE,
)


def skeleton(text: str, names: frozenset[str] | set[str] = frozenset()) -> str:
    """What is left of a reply: small letters, no punctuation, signs for numbers, links, handles and names; "" if short.

    names: words of customers' and agents' names in small letters (personal.name_parts); masked where capitalised.
    skeleton(skeleton(text, names), names) is skeleton(text, names).
    """
    while (left := _once(text, names)) != text:  # what is left may once more begin with a greeting
        text = left
        if left.isascii() and _stripped(left) == left:
            break
    return left


def _once(text: str, names: frozenset[str] | set[str]) -> str:
    """One round: greeting and signature off, then the words."""
    text = text[:LONGEST]
    text = (html.unescape(text) if "&" in text else text).replace("’", "'")
    words = [_word(match, names) for match in _TOKEN.finditer(_stripped(text))]
    said = sum(len(word) // 2 if _UNSPACED.search(word) else 1 for word in words if word[0] != "⟨")
    return " ".join(words) if said >= FEWEST_WORDS else ""


def _stripped(text: str) -> str:
    """The text without greeting and signature."""
    return _without_signature(_without_greeting(text.strip()))


def _word(match: re.Match[str], names: frozenset[str] | set[str]) -> str:
    """A word in small letters, or the sign for what it is."""
    kind, word = match.lastgroup, match.group()
    if kind in ("word", "other"):
        small = word.lower()
        return _NAME if small in names and word[0].isupper() else small
    return word if kind == "kept" else {"link": _LINK, "handle": _HANDLE}.get(kind or "", _NUMBER)


def _without_greeting(text: str) -> str:
    """The text without whom it is addressed to; the name after the greeting goes if punctuation ends it soon."""
    if match := _ADDRESSED.match(text):
        text = text[match.end() :]
    while match := _GREETING.match(text):
        rest = match["rest"] or ""
        text = text[match.end() :] if len(rest.split()) <= _NAMED else text[match.start("rest") :]
    return text


def _without_signature(text: str) -> str:
    """The text without "Kind regards, Tom" or "^TS" at its end."""
    while True:
        match = _SIGNED.search(text, len(text) - _SIGNED_IN)
        if match is None:
            match = _CLOSED.search(text, len(text) - _CLOSED_IN)
            if match is None or len(match["who"].split()) > _NAMED_BY:
                return text
        text = text[: match.start()].rstrip()


# --- families --------------------------------------------------------------------------------------------------------


def families(texts_by_team: Mapping[str, Mapping[str, int]], alike: float = ALIKE) -> dict[str, int]:
    """Each skeleton's family: a number of 63 bits, the hash of the family's most frequent skeleton.

    texts_by_team: team -> skeleton -> how often. Compared are the skeletons of one team; a skeleton that several teams
    use ties their families together. A text belongs to the most frequent text that it reads like, so a long chain of
    small changes does not make one family of all. The same texts give the same families, whatever their order.
    """
    total: Counter[str] = Counter()
    for texts in texts_by_team.values():
        total.update(texts)
    total.pop("", None)
    leader = {text: text for text in total}
    for team in sorted(texts_by_team):
        for text, head in _led(sorted(t for t in texts_by_team[team] if t), texts_by_team[team], alike).items():
            _unite(leader, text, head, total)
    return {text: number(_head(leader, text)) for text in total}


def _head(leader: dict[str, str], text: str) -> str:
    """The most frequent text of its family so far."""
    while leader[text] != text:
        leader[text] = leader[leader[text]]
        text = leader[text]
    return text


def _unite(leader: dict[str, str], one: str, other: str, total: Mapping[str, int]) -> None:
    """Makes one family of two; its head is the more frequent text, of equals the first in the alphabet."""
    a, b = sorted((_head(leader, one), _head(leader, other)), key=lambda text: (-total[text], text))
    leader[b] = a


def number(text: str) -> int:
    """63 bits of a hash, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def _led(texts: Sequence[str], counts: Mapping[str, int], alike: float) -> dict[str, str]:
    """Text -> the more frequent text that it reads like; texts that read like none are missing."""
    led: dict[str, str] = {}
    heads, weight = list(texts), dict(counts)
    for _ in range(_ROUNDS):  # neighbours only: heads of one round may find each other in the next
        pairs = _all_pairs(heads, alike) if len(heads) <= COMPLETE else _neighbours(heads, alike)
        near: dict[int, list[int]] = {}
        for a, b in pairs:
            near.setdefault(a, []).append(b)
            near.setdefault(b, []).append(a)
        taken: set[int] = set()
        for at in sorted(near, key=lambda index: (-weight[heads[index]], heads[index])):
            if at in taken:
                continue
            taken.add(at)
            for other in near[at]:
                if other not in taken:
                    taken.add(other)
                    led[heads[other]] = heads[at]
                    weight[heads[at]] += weight[heads[other]]
        left = [text for text in heads if text not in led]
        if len(left) == len(heads) or len(heads) <= COMPLETE:
            break
        heads = left
    return led


def _all_pairs(texts: Sequence[str], alike: float) -> Iterator[tuple[int, int]]:
    """Every pair that reads alike; only texts of about the same length can (from 2 * shorter / both >= the limit)."""
    order = sorted(range(len(texts)), key=lambda index: (len(texts[index]), texts[index]))
    ordered = [texts[index] for index in order]
    lengths = np.array([len(text) for text in ordered])
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        stop = int(np.searchsorted(lengths, lengths[start + len(chunk) - 1] * (200 - alike) / alike, side="right"))
        scores = cdist(chunk, ordered[start:stop], scorer=fuzz.ratio, score_cutoff=alike, dtype=np.float32)
        for row, column in np.argwhere(scores >= alike):
            if row < column:
                yield order[start + row], order[start + column]


def _neighbours(texts: Sequence[str], alike: float) -> Iterator[tuple[int, int]]:
    """Pairs that read alike among neighbours in four orders (sorted neighbourhood: Hernández and Stolfo, 1995)."""
    keys = (
        lambda text: text,
        lambda text: text[::-1],
        lambda text: text[len(text) // 3 :],
        lambda text: " ".join(sorted(set(text.split()), key=lambda word: (-len(word), word))),
    )
    seen: set[tuple[int, int]] = set()
    for key in keys:
        order = sorted(range(len(texts)), key=lambda index: (key(texts[index]), texts[index]))
        for step in range(1, _NEIGHBOURS + 1):
            left, right = order[:-step], order[step:]
            scores = cpdist([texts[a] for a in left], [texts[b] for b in right], scorer=fuzz.ratio, score_cutoff=alike)
            for at in np.flatnonzero(scores >= alike):
                seen.add((min(left[at], right[at]), max(left[at], right[at])))
    yield from sorted(seen)
