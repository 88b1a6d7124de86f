"""Zendesk exports as people have them, staged to canonical rows."""

from __future__ import annotations

import csv
import dataclasses
import json
import string
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics import dialect
from cx_metrics.intake.plan import IntakeError, Plan
from cx_metrics.intake.records import flat
from cx_metrics.intake.sources.zendesk import SOURCE
from cx_metrics.intake.sources.zendesk_fields import field, literal, plain, spelled, tags
from cx_metrics.intake.stage import stage

TICKET: dict[str, Any] = {
    "id": 35436, "url": "https://acme.zendesk.com/api/v2/tickets/35436.json", "external_id": None, "type": "question",
    "subject": "Where is my order?", "description": "It should be here", "priority": "high", "status": "solved",
    "requester_id": 20978392, "submitter_id": 20978392, "assignee_id": 235323, "organization_id": 509974,
    "group_id": 98738, "brand_id": 123, "tags": ["enterprise", "reason_late_delivery", "touchpoint_order_form"],
    "custom_fields": [{"id": 27642, "value": "745"}],
    "satisfaction_rating": {"id": 1234, "score": "good", "comment": "Great support!"},
    "via": {"channel": "email", "source": {"from": {"address": "a@example.org"}, "to": {}, "rel": None}},
    "created_at": "2024-05-01T09:00:00Z", "updated_at": "2024-05-05T10:00:00Z", "generated_timestamp": 1714900000,
}  # fmt: skip
METRIC: dict[str, Any] = {
    "id": 33, "ticket_id": 35436, "reopens": 1, "replies": 3, "assignee_stations": 3, "group_stations": 1,
    "created_at": "2024-05-01T09:00:00Z", "updated_at": "2024-05-05T10:00:00Z", "solved_at": "2024-05-02T10:00:00Z",
    "reply_time_in_minutes": {"calendar": 12, "business": 3},
    "full_resolution_time_in_minutes": {"calendar": 1500, "business": 400},
}  # fmt: skip
RATING: dict[str, Any] = {
    "id": 1234, "ticket_id": 35436, "requester_id": 20978392, "assignee_id": 235323, "group_id": 98738, "score": "good",
    "comment": "Great support!", "reason": "", "created_at": "2024-05-02T11:00:00Z",
    "updated_at": "2024-05-02T12:00:00Z",
}  # fmt: skip
CUSTOMER: dict[str, Any] = {
    "id": 20978392, "name": "Roger Wilco", "email": "roge@example.org", "phone": "+15551234567", "role": "end-user",
    "organization_id": 57542, "external_id": None, "time_zone": "Copenhagen", "created_at": "2023-01-01T00:00:00Z",
}  # fmt: skip
AGENT = CUSTOMER | {"id": 235323, "name": "Ann Agent", "email": "ann@acme.example", "role": "agent"}
COMMENT: dict[str, Any] = {
    "id": 1274, "type": "Comment", "author_id": 20978392, "body": "**Thanks**", "html_body": "<p>Thanks</p>",
    "plain_body": "Thanks", "public": True, "audit_id": 432, "created_at": "2024-05-01T10:00:00Z",
}  # fmt: skip
GROUP = {"id": 98738, "name": "Orders", "is_public": True, "default": False, "deleted": False}
LEGACY = {
    "Summation column": "1", "Id": "77", "Requester": "Roger Wilco", "Requester id": "20978392",
    "Requester external id": "-", "Requester email": "Roge@Example.org", "Submitter": "Roger Wilco",
    "Assignee": "Ann Agent", "Group": "Orders", "Subject": "Broken", "Tags": "vip reason_broken_item",
    "Status": "Closed", "Priority": "High", "Via": "Web Form", "Ticket type": "Problem",
    "Created at": "2024-05-01 09:00:00 +0200",
    "Updated at": "2024-05-05 10:00:00 +0200", "Solved at": "2024-05-02 10:00:00 +0200", "Satisfaction Score": "Bad",
    "Group stations": "2", "Assignee stations": "1", "Reopens": "0", "Replies": "2",
    "First reply time in minutes": "30",
    "First reply time in minutes within business hours": "10", "Full resolution time in minutes": "1500",
    "Total time spent (sec) [int]": "600", "Reason [list]": "-",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Outcome:
    """rows: usable rows as mappings, without what is empty. problems: (line, reason) of those set aside."""

    plan: Plan
    rows: list[dict[str, Any]]
    problems: list[tuple[int, str]]
    read: int
    skipped: int
    duplicates: int


@pytest.fixture
def take(tmp_path: Path) -> Iterator[Any]:
    """take(paths) -> [Outcome], one per plan."""
    spool = tmp_path / "spool"
    spool.mkdir()
    with dialect.parser(spool) as connection:

        def run(*paths: Path) -> list[Outcome]:
            done = []
            for plan in SOURCE.plans(list(paths)):
                staged = stage(connection, plan, spool)
                names = [staged.table.c[name] for name in staged.columns]
                found = connection.execute(sa.select(*names)).mappings().all()
                rows = [{k: v for k, v in row.items() if v is not None} for row in found]
                problems = [(row.line, row.reason) for row in staged.set_aside]
                done.append(Outcome(plan, rows, problems, staged.read, staged.skipped, staged.duplicates))
            return done

        yield run


def write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def only(outcomes: list[Outcome], table: str) -> Outcome:
    (found,) = [outcome for outcome in outcomes if outcome.plan.table == table]
    return found


def one(outcomes: list[Outcome], table: str) -> dict[str, Any]:
    (row,) = only(outcomes, table).rows
    return row


CONTACT = {
    "interaction_id": "zendesk:35436", "customer_id": "zendesk:20978392", "case_id": "zendesk:35436",
    "occurred_at": datetime(2024, 5, 1, 9), "channel": "email", "stage": "get help", "touchpoint": "order form",
    "reason": "late delivery", "initiated_by": "customer", "handled_by": "human", "outcome": "resolved",
}  # fmt: skip


def _nested(separator: str) -> dict[str, Any]:
    named = {name.replace(".", separator): cell for name, cell in flat(TICKET).items()}
    return named


SHAPES: dict[str, tuple[str, Any]] = {
    "incremental export": ("x.json", {"tickets": [TICKET], "end_of_stream": True, "after_url": None}),
    "list page": ("x.json", {"tickets": [TICKET], "next_page": None, "previous_page": None, "count": 1}),
    "one ticket": ("x.json", {"ticket": TICKET}),
    "search answer": ("x.json", {"results": [TICKET | {"result_type": "ticket"}], "count": 1}),
    "bare list": ("x.json", [TICKET]),
    "JSON lines": ("x.jsonl", json.dumps(TICKET) + "\n"),
    "lines of pages": ("x.jsonl", json.dumps({"tickets": [TICKET]}) + "\n" + json.dumps({"tickets": []}) + "\n"),
    "indented": ("x.json", json.dumps({"tickets": [TICKET]}, indent=2)),
    "CSV with dots": ("x.csv", [_nested(".")]),
    "CSV with underscore": ("x.csv", [_nested("_")]),
    "CSV with two underscores": ("x.csv", [_nested("__")]),
    "CSV with JSON cells": (
        "x.csv",
        [TICKET | {key: json.dumps(TICKET[key]) for key in ("via", "satisfaction_rating", "tags", "custom_fields")}],
    ),
    "CSV with Python cells": ("x.csv", [TICKET]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_ticket_is_the_same_contact_in_every_container(name: str, tmp_path: Path, take: Any) -> None:
    file, content = SHAPES[name]
    path = write_table(tmp_path / file, content) if file.endswith(".csv") else write(tmp_path / file, content)
    assert SOURCE.recognises(path)
    outcomes = take(path)
    assert one(outcomes, "interactions") == CONTACT
    answer = one(outcomes, "survey_answers")
    assert answer["answer_id"] == "zendesk:35436" and answer["interaction_id"] == "zendesk:35436"
    assert (answer["score"], answer["scale_min"], answer["scale_max"], answer["instrument"]) == (1, 0, 1, "csat")
    assert answer["comment"] == "Great support!" and answer["answered_at"] == datetime(2024, 5, 5, 10)


def test_the_legacy_view_gives_contact_answer_and_customer(tmp_path: Path, take: Any) -> None:
    later = {"Id": "78", "Satisfaction Score": "Offered", "Status": "Open", "Updated at": "2024-05-06 10:00:00 +0200"}
    again = LEGACY | later
    path = write_table(tmp_path / "view.csv", [LEGACY, again])
    assert SOURCE.recognises(path)
    outcomes = take(path)
    first, second = only(outcomes, "interactions").rows
    assert first == {
        "interaction_id": "zendesk:77", "customer_id": "zendesk:20978392", "case_id": "zendesk:77",
        "occurred_at": datetime(2024, 5, 1, 7), "ended_at": datetime(2024, 5, 2, 8), "channel": "web",
        "stage": "get help", "reason": "broken item", "initiated_by": "customer", "handled_by": "human",
        "team": "Orders", "agent_id": "zendesk:Ann Agent", "outcome": "resolved", "wait_seconds": 1800,
        "handle_seconds": 600, "transfers": 1, "reopens": 0,
    }  # fmt: skip
    assert second["outcome"] == "unresolved" and "ended_at" not in second
    bad, offered = only(outcomes, "survey_answers").rows
    assert bad["score"] == 0 and bad["invited_at"] <= bad["answered_at"]
    assert "score" not in offered and offered["invited_at"] == datetime(2024, 5, 6, 8)
    customers = only(outcomes, "customers")
    assert customers.rows == [{"customer_id": "zendesk:20978392", "name": "Roger Wilco", "email": "Roge@Example.org"}]
    assert customers.skipped == 1
    assert "UTC" in customers.plan.note


def test_metrics_complete_the_ticket(tmp_path: Path, take: Any) -> None:
    path = write(tmp_path / "m.json", {"ticket_metrics": [METRIC], "count": 1})
    assert SOURCE.recognises(path)
    expected = {
        "interaction_id": "zendesk:35436", "occurred_at": datetime(2024, 5, 1, 9), "wait_seconds": 720,
        "ended_at": datetime(2024, 5, 2, 10), "transfers": 2, "reopens": 1,
    }  # fmt: skip
    assert one(take(path), "interactions") == expected
    assert one(take(write_table(tmp_path / "m.csv", [flat(METRIC)])), "interactions") == expected
    inside = write(tmp_path / "t.json", {"tickets": [TICKET | {"metric_set": METRIC}]})
    assert one(take(inside), "interactions") == CONTACT | {k: v for k, v in expected.items() if k != "interaction_id"}


@pytest.mark.parametrize(("status", "ended"), [("open", False), ("pending", False), ("solved", True), ("closed", True)])
def test_only_a_solved_ticket_has_ended(status: str, ended: bool, tmp_path: Path, take: Any) -> None:
    tickets = write(tmp_path / "t.json", [TICKET | {"status": status}])
    metrics = write(tmp_path / "m.json", [METRIC])
    ticket, metric = (outcome for outcome in take(tickets, metrics) if outcome.plan.table == "interactions")
    assert ticket.rows[0]["outcome"] == ("resolved" if ended else "unresolved")
    assert ("ended_at" in metric.rows[0]) == ended and "ended_at" not in ticket.rows[0]


@pytest.mark.parametrize(
    ("stations", "transfers"),
    [((1, 1), 0), ((0, 0), 0), ((1, 3), 2), ((4, 2), 3), ((None, 2), 1), ((None, None), None)],
)
def test_transfers_are_the_further_stations(stations: Any, transfers: int | None, tmp_path: Path, take: Any) -> None:
    metric = METRIC | dict(zip(("assignee_stations", "group_stations"), stations, strict=True))
    assert one(take(write(tmp_path / "m.json", [metric])), "interactions").get("transfers") == transfers


CHANNELS = [
        ("mail", "email"), ("email", "email"), (4, "email"), ("web", "web"), ("web_form", "web"), (0, "web"),
        ("Web form", "web"), ("Web Widget", "web"), ("chat", "chat"), (29, "chat"), ("native_messaging", "chat"),
        ("phone_call_inbound", "phone"), ("Phone call (incoming)", "phone"), ("api_voicemail", "phone"), (45, "phone"),
        ("voice", "phone"), ("twitter_dm", "social"), ("Facebook Post", "social"), ("whatsapp", "social"),
        ("sunshine_conversations_twitter_dm", "social"), ("mobile_sdk", "app"), ("sms", "sms"), ("api", "api"),
        ("web_service", "api"), (5, "api"), ("Web service (API)", "api"), ("any_channel", "any_channel"),
        ("side_conversation", "side_conversation"), (None, None),
]  # fmt: skip


def test_via_becomes_a_channel(tmp_path: Path, take: Any) -> None:
    tickets = [TICKET | {"id": place, "via": {"channel": via, "source": {}}} for place, (via, _) in enumerate(CHANNELS)]
    rows = only(take(write(tmp_path / "t.json", tickets)), "interactions").rows
    found = {row["interaction_id"]: row.get("channel") for row in rows}
    assert found == {f"zendesk:{place}": channel for place, (_, channel) in enumerate(CHANNELS)}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "closed", "tags": ["closed_by_merge"]}, {"outcome": None}),
        ({"status": "hold"}, {"outcome": "unresolved"}),
        ({"tags": ["outcome_escalated"]}, {"outcome": "escalated"}),
        ({"tags": ["outcome_great"]}, {"outcome": "resolved"}),
        ({"due_at": "2024-05-09T00:00:00Z"}, {"promised_at": datetime(2024, 5, 9)}),
        ({"external_id": "K-1"}, {"case_id": "K-1", "interaction_id": "zendesk:35436"}),
        ({"assignee_id": None}, {"handled_by": None, "agent_id": None}),
        ({"assignee_id": None, "tags": ["ab_resolved"]}, {"handled_by": "bot"}),
        ({"group_id": None}, {"team": None}),
        ({"tags": [], "type": None}, {"reason": None, "touchpoint": None, "stage": "get help"}),
        ({"tags": ["stage_pay"], "type": "problem"}, {"reason": "problem", "stage": "pay"}),
        ({"tags": ["reason_", "reason_wrong_size"]}, {"reason": "wrong size"}),
        ({"submitter_id": 235323}, {"initiated_by": "company"}),
        ({"submitter_id": 999}, {"initiated_by": None}),
        ({"submitter_id": 235323, "via": {"channel": "phone_call_inbound"}}, {"initiated_by": "customer"}),
        ({"via": {"channel": "phone_call_outbound"}}, {"initiated_by": "company", "channel": "phone"}),
    ],
)
def test_what_a_ticket_says_of_the_contact(changes: Any, expected: Any, tmp_path: Path, take: Any) -> None:
    users = write(tmp_path / "u.json", {"users": [CUSTOMER, AGENT]})
    row = one(take(write(tmp_path / "t.json", [TICKET | changes]), users), "interactions")
    assert {name: row.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("relation", "number", "case"),
    [
        ("follow_up", 12, "zendesk:12"), ("follow_up", 1, "zendesk:1"), ("follow_up", 2, "zendesk:1"),
        ("follow_up", 3, "K-3"), ("other", 12, "zendesk:35436"),
    ],
)  # fmt: skip
def test_a_follow_up_belongs_to_the_case_that_it_follows(
    relation: str, number: int, case: str, tmp_path: Path, take: Any
) -> None:
    def via(rel: str, followed: int) -> dict[str, Any]:
        return {"via": {"channel": "web", "source": {"rel": rel, "from": {"ticket_id": followed}}}}

    others = [TICKET | {"id": 1}, TICKET | {"id": 2} | via("follow_up", 1), TICKET | {"id": 3, "external_id": "K-3"}]
    outcome = only(take(write(tmp_path / "t.json", [*others, TICKET | via(relation, number)])), "interactions")
    assert outcome.rows[-1]["case_id"] == case


