"""The fallback for English: what it gets right that VADER alone does not, and what it is known to get wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from cx_metrics.judges.lexicon import WEIGHTS, lexicon_mood, lexicon_phrases
from cx_metrics.judges.mood import label

NEGATIVE = [
    "still waiting", "2 hours on hold", "my flight was cancelled", "no response to my email for 3 weeks",
    "where is my bag", "nobody answers the phone", "I want my money back", "your staff were so rude to my mother",
    "the lid broke after a week, poor quality", "really disappointed in your service", "not happy", "not a good experience",
    "would not recommend", "why can't you answer the phone", "worst company ever", "you keep cancelling our trains",
]  # fmt: skip
IRONIC = [
    "thanks for nothing", "great, another delay", "love how you keep cancelling our trains",
    "thanks for losing my bag", "oh great, my order is delayed again", "way to go, still no internet",
]  # fmt: skip
NEUTRAL = [
    "how do I change my seat?", "Please help, thanks", "what time do you open", "can I get a refund", "ok",
    "is train 769 on its way?", "do you deliver to Boston", "I will send you the number", "I would like to book a room, please",
]  # fmt: skip
POSITIVE = [
    "thanks", "Thank you!", "you guys are awesome", "fixed now, thank you so much", "good quality and fast delivery",
    "no problems at all, great service", "never had a problem with them", "the crew was great, and we were on time",
    "would recommend to anyone", "can't wait for my trip", "thanks for the quick reply",
]  # fmt: skip
MISTAKEN = {  # text: the mood that a reader sees; the fallback says otherwise
    "so happy to spend another evening like this": "negative",  # irony without a fixed phrase
    "I can't honestly say that anything about the stay was in any way good": "negative",  # a negation far off
    "the box was empty": "negative",  # a fact that is bad without a word of mood
    "the other shop across the street is wonderful": "neutral",  # praise of somebody else
}


@pytest.mark.parametrize(("mood", "text"), [
    *(("negative", text) for text in (*NEGATIVE, *IRONIC)), *(("neutral", text) for text in NEUTRAL),
    *(("positive", text) for text in POSITIVE),
])  # fmt: skip
def test_moods_of_service(mood: str, text: str) -> None:
    assert label(lexicon_mood(text)) == mood


def test_plain_vader_gets_half_of_them_wrong() -> None:
    """Why the list is there at all."""
    compound = SentimentIntensityAnalyzer().polarity_scores
    missed = [text for text in (*NEGATIVE, *IRONIC) if compound(text)["compound"] > -0.05]
    assert len(missed) >= len((*NEGATIVE, *IRONIC)) / 2


@pytest.mark.parametrize(("text", "seen"), MISTAKEN.items())
def test_known_to_be_mistaken(text: str, seen: str) -> None:
    """These are said on the judge's card; whoever teaches one strikes it out there."""
    assert label(lexicon_mood(text)) != seen


def test_the_sum_of_weights_by_hand() -> None:
    weight = WEIGHTS["bad"] + WEIGHTS["weakly_bad"]  # "on hold" and "hours"
    assert lexicon_mood("hours on hold") == pytest.approx(weight / (weight**2 + 15) ** 0.5)
    assert lexicon_mood("hours on hold!") < lexicon_mood("hours on hold")
    assert lexicon_mood("the table by the door") == 0
    assert lexicon_mood("") == 0
    assert set(lexicon_phrases().names) == set(WEIGHTS)


@given(st.text(max_size=100))
def test_any_text_has_a_mood(text: str) -> None:
    assert -1 <= lexicon_mood(text) <= 1
