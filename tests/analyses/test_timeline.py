"""One customer's timeline: everything that happened, in order, whatever it came from, and in words."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from cx_metrics.analyses.conversation import moment
from cx_metrics.analyses.customers import find_customers, found_in_words, nobody
from cx_metrics.analyses.timeline import KINDS, customer, history, timeline
from cx_metrics.journey import Limits
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse, import_tables

COLUMNS = ["at", "until", "lane", "kind", "title", "outcome", "detail", "key", "signals"]
HOSTILE = "<script>alert(1)</script> **bold** =1+1 100%_!"


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    """Ann has done everything once or twice; Bob is known by a contact alone, Eve by her name alone."""
    return make_shared_warehouse(
        {
            "customers": [
                {"customer_id": "C-1", "name": "Ann Lee", "email": "Ann@x.org", "segment": "gold", "birth_year": 1980,
                 "signed_up_at": "2024-01-01"},
                {"customer_id": "C-2", "name": HOSTILE, "email": "eve@x.org"},
            ],
            "identities": [{"source_customer_key": "crm-77", "customer_id": "C-1"}],
            "interactions": [
                {"interaction_id": "I-1", "customer_id": "C-1", "occurred_at": "2024-02-03T10:00:00",
                 "ended_at": "2024-02-03T11:00:00", "channel": "chat", "stage": "get help", "reason": "late delivery",
                 "team": "Care", "handled_by": "self_service", "wait_seconds": 90, "transfers": 0,
                 "outcome": "resolved"},
                {"interaction_id": "I-2", "customer_id": "C-1", "occurred_at": "2024-05-01T10:00:00",
                 "channel": "phone", "reason": HOSTILE, "outcome": "unresolved"},
                {"interaction_id": "I-3", "customer_id": "B-9", "occurred_at": "2024-03-01"},
                {"interaction_id": "I-4", "occurred_at": "2024-03-02", "channel": "web"},
            ],
            "messages": [
                {"message_id": "M-2", "interaction_id": "I-1", "sent_at": "2024-02-03T10:05:00", "author": "agent",
                 "text": "Sorry"},
                {"message_id": "M-1", "interaction_id": "I-1", "sent_at": "2024-02-03T10:00:00", "author": "customer",
                 "text": HOSTILE},
                {"message_id": "M-3", "interaction_id": "I-1", "author": "bot"},
            ],
            "survey_answers": [
                {"answer_id": "S-1", "customer_id": "C-1", "interaction_id": "I-1", "instrument": "csat", "score": 2,
                 "comment": HOSTILE, "stage": "get help", "answered_at": "2024-02-04"},
                {"answer_id": "S-2", "customer_id": "C-1", "instrument": "nps", "invited_at": "2024-05-02"},
                {"answer_id": "I-2", "customer_id": "C-1", "instrument": "believed_expectation", "score": 3.5,
                 "answered_at": "2024-01-05"},
            ],
            "orders": [
                {"order_id": "O-1", "customer_id": "C-1", "ordered_at": "2024-02-01", "promised_at": "2024-02-02",
                 "delivered_at": "2024-02-05", "amount": 59.9, "currency": "EUR", "status": "delivered"},
            ],
            "subscriptions": [{"subscription_id": "P-1", "customer_id": "C-1", "started_at": "2023-06-01",
                               "monthly_amount": 12, "currency": "EUR"}],
        }
    )  # fmt: skip


# --- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["C-1", "crm-77", "ann@X.org"])
def test_a_customer_is_known_by_every_key(warehouse: Warehouse, key: str) -> None:
    found = customer(warehouse, key)
    assert found is not None and found.customer_id == "C-1"
    assert found.details["name"] == "Ann Lee" and found.details["signed_up_at"] == "1 Jan 2024"
    assert found.described == "C-1 · Ann@x.org · gold · born 1980 · signed up 1 Jan 2024 · also crm-77 (csv)"


def test_a_customer_that_only_contacts_name(warehouse: Warehouse) -> None:
    found = customer(warehouse, "B-9")
    assert found is not None and found.details == {} and found.described == ""
    assert customer(warehouse, "B-8") is None and customer(warehouse, "%") is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("lee ann", ["C-1"]), ("ANN@x", ["C-1"]), ("rm-7", ["C-1"]), ("b-9", ["B-9"]), ("100%_!", ["C-2"]),
        ("%", ["C-2"]), ("<script>", ["C-2"]), ("x.org", ["C-1", "C-2"]), ("nobody", []), ("ann nobody", []),
    ],
)  # fmt: skip
def test_search(warehouse: Warehouse, text: str, wanted: list[str]) -> None:
    assert list(find_customers(warehouse, text)["customer_id"]) == wanted


def test_search_counts_contacts(warehouse: Warehouse) -> None:
    found = find_customers(warehouse, "ann").iloc[0]
    assert found["contacts"] == 2 and found["last_contact"] == pd.Timestamp("2024-05-01 10:00")


def test_search_puts_the_exact_match_first(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse(
        {
            "customers": [{"customer_id": f"{n}7", "name": f"A{n}"} for n in range(5)] + [{"customer_id": "7"}],
            "interactions": [{"interaction_id": "1", "customer_id": "37", "occurred_at": "2024-01-01"}],
        }
    )
    assert list(find_customers(warehouse, "7")["customer_id"]) == ["7", "37", "07", "17", "27", "47"]
    assert list(find_customers(warehouse, "7", 2)["customer_id"]) == ["7", "37"]  # the best ones, not any two


def test_how_many_were_found_in_words() -> None:
    assert found_in_words(pd.DataFrame({"customer_id": ["1"]}), "x") == "1 found; click one."
    assert found_in_words(pd.DataFrame({"customer_id": range(50)}), "x") == "The first 50; click one, or say more."
    assert found_in_words(pd.DataFrame({"customer_id": range(50)}), " ") == "The newest ones; click one, or search."


def test_without_a_text_the_newest(warehouse: Warehouse) -> None:
    assert list(find_customers(warehouse, " ")["customer_id"]) == ["C-1", "B-9"]


def test_nobody(warehouse: Warehouse, empty_warehouse: Warehouse, make_warehouse: MakeWarehouse) -> None:
    anonymous = make_warehouse(
        {"survey_answers": [{"answer_id": "1", "instrument": "nps", "score": 9, "answered_at": "2024-01-01"}]}
    )
    assert find_customers(anonymous, "x").empty and find_customers(anonymous, "").empty
    assert "anonymous" in nobody(anonymous, "x")
    assert "“x”" in nobody(warehouse, " x ")
    assert "no data" in nobody(empty_warehouse, "x")


# --- what ------------------------------------------------------------------------------------------------------------


def test_everything_in_order(warehouse: Warehouse) -> None:
    rows = timeline(warehouse, "C-1")
    assert list(rows.columns) == COLUMNS
    assert list(rows["key"]) == ["P-1", "I-2", "O-1", "I-1", "S-1", "I-2", "S-2"]
    assert list(rows["kind"]) == ["subscription", "survey", "order", "contact", "survey", "contact", "survey"]
    assert set(rows["kind"]) == set(KINDS)


def test_each_kind_in_words(warehouse: Warehouse) -> None:
    rows = timeline(warehouse, "C-1")
    said = [
        [None if part != part else part for part in row]
        for row in rows[["lane", "title", "outcome", "detail"]].to_numpy()
    ]
    assert said == [
        ["subscription", "subscription P-1", "running", "12.00 EUR a month"],
        ["survey", "believed expectation", "3.5 of 5", None],
        ["order", "order O-1", "delivered", "59.90 EUR · late"],
        ["chat", "late delivery", "resolved", "get help · Care · self service"],
        ["survey", "CSAT · get help", "2 of 5", HOSTILE],
        ["phone", HOSTILE, "unresolved", ""],
        ["survey", "NPS", "not answered", None],
    ]
    assert rows["until"][3] == pd.Timestamp("2024-02-03 11:00") and pd.isna(rows["until"][0])


def test_signals_of_friction_stand_beside_their_contacts(warehouse: Warehouse) -> None:
    """Under the limits that hold: ninety seconds by chat are no long wait, unless a minute is."""
    assert set(timeline(warehouse, "C-1")["signals"]) == {""}
    moved = Limits(wait_seconds=60)
    for rows in (timeline(warehouse, "C-1", moved), history(warehouse, "C-1", limits=moved).rows):
        assert dict(zip(rows["key"], rows["signals"], strict=True))["I-1"] == "long wait"
        assert (rows["signals"] != "").sum() == 1


def test_good_and_bad_are_no_numbers(make_warehouse: MakeWarehouse) -> None:
    scores = [{"answer_id": str(score), "customer_id": "C", "instrument": "csat", "score": score, "scale_min": 0,
               "scale_max": 1, "answered_at": f"2024-01-0{score + 1}"} for score in (0, 1)]  # fmt: skip
    rows = timeline(make_warehouse({"survey_answers": scores}), "C")
    assert list(rows["outcome"]) == ["bad", "good"]


def test_in_one_sentence(warehouse: Warehouse) -> None:
    assert history(warehouse, "C-1").sentence == (
        "2 contacts on 2 channels since 3 Feb 2024, 3 survey questions, 1 order and 1 subscription; last contact: "
        f"phone about {HOSTILE} on 1 May 2024, unresolved; last answer: CSAT 2 of 5 on 4 Feb 2024."
    )
    unknown = history(warehouse, "B-9").sentence
    assert unknown == "1 contact on 1 channel since 1 Mar 2024; last contact on 1 Mar 2024."
    nothing = history(warehouse, "C-2")
    assert (nothing.total, nothing.rows.empty, nothing.sentence) == (0, True, "Nothing is on record here.")


def test_the_newest_and_how_many_there_are(warehouse: Warehouse) -> None:
    whole, newest = history(warehouse, "C-1"), history(warehouse, "C-1", newest=2)
    pd.testing.assert_frame_equal(whole.rows, timeline(warehouse, "C-1"), check_dtype=False)
    assert list(newest.rows["key"]) == ["I-2", "S-2"] and newest.total == whole.total == 7
    assert whole.shown == "Shown: all 7 rows. The period and the filters above do not apply here."
    assert newest.shown.startswith("Shown: the newest 2 of 7 rows (choose a period")
    assert newest.sentence.startswith("2 contacts on 2 channels since 3 Feb 2024, 3 survey")


@pytest.mark.parametrize(
    ("start", "end", "keys"),
    [
        ("2024-02-03", "2024-02-03", ["P-1", "O-1", "I-1"]),  # what runs on that day counts
        ("2024-02-04", "2024-02-05", ["P-1", "O-1", "S-1"]),
        ("2023-01-01", "2023-05-31", []),
        ("2024-05-02", None, ["P-1", "S-2"]),
        (None, "2023-06-01", ["P-1"]),
    ],
)
def test_some_days_only(warehouse: Warehouse, start: str | None, end: str | None, keys: list[str]) -> None:
    first, last = (datetime.date.fromisoformat(day) if day else None for day in (start, end))
    found = history(warehouse, "C-1", first, last)
    assert list(found.rows["key"]) == keys and found.total == len(keys)
    assert found.shown.endswith("The filters above do not apply here.")


def test_what_has_no_time_comes_last(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse(
        {"survey_answers": [{"answer_id": "1", "customer_id": "C", "instrument": "csat", "comment": "Hm"},
                            {"answer_id": "2", "customer_id": "C", "instrument": "csat", "invited_at": "2024-01-01"}]}
    )  # fmt: skip
    assert list(timeline(warehouse, "C")["key"]) == ["2", "1"]
    found = history(warehouse, "C")
    assert set(found.rows["key"]) == {"1", "2"} and found.sentence == "2 survey questions since 1 Jan 2024."


def test_matched_customers_share_a_timeline(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse({"customers": [{"customer_id": "C-1", "email": "a@x.org"}]})
    import_tables(warehouse, {"identities": [{"source_customer_key": "Z-1", "customer_id": "C-1"}]})
    import_tables(
        warehouse, {"interactions": [{"interaction_id": "1", "customer_id": "Z-1", "occurred_at": "2024-01-01"}]}
    )
    found = customer(warehouse, "Z-1")
    assert found is not None and found.customer_id == "C-1"
    assert history(warehouse, "C-1").total == 1


# --- one moment ------------------------------------------------------------------------------------------------------


def test_a_contact_in_full(warehouse: Warehouse) -> None:
    found = moment(warehouse, "contact", "I-1")
    assert found is not None and found.customer_id == "C-1"
    assert found.title == "Chat: late delivery, resolved, 03 Feb 2024, 10:00 UTC"
    assert found.described == (
        "interaction I-1 · ended 03 Feb 2024, 11:00 · stage get help · handled by self service · team Care · "
        "wait 1 min 30 s"
    )
    assert list(found.messages["text"]) == [HOSTILE, "Sorry", ""]
    assert list(found.messages["when"]) == ["customer, 03 Feb 2024, 10:00", "agent, 03 Feb 2024, 10:05", "bot"]
    assert found.shown == ""


def test_a_contact_without_text_and_without_customer(warehouse: Warehouse) -> None:
    found = moment(warehouse, "contact", "I-4")
    assert found is not None and found.customer_id is None and found.messages.empty
    assert found.title == "Web: contact, outcome not given, 02 Mar 2024, 00:00 UTC"
    assert "no text" in found.shown


def test_an_answer_with_its_comment(warehouse: Warehouse) -> None:
    found = moment(warehouse, "survey", "S-1")
    assert found is not None and list(found.messages["text"]) == [HOSTILE] and found.messages["author"][0] == "customer"
    silent = moment(warehouse, "survey", "S-2")
    assert silent is not None and silent.messages.empty and silent.shown == "No comment was written."


def test_keys_of_kinds_do_not_mix(warehouse: Warehouse) -> None:
    contact, answer = moment(warehouse, "contact", "I-2"), moment(warehouse, "survey", "I-2")
    assert contact is not None and contact.title.startswith("Phone: ")
    assert answer is not None and answer.title.startswith("Survey: believed expectation, 3.5 of 5")
    assert moment(warehouse, "order", "I-2") is None
    order, subscription = moment(warehouse, "order", "O-1"), moment(warehouse, "subscription", "P-1")
    assert order is not None and "amount 59.9" in order.described and order.shown == ""
    assert subscription is not None and subscription.title.startswith("Subscription: subscription P-1, running")


def test_of_very_long_conversations_the_beginning(make_warehouse: MakeWarehouse) -> None:
    start = datetime.datetime(2024, 1, 1)
    times = [start + datetime.timedelta(minutes=n) for n in range(502)]
    said = [{"message_id": f"M{n}", "interaction_id": "1", "sent_at": time, "author": "bot", "text": str(n)}
            for n, time in enumerate(times)]  # fmt: skip
    warehouse = make_warehouse({"interactions": [{"interaction_id": "1", "occurred_at": start}], "messages": said})
    found = moment(warehouse, "contact", "1")
    assert found is not None and list(found.messages["text"]) == [str(n) for n in range(500)]
    assert found.shown == "Only the first 500 messages are shown."
