"""The new part of a message: mails in HTML, quoted history, signatures, stray signs, messages of any size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.judges.plain import LONGEST, plain


@pytest.mark.parametrize(("text", "new"), [
    ("Hello", "Hello"),
    ("", ""),
    (" \n\t ", ""),
    ("a\r\nb\r\n\r\n\r\n\r\nc   d", "a\nb\n\nc d"),
    ("see <link> &amp; call &lt;me&gt;\x00\ud800 ok", "see <link> & call <me> ok"),
    ("مرحبا 👋🏽 كيف", "مرحبا 👋🏽 كيف"),
    ("family 👨‍👩‍👧", "family 👨‍👩‍👧"),
    ("3 < 5 and a > b", "3 < 5 and a > b"),
    # quotations
    ("> only quoted\n> twice", ""),
    ("> one quoted line", ""),
    ("It is broken >:( \n>:( really", "It is broken >:(\n>:( really"),
    ("It fails.\n\nOn Mon, 3 Mar 2025 at 10:00, Jo Doe <jo@example.com> wrote:\n> Hi\n> try this", "It fails."),
    ("It fails.\n\nOn Mon, 3 Mar 2025 at 10:00, Jo Doe\n<jo@example.com> wrote:\n\nHi, try this", "It fails."),
    ("On Mon, 3 Mar 2025, Jo <jo@example.com> wrote:\n> try this\n\nI did that already.", "I did that already."),
    ("> Did you restart it?\nYes.\n> And reset it?\nTwice.", "Yes.\nTwice."),
    ("Still broken\n\n-----Original Message-----\nFrom: Support <s@example.com>\nHello", "Still broken"),
    ("Noch kaputt!\n\nVon: Hilfe <h@example.de>\nGesendet: Montag\nAn: ich\nBetreff: AW: x\n\nLiebe Kundin", "Noch kaputt!"),
    ("Hallo\n\nAm 03.03.2025 um 10:00 schrieb Support:\n> Guten Tag", "Hallo"),
    ("Ça marche pas\n\nLe lun. 3 mars 2025 à 10:00, Aide <a@example.fr> a écrit :\n\n> Bonjour", "Ça marche pas"),
    ("Sigue igual\n\nEl lun, 3 mar 2025 a las 10:00, Ayuda (<a@example.es>) escribió:\n\n> Hola", "Sigue igual"),
    ("Não veio\n\nEm seg., 3 de mar. de 2025 às 10:00, Loja <l@example.br> escreveu:\n\nOlá", "Não veio"),
    ("Nog stuk\n\nOp ma 3 mrt 2025 om 10:00 schreef Hulp <h@example.nl>:\n\n> Hoi", "Nog stuk"),
    ("Non va\n\nIl giorno lun 3 mar 2025 alle ore 10:00 Aiuto <a@example.it> ha scritto:\n\n> Ciao", "Non va"),
    ("My mother wrote:\nthe lamp is broken", "My mother wrote:\nthe lamp is broken"),
    ("From: Berlin\nTo: Munich\nDate: 3 May\nI want to book", "From: Berlin\nTo: Munich\nDate: 3 May\nI want to book"),
    # signatures
    ("Still broken\nSent from my iPhone", "Still broken"),
    ("Where is it?\n- first\n- second\nThanks, but no\n\nBest regards\nJo\n+49 1", "Where is it?\n- first\n- second\nThanks, but no"),
    ("Wo bleibt es?\n\nMit freundlichen Grüßen\nEva", "Wo bleibt es?"),
    ("It fails\n-- \nJo Doe\nExample Ltd", "It fails"),
    ("Best regards", "Best regards"),
    ("Sent from my iPhone", "Sent from my iPhone"),
    # mark-up
    ("<p>Hello &amp; bye</p><p>Jo</p>", "Hello & bye\n\nJo"),
    ("<html><head><style>p{color:red}</style></head><body>It<br>fails</body></html>", "It\nfails"),
    ("<div>angry <b>now<p>open <script>alert(1)</script><td>x", "angry now\nopen\n\nx"),
    ("<div>New</div><div class='gmail_quote'>On x Jo wrote:<blockquote>old</blockquote></div>", "New"),
    ("<div>New</div><div id='divRplyFwdMsg'>From: x</div><div>old</div>", "New"),
    ("<blockquote>old</blockquote>", ""),
    ("<pre>one\ntwo</pre>", "one\ntwo"),
    ("<p>one\ntwo</p>", "one two"),
    ("<!-- hidden --><p>shown</p>", "shown"),
    ("<style>p{} never closed <p>x</p>", ""),
])  # fmt: skip
def test_keeps_what_was_written_anew(text: str, new: str) -> None:
    assert plain(text) == new


@pytest.mark.parametrize("text", [
    "a" * 10_000_000, "<div>" * 2_000_000, "On x wrote:\n" * 800_000, "> " * 5_000_000, "From: a@b\n" * 1_000_000,
    "<style>" * 1_400_000, "<p>x</p>" * 1_200_000, "On a\nwrote:\n" * 800_000, "&amp;" * 2_000_000, "\n" * 10_000_000,
], ids=lambda text: repr(text[:10]))  # fmt: skip
def test_ten_megabytes_do_no_harm(text: str) -> None:
    assert len(plain(text)) <= LONGEST


@given(st.text(max_size=200))
def test_any_text_becomes_text_that_can_be_stored(text: str) -> None:
    new = plain(text)
    new.encode("utf-8")
    assert new == new.strip()
    assert not any(ord(sign) < 32 and sign != "\n" for sign in new)


@given(st.text(alphabet=st.sampled_from("<>/div p='\"&;!-style\n"), max_size=120))
def test_broken_mark_up_does_no_harm(text: str) -> None:
    assert isinstance(plain(f"<p>{text}"), str)


@given(st.text(alphabet="abc äß😀?!", min_size=1, max_size=80).filter(str.strip))
def test_a_message_without_a_quotation_stays(text: str) -> None:
    assert plain(text) == " ".join(text.split())
