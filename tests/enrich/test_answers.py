"""What answers inherit, and which of them count, worked out by hand."""

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.model import survey_answers
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

CONTACT = {
    "interaction_id": "i1", "customer_id": "ann", "occurred_at": "2024-01-01", "channel": "phone", "stage": "pay",
    "touchpoint": "invoice", "reason": "bill", "team": "North", "handled_by": "human",
}  # fmt: skip
ORDER = {
    "order_id": "o1",
    "customer_id": "bob",
    "ordered_at": "2024-01-01",
    "promised_at": "2024-01-02",
    "delivered_at": "2024-01-05",
}


def answer(
    key: str, score: int | None = 4, asked: str | None = "01", answered: str | None = "02", **other: Any
) -> dict[str, Any]:
    return {
        "answer_id": key, "instrument": "csat", "score": score, "invited_at": asked and f"2024-01-{asked}",
        "answered_at": answered and f"2024-01-{answered}", **other,
    }  # fmt: skip


def told(warehouse: Warehouse, *columns: str) -> dict[str, tuple[Any, ...]]:
    rows = warehouse.read(
        sa.select(*(survey_answers.c[name] for name in ("answer_id", *columns))).order_by(survey_answers.c.answer_id)
    )
    return {
        str(key): tuple(None if pd.isna(cell) else cell for cell in row)
        for key, *row in rows.astype(object).itertuples(index=False)
    }


def test_answers_inherit_from_their_contact_or_order(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse({"interactions": [CONTACT], "orders": [ORDER], "survey_answers": [
        answer("1", interaction_id="i1"), answer("2", interaction_id="i1", customer_id="eve", stage="buy"),
        answer("3", order_id="o1"), answer("4", interaction_id="none", order_id="none"), answer("5"),
    ]})  # fmt: skip
    columns = ("customer_id", "stage", "channel", "touchpoint", "reason", "team", "handled_by", "delivery")
    contact = ("phone", "invoice", "bill", "North", "human", None)
    assert told(warehouse, *columns) == {
        "1": ("ann", "pay", *contact),
        "2": ("eve", "buy", *contact),
        "3": ("bob", None, None, None, None, None, None, "late"),
        "4": (None,) * 8,
        "5": (None,) * 8,
    }


WAVES = {  # answers of one customer -> (which count, which stand for their invitation: 1, or 2 where answered)
    "the latest counts; a wave is the day of the invitation where nothing else is known": (
        [answer("1", answered="02"), answer("2", answered="03"), answer("3", asked="09", answered="09")], "011", "022",
    ),
    "an answer outranks a later row without one": (
        [answer("1", answered="02"), answer("2", score=None, answered="03")], "10", "20",
    ),
    "at the same time, the greater key counts": ([answer("1"), answer("2")], "01", "02"),
    "each item counts for itself, the invitation once": (
        [answer("1", instrument="ces"), answer("2"), answer("3", dimension="ease"), answer("4", stage="buy")],
        "1111", "0002",
    ),
    "a contact is one wave, whenever its invitations were sent": (
        [answer("1", interaction_id="i9"), answer("2", asked="08", answered="09", interaction_id="i9")], "01", "02",
    ),
    "invitations that were not answered": ([answer("1", None, "01", None), answer("2", None, "05", None)], "11", "11"),
    "employees and customers are asked different things": (
        [answer("1", respondent="employee"), answer("2")], "11", "02",
    ),
}  # fmt: skip


def test_one_answer_of_each_wave_counts(make_warehouse: MakeWarehouse) -> None:
    rows = [
        {**one, "customer_id": f"c{number}", "answer_id": f"{number}-{one['answer_id']}"}
        for number, (answers, _, _) in enumerate(WAVES.values()) for one in answers
    ]  # fmt: skip
    found = told(make_warehouse({"survey_answers": rows}), "counts", "invitation")
    for number, (rule, (_, counts, stands)) in enumerate(WAVES.items()):
        marks = [mark for key, mark in found.items() if key.startswith(f"{number}-")]
        assert ("".join(str(c) for c, _ in marks), "".join(str(i) for _, i in marks)) == (counts, stands), rule


def test_anonymous_answers_all_count(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse(
        {
            "survey_answers": [
                answer("1"),
                answer("2"),
                answer("3", interaction_id="i9"),
                answer("4", interaction_id="i9"),
            ]
        }
    )
    assert set(told(warehouse, "counts", "invitation").values()) == {(1, 2)}
