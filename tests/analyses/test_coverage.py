"""How much data there are, how old, how complete, with which holes, and what cannot be measured with them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from cx_metrics.analyses.coverage import (
    NEEDED,
    coverage,
    gaps,
    gaps_in_words,
    missing,
    months,
    not_measurable,
)
from cx_metrics.columns import given_columns
from cx_metrics.intake.formats import plans_for
from cx_metrics.intake.load import import_plans
from cx_metrics.metrics.catalog import METRICS
from cx_metrics.model import CANONICAL
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

TODAY = datetime.date(2026, 7, 1)


def contact(key: str, day: str, **more: object) -> dict[str, object]:
    return {"interaction_id": key, "occurred_at": f"{day}T12:00:00", **more}


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    """Contacts of January, February and April; a survey with one answer and one invitation; nothing else."""
    return make_shared_warehouse(
        {
            "interactions": [
                contact("1", "2026-01-05", customer_id="a", channel="phone"),
                contact("2", "2026-01-06", channel="phone"),
                contact("3", "2026-02-05", customer_id="a"),
                contact("4", "2026-04-30", customer_id="b", channel="web", team=" "),
            ],
            "survey_answers": [
                {"answer_id": "1", "customer_id": "a", "instrument": "csat", "score": 4, "answered_at": "2026-03-01"},
                {"answer_id": "2", "instrument": "csat", "invited_at": "2026-03-09"},
            ],
            "touchpoint_owners": [{"touchpoint": "t", "team": "x"}],
        }
    )


# --- how much and how old --------------------------------------------------------------------------------------------


def test_tables_with_rows(warehouse: Warehouse) -> None:
    found = coverage(warehouse, TODAY)
    assert list(found.tables.columns) == ["table", "rows", "first", "last", "age"]
    assert list(found.tables["table"]) == ["interactions", "survey_answers", "touchpoint_owners"]
    assert list(found.tables["rows"]) == [4, 2, 1]
    assert list(found.tables["age"].head(2)) == [62, 114] and pd.isna(found.tables["age"][2])
    assert found.tables["last"][1] == pd.Timestamp("2026-03-09")  # an invitation is a row, too
    assert found.sentence == (
        "3 tables, 7 rows from 5 Jan 2026 to 30 Apr 2026; 0 rows could not be used; the newest contact is 62 days old."
    )
    assert found.known == "The customer is known for 75.0 % of the contacts and 50.0 % of the survey answers."


@pytest.mark.parametrize(
    ("day", "age"), [("2026-06-30", "1 day old"), ("2026-07-01", "of today"), ("2026-07-02", "of today")]
)
def test_age_in_words(make_warehouse: MakeWarehouse, day: str, age: str) -> None:
    answers = [{"answer_id": "1", "instrument": "csat", "score": 4, "answered_at": day}]
    found = coverage(make_warehouse({"survey_answers": answers}), TODAY)
    assert found.sentence.startswith("1 table, 1 row from ") and found.sentence.endswith(f"survey answer is {age}.")


def test_nothing(empty_warehouse: Warehouse) -> None:
    found = coverage(empty_warehouse, TODAY)
    assert (len(found.tables), found.sentence, found.known) == (0, "There are no data yet.", "")
    assert months(empty_warehouse).empty and gaps(months(empty_warehouse)).empty and missing(empty_warehouse).empty
    assert {metric.name for metric in not_measurable(empty_warehouse)} == {
        m.name for m in METRICS.values() if m.headline
    }


def test_no_row_could_be_used(warehouse_url: str, tmp_path: Path) -> None:
    file = tmp_path / "interactions.csv"
    file.write_text("interaction_id,occurred_at\n1,yesterday\n2,tomorrow\n")
    made = Warehouse(warehouse_url)
    import_plans(made, plans_for("csv", [file]))
    assert coverage(made, TODAY).sentence == "No row could be used yet; 2 rows set aside."


# --- holes -----------------------------------------------------------------------------------------------------------


def test_rows_per_month(warehouse: Warehouse) -> None:
    found = months(warehouse)
    said = [(row.table, row.source, f"{row.month:%Y-%m-%d}", row.rows) for row in found.itertuples()]
    assert said == [
        ("interactions", "csv", "2026-01-01", 2), ("interactions", "csv", "2026-02-01", 1),
        ("survey_answers", "csv", "2026-03-01", 2), ("interactions", "csv", "2026-04-01", 1),
    ]  # fmt: skip


def by_month(*present: str, table: str = "interactions", source: str = "s", rows: int = 20) -> pd.DataFrame:
    return pd.DataFrame({"table": table, "source": source, "month": pd.to_datetime(list(present)), "rows": rows})


def test_a_missing_month_is_a_gap() -> None:
    found = gaps(by_month("2026-01-01", "2026-02-01", "2026-04-01"))
    assert found.to_dict("records") == [{"table": "interactions", "source": "s", "month": pd.Timestamp("2026-03-01")}]
    assert gaps_in_words(found) == "s gives no interactions for Mar 2026."


def test_gaps_of_each_source_by_itself() -> None:
    both = pd.concat(
        [by_month("2026-01-01", "2026-02-01", "2026-03-01"), by_month("2026-01-01", "2026-03-01", source="z")]
    )
    assert gaps_in_words(gaps(both)) == "z gives no interactions for Feb 2026."
    months = [f"{year}-{month:02}-01" for year in (2020, 2021) for month in (1, 2, 3, 4, 9, 10, 11, 12)]
    assert gaps_in_words(gaps(by_month(*months))) == (
        "s gives no interactions for May 2020, Jun 2020, Jul 2020 and 5 more months."
    )


def test_waves_and_rare_events_are_no_gaps() -> None:
    wave = by_month("2025-01-01", "2025-07-01", "2026-01-01", table="survey_answers")
    rare = by_month("2025-01-01", "2025-03-01", table="events")
    assert gaps(pd.concat([wave, rare])).empty
    few = by_month("2025-01-01", "2025-02-01", "2025-04-01", rows=5)
    assert gaps(by_month("2025-01-01")).empty and gaps(few).empty
    assert gaps_in_words(gaps(few)) == "No steady source leaves out a month between its first row and its last."


def test_only_the_newest_months(make_warehouse: MakeWarehouse) -> None:
    old = {"subscription_id": "1", "started_at": "1890-01-01"}
    new = {"subscription_id": "2", "started_at": "2026-01-01"}
    assert list(months(make_warehouse({"subscriptions": [old, new]}))["rows"]) == [1]


# --- empty cells -----------------------------------------------------------------------------------------------------


def test_share_of_empty_cells(warehouse: Warehouse) -> None:
    found = missing(warehouse)
    assert list(found.columns) == ["table", "column", "missing", "meaning"]
    shares = {(row.table, row.column): row.missing for row in found.itertuples()}
    assert shares["interactions", "customer_id"] == 25 and shares["interactions", "channel"] == 25
    assert shares["interactions", "team"] == 100 and shares["survey_answers", "score"] == 50
    assert list(found["missing"]) == sorted(found["missing"], reverse=True)
    assert {table for table, _ in shares} == {"interactions", "survey_answers"}


def test_what_is_looked_at_exists() -> None:
    for table, columns in NEEDED.items():
        assert set(columns) <= {column.name for column in given_columns(CANONICAL[table])}


def test_what_cannot_be_measured(warehouse: Warehouse) -> None:
    names = [metric.name for metric in not_measurable(warehouse)]
    assert {"nps", "revenue", "wait_median"} <= set(names)
    assert not {"contacts", "csat"} & set(names)  # hidden for being few is not the same as not there


def test_the_sample_company_lacks_nothing(sample_warehouse: Warehouse) -> None:
    assert not_measurable(sample_warehouse) == []
    assert gaps(months(sample_warehouse)).empty
