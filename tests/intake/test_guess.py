"""A draft of a mapping file: it can be read, says what every column means, and is right where names are plain."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cx_metrics.columns import given_columns
from cx_metrics.intake.formats import plans_for
from cx_metrics.intake.guess import guess
from cx_metrics.intake.load import check_plans
from cx_metrics.intake.plan import IntakeError
from cx_metrics.intake.synonyms import COLUMNS, FILES, VALUES
from cx_metrics.model import CANONICAL

TICKETS = "Ticket ID;Created;Closed;Status;Direction;Customer;Queue;Wait time;Colour\n" + "".join(
    f"{n};{n}.02.2026 10:00;{n}.02.2026 11:30;{('Solved', 'open')[n % 2]};inbound;K{n};Care;{n};red\n"
    for n in range(1, 21)
)


def drafted(path: Path, text: str) -> dict[str, Any]:
    """The one load that is drafted for a file with this text."""
    path.write_text(text, encoding="utf-8")
    (load,) = tomllib.loads(guess([path]))["load"]
    return dict(load)


def test_tickets(tmp_path: Path) -> None:
    load = drafted(tmp_path / "tickets export.csv", TICKETS)
    assert load["table"] == "interactions" and load["file"] == "tickets export.csv"
    assert load["columns"] == {
        "interaction_id": "Ticket ID", "customer_id": "Customer", "occurred_at": "Created", "ended_at": "Closed",
        "initiated_by": "Direction", "team": "Queue", "wait_seconds": "Wait time", "outcome": "Status",
    }  # fmt: skip
    assert load["times"] == {"occurred_at": "%d.%m.%Y %H:%M", "ended_at": "%d.%m.%Y %H:%M"}
    assert load["values"] == {
        "initiated_by": {"inbound": "customer"}, "outcome": {"Solved": "resolved", "open": "unresolved"},
    }  # fmt: skip


def test_the_draft_loads(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_text(TICKETS)
    draft = tmp_path / "draft.toml"
    draft.write_text(guess([tmp_path / "tickets.csv"]), encoding="utf-8")
    (report,) = check_plans(plans_for("csv", [], draft))
    assert (report.source, report.read, report.loaded) == ("tickets", 20, 20)


def test_a_rating(tmp_path: Path) -> None:
    text = "reviewId,starRating,reviewText,createdAt\n" + "".join(
        f"{n},{n % 5 + 1},fine,2026-01-01\n" for n in range(9)
    )
    load = drafted(tmp_path / "reviews.csv", text)
    assert load["table"] == "survey_answers"
    assert load["columns"] == {
        "answer_id": "reviewId", "score": "starRating", "comment": "reviewText", "answered_at": "createdAt",
    }  # fmt: skip
    assert load["constants"]["instrument"] == "csat"


@pytest.mark.parametrize(
    ("name", "highest", "wanted"),
    [("nps.csv", 10, ("nps", "0", "10")), ("ces answers.csv", 7, ("ces", "1", "7")), ("survey.csv", 5, ("csat", "1", "5")),
     ("survey.csv", 88, ("csat", "0", "100"))],
)  # fmt: skip
def test_what_was_asked_and_on_which_scale(tmp_path: Path, name: str, highest: int, wanted: tuple[str, ...]) -> None:
    text = "response id,score,submitted at\n" + "".join(f"{n},{n},2026-01-01\n" for n in range(1, highest + 1))
    constants = drafted(tmp_path / name, text)["constants"]
    assert tuple(constants[key] for key in ("instrument", "scale_min", "scale_max")) == wanted


@pytest.mark.parametrize(
    ("file", "header", "cells", "table"),
    [
        ("orders 2026.csv", "order no,client,order date,total", "1,2,2026-01-01,3", "orders"),
        ("export.csv", "order_number,customer_id,purchase_date,amount", "1,2,2026-01-01,3", "orders"),
        ("kunden.csv", "Kundennummer,Full name,E-Mail,Country", "1,Ann,a@x.org,NL", "customers"),
        ("chat messages.csv", "id,conversation_id,timestamp,sender,body", "1,2,2026-01-01,bot,hi", "messages"),
        ("export.csv", "contract_id,customer,start date,end date,monthly fee", "1,2,2026-01-01,,9.5", "subscriptions"),
        ("export.csv", "Ticket number,Opened at,Category,Assignee", "1,2026-01-01,late,Ann", "interactions"),
        ("export.csv", "response_id,submitted_at,rating,remark", "1,2026-01-01,4,fine", "survey_answers"),
    ],
)
def test_which_table(tmp_path: Path, file: str, header: str, cells: str, table: str) -> None:
    assert drafted(tmp_path / file, f"{header}\n{cells}\n")["table"] == table


def test_what_cannot_be_a_time_or_number_is_none(tmp_path: Path) -> None:
    load = drafted(tmp_path / "tickets.csv", "id,created,wait\n1,by Ann,long\n2,by Bob,short\n")
    assert load["columns"] == {"interaction_id": "id"}


def test_two_readings_of_a_day_are_both_told(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_text("id,created\n1,03/04/2026\n2,05/06/2026\n")
    draft = guess([tmp_path / "tickets.csv"])
    assert 'occurred_at = "%d/%m/%Y"  # may also be %m/%d/%Y' in draft
    (tmp_path / "tickets.csv").write_text("id,created\n1,03/04/2026\n2,05/16/2026\n")
    assert 'occurred_at = "%m/%d/%Y"  # how' in guess([tmp_path / "tickets.csv"])


def test_what_is_needed_and_not_found_says_so(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_text("id,reason\n1,late\n")
    draft = guess([tmp_path / "tickets.csv"])
    assert '# occurred_at = ""  # NEEDED: when the contact began, UTC' in draft
    assert '# team = ""  # team that handled the contact' in draft


def test_no_table_fits(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("qqq,zzz\n1,2\n")
    draft = guess([tmp_path / "x.csv"])
    assert "NO TABLE FITS WELL" in draft and "# not used: qqq, zzz" in draft
    assert tomllib.loads(draft)["load"][0]["columns"] == {}


def test_several_files_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "orders.jsonl").write_text(
        json.dumps({"order_number": 1, "items": [{"sku": 1}], "buyer": {"id": 3}}) + "\n"
    )
    book = openpyxl.Workbook()
    for row in (["Ticket ID", "Created"], [1, "2026-01-01"]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "tickets.xlsx")
    draft = guess([tmp_path / "orders.jsonl", tmp_path / "tickets.xlsx"])
    orders, tickets = tomllib.loads(draft)["load"]
    assert orders["columns"]["order_id"] == "order_number" and '# explode = "items"' in draft
    assert tickets["columns"] == {"interaction_id": "Ticket ID", "occurred_at": "Created"}
    assert tomllib.loads(draft)["source"] == "orders"


def test_parquet(tmp_path: Path) -> None:
    import pandas as pd

    pd.DataFrame({"ticket_id": [1], "created_at": ["2026-01-01"]}).to_parquet(tmp_path / "t.parquet")
    (load,) = tomllib.loads(guess([tmp_path / "t.parquet"]))["load"]
    assert load["columns"] == {"interaction_id": "ticket_id", "occurred_at": "created_at"}
    (tmp_path / "bad.parquet").write_bytes(b"nothing of the kind")
    with pytest.raises(IntakeError, match=r"bad\.parquet is not a readable Parquet file"):
        guess([tmp_path / "bad.parquet"])


@pytest.mark.parametrize("odd", ['say "hi"', "back\\slash", "tab\there", "#hash", "é ü 😀", "a.b", "=1+1", "\x7f"])
def test_names_of_any_sort_can_be_read_back(tmp_path: Path, odd: str) -> None:
    path = tmp_path / "tickets [1].csv"
    path.write_text(
        f'"{odd.replace(chr(34), chr(34) * 2)}",created\n"{odd.replace(chr(34), chr(34) * 2)}",2026-01-01\n'
    )
    draft = tmp_path / "draft.toml"
    draft.write_text(guess([path]), encoding="utf-8")
    (report,) = check_plans(plans_for("csv", [], draft))
    assert report.loaded == 1


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", ""), ("b.json", "[1, 2]"), ("c.xlsx", "no"), ("d.csv", "a,b\n")]
)
def test_what_is_no_table(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(IntakeError):
        guess([tmp_path / name])


def test_the_words_are_about_columns_that_exist() -> None:
    names = {column.name for table in CANONICAL.values() for column in given_columns(table)}
    assert names >= COLUMNS.keys() and CANONICAL.keys() == FILES.keys()
    allowed = {word for table in CANONICAL.values() for c in given_columns(table) for word in c.info["rule"].allowed}
    assert allowed >= VALUES.keys()


def test_every_draft_names_only_columns_of_its_table() -> None:
    folder = Path(__file__).resolve().parents[2] / "sample_data" / "small"
    for file in sorted(folder.rglob("*.*")):
        for load in tomllib.loads(guess([file]))["load"]:
            assert set(load["columns"]) <= {column.name for column in given_columns(CANONICAL[load["table"]])}
