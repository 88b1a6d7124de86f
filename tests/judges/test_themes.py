"""Themes: how terms are written, and what is proposed from texts."""

from __future__ import annotations

import random

import pytest

from cx_metrics.judges.themes import Theme, ThemeError, from_json, names_a_matter, propose, term, to_json, usual_count

TOPICS = {
    "refund": ("refund", "money", "bank", "return"), "parcel": ("parcel", "courier", "late", "tracking"),
    "bill": ("bill", "charged", "twice", "invoice"),
}  # fmt: skip


def texts(n: int) -> dict[str, list[str]]:
    """Each text takes three words of one topic; "everywhere" stands in most, each "rare" word in one."""
    chance = random.Random(5)
    rows = {}
    for i in range(n):
        topic = TOPICS[list(TOPICS)[i % 3]]
        rows[f"k{i}"] = [*chance.sample(topic, 3), f"rare{'abcdefghij'[i % 10]}{i}", *["everywhere"] * (i % 10 > 2)]
    return rows


def test_topics_are_found() -> None:
    given = texts(300)
    found = propose(given, 3)
    assert {frozenset(theme.words) for theme in found} == {frozenset(topic) for topic in TOPICS.values()}
    assert all(theme.name == " / ".join(theme.words[:3]) for theme in found)
    assert propose(dict(reversed(given.items())), 3) == found  # the order of the texts does not matter


def test_what_names_no_matter_is_not_proposed() -> None:
    """Days, months, greetings, short words, and words that only stand together or alone: no theme is made of them."""
    fillers = ("monday", "März", "hello", "tv", "obrigado")
    rows = {key: [*words, fillers[at % 5].lower()] for at, (key, words) in enumerate(texts(300).items())}
    named = {f"p{i}": ["tumble", "dryer"] if i % 2 else ["nordlicht"] for i in range(120)}
    found = propose(rows | named, 5)
    held = {word for theme in found for word in theme.words}
    assert {word for topic in TOPICS.values() for word in topic} <= held
    assert not held & {*(word.lower() for word in fillers), "tumble", "dryer", "nordlicht"}
    assert names_a_matter("返金") and names_a_matter("refund") and not names_a_matter("tv")


def test_too_few_texts_give_nothing() -> None:
    assert propose({}) == [] and propose(texts(10)) == []
    assert propose({str(i): ["same"] for i in range(300)}) == []


@pytest.mark.parametrize(("n", "count"), [(0, 8), (200, 8), (399, 8), (400, 9), (20_000, 14), (10**7, 15)])
def test_how_many(n: int, count: int) -> None:
    assert usual_count(n) == count


@pytest.mark.parametrize(
    ("given", "written"),
    [("  Refund ", "refund"), ("Late   PARCEL", "late parcel"), ("deliver*", "deliver*"), ("broke* sofa", "broke* sofa"),
     ("side-board", "side board"), ("L’agence", "agence"), ("返金し", "返金 金し"), ("not late", "not late")],
)  # fmt: skip
def test_how_terms_are_written(given: str, written: str) -> None:
    assert term(given) == written and term(written) == written


@pytest.mark.parametrize("given", ["", "*", "de*", "a*b", "*ing", "12", "!?"])
def test_what_is_no_term(given: str) -> None:
    with pytest.raises(ThemeError, match=r"^[^\n]+$"):
        term(given)


def test_themes_as_text() -> None:
    themes = (Theme("Größe “x”", ("größe", "zu klein*")), Theme("b", ("返金",)))
    assert from_json(to_json(themes)) == themes
