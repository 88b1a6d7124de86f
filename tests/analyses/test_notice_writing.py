"""What is to be told: each thing to each recipient once, in batches, whoever else writes at the same time."""

from __future__ import annotations

import datetime
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.analyses.intervention_steps import OUTCOMES, claim, finish
from cx_metrics.analyses.notice_outbox import newest
from cx_metrics.analyses.notice_words import about_due, about_numbers, defused, due_in, numbers_in
from cx_metrics.analyses.notice_writing import about_summary, on_the_wall, write_news, write_summaries
from cx_metrics.analyses.recognition import Nomination, consent, nominate
from cx_metrics.analyses.reply_texts import Reply
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import consents
from cx_metrics.notice_settings import NoticeSettings
from cx_metrics.warehouse import Warehouse
from tests.analyses.notice_service import DAY, HOUR, NOW, opened, telling
from tests.conftest import Embedded, Server

PEOPLE = [f"c{i}" for i in range(1, 81)]


@pytest.fixture(scope="module")
def warehouse(embedded: Embedded) -> Warehouse:
    """A warehouse that knows some customers, one of them by a contact alone."""
    contact = {"interaction_id": "i1", "customer_id": "lonely", "occurred_at": "2026-11-01"}
    return embedded.warehouse({"customers": [{"customer_id": key} for key in PEOPLE], "interactions": [contact]})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A new ledger."""
    return Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def told(ledger: Ledger) -> list[tuple[str, str, str]]:
    """kind, about, recipient of every notice, oldest first."""
    return [(one.kind, one.about, one.recipient) for one in reversed(newest(ledger))]


def test_new_ones_come_in_batches_each_once(warehouse: Warehouse, ledger: Ledger) -> None:
    both = NoticeSettings((*telling("new", teams=("Care",), name="care").recipients, *telling("new").recipients),
                          link="https://cx.example.org")  # fmt: skip
    for customer, team in (("c1", "Care"), ("c2", "Stores"), ("lonely", ""), ("gone", "Care"), ("c3", "Care")):
        opened(ledger, customer, team)
    assert write_news(warehouse, ledger, both, NOW) == 2
    assert told(ledger) == [("new", "interventions 1, 3, 5", "care"), ("new", "interventions 1-3, 5", "all")]
    notice = newest(ledger)[0]
    assert notice.title == "4 new interventions wait for a person"
    assert "2: no call, Stores, due 18 Nov 2026 13:00 UTC\n" in notice.body
    assert notice.body.endswith("\nhttps://cx.example.org/interventions")
    assert write_news(warehouse, ledger, both, NOW) == 0
    opened(ledger, "c4", "Stores")
    opened(ledger, "c5", "Stores", at=NOW - 31 * DAY)  # no news any more
    assert write_news(warehouse, ledger, both, NOW) == 1
    assert told(ledger)[2:] == [("new", "intervention 6", "all")]


def test_many_are_split_and_ten_are_named(warehouse: Warehouse, ledger: Ledger) -> None:
    for customer in PEOPLE[:70]:
        opened(ledger, customer)
    assert write_news(warehouse, ledger, telling("new"), NOW) == 2
    first, second = reversed(newest(ledger))
    assert numbers_in(first.about) | numbers_in(second.about) == set(range(1, 71))
    assert first.title.startswith("60 new") and first.body.endswith("\nand 50 more")
    assert second.body.count("due ") == 10


def test_what_is_done_is_not_told(warehouse: Warehouse, ledger: Ledger) -> None:
    number = opened(ledger, "c1", due_at=NOW - HOUR)
    claim(ledger, number, 0, "Ann", NOW)
    finish(ledger, number, 1, "Ann", OUTCOMES[0], "", NOW)
    assert write_news(warehouse, ledger, telling("new", "overdue"), NOW) == 0


def test_overdue_is_told_once_for_each_due_time(warehouse: Warehouse, ledger: Ledger) -> None:
    late, soon = opened(ledger, "c1", due_at=NOW - HOUR), opened(ledger, "c2")
    opened(ledger, "c3", due_at=NOW - 31 * DAY)
    claim(ledger, late, 0, "Ann <!channel>", NOW - 2 * HOUR)
    everybody = telling("overdue")
    assert write_news(warehouse, ledger, everybody, NOW) == 1
    notice = newest(ledger)[0]
    assert notice.about == f"overdue {late} (due 2026-11-18 11:00:00)" and notice.title == "1 intervention is overdue"
    assert "was due 18 Nov 2026 11:00 UTC, Ann ‹!channel› has it" in notice.body
    assert write_news(warehouse, ledger, everybody, NOW + HOUR) == 0
    assert write_news(warehouse, ledger, everybody, NOW + 2 * HOUR) == 1
    assert numbers_in(newest(ledger)[0].about) == {soon}


def praised(ledger: Ledger, key: str = "m1") -> int:
    """A nomination without the agent's word."""
    reply = Reply(key, "i1", "I am sorry", (("customer", "it broke"),), {}, {}, "A-1", "Stores")
    return nominate(ledger, Nomination("Bob", "Käthe", "Stores", "a broken kettle"), reply)


