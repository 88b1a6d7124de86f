"""The week in a notice: which figures, with n and interval, and how the queue stands."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from cx_metrics.analyses import notice_summaries as module
from cx_metrics.analyses.intervention_steps import OUTCOMES, claim, finish, snooze
from cx_metrics.analyses.notice_summaries import figures, month_in, summaries, weekly
from cx_metrics.ledger import Ledger
from cx_metrics.notice_settings import NoticeSettings
from cx_metrics.warehouse import Warehouse
from tests.analyses.notice_service import DAY, HOUR, opened
from tests.conftest import Embedded

MONDAY = datetime.datetime(2026, 11, 9)  # of week 46


@pytest.fixture(scope="module")
def warehouse(embedded: Embedded) -> Warehouse:
    """Satisfaction fell from 90 to 40 of 100 in the newest week; the contacts are as many as before."""
    answers = [
        {"answer_id": f"{week} {i}", "customer_id": f"c{i}", "answered_at": f"2026-06-{day} 10:00",
         "instrument": "csat", "score": 5 if i < happy else 1, "scale_min": 1, "scale_max": 5, "respondent": "customer"}
        for week, day, happy in (("old", "12", 90), ("before", "19", 90), ("now", "26", 40)) for i in range(100)
    ]  # fmt: skip
    return embedded.warehouse({"survey_answers": answers})


def test_the_figures_of_the_last_seven_days_of_the_data(warehouse: Warehouse) -> None:
    head, *lines = figures(warehouse)
    assert head.startswith("In the last seven days of the data, to 26 Jun 2026, 1 of ")
    (csat,) = lines
    # Wilson: 40 of 100 is 30.9 to 49.8 %, 90 of 100 is 82.6 to 94.5 %; the difference by Newcombe's method 10
    assert csat == (
        "Customer satisfaction (CSAT): 40.0 % (95 %: 30.9 to 49.8 %), n = 100; down 50.0 points (37.7 to 60.1)"
    )


def test_the_queue_of_the_week(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "figures", lambda _: ["figures"])
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    now = MONDAY + 8 * DAY
    told = weekly(warehouse, ledger, "week 2026-W46", "https://cx.example.org", now)
    assert told[0] == "The week of 9 Nov 2026" and "No intervention was opened yet." in told[1]
    for at, due in (
        (MONDAY - HOUR, now + DAY),
        (MONDAY, now + DAY),
        (MONDAY + HOUR, now - HOUR),
        (MONDAY + 7 * DAY, now),
    ):
        opened(ledger, "c1", at=at, due_at=due)
    claim(ledger, 1, 0, "Ann", MONDAY + DAY)
    finish(ledger, 1, 1, "Ann", OUTCOMES[0], "", MONDAY + DAY)
    snooze(ledger, 2, 0, "Ann", (now + 9 * DAY).date(), "later", now)
    body = weekly(warehouse, ledger, "week 2026-W46", "https://cx.example.org", now)[1].splitlines()
    assert body[-4:] == [
        "Interventions: 2 opened in the week, 1 done (1 reached and solved).",
        "Now 2 wait, 1 are overdue, 1 are snoozed.",
        "https://cx.example.org/overview", "https://cx.example.org/recoveries",
    ]  # fmt: skip


def test_without_data(embedded: Embedded) -> None:
    empty = Warehouse(embedded.empty_url())
    assert figures(empty) == ["There are no data yet."]
    both = summaries(empty, Ledger("sqlite://"), NoticeSettings(), MONDAY)
    assert both["weekly"]("week 2026-W46")[1].startswith("There are no data yet.")
    assert both["digest"]("month 2026-10")[1].startswith("October 2026: 0 replies came to the wall, 0 initiatives are")
    assert month_in("month 2026-10") == datetime.date(2026, 10, 1)
