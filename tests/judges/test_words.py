"""Words of texts: what counts as one, in which languages and scripts, and that no text takes long or does harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.judges.words import LONGEST, parts, words


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("The customer's sofa was NOT delivered, the sofa!", "en", ("customer", "sofa", "delivered")),
        ("I don’t know, I dont know", "en", ()),
        ("order 66, N-12345, abc123, 3rd", "en", ("order",)),
        ("my bill does not work on the website", "en", ("bill", "work", "website")),
        ("https://a.example/refund www.b.example me@x.example @shop [mail] <order number> lamp", "en", ("lamp",)),
        ("Où est l’agence ? L'île", "fr", ("agence", "île")),
        ("cafe\u0301", "fr", ("café",)),
        ("зв'язок зник", "uk", ("зв'язок", "зник")),
        ("मैंने ऑर्डर", "en", ("मैंने", "ऑर्डर")),
        ("שלום הזמנה", "en", ("שלום", "הזמנה")),
        ("返金して", None, ("返金", "金し", "して")),
        ("Die Lieferung", "de", ("lieferung",)),
        ("a 😀 \x00 \ud800", "en", ()),
        ("", None, ()),
        ("Hello Nordlicht team, the lamp", "en", ("lamp",)),
        ("hi\nsofa", "en", ("sofa",)),
        ("Hello Nordlicht team the lamp is broken,", "en", ("nordlicht", "team", "lamp", "broken")),
        ("Heyday lamps, please", "en", ("heyday", "lamps")),
    ],
)
def test_what_a_word_is(text: str, language: str | None, found: tuple[str, ...]) -> None:
    assert words(text, language) == found


def test_stop_words_of_every_language_where_it_is_not_known() -> None:
    assert words("the sofa und das Sofa", None) == ("sofa",)
    assert words("the sofa und das", "en") == ("sofa", "und", "das")
    assert words("the sofa", "xx") == ("sofa",)


def test_typed_words_keep_stop_words() -> None:
    assert parts("Not the L'agence") == ("not", "the", "agence")


@given(st.text())
def test_any_text_gives_distinct_small_words(text: str) -> None:
    found = words(text)
    assert len(set(found)) == len(found)
    assert all(2 <= len(word) <= LONGEST and not any(sign.isspace() for sign in word) for word in found)
    assert all(not any(sign.isnumeric() and not sign.isalpha() for sign in word) for word in found)


@pytest.mark.parametrize("piece", ["a", "a@", "[", "a'", "字", "ab1", "http", "é'", "\u0301"])
def test_long_texts_are_cut(piece: str) -> None:
    assert len(words(piece * 1_000_000)) <= 1  # the same sign over and over: one pair at most
