"""Which language a text is in, and that nothing is said where it cannot be told."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.judges.language import language

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
real = pytest.mark.skipif(not REAL.is_dir(), reason=f"the public data sets are not in {REAL}")


@pytest.mark.parametrize(("text", "code"), [
    ("Where is my parcel? It should have been here on Monday.", "en"),
    ("Wo bleibt mein Paket? Es sollte schon am Montag hier sein.", "de"),
    ("Waar blijft mijn pakket? Het had maandag hier moeten zijn.", "nl"),
    ("Où est mon colis ? Il aurait dû arriver lundi.", "fr"),
    ("¿Dónde está mi paquete? Debería haber llegado el lunes.", "es"),
    ("Onde está o meu pacote? Devia ter chegado na segunda-feira.", "pt"),
    ("Dov'è il mio pacco? Sarebbe dovuto arrivare lunedì.", "it"),
    ("Gdzie jest moja paczka? Miała być w poniedziałek.", "pl"),
    ("Где моя посылка? Она должна была прийти в понедельник.", "ru"),
    ("أين طردي؟ كان من المفترض أن يصل يوم الاثنين", "ar"),
    ("荷物はどこですか。月曜日に届くはずでした。", "ja"),
    ("Thanks!", "en"),
    ("Danke", "de"),
    ("muito bom", "pt"),
    ("Dziękuję", "pl"),
    ("ありがとう", "ja"),
    ("@shop_help https://example.com/danke Thank you", "en"),
])  # fmt: skip
def test_tells_the_language(text: str, code: str) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    "text", ["", "OK", "no", "12345", "😀😀", "@shop_help", "https://example.com/hello-there", "PS4", "A1-B2", "xqzt"]
)
def test_leaves_open_what_cannot_be_told(text: str) -> None:
    assert language(text) is None


@given(st.text(max_size=60))
def test_any_text_has_one_language_or_none(text: str) -> None:
    code = language(text)
    assert code is None or (len(code) == 2 and code.islower())


@real
def test_reviews_in_portuguese_are_never_taken_for_another_language() -> None:
    with (REAL / "olist" / "olist_order_reviews_dataset.csv").open(encoding="utf-8") as file:
        texts = [row["review_comment_message"] for row in csv.DictReader(file) if row["review_comment_message"].strip()]
    found = [language(text) for text in texts[:1500]]
    assert sum(code not in ("pt", None) for code in found) <= 0.01 * len(found)
    assert found.count("pt") > 0.9 * len(found)


@real
def test_support_tweets_in_english_are_never_taken_for_another_language() -> None:
    lines = (REAL / "support_tweets" / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
    found = [language(message["text"]) for line in lines[:300] for message in json.loads(line)["messages"]]
    assert sum(code not in ("en", None) for code in found) <= 0.01 * len(found)  # a few are in German
    assert found.count("en") > 0.9 * len(found)