def test_agents_are_known_by_the_companys_own_key(tmp_path: Path, take: Any) -> None:
    tickets = write(tmp_path / "t.json", [TICKET | {"comments": [COMMENT | {"author_id": 235323}]}])
    outcomes = take(tickets, write(tmp_path / "u.json", [AGENT | {"external_id": "A-7"}]))
    assert one(outcomes, "interactions")["agent_id"] == one(outcomes, "messages")["author_id"] == "A-7"


def test_numbers_that_a_spreadsheet_turned_into_fractions(tmp_path: Path, take: Any) -> None:
    numbers = {name: f"{TICKET[name]}.0" for name in ("requester_id", "assignee_id", "group_id")}
    path = write_table(tmp_path / "t.csv", [TICKET | numbers | {"assignee_stations": "2.0", "reopens": "0.0"}])
    assert one(take(path), "interactions") == CONTACT | {"transfers": 1, "reopens": 0}


def test_deleted_and_sample_tickets_are_skipped_with_all_that_belongs_to_them(tmp_path: Path, take: Any) -> None:
    sample = TICKET | {"id": 1, "via": {"channel": "sample_ticket"}, "satisfaction_rating": None}
    tickets = write(tmp_path / "t.json", [TICKET | {"status": "deleted", "comments": [COMMENT]}, sample])
    metrics, ratings = write(tmp_path / "m.json", [METRIC]), write(tmp_path / "r.json", [RATING])
    for outcome in take(tickets, metrics, ratings):
        assert outcome.rows == [] and outcome.skipped == outcome.read > 0


