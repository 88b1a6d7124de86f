"""The queue: how an intervention stands is what its newest step says; what is overdue, large and fresh comes first."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from cx_metrics.analyses import intervention_list as work
from cx_metrics.analyses.intervention_queue import Asked, choices, count, evidence_of, one, ordered, queue, said_of
from cx_metrics.analyses.intervention_steps import claim, finish, hand_over, note, reopen, snooze
from cx_metrics.analyses.intervention_words import act, ago, holder, left, sentence
from cx_metrics.analyses.rule_text import Rule
from cx_metrics.analyses.rules import Rules
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import rule_versions
from tests.analyses.queue_company import DAY, HOUR, NOW, all_steps, opened
from tests.conftest import Embedded, MakeWarehouse, Server

RULE = Rule("wall", "Self-service wall", why="A call helps.", next_step="Call them")


@pytest.fixture(params=["file", "server"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger, of either kind."""
    if request.param == "file":
        yield Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
        return
    server: Server = request.getfixturevalue("server")
    url = server.new_url()
    yield Ledger(url)
    server.drop(url)


@pytest.fixture
def filed(tmp_path: Path) -> Ledger:
    """A new ledger in one file, where the kind does not matter."""
    return Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def numbers(ledger: Ledger, status: str, now: datetime.datetime = NOW, **asked: str) -> list[int]:
    """The numbers of those asked for, in their order."""
    rows = queue(ledger, Asked(status, **asked), now)  # type: ignore[arg-type]
    assert len(rows) == count(ledger, Asked(status, **asked), now)  # type: ignore[arg-type]
    return [int(number) for number in rows["intervention_id"]]


# --- how it stands ---------------------------------------------------------------------------------------------------


def test_the_newest_step_says_how_it_stands(ledger: Ledger) -> None:
    opened(ledger, {}, {}, {"due_at": NOW - HOUR}, {"rule": "promise", "team": "South"}, {})
    claim(ledger, 1, 0, "Ann", NOW)
    note(ledger, 1, 1, "Bob", "rang twice", NOW)
    finish(ledger, 2, 0, "Bob", "not reached", now=NOW)
    snooze(ledger, 4, 0, "Ann", datetime.date(2026, 5, 7), now=NOW)
    claim(ledger, 5, 0, "Zoë", NOW)
    hand_over(ledger, 5, 1, "Zoë", "South", now=NOW)
    rows = queue(ledger, Asked("all"), NOW).set_index("intervention_id").sort_index()
    shown = rows[["number", "status", "assignee", "team", "outcome", "overdue"]].to_numpy().tolist()
    assert shown == [
        [2, "claimed", "Ann", "North", "", 0], [1, "done", "Bob", "North", "not reached", 0],
        [0, "open", "", "North", "", 1], [1, "snoozed", "", "South", "", 0], [2, "open", "", "South", "", 0],
    ]  # fmt: skip
    assert numbers(ledger, "open") == [3, 1, 5] and numbers(ledger, "free") == [3, 5]
    assert numbers(ledger, "overdue") == [3] and numbers(ledger, "snoozed") == [4] and numbers(ledger, "done") == [2]
    assert numbers(ledger, "mine", assignee=" ann ") == [1] and numbers(ledger, "mine") == []
    assert numbers(ledger, "all", team="South") == [4, 5] and numbers(ledger, "all", rule="promise") == [4]
    assert numbers(ledger, "all", assignee="Bob") == [2] and sorted(numbers(ledger, "all")) == [1, 2, 3, 4, 5]
    assert choices(ledger) == {"team": ["North", "South"], "rule": ["promise", "wall"]}


def test_who_is_snoozed_comes_back_on_that_morning_and_is_due_that_day(ledger: Ledger) -> None:
    opened(ledger, {"due_at": NOW + HOUR}, {"due_at": NOW + HOUR})
    claim(ledger, 2, 0, "Ann", NOW)
    for number, seen in ((1, 0), (2, 1)):
        snooze(ledger, number, seen, "Ann", datetime.date(2026, 5, 7), now=NOW)
    morning, night = datetime.datetime(2026, 5, 7), datetime.datetime(2026, 5, 8)
    minute = datetime.timedelta(minutes=1)
    assert numbers(ledger, "snoozed", morning - minute) == [1, 2] and numbers(ledger, "overdue", morning - minute) == []
    assert numbers(ledger, "open", morning) == [1, 2] and numbers(ledger, "free", morning) == [1]
    assert numbers(ledger, "mine", morning, assignee="Ann") == [2]
    assert numbers(ledger, "overdue", night) == [] and numbers(ledger, "overdue", night + minute) == [1, 2]


