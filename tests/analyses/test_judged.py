"""How many texts were judged, and the sentence on who judges mood."""

from __future__ import annotations

from cx_metrics.analyses.judged import in_words, judged, model_cards
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

SAID = (
    ("customer", "This is terrible, I have been waiting for weeks."), ("customer", "Wo bleibt denn meine Bestellung?"),
    ("agent", "I am so sorry that your parcel never came."), ("bot", "Please choose one of the following topics."),
    ("customer", "12345"), ("customer", None),
)  # fmt: skip


def test_every_text_is_counted_once(make_warehouse: MakeWarehouse) -> None:
    said = [
        {"message_id": f"m{n}", "interaction_id": f"i{n}", "author": author, "text": text}
        for n, (author, text) in enumerate(SAID)
    ]
    answers = [
        {
            "answer_id": "a",
            "instrument": "csat",
            "score": 5,
            "answered_at": "2026-01-02",
            "comment": "Everything was great, thank you!",
        }
    ]
    warehouse: Warehouse = make_warehouse({"messages": said, "survey_answers": answers})
    rows = judged(warehouse)
    counts = ["texts", "judged", "blank"]
    found = {(row["texts_of"], row["language"]): [row[name] for name in counts] for row in rows.to_dict("records")}
    assert found == {
        ("agent", "en"): [1, 1, 0], ("bot", "en"): [1, 1, 0], ("comment", "en"): [1, 1, 0],
        ("customer", "en"): [1, 1, 0], ("customer", "de"): [1, 0, 1], ("customer", "cannot be told"): [1, 0, 1],
    }  # fmt: skip
    sentence = in_words(rows, model_cards(warehouse)["mood"])
    assert sentence.startswith("Mood is judged in en by the lexicon. Of 4 texts of customers, 2 (50.0 %) stay blank")


def test_without_texts(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse({})
    assert in_words(judged(warehouse), {}) == "There are no texts to judge yet."
