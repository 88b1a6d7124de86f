"""The ledger keeps every entry, whoever else writes at the same time."""

from __future__ import annotations

import concurrent.futures
import datetime
import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from cx_metrics import ledger as module
from cx_metrics import migrations, model
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.settings import ledger_url
from cx_metrics.warehouse import Warehouse
from tests.conftest import Server

WRITERS, ENTRIES = 8, 25


@pytest.fixture(params=["file", "server"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of a new ledger: a file where the user's data are, and a server's."""
    if request.param == "file":
        monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path / "not there yet"))
        monkeypatch.delenv("CX_LEDGER_URL", raising=False)
        yield ledger_url()
        return
    server: Server = request.getfixturevalue("server")
    found = server.new_url()
    yield found
    server.drop(found)


def write(url: str, writer: int) -> None:
    """What one of many writers does."""
    for entry in range(ENTRIES):
        Ledger(url).record("import", f"{writer}-{entry}", "done")


def subjects(url: str) -> set[str]:
    """What all entries are about."""
    return set(Ledger(url).history(newest=10_000)["subject"])


EVERYTHING = {f"{writer}-{entry}" for writer in range(WRITERS) for entry in range(ENTRIES)}


def test_the_newest_entry_comes_first(url: str) -> None:
    ledger = Ledger(url)
    for subject in ("first", "second", "third"):
        ledger.record("import", subject, "3 rows loaded")
    history = ledger.history(newest=2)
    assert list(history["subject"]) == ["third", "second"]
    assert list(history.columns) == ["at", "who", "action", "subject", "detail"]
    assert history["who"].str.len().min() > 0
    assert history["at"].is_monotonic_decreasing


def test_threads_that_write_at_once_lose_nothing(url: str) -> None:
    threads = [threading.Thread(target=write, args=(url, writer)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert subjects(url) == EVERYTHING


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    fresh = multiprocessing.get_context("forkserver")
    fresh.set_forkserver_preload([__name__])
    processes = [fresh.Process(target=write, args=(url, writer)) for writer in range(WRITERS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * WRITERS
    assert subjects(url) == EVERYTHING


def test_opening_it_again_keeps_what_is_there(url: str) -> None:
    Ledger(url).record("sample", "sample company", "9 rows loaded")
    assert subjects(url) == {"sample company"} == subjects(url)


def test_hostile_texts_are_kept_as_they_are(url: str) -> None:
    text = "'); DROP TABLE audit; -- \u2028 <script> 😀"
    Ledger(url).record("import", text, text)
    assert subjects(url) == {text}


def test_nothing_is_ever_rewritten() -> None:
    """The class offers no way to change or remove an entry, and the module no statement that would."""
    offered = {"record", "history", "enter_events", "withdraw_event", "events", "predict", "predictions"}
    offered |= {"append", "rows", "read", "alone"}
    assert {name for name in vars(Ledger) if not name.startswith("_")} == offered
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert not [word for word in ("sa.update", "sa.delete", ".update(", ".delete(") if word in source]


def test_every_column_says_what_it_holds() -> None:
    assert all(column.comment for table in module.metadata.sorted_tables for column in table.columns)
    assert all(isinstance(table, sa.Table) and table.comment for table in module.metadata.sorted_tables)


# --- events and predictions ------------------------------------------------------------------------------------------

DAY = datetime.datetime(2026, 5, 1, 10, 30)
RELEASE = {"occurred_at": DAY, "title": "Release 7", "kind": "release"}
PREDICTION = {
    "who": "Ann", "team": "North", "metric": "csat", "first_day": datetime.date(2026, 6, 1),
    "last_day": datetime.date(2026, 6, 30), "filters": "{}", "expected": 81.5, "low": 78.0, "high": 84.0, "note": "",
}  # fmt: skip


REPLY = {"message_id": "M-1", "interaction_id": "I-1", "agent": "Tom", "team": "Front Desk"}
WORDS: dict[str, dict[str, object]] = {
    "theme_versions": {"based_on": 0, "change": "renamed", "themes": "[]"},
    "reply_labels": {"message_id": "M-1", "cognitive": 0, "emotional": 1, "compassionate": 2},
    "excused_replies": {"template": 2**62, "text": "the law says", "reason": "legal notice", "excused": 1},
    "nominations": {**REPLY, "situation": "late delivery", "customer_said": "Where is it?", "reply": "I will call."},
    "consents": {"nomination_id": 1, "given": 1},
    "rule_versions": {"based_on": 0, "change": "switched on", "rules": ""},
}
INITIATIVE = {
    "initiative": 1, "version": 1, "name": "Callback", "owner": "Ann", "hypothesis": "", "metric": "csat", "target": "{}",
    "comparison": "{}", "start": datetime.date(2026, 6, 1), "expected": 5.0, "currency": "", "state": "running",
    "change": "registered", "sample": 0,
}  # fmt: skip
NOTICE = {"kind": "new", "about": "intervention 1", "recipient": "team", "title": "new", "body": "1 customer"}
STEP = {"number": 1, "action": "claim", "words": "", "status": "claimed", "assignee": "Ann", "team": "", "due_at": DAY}
ACTIONS: list[tuple[str, dict[str, object]]] = [
    ("interventions", {"customer_id": "C", "rule": "wall", "rules_version": 0, "happened_at": DAY, "team": "", "due_at": DAY}),
    ("intervention_evidence", {"intervention_id": 1, "rule": "wall", "fact": "I-1", "happened_at": DAY, "said": "left"}),
    ("intervention_steps", {"who": "Ann", "intervention_id": 1, "outcome": "", **STEP}),
    ("notices", NOTICE), ("deliveries", {"notice_id": 1, "number": 1}),
    ("delivery_results", {"delivery_id": 1, "state": "sent", "reason": ""}),
    ("initiative_versions", {"who": "Ann", **INITIATIVE}),
]  # fmt: skip


def filled(url: str) -> Ledger:
    """A ledger with an entry of each sort."""
    ledger = Ledger(url)
    ledger.enter_events([RELEASE, {**RELEASE, "title": "Outage"}], "Ann")
    ledger.withdraw_event(2, "Bob")
    ledger.predict(PREDICTION)
    for table, row in WORDS.items():
        ledger.append(module.metadata.tables[table], {"who": "Ann", **row}, table, "subject", "detail")
    with ledger.alone() as writing:
        for table, row in ACTIONS:
            writing.add(module.metadata.tables[table], row)
    return ledger


def test_events_are_kept_and_a_withdrawn_one_stays(url: str) -> None:
    rows = filled(url).events().fillna("")
    assert rows[["event_id", "occurred_at", "title", "who", "withdrawn_by"]].to_numpy().tolist() == [
        [1, DAY, "Release 7", "Ann", ""], [2, DAY, "Outage", "Ann", "Bob"],
    ]  # fmt: skip
    actions = list(Ledger(url).history()["action"])
    assert actions == [*reversed(WORDS), "prediction", "withdrawal", "event", "event"]
    assert list(Ledger(url).history()["who"])[len(WORDS) :] == ["Ann", "Bob", "Ann", "Ann"]


def test_several_events_are_entered_together_or_not_at_all(url: str) -> None:
    ledger = Ledger(url)
    with pytest.raises(sa.exc.DBAPIError):
        ledger.enter_events([RELEASE, {**RELEASE, "title": None}])
    assert ledger.events().empty and ledger.history().empty


def test_only_what_is_drawn_can_be_withdrawn(url: str) -> None:
    ledger = filled(url)
    with pytest.raises(LedgerError, match="no event with the number 3 was entered"):
        ledger.withdraw_event(3)
    with pytest.raises(LedgerError, match="with the number 2 is withdrawn already"):
        ledger.withdraw_event(2)
    assert len(ledger.history()) == 4 + len(WORDS)


def test_only_one_version_of_the_themes_follows_another(url: str) -> None:
    ledger, versions = filled(url), module.metadata.tables["theme_versions"]
    row = {"who": "Bob", "based_on": 0, "change": "merged", "themes": "[]"}
    with pytest.raises(LedgerError, match="somebody was quicker"):
        ledger.append(versions, row, "merge", "themes", "merged")
    assert ledger.append(versions, {**row, "based_on": 1}, "merge", "themes", "merged") > 1
    assert ledger.rows(versions)["who"].tolist() == ["Ann", "Bob"]


def test_a_prediction_stays_as_it_was_written(url: str) -> None:
    ledger = filled(url)
    assert ledger.predict({**PREDICTION, "low": None, "high": None}, datetime.datetime(2026, 5, 2)) == 2
    first, second = ledger.predictions().astype(object).to_dict("records")
    assert {name: first[name] for name in PREDICTION} == PREDICTION
    assert abs(pd.Timestamp(first["entered_at"]) - pd.Timestamp.now("UTC").tz_localize(None)) < pd.Timedelta(minutes=5)
    assert pd.isna(second["low"]) and second["entered_at"] == datetime.datetime(2026, 5, 2)


def test_the_database_refuses_to_change_history(url: str) -> None:
    """Even who goes past the product cannot rewrite what was said."""
    engine = filled(url)._engine
    for name, table in module.metadata.tables.items():
        before = pd.read_sql_table(name, engine)
        for statement in (f"UPDATE {name} SET {table.columns.keys()[-1]} = NULL", f"DELETE FROM {name}"):
            with (
                pytest.raises(sa.exc.DBAPIError, match="nothing in the ledger is ever changed or removed"),
                engine.begin() as connection,
            ):
                connection.exec_driver_sql(statement)
        pd.testing.assert_frame_equal(pd.read_sql_table(name, engine), before)
        assert len(before)


def test_a_ledger_made_before_there_were_events_gets_what_it_lacks(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = sa.create_engine(url)
    module.metadata.create_all(engine, tables=[module.audit])
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO audit VALUES (1, '2026-01-01 00:00:00.000000', 'a', 'b', 'c', 'd')")
    ledger = filled(url)
    assert len(ledger.history()) == 5 + len(WORDS)
    with pytest.raises(sa.exc.DBAPIError, match="ever changed"), engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM audit")


def test_a_ledger_of_any_version_becomes_the_newest(url: str) -> None:
    """What the migrations make is what the tables declare, column by column."""
    ledger = filled(url)
    with ledger._engine.connect() as connection:
        options = {"version_table": migrations.VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        found = [
            d
            for part in compare_metadata(context, module.metadata)
            for d in (part if isinstance(part, list) else [part])
        ]
        assert [
            d for d in found if d[0] not in ("add_table_comment", "modify_comment")
        ] == []  # meanings, kept in the code
        assert migrations.is_current(connection)
    assert Ledger(url).rows(module.metadata.tables["interventions"])["customer_id"].tolist() == ["C"]


def test_what_looks_first_and_then_adds_is_alone(url: str) -> None:
    """Eight threads count what is there and add the next number: none is given twice, none is missing."""
    table = module.metadata.tables["notices"]
    Ledger(url)

    def add(_: int) -> None:
        with Ledger(url).alone() as writing:
            number = len(writing.read(sa.select(table.c.notice_id))) + 1
            writing.add(table, {**NOTICE, "about": f"number {number}"})

    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(add, range(3 * WRITERS)))
    assert set(Ledger(url).rows(table)["about"]) == {f"number {n + 1}" for n in range(3 * WRITERS)}


def test_what_contradicts_is_written_not_at_all(url: str) -> None:
    ledger, table = Ledger(url), module.metadata.tables["notices"]
    with pytest.raises(LedgerError, match="nothing was written"), ledger.alone() as writing:
        writing.add(table, {**NOTICE, "about": "another"})
        writing.add(table, {**NOTICE, "about": "another"})
    assert ledger.rows(table).empty


def test_threads_that_enter_at_once_lose_nothing(url: str) -> None:
    """Each with its own connection, on a ledger that nobody has opened before."""

    def enter(writer: int) -> None:
        ledger = Ledger(url)
        for _ in range(10):
            ledger.enter_events([{**RELEASE, "title": f"by {writer}"}])
            ledger.predict({**PREDICTION, "team": f"team {writer}"})

    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(enter, range(WRITERS)))
    ledger = Ledger(url)
    assert ledger.events()["title"].value_counts().to_dict() == {f"by {n}": 10 for n in range(WRITERS)}
    assert ledger.predictions()["team"].value_counts().to_dict() == {f"team {n}": 10 for n in range(WRITERS)}
    assert len(ledger.history(1000)) == 2 * 10 * WRITERS


def test_ledger_and_warehouse_may_share_a_database(server: Server) -> None:
    url = server.new_url()
    warehouse = Warehouse(url)
    filled(url)
    with warehouse._reader().begin() as connection:
        connection.execute(sa.insert(model.events).values(event_id="E", occurred_at=DAY, title="x"))
        connection.execute(sa.delete(model.events))  # an import may replace what it brought
    warehouse._reader().dispose()
    server.drop(url)


def test_texts_that_a_database_refuses_lose_those_signs(url: str) -> None:
    ledger = Ledger(url)
    ledger.enter_events([{**RELEASE, "title": "a\0b\udce9😀"}])
    assert list(ledger.events()["title"]) == ["ab?😀"]


def test_a_ledger_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for url in (f"sqlite:///{tmp_path}/file/ledger.db", f"sqlite:///{tmp_path}", "nonsense", "odd://host/x"):
        with pytest.raises(LedgerError, match=r"^the ledger cannot be opened: .+"):
            Ledger(url)


def test_a_ledger_that_is_locked_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger = Ledger(url)
    with Ledger(url)._engine.connect() as other, ledger._engine.connect() as mine:
        mine.exec_driver_sql("PRAGMA busy_timeout = 1")  # milliseconds; the connection goes back to its pool
        mine.close()
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="cannot be used now, and nothing was written: database is locked"):
            ledger.enter_events([RELEASE])
        assert ledger.events().empty  # who reads does not wait
    ledger.enter_events([RELEASE])
    assert len(ledger.events()) == 1
