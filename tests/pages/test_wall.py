"""The wall: nothing is shown without consent, which can be taken back; exports hold no customer's key."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.celebrated import TEAMS
from cx_metrics.analyses.notice_outbox import newest
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


def test_the_wall_has_initiatives_teams_and_the_digest(
    kept: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    test = opened("wall")
    assert "No initiative is shown to work yet." in shown(test) and "No team stands out clearly yet." in shown(test)
    text = '[[recipients]]\nname = "all"\nurl = "json://127.0.0.1:9/"\nkinds = ["digest"]\n'
    (tmp_path / "notices.toml").write_text("test = true\n" + text)
    test = well(next(button for button in test.button if button.label == "Send it as a notice").click().run())
    assert "0 replies came to the wall, 0 initiatives are shown to work" in shown(test)
    assert "1 notices written; " in shown(test) and "1 tested" in shown(test)
    assert len(test.get("download_button")) == 1
    test = well(next(button for button in test.button if button.label == "Send it as a notice").click().run())
    assert "Nothing to send: told already." in shown(test)
    assert [one.kind for one in newest(kept)] == ["digest"]


def test_what_is_celebrated_is_text(kept: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    text, day = "".join(HOSTILE), datetime.date(2026, 1, 1)
    begun = pd.DataFrame(
        [{"number": 1, "name": text, "owner": text, "start": day, "said": text, "n": 9.0, "marking": text}]
    )
    team = pd.DataFrame([{**dict.fromkeys(TEAMS, text), "n": 5}])
    monkeypatch.setattr("pages._celebrated.working", lambda *_: begun)
    monkeypatch.setattr("pages._celebrated.solved", lambda *_: team)
    test = opened("wall")
    written = " ".join(found.value for found in (*test.markdown, *test.caption))
    assert not [name for name in HOSTILE if name in written] and plain(written).count("alert(1)") >= 5
