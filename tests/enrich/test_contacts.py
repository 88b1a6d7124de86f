"""Measures of contacts, worked out by hand, and against their second computation in plain Python."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.measures import MEASURES
from cx_metrics.model import interactions, rules
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse, import_tables
from tests.enrich.oracle import compare
from tests.metrics.company import tables

Row = dict[str, Any]
COLUMNS = ("interaction_id", "customer_id", "occurred_at", "reason", "case_id", "initiated_by", "outcome")
CONTACTS = [  # January 2024: (id, customer, day and hour, reason, case, begun by, outcome)
    ("a1", "ann", "01T10", "bill", "k1", "customer", "unresolved"),
    ("a2", "ann", "02T10", "bill", "k1", "company", "escalated"),
    ("a3", "ann", "02T12", "login", None, "company", "resolved"),
    ("a4", "ann", "05T10", "bill", "k1", "customer", "resolved"),
    ("a5", "ann", "05T10", "bill", None, "company", None),  # in the same second: the key decides
    ("b1", "bob", "03T10", "bill", "k1", "company", "resolved"),  # another customer's case of the same name
    ("b2", "bob", "04T10", None, None, "customer", "resolved"),
    ("b3", "bob", "06T10", None, None, "company", None),  # without a reason are the same matter
    ("x1", None, "01T00", "bill", None, "customer", "resolved"),  # nobody knows whether x1 and x2 are one customer
    ("x2", None, "01T01", "bill", None, "company", "resolved"),
]


def row(contact: tuple[str | None, ...]) -> Row:
    found: Row = dict(zip(COLUMNS, contact, strict=True))
    return {**found, "occurred_at": f"2024-01-{found['occurred_at']}:00"}


@pytest.fixture(scope="module")
def measured(make_shared_warehouse: MakeWarehouse) -> pd.DataFrame:
    return read(make_shared_warehouse({"interactions": [row(contact) for contact in CONTACTS]}))


def read(warehouse: Warehouse) -> pd.DataFrame:
    return warehouse.read(sa.select(interactions)).set_index("interaction_id").sort_index()


def given(frame: pd.DataFrame, column: str) -> dict[str, Any]:
    """The measure of each contact that has it."""
    return {str(key): value for key, value in frame[column].items() if not pd.isna(value)}


def cases(warehouse: Warehouse) -> str:
    """Contacts by case, in the order of their keys: "a1 a3, a2"."""
    by_case = read(warehouse).reset_index().groupby("case_key", sort=False)["interaction_id"]
    return ", ".join(sorted(" ".join(ids) for _, ids in by_case))


def test_neighbours_are_contacts_of_one_customer_on_one_reason(measured: pd.DataFrame) -> None:
    assert given(measured, "hours_until_next") == {"a1": 24, "a2": 72, "a4": 0, "b2": 48}
    assert given(measured, "hours_since_previous") == {"a2": 24, "a4": 72, "a5": 0, "b3": 48}


def test_who_began_on_the_matter(measured: pd.DataFrame) -> None:
    """In a case its contacts decide, otherwise those on the reason; a1 is the first, a3 and b1 are nobody's answer."""
    expected = dict.fromkeys(("a2", "a4", "a5", "b3"), 1) | dict.fromkeys(("a1", "a3", "b1", "b2", "x1", "x2"), 0)
    assert given(measured, "customer_began_first") == expected


def test_place_and_end_of_cases(measured: pd.DataFrame) -> None:
    """b2 and b3 are an episode, whose last contact has no outcome."""
    single = ("a1", "a3", "a5", "b1", "b2", "x1", "x2")
    assert given(measured, "case_contact") == {"a2": 2, "a4": 3, "b3": 2} | dict.fromkeys(single, 1)
    expected = dict.fromkeys(("a1", "a2", "a4"), 3) | dict.fromkeys(("b2", "b3"), 2)
    assert given(measured, "case_contacts") == expected | dict.fromkeys(("a3", "a5", "b1", "x1", "x2"), 1)
    outcomes = dict.fromkeys(("a1", "a2", "a3", "a4", "b1", "x1", "x2"), "resolved")
    assert given(measured, "case_outcome") == outcomes


