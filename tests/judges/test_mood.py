"""Who judges which text, what stays empty, and what the judge's card says."""

import json
import math
from dataclasses import replace

import pytest

from cx_metrics.judges.company_model import Figure, Model
from cx_metrics.judges.lexicon import lexicon_mood
from cx_metrics.judges.mood import Mood, card, judged_languages, label, mood_of, version

FIGURE = Figure(30, 40, 0.9, 0.85, 0.95, 0.8, 0.82)
MODEL = Model({"bom": (1.0, 3.0), "ruim": (1.0, -3.0)}, 0.0, {"pt": 400, "es": 90}, {"pt": FIGURE}, ("pt",))


def test_each_text_goes_to_whoever_can_judge_it() -> None:
    texts = ["muito bom", "muito ruim", "muy bueno", "still waiting", "great", "😀 123", "", "bom"]
    languages = ["pt", "pt", "es", "en", None, "en", "pt", "sv"]
    found = mood_of(Mood(MODEL), texts, languages)
    assert found[0] == pytest.approx(-found[1])  # type: ignore[operator]
    assert found[0] == pytest.approx(math.tanh(3 / math.sqrt(2) / 2))  # of two words one was never met
    assert found[3] == lexicon_mood("still waiting")
    assert [found[number] for number in (2, 4, 5, 6, 7)] == [None] * 5


def test_what_the_model_never_met_is_blank_or_the_lexicons() -> None:
    """Conversations are not worded like comments: few known words must not decide a text."""
    strange = "bom " + " ".join(f"palavra{letter}" for letter in "abcdefgh")
    assert mood_of(Mood(MODEL), [strange], ["pt"]) == [None]
    english = replace(MODEL, judged_languages=("en", "pt"))
    half, none = mood_of(Mood(english), ["great bom", "great service"], ["en", "en"])
    assert none == lexicon_mood("great service")
    assert half == pytest.approx((math.tanh(3 / math.sqrt(2) / 2) + lexicon_mood("great bom")) / 2)


def test_without_a_model_only_english_is_judged() -> None:
    assert mood_of(Mood(), ["great", "bom"], ["en", "pt"]) == [lexicon_mood("great"), None]
    assert judged_languages(Mood()) == ("en",)
    assert judged_languages(Mood(MODEL)) == ("en", "pt")


@pytest.mark.parametrize(
    ("value", "name"), [(-1, "negative"), (-0.3, "neutral"), (0, "neutral"), (0.3, "neutral"), (0.31, "positive")]
)
def test_names_of_moods(value: float, name: str) -> None:
    assert label(value) == name


def test_the_version_changes_with_the_judge() -> None:
    tags = {version(Mood()), version(Mood(MODEL)), version(Mood(Model({}, 0.1, {}, {}, ())))}
    assert len(tags) == 3
    assert version(Mood(MODEL)) == version(Mood(MODEL))


def test_the_card_says_how_good_it_is_and_what_it_fails_at() -> None:
    found = json.loads(json.dumps(card(Mood(MODEL))))
    assert found["languages"] == {"en": "lexicon", "pt": "company model"}
    assert found["trained_on"] == {"pt": 400, "es": 90}
    assert found["held_out"]["pt"]["auc"] == 0.9
    assert any("irony" in failure for failure in found["known_failures"])
    assert card(Mood())["judge"] == "lexicon for English"
    assert card(Mood())["held_out"] == {}
