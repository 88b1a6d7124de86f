"""The rules for empathy: what each grade asks for, in several languages, and where they are known to fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

from cx_metrics.judges.empathy import KINDS, RULES, empathy, read_rules
from cx_metrics.judges.phrases import spans
from sample_data import phrases
from tests.judges.agreement import MEASURES, agreement, labels

FILLED = {
    "name": "Anna", "agent": "Tom", "item": "oven", "order": "N-12345", "day": "Monday", "n": 3, "reason": "delivery",
    "it": "that your oven came two days late",
}  # fmt: skip


def grades(text: str, language: str = "en") -> tuple[int, ...]:
    """Cognitive, emotional, compassionate."""
    found = empathy(text, language)
    assert found is not None
    return tuple(found[kind][0] for kind in KINDS)


ENGLISH = [
    # cognitive
    ("So the app closes as soon as you sign in, is that right?", (2, 0, 0)),
    ("It sounds like your parcel went to the old address.", (2, 0, 0)),
    ("I see that you have been charged twice.", (2, 0, 0)),
    ("Is this happening on every device?", (1, 0, 0)),
    ("Have you tried another browser: <link> Let us know.", (1, 0, 0)),
    ("Please provide your order number.", (0, 0, 0)),
    ("Can you send us a DM with your account number?", (0, 0, 0)),
    ("Is there anything else I can help with?", (0, 0, 0)),
    # emotional
    ("We know how frustrating it is to lose a saved game.", (0, 2, 0)),
    ("I am sorry that your parcel came broken.", (0, 2, 0)),
    ("You have every right to be upset.", (0, 2, 0)),
    ("Sorry for the inconvenience.", (0, 1, 0)),
    ("We're sorry to hear that, Anna!", (0, 1, 0)),
    ("We are sorry to hear you're having trouble.", (0, 1, 0)),
    ("That's not the experience we want you to have.", (0, 1, 0)),
    ("Thanks for reaching out!", (0, 0, 0)),
    ("Good to hear from you.", (0, 0, 0)),
    ("Sorry, that is not possible.", (0, 0, 0)),
    # compassionate
    ("I’ve refunded the fee.", (0, 0, 2)),
    ("I'll check tomorrow and write to you.", (0, 0, 2)),
    ("We have raised this with the carrier for you.", (0, 0, 2)),
    ("I have gone ahead and sent a loan phone.", (0, 0, 2)),
    ("Send us your number and we'll look into it.", (0, 0, 1)),
    ("Please open a ticket so we can investigate.", (0, 0, 1)),
    ("If the issue persists, let us know.", (0, 0, 1)),
    ("Our team is working on it.", (0, 0, 1)),
    ("We're checking this.", (0, 0, 1)),
    ("I have checked.", (0, 0, 0)),
    ("Please try these steps: <link> Hope this helps.", (0, 0, 0)),
    ("", (0, 0, 0)),
    ("👍🙏", (0, 0, 0)),
]


@pytest.mark.parametrize(("text", "expected"), ENGLISH)
def test_english(text: str, expected: tuple[int, ...]) -> None:
    assert grades(text) == expected


@pytest.mark.parametrize(("language", "text", "expected"), [
    ("de", "Es tut uns sehr leid, dass Ihr Paket beschädigt angekommen ist.", (0, 2, 0)),
    ("de", "Wir entschuldigen uns für die Unannehmlichkeiten.", (0, 1, 0)),
    ("de", "Ich kann Ihren Ärger verstehen.", (0, 2, 0)),
    ("de", "Ich habe Ihnen den Betrag erstattet.", (0, 0, 2)),
    ("de", "Wenn Sie uns Ihre Bestellnummer schicken, werden wir das prüfen.", (0, 0, 1)),
    ("de", "Wenn ich Sie richtig verstehe, geht der Ofen seit Montag nicht an.", (2, 0, 0)),
    ("de", "Vielen Dank für Ihre Nachricht. Bitte nennen Sie uns Ihre Kundennummer.", (0, 0, 0)),
    ("nl", "Het spijt ons dat uw pakket beschadigd is aangekomen. Ik heb het bedrag teruggestort.", (0, 2, 2)),
    ("nl", "Excuses voor het ongemak.", (0, 1, 0)),
    ("fr", "Nous sommes désolés que votre colis soit arrivé cassé. Je vous rembourse.", (0, 2, 2)),
    ("fr", "Merci de nous envoyer votre numéro de commande en MP.", (0, 0, 0)),
    ("es", "Lamentamos mucho que su paquete llegara roto. Hemos reembolsado el importe.", (0, 2, 2)),
    ("es", "Disculpe las molestias. ¿Puede enviarnos su número de pedido?", (0, 1, 0)),
    ("pt", "Lamentamos que o seu pedido tenha chegado quebrado. Já encaminhamos ao setor.", (0, 2, 2)),
    ("pt", "Pedimos desculpas pelo transtorno.", (0, 1, 0)),
    ("it", "Ci dispiace che il pacco sia arrivato rotto. Abbiamo rimborsato la spesa.", (0, 2, 2)),
    ("it", "Ci scusiamo per il disagio.", (0, 1, 0)),
    ("pl", "Przykro nam, że paczka dotarła uszkodzona. Zgłosiłem to kurierowi.", (0, 2, 2)),
    ("pl", "Przepraszamy za niedogodności.", (0, 1, 0)),
])  # fmt: skip
def test_other_languages(language: str, text: str, expected: tuple[int, ...]) -> None:
    assert grades(text, language) == expected


@pytest.mark.parametrize("text", [
    "No need to apologise.", "We won't apologise for that.", "I'm not sorry.", "We will not refund your fee.",
    "I have not refunded it.", "We can't help you with that.", "They were passed on to the depot.",
    "I don't understand that you.",
])  # fmt: skip
def test_negation(text: str) -> None:
    assert grades(text) == (0, 0, 0)


def test_a_language_without_rules_is_not_judged() -> None:
    assert empathy("ご不便をおかけして申し訳ございません。", "ja") is None
    assert empathy("sorry", None) is None


def test_evidence_is_the_words_of_the_highest_grade() -> None:
    found = empathy("Oh no! I am sorry that your parcel came broken. I've refunded it.", "en")
    assert found == {
        "cognitive": (0, ()),
        "emotional": (2, ("sorry that your parcel came broken",)),
        "compassionate": (2, ("I've refunded",)),
    }


@pytest.mark.parametrize(("sentences", "at"), [
    (phrases.SITUATION, 0), (phrases.FEELING, 1), (phrases.STAYING, 2),
])  # fmt: skip
def test_the_sample_companys_empathic_sentences_are_strong(sentences: tuple[str, ...], at: int) -> None:
    assert [grades(text.format(**FILLED))[at] for text in sentences] == [2] * len(sentences)


def test_the_sample_companys_plain_sentences_are_not_strong() -> None:
    plain = phrases.FACT + phrases.CLOSING + phrases.OPENING + phrases.TEMPLATES + phrases.LOYALTY_TEMPLATES
    assert {text for text in plain if 2 in grades(text.format(**FILLED))} == set()


@pytest.mark.parametrize(("text", "judged"), [
    ("Well done, you broke it. I am so sorry that your magic wand failed.", (0, 2, 0)),  # sarcasm
    ("Sorry not sorry, but your parcel came broken, I can imagine that it was your own fault.", (0, 2, 0)),  # mockery
    ("Our motto: we know how frustrating queues are. Buy a pass.", (0, 2, 0)),  # boilerplate that speaks of feelings
    ("We've updated our app with new filters.", (0, 0, 2)),  # an act, but for nobody in particular
    ("The fee is back on your card.", (0, 0, 0)),  # an act without its doer
])  # fmt: skip
def test_known_failures(text: str, judged: tuple[int, ...]) -> None:
    """What the rules get wrong; listed so that a change is noticed."""
    assert grades(text) == judged


def test_a_companys_own_rules_are_added(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[en]\nemotional_weak = ["crikey"]\n[sv]\nemotional_weak = ["beklagar"]\n', encoding="utf-8")
    rules = read_rules(own)
    assert (empathy("Crikey.", "en") or {})["emotional"][0] == 0
    assert (empathy("Crikey.", "en", rules) or {})["emotional"] == (1, ("Crikey",))
    assert (empathy("Vi beklagar.", "sv", rules) or {})["emotional"] == (1, ("beklagar",))
    own.write_text('[en]\nanger = ["grr"]\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"own\.toml.*anger"):
        read_rules(own)


def test_every_language_has_rules_for_every_kind() -> None:
    assert RULES.languages == {"en", "de", "nl", "fr", "es", "pt", "it", "pl"}
    text = "sorry"
    assert "emotional_weak" in spans(RULES, text, "en")


@given(st.text(max_size=300), st.sampled_from(sorted(RULES.languages)))
def test_never_raises_and_quotes_what_is_there(text: str, language: str) -> None:
    for grade, words in (empathy(text, language) or {}).values():
        assert grade in (0, 1, 2) and bool(grade) == bool(words)
        assert all(word in " ".join(text.split()) for word in words)


# --- agreement with labels -------------------------------------------------------------------------------------------


def test_measures_are_those_of_a_reference_library() -> None:
    rng = np.random.default_rng(3)
    labelled = rng.integers(0, 3, 200)
    judged = np.where(rng.random(200) < 0.7, labelled, rng.integers(0, 3, 200))
    found = agreement("emotional", labelled.tolist(), judged.tolist()).measures
    expected = (
        accuracy_score(labelled, judged), f1_score(labelled, judged, average="macro"), f1_score(labelled > 0, judged > 0),
        cohen_kappa_score(labelled, judged, weights="linear"), cohen_kappa_score(labelled, judged),
    )  # fmt: skip
    assert [found[name][0] for name in MEASURES] == pytest.approx(expected)
    assert all(low < value < high for value, low, high in found.values())


def test_halves_have_no_conversation_in_common() -> None:
    file = Path(__file__).with_name("labels") / "replies.csv"
    develop, report = labels(file, "develop"), labels(file, "report")
    assert (len(develop), len(report)) == (150, 150)
    assert not {conversation for conversation, _ in develop} & {conversation for conversation, _ in report}
