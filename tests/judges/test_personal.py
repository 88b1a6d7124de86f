"""Masking: what goes, what stays, in hand-made cases; never raises, and masking twice is masking once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.judges.personal import is_card, is_iban, masked, name_parts

NAMES = frozenset({"anna", "o'neil", "neil", "王芳", "анна", "דנה", "अमित", "jones", "will", "mail", "link"})


@pytest.mark.parametrize(("text", "expected"), [
    ("Write to anna.meier+x@mail.example.co.uk.", "Write to [mail]."),
    ("anna@example.de, bob@example.de", "[mail], [mail]"),
    ("+49 30 1234567", "[phone]"),
    ("call 030/1234567 now", "call [phone] now"),
    ("(555) 123-4567 or 555-123-4567", "[phone] or [phone]"),
    ("0171 234 56 78", "[phone]"),
    ("00441632960961", "[phone]"),
    ("tel:+1-800-555-0199", "tel:[phone]"),
    ("4111 1111 1111 1111", "[card]"),
    ("5500-0000-0000-0004!", "[card]!"),
    ("DE89 3704 0044 0532 0130 00", "[account]"),
    ("IBAN: gb82west12345698765432.", "IBAN: [account]."),
    ("DE89 3704 0044 0532 0130 00 and more", "[account] and more"),
    ("@anna_b hello", "[handle] hello"),
    ("see https://x.example/reset?token=abc.", "see [link]"),
    ("https://x.example/r/9f8a7b6c5d4e3f2a1b0c", "[link]"),
    ("at 192.168.0.12 and 2001:db8::1", "at [network address] and [network address]"),
    ("Anna and ANNA", "[name] and [name]"),
    ("Dear Ms Smith-Jones, hi Mrs. Li", "Dear Ms [name], hi Mrs. [name]"),
    ("我叫王芳。", "我叫[name]。"),
    ("Привет, Анна!", "Привет, [name]!"),
    ("שלום דנה", "שלום [name]"),
    ("नमस्ते अमित", "नमस्ते [name]"),
    ("😀 @x 😀", "😀 [handle] 😀"),
    ("Anna's parcel", "[name]'s parcel"),
])  # fmt: skip
def test_masked(text: str, expected: str) -> None:
    assert masked(text, NAMES) == expected


@pytest.mark.parametrize("text", [
    "", "ORD-123456", "N-12345", "NH-2024-001122", "2026-11-22", "22.11.2026 14:30", "12/31/2026", "at 12:30:45",
    "EUR 1 234 567", "1.234.567,89", "$1,234.50", "€12345678", "article 302", "about 12345 units", "v1.2.3", "24/7",
    "4111 1111 1111 1112", "https://example.com/help", "anna will mail a link", "me @ home", "3 - 5 days", "case 123456",
    "[mail] [phone] [card] [account] [handle] [link] [name] [network address]", "DE12 oven",
])  # fmt: skip
def test_stays(text: str) -> None:
    assert masked(text, NAMES) == text


@pytest.mark.parametrize(("text", "result"), [
    ("Will you come?", "[name] you come?"),  # a name that is a word as well is masked where it begins a sentence
    ("my order 4501234567", "my order [phone]"),  # a long number without letters could be a telephone's
    ("one two three four", "one two three four"),  # numbers in words are not seen
    ("Bertha called", "Bertha called"),  # names that nobody listed are not known
])  # fmt: skip
def test_known_failures(text: str, result: str) -> None:
    assert masked(text, NAMES) == result


def test_name_parts() -> None:
    assert name_parts(["Anna-Lena O'Neil", "J. Doe", "王芳", "अमित", ""]) == {
        "anna",
        "lena",
        "neil",
        "doe",
        "王芳",
        "अमित",
    }


def test_check_sums() -> None:
    """The examples of the standards: ISO/IEC 7812-1's 7992739871 with check digit 3, ISO 13616's British account."""
    assert is_card([int(digit) for digit in "79927398713"]) and not is_card([int(digit) for digit in "79927398710"])
    assert is_iban("GB82WEST12345698765432") and not is_iban("GB82WEST12345698765433")


PIECES = st.sampled_from([
    "Anna", "anna", "王芳", "@x", "a@b.de", "+49 30 1234567", "4111 1111 1111 1111", "DE89370400440532013000", "1.2.3.4",
    "https://a.b/?c", " ", "-", "Ms ", "[name]", "12:30", "::1", "é", "\u0301", "😀",
])  # fmt: skip


@given(st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=12).map("".join)))
def test_never_raises_and_twice_is_once(text: str) -> None:
    once = masked(text, NAMES)
    assert masked(once, NAMES) == once


@given(st.text(alphabet="ab \n", max_size=30), st.text(alphabet="ab \n", max_size=30))
def test_a_mail_address_never_stays(before: str, after: str) -> None:
    assert "@" not in masked(f"{before} jo.doe@example.org {after}")
