"""Opening interventions: once each, one per customer, all or nothing, however many imports end at once."""

from __future__ import annotations

import datetime
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from cx_metrics.analyses import open_interventions as opening
from cx_metrics.analyses.open_interventions import open_interventions
from cx_metrics.analyses.rules import save_rules
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import intervention_evidence, intervention_steps, interventions
from cx_metrics.warehouse import Warehouse
from tests.analyses.rule_company import at
from tests.conftest import Embedded, Server, import_tables

WALL = """
[[rule]]
name = "wall"
title = "Wall"
active = true
any = [ { signal = "bot_dead_end" } ]
happened_within_days = 10
due_hours = 5
quiet_days = 14
"""
FAILED = """
[[rule]]
name = "failed"
title = "Failed"
active = true
any = [ { fact = "outcome", is = "abandoned" } ]
team = "Rescue"
"""
OFF = WALL.replace('"wall"', '"off"').replace("true", "false").replace("bot_dead_end", "any")


def contact(key: str, customer: str, day: float, **more: object) -> dict[str, object]:
    """A chat with a bot that left its customer alone."""
    return {"interaction_id": key, "customer_id": customer, "occurred_at": at(day), "ended_at": at(day), "stage": "pay",
            "channel": "chat", "reason": "refund", "team": "Digital", "handled_by": "bot", "outcome": "abandoned",
            **more}  # fmt: skip


CONTACTS = [
    contact("old", "a", 80), contact("first", "a", 92), contact("second", "a", 93, channel="app"),
    contact("rich", "b", 95), contact("solved", "c", 95, outcome="resolved"), contact("end", "z", 100, outcome=None),
]  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(embedded: Embedded) -> Warehouse:
    orders = [{"order_id": "o", "customer_id": "b", "ordered_at": at(50), "amount": 70, "currency": "EUR"}]
    return embedded.warehouse({"interactions": CONTACTS, "orders": orders})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return ruled(Ledger(f"sqlite:///{tmp_path / 'ledger.db'}"))


def ruled(ledger: Ledger, text: str = WALL + FAILED + OFF) -> Ledger:
    save_rules(ledger, text, 0, "for a test", "Ann")
    return ledger


def rows(ledger: Ledger) -> pd.DataFrame:
    return ledger.rows(interventions)


def ended(ledger: Ledger, number: int, time: datetime.datetime, status: str = "done", step: int = 1,
          action: str = "outcome") -> None:  # fmt: skip
    """Somebody did something about an intervention."""
    with ledger.alone() as writing:
        writing.add(intervention_steps, {
            "at": time, "who": "Bo", "intervention_id": number, "number": step, "action": action, "words": "",
            "status": status, "assignee": "Bo", "team": "", "due_at": time, "outcome": "reached",
        })  # fmt: skip


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def test_each_customer_is_opened_once_with_all_reasons(warehouse: Warehouse, ledger: Ledger) -> None:
    done = open_interventions(warehouse, ledger)
    assert (done.opened, done.added, done.left) == (2, 0, 0)
    assert done.by_rule == {"wall": (2, 0, 0), "failed": (0, 0, 0)}
    found = rows(ledger).set_index("customer_id")
    assert list(found.index) == ["b", "a"]  # what is at stake first
    assert found.loc["b", "at_stake"] == 70 and found.loc["b", "currency"] == "EUR"
    a = found.loc["a"]
    assert a["rule"] == "wall" and a["rules_version"] == 1 and a["interaction_id"] == "second"
    assert a["happened_at"] == at(93) and a["team"] == "Digital" and pd.isna(a["at_stake"])
    assert abs(a["due_at"] - now() - datetime.timedelta(hours=5)) < datetime.timedelta(minutes=5)
    evidence = ledger.rows(intervention_evidence)
    reasons = evidence[evidence["intervention_id"] == a["intervention_id"]]
    assert set(zip(reasons["rule"], reasons["fact"], strict=True)) == {
        (rule, f"contact {key}") for rule in ("wall", "failed") for key in ("first", "second")
    }
    assert "Bot dead end, channel app, reason refund, 2 Feb 2026" in set(reasons["said"])
    entry = ledger.history().iloc[0]
    assert entry["action"] == "interventions" and entry["detail"] == done.sentence
    assert done.sentence == "2 interventions opened; 0 reasons added to open ones."


def test_a_second_look_opens_nothing(warehouse: Warehouse, ledger: Ledger) -> None:
    open_interventions(warehouse, ledger)
    before = len(ledger.history())
    again = open_interventions(warehouse, ledger)
    assert (again.opened, again.added, again.left) == (0, 0, 0) and len(ledger.history()) == before
    assert len(rows(ledger)) == 2 and len(ledger.rows(intervention_evidence)) == 6