STORY = [  # one case: (id, day and hour, channel, stage, handled by, team, person, handling, ended, promised)
    ("p1", "01T10", "web", "buy", "bot", None, None, 60, "01T11:00", "01T12:30"),
    ("p2", "01T12", "phone", "pay", "human", "red", "ada", 120, "03T01:00", "02T00:00"),  # promised for the 2nd
    ("p3", "02T10", "phone", "buy", "human", "red", "bob", 30, "03T00:00", "02T00:00"),  # when that day ended
    ("p4", "02T10", "email", "buy", "human", "blue", "bob", None, None, "02T11:00"),
    ("p5", "05T10", None, None, "human", None, "ada", 40, "05T10:30", None),
    ("p6", "06T10", "phone", "pay", "human", "red", "ada", 50, "06T10:30", None),
    ("p7", "07T10", "phone", "buy", "human", "red", "ada", 70, "07T10:30", "07T08:00"),
]
EXPECTED: dict[str, dict[str, Any]] = {
    "hours_since_previous": {"p2": 2, "p3": 22, "p4": 0, "p5": 72, "p6": 24, "p7": 24},
    "hours_until_next": {"p1": 2, "p2": 22, "p3": 0, "p4": 72, "p5": 24, "p6": 24},
    "return_channel": {"p1": "phone", "p2": "phone", "p3": "email", "p5": "phone", "p6": "phone"},
    "next_handle_seconds": {"p1": 120, "p2": 30, "p4": 40, "p5": 50, "p6": 70},
    "hours_since_same_stage": {"p3": 24, "p4": 0, "p6": 118, "p7": 120},
    "hours_until_same_stage": {"p1": 24, "p2": 118, "p3": 0, "p4": 120},
    "customer_began_first": {"p1": 0} | dict.fromkeys(("p2", "p3", "p4", "p5", "p6", "p7"), 1),
    "case_contact": {f"p{n}": n for n in range(1, 8)},
    "case_contacts": {f"p{n}": 7 for n in range(1, 8)},
    "case_outcome": {f"p{n}": "resolved" for n in range(1, 8)},
    "case_resolved_seconds": {f"p{n}": (6 * 24 + 0.5) * 3600 for n in range(1, 8)},
    "case_hours_until_next": {"p1": 2, "p2": 22, "p3": 0, "p4": 72, "p5": 24, "p6": 24},
    "previous_channel": {"p2": "web", "p3": "phone", "p4": "phone", "p5": "email", "p7": "phone"},
    "next_channel": {"p1": "phone", "p2": "phone", "p3": "email", "p5": "phone", "p6": "phone"},
    "previous_stage": {"p2": "buy", "p3": "pay", "p4": "buy", "p5": "buy", "p7": "pay"},
    "next_stage": {"p1": "pay", "p2": "buy", "p3": "buy", "p5": "pay", "p6": "buy"},
    "previous_handled_by": {"p2": "bot"} | dict.fromkeys(("p3", "p4", "p5", "p6", "p7"), "human"),
    "team_hop": {"p4": 1} | dict.fromkeys(("p1", "p2", "p3", "p5", "p6", "p7"), 0),  # unknown teams tell nothing
    "agent_hop": {"p3": 1, "p5": 1} | dict.fromkeys(("p1", "p2", "p4", "p6", "p7"), 0),
    "stage_visits": {"p1": 1, "p2": 1, "p3": 2, "p4": 2, "p6": 1, "p7": 3},  # before p6 nobody knows the stage
    "hours_late": {"p1": -1.5, "p2": 1, "p3": 0, "p7": 2.5},
}


def test_every_measure_of_one_case(make_warehouse: MakeWarehouse) -> None:
    names = ("interaction_id", "occurred_at", "channel", "stage", "handled_by", "team", "agent_id", "handle_seconds",
             "ended_at", "promised_at")  # fmt: skip
    rows: list[Row] = []
    for told in STORY:
        contact = dict(zip(names, told, strict=True))
        times = {name: f"2024-01-{contact[name]}" for name in ("ended_at", "promised_at") if contact[name]}
        mine = {
            "customer_id": "ann",
            "reason": "bill",
            "case_id": "k",
            "initiated_by": "customer",
            "outcome": "resolved",
        }
        rows.append({**contact, **mine, **times, "occurred_at": f"2024-01-{contact['occurred_at']}:00"})
    found = read(make_warehouse({"interactions": rows}))
    assert {name: given(found, name) for name in EXPECTED} == EXPECTED
    assert found["case_key"].nunique() == 1
    assert {*EXPECTED, "case_key"} == set(MEASURES)


