"""One message, one request, one identity; why it failed is told without a word of the address."""

from __future__ import annotations

import logging

import pytest

from cx_metrics.analyses.notice_sending import NO_ANSWER, NOT_READ, Message, check, send
from cx_metrics.notice_settings import NoticeError
from tests.analyses.notice_service import SECRET, webhook

MESSAGE = Message("17-2", 17, "2 new interventions (17-2)", "first\nsecond")


def test_a_webhook_gets_text_identity_and_number() -> None:
    with webhook() as hook:
        assert send(hook.address, MESSAGE) == ""
    (heard,) = hook.heard
    assert (heard["title"], heard["message"], heard["id"], heard["notice"]) == (
        MESSAGE.title, MESSAGE.body, "17-2", "17",
    )  # fmt: skip


def test_what_fails_is_tried_once_and_says_why_without_the_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="apprise")
    with webhook(500, 307, 0) as hook:
        reasons = [send(hook.address, MESSAGE) for _ in range(3)]
    assert reasons == [
        "the recipient's service answered with error 500", "the recipient's service answered with error 307", NO_ANSWER,
    ]  # fmt: skip
    assert len(hook.heard) == 3 and set(hook.paths) == {"/in"}  # no retry of Apprise's own, no redirect followed
    assert send(hook.address, MESSAGE) == NO_ANSWER  # nobody listens any more
    assert SECRET not in caplog.text and "127.0.0.1" not in caplog.text


def test_an_address_that_cannot_be_read() -> None:
    for address in (f"odd://{SECRET}", "json://", f"https://example.org/{SECRET}"):
        assert send(address, MESSAGE) == NOT_READ
        with pytest.raises(NoticeError, match="Apprise does not know"):
            check(address)
    check(f"slack://T1JJ3T3L2/A1BRTD4JD/TI{SECRET}ajkdnlazkcOXrIdev/#praise".replace(SECRET, "iiii"))


def test_a_service_that_breaks_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("apprise.Apprise.notify", broken)
    assert send("json://127.0.0.1/", MESSAGE) == "the recipient's service did not take it"
