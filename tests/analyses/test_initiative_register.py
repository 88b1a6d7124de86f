"""The register of initiatives: nothing is lost or overwritten, and what was changed too late is marked."""

from __future__ import annotations

import datetime
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cx_metrics.analyses.initiative_plan import Plan, plan_of
from cx_metrics.analyses.initiative_register import (
    change,
    event_title,
    history,
    initiatives,
    register,
    registered,
    visible,
    write,
)
from cx_metrics.analyses.sample_initiatives import register_sample
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.ledger_tables import initiative_versions
from cx_metrics.scope import ScopeError
from tests.analyses.initiative_company import IDLE, PLAN, START
from tests.conftest import Server

COMING = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=30)
AHEAD = replace(PLAN, start=COMING, state="planned")
MORE = datetime.timedelta(days=7)


@pytest.fixture
def ledger() -> Ledger:
    """An empty ledger, in memory."""
    return Ledger("sqlite://")


def put(ledger: Ledger, number: int, *versions: tuple[str, Plan]) -> None:
    """Write versions of an initiative with the time at which they were written."""
    with ledger.alone() as writing:
        for version, (at, plan) in enumerate(versions, start=1):
            write(writing, plan, (number, version), "why", "Ann", False, datetime.datetime.fromisoformat(at))


# --- writing ---------------------------------------------------------------------------------------------------------


def test_what_was_registered_comes_back(ledger: Ledger) -> None:
    assert [register(ledger, plan, " Ann  B ") for plan in (AHEAD, IDLE)] == [1, 2]
    first, second = initiatives(ledger)
    assert (plan_of(first), plan_of(second)) == (AHEAD, IDLE)
    assert (first.number, first.version, first.who, first.change, first.sample) == (1, 1, "Ann B", "registered", False)
    assert (
        abs(datetime.datetime.fromisoformat(first.at) - datetime.datetime.now(datetime.UTC).replace(tzinfo=None)) < MORE
    )
    assert hash(first) != hash(second)
    said = ledger.history()[["who", "action", "subject"]].to_numpy().tolist()
    assert said == [["Ann B", "initiative", "2: New greeting"], ["Ann B", "initiative", "1: Callback promise"]]


def test_a_name_is_there_once(ledger: Ledger) -> None:
    register(ledger, AHEAD, "Ann")
    with pytest.raises(LedgerError, match="there is an initiative 'Callback promise' already, number 1"):
        register(ledger, replace(IDLE, name="CALLBACK promise"), "Bob")
    register(ledger, IDLE, "Bob")
    with pytest.raises(LedgerError, match="already, number 1"):
        change(ledger, 2, 1, replace(IDLE, name="callback promise"), "clearer", "Bob")
    change(ledger, 1, 1, replace(AHEAD, name="Promise"), "clearer", "Ann")
    change(ledger, 2, 1, replace(IDLE, name="callback promise"), "clearer", "Bob")
    assert [one.name for one in initiatives(ledger)] == ["Promise", "callback promise"]


def test_a_change_is_a_new_version_with_a_reason(ledger: Ledger) -> None:
    register(ledger, AHEAD, "Ann")
    moved = replace(AHEAD, state="running", start=COMING + MORE, expected=10.0, cost=12_000.0)
    change(ledger, 1, 1, moved, " The tool \n came late ", "Bob")
    (newest,) = initiatives(ledger)
    assert plan_of(newest) == moved and (newest.version, newest.who, newest.change) == (2, "Bob", "The tool came late")
    rows = history(ledger, 1)
    assert rows["version"].tolist() == [2, 1] and rows["why"].tolist() == ["The tool came late", "registered"]
    assert rows["what"].tolist() == [
        f"start: {COMING} → {COMING + MORE}; expected effect: +20.0 points → +10.0 points; "
        "cost: 9,000 EUR → 12,000 EUR; state: planned → running", "registered",
    ]  # fmt: skip
    assert rows["after_start"].tolist() == [False, False] and len(ledger.rows(initiative_versions)) == 2
    assert history(ledger, 7).empty


def test_every_change_is_told_however_small(ledger: Ledger) -> None:
    put(ledger, 1, ("2026-01-01", PLAN), ("2026-01-02", replace(PLAN, expected=20.01)),
        ("2026-01-03", replace(PLAN, expected=20.01, currency="USD")))  # fmt: skip
    assert history(ledger, 1)["what"].tolist() == [
        "cost: 9,000 EUR → 9,000 USD", "expected effect: 20.0 → 20.01", "registered",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((1, 1, IDLE, " ", "Bob"), "say why it is changed"),
        ((1, 1, IDLE, "why", ""), "say who writes this"),
        ((1, 1, AHEAD, "why", "Bob"), "nothing is different"),
        ((2, 1, IDLE, "why", "Bob"), "there is no initiative with the number 2"),
        ((1, 2, IDLE, "why", "Bob"), "Ann changed Callback promise meanwhile, so nothing was written"),
        ((1, 0, IDLE, "why", "Bob"), "Ann changed Callback promise meanwhile"),
    ],
)
def test_what_cannot_be_changed_is_one_sentence(given: Any, said: str, ledger: Ledger) -> None:
    register(ledger, AHEAD, "Ann")
    with pytest.raises(LedgerError, match=said):
        change(ledger, *given)
    assert len(ledger.rows(initiative_versions)) == 1


