"""The generated files: reproducible, of the agreed columns, consistent with each other, with the stated bad rows."""

import csv
import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sample_data.generate import generate, main
from sample_data.truths import BAD_ROWS, EVENTS, TRUTHS

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"customers": 400, "contacts": 2_500}
MADE_WITH_NUMPY = "2.4.6"  # numpy promises the same random numbers within a feature release only

COLUMNS = {
    "customers": "customer_id,name,email,phone,segment,region,country,birth_year,signed_up_at",
    "interactions": "interaction_id,customer_id,case_id,occurred_at,ended_at,channel,stage,touchpoint,reason,"
    "initiated_by,handled_by,team,agent_id,wait_seconds,handle_seconds,transfers,reopens,outcome,promised_at",
    "messages": "message_id,interaction_id,sent_at,author,author_id,text",
    "survey_answers": "answer_id,customer_id,interaction_id,order_id,respondent,instrument,dimension,stage,score,"
    "scale_min,scale_max,comment,invited_at,answered_at,weight",
    "orders": "order_id,customer_id,ordered_at,promised_at,delivered_at,amount,currency,status",
    "subscriptions": "subscription_id,customer_id,started_at,ended_at,monthly_amount,currency",
    "touchpoint_owners": "touchpoint,team,part",
    "events": "event_id,occurred_at,title,kind",
}
ALLOWED = {
    "channel": {"web", "app", "chat", "phone", "social", "store", "post"},
    "stage": {"discover", "buy", "onboard", "use", "pay", "get help", "renew", "leave"},
    "initiated_by": {"customer", "company"},
    "handled_by": {"human", "bot", "self_service"},
    "outcome": {"resolved", "unresolved", "abandoned", "escalated", ""},
}
INSTRUMENTS = {"csat", "ces", "expectation", "perception", "belief", "believed_expectation", "importance"}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file under `folder` by its relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def table(folder: Path, name: str) -> tuple[list[str], list[dict[str, str]], list[list[str]]]:
    """Header, rows of the right width as dicts, and all rows as they are."""
    with (folder / "canonical" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    return header, [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)], rows


def items(folder: Path, name: str) -> list[dict[str, Any]]:
    """The elements of a Zendesk file."""
    return json.loads((folder / "zendesk" / f"{name}.json").read_text(encoding="utf-8"))[name]


def good_interactions(folder: Path) -> list[dict[str, str]]:
    """interactions.csv without its bad rows."""
    _, rows, _ = table(folder, "interactions")
    return [
        row
        for row in rows
        if row["interaction_id"] and row["occurred_at"].startswith("20") and not row["wait_seconds"].startswith("-")
    ]