def test_a_recognition_is_told_after_consent(warehouse: Warehouse, ledger: Ledger) -> None:
    everybody, now = telling("recognition"), datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + HOUR
    first, second = praised(ledger), praised(ledger, "m2")
    consent(ledger, second, True, "Bob")
    consent(ledger, second, False, "Bob")
    assert write_news(warehouse, ledger, everybody, now) == 0
    consent(ledger, first, True, "Bob")
    assert write_news(warehouse, ledger, everybody, now) == 1 and write_news(warehouse, ledger, everybody, now) == 0
    notice = newest(ledger)[0]
    assert (notice.about, notice.title) == (f"nomination {first}", "Well done, Käthe (Stores)")
    assert "Bob nominated a reply by Käthe" in notice.body
    assert "broke" not in notice.body and "kettle" not in notice.body and "sorry" not in notice.body


def test_the_wall_between_two_times(ledger: Ledger) -> None:
    for key, at in (("m1", NOW - DAY), ("m2", NOW), ("m3", NOW + DAY)):
        row = {"who": "Bob", "nomination_id": praised(ledger, key), "given": 1, "at": at}
        ledger.append(consents, row, "consent", "", "")
    assert list(on_the_wall(ledger.read, NOW - HOUR, NOW + HOUR)["message_id"]) == ["m2"]
    assert list(on_the_wall(ledger.read, NOW - HOUR)["message_id"]) == ["m2", "m3"]


def test_summaries_are_told_once_a_week_and_a_month(ledger: Ledger) -> None:
    asked: list[str] = []

    def summary(about: str) -> tuple[str, str]:
        asked.append(about)
        return "title", "body"

    both = {"weekly": summary, "digest": summary}
    settings = telling("weekly", "digest")
    assert write_summaries(ledger, settings, both, NOW) == 2
    assert write_summaries(ledger, settings, both, datetime.datetime(2026, 11, 22, 23, 59)) == 0
    assert write_summaries(ledger, settings, both, datetime.datetime(2026, 11, 23)) == 1
    assert asked == ["week 2026-W46", "month 2026-10", "week 2026-W47"]
    assert write_summaries(ledger, telling("new"), {}, NOW) == 0


@pytest.mark.parametrize(
    ("now", "week", "month"),
    [
        (datetime.datetime(2027, 1, 4), "week 2026-W53", "month 2026-12"),
        (datetime.datetime(2027, 1, 3, 23), "week 2026-W52", "month 2026-12"),
        (datetime.datetime(2026, 3, 1), "week 2026-W08", "month 2026-02"),
    ],
)
def test_the_last_whole_week_and_month(now: datetime.datetime, week: str, month: str) -> None:
    assert (about_summary("weekly", now), about_summary("digest", now)) == (week, month)


@pytest.mark.parametrize("place", ["file", "server"])
def test_processes_that_write_at_once_tell_nothing_twice(
    place: str, warehouse: Warehouse, ledger: Ledger, request: pytest.FixtureRequest
) -> None:
    server: Server | None = request.getfixturevalue("server") if place == "server" else None
    url = server.new_url() if server else ""
    kept, later = Ledger(url) if server else ledger, datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + HOUR
    for customer in PEOPLE[:8]:
        opened(kept, customer, at=later - HOUR, due_at=later - HOUR / 2)
    consent(kept, praised(kept), True, "Bob")
    everybody = telling("new", "overdue", "recognition")
    threads = [threading.Thread(target=write_news, args=(warehouse, kept, everybody, later)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(kind for kind, _, _ in told(kept)) == ["new", "overdue", "recognition"]
    if server:
        server.drop(url)


@given(st.sets(st.integers(1, 400), min_size=1, max_size=60))
def test_numbers_are_found_again(numbers: set[int]) -> None:
    about = about_numbers(numbers)
    assert numbers_in(about) == numbers and about.startswith("intervention" + "s" * (len(numbers) > 1) + " ")
    times = {(number, NOW + number * HOUR) for number in numbers}
    assert numbers_in(about_due(times)) == numbers and len(about_due(times)) < 2_600  # a key of a server's index
    assert due_in(about_due(times)) == {(number, f"{at:%Y-%m-%d %H:%M:%S}") for number, at in times}


def test_texts_that_chat_programs_would_act_on() -> None:
    assert defused(" <!channel>\n@everyone ") == "‹!channel› @\u2060everyone"
