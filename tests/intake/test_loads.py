"""What an import does to a warehouse: repeated, changed, late and joined rows; all or nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.intake.load import LoadReport, import_plans
from cx_metrics.intake.mapping import mapping_plans
from cx_metrics.intake.plan import IntakeError, Plan
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.model import (
    SAMPLE_NOTE,
    customers,
    identities,
    interactions,
    loads,
    metadata,
    orders,
    quarantine,
    survey_answers,
)  # fmt: skip
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse

CONTACTS = "interaction_id,customer_id,occurred_at,reason,team"


@pytest.fixture
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    return make_warehouse({})


@pytest.fixture
def local(embedded: Embedded) -> Warehouse:
    """A warehouse on the embedded engine, for what no engine does in its own way."""
    return embedded.warehouse({})


def plan(folder: Path, name: str, *rows: str, source: str = "csv") -> Plan:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return replace(SOURCE.plans([path])[0], source=source)


def load(warehouse: Warehouse, *plans: Plan) -> LoadReport:
    """Import, and the report of the last plan."""
    return import_plans(warehouse, plans)[-1]


def account(report: LoadReport) -> dict[str, int]:
    """What is not zero of read = loaded + quarantined + duplicates + skipped, and changed."""
    counts = {
        name: getattr(report, name) for name in ("read", "loaded", "changed", "quarantined", "duplicates", "skipped")
    }
    assert report.read == report.loaded + report.quarantined + report.duplicates + report.skipped
    return {name: count for name, count in counts.items() if count}


def rows(warehouse: Warehouse, *columns: Any) -> list[tuple[Any, ...]]:
    frame = warehouse.read(sa.select(*columns).order_by(*columns[:2]))
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in frame.itertuples(index=False)]


def test_the_same_file_again_changes_nothing(local: Warehouse, tmp_path: Path) -> None:
    first = plan(tmp_path, "interactions.csv", CONTACTS, "1,c1,2024-01-05,bill,", "2,c1,x,bill,")
    assert account(load(local, first)) == {"read": 2, "loaded": 1, "quarantined": 1}
    version = local.version()
    copied = plan(tmp_path, "interactions-copy.csv", CONTACTS, "1,c1,2024-01-05,bill,", "2,c1,x,bill,")
    for again in (first, copied):
        assert load(local, again).already == 1
    assert local.version() == version
    assert rows(local, loads.c.load_id, loads.c.file, loads.c.rows_read) == [(1, "interactions.csv", 2)]


def test_a_file_read_in_another_way_is_another_load(local: Warehouse, tmp_path: Path) -> None:
    first = plan(tmp_path, "interactions.csv", CONTACTS, "1,c1,2024-01-05,bill,")
    load(local, first)
    assert account(load(local, replace(first, timezone="Europe/Berlin"))) == {"read": 1, "loaded": 1, "changed": 1}


def test_known_rows_in_another_file_are_duplicates(local: Warehouse, tmp_path: Path) -> None:
    load(local, plan(tmp_path, "interactions-1.csv", CONTACTS, "1,c1,2024-01-05,bill,", "2,c1,2024-01-06,bill,"))
    again = plan(tmp_path, "interactions-2.csv", CONTACTS, "2,c1,2024-01-06T00:00,bill,", "3,c1,2024-01-07,bill,")
    assert account(load(local, again)) == {"read": 2, "loaded": 1, "duplicates": 1}
    assert rows(local, interactions.c.interaction_id, interactions.c.load_id) == [("1", 1), ("2", 1), ("3", 2)]


def test_changed_values_replace_and_empty_cells_do_not_erase(warehouse: Warehouse, tmp_path: Path) -> None:
    load(
        warehouse,
        plan(tmp_path, "interactions-1.csv", CONTACTS, "1,c1,2024-01-05,bill,North", "2,c1,2024-01-06,,South"),
    )
    changed = plan(tmp_path, "interactions-2.csv", CONTACTS, "1,,2024-01-05,,East", "2,c1,2024-01-06,login,")
    assert account(load(warehouse, changed)) == {"read": 2, "loaded": 2, "changed": 2}
    contact = interactions.c
    assert rows(warehouse, contact.interaction_id, contact.customer_id, contact.reason, contact.team) == [
        ("1", "c1", "bill", "East"), ("2", "c1", "login", "South"),
    ]  # fmt: skip


def test_columns_that_a_file_lacks_are_kept(local: Warehouse, tmp_path: Path) -> None:
    header = "answer_id,instrument,respondent,score,answered_at,weight"
    load(local, plan(tmp_path, "survey_answers-1.csv", header, "1,csat,employee,4,2024-01-05,2.5"))
    fewer = plan(tmp_path, "survey_answers-2.csv", "answer_id,instrument,score,answered_at", "1,csat,5,2024-01-05")
    assert account(load(local, fewer)) == {"read": 1, "loaded": 1, "changed": 1}
    answer = survey_answers.c
    assert rows(local, answer.answer_id, answer.respondent, answer.score, answer.weight) == [("1", "employee", 5, 2.5)]


def test_late_contacts_renew_the_measures_of_their_neighbours(warehouse: Warehouse, tmp_path: Path) -> None:
    load(
        warehouse,
        plan(
            tmp_path,
            "interactions-1.csv",
            CONTACTS,
            "1,c1,2024-01-01,bill,",
            "3,c1,2024-01-03,bill,",
            "9,c2,2024-01-01,bill,",
        ),
    )
    until = (interactions.c.interaction_id, interactions.c.hours_since_previous, interactions.c.hours_until_next)
    assert rows(warehouse, *until) == [("1", None, 48), ("3", 48, None), ("9", None, None)]
    load(warehouse, plan(tmp_path, "interactions-2.csv", CONTACTS, "2,c1,2024-01-02,bill,", "0,c1,2023-12-31,login,"))
    assert rows(warehouse, *until) == [
        ("0", None, None),
        ("1", None, 24),
        ("2", 24, 24),
        ("3", 24, None),
        ("9", None, None),
    ]


def test_a_contact_that_goes_over_to_another_customer_leaves_no_trace(warehouse: Warehouse, tmp_path: Path) -> None:
    load(
        warehouse,
        plan(
            tmp_path,
            "interactions-1.csv",
            CONTACTS,
            "1,c1,2024-01-01,bill,",
            "2,c1,2024-01-02,bill,",
            "3,c2,2024-01-03,bill,",
        ),
    )
    load(warehouse, plan(tmp_path, "interactions-2.csv", CONTACTS, "2,c2,2024-01-02,bill,"))
    until = (interactions.c.interaction_id, interactions.c.hours_until_next)
    assert rows(warehouse, *until) == [("1", None), ("2", 24), ("3", None)]


def test_an_order_that_goes_over_to_another_customer_leaves_no_trace(warehouse: Warehouse, tmp_path: Path) -> None:
    header = "order_id,customer_id,ordered_at"
    load(warehouse, plan(tmp_path, "orders-1.csv", header, "1,c1,2024-01-01", "2,c1,2024-01-02", "3,c2,2024-01-03"))
    load(warehouse, plan(tmp_path, "orders-2.csv", header, "1,c2,2024-01-01"))
    order = (orders.c.order_id, orders.c.order_number, orders.c.next_ordered_at)
    assert [(key, number, str(after)[:10]) for key, number, after in rows(warehouse, *order)] == [
        ("1", 1, "2024-01-03"), ("2", 1, "None"), ("3", 2, "None"),
    ]  # fmt: skip


def people(folder: Path, source: str, *lines: str) -> Plan:
    return plan(folder, f"customers-{source}.csv", "customer_id,name,email,phone", *lines, source=source)


JOINED = (
    interactions.c.interaction_id,
    interactions.c.customer_id,
    interactions.c.source_customer_key,
    interactions.c.hours_until_next,
)


@pytest.mark.parametrize("facts_first", [True, False])
def test_customers_of_two_sources_with_one_address_are_one(
    warehouse: Warehouse, tmp_path: Path, facts_first: bool
) -> None:
    shop = people(tmp_path, "shop", "c1,Ann,Ann@Example.org,", "c2,Bob,bob@example.org,")
    desk = people(tmp_path, "desk", "77,,ann@example.ORG,123", "78,Cid,cid@example.org,")
    said = plan(tmp_path, "interactions-1.csv", CONTACTS, "1,c1,2024-01-01,bill,", source="shop")
    asked = plan(
        tmp_path, "interactions-2.csv", CONTACTS, "2,77,2024-01-02,bill,", "3,78,2024-01-02,bill,", source="desk"
    )
    first, second = ((said, asked), (shop, desk)) if facts_first else ((shop, desk), (said, asked))
    import_plans(warehouse, first)
    import_plans(warehouse, second)
    assert rows(warehouse, *JOINED) == [("1", "c1", None, 24), ("2", "c1", "77", None), ("3", "78", None, None)]
    assert rows(warehouse, customers.c.customer_id, customers.c.name, customers.c.phone) == [
        ("78", "Cid", None), ("c1", "Ann", "123"), ("c2", "Bob", None),
    ]  # fmt: skip
    match = identities.c
    assert rows(
        warehouse, match.source, match.source_customer_key, match.customer_id, match.matched_by, match.confidence
    ) == [("desk", "77", "c1", "email", 0.9)]


def test_a_customer_file_counts_joined_customers_as_changes_and_then_as_known(local: Warehouse, tmp_path: Path) -> None:
    load(local, people(tmp_path, "shop", "c1,Ann,ann@example.org,"))
    assert account(load(local, people(tmp_path, "desk", "77,,ann@example.org,", "78,,,"))) == {
        "read": 2,
        "loaded": 2,
        "changed": 1,
    }
    again = people(tmp_path, "desk", "77,,ann@example.org,", "79,,,")
    assert account(load(local, again)) == {"read": 2, "loaded": 1, "duplicates": 1}


def test_customers_of_one_source_who_share_an_address_stay_two(local: Warehouse, tmp_path: Path) -> None:
    load(local, people(tmp_path, "shop", "c1,Ann,home@example.org,", "c2,Bob,home@example.org,"))
    assert len(rows(local, customers.c.customer_id)) == 2
    assert rows(local, identities.c.customer_id) == []


def test_a_match_concerns_its_source_only(local: Warehouse, tmp_path: Path) -> None:
    """Key 77 of the desk is a customer of the shop; key 77 of the bank is somebody else."""
    contacts = [
        plan(tmp_path, f"interactions-{s}.csv", CONTACTS, f"{s},77,2024-01-01,bill,", source=s)
        for s in ("desk", "bank")
    ]
    import_plans(local, contacts)
    import_plans(
        local, [people(tmp_path, "shop", "c1,,ann@example.org,"), people(tmp_path, "desk", "77,,ann@example.org,")]
    )
    assert rows(local, *JOINED[:2]) == [("bank", "77"), ("desk", "c1")]


def test_answers_follow_the_customer_of_their_contact(warehouse: Warehouse, tmp_path: Path) -> None:
    load(warehouse, plan(tmp_path, "interactions.csv", CONTACTS, "1,77,2024-01-01,bill,", source="desk"),
         plan(tmp_path, "survey_answers.csv", "answer_id,interaction_id,instrument,score,answered_at", "a,1,csat,5,2024-01-02"))  # fmt: skip
    answer = (survey_answers.c.answer_id, survey_answers.c.customer_id, survey_answers.c.reason)
    assert rows(warehouse, *answer) == [("a", "77", "bill")]
    import_plans(
        warehouse, [people(tmp_path, "shop", "c1,,ann@example.org,"), people(tmp_path, "desk", "77,,ann@example.org,")]
    )
    assert rows(warehouse, *answer) == [("a", "c1", "bill")]


def test_identities_can_be_given(warehouse: Warehouse, tmp_path: Path) -> None:
    load(
        warehouse,
        plan(
            tmp_path,
            "orders.csv",
            "order_id,customer_id,ordered_at",
            "1,k1,2024-01-01",
            "2,k2,2024-01-02",
            source="shop",
        ),
    )
    known = plan(
        tmp_path, "identities.csv", "source_customer_key,customer_id", "k1,ann", "k2,ann", "k2,bob", source="shop"
    )
    assert account(load(warehouse, known)) == {"read": 3, "loaded": 2, "quarantined": 1}
    order = (orders.c.order_id, orders.c.customer_id, orders.c.source_customer_key, orders.c.order_number)
    assert rows(warehouse, *order) == [("1", "ann", "k1", 1), ("2", "ann", "k2", 2)]
    other = plan(tmp_path, "identities-2.csv", "source_customer_key,customer_id", "k1,eve", source="desk")
    assert account(load(warehouse, other)) == {"read": 1, "loaded": 1}
    assert rows(warehouse, *order)[0] == ("1", "ann", "k1", 1)


def test_own_data_replace_the_sample_company(local: Warehouse, tmp_path: Path) -> None:
    sample = plan(tmp_path, "interactions.csv", CONTACTS, "s1,c1,2024-01-01,bill,", "s2,c1,x,bill,")
    load(local, replace(sample, note=SAMPLE_NOTE))
    load(local, plan(tmp_path, "orders.csv", "order_id,ordered_at", "1,2024-01-01"))
    assert [rows(local, loads.c.file), rows(local, interactions.c.interaction_id), rows(local, quarantine.c.line)] == [
        [("orders.csv",)], [], [],
    ]  # fmt: skip
    load(local, sample)
    assert len(rows(local, orders.c.order_id)) == 1


def test_an_import_with_an_unusable_file_leaves_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    good = plan(tmp_path, "interactions.csv", CONTACTS, "1,c1,2024-01-01,bill,", "2,c1,x,bill,")
    other = plan(tmp_path, "orders.csv", "order_id,ordered_at", "1,2024-01-01")
    other.file.write_bytes(b"")
    version = warehouse.version()
    with pytest.raises(IntakeError, match=r"orders\.csv is empty"):
        import_plans(warehouse, [good, other])
    assert warehouse.version() == version
    assert all(warehouse.read(sa.select(table)).empty for table in metadata.sorted_tables)
    assert account(load(warehouse, good)) == {"read": 2, "loaded": 1, "quarantined": 1}


def test_payments_complete_their_orders(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("""
[[load]]
table     = "orders"
file      = "payments*.csv"
columns   = { order_id = "order", amount = "paid" }
sum       = ["amount"]
completes = true
[[load]]
table   = "orders"
file    = "bought.csv"
columns = { order_id = "order", ordered_at = "day" }
""")
    (tmp_path / "bought.csv").write_text("order,day\n1,2024-01-01\n2,2024-01-02\n")
    (tmp_path / "payments.csv").write_text("order,paid\n1,10.5\n3,7\n1,4.5\n2,x\n2,1\n3,8\n")
    report = load(warehouse, *mapping_plans(tmp_path / "m.toml"))
    assert account(report) == {"read": 6, "loaded": 2, "changed": 2, "quarantined": 4}
    assert rows(warehouse, orders.c.order_id, orders.c.amount, orders.c.ordered_at)[0][:2] == ("1", 15.0)
    assert rows(warehouse, quarantine.c.line, quarantine.c.reason, quarantine.c.raw) == [
        (3, "there is no order_id '3' yet that this row could complete", '{"order": "3", "paid": "7"}'),
        (5, "amount 'x' is not a number", '{"order": "2", "paid": "x"}'),
        (6, "another row of order_id '2' cannot be used, and they add up", '{"order": "2", "paid": "1"}'),
        (7, "there is no order_id '3' yet that this row could complete", '{"order": "3", "paid": "8"}'),
    ]
    (tmp_path / "payments2.csv").write_text("order,paid\n2,1\n1,4.5\n1,10.5\n")
    again = load(warehouse, *mapping_plans(tmp_path / "m.toml"))
    assert account(again) == {"read": 3, "loaded": 1, "changed": 1, "duplicates": 2}


def test_every_table_can_be_loaded(warehouse: Warehouse, tmp_path: Path) -> None:
    plans = [
        plan(tmp_path, "customers.csv", "customer_id,birth_year", "c1,1980"),
        plan(tmp_path, "identities.csv", "source_customer_key,customer_id", "k1,c1"),
        plan(tmp_path, "interactions.csv", CONTACTS, "1,k1,2024-01-01,bill,"),
        plan(tmp_path, "messages.csv", "message_id,interaction_id,author,text", '1,1,customer,"a, ""b"""'),
        plan(
            tmp_path,
            "survey_answers.csv",
            "answer_id,interaction_id,instrument,score,answered_at",
            "1,1,nps,9,2024-01-02",
        ),
        plan(tmp_path, "orders.csv", "order_id,customer_id,ordered_at", "1,k1,2024-01-01"),
        plan(
            tmp_path,
            "subscriptions.csv",
            "subscription_id,customer_id,started_at,monthly_amount",
            "1,k1,2024-01-01,9.9",
        ),
        plan(tmp_path, "events.csv", "event_id,occurred_at,title", "1,2024-01-01,Release"),
        plan(tmp_path, "touchpoint_owners.csv", "touchpoint,team", "checkout,Web", "checkout,Billing"),
    ]
    for report in import_plans(warehouse, plans):
        assert report.read == report.loaded, report
    for again in plans:
        again.file.write_text(again.file.read_text() + "\n")
    for report in import_plans(warehouse, plans):
        assert report.read == report.duplicates, report


def test_the_account_is_kept_with_the_load(local: Warehouse, tmp_path: Path) -> None:
    lines = ("1,c1,2024-01-01,bill,", "1,c1,2024-01-01,bill,", "1,c2,2024-01-01,bill,", "2,c1,2024-01-02,bill,é")
    source = plan(tmp_path, "interactions.csv", CONTACTS, *lines)
    source.file.write_bytes(source.file.read_text(encoding="utf-8").encode("cp1252"))
    load(local, replace(source, party="third", skip={"team": ("é",)}))
    kept = local.read(sa.select(loads)).drop(columns=["imported_at", "fingerprint"]).to_dict("records")
    assert kept == [{
        "load_id": 1, "source": "csv", "party": "third", "file": "interactions.csv", "table_name": "interactions",
        "rows_read": 4, "loaded": 1, "changed": 0, "quarantined": 1, "duplicates": 1, "skipped": 1,
        "note": "not UTF-8, read as cp1252",
    }]  # fmt: skip
