"""Names of those who sign: where they stand, and what stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.analyses.signed import signer_masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It is on its way. Until then, Tom", "It is on its way. Until then, [name]"),
        ("Done.\nKind regards,\nAnna-Lena Weiß", "Done.\nKind regards,\n[name]"),
        ("Done! Mit freundlichen Grüßen, Özlem K.", "Done! Mit freundlichen Grüßen, [name]"),
        ("We look into it. ^TS", "We look into it. ^[name]"),
        ("We look into it. - Maria", "We look into it. - [name]"),
        ("Hello, my name is Karim and I help you.", "Hello, my name is [name] and I help you."),
        ("Hi, you are through to Jo Ann. How can I help?", "Hi, you are through to [name]. How can I help?"),
        ("Do you mean the lamp, the sofa, or both?", "Do you mean the lamp, the sofa, or both?"),
        ("I live in Paris, France, and wait for the lamp", "I live in Paris, France, and wait for the lamp"),
        ("Thanks, it works again", "Thanks, it works again"),
        ("It works - Thanks for that", "It works - Thanks for that"),
        ("Regards, [name]", "Regards, [name]"),
        ("", ""),
    ],
)
def test_who_signs(text: str, shown: str) -> None:
    assert signer_masked(text) == shown


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    once = signer_masked(text)
    assert once == text or "[name]" in once


def test_long_texts_take_no_time() -> None:
    assert len(signer_masked("A, " * 400_000)) == 1_200_000
    assert len(signer_masked("\n" * 1_000_000)) == 1_000_000
