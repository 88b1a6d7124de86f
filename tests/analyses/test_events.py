"""Events: imported and entered ones are one list, marked by day; what cannot be entered says why."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.analyses.events import MARKS, imported, listed, marks, sentence
from cx_metrics.analyses.initiative_register import register
from cx_metrics.analyses.sample_initiatives import register_sample
from cx_metrics.intake.events import KINDS, LONGEST, Entry, enter, enter_file, entry, withdraw
from cx_metrics.intake.plan import IntakeError
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.warehouse import Warehouse
from tests.analyses.initiative_company import PLAN
from tests.conftest import MakeWarehouse

FIRST, LAST = datetime.date(2026, 1, 1), datetime.date(2026, 3, 31)
ANSWER = {"answer_id": "1", "customer_id": "c", "instrument": "csat", "score": 5, "answered_at": "2026-01-10"}


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    """Five events: a second before the first quarter, in its first and last seconds, a second after it; and one twice."""
    times = ["2025-12-31T23:59:59", "2026-01-01T00:00:00", "2026-03-31T23:59:59", "2026-04-01T00:00:00"]
    events = [{"event_id": f"E{i}", "occurred_at": time, "title": f"event {i}"} for i, time in enumerate(times)]
    events.append({"event_id": "E9", "occurred_at": "2026-02-01T08:00", "title": "Sale", "kind": "campaign"})
    return make_shared_warehouse({"events": events, "survey_answers": [ANSWER]})


@pytest.fixture
def ledger() -> Ledger:
    """An empty ledger, in memory."""
    return Ledger("sqlite://")


def put(ledger: Ledger, *when_title: tuple[str, str]) -> None:
    """Put events straight into the ledger."""
    ledger.enter_events([vars(entry(when, title)) for when, title in when_title], "Ann")


# --- marks -----------------------------------------------------------------------------------------------------------


def test_events_of_the_first_and_last_day_are_marked(warehouse: Warehouse, ledger: Ledger) -> None:
    put(ledger, ("2025-12-31T23:59", "x"), ("2026-01-01", "first"), ("2026-03-31T23:59", "last"), ("2026-04-01", "x"))
    found = marks(warehouse, ledger, FIRST, LAST)
    assert list(found.columns) == MARKS
    assert found["title"].tolist() == ["event 1", "first", "Sale", "last", "event 2"]
    assert found["occurred_at"].is_monotonic_increasing and set(map(type, found["event_id"])) == {str}
    assert found["kind"].tolist() == ["other", "other", "campaign", "other", "other"]


def test_what_is_there_twice_is_marked_once_and_what_is_withdrawn_not_at_all(
    warehouse: Warehouse, ledger: Ledger
) -> None:
    put(ledger, ("2026-02-01", "SALE"), ("2026-02-02", "Sale"), ("2026-02-03", "gone"))
    withdraw(ledger, "3")
    found = marks(warehouse, ledger, datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    assert found[["title", "event_id"]].to_numpy().tolist() == [["Sale", "E9"], ["Sale", "2"]]


def test_without_a_period_all_are_marked(warehouse: Warehouse, ledger: Ledger) -> None:
    put(ledger, ("1999-01-01", "old"))
    assert len(marks(warehouse, ledger, None, None)) == 6


def test_initiatives_are_marked_at_their_start(warehouse: Warehouse, ledger: Ledger) -> None:
    for name, start, state in (
        ("Before", "2025-12-31", "running"), ("Callback", "2026-01-01", "running"), ("Greeting", "2026-03-31", "stopped"),
        ("Plan", "2026-02-15", "planned"), ("Sale", "2026-02-01", "finished"),
    ):  # fmt: skip
        register(ledger, replace(PLAN, name=name, start=datetime.date.fromisoformat(start), state=state), "Ann")
    put(ledger, ("2026-02-01", "Sale (NORTH)"))
    register_sample(ledger)  # hidden while the company at hand is another one
    found = marks(warehouse, ledger, FIRST, LAST)
    assert found[["title", "kind", "event_id"]].to_numpy().tolist() == [
        ["event 1", "other", "E1"], ["Callback (North)", "initiative", "initiative 2"], ["Sale (NORTH)", "other", "1"],
        ["Sale", "campaign", "E9"], ["Greeting (North)", "initiative", "initiative 3"], ["event 2", "other", "E2"],
    ]  # fmt: skip


def test_no_events_at_all(empty_warehouse: Warehouse, ledger: Ledger) -> None:
    assert marks(empty_warehouse, ledger, FIRST, LAST).empty
    rows = listed(imported(empty_warehouse, None, None), ledger.events())
    assert rows.empty and sentence(rows).startswith("No event is known yet:")


def test_the_list_says_where_each_came_from(warehouse: Warehouse, ledger: Ledger) -> None:
    put(ledger, ("2026-05-01", "New prices"), ("2026-02-02", "gone"))
    withdraw(ledger, "2", "Bob")
    rows = listed(imported(warehouse, None, None), ledger.events()).fillna("")
    assert rows[["title", "event_id", "came_by", "who", "withdrawn_by"]].head(4).to_numpy().tolist() == [
        ["New prices", "1", "entered", "Ann", ""], ["event 3", "E3", "csv", "", ""],
        ["event 2", "E2", "csv", "", ""], ["gone", "2", "entered", "Ann", "Bob"],
    ]  # fmt: skip
    assert sentence(listed(imported(warehouse, None, None), ledger.events())) == (
        "6 events, 1 of them entered here; 1 withdrawn; the newest is New prices (other) of 1 May 2026."
    )


# --- entering --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-05-01", "2026-05-01 00:00"), ("20260501", "2026-05-01 00:00"), (" 2026-05-01T10:30 ", "2026-05-01 10:30"),
        ("2026-05-01T10:30:00+02:00", "2026-05-01 08:30"), ("2026-05-01T23:30Z", "2026-05-01 23:30"),
    ],
)  # fmt: skip
def test_times_are_utc(text: str, time: str) -> None:
    assert entry(text, "x").occurred_at == datetime.datetime.fromisoformat(time)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("", "x", ""), "the date is empty"),
        (("1.5.2026", "x", ""), "'1.5.2026' cannot be read as a date"),
        (("2026-02-30", "x", ""), "'2026-02-30' cannot be read as a date"),
        (("1969-12-31", "x", ""), "the date 1969-12-31 lies before 1970"),
        (("2999-01-01", "x", ""), "the date 2999-01-01 lies more than a year ahead"),
        (("0001-01-01T00:00+14:00", "x", ""), "cannot be read as a date"),
        (("2026-05-01", " \n", ""), "the title is empty"),
        (("2026-05-01", "x" * 121, ""), "the title has 121 characters; 120 is the most"),
        (("2026-05-01", "caf\udce9", ""), "the title holds signs that are no text"),
        (("2026-05-01", "x", "party"), "'party' is no kind of event; there are: release, price,"),
    ],
)
def test_what_cannot_be_entered_is_one_sentence(given: tuple[str, str, str], said: str) -> None:
    with pytest.raises(IntakeError) as error:
        entry(*given)
    assert said in str(error.value) and "\n" not in str(error.value)


@given(st.text(), st.text(), st.text())
def test_whatever_is_written_is_an_event_or_a_sentence(when: str, title: str, kind: str) -> None:
    try:
        found = entry(when, title, kind)
    except IntakeError as error:
        assert str(error)
    else:
        assert found.kind in KINDS and 0 < len(found.title) <= LONGEST


@settings(max_examples=25)  # each opens a ledger
@given(
    st.text(min_size=1, max_size=40).filter(str.strip), st.dates(datetime.date(1970, 1, 1), datetime.date(2026, 1, 1))
)
def test_what_was_entered_comes_back(title: str, day: datetime.date) -> None:
    try:
        wanted = entry(day.isoformat(), title, " Outage ")
    except IntakeError:
        return
    ledger = Ledger("sqlite://")
    ledger.enter_events([vars(wanted)])
    (row,) = ledger.events().to_dict("records")
    assert Entry(pd.Timestamp(row["occurred_at"]).to_pydatetime(), row["title"], row["kind"]) == wanted


def test_the_same_event_is_entered_once(warehouse: Warehouse, ledger: Ledger) -> None:
    enter(warehouse, ledger, entry("2026-05-01", "New prices", "price"), "Ann")
    for when, title in (("2026-05-01T09:00", "new  PRICES"), ("2026-02-01", "sale")):
        with pytest.raises(IntakeError, match="is there already"):
            enter(warehouse, ledger, entry(when, title))
    withdraw(ledger, "1")
    enter(warehouse, ledger, entry("2026-05-01", "New prices"))  # a withdrawn one may come again
    assert ledger.events()["kind"].tolist() == ["price", "other"]


@pytest.mark.parametrize("number", ["E9", "", "-1", "²", "1" * 40])
def test_what_has_no_number_cannot_be_withdrawn(number: str, ledger: Ledger) -> None:
    with pytest.raises(LedgerError):
        withdraw(ledger, number)


# --- files -----------------------------------------------------------------------------------------------------------

FILE = """Title;Date;KIND;owner
"Störung; Chat";2026-05-02;outage;x
Sale;2026-02-01;;
"two
lines";2026-05-03;;
;2026-05-03;;
x;soon;;
x;2026-05-03;party;
too;few
störung; 2026-05-04;Outage;x
"störung; CHAT";2026-05-02;outage;x
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_file_is_accounted_for(
    encoding: str, delimiter: str, warehouse: Warehouse, ledger: Ledger, tmp_path: Path
) -> None:
    text = FILE.replace("Störung; ", "Störung: ").replace("störung; C", "störung: C").replace(";", delimiter)
    path = tmp_path / "own.csv"
    path.write_bytes(text.encode(encoding))
    found = enter_file(warehouse, ledger, path, "Ann")
    assert (found.read, found.entered, found.already) == (9, 3, 2)
    assert [(row.line, row.reason) for row in found.set_aside] == [
        (6, "the title is empty; say in a few words what happened"),
        (7, "'soon' cannot be read as a date; write it as 2026-05-01"),
        (8, f"'party' is no kind of event; there are: {', '.join(KINDS)}"),
        (9, "the row has 2 cells where the header has 4"),
    ]
    assert found.sentence.startswith("own.csv: 9 rows read = 3 entered + 2 already there + 4 set aside")
    assert ledger.events()["title"].tolist() == ["Störung: Chat", "two lines", "störung"]
    again = enter_file(warehouse, ledger, path)
    assert (again.entered, again.already, len(again.set_aside)) == (0, 5, 4) and len(ledger.events()) == 3


def test_a_file_that_fails_half_way_leaves_nothing(
    warehouse: Warehouse, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.csv"
    path.write_text("date,title\n2026-05-01,a\n2026-05-02,b\n")
    from cx_metrics import ledger as module

    written = module._append

    def fails(connection: object, action: str, subject: str, *rest: str) -> None:
        if subject == "b":
            raise OSError("the disk is full")
        written(connection, action, subject, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_append", fails)
    with pytest.raises(OSError, match="full"):
        enter_file(warehouse, ledger, path)
    assert ledger.events().empty and ledger.history().empty


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "own.csv is empty"), (b"PK\x03\x04\xff\xfe", "is not a text file"),
        (b"when,title\n2026-05-01,a\n", "has no column occurred_at or date; it has: when, title"),
        (b"date,name\n2026-05-01,a\n", "has no column title; it has: date, name"),
        (b'[{"date": 1}]', "holds JSON"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_of_events(
    content: bytes, said: str, empty_warehouse: Warehouse, ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    with pytest.raises(IntakeError, match=said):
        enter_file(empty_warehouse, ledger, path)
    with pytest.raises(IntakeError, match="there is no file"):
        enter_file(empty_warehouse, ledger, tmp_path / "other.csv")
