"""Words of a text that show something: marked, on their colour, and nothing of the text becomes HTML."""

from __future__ import annotations

from pages._marks import marked


def test_words_are_marked_and_all_else_is_escaped() -> None:
    found = marked("I am <b>so  sorry</b>, fed up", {"emotional": ["so sorry"], "frustration": ["fed up"]})
    assert found.startswith("I am &lt;b&gt;<mark title='emotional' style='color: inherit; background: rgba(0, 114, 178")
    assert ">so  sorry</mark>&lt;/b&gt;, " in found
    assert "title='frustration' style='color: inherit; background: rgba(128" in found and found.endswith(
        ">fed up</mark>"
    )


def test_nothing_to_mark() -> None:
    assert marked("a < b", {}) == "a &lt; b" and marked("a", {"urgency": ["asap"]}) == "a"
