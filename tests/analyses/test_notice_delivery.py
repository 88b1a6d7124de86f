"""Delivering: test mode, crashes at each point, recipients that are down, and nothing of customers unless allowed."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from cx_metrics.analyses import notice_attempts as module
from cx_metrics.analyses.notice_attempts import USUAL, attempt, deliver, message, try_out
from cx_metrics.analyses.notice_delivery import Ticked, tick
from cx_metrics.analyses.notice_outbox import FAILED, NO_ANSWER, SENT, TESTED, WITHDRAWN, Notice, Try, newest
from cx_metrics.analyses.notice_words import Draft
from cx_metrics.analyses.notice_writing import write, write_news
from cx_metrics.analyses.recognition import Nomination, consent, nominate
from cx_metrics.analyses.reply_texts import Reply
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.model import customers, interactions, messages
from cx_metrics.notice_settings import KINDS, NoticeError, NoticeSettings, Recipient
from cx_metrics.warehouse import Warehouse, WarehouseError
from tests.analyses.notice_service import DAY, HOUR, NOW, SECRET, opened, telling, webhook
from tests.conftest import Embedded
from tests.pages.opened import small_company

LATER = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + HOUR
PLAIN_WORDS = "A trial from CX Metrics"


@pytest.fixture(scope="module")
def warehouse(embedded: Embedded) -> Warehouse:
    """A warehouse that knows one customer."""
    return embedded.warehouse({"customers": [{"customer_id": "C-77", "name": "Ada <Example>"}]})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A new ledger."""
    return Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def delivered(
    warehouse: Warehouse, ledger: Ledger, told: NoticeSettings, now: datetime.datetime = LATER
) -> Counter[str]:
    """How the tries ended that were due."""
    ends: Counter[str] = Counter()
    deliver(warehouse, ledger, told, lambda: now, USUAL, ends)
    return ends


def two(ledger: Ledger, *recipients: str) -> None:
    """Two notices for each recipient."""
    write(
        ledger, [Draft("new", f"intervention {i}", name, f"title {i}", "body") for i in (1, 2) for name in recipients]
    )


def test_what_is_due_is_sent_once(warehouse: Warehouse, ledger: Ledger) -> None:
    two(ledger, "all")
    with webhook() as hook:
        told = telling("new", url=hook.address)
        assert delivered(warehouse, ledger, told) == {SENT: 2}
        assert delivered(warehouse, ledger, told) == {}
    assert [heard["id"] for heard in hook.heard] == ["1-1", "2-1"]
    assert hook.heard[0]["title"] == "title 1 (1-1)"
    assert hook.heard[0]["message"] == "body\nCX Metrics, notice 1 (1-1)"


def test_a_recipient_who_is_down_keeps_nobody_else_waiting(warehouse: Warehouse, ledger: Ledger) -> None:
    two(ledger, "down", "up")
    with webhook(500) as down, webhook() as up:
        both = [Recipient("down", down.address, ("new",)), Recipient("up", up.address, ("new",))]
        told = NoticeSettings(tuple(both))
        assert delivered(warehouse, ledger, told) == {FAILED: 1, SENT: 2}
        assert len(down.heard) == 1 and len(up.heard) == 2
        assert delivered(warehouse, ledger, told, LATER + datetime.timedelta(seconds=30)) == {
            FAILED: 1
        }  # the other one
        assert delivered(warehouse, ledger, told, LATER + datetime.timedelta(seconds=61)) == {FAILED: 1}
    assert [heard["id"] for heard in down.heard] == ["1-1", "3-1", "1-2"]
    assert "arrived already" not in down.heard[2]["message"]


