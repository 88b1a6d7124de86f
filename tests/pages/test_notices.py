"""The Notices page: who is told, what arrived and what did not, and the buttons; no address is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.notice_outbox import newest
from cx_metrics.analyses.notice_words import Draft
from cx_metrics.analyses.notice_writing import write
from cx_metrics.ledger import Ledger
from tests.analyses.notice_service import SECRET, webhook
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, filled, opened, plain, shown, well


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """A warehouse with a contact."""
    return filled(embedded, {"interactions": [{"interaction_id": "i1", "occurred_at": "2026-01-01"}]})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder."""
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    return tmp_path


def settings(folder: Path, address: str, more: str = "") -> None:
    """One recipient of new interventions."""
    text = f'{more}\n[[recipients]]\nname = "care"\nurl = "{address}"\nkinds = ["new"]\nteams = ["Care"]\n'
    (folder / "notices.toml").write_text(text, encoding="utf-8")


def pressed(test: AppTest, label: str) -> AppTest:
    return well(next(button for button in test.button if button.label == label).click().run())


def test_without_settings_it_says_how(kept: Ledger, folder: Path) -> None:
    test = opened("notices")
    assert "Nobody was told anything yet." in shown(test) and "Nobody is told anything: there is no" in shown(test)
    assert "[[recipients]]" in test.code[0].value and not test.button


def test_a_trial_a_failure_and_another_try(kept: Ledger, folder: Path) -> None:
    write(kept, [Draft("new", "intervention 1", "care", "1 new intervention waits", "why")])
    with webhook(200, 500, 200) as hook:
        settings(folder, hook.address)
        test = opened("notices")
        table = test.dataframe[0].value
        assert table.to_dict("records") == [
            {"name": "care", "service": "json", "told of": "new", "teams": "Care", "problem": ""}
        ]
        test = pressed(test, "Send a trial")
        assert "The trial to care: sent." in shown(test)
        test = pressed(test, "Deliver what is due")
        assert "0 notices written, 1 failed." in shown(test) and "1 did not arrive yet" in test.warning[0].value
        outbox = test.dataframe[1].value
        assert outbox["state"].tolist() == ["sent", "failed"]
        assert outbox["reason"].tolist() == ["", "the recipient's service answered with error 500"]
        test = next(box for box in test.selectbox if box.key == "notice").set_value(1).run()
        assert "1 new intervention waits\n\nwhy" in test.code[0].value
        test = pressed(test, "Try again")
        assert "Notice 1: sent." in shown(test) and test.dataframe[1].value["state"].tolist() == ["sent", "sent"]
        everything = shown(test) + "".join(frame.value.to_string() for frame in test.dataframe)
        assert SECRET not in everything and str(hook.server.server_port) not in everything
    assert [heard["id"] for heard in hook.heard] == ["2-1", "1-1", "1-2"]


def test_test_mode_is_seen(kept: Ledger, folder: Path) -> None:
    settings(folder, "json://127.0.0.1:9/", "test = true")
    test = pressed(opened("notices"), "Send a trial")
    assert "Test mode: nothing leaves this machine" in shown(test).replace("**", "")
    assert test.dataframe[1].value["state"].tolist() == ["tested"]


def test_settings_that_cannot_be_used(kept: Ledger, folder: Path) -> None:
    settings(folder, SECRET)
    test = opened_with_error()
    assert "recipient 1: url is an address" in plain(test.error[0].value) and SECRET not in plain(test.error[0].value)
    settings(folder, "env:CX_NOT_THERE")
    assert "CX_NOT_THERE" in opened("notices").dataframe[0].value["problem"][0]


def opened_with_error() -> AppTest:
    """The page, which tells an error."""
    test = AppTest.from_file(
        str(Path(__file__).resolve().parents[2] / "pages" / "notices.py"), default_timeout=60
    ).run()
    assert not test.exception
    return test


def test_hostile_texts_stay_texts(kept: Ledger, folder: Path) -> None:
    settings(folder, "json://127.0.0.1:9/", "test = true")
    write(kept, [Draft("new", f"intervention {i}", "care", text, text) for i, text in enumerate(HOSTILE)])
    test = opened("notices")
    test = well(next(box for box in test.selectbox if box.key == "notice").set_value(1).run())
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert not [text for text in HOSTILE if text in written] and len(newest(kept)) == len(HOSTILE)
