"""The outbox: how a notice stands, who may try it when, and what is left to do."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cx_metrics.analyses.notice_outbox import (
    CUT_OFF,
    FAILED,
    GIVEN_UP,
    SENDING,
    SENT,
    TESTED,
    WAITING,
    WITHDRAWN,
    Notice,
    Patience,
    Try,
    claim,
    finish,
    newest,
    outbox,
    sentence,
    unfinished,
)
from cx_metrics.analyses.notice_sending import NO_ANSWER
from cx_metrics.analyses.notice_words import Draft
from cx_metrics.analyses.notice_writing import write
from cx_metrics.ledger import Ledger
from tests.analyses.notice_service import DAY, HOUR, NOW
from tests.conftest import Server

MINUTE, SECOND = datetime.timedelta(minutes=1), datetime.timedelta(seconds=1)
USUAL = Patience()


@pytest.fixture(params=["file", "server"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger: a file, and a server's."""
    if request.param == "file":
        yield Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
        return
    server: Server = request.getfixturevalue("server")
    url = server.new_url()
    yield Ledger(url)
    server.drop(url)


def written(ledger: Ledger, count: int = 1) -> list[int]:
    """Numbers of notices that were just written."""
    write(ledger, [Draft("new", f"intervention {i}", "all", f"title {i}", "body") for i in range(count)])
    return [notice.number for notice in unfinished(ledger.read)]


def noticed(*tries: Try) -> Notice:
    """A notice with these tries."""
    return Notice(17, NOW, "new", "intervention 1", "all", "t", "b", tries)


def failed(number: int, at: datetime.datetime = NOW, reason: str = "full") -> Try:
    """A try that took a second and failed."""
    return Try(number, at, at + SECOND, FAILED, reason)


def test_how_a_notice_stands() -> None:
    cases = [
        (noticed(), WAITING, "", NOW),
        (noticed(Try(1, NOW)), SENDING, "", None),
        (noticed(Try(1, NOW - 3 * MINUTE)), FAILED, CUT_OFF, NOW - MINUTE),
        (noticed(failed(1)), FAILED, "full", NOW + MINUTE + SECOND),
        (noticed(failed(1), failed(2)), FAILED, "full", NOW + 5 * MINUTE + SECOND),
        (noticed(*(failed(i) for i in (1, 2, 3))), FAILED, "full", NOW + 30 * MINUTE + SECOND),
        (noticed(*(failed(i) for i in range(1, 6))), FAILED, "full", NOW + 12 * HOUR + SECOND),
        (noticed(*(failed(i) for i in range(1, 8))), FAILED, "full", NOW + DAY + SECOND),
        (noticed(*(failed(i) for i in range(1, 9))), GIVEN_UP, "full", None),
        (noticed(*(failed(i) for i in range(1, 8)), Try(8, NOW - HOUR)), GIVEN_UP, CUT_OFF, None),
        (noticed(Try(1, NOW, NOW, SENT), failed(2)), SENT, "", None),  # one cut off, whose end came late
        (noticed(Try(1, NOW, NOW, TESTED)), TESTED, "", None),
        (noticed(Try(1, NOW, NOW, TESTED), failed(2)), FAILED, "full", NOW + 5 * MINUTE + SECOND),
        (noticed(Try(1, NOW, NOW, WITHDRAWN, "no")), WITHDRAWN, "no", None),
    ]  # fmt: skip
    for notice, state, reason, next_at in cases:
        found = notice.standing(NOW, USUAL)
        assert (found.state, found.reason, found.next_at) == (state, reason, next_at), notice.tries
    assert [noticed(one).may_have_arrived for one in (failed(1), failed(1, reason=NO_ANSWER), Try(1, NOW))] == [
        False, True, True,
    ]  # fmt: skip


def test_a_try_is_noted_before_and_blocks_others_until_its_lease_is_over(ledger: Ledger) -> None:
    (number,) = written(ledger)
    soon = newest(ledger)[0].at + SECOND
    notice, key = claim(ledger, number, lambda: soon, USUAL) or pytest.fail("not due")
    assert notice.tries == ()
    for later in (0 * SECOND, 119 * SECOND):
        assert claim(ledger, number, lambda later=later: soon + later, USUAL, forced=True) is None
    again, second = claim(ledger, number, lambda: soon + 120 * SECOND, USUAL) or pytest.fail("cut off")
    assert [one.number for one in again.tries] == [1] and again.may_have_arrived and second != key
    finish(ledger, notice, key, SENT, "", soon + 130 * SECOND)  # the first one was slow, not dead
    assert unfinished(ledger.read) == [] and claim(ledger, number, lambda: soon + DAY, USUAL, forced=True) is None


def test_what_failed_waits_and_can_be_forced(ledger: Ledger) -> None:
    (number,) = written(ledger)
    soon = newest(ledger)[0].at + SECOND
    notice, key = claim(ledger, number, lambda: soon, USUAL) or pytest.fail("not due")
    finish(ledger, notice, key, FAILED, "full", soon)
    assert claim(ledger, number, lambda: soon + 59 * SECOND, USUAL) is None
    notice, key = claim(ledger, number, lambda: soon + SECOND, USUAL, forced=True) or pytest.fail("forced")
    finish(ledger, notice, key, TESTED, "", soon)
    assert unfinished(ledger.read) == []
    notice, key = claim(ledger, number, lambda: soon, USUAL, forced=True) or pytest.fail("forced")
    finish(ledger, notice, key, FAILED, "full", soon)
    assert [one.number for one in unfinished(ledger.read)[0].tries] == [1, 2, 3]
    assert list(ledger.history(3)["detail"]) == ["try 3 failed: full", "try 2 tested", "try 1 failed: full"]


def test_one_of_many_gets_it(ledger: Ledger) -> None:
    numbers = written(ledger, 4)
    soon, got = newest(ledger)[0].at + SECOND, []
    threads = [threading.Thread(target=lambda: got.extend(filter(None, (claim(ledger, number, lambda: soon, USUAL)
               for number in numbers)))) for _ in range(4)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(notice.number for notice, _ in got) == numbers


def test_the_table_and_its_sentence(ledger: Ledger) -> None:
    first, second = written(ledger, 2)
    soon = newest(ledger)[0].at + SECOND
    notice, key = claim(ledger, first, lambda: soon, USUAL) or pytest.fail("not due")
    finish(ledger, notice, key, FAILED, "full", soon)
    rows = outbox(ledger, frozenset({"all"}), soon, USUAL)
    assert list(rows["number"]) == [second, first] and list(rows["state"]) == [WAITING, FAILED]
    assert list(rows["tries"]) == [0, 1] and list(rows["reason"]) == ["", "full"]
    assert rows["next try"].tolist()[1] == soon.replace(microsecond=0) + MINUTE
    assert sentence(rows) == "Of the newest 2 notices, 1 waiting and 1 failed."
    gone = outbox(ledger, frozenset(), soon, USUAL)
    assert set(gone["reason"]) == {"the settings name no such recipient"} and gone["next try"].isna().all()


def test_an_empty_outbox() -> None:
    rows = outbox(Ledger("sqlite://"), frozenset(), NOW, USUAL)
    assert rows.empty and sentence(rows) == "Nobody was told anything yet."