def test_a_plan_that_cannot_be_is_not_written(ledger: Ledger) -> None:
    with pytest.raises(ScopeError, match="overlap"):
        register(ledger, replace(AHEAD, comparison=AHEAD.target), "Ann")
    with pytest.raises(LedgerError, match="say who"):
        register(ledger, AHEAD, "  ")
    register(ledger, AHEAD, "Ann")
    with pytest.raises(ScopeError, match="worse"):
        change(ledger, 1, 1, replace(AHEAD, expected=-1.0), "why", "Ann")
    assert len(initiatives(ledger)) == 1


@pytest.mark.parametrize("kept_in", ["file", "server"])
def test_of_many_who_change_at_once_one_wins(kept_in: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server: Server | None = request.getfixturevalue("server") if kept_in == "server" else None
    url = server.new_url() if server else f"sqlite:///{tmp_path / 'ledger.db'}"
    register(Ledger(url), AHEAD, "Ann")
    said: list[str] = []

    def attempt(place: int) -> None:
        try:
            change(Ledger(url), 1, 1, replace(AHEAD, expected=1.0 + place), "why", f"writer {place}")
            register(Ledger(url), replace(IDLE, name=f"own {place}"), "Ann")
        except LedgerError as error:
            said.append(str(error))

    threads = [threading.Thread(target=attempt, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(said) == 5 and all("meanwhile" in text for text in said)
    assert [(one.number, one.version) for one in initiatives(Ledger(url))] == [(1, 2), (2, 1)]
    if server:
        server.drop(url)


# --- what was too late -----------------------------------------------------------------------------------------------


def test_a_plan_that_was_fixed_beforehand_has_no_marking(ledger: Ledger) -> None:
    put(ledger, 1, ("2026-02-01", PLAN), ("2026-02-15T23:59", replace(PLAN, expected=9.0)),
        ("2026-06-01", replace(PLAN, expected=9.0, state="finished", cost=1.0, owner="Bob")))  # fmt: skip
    (found,) = registered(ledger)
    assert (found.late, found.looked_back, found.marking) == ((), False, "")
    assert found.as_registered.expected == 20 and found.initiative.state == "finished"


def test_what_is_changed_from_the_start_on_is_marked_for_good(ledger: Ledger) -> None:
    other = replace(PLAN, metric="nps", expected=9.0)
    put(ledger, 1, ("2026-02-01", PLAN), ("2026-02-16T00:00", other), ("2026-06-01", PLAN))
    (found,) = registered(ledger)
    assert found.late == ("metric", "expected") and not found.looked_back
    assert found.marking == "target figure and expected effect changed after the start."
    assert history(ledger, 1)["after_start"].tolist() == [True, True, False]


def test_moving_the_start_does_not_take_the_marking_away(ledger: Ledger) -> None:
    later, earlier = replace(PLAN, start=START + 30 * MORE), replace(PLAN, start=START - 30 * MORE)
    put(ledger, 1, ("2026-02-01", PLAN), ("2026-03-01", later))
    put(ledger, 2, ("2026-02-01", PLAN), ("2026-02-02", earlier))
    assert [one.late for one in registered(ledger)] == [("start",), ("start",)]


def test_a_plan_that_was_registered_after_its_start_is_marked(ledger: Ledger) -> None:
    put(ledger, 1, ("2026-02-17", PLAN))
    put(ledger, 2, ("2026-02-16T23:00", IDLE))
    first, second = registered(ledger)
    assert first.marking == "registered on 17 Feb 2026, after the start on 16 Feb 2026." and not second.marking


# --- the invented company --------------------------------------------------------------------------------------------


def test_the_sample_initiatives_are_there_once_and_only_with_their_company(ledger: Ledger) -> None:
    assert (register_sample(ledger), register_sample(ledger)) == (2, 0)
    found = registered(ledger)
    idle, works = (one.initiative for one in found)
    assert (works.name, works.target, works.comparison, works.start, works.expected) == (
        "Callback promise", (("team", ("Care North",)),), (("team", ("Care South",)),), datetime.date(2025, 9, 1), 8.0,
    )  # fmt: skip
    assert (idle.name, idle.start) == ("New greeting", datetime.date(2025, 6, 1))
    assert not any(one.marking for one in found) and visible(found, True) == found and visible(found, False) == ()
    assert [event_title(one.initiative) for one in found] == ["New greeting (Billing)", "Callback promise (Care North)"]


def test_initiatives_of_ones_own_and_of_the_sample_company_do_not_meet(ledger: Ledger) -> None:
    assert register(ledger, replace(PLAN, name="New greeting"), "Ann") == 1
    assert register_sample(ledger) == 2
    assert [one.number for one in initiatives(ledger)] == [1, 2, 3]
    assert [one.initiative.number for one in visible(registered(ledger), False)] == [1]
    texts = ledger.rows(initiative_versions)["target"]
    assert [json.loads(text) for text in texts] == [
        {"team": ["North"]},
        {"team": ["Billing"]},
        {"team": ["Care North"]},
    ]