def test_same_arguments_same_bytes_in_another_process(small: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONHASHSEED": "123"}
    script = [sys.executable, str(ROOT / "sample_data" / "generate.py"), str(tmp_path / "again")]
    subprocess.run([*script, "--customers", "400", "--contacts", "2500"], check=True, env=environment, cwd=tmp_path)
    assert contents(tmp_path / "again") == contents(small)


def test_another_seed_gives_another_company(small: Path, tmp_path: Path) -> None:
    other = contents(generate(tmp_path, **SMALL, seed=8))
    assert other["canonical/interactions.csv"] != contents(small)["canonical/interactions.csv"]


def test_committed_set_is_what_the_generator_writes(small: Path) -> None:
    committed, made = contents(ROOT / "sample_data" / "small"), contents(small)
    assert committed.keys() == made.keys()
    differing = [name for name in made if committed[name] != made[name]]
    if differing and np.__version__.split(".")[:2] != MADE_WITH_NUMPY.split(".")[:2]:
        pytest.skip(f"made with numpy {MADE_WITH_NUMPY}, this is {np.__version__}")
    hint = "run: python -m sample_data.generate sample_data/small --customers 400 --contacts 2500"
    assert not differing, f"{differing}; {hint}"


def test_committed_set_is_small() -> None:
    own = [path for path in (ROOT / "sample_data").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in own) < 5_000_000


def test_loads_by_path() -> None:
    code = (
        "import importlib.util as u; s = u.spec_from_file_location('made', r'%s'); m = u.module_from_spec(s); "
        "s.loader.exec_module(m); print(m.generate.__name__)" % (ROOT / "sample_data" / "generate.py")
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.strip() == "generate"
    assert importlib.util.find_spec("sample_data") is not None


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_the_canonical_ones(small: Path, name: str) -> None:
    header, _, _ = table(small, name)
    assert ",".join(header) == COLUMNS[name]


def test_contacts_add_up(small: Path) -> None:
    bad_tickets = sum(bad.count for bad in BAD_ROWS if bad.file == "zendesk/tickets.json")
    assert len(good_interactions(small)) + len(items(small, "tickets")) - bad_tickets == SMALL["contacts"]


def test_values_are_allowed(small: Path) -> None:
    rows = good_interactions(small)
    for column, allowed in ALLOWED.items():
        assert {row[column] for row in rows} <= allowed, column
    _, answers, _ = table(small, "survey_answers")
    assert {row["instrument"] for row in answers} == INSTRUMENTS | {"smile"}
    _, events, _ = table(small, "events")
    assert {row["kind"] for row in events} == {"release", "price", "outage", "campaign", "initiative"}
    assert len(events) == len(EVENTS)


def test_keys_lead_somewhere(small: Path) -> None:
    customers = {row["customer_id"] for row in table(small, "customers")[1]}
    interactions = {row["interaction_id"] for row in good_interactions(small)}
    orders = {row["order_id"] for row in table(small, "orders")[1]}
    assert {row["interaction_id"] for row in table(small, "messages")[1]} <= interactions
    answers = table(small, "survey_answers")[1]
    assert {row["interaction_id"] for row in answers} - {""} <= interactions
    assert {row["order_id"] for row in answers} - {""} <= orders
    for name in ("interactions", "orders", "subscriptions"):
        assert {row["customer_id"] for row in table(small, name)[1]} <= customers
    owned = {row["touchpoint"] for row in table(small, "touchpoint_owners")[1]}
    assert {row["touchpoint"] for row in good_interactions(small)} <= owned


def test_times_are_in_order_and_inside_the_three_years(small: Path) -> None:
    rows = good_interactions(small)
    assert min(row["occurred_at"] for row in rows) >= "2023-07-01"
    assert max(max(row["occurred_at"], row["ended_at"]) for row in rows) < "2026-07-01"
    assert all(row["ended_at"] >= row["occurred_at"] for row in rows if row["ended_at"])
    assert all((row["outcome"] == "") == (row["ended_at"] == "") for row in rows)
    for answer in table(small, "survey_answers")[1]:
        assert (answer["score"] == "") == (answer["answered_at"] == "")
        assert not answer["answered_at"] or answer["answered_at"] > answer["invited_at"]


def test_tickets_join_customers_by_email_only(small: Path) -> None:
    emails = {row["email"]: row["customer_id"] for row in table(small, "customers")[1]}
    users = {user["id"]: user for user in items(small, "users")}
    requesters = [users[ticket["requester_id"]] for ticket in items(small, "tickets")]
    assert all(
        user["role"] == "end-user" and user["email"] in emails and not user["external_id"] for user in requesters
    )
    groups = {group["id"] for group in items(small, "groups")}
    assert {ticket["group_id"] for ticket in items(small, "tickets")} <= groups
    numbers = {ticket["id"] for ticket in items(small, "tickets")}
    for name in ("comments", "ticket_metrics", "satisfaction_ratings"):
        assert {item["ticket_id"] for item in items(small, name)} <= numbers
    agents = {user["external_id"] for user in users.values() if user["role"] == "agent"}
    assert {row["agent_id"] for row in good_interactions(small)} - {""} <= agents


def test_later_tickets_of_a_case_follow_its_first(small: Path) -> None:
    cases: dict[str, int] = {}
    followed = 0
    for ticket in items(small, "tickets"):
        if ticket["id"] is None or ticket["id"] > 900_000:
            continue  # bad rows
        first = cases.setdefault(ticket["external_id"], ticket["id"])
        source = ticket["via"].get("source")
        assert (source is None) == (first == ticket["id"])
        assert source is None or source["from"]["ticket_id"] == first
        followed += source is not None
    assert followed > 10


def test_qualtrics_has_three_header_rows_and_rows_that_are_no_answer(small: Path) -> None:
    with (small / "qualtrics" / "relationship-survey.csv").open(encoding="utf-8", newline="") as file:
        names, _, ids, *rows = list(csv.reader(file))
    assert json.loads(ids[names.index("ResponseId")]) == {"ImportId": "_recordId"}
    assert all(len(row) == len(names) for row in rows)
    kinds = Counter(row[names.index("Status")] for row in rows)
    assert kinds["Survey Preview"] > 0 and kinds["Spam"] > 0 and kinds["IP Address"] > 60
    answered = [row for row in rows if row[names.index("Status")] == "IP Address"]
    assert all(row[names.index("RecipientEmail")] for row in answered)
    references = Counter(bool(row[names.index("ExternalReference")]) for row in answered)
    assert references[True] > 0 and references[False] > 0
    assert len({row[names.index("ResponseId")] for row in rows}) == len(rows)


def bad_rows_found(folder: Path) -> Counter[tuple[str, str]]:
    """The bad rows in a generated company, counted from its files alone."""
    found: Counter[tuple[str, str]] = Counter()
    header, interactions, all_rows = table(folder, "interactions")
    name = "canonical/interactions.csv"
    found[name, "too many cells"] = sum(len(row) > len(header) for row in all_rows)
    found[name, "missing id"] = sum(not row["interaction_id"] for row in interactions)
    found[name, "unreadable date"] = sum(not row["occurred_at"].startswith("20") for row in interactions)
    found[name, "negative wait"] = sum(row["wait_seconds"].startswith("-") for row in interactions)
    for row in table(folder, "survey_answers")[1]:
        outside = row["score"] and not int(row["scale_min"]) <= int(row["score"]) <= int(row["scale_max"])
        found["canonical/survey_answers.csv", "score outside its scale"] += bool(outside)
        found["canonical/survey_answers.csv", "unknown instrument"] += row["instrument"] == "smile"
    orders = Counter(tuple(row) for row in table(folder, "orders")[2])
    found["canonical/orders.csv", "exact duplicate"] = sum(count - 1 for count in orders.values())
    keys = Counter(row["customer_id"] for row in table(folder, "customers")[1])
    found["canonical/customers.csv", "same key, other values"] = sum(count - 1 for count in keys.values())
    tickets = items(folder, "tickets")
    found["zendesk/tickets.json", "missing id"] = sum(ticket["id"] is None for ticket in tickets)
    found["zendesk/tickets.json", "unreadable date"] = sum(ticket["created_at"] == "yesterday" for ticket in tickets)
    scores = Counter(rating["score"] for rating in items(folder, "satisfaction_ratings"))
    found["zendesk/satisfaction_ratings.json", "unknown score"] = scores["meh"]
    return found


def test_bad_rows_are_the_documented_ones(small: Path) -> None:
    assert bad_rows_found(small) == {(bad.file, bad.kind): bad.count for bad in BAD_ROWS}
    assert sum(bad.count for bad in BAD_ROWS) == 40


def test_bad_rows_are_listed_in_the_readme() -> None:
    text = (ROOT / "sample_data" / "README.md").read_text(encoding="utf-8")
    for bad in BAD_ROWS:
        assert f"| `{bad.file}` | {bad.kind} | {bad.count} | {bad.should} |" in text
    assert all(f"`{name}`" in text for name in TRUTHS)


def test_a_truth_left_out_takes_its_event_with_it(small: Path, tmp_path: Path) -> None:
    assert main([str(tmp_path), "--customers", "400", "--contacts", "2500", "--without", "refund_loop"]) == 0
    titles = [[row["title"] for row in table(folder, "events")[1]] for folder in (small, tmp_path)]
    assert titles[0] == [event.title for event in EVENTS]
    assert titles[1] == [title for title in titles[0] if title != "Refunds need a return proof"]
    assert len(titles[1]) == len(EVENTS) - 1


def test_unknown_truth_and_too_few_customers_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="Unknown truth: gravity"):
        generate(tmp_path, **SMALL, without=frozenset({"gravity"}))
    assert main([str(tmp_path), "--customers", "3"]) == 2
    assert "smallest sample" in capsys.readouterr().err


def test_progress_rises_to_one(tmp_path: Path) -> None:
    seen: list[float] = []
    generate(tmp_path, customers=200, contacts=1_000, progress=lambda share, what: seen.append(share))
    assert seen == sorted(seen) and seen[0] == 0 and seen[-1] == 1


def test_people_write_in_more_than_ascii(small: Path) -> None:
    names = pd.Series([row["name"] for row in table(small, "customers")[1]])
    assert (
        names.str.contains("[äöüß]").any() and names.str.contains("[łśż]").any() and names.str.contains("[ãçê]").any()
    )
    assert all(row["email"].isascii() for row in table(small, "customers")[1])