def test_what_is_opened_again_has_as_much_time_as_at_first(filed: Ledger) -> None:
    opened(filed, {"at": NOW - 9 * DAY, "due_at": NOW - 8 * DAY})
    finish(filed, 1, 0, "Ann", "false alarm", now=NOW)
    reopen(filed, 1, 1, "Bob", "she wrote again", NOW)
    row = one(filed, 1, NOW) or {}
    assert (row["status"], row["assignee"], row["outcome"], row["due_at"]) == ("open", "", "", NOW + DAY)
    assert one(filed, 2, NOW) is None


# --- the order -------------------------------------------------------------------------------------------------------


def test_what_is_overdue_comes_first_then_what_is_large_and_fresh(ledger: Ledger) -> None:
    """By hand: 7 days halve. 180 of 7 days ago = 90; unknown = median of 0 (-5), 100, 110, 120, 180, 14 days old = 27.5."""
    week = 7 * DAY
    opened(
        ledger, {"at_stake": 180.0, "happened_at": NOW - week}, {"at_stake": None, "happened_at": NOW - 2 * week}, {},
        {"at_stake": 110.0, "happened_at": NOW - 3 * week, "due_at": NOW - HOUR}, {"at_stake": -5.0},
        {"at_stake": 900.0}, {"at_stake": 120.0, "happened_at": NOW - 2 * week},
    )  # fmt: skip
    finish(ledger, 6, 0, "Ann", "false alarm", now=NOW)
    rows = queue(ledger, Asked(), NOW)
    assert rows["intervention_id"].tolist() == [4, 3, 1, 7, 2, 5]
    assert rows["score"].round(9).tolist() == [13.75, 100, 90, 30, 27.5, 0]
    assert rows["assumed"].tolist() == [False, False, False, False, True, False]
    assert queue(ledger, Asked("all"), NOW)["intervention_id"].iloc[-1] == 6
    assert queue(ledger, Asked(limit=2), NOW)["intervention_id"].tolist() == [4, 3]


def test_the_order_does_not_depend_on_how_old_the_data_are(filed: Ledger) -> None:
    opened(filed, *({"at_stake": 50.0 * n, "happened_at": NOW - n * DAY} for n in range(1, 6)))
    rows = queue(filed, Asked(), NOW)
    old = ordered(rows.assign(happened_at=rows["happened_at"] - pd.Timedelta(days=3_000)))
    assert old["intervention_id"].tolist() == rows["intervention_id"].tolist()
    assert math.isclose(old["score"].max(), rows["score"].max())


def test_without_any_known_value_the_freshest_comes_first(filed: Ledger) -> None:
    opened(filed, *({"at_stake": None, "happened_at": NOW - n * DAY} for n in (3, 1, 2)))
    rows = queue(filed, Asked(), NOW)
    assert rows["intervention_id"].tolist() == [2, 3, 1] and rows["assumed"].all()
    assert queue(filed, Asked("done"), NOW).empty and count(filed, Asked("done")) == 0


# --- words -----------------------------------------------------------------------------------------------------------


def test_the_sentence_counts_customers_once_and_each_currency_for_itself(filed: Ledger) -> None:
    assert sentence(queue(filed, Asked(), NOW)) == "No customer needs a person now."
    opened(filed, {"at_stake": None})
    assert sentence(queue(filed, Asked(), NOW)) == (
        "1 customer needs a person; none is overdue; what is at stake with them is not known."
    )
    opened(
        filed, {"at_stake": 1_000.0, "due_at": NOW - DAY}, {"at_stake": 500.0, "due_at": NOW - DAY},
        {"customer_id": "c1", "at_stake": 1_500.0, "due_at": NOW - DAY}, {"currency": "USD", "at_stake": 7.0},
    )  # fmt: skip
    assert sentence(queue(filed, Asked(), NOW)) == (
        "3 customers need a person; 2 are overdue; 2,000 EUR and 7 USD a year are at stake with them "
        "(n = 3 with a known value)."
    )


def test_the_next_step_has_its_reason() -> None:
    contact = {"channel": "chat", "reason": "delivery", "mood": -0.8, "promised_at": NOW, "ended": "unresolved"}
    assert work.suggestion(RULE, {"rule": "wall", "said": ["the bot gave up.", "she wrote twice"], **contact}) == (
        "Call them. This is suggested because of: the bot gave up; she wrote twice. The contact: chat, about delivery, "
        "ended unresolved, the customer's mood at its end was negative (an estimate), a result was promised by "
        "4 May 2026."
    )
    gone = work.suggestion(None, {"rule": "old_rule", "said": [], "channel": None, "mood": float("nan")})
    assert gone == f"{work.ANY_STEP} This is suggested because the rule old_rule found this customer."