def test_the_group_gives_the_team_its_name(tmp_path: Path, take: Any) -> None:
    tickets = write(tmp_path / "t.json", [TICKET])
    alone = SOURCE.plans([tickets])[0].fingerprint("digest")
    outcomes = take(tickets, write(tmp_path / "g.json", {"groups": [GROUP], "count": 1}))
    assert one(outcomes, "interactions")["team"] == "Orders"
    assert outcomes[0].plan.fingerprint("digest") != alone  # the name arrives although the tickets were loaded before


def test_users_without_agents_are_customers(tmp_path: Path, take: Any) -> None:
    path = write(tmp_path / "u.json", {"users": [CUSTOMER, AGENT], "end_of_stream": True})
    assert SOURCE.recognises(path)
    outcome = only(take(path), "customers")
    assert outcome.skipped == 1 and outcome.rows == [
        {
            "customer_id": "zendesk:20978392", "name": "Roger Wilco", "email": "roge@example.org",
            "phone": "+15551234567", "signed_up_at": datetime(2023, 1, 1),
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("score", "value"),
    [("good", 1), ("bad", 0), ("good_with_comment", 1), ("badWithoutComment", 0), ("Good", 1), ("Bad with comment", 0)],
)
def test_ratings_are_answers_between_0_and_1(score: str, value: int, tmp_path: Path, take: Any) -> None:
    path = write(tmp_path / "r.json", {"satisfaction_ratings": [RATING | {"score": score}]})
    assert one(take(path), "survey_answers") == {
        "answer_id": "zendesk:35436", "customer_id": "zendesk:20978392", "interaction_id": "zendesk:35436",
        "respondent": "customer", "instrument": "csat", "invited_at": datetime(2024, 5, 2, 11), "score": value, "scale_min": 0,
        "scale_max": 1, "comment": "Great support!", "answered_at": datetime(2024, 5, 2, 12), "weight": 1,
    }  # fmt: skip


def test_an_offer_is_an_invitation_and_nothing_else_is_an_answer(tmp_path: Path, take: Any) -> None:
    ratings = [
        RATING | {"id": n, "ticket_id": n, "score": score, "comment": None}
        for n, score in enumerate(["offered", "unoffered", "great"], start=1)
    ]
    ratings.append(RATING | {"id": 9, "ticket_id": None})
    outcome = only(take(write(tmp_path / "r.json", ratings)), "survey_answers")
    assert SOURCE.recognises(tmp_path / "r.json")
    offered, lonely = outcome.rows
    assert offered["invited_at"] == datetime(2024, 5, 2, 11) and not offered.keys() & {"score", "answered_at"}
    assert lonely["answer_id"] == "zendesk:rating-9"
    assert outcome.skipped == 1
    assert outcome.problems == [(3, "score 'great' is none of: good, bad, offered, unoffered")]


def test_one_rating_is_loaded_once_and_has_one_key(tmp_path: Path, take: Any) -> None:
    tickets = write(tmp_path / "t.json", [TICKET | {"tags": ["stage_pay"]}])
    offer = RATING | {"id": 1, "score": "offered", "updated_at": "2024-05-03T00:00:00Z"}
    ratings = write(tmp_path / "r.json", [RATING, offer])
    assert one(take(tickets), "survey_answers")["answer_id"] == "zendesk:35436"
    together = only(take(tickets, ratings), "survey_answers")
    assert together.plan.file == ratings and together.skipped == 1  # an answer outranks a later offer
    assert together.rows[0]["answer_id"] == "zendesk:35436" and together.rows[0]["stage"] == "pay"


def test_tickets_without_ratings_give_no_plan_for_answers(tmp_path: Path) -> None:
    path = write(tmp_path / "t.json", [TICKET | {"satisfaction_rating": {"score": "unoffered"}}])
    assert [plan.table for plan in SOURCE.plans([path])] == ["interactions"]


def test_comments_are_messages_of_customer_agent_and_bot(tmp_path: Path, take: Any) -> None:
    comments = [
        COMMENT,
        COMMENT | {"id": 2, "author_id": 235323, "plain_body": None},
        COMMENT | {"id": 3, "author_id": 235323, "public": False},
        COMMENT | {"id": 4, "author_id": -1, "plain_body": None, "body": None},
        COMMENT | {"id": 5, "author_id": 4711},
        COMMENT | {"id": 6, "author_id": None},
    ]
    users = write(tmp_path / "u.json", {"users": [CUSTOMER, AGENT]})
    path = write(tmp_path / "comments_35436.json", {"comments": comments, "next_page": None})
    assert SOURCE.recognises(path)
    outcome = only(take(users, path), "messages")
    assert [(row["message_id"], row["author"], row["text"]) for row in outcome.rows] == [
        ("zendesk:1274", "customer", "Thanks"),
        ("zendesk:2", "agent", "**Thanks**"),
        ("zendesk:4", "bot", "Thanks"),
    ]
    assert {row["interaction_id"] for row in outcome.rows} == {"zendesk:35436"}
    assert outcome.rows[0]["author_id"] == "zendesk:20978392" and outcome.skipped == 1
    assert [line for line, _ in outcome.problems] == [5, 6] and "not known" in outcome.problems[0][1]
    assert "35436" in outcome.plan.note
    with_tickets = only(take(write(tmp_path / "t.json", [TICKET]), path), "messages")
    assert [row["author"] for row in with_tickets.rows] == ["customer", "agent", "bot", "agent"]
    assert with_tickets.plan.fingerprint("digest") != outcome.plan.fingerprint("digest")


def test_a_comment_needs_its_ticket(tmp_path: Path, take: Any) -> None:
    outcome = only(take(write(tmp_path / "c.json", [COMMENT]), write(tmp_path / "t.json", [TICKET])), "messages")
    assert outcome.rows == [] and "no ticket id" in outcome.problems[0][1]
    named = write_table(tmp_path / "c.csv", [COMMENT | {"ticket_id": 35436}])
    assert one(take(named, tmp_path / "t.json"), "messages")["interaction_id"] == "zendesk:35436"


def test_comments_within_tickets(tmp_path: Path, take: Any) -> None:
    path = write(tmp_path / "t.json", [TICKET | {"comments": [COMMENT, COMMENT | {"id": 2, "public": False}]}])
    outcome = only(take(path), "messages")
    assert (len(outcome.rows), outcome.skipped) == (1, 1)
    assert outcome.rows[0]["author"] == "customer" and outcome.rows[0]["sent_at"] == datetime(2024, 5, 1, 10)


def test_the_latest_version_of_a_repeated_record_counts(tmp_path: Path, take: Any) -> None:
    old = TICKET | {"status": "open", "updated_at": "2024-05-01T09:30:00Z", "comments": [COMMENT]}
    new = TICKET | {"comments": [COMMENT, COMMENT | {"id": 2}]}
    first = write(tmp_path / "1.json", {"tickets": [new, old], "users": [CUSTOMER]})
    second = write(tmp_path / "2.json", {"tickets": [old], "users": [CUSTOMER | {"name": "Roger W."}]})
    outcomes = take(first, second)
    contacts = [outcome for outcome in outcomes if outcome.plan.table == "interactions"]
    assert [(len(o.rows), o.skipped, o.read) for o in contacts] == [(1, 1, 2), (0, 1, 1)]
    assert contacts[0].rows[0]["outcome"] == "resolved"
    messages = [outcome for outcome in outcomes if outcome.plan.table == "messages"]
    assert [(len(o.rows), o.skipped) for o in messages] == [(2, 1), (0, 1)]
    users = [outcome for outcome in outcomes if outcome.plan.table == "customers"]
    assert [[row["name"] for row in o.rows] for o in users] == [[], ["Roger W."]]
    assert not any(outcome.problems or outcome.duplicates for outcome in outcomes)


def test_lists_loaded_side_by_side_each_give_a_plan(tmp_path: Path, take: Any) -> None:
    page = {"tickets": [TICKET], "users": [CUSTOMER], "groups": [GROUP], "metric_sets": [METRIC], "end_of_stream": True}
    outcomes = take(write(tmp_path / "x.json", page))
    assert sorted(o.plan.table for o in outcomes) == ["customers", "interactions", "interactions", "survey_answers"]
    assert outcomes[0].rows[0]["team"] == "Orders"
    assert len({outcome.plan.fingerprint("digest") for outcome in outcomes}) == 4


def test_an_empty_last_page_is_no_fault(tmp_path: Path) -> None:
    last = write(tmp_path / "2.json", {"tickets": [], "end_of_stream": True, "after_url": None})
    assert SOURCE.recognises(last)
    files = [plan.file.name for plan in SOURCE.plans([write(tmp_path / "1.json", [TICKET]), last])]
    assert files == ["1.json", "1.json"]
    with pytest.raises(IntakeError, match="nothing to load"):
        SOURCE.plans([last])


def test_bad_rows_are_set_aside_with_their_line(tmp_path: Path, take: Any) -> None:
    rows = [TICKET, 5, TICKET | {"id": None}, TICKET | {"id": 7, "created_at": "yesterday"}]
    outcome = only(take(write(tmp_path / "t.json", {"tickets": rows})), "interactions")
    assert [line for line, _ in outcome.problems] == [2, 3, 4]
    assert len(outcome.rows) == 1 and outcome.read == 4
    ragged = tmp_path / "t.csv"
    ragged.write_text("id,status,requester_id,assignee_id,created_at\n1,open,2,3,2024-05-01\n2,open,3\n")
    outcome = only(take(ragged), "interactions")
    assert len(outcome.rows) == 1 and outcome.problems[0][0] == 3 and "3 cells" in outcome.problems[0][1]


LINE = "id,status,requester_id,assignee_id,created_at\n1,open,2,3,2024-05-01\n"
UNUSABLE: dict[str, tuple[str, bytes, str]] = {
    "truncated JSON": ("t.json", json.dumps({"tickets": [TICKET]})[:-40].encode(), "not complete JSON"),
    "CSV named .json": ("t.json", LINE.encode(), "is not JSON"),
    "JSON named .csv": ("t.csv", json.dumps([TICKET]).encode(), "holds JSON"),
    "empty": ("t.json", b" \n", "is empty"),
    "another thing": ("t.csv", b"order_id,amount\n1,2\n", "none of Zendesk's.*it has: amount, order_id"),
    "an error of the API": ("t.json", b'{"error": "RecordNotFound"}', "none of Zendesk's"),
    "no created_at": ("t.csv", b"id,status,requester_id,via\n1,open,2,3\n", "no created_at, which Zendesk tickets"),
    "no role": ("u.json", b'{"users": [{"id": 1, "name": "x"}]}', "has no role"),
    "no score": ("r.json", b'{"satisfaction_ratings": [{"id": 1}]}', "has no score and no updated_at or created_at"),
    "groups alone": ("g.json", json.dumps([GROUP]).encode(), "groups only help"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_file_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    file, content, message = UNUSABLE[name]
    (tmp_path / file).write_bytes(content)
    with pytest.raises(IntakeError, match=message) as caught:
        SOURCE.plans([tmp_path / file])
    assert file in str(caught.value) and "\n" not in str(caught.value)


def test_another_encoding_is_read_and_noted(tmp_path: Path, take: Any) -> None:
    path = tmp_path / "view.csv"
    row = LEGACY | {"Group": "Rückgabe für Käufer"}
    path.write_bytes("\r\n".join([";".join(row), ";".join(row.values()), ""]).encode("utf-16"))
    assert SOURCE.recognises(path)
    outcome = only(take(path), "interactions")
    assert outcome.rows[0]["team"] == "Rückgabe für Käufer"
    assert "read as utf-16" in outcome.plan.note


STRANGERS = {
    "interactions.csv": "interaction_id,customer_id,occurred_at,channel\n1,2,2024-05-01,web\n",
    "customers.csv": "customer_id,name,email,phone\n1,x,y,z\n",
    "messages.csv": "message_id,interaction_id,author,author_id,text\n1,2,agent,3,hi\n",
    "olist_order_reviews_dataset.csv": "review_id,order_id,review_score,review_comment_title\n1,2,5,x\n",
    "twcs.csv": "tweet_id,author_id,inbound,created_at,text\n1,2,True,x,y\n",
    "staff.csv": "id,name,email,role\n1,x,y,admin\n",
    "intercom.json": '{"type": "conversation", "id": "1", "source": {"author": {"id": "2"}, "body": "x"}}',
    "contacts.json": '{"data": [{"type": "contact", "id": "1", "external_id": "2", "role": "user", "name": "x"}]}',
    "freshdesk.json": '[{"id": 1, "requester_id": 2, "responder_id": 3, "status": 2, "source": 1, "tags": []}]',
    "empty.json": "",
    "broken.json": '{"tickets": [',
    "scalar.json": "5",
}


@pytest.mark.parametrize("name", STRANGERS)
def test_other_formats_are_not_taken_for_zendesk(name: str, tmp_path: Path) -> None:
    assert not SOURCE.recognises(write(tmp_path / name, STRANGERS[name]))


def test_recognising_never_raises(tmp_path: Path) -> None:
    (tmp_path / "noise.csv").write_bytes(bytes(range(256)) * 40)
    assert not SOURCE.recognises(tmp_path / "noise.csv")
    assert not SOURCE.recognises(tmp_path / "absent.json")
    assert not SOURCE.recognises(tmp_path)


def test_a_large_page_is_recognised_by_its_beginning(tmp_path: Path) -> None:
    assert SOURCE.recognises(write(tmp_path / "t.json", {"tickets": [TICKET] * 500}))


NAMES = st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=6), min_size=1, max_size=4)


@given(NAMES, st.sampled_from([".", "_", "__", " ", "/", "-"]))
def test_a_field_has_one_spelling_whatever_separates_its_parts(parts: list[str], separator: str) -> None:
    assert field(separator.join(parts).title()) == field("_".join(parts))


@given(st.dictionaries(st.text(string.ascii_lowercase, min_size=1), st.text(), max_size=5))
def test_a_json_cell_means_what_the_nested_fields_mean(nested: dict[str, str]) -> None:
    assert spelled(flat({"via": nested})) == spelled({f"via__{name}": cell for name, cell in nested.items()})
    assert literal(json.dumps(nested)) == literal(repr(nested)) == nested


@given(st.text())
def test_no_text_breaks_the_reading_of_cells_tags_and_html(text: str) -> None:
    assert all(tags(text))
    assert isinstance(plain(text), str)
    literal(f"[{text}")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello &amp; <b>welcome</b></p><p>Bye</p>", "Hello & welcome\nBye"),
        ("a<br/>b<br>c", "a\nb\nc"),
        ("<style>p {}</style><div>x&nbsp;&lt;y&gt;</div>z", "x <y>\nz"),
        ("<script>if (a < b) {}</script>", ""),
        ("no tags", "no tags"),
    ],
)
def test_html_is_reduced_to_what_was_said(html: str, text: str) -> None:
    assert plain(html) == text
