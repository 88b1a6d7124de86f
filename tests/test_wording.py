"""Numbers in words."""

from __future__ import annotations

import math

import pytest

from cx_metrics.wording import amount, duration, in_sentence, interval, is_missing, listing, number, reliability, told


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (71.234, "%", "71.2 %"),
        (-0.04, "%", "0.0 %"),
        (30.05, "points", "+30.1"),
        (-4.26, "points", "-4.3"),
        (-0.01, "points", "+0.0"),
        (125.4, "seconds", "2 min 5 s"),
        (3.4, "hours", "3.4 h"),
        (0.5, "hours", "30 min"),
        (1234, "count", "1,234"),
        (1_250_000, "money", "1.25 M"),
        (66.666, "score 0-100", "66.67"),
        (None, "%", "–"),
        (math.nan, "count", "–"),
        (math.inf, "seconds", "–"),
    ],
)
def test_amount(value: float | None, unit: str, text: str) -> None:
    assert amount(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1,000"),
        (999_999, "999,999"),
        (1e6, "1.00 M"),
        (2.5e9, "2.50 bn"),
        (-3e6, "-3.00 M"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (-0.4, "0 s"), (45, "45 s"), (59.4, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (125, "2 min 5 s"),
        (-67, "-1 min 7 s"), (3600, "1.0 h"), (12_240, "3.4 h"), (172_799, "48.0 h"), (181_440, "2.1 days"),
        (-181_440, "-2.1 days"),
    ],
)  # fmt: skip
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(59.6, "1 min"), (3599.7, "1.0 h"), (-59.6, "-1 min"), (-3599.7, "-1.0 h")]
)
def test_a_duration_is_rounded_before_its_unit_is_chosen(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (68.1, 73.9, "%", "68.1 to 73.9 %"),
        (-26.7, 18.7, "points", "-26.7 to +18.7"),
        (45, 125, "seconds", "45 s to 2 min 5 s"),
        (45, None, "seconds", "45 s to beyond the data"),
        (None, None, "%", "–"),
        (math.nan, math.nan, "%", "–"),
    ],
)
def test_interval(low: float | None, high: float | None, unit: str, text: str) -> None:
    assert interval(low, high, unit) == text


@pytest.mark.parametrize(
    ("n", "word"),
    [
        (None, "hidden"), (math.nan, "hidden"), (0, "hidden"), (4, "hidden"), (5, "count only"), (9, "count only"),
        (10, "no ranking"), (29, "no ranking"), (30, "directional"), (99, "directional"), (100, ""),
    ],
)  # fmt: skip
def test_reliability(n: float | None, word: str) -> None:
    assert reliability(n) == word


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listing(words: list[str], text: str) -> None:
    assert listing(words) == text


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Customer satisfaction (CSAT)", "customer satisfaction (CSAT)"),
        ("Net Promoter Score (NPS)", "Net Promoter Score (NPS)"),
        ("CSAT of the week", "CSAT of the week"),
        ("Response rate", "response rate"),
    ],
)
def test_a_title_within_a_sentence(title: str, text: str) -> None:
    assert in_sentence(title) == text


def test_missing() -> None:
    assert is_missing(None) and is_missing(math.nan) and is_missing(-math.inf)
    assert not is_missing(0.0)


def test_nested_facts_are_one_text() -> None:
    assert (
        told({"en": {"n": 3, "auc": 0.98765}, "known": ["irony", "mixed"]})
        == "en: n: 3; auc: 0.988; known: irony; mixed"
    )
    assert (told(None), told(2.0), told("a")) == ("None", "2", "a")