@pytest.mark.parametrize("sent", [False, True])
def test_a_crash_before_and_after_it_left(
    sent: bool, warehouse: Warehouse, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(ledger, [Draft("new", "intervention 1", "all", "title", "body")])
    with webhook() as hook:
        told = telling("new", url=hook.address)
        with monkeypatch.context() as patch:

            def crash(*given: object) -> None:
                raise KeyboardInterrupt

            patch.setattr(module, "finish" if sent else "send", crash)
            with pytest.raises(KeyboardInterrupt):
                delivered(warehouse, ledger, told)
        assert delivered(warehouse, ledger, told, LATER + datetime.timedelta(seconds=119)) == {}
        assert delivered(warehouse, ledger, told, LATER + datetime.timedelta(seconds=120)) == {SENT: 1}
    assert [heard["id"] for heard in hook.heard] == ["1-1"] * sent + ["1-2"]
    assert "This may have arrived already, as 1-1." in hook.heard[-1]["message"]
    assert newest(ledger)[0].standing(LATER, USUAL).state == SENT


def test_what_leaves_says_that_it_may_be_a_repeat() -> None:
    tries = (Try(1, NOW, NOW, FAILED, NO_ANSWER), Try(2, NOW, NOW, FAILED, "full"))
    found = message(Notice(17, NOW, "new", "intervention 1", "all", "title", "body", tries), "more")
    assert (found.identity, found.notice, found.title) == ("17-3", 17, "title (17-3)")
    assert found.body.splitlines() == [
        "body", "more", "This may have arrived already, as 17-1, 17-2.", "CX Metrics, notice 17 (17-3)",
    ]  # fmt: skip


def test_in_test_mode_nothing_leaves(warehouse: Warehouse, ledger: Ledger) -> None:
    two(ledger, "all")
    with webhook() as hook:
        assert delivered(warehouse, ledger, telling("new", url=hook.address, test=True)) == {TESTED: 2}
        assert hook.heard == []
        assert attempt(warehouse, ledger, telling("new", url=hook.address), 1, forced=True) == (SENT, "")
    assert [heard["id"] for heard in hook.heard] == ["1-2"]


def test_what_cannot_be_addressed(warehouse: Warehouse, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CX_HOOK", raising=False)
    two(ledger, "all")
    assert delivered(warehouse, ledger, telling("new", url="env:CX_HOOK")) == {FAILED: 1}
    assert "CX_HOOK, which is to hold an address" in newest(ledger)[1].tries[0].reason
    assert delivered(warehouse, ledger, telling("new", name="somebody else")) == {}
    assert attempt(warehouse, ledger, telling("new", url=f"odd://{SECRET}"), 2, lambda: LATER) == (
        FAILED, "the address is of a form that Apprise does not know",
    )  # fmt: skip


def praised(ledger: Ledger) -> int:
    """A nomination whose agent agreed."""
    reply = Reply("m1", "i1", "I am so sorry", (("customer", "my kettle broke"),), {}, {}, "A-1", "Stores")
    number = nominate(ledger, Nomination("Bob", "Käthe", "Stores", "a broken kettle"), reply)
    consent(ledger, number, True, "Bob")
    return number


def test_names_and_words_leave_only_where_allowed_and_are_never_kept(warehouse: Warehouse, ledger: Ledger) -> None:
    opened(ledger, "C-77", at=LATER - HOUR, due_at=LATER - HOUR / 2)
    praised(ledger)
    for number, (allowed, name) in enumerate(((True, "open"), (False, "shut"))):
        with webhook() as hook:
            told = telling("new", "overdue", "recognition", url=hook.address, name=name, personal=allowed)
            assert write_news(warehouse, ledger, told, LATER) == 3
            assert delivered(warehouse, ledger, told, LATER + number * DAY) == {SENT: 3}
        said = "\n".join(heard["message"] for heard in hook.heard)
        assert ("1: Ada ‹Example› (C-77)" in said) is ("The customer: my kettle broke" in said) is allowed
        assert ("C-77" in said or "kettle" in said) is allowed
    kept = "\n".join(one.title + one.body + one.about for one in newest(ledger))
    assert "C-77" not in kept and "Ada" not in kept and "kettle" not in kept


def test_a_consent_that_is_taken_back_keeps_the_notice_here(warehouse: Warehouse, ledger: Ledger) -> None:
    number = praised(ledger)
    with webhook() as hook:
        told = telling("recognition", url=hook.address)
        assert write_news(warehouse, ledger, told, LATER) == 1
        consent(ledger, number, False, "Bob")
        assert delivered(warehouse, ledger, told) == {WITHDRAWN: 1}
    assert hook.heard == [] and newest(ledger)[0].standing(LATER, USUAL).reason == "the consent was taken back"


def test_a_trial(warehouse: Warehouse, ledger: Ledger) -> None:
    with webhook(200, 500) as hook:
        told = telling(url=hook.address)
        assert try_out(warehouse, ledger, told, "all", "Ann @here") == (SENT, "")
        assert try_out(warehouse, ledger, told, "all", "Ann") == (
            FAILED,
            "the recipient's service answered with error 500",
        )
    assert hook.heard[0]["title"].startswith(PLAIN_WORDS) and "Ann @\u2060here sends this" in hook.heard[0]["message"]
    with pytest.raises(NoticeError, match="names no recipient"):
        try_out(warehouse, ledger, told, "nobody", "Ann")


def gone_warehouse(*_: object) -> None:
    """What a warehouse does that cannot be read."""
    raise WarehouseError("the warehouse is gone")


def test_a_tick_writes_delivers_and_raises_nothing(
    warehouse: Warehouse, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tick(warehouse, ledger, NoticeSettings(), LATER) == Ticked()
    opened(ledger, "C-77", at=LATER - HOUR, due_at=LATER + HOUR)
    with webhook(500, 200) as hook:
        told = telling("new", url=hook.address)
        assert tick(warehouse, ledger, told, LATER) == Ticked(written=1, failed=1)
        assert tick(warehouse, ledger, told, LATER) == Ticked()
        assert tick(warehouse, ledger, told, LATER + DAY) == Ticked(sent=1)
    opened(ledger, "C-77", at=LATER - HOUR, due_at=LATER + HOUR)
    with monkeypatch.context() as patch:
        patch.setattr(warehouse, "read", gone_warehouse)
        done = tick(warehouse, ledger, telling("new"), LATER)
    assert (
        done == Ticked(problem="the warehouse is gone") and done.sentence == "0 notices written; the warehouse is gone"
    )

    def gone(*_: object) -> None:
        raise LedgerError("the ledger is gone")

    monkeypatch.setattr("cx_metrics.analyses.notice_delivery.deliver", gone)
    assert tick(warehouse, ledger, told, LATER + DAY) == Ticked(written=1, problem="the ledger is gone")


def test_no_notice_of_any_kind_holds_anything_of_the_sample_companys_customers(ledger: Ledger) -> None:
    company = Warehouse(small_company())
    rows = company.read(sa.select(customers.c.customer_id, customers.c.name, customers.c.email, customers.c.phone))
    texts = company.read(sa.select(messages.c.text, messages.c.message_id, messages.c.interaction_id))
    for key in rows["customer_id"][:30]:
        opened(ledger, key, at=LATER - HOUR, due_at=LATER - HOUR / 2)
    said = texts.iloc[0]
    reply = Reply(
        said["message_id"], said["interaction_id"], said["text"], (("customer", said["text"]),), {}, {}, "", ""
    )
    number = nominate(ledger, Nomination("Bob", "Käthe", "Stores", f"{rows['name'][0]} was upset"), reply)
    consent(ledger, number, True, "Bob")
    with webhook() as hook:
        told = telling(*KINDS, url=hook.address, link="https://cx.example.org")
        done = tick(company, ledger, told, LATER)
        assert done == Ticked(written=5, sent=5)
        try_out(company, ledger, told, "all", "Ann")
    assert {one.kind for one in newest(ledger)} == {*KINDS, "trial"}
    everything = "\n".join(heard["title"] + "\n" + heard["message"] for heard in hook.heard)
    everything += "\n".join(one.about + one.title + one.body for one in newest(ledger))
    contacts = company.read(sa.select(interactions.c.interaction_id))["interaction_id"]
    forbidden = {*rows.to_numpy().ravel(), *contacts, *texts["message_id"], *(text[:40] for text in texts["text"])}
    assert len(forbidden) > 1_000
    assert not [text for text in forbidden if isinstance(text, str) and len(text) > 3 and text in everything]
    assert "30 new interventions wait for a person" in everything and "Recognitions of" in everything
