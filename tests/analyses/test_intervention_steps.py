"""What people do in the queue: refused in one sentence, or kept exactly once, whoever else acts or is killed."""

from __future__ import annotations

import concurrent.futures
import datetime
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from cx_metrics.analyses.intervention_queue import Asked, one, queue, steps_of
from cx_metrics.analyses.intervention_steps import (
    OUTCOMES,
    claim,
    claim_first,
    finish,
    hand_over,
    note,
    release,
    reopen,
    snooze,
)
from cx_metrics.ledger import Ledger, LedgerError
from tests.analyses import queue_workers
from tests.analyses.queue_company import DAY, NOW, all_steps, opened
from tests.analyses.queue_workers import DIES, NAMES, NOTES
from tests.conftest import Server

WAITING = 26
Refused = list[tuple[Callable[[], object], str]]  # an act, and what is said of it
LATER = NOW + datetime.timedelta(minutes=1)


@pytest.fixture(params=["file", "server"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a new ledger: a file, and a server's."""
    if request.param == "file":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    server: Server = request.getfixturevalue("server")
    found = server.new_url()
    yield found
    server.drop(found)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger with two interventions that nobody has, and one that Ann has."""
    kept = Ledger(f"sqlite:///{tmp_path / 'kept.db'}")
    opened(kept, {}, {}, {})
    claim(kept, 3, 0, "Ann", NOW)
    return kept


# --- one at a time ---------------------------------------------------------------------------------------------------


def test_every_step_is_kept_with_how_it_stands_afterwards_and_in_the_audit(ledger: Ledger) -> None:
    assert claim(ledger, 1, 0, " Bob  B ", NOW) == 1
    assert note(ledger, 1, 1, "Ann", "rang\ntwice", NOW) == 2
    assert hand_over(ledger, 1, 2, "Bob B", "South", now=NOW) == 3
    assert claim(ledger, 1, 3, "Zoë", NOW) == 4
    assert snooze(ledger, 1, 4, "zoë", datetime.date(2026, 5, 5), "away", NOW) == 5
    assert release(ledger, 1, 5, "Zoë", "ill", NOW) == 6
    assert finish(ledger, 1, 6, "Ann", OUTCOMES[0], "glad", NOW) == 7
    assert reopen(ledger, 1, 7, "Ann", "again", NOW) == 8
    steps = [tuple(step[name] for name in ("number", "action", "who", "words", "status", "assignee", "team", "outcome"))
             for step in all_steps(ledger)[1:]]  # fmt: skip
    assert steps == [
        (1, "claim", "Bob B", "", "claimed", "Bob B", "North", ""),
        (2, "note", "Ann", "rang twice", "claimed", "Bob B", "North", ""),
        (3, "hand over", "Bob B", "", "open", "", "South", ""),
        (4, "claim", "Zoë", "", "claimed", "Zoë", "South", ""),
        (5, "snooze", "zoë", "away", "snoozed", "Zoë", "South", ""),
        (6, "release", "Zoë", "ill", "open", "", "South", ""),
        (7, "outcome", "Ann", "glad", "done", "Ann", "South", "reached and solved"),
        (8, "reopen", "Ann", "again", "open", "", "South", ""),
    ]
    due = [step["due_at"] for step in all_steps(ledger)[1:]]
    assert due == [NOW + DAY] * 4 + [datetime.datetime(2026, 5, 6)] * 3 + [NOW + DAY]
    audit = ledger.history()
    assert audit["action"].tolist() == [f"intervention {step[1]}" for step in reversed(steps)] + ["intervention claim"]
    assert audit["detail"].iloc[1] == "step 7, done, with Ann, South, reached and solved, due 6 May 2026"
    assert audit["who"].iloc[1] == "Ann" and audit["subject"].iloc[1] == "intervention 1"


def test_who_was_slower_is_told_and_nothing_is_written(ledger: Ledger) -> None:
    claim(ledger, 1, 0, "Ann", NOW)
    late: list[Callable[[], int]] = [
        lambda: claim(ledger, 1, 0, "Bob", LATER), lambda: finish(ledger, 1, 0, "Bob", OUTCOMES[0], now=LATER),
        lambda: hand_over(ledger, 1, 0, "Bob", "South", now=LATER), lambda: claim(ledger, 1, 0, "Ann", LATER),
        lambda: snooze(ledger, 1, 0, "Bob", datetime.date(2026, 5, 9), now=LATER),
        lambda: release(ledger, 1, 0, "Ann", now=LATER), lambda: reopen(ledger, 1, 0, "Bob", "why", LATER),
    ]  # fmt: skip
    for act in late:
        with pytest.raises(LedgerError, match=r"^Ann claimed it a minute ago; look at it now and try again$"):
            act()
    assert note(ledger, 1, 0, "Bob", "I rang", LATER) == 2  # a note is never lost
    row = one(ledger, 1, LATER) or {}
    assert (row["number"], row["status"], row["assignee"]) == (2, "claimed", "Ann") and len(all_steps(ledger)) == 3


def test_what_somebody_has_is_theirs_until_it_is_taken_over_with_a_reason(ledger: Ledger) -> None:
    cases: Refused = [
        (lambda: claim(ledger, 3, 1, "Bob", NOW), "Ann has it; hand it over or let it be released first"),
        (lambda: claim(ledger, 3, 1, "ANN", NOW), "you have it already"),
        (lambda: release(ledger, 3, 1, "Bob", now=NOW), "Ann has it; only they can give it back"),
        (lambda: release(ledger, 1, 0, "Bob", now=NOW), "nobody has it"),
        (lambda: finish(ledger, 3, 1, "Bob", OUTCOMES[1], now=NOW), "Ann has it; let them hand it over"),
        (lambda: snooze(ledger, 3, 1, "Bob", datetime.date(2026, 5, 9), now=NOW), "Ann has it"),
        (lambda: hand_over(ledger, 3, 1, "Bob", "", "Bob", " ", NOW), "say in words why"),
        (lambda: hand_over(ledger, 3, 1, "Ann", now=NOW), "say to which team or to whom"),
        (lambda: hand_over(ledger, 3, 1, "Ann", "North", "Ann", now=NOW), "it is there already"),
        (lambda: reopen(ledger, 3, 1, "Ann", "why", NOW), "it is not done"),
    ]  # fmt: skip
    for act, wrong in cases:
        with pytest.raises(LedgerError, match=wrong):
            act()
    assert hand_over(ledger, 3, 1, "Bob", "", "Bob", "Ann is ill", NOW) == 2
    row = one(ledger, 3, NOW) or {}
    assert (row["status"], row["assignee"], row["team"]) == ("claimed", "Bob", "North")
    finish(ledger, 3, 2, "Bob", OUTCOMES[2], now=NOW)
    done: Refused = [
        (lambda: claim(ledger, 3, 3, "Ann", NOW), ""), (lambda: hand_over(ledger, 3, 3, "Ann", "South", now=NOW), ""),
    ]  # fmt: skip
    for again, _ in done:
        with pytest.raises(LedgerError, match="it is done; open it again first"):
            again()
    assert len(all_steps(ledger)) == 3


def test_who_snoozed_their_own_may_claim_it_before_that_day(ledger: Ledger) -> None:
    snooze(ledger, 3, 1, "Ann", datetime.date(2026, 5, 9), now=NOW)
    claim(ledger, 3, 2, "Ann", NOW)
    assert (one(ledger, 3, NOW) or {})["status"] == "claimed"


def test_what_cannot_be_kept_is_one_sentence(ledger: Ledger) -> None:
    long, day = "x" * 1_001, datetime.date(2026, 5, 9)
    cases: Refused = [
        (lambda: claim(ledger, 1, 0, " ", NOW), "^say who you are$"),
        (lambda: claim(ledger, 1, 0, "x" * 121, NOW), "^your name has 121 characters; 120 is the most$"),
        (lambda: claim(ledger, 9, 0, "Ann", NOW), "^there is no intervention with the number 9$"),
        (lambda: note(ledger, 1, 0, "Ann", " \n", NOW), "^write something first$"),
        (lambda: note(ledger, 1, 0, "Ann", long, NOW), "^the words have 1001 characters; 1,000 is the most$"),
        (lambda: finish(ledger, 1, 0, "Ann", "won", now=NOW), "^'won' is no outcome; there are: reached and solved; "),
        (lambda: finish(ledger, 1, 0, "Ann", "", now=NOW), "^say how it ended: reached and solved; "),
        (lambda: finish(ledger, 1, 0, "Ann", OUTCOMES[0], long, NOW), "the words have"),
        (lambda: snooze(ledger, 1, 0, "Ann", NOW.date(), now=NOW), "choose a day after today, at most 90 days"),
        (lambda: snooze(ledger, 1, 0, "Ann", day + 99 * DAY, now=NOW), "choose a day after today"),
        (lambda: hand_over(ledger, 1, 0, "Ann", "x" * 121, now=NOW), "the team or the person has 121"),
        (lambda: reopen(ledger, 1, 0, "Ann", " ", NOW), "^say why it is opened again$"),
        (lambda: claim_first(ledger, [1], "", NOW), "^say who you are$"),
    ]  # fmt: skip
    for act, wrong in cases:
        with pytest.raises(LedgerError, match=wrong):
            act()
    assert len(all_steps(ledger)) == 1 and len(ledger.history()) == 1


def test_the_next_one_is_the_first_that_nobody_has(ledger: Ledger) -> None:
    assert claim_first(ledger, [3, 2, 1], "Bob", NOW) == 2 and claim_first(ledger, [3, 2, 1], "Bob", NOW) == 1
    assert claim_first(ledger, [3, 2, 1], "Bob", NOW) is None and claim_first(ledger, [], "Bob", NOW) is None


ACTS: tuple[Callable[[Ledger, int, int, str], int], ...] = (
    lambda kept, n, seen, who: claim(kept, n, seen, who, NOW),
    lambda kept, n, seen, who: release(kept, n, seen, who, now=NOW),
    lambda kept, n, seen, who: note(kept, n, seen, who, "words", NOW),
    lambda kept, n, seen, who: snooze(kept, n, seen, who, datetime.date(2026, 5, 9), now=NOW),
    lambda kept, n, seen, who: hand_over(kept, n, seen, who, "", who, "mine", NOW),
    lambda kept, n, seen, who: hand_over(kept, n, seen, who, "South", "", "theirs", NOW),
    lambda kept, n, seen, who: finish(kept, n, seen, who, OUTCOMES[0], now=NOW),
    lambda kept, n, seen, who: reopen(kept, n, seen, who, "why", NOW),
)
NOTE = 2  # place of the act that holds whatever was seen


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.lists(some.tuples(some.integers(0, 7), some.integers(0, 2), some.sampled_from(["Ann", "Bob"])), max_size=12)
)
def test_whatever_people_try_the_steps_stay_whole(ledger: Ledger, acts: list[tuple[int, int, str]]) -> None:
    """Acts by what is seen now or was up to two steps ago: numbers without holes, a state that fits its status."""
    (number,) = opened(ledger, {})
    before, written = len(ledger.history(10_000)), 0
    for which, ago, who in acts:
        row = one(ledger, number, NOW) or {}
        try:
            assert ACTS[which](ledger, number, int(row["number"]) - ago, who) == written + 1
            assert ago == 0 or which == NOTE
            written += 1
        except LedgerError:
            assert (one(ledger, number, NOW) or {}) == row
    steps = steps_of(ledger, number)
    assert steps["number"].tolist() == list(range(1, written + 1))
    assert len(ledger.history(10_000)) == before + written
    for step in steps.to_dict("records"):
        assert (step["outcome"] != "") == (step["status"] == "done")
        assert step["assignee"] if step["status"] in ("claimed", "done") else True
        assert step["status"] != "open" or not step["assignee"]


# --- many at once ----------------------------------------------------------------------------------------------------


def test_threads_that_claim_the_same_one_at_once(url: str) -> None:
    """Of eight, one gets it; the others are told who was quicker; all their notes are kept."""
    ledger = Ledger(url)
    opened(ledger, {})

    def race(worker: int) -> str:
        try:
            claim(ledger, 1, 0, f"w{worker}")
            return ""
        except LedgerError as error:
            note(ledger, 1, 0, f"w{worker}", f"I tried: {worker}")
            return str(error)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        told = list(pool.map(race, range(8)))
    winner = told.index("")
    assert told.count("") == 1 and all("look at it now and try again" in words for words in told if words)
    steps = steps_of(ledger, 1)
    assert steps["number"].tolist() == list(range(1, 9)) and set(steps["assignee"]) == {f"w{winner}"}


def at_once(url: str, folder: Path) -> list[int]:
    """Let all workers work; returns how they ended."""
    command = [sys.executable, "-m", queue_workers.__name__, url, str(folder)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return [int(code) for code in done.stdout.split()]


def test_twenty_processes_lose_and_duplicate_nothing_even_when_some_are_killed(url: str, tmp_path: Path) -> None:
    ledger = Ledger(url)
    numbers = opened(ledger, *({"at_stake": float(n)} for n in range(WAITING)))
    assert at_once(url, tmp_path) == [-signal.SIGKILL if name in DIES else 0 for name in NAMES]
    told = {(action, int(number), int(step), name) for name in NAMES
            for action, number, step in map(str.split, (tmp_path / name).read_text().splitlines())}  # fmt: skip
    steps = all_steps(ledger)
    written = {(step["action"], step["intervention_id"], step["number"], step["who"]) for step in steps}
    unsaid = written - told  # what was kept, but whose process was killed before it could say so
    assert told <= written and len(written) == len(steps) == len(ledger.history(10_000))
    assert sorted((step[0], step[3]) for step in unsaid) == sorted(
        ("note", name) for name, when in DIES.items() if when == "after"
    )
    assert "never kept" not in {step["words"] for step in steps}
    left = []
    for number in numbers:
        mine = [step for step in steps if step["intervention_id"] == number]
        assert [step["number"] for step in mine] == list(range(1, len(mine) + 1))
        (who,) = {step["who"] for step in mine}  # claimed by one, who wrote every note once
        assert {step["assignee"] for step in mine} == {who}
        whole = ["claim", *["note"] * NOTES, "outcome"]
        assert [step["action"] for step in mine] == (
            whole[: 2 if DIES[who] == "after" else 1] if who in DIES else whole
        )
        left += [(number, len(mine), who)] * (who in DIES)
    assert sorted(who for _, _, who in left) == sorted(DIES)  # each died with one in its hands; others go on with it
    for number, seen, who in left:
        finish(ledger, number, hand_over(ledger, number, seen, "Ann", "", "Ann", f"{who} is gone"), "Ann", OUTCOMES[0])
    assert queue(ledger, Asked()).empty and len(queue(ledger, Asked("done"))) == WAITING