def test_what_comes_later(embedded: Embedded, ledger: Ledger) -> None:
    """Who is in the queue gets more evidence; after an outcome, what was before it stays quiet for a while."""
    growing = embedded.warehouse({"interactions": CONTACTS})
    open_interventions(growing, ledger)
    numbers = rows(ledger).set_index("customer_id")["intervention_id"]
    a, b = int(numbers["a"]), int(numbers["b"])
    ended(ledger, a, now() - datetime.timedelta(days=3))  # lately
    ended(ledger, b, now() - datetime.timedelta(days=30))  # long ago
    ended(ledger, b, now(), step=2, action="note")  # what is written down later moves nothing
    import_tables(growing, {"interactions": [contact("third", "a", 99), contact("new", "b", 99)]})
    done = open_interventions(growing, ledger)
    assert done.by_rule == {"wall": (1, 0, 0), "failed": (0, 0, 0)} and list(rows(ledger)["customer_id"])[2:] == ["b"]
    ended(ledger, a, now(), "open", step=2)  # taken up again by a person
    ended(ledger, int(rows(ledger)["intervention_id"].iloc[-1]), at(99.5))
    import_tables(growing, {"interactions": [contact("fourth", "a", 99.2), contact("newest", "b", 99.8)]})
    done = open_interventions(growing, ledger)
    assert done.by_rule == {"wall": (1, 2, 0), "failed": (0, 2, 0)}  # of a both contacts; b came after the outcome
    assert done.sentence == "1 intervention opened; 4 reasons added to open ones."
    evidence = ledger.rows(intervention_evidence)
    assert set(evidence.loc[evidence["intervention_id"] == a, "fact"]) == {
        f"contact {key}" for key in ("first", "second", "third", "fourth")
    }


def test_those_who_matter_most_come_first_and_the_rest_is_told(
    warehouse: Warehouse, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MOST", 1)
    done = open_interventions(warehouse, ledger)
    assert list(rows(ledger)["customer_id"]) == ["b"] and done.left == 2 and done.by_rule["wall"] == (1, 0, 1)
    assert "Wall: 1 customer left aside" in done.sentence and "left aside" in ledger.history().iloc[0]["detail"]
    assert open_interventions(warehouse, ledger).opened == 0  # the next one does not slip in


def test_nothing_without_data_or_active_rules(
    warehouse: Warehouse, embedded: Embedded, tmp_path: Path, ledger: Ledger
) -> None:
    assert open_interventions(embedded.warehouse({}), ledger).opened == 0
    idle = ruled(Ledger(f"sqlite:///{tmp_path / 'idle.db'}"), OFF)
    assert open_interventions(warehouse, idle).by_rule == {} and rows(idle).empty


@pytest.mark.parametrize("kind", ["file", "server"])
def test_ten_imports_at_once_open_each_once(
    kind: str, warehouse: Warehouse, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: Server | None = request.getfixturevalue("server") if kind == "server" else None
    url = server.new_url() if server else f"sqlite:///{tmp_path / 'busy.db'}"
    ruled(Ledger(url))
    ledgers = [Ledger(url) for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda ledger: open_interventions(warehouse, ledger), ledgers))
    assert sorted(one.opened for one in done) == [0] * 9 + [2] and sum(one.added for one in done) == 0
    assert len(rows(ledgers[0])) == 2 and len(ledgers[0].rows(intervention_evidence)) == 6
    assert (ledgers[0].history()["action"] == "interventions").sum() == 1


SCRIPT = """
import os, signal, sys
from cx_metrics.analyses import open_interventions as opening
from cx_metrics.ledger import Ledger
from cx_metrics.warehouse import Warehouse
killed, said = sys.argv[3] == "killed", opening.evidence_words
left = [4]
def words(*given):
    left[0] -= 1
    if killed and not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return said(*given)
opening.evidence_words = words
opening.open_interventions(Warehouse(sys.argv[1]), Ledger(sys.argv[2]))
"""


def test_a_kill_leaves_nothing_half_and_processes_do_not_double(warehouse: Warehouse, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'killed.db'}"
    ledger = ruled(Ledger(url))
    start = [sys.executable, "-c", SCRIPT, warehouse._url.render_as_string(hide_password=False), url]
    assert subprocess.run([*start, "killed"], timeout=120).returncode == -9
    assert rows(ledger).empty and ledger.rows(intervention_evidence).empty
    running = subprocess.Popen([*start, "whole"])
    while running.poll() is None:
        open_interventions(warehouse, ledger)
    assert running.returncode == 0
    assert len(rows(ledger)) == 2 and len(ledger.rows(intervention_evidence)) == 6