def test_the_stage_links_contacts_on_different_reasons(make_warehouse: MakeWarehouse) -> None:
    """Of one customer; contacts without a stage, or without a customer, share none."""
    told = [("a1", "ann", "01", "bill", "pay"), ("a2", "ann", "02", "login", "pay"), ("a3", "ann", "04", "bill", None),
            ("a4", "ann", "05", "bill", None), ("b1", "bob", "02", "bill", "pay"), ("x1", None, "01", "bill", "pay"),
            ("x2", None, "02", "bill", "pay")]  # fmt: skip
    names = ("interaction_id", "customer_id", "occurred_at", "reason", "stage")
    rows = [dict(zip(names, contact, strict=True)) for contact in told]
    found = read(make_warehouse({"interactions": [r | {"occurred_at": f"2024-01-{r['occurred_at']}"} for r in rows]}))
    assert given(found, "hours_until_same_stage") == {"a1": 24}
    assert given(found, "hours_since_same_stage") == {"a2": 24}
    assert given(found, "hours_until_next") == {"a1": 72, "a3": 24}


LASTS = [  # what is known of a case's last contact, a day after the first -> seconds until resolved
    ({"ended_at": datetime(2024, 1, 2, 11)}, 25 * 3600),
    ({"ended_at": datetime(2024, 1, 2, 11), "wait_seconds": 5}, 25 * 3600),
    ({"wait_seconds": 100, "handle_seconds": 50}, 24 * 3600 + 150),
    ({"wait_seconds": 100}, None),
    ({"ended_at": datetime(2024, 1, 2, 11), "outcome": "unresolved"}, None),
]


def test_time_until_a_case_is_resolved(make_warehouse: MakeWarehouse) -> None:
    rows: list[Row] = []
    for number, (last, _) in enumerate(LASTS):
        first = {
            "interaction_id": f"{number}a",
            "customer_id": "c",
            "case_id": f"k{number}",
            "occurred_at": "2024-01-01T10:00",
        }
        rows += [
            first,
            {**first, "interaction_id": f"{number}b", "occurred_at": "2024-01-02T10:00", "outcome": "resolved", **last},
        ]
    contact = interactions.c
    found = make_warehouse({"interactions": rows}).read(
        sa.select(contact.interaction_id, contact.case_resolved_seconds)
    )
    seconds = {key: None if pd.isna(value) else value for key, value in found.itertuples(index=False)}
    assert seconds == {f"{number}{part}": expected for number, (_, expected) in enumerate(LASTS) for part in "ab"}


# --- episodes --------------------------------------------------------------------------------------------------------

EPISODES = {  # contacts of January (id, customer, time, reason, case) -> the cases they form
    "a gap of exactly three days": ([("a", "ann", "01T10:00:00", "bill", None), ("b", "ann", "04T10:00:00", "bill", None)], "a b"),
    "a second more": ([("a", "ann", "01T10:00:00", "bill", None), ("b", "ann", "04T10:00:01", "bill", None)], "a, b"),
    "gaps that add up": ([("a", "ann", "01T10:00:00", "bill", None), ("b", "ann", "04T10:00:00", "bill", None),
                          ("c", "ann", "07T10:00:00", "bill", None)], "a b c"),
    "a case of its own in between": ([("a", "ann", "01T10:00:00", "bill", None), ("b", "ann", "01T11:00:00", "bill", "k"),
                                      ("c", "ann", "01T12:00:00", "bill", None), ("d", "ann", "01T13:00:00", "bill", None),
                                      ("e", "ann", "01T14:00:00", "bill", "k")], "a c d, b e"),
    "a case of its own in between, in one second": ([("a", "ann", "01T10:00:00", "bill", None), ("b", "ann", "01T10:00:00", "bill", "k"),
                                                     ("c", "ann", "01T10:00:00", "bill", None)], "a c, b"),
    "a case of its own does not bridge a gap": ([("a", "ann", "01T10:00:00", "bill", None), ("b", "ann", "03T10:00:00", "bill", "k"),
                                                 ("c", "ann", "05T10:00:00", "bill", None)], "a, b, c"),
    "a case on another reason in between": ([("a", "ann", "01T10:00:00", "bill", None), ("b", "ann", "01T11:00:00", "login", "k"),
                                             ("c", "ann", "01T12:00:00", "bill", None)], "a c, b"),
    "a case over two reasons": ([("a", "ann", "01T10:00:00", "bill", "k"), ("b", "ann", "01T11:00:00", "login", "k")], "a b"),
    "another reason": ([("a", "ann", "01T10:00:00", "bill", None), ("b", "ann", "01T11:00:00", "login", None)], "a, b"),
    "no reason": ([("a", "ann", "01T10:00:00", None, None), ("b", "ann", "01T11:00:00", "bill", None),
                   ("c", "ann", "01T12:00:00", None, None)], "a c, b"),
    "another customer": ([("a", "ann", "01T10:00:00", "bill", None), ("b", "bob", "01T11:00:00", "bill", None)], "a, b"),
    "unknown customers": ([("a", None, "01T10:00:00", "bill", None), ("b", None, "01T11:00:00", "bill", None),
                           ("c", None, "01T12:00:00", "bill", "k"), ("d", None, "05T12:00:00", "login", "k"),
                           ("e", "ann", "01T12:00:00", "bill", "k")], "a, b, c d, e"),
    "names that run into each other": ([("a", "ann", "01T10:00:00", "1bill", None), ("b", "ann1", "01T11:00:00", "bill", None),
                                        ("c", "ann", "01T10:00:00", "x", "1"), ("d", "ann1", "01T11:00:00", "x", "1")], "a, b, c, d"),
}  # fmt: skip


