"""The course of a customer's mood, in figures and in words."""

from __future__ import annotations

import math

import pytest

from cx_metrics.analyses.conversation import moment
from cx_metrics.analyses.moods import course, cues_in_words, moods_of
from tests.conftest import MakeWarehouse

ANGRY, THANKS = "This is terrible, I am furious and fed up.", "Perfect, thank you so much, that solved it!"
SORRY = "I am so sorry that your parcel never came. I will call you tomorrow."


@pytest.mark.parametrize(
    ("moods", "told"),
    [([-0.9, -0.9, 0.1], "negative → neutral"), ([0.5, 0.6, 0.7], "positive"), ([-1.0, math.nan, 1.0], "negative → positive"),
     ([], "")],
)  # fmt: skip
def test_a_course_tells_what_changes(moods: list[float], told: str) -> None:
    assert course(moods) == told


def test_cues_name_their_words() -> None:
    told = cues_in_words({"frustration": ["fed up", "furious"], "repeated_information": ["as I said"]})
    assert told == "frustration: “fed up” and “furious”; repeated information: “as I said”"


def test_moods_of_messages_contacts_and_comments(make_warehouse: MakeWarehouse) -> None:
    contact = {"customer_id": "ann", "reason": "bill"}
    warehouse = make_warehouse({
        "interactions": [
            {**contact, "interaction_id": "i1", "occurred_at": "2026-01-05"},
            {**contact, "interaction_id": "i2", "occurred_at": "2026-01-04", "sentiment_start": 0.2, "sentiment_end": -0.6},
            {**contact, "interaction_id": "i3", "occurred_at": "2026-01-06"},
        ],
        "messages": [
            {"message_id": str(n), "interaction_id": "i1", "sent_at": f"2026-01-05 10:0{n}", "author": author, "text": text}
            for n, (author, text) in enumerate([("customer", ANGRY), ("agent", SORRY), ("customer", THANKS)])
        ],
        "survey_answers": [{"answer_id": "s1", "customer_id": "ann", "instrument": "csat", "score": 1, "comment": ANGRY,
                            "answered_at": "2026-01-07"}],
    })  # fmt: skip
    rows = moods_of(warehouse, "ann")
    assert rows[["key", "mood"]].to_numpy().tolist() == [["i2", "neutral → negative"], ["i1", "negative → positive"]]
    assert rows["lowest"].tolist()[0] == -0.6 and rows["start"].tolist()[1] == rows["lowest"].tolist()[1] < -0.3
    said = moment(warehouse, "contact", "i1").messages  # type: ignore[union-attr]
    assert said["mood"].isna().tolist() == [False, True, False]
    assert (
        "frustration" in said["evidence"][0] and said["evidence"][1]["emotional"] and "gratitude" in said["evidence"][2]
    )
    comment = moment(warehouse, "survey", "s1").messages.iloc[0]  # type: ignore[union-attr]
    assert comment["mood"] < -0.3 and comment["evidence"]["frustration"]
