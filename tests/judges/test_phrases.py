"""Lists of phrases: how they are read, what matches, what cancels a match, what is wrong with a file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.judges.phrases import Phrases, find, read_phrases, spans

LISTS = """
[en]
thanks = ["thank you", "thanks", "appreciat* your help", "🙏"]
again = ["i've told % again", "already told", "told you"]
no_reply = ["no answer"]
[en.unless]
thanks = ["no", "thanks for nothing", "not"]
no_reply = ["no", "hardly any"]
[zh]
thanks = ["谢谢"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("phrases")


def written(folder: Path, text: str, name: str = "lists.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def lists(folder: Path) -> Phrases:
    return read_phrases(written(folder, LISTS))


@pytest.mark.parametrize(("text", "language", "found"), [
    ("Thank   you so much", "en", {"thanks": ("Thank   you",)}),
    ("THANKS, thanks and thank you 🙏", "en", {"thanks": ("THANKS", "thank you", "🙏")}),
    ("We appreciated your help", "en", {"thanks": ("appreciated your help",)}),
    ("a thanksgiving", "en", {}),
    ("no thanks", "en", {}),
    ("No, thanks", "en", {}),
    ("No. Thanks", "en", {"thanks": ("Thanks",)}),
    ("Thanks for nothing", "en", {}),
    ("thanks for nothing, but thanks to Ann", "en", {"thanks": ("thanks",)}),
    ("I’ve told all of it again", "en", {"again": ("I’ve told all of it again",)}),
    ("ive told it again", "en", {"again": ("ive told it again",)}),
    ("I've told it. And again", "en", {}),
    ("I already told you", "en", {"again": ("already told",)}),
    ("no answer for days", "en", {"no_reply": ("no answer",)}),
    ("hardly any, no answer", "en", {}),
    ("İstanbul: thank you", "en", {"thanks": ("thank you",)}),
    ("我要谢谢你", "zh", {"thanks": ("谢谢",)}),
    ("thanks", "fr", {}),
    ("thanks", None, {}),
    ("", "en", {}),
])  # fmt: skip
def test_finds_the_words_as_they_stand(
    lists: Phrases, text: str, language: str | None, found: dict[str, tuple[str, ...]]
) -> None:
    assert find(lists, text, language) == found


def test_tells_languages_names_and_changes(folder: Path, lists: Phrases) -> None:
    assert lists.languages == {"en", "zh"}
    assert lists.names == ("thanks", "again", "no_reply")
    assert read_phrases(written(folder, LISTS)).digest == lists.digest
    assert read_phrases(written(folder, LISTS.replace("谢谢", "多谢"), "other.toml")).digest != lists.digest


def test_a_company_adds_phrases_languages_and_what_cancels(folder: Path) -> None:
    own = '[en]\nthanks = ["ta very much"]\n[en.unless]\nthanks = ["ironically"]\n[gd]\nthanks = ["tapadh leat"]\n'
    lists = read_phrases(written(folder, LISTS), written(folder, own, "own.toml"))
    assert find(lists, "Thanks. Ta very much", "en") == {"thanks": ("Thanks", "Ta very much")}
    assert find(lists, "ironically thanks", "en") == {}
    assert find(lists, "Tapadh leat!", "gd") == {"thanks": ("Tapadh leat",)}


@pytest.mark.parametrize(("text", "wrong"), [
    ("[en", "can't be read as a list of phrases"),
    ("en = 1", "'en' isn't a table named like a language"),
    ("[English]", "'English' isn't a table"),
    ('[en]\nthanks = "thanks"', "en.thanks must be a list of texts in quotes"),
    ("[en]\nthanks = [1]", "en.thanks must be a list of texts in quotes"),
    ('[en]\nthanks = [" "]', "is empty"),
    ('[en]\nthanks = ["%thanks"]', "must not begin with"),
    ('[en]\nthanks = ["th*"]', "needs three letters before"),
    ('[en]\nthanks = ["a % b % c % d"]', "more than two %"),
    ('[en]\njoy = ["yay"]', "names 'joy', which is none of thanks, again, no_reply"),
    ("[en]\nunless = 3", "en.unless must be a table"),
])  # fmt: skip
def test_says_what_is_wrong_with_a_file(folder: Path, text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"own\.toml") as raised:
        read_phrases(written(folder, LISTS), written(folder, text, "own.toml"))
    assert wrong in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.toml can't be read"):
        read_phrases(folder / "nowhere.toml")


@given(text=st.text(alphabet=st.sampled_from("thanks youno aldre't’İ🙏\n.,!"), max_size=60))
def test_places_lie_in_the_text_and_do_not_overlap(lists: Phrases, text: str) -> None:
    for places in spans(lists, text, "en").values():
        ends = [0, *(end for _, end in places)]
        assert all(a < b <= len(text) for a, b in places)
        assert all(start >= before for (start, _), before in zip(places, ends, strict=False))


@given(before=st.text(alphabet="xyz 1.", max_size=20), after=st.text(alphabet="xyz 1.", max_size=20))
def test_a_phrase_between_other_words_is_found(lists: Phrases, before: str, after: str) -> None:
    assert find(lists, f"{before} ThAnKs {after}", "en") == {"thanks": ("ThAnKs",)}