@pytest.fixture(scope="module")
def episodes(make_shared_warehouse: MakeWarehouse) -> pd.DataFrame:
    """All of EPISODES at once; each keeps to customers of its own."""
    rows = []
    for what, (told, _) in EPISODES.items():
        for key, customer, at, reason, case in told:
            mine = {"interaction_id": f"{what}: {key}", "occurred_at": f"2024-01-{at}", "reason": reason}
            who = {"customer_id": customer and f"{what} {customer}", "case_id": case and f"{what} {case}"}
            rows.append({**mine, **who})
    return read(make_shared_warehouse({"interactions": rows}))


@pytest.mark.parametrize("what", EPISODES)
def test_cases_and_episodes(episodes: pd.DataFrame, what: str) -> None:
    mine = episodes[episodes.index.str.startswith(f"{what}: ")].reset_index()
    by_case = mine["interaction_id"].str[-1].groupby(mine["case_key"]).agg(" ".join)
    assert ", ".join(sorted(by_case)) == EPISODES[what][1]


# --- against the second computation ----------------------------------------------------------------------------------


def test_the_whole_company(make_warehouse: MakeWarehouse) -> None:
    contacts = tables()["interactions"]
    compare(make_warehouse({"interactions": contacts}), contacts)


def test_one_customer_with_fifty_thousand_contacts_on_one_reason(embedded: Embedded) -> None:
    dice = random.Random(3)
    at, contacts = datetime(2023, 1, 1), []
    for number in range(50_000):
        at += timedelta(hours=dice.choice((0, 0, 1, 1, 1, 2, 72, 73)) if number % 50 == 0 else dice.choice((0, 0.25)))
        contacts.append({
            "interaction_id": f"i{number:05}", "customer_id": "busy", "occurred_at": at, "reason": "bill",
            "case_id": f"k{number % 7}" if dice.random() < 0.01 else None, "channel": dice.choice(("web", "phone")),
            "stage": dice.choice(("buy", "pay", "use")), "initiated_by": dice.choice(("customer", "company")),
            "outcome": dice.choice(("resolved", "unresolved", None)), "wait_seconds": dice.randrange(300),
        })  # fmt: skip
    compare(embedded.warehouse({"interactions": contacts}), contacts)


@pytest.mark.parametrize("seed", range(2))
def test_imports_one_after_the_other_measure_as_one_import_would(make_warehouse: MakeWarehouse, seed: int) -> None:
    """Late rows, and rows that a later file corrects: other customer, reason, case, time. Empty cells erase nothing."""
    dice = random.Random(seed)
    known: dict[str, Row] = {}
    warehouse = make_warehouse({})
    for first in (0, 60, 90, 100):
        fresh = {
            key: row for key in range(first, first + 60) if dice.random() < 0.7 and (row := random_contact(dice, key))
        }
        import_tables(warehouse, {"interactions": list(fresh.values())})
        for row in fresh.values():
            earlier = known.get(row["interaction_id"], {})
            news = {name: value for name, value in row.items() if value is not None}
            known[row["interaction_id"]] = earlier | news
        compare(warehouse, list(known.values()))


def test_a_contact_that_leaves_its_case_is_missed_there(make_warehouse: MakeWarehouse) -> None:
    """Also where nobody knows the customers, so that only the cases connect contacts."""
    at, later = datetime(2024, 1, 1), datetime(2024, 1, 2)
    x1: Row = {"interaction_id": "x1", "occurred_at": at, "case_id": "k1", "outcome": "resolved"}
    x2: Row = {"interaction_id": "x2", "occurred_at": later, "case_id": "k1", "outcome": "abandoned"}
    x3: Row = {"interaction_id": "x3", "occurred_at": later, "case_id": "k3", "outcome": "abandoned"}
    warehouse = make_warehouse({"interactions": [x1, x2, x3]})
    for change in ({"case_id": "k2"}, {"customer_id": "ann"}, {"case_id": "k3", "customer_id": "bob"}):
        x2 |= change
        import_tables(warehouse, {"interactions": [x2]})
        compare(warehouse, [x1, x2, x3])


