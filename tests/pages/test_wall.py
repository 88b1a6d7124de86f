"""The wall: nothing is shown without consent, which can be taken back; exports hold no customer's key."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.recognition import Nomination, consent, nominate, wall
from cx_metrics.analyses.reply_texts import Reply
from cx_metrics.ledger import Ledger, LedgerError
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, filled, opened, plain, shown, well

GIVEN = Nomination("Bob", "Käthe", "Stores", "defect · use")


def reply(key: str = "m1", text: str = "I am sorry, [name]") -> Reply:
    """A reply as it is read, with its texts masked."""
    return Reply(key, "i1", text, (("agent", "hello"), ("customer", "it broke")), {}, {}, "A-1", "Stores")


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """A warehouse with a contact, as the page shows nothing where there are no data."""
    return filled(embedded, {"interactions": [{"interaction_id": "i1", "occurred_at": "2026-01-01"}]})


def said(test: AppTest, label: str) -> AppTest:
    """The page after a form of consent was sent for its first nomination."""
    next(box for box in test.selectbox if box.key == f"{label} which").select_index(0)
    return well(next(button for button in test.button if button.label == label).click().run())


def test_shown_with_consent_only(kept: Ledger) -> None:
    nominate(kept, GIVEN, reply())
    test = opened("wall")
    assert "0 replies are on the wall; 1 waits for the agent's consent." in shown(test)
    assert "it broke" not in shown(test)
    test = said(test, "The agent agrees to be shown")
    text = shown(test)
    assert "1 reply is on the wall; 0 wait" in text and "The customer: it broke" in text
    assert "Käthe, Stores, " in text and "nominated by Bob" in text and "i1" not in test.code[0].value
    assert len(test.get("download_button")) == 2
    test = said(test, "Take the consent back")
    assert "0 replies are on the wall; 0 wait" in shown(test) and "it broke" not in shown(test)
    test = said(test, "The agent agrees to be shown")
    assert "1 reply is on the wall" in shown(test)


def test_an_agent_may_say_no(kept: Ledger) -> None:
    nominate(kept, GIVEN, reply())
    test = said(opened("wall"), "The agent does not agree")
    assert "0 replies are on the wall; 0 wait" in shown(test)
    shown_rows, waiting = wall(kept)
    assert shown_rows.empty and waiting["answered"].tolist() == [True]


def test_a_choice_is_needed(kept: Ledger) -> None:
    nominate(kept, GIVEN, reply())
    test = opened("wall")
    test = next(button for button in test.button if button.label == "The agent does not agree").click().run()
    assert plain(test.error[0].value) == "choose a nomination"


def test_what_cannot_be_kept_is_one_sentence(kept: Ledger) -> None:
    nominate(kept, GIVEN, reply())
    for given, of, wrong in (
        (GIVEN, reply(), "nominated already"), (Nomination(" ", "a", "t", "s"), reply("m2"), "who nominates"),
        (Nomination("Bob", "", "t", "s"), reply("m2"), "whose reply"),
        (Nomination("Bob", "a", "t", "x" * 121), reply("m2"), "the situation"),
    ):  # fmt: skip
        with pytest.raises(LedgerError, match=wrong):
            nominate(kept, given, of)
    with pytest.raises(LedgerError, match="no nomination"):
        consent(kept, 9, True, "Bob")
    with pytest.raises(LedgerError, match="who records"):
        consent(kept, 1, True, " ")
    nominate(kept, Nomination("Bob", "a", "", "s"), reply("m2", "Order N-67826 of 3 May, 12 lines"))  # without a team
    rows = wall(kept)[1]
    assert rows["message_id"].tolist() == ["m2", "m1"] and rows["reply"].iloc[0] == "Order [number] of 3 May, 12 lines"


def test_hostile_texts_stay_texts(kept: Ledger) -> None:
    for number, name in enumerate(HOSTILE):
        consent(kept, nominate(kept, Nomination(name, name, name, name), reply(f"m{number}", name)), True, name)
    test = opened("wall")
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert not [name for name in HOSTILE if name in written] and HOSTILE[4] in plain(written)
