"""One figure over time and by group, and whether a change is one of mix."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator

import pytest

from cx_metrics.analyses.change_tables import ALL as ALL_GROUPS
from cx_metrics.analyses.changes import changes
from cx_metrics.analyses.trend import trend
from cx_metrics.charts.trend import ALL
from cx_metrics.intake.sample import load_sample
from cx_metrics.metrics.catalog import METRICS, figures
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse, Tables

FIRST, LAST = datetime.date(2026, 1, 1), datetime.date(2026, 3, 31)


# --- course, groups and sentences ------------------------------------------------------------------------------------


def answers(day: datetime.date, channel: str | None, good: int, bad: int) -> Tables:
    """Contacts of a day on a channel, each with a satisfaction answer."""
    contacts, given = [], []
    for i in range(good + bad):
        key = f"{day}-{channel}-{i}"
        at = datetime.datetime.combine(day, datetime.time(9)) + datetime.timedelta(minutes=i)
        contacts.append({"interaction_id": key, "customer_id": f"c-{key}", "occurred_at": at, "channel": channel})
        given.append(
            {"answer_id": key, "customer_id": f"c-{key}", "interaction_id": key, "instrument": "csat",
             "score": 5 if i < good else 1, "answered_at": at + datetime.timedelta(hours=1)}
        )  # fmt: skip
    return {"interactions": contacts, "survey_answers": given}


def together(*parts: Tables) -> dict[str, list[dict[str, object]]]:
    """Tables one below the other."""
    found: dict[str, list[dict[str, object]]] = {}
    for part in parts:
        for name, rows in part.items():
            found.setdefault(name, []).extend(dict(row) for row in rows)
    return found


def test_the_course_is_the_total_and_the_groups(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse(
        together(
            answers(datetime.date(2026, 1, 10), "phone", 20, 5),
            answers(datetime.date(2026, 2, 10), "phone", 10, 5),
            answers(datetime.date(2026, 1, 11), "chat", 6, 10),
            answers(datetime.date(2026, 2, 11), "chat", 5, 2),  # hidden: 7 answers
            answers(datetime.date(2026, 3, 11), None, 20, 20),
        )
    )
    scope = Scope(FIRST, LAST, "none")
    found = trend(warehouse, "csat", scope, "channel", "month")
    course = found.course.set_index(["group", found.course["period"].dt.month])
    assert course["n"].to_dict() == {
        (ALL, 1): 41, (ALL, 2): 22, (ALL, 3): 40, ("phone", 1): 25, ("phone", 2): 15, ("chat", 1): 16, ("chat", 2): 7,
        (NOT_GIVEN, 3): 40,
    }  # fmt: skip
    assert course["value"][("phone", 1)] == pytest.approx(80)
    assert math.isnan(course["value"][("chat", 2)]) and bool(course["suppressed"][("chat", 2)])
    assert found.groups["n"].tolist() == [40, 40, 23]  # the largest first
    assert set(found.groups["group"]) == {"phone", NOT_GIVEN, "chat"}
    whole = figures(warehouse, METRICS["csat"], scope).iloc[0]
    assert (found.total.n, found.total.value, found.total.low, found.total.high) == tuple(
        whole[["n", "value", "low", "high"]]
    )
    assert found.change is None
    assert "n = 103" in found.sentences[0] and "59.2 %" in found.sentences[0]
    assert found.sentences[1].endswith(": (not given) 50.0 % (35.2 to 64.8 %) and phone 75.0 % (59.8 to 85.8 %).")
    assert found.sentences[1].startswith("The groups do not differ clearly")  # the intervals overlap; chat has too few


def test_seven_groups_are_drawn_and_all_are_listed(make_warehouse: MakeWarehouse) -> None:
    parts = [answers(datetime.date(2026, 1, 10), f"channel {i}", 10 + i, 0) for i in range(9)]
    found = trend(make_warehouse(together(*parts)), "csat", Scope(FIRST, LAST, "none"), "channel", "week")
    assert set(found.course["group"]) == {ALL, *(f"channel {i}" for i in range(2, 9))}
    assert len(found.groups) == 9


def test_a_group_called_like_the_total_is_not_the_total(make_warehouse: MakeWarehouse) -> None:
    tables = together(answers(datetime.date(2026, 1, 10), ALL, 10, 0), answers(datetime.date(2026, 1, 10), "b", 10, 0))
    found = trend(make_warehouse(tables), "csat", Scope(FIRST, LAST, "none"), "channel", "month")
    assert found.course["group"].tolist() == [ALL, f"“{ALL}”", "b"]


def test_most_of_a_count_or_an_amount(make_warehouse: MakeWarehouse) -> None:
    def order(i: int, status: str, amount: float) -> dict[str, object]:
        when = {"ordered_at": "2026-02-01", "customer_id": f"c{i}"}
        return {"order_id": str(i), "amount": amount, "currency": "EUR", "status": status, **when}

    orders = [order(i, "paid", 10) for i in range(30)] + [order(30 + i, "big", 900) for i in range(12)]
    warehouse = make_warehouse({"orders": orders, **answers(datetime.date(2026, 1, 10), "phone", 10, 2)})
    scope = Scope(FIRST, LAST, "none")
    assert trend(warehouse, "revenue", scope, "status", "month").sentences[1:] == ("Most of it: big, 10,800.",)
    assert trend(warehouse, "contacts", scope, "channel", "month").sentences[1:] == ("Most of it: phone, 12.",)


def test_nothing_to_say_about_hidden_groups(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse(answers(datetime.date(2026, 1, 10), "phone", 2, 1))
    for name in ("csat", "contacts"):
        found = trend(warehouse, name, Scope(FIRST, LAST, "none"), "channel", "month")
        assert found.total.value is None and len(found.sentences) == 1
        assert "too few data" in found.sentences[0] and "n below 5" in found.sentences[0]


def test_no_rows_at_all(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse(answers(datetime.date(2026, 1, 10), "phone", 10, 0))
    found = trend(warehouse, "revenue", Scope(FIRST, LAST, "none"), "status", "month")
    assert found.total.n == 0 and found.course.empty and found.groups.empty


# --- the sample company ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def company(embedded: Embedded) -> Iterator[Warehouse]:
    """The sample company, large enough for its truths to show; what it says is not judged, as nothing asks for it."""
    url = embedded.new_url()
    warehouse = Warehouse(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cx_metrics.intake.load.has_texts", lambda target: False)
        load_sample(warehouse, customers=4_000, contacts=40_000)
    yield warehouse
    embedded.drop(url)


AFTER = Scope(datetime.date(2025, 10, 1), datetime.date(2026, 6, 30))  # the chat button came on the first of these days


def test_satisfaction_fell_because_more_customers_chat(company: Warehouse) -> None:
    """On the mean, which needs fewer answers than a share for a change to be clear."""
    found = trend(company, "csat_mean", AFTER, "channel", "month")
    assert found.change is not None and found.change.clear and found.change.value < 0
    (sentence,) = [text for text in found.sentences if text.startswith("Of the change")]
    assert "the largest shift is chat" in sentence
    within, mix = parts(company, "csat_mean")
    assert mix < 0 and abs(mix) > abs(within)
    assert f"{mix:+.2f} (" in sentence and f"come from a different mix (by channel) and {within:+.2f} (" in sentence


def test_no_channel_itself_got_worse(company: Warehouse) -> None:
    within, mix = parts(company, "csat")
    assert mix < -2 and abs(within) < abs(mix)


def parts(company: Warehouse, name: str) -> tuple[float, float]:
    """A figure's change within the channels and by their mix."""
    table = changes(company, AFTER, (name,), "channel").tables["parts"]
    whole = table[table["group"] == ALL_GROUPS].set_index("part")["size"]
    return float(whole["within"]), float(whole["mix"])


def test_the_east_answers_least(company: Warehouse) -> None:
    found = trend(company, "response_rate", AFTER, "region", "month")
    (sentence,) = [text for text in found.sentences if text.startswith("Lowest and highest")]
    assert "Lowest and highest: East" in sentence