def test_times_in_words() -> None:
    minutes = [datetime.timedelta(minutes=n) for n in (0, 1, 59, 60, 150, 1_440, 3_000)]
    told = [ago(NOW - span, NOW) for span in minutes]
    assert told == ["a moment ago", "a minute ago", "59 minutes ago", "an hour ago", "2 hours ago", "a day ago",
                    "2 days ago"]  # fmt: skip
    assert left(NOW + HOUR, NOW) == "in an hour" and left(NOW - DAY, NOW) == "overdue by a day"
    assert holder("", "open", "", NOW) == "nobody yet" and holder("Ann", "claimed", "", NOW) == "Ann"
    assert holder("Ann", "snoozed", "", NOW) == "Ann, snoozed until 3 May 2026"
    assert holder("Ann", "done", "not reached", NOW) == "done by Ann: not reached"


def test_what_was_done_in_words(filed: Ledger) -> None:
    opened(filed, {})
    hand_over(filed, 1, 0, "Ann", "South", "Bob", "knows her", NOW)
    snooze(filed, 1, 1, "Bob", datetime.date(2026, 5, 7), now=NOW)
    finish(filed, 1, 2, "Bob", "not reached", "rang twice", NOW)
    assert [act(step) for step in all_steps(filed)] == [
        "04 May 2026, 12:00: Ann handed it over to Bob, South: knows her",
        "04 May 2026, 12:00: Bob snoozed it until 7 May 2026",
        "04 May 2026, 12:00: Bob finished it, not reached: rang twice",
    ]


# --- with the data ---------------------------------------------------------------------------------------------------


def test_customers_that_the_data_do_not_know_are_counted_not_shown(
    filed: Ledger, make_warehouse: MakeWarehouse
) -> None:
    warehouse = make_warehouse({
        "customers": [{"customer_id": "c1", "name": "Eva", "segment": "home"}],
        "interactions": [{"interaction_id": "i", "customer_id": "c3", "occurred_at": "2026-05-01", "channel": "chat",
                          "reason": "delivery", "outcome": "abandoned", "promised_at": "2026-05-02"}],
    })  # fmt: skip
    opened(filed, {"happened_at": NOW - DAY}, {}, {"at_stake": None, "due_at": NOW - HOUR}, {})
    claim(filed, 1, 0, "Ann", NOW)
    rows = work.found(filed, Asked(limit=1), NOW)
    known = work.people(warehouse, work.keys_of(rows))
    assert sorted(known.index) == ["c1", "c3"] and known.loc["c1", "name"] == "Eva"
    here = work.listed(filed, Asked(limit=1), rows, known.index, NOW)
    assert (len(here.rows), here.more, here.gone) == (1, 1, 2)
    assert here.said == (
        "1 more in this list; take the first ones, or filter. "
        "2 belong to customers not in the data any more, and are not shown."
    )
    here = work.listed(filed, Asked(), rows, known.index, NOW)
    table = work.table(filed, here.rows, known, Rules(0, "", (RULE,)), NOW)
    told = table[["number", "name", "rule", "what_happened", "due", "overdue", "who_has_it"]].astype(object)
    assert told.where(told.notna(), None).to_numpy().tolist() == [
        [3, None, "Self-service wall", "the bot gave up", "overdue by an hour", True, "nobody yet"],
        [1, "Eva", "Self-service wall", "the bot gave up", "in a day", False, "Ann"],
    ]
    contact = work.contact_of(warehouse, "i")
    assert (contact["channel"], contact["ended"]) == ("chat", "abandoned") and "mood" not in contact
    facts = work.explained({"rule": "wall", "channel": "web"}, ["x"], contact)
    assert facts["channel"] == "chat" and facts["said"] == ["x"] and work.contact_of(warehouse, "gone") == {}
    assert work.explained({"rule": "wall", "channel": "web"}, [], work.contact_of(warehouse, None))["channel"] == "web"
    assert work.people(warehouse, ()).empty


def test_an_empty_queue_says_why(filed: Ledger, embedded: Embedded) -> None:
    off, on = Rules(0, "", (RULE,)), Rules(0, "", (Rule("wall", "w", active=True),))
    assert "No rule is switched on" in work.nothing(off, 3) and "opened nothing yet" in work.nothing(on, 0)
    assert "was seen to" in work.nothing(on, 3) and "was seen to" in work.nothing(None, 3)
    assert work.title(off, "wall") == "Self-service wall" and work.title(off, "old_rule") == "old_rule"
    assert work.title(None, "wall") == "wall"
    assert work.rules_now(filed) is not None
    broken = {"who": "Ann", "based_on": 0, "change": "x", "rules": "no rules ["}
    filed.append(rule_versions, broken, "rules", "x", "x")
    assert work.rules_now(filed) is None


def test_evidence_is_told_once_and_the_newest_first(filed: Ledger) -> None:
    opened(filed, {}, {})
    opened(filed, {}, said="she left")
    assert said_of(filed, [1, 3]) == {1: ["the bot gave up"], 3: ["she left"]}
    assert evidence_of(filed, 3)["said"].tolist() == ["she left"]
