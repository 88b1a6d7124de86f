"""Cues in customers' words, in eight languages, and what must not be taken for one."""

from pathlib import Path

import pytest

from cx_metrics.judges.cues import cue_phrases, cues
from cx_metrics.texts import CUES

SHOWN = [
    ("frustration", "en", "this is so frustrating"), ("frustration", "en", "Still no answer"),
    ("frustration", "de", "Ich bin total genervt"), ("frustration", "nl", "Dit is belachelijk"),
    ("frustration", "fr", "J'en ai assez"), ("frustration", "es", "Sigo esperando"),
    ("frustration", "pt", "Que descaso com o cliente"), ("frustration", "it", "Sono stufo"),
    ("frustration", "pl", "Mam dość"),
    ("confusion", "en", "I don't understand this"), ("confusion", "de", "Ich verstehe das nicht"),
    ("confusion", "nl", "Ik snap het niet"), ("confusion", "fr", "Je ne comprends pas"),
    ("confusion", "es", "no entiendo"), ("confusion", "pt", "não entendi"), ("confusion", "it", "Non capisco"),
    ("confusion", "pl", "Nie rozumiem"),
    ("urgency", "en", "I need it ASAP"), ("urgency", "de", "Es ist dringend"), ("urgency", "nl", "graag zo snel mogelijk"),
    ("urgency", "fr", "C'est urgent"), ("urgency", "es", "lo antes posible"), ("urgency", "pt", "o quanto antes"),
    ("urgency", "it", "il prima possibile"), ("urgency", "pl", "Proszę jak najszybciej"),
    ("gratitude", "en", "Thanks, that worked"), ("gratitude", "de", "Vielen Dank"), ("gratitude", "nl", "Bedankt!"),
    ("gratitude", "fr", "Merci beaucoup"), ("gratitude", "es", "Muchas gracias"), ("gratitude", "pt", "muito obrigada!"),
    ("gratitude", "it", "Grazie mille"), ("gratitude", "pl", "Dziękuję bardzo"),
    ("leaving", "en", "I want to cancel my subscription"), ("leaving", "en", "We are switching to another provider"),
    ("leaving", "de", "Ich werde kündigen"), ("leaving", "nl", "Ik wil mijn abonnement opzeggen"),
    ("leaving", "fr", "je souhaite résilier mon contrat"), ("leaving", "es", "quiero darme de baja"),
    ("leaving", "pt", "quero cancelar minha conta"), ("leaving", "it", "vorrei disdire il contratto"),
    ("leaving", "pl", "rezygnuję z usługi"),
    ("repeated_information", "en", "as I already told your colleague"),
    ("repeated_information", "en", "How many times do I have to say it"),
    ("repeated_information", "de", "Das habe ich schon Ihrem Kollegen gesagt"),
    ("repeated_information", "nl", "Zoals ik al schreef"), ("repeated_information", "fr", "pour la troisième fois"),
    ("repeated_information", "es", "Ya les dije"), ("repeated_information", "pt", "já expliquei tudo"),
    ("repeated_information", "it", "come ho già scritto"), ("repeated_information", "pl", "Jak już mówiłem"),
]  # fmt: skip
NOT_SHOWN = [
    ("gratitude", "en", "Thanks for nothing"), ("gratitude", "en", "No thanks"), ("gratitude", "en", "No, thank you"),
    ("gratitude", "en", "I would appreciate an answer"), ("gratitude", "de", "Danke für nichts"),
    ("gratitude", "de", "Nein danke"), ("gratitude", "nl", "nee bedankt"), ("gratitude", "fr", "non merci"),
    ("gratitude", "es", "gracias por nada"), ("gratitude", "pt", "sou obrigado a pagar"),
    ("gratitude", "it", "no grazie"), ("gratitude", "pl", "dziękuję za nic"),
    ("leaving", "en", "I don't want to leave"), ("leaving", "en", "I do not want to cancel my subscription"),
    ("leaving", "en", "My train leaves at nine"), ("leaving", "de", "Ich will nicht kündigen"),
    ("leaving", "nl", "ik wil niet opzeggen"), ("leaving", "fr", "je ne veux pas résilier"),
    ("leaving", "es", "no quiero cancelar mi cuenta"), ("leaving", "pt", "não quero cancelar minha conta"),
    ("leaving", "it", "non voglio disdire"), ("leaving", "pl", "nie chcę zrezygnować"),
    ("urgency", "en", "It is not urgent"), ("urgency", "de", "Es ist nicht dringend"),
    ("frustration", "en", "I'm not frustrated at all"), ("confusion", "en", "How do I change my seat?"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "language", "text"), SHOWN)
def test_a_cue_is_seen_with_its_words(name: str, language: str, text: str) -> None:
    found = cues(text, language)
    assert found is not None
    assert found[name]
    assert all(words in text for words in found[name])


@pytest.mark.parametrize(("name", "language", "text"), NOT_SHOWN)
def test_what_looks_like_a_cue_is_none(name: str, language: str, text: str) -> None:
    assert name not in (cues(text, language) or {})


def test_every_language_has_every_cue_that_contacts_store() -> None:
    lists = cue_phrases()
    assert set(lists.names) == set(CUES)
    assert lists.languages == {"en", "de", "nl", "fr", "es", "pt", "it", "pl"}
    assert {language for _, language, _ in SHOWN} == lists.languages
    assert {(name, language) for name, language, _ in SHOWN} == {
        (name, code) for name in CUES for code in lists.languages
    }


def test_a_language_without_a_list_is_not_judged() -> None:
    assert cues("Tack så mycket", "sv") is None
    assert cues("Thanks", None) is None
    assert cues("Where is my parcel?", "en") == {}


def test_a_company_adds_its_own(tmp_path: Path) -> None:
    own = tmp_path / "cues.toml"
    own.write_text('[sv]\ngratitude = ["tack"]\n', encoding="utf-8")
    assert cues("Tack så mycket", "sv", cue_phrases(own)) == {"gratitude": ("Tack",)}


@pytest.mark.parametrize(("name", "text"), [
    ("gratitude", "I am so thankful for yet another evening in your queue"),
    ("leaving", "I never said that anybody here would want to cancel my subscription"),
])  # fmt: skip
def test_known_to_be_mistaken(name: str, text: str) -> None:
    """Irony and a negation far off are not seen: said in the module, and no more than that."""
    assert name in (cues(text, "en") or {})