def random_contact(dice: random.Random, key: int) -> Row:
    """A contact of few customers, reasons and cases, within three weeks."""
    at = datetime(2024, 1, 1) + timedelta(hours=dice.choice((1, 6, 24)) * dice.randrange(20))
    return {
        "interaction_id": f"i{key:03}", "customer_id": dice.choice(("ann", "bob", "cem", None)), "occurred_at": at,
        "reason": dice.choice(("bill", "bill", None)), "case_id": dice.choice(("k1", "k2", None, None, None)),
        "channel": dice.choice(("web", "phone", None)), "stage": dice.choice(("buy", "pay", None)),
        "team": dice.choice(("red", "blue", None)), "initiated_by": dice.choice(("customer", "company")),
        "outcome": dice.choice(("resolved", None)), "ended_at": at + timedelta(hours=dice.randrange(5)),
        "promised_at": dice.choice((None, at, at.replace(hour=0))), "handle_seconds": dice.choice((None, 5, 60)),
    }  # fmt: skip


# --- the rules that measures follow ----------------------------------------------------------------------------------

APART = [
    {"interaction_id": "a", "customer_id": "ann", "occurred_at": "2024-01-01", "reason": "bill"},
    {"interaction_id": "b", "customer_id": "ann", "occurred_at": "2024-01-03", "reason": "bill"},
    {"interaction_id": "c", "customer_id": "ann", "occurred_at": "2024-01-08", "reason": "bill"},
    {"interaction_id": "d", "customer_id": "bob", "occurred_at": "2024-01-08", "reason": "bill"},
    {"interaction_id": "e", "customer_id": "bob", "occurred_at": "2024-01-10", "reason": "bill"},
]
LATER = {"interaction_id": "f", "customer_id": "bob", "occurred_at": "2024-01-12", "reason": "bill"}


class Journey:
    """A journey file that changes."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch) -> None:
        self._path = path
        patch.setenv("CX_JOURNEY_FILE", str(path))

    def set_episode(self, hours: float) -> None:
        self._path.unlink(missing_ok=True)
        self._path.write_text(f"episode_hours = {hours}\n")


@pytest.fixture
def journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journey:
    return Journey(tmp_path / "journey.toml", monkeypatch)


def test_a_company_with_a_gap_of_its_own(make_warehouse: MakeWarehouse, journey: Journey) -> None:
    journey.set_episode(120)
    assert cases(make_warehouse({"interactions": APART})) == "a b c, d e"
    journey.set_episode(47.5)
    assert cases(make_warehouse({"interactions": APART})) == "a, b, c, d, e"


def test_another_gap_measures_everything_anew(make_warehouse: MakeWarehouse, journey: Journey) -> None:
    """With files that are known, and with those that bring other customers' contacts."""
    warehouse = make_warehouse({"interactions": APART})
    assert cases(warehouse) == "a b, c, d e"
    for hours, expected in ((24, "a, b, c, d, e"), (120, "a b c, d e"), (72, "a b, c, d e")):
        journey.set_episode(hours)
        import_tables(warehouse, {"interactions": APART})
        assert cases(warehouse) == expected
        kept = dict(warehouse.read(sa.select(rules)).to_numpy().tolist())
        assert kept["episode_hours"] == hours and set(kept) <= {"episode_hours", "published_at"}
    journey.set_episode(24)
    import_tables(warehouse, {"interactions": [LATER]})
    assert cases(warehouse) == "a, b, c, d, e, f"
    compare(warehouse, [r | {"occurred_at": datetime.fromisoformat(r["occurred_at"])} for r in (*APART, LATER)], 24)


def test_the_same_gap_measures_nothing_anew(embedded: Embedded, journey: Journey) -> None:
    journey.set_episode(24)
    warehouse = embedded.warehouse({"interactions": APART})
    version = warehouse.version()
    import_tables(warehouse, {"interactions": APART})
    assert warehouse.version() == version
    journey.set_episode(25)
    import_tables(warehouse, {"interactions": APART})
    assert warehouse.version() != version
