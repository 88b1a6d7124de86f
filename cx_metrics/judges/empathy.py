"""Three kinds of empathy in an agent's reply, by rules that anybody can read: empathy.toml.

- cognitive: shows that the writer understands this case. Strong restates it or reflects and checks; weak asks about it
  or shows that the message was read. Requests for a form's fields (an order number, a direct message) don't count.
- emotional: acknowledges the feeling. Strong names it or is sorry for something specific; weak is a rote apology or
  warmth. Thanks and greetings don't count.
- compassionate: acts for this customer, in words. Strong did it, does it or promises it; weak offers it on a condition.

The three kinds follow the usual division of empathy in psychology (P. Ekman, Emotions Revealed, 2003; D. Goleman,
Focus, 2013). The grades are of the words alone: whether the writer means them, or whether they fit the message before,
the rules cannot know. Known failures: sarcasm, feelings that are quoted, other persons' acts told in passing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path

from cx_metrics.judges.phrases import Phrases, Span, read_phrases, spans

KINDS = ("cognitive", "emotional", "compassionate")
NONE, WEAK, STRONG = 0, 1, 2
_PATH = Path(__file__).with_name("empathy.toml")
_CLAUSE_END = re.compile(r"[,.!?;:\n()<>…–—]|\s-\s")
_SENTENCE_END = re.compile(r"[.!?\n…]+(?=\s|\Z)|\n")
_QUESTION = re.compile(r"[^.!?\n]*(?:[.](?=\S)[^.!?\n]*)*[?？؟]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SAID_AFTER = 60  # so many characters of what is said after "sorry" are looked at
_TELLING = 2  # "sorry about your parcel" is rote, "sorry that your parcel came broken" is not
_BETWEEN = 25  # so many characters may stand between "I have" and "refunded"
_WORDS_BETWEEN = 3
_COMMA_INSIDE = frozenset({"de", "pl"})  # elsewhere "Sorry, that ..." says no more what for
_CAPITAL_NOUNS = frozenset({"de"})  # elsewhere a capital in mid-clause is a name: "sorry for the trouble, Anna"
_OTHER_WORDS = frozenset({"were", "well", "ill", "id"})  # not "we're" without its apostrophe
_GRADES = {  # to have looked at the case is no act beyond answering
    ("done", "acts"): STRONG, ("now", "acts"): STRONG, ("promise", "acts"): STRONG, ("promise", "looks"): STRONG,
    ("now", "looks"): WEAK, ("offer", "acts"): WEAK, ("offer", "looks"): WEAK,
}  # fmt: skip

Graded = dict[str, tuple[int, tuple[str, ...]]]
Places = Mapping[str, tuple[Span, ...]]


def read_rules(extra: Path | None = None) -> Phrases:
    """The shipped rules, with a company's own file of the same layout added. ValueError says what is wrong with it."""
    return read_phrases(_PATH, extra) if extra else RULES


RULES = read_phrases(_PATH)


def empathy(text: str, language: str | None, rules: Phrases = RULES) -> Graded | None:
    """Each kind's grade (0 none, 1 weak, 2 strong) and the words that show it; None if the language has no rules."""
    if language not in rules.languages:
        return None
    places = spans(rules, text, language)
    found: list[tuple[str, int, Span]] = []
    for kind in KINDS:
        found += [(kind, STRONG, place) for place in places.get(f"{kind}_strong", ())]
        found += [(kind, WEAK, place) for place in places.get(f"{kind}_weak", ())]
    found += [("emotional", grade, place) for grade, place in _apologies(text, places, language)]
    found += [("cognitive", WEAK, place) for place in _questions(text, places)]
    found += [("compassionate", grade, place) for grade, place in _acts(text, places)]
    return {kind: _graded(text, [(grade, place) for name, grade, place in found if name == kind]) for kind in KINDS}


def _graded(text: str, found: list[tuple[int, Span]]) -> tuple[int, tuple[str, ...]]:
    """The highest grade, and the words of that grade in their order; a place inside another is not told twice."""
    grade = max((grade for grade, _ in found), default=NONE)
    kept: list[Span] = []
    for start, end in sorted((place for of, place in found if of == grade), key=lambda place: (place[0], -place[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return grade, tuple(dict.fromkeys(" ".join(text[start:end].split()) for start, end in kept))


def _apologies(text: str, places: Places, language: str) -> Iterator[tuple[int, Span]]:
    """Strong where a word follows in the clause that says what for, else weak."""
    vague = {at for start, end in places.get("vague", ()) for at in range(start, end)}
    apart = [start for start, _ in places.get("apart", ())]
    for start, end in places.get("sorry", ()):
        ended = _CLAUSE_END.search(text, end)
        stops = [len(text), end + _SAID_AFTER, *(at for at in apart if at >= end), *([ended.start()] if ended else ())]
        stop = end if "," in text[start:end] and language not in _COMMA_INSIDE else min(stops)
        telling = [word for word in _WORD.finditer(text, end, stop) if word.start() not in vague]
        if language not in _CAPITAL_NOUNS:
            telling = [word for word in telling if not word.group()[0].isupper()]
        yield (STRONG, (start, stop)) if len(telling) >= _TELLING else (WEAK, (start, stop))


def _questions(text: str, places: Places) -> Iterator[Span]:
    """Questions about the case: at least three words, and nothing that only a form would ask."""
    forms = [start for start, _ in places.get("form", ())]
    for match in _QUESTION.finditer(text) if "?" in text or "？" in text or "؟" in text else ():
        at = bisect_left(forms, match.start())
        if (at == len(forms) or forms[at] >= match.end()) and len(_WORD.findall(match.group())) >= 3:
            yield match.start() + len(match.group()) - len(match.group().lstrip()), match.end()


def _acts(text: str, places: Places) -> Iterator[tuple[int, Span]]:
    """Acts of the writer: what was done or is promised is strong, what is offered or depends on something weak."""
    acts = sorted(
        [(*place, "acts") for place in places.get("acts", ())]
        + [(*place, "looks") for place in places.get("looks", ())]
    )
    if not acts:
        return
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
    refusals, conditions = places.get("refusal", ()), places.get("condition", ())
    for name in ("done", "now", "promise", "offer"):
        for start, end in places.get(name, ()):
            at = bisect_left(acts, (end,))
            if text[start:end].lower() in _OTHER_WORDS or at == len(acts):
                continue
            if not _joined(text, end, acts[at][0], refusals):
                continue
            sentence = ends[bisect_left(ends, start + 1) - 1]
            depends = name == "promise" and any(sentence <= a < start for a, _ in conditions)
            if grade := WEAK if depends else _GRADES.get((name, acts[at][2]), NONE):
                yield grade, (start, acts[at][1])


def _joined(text: str, start: int, stop: int, refusals: tuple[Span, ...]) -> bool:
    """Whether only a few words, none of them a refusal, stand between "I have" and the act."""
    between = text[start:stop]
    return (
        len(between) <= _BETWEEN
        and len(between.split()) <= _WORDS_BETWEEN
        and not _CLAUSE_END.search(between)
        and not any(start <= a < stop for a, _ in refusals)
    )
