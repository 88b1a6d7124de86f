"""One figure over time and by group, and whether a change is one of mix."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx_metrics.analyses.trend import Trend, decompose, trend
from cx_metrics.charts.trend import ALL
from cx_metrics.intake.sample import load_sample
from cx_metrics.metrics.catalog import METRICS, figures
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse, Tables

FIRST, LAST = datetime.date(2026, 1, 1), datetime.date(2026, 3, 31)


def cells(**groups: tuple[float | None, float | None]) -> pd.DataFrame:
    """Figures of groups: n and value."""
    rows = [(name, n, value) for name, (n, value) in groups.items()]
    return pd.DataFrame(rows, columns=["group", "n", "value"]).astype({"n": float, "value": float})


def total(frame: pd.DataFrame) -> float:
    """The figure of all groups together."""
    return float((frame["n"] * frame["value"]).sum() / frame["n"].sum())


# --- change of mix ---------------------------------------------------------------------------------------------------


def test_only_the_mix_moved() -> None:
    before, now = cells(phone=(85, 80), chat=(15, 60)), cells(phone=(120, 80), chat=(80, 60))
    within, mix, mover, was, is_now = decompose(before, now, 100, 200) or pytest.fail("no parts")
    assert (within, mix) == pytest.approx((0, -5))  # 25 points of share went to where it is 20 points worse
    assert (mover, was, is_now) in [
        ("chat", pytest.approx(15), pytest.approx(40)),
        ("phone", pytest.approx(85), pytest.approx(60)),
    ]


def test_only_the_groups_moved() -> None:
    before, now = cells(a=(10, 50), b=(30, 70)), cells(a=(20, 60), b=(60, 66))
    within, mix, *_ = decompose(before, now, 40, 80) or pytest.fail("no parts")
    assert (within, mix) == pytest.approx((0.25 * 10 - 0.75 * 4, 0))


def test_both_moved() -> None:
    """By hand: shares 50/50 -> 20/80, values 80, 60 -> 90, 50; each part at the mean of before and now."""
    before, now = cells(a=(50, 80), b=(50, 60)), cells(a=(20, 90), b=(80, 50))
    within, mix, *_ = decompose(before, now, 100, 100) or pytest.fail("no parts")
    assert within == pytest.approx(10 * 0.35 - 10 * 0.65)
    assert mix == pytest.approx(-0.3 * 85 + 0.3 * 55)
    assert within + mix == pytest.approx((0.2 * 90 + 0.8 * 50) - 70)


GROUPS = st.lists(
    st.tuples(st.integers(1, 10_000), st.integers(1, 10_000), st.floats(-100, 100), st.floats(-100, 100)),
    min_size=2, max_size=8,
)  # fmt: skip


@settings(max_examples=50)
@given(GROUPS)
def test_the_parts_add_up_to_the_change(groups: list[tuple[int, int, float, float]]) -> None:
    before = cells(**{f"g{i}": (n, value) for i, (n, _, value, _) in enumerate(groups)})
    now = cells(**{f"g{i}": (n, value) for i, (_, n, _, value) in enumerate(groups)}).sample(frac=1, random_state=1)
    within, mix, *_ = decompose(before, now, before["n"].sum(), now["n"].sum()) or pytest.fail("no parts")
    assert within + mix == pytest.approx(total(now) - total(before), abs=1e-9)


@pytest.mark.parametrize(
    ("before", "now", "n_before", "n_now"),
    [
        (cells(a=(100, 50)), cells(a=(100, 60)), 100, 100),  # one group is no mix
        (cells(a=(100, 50), b=(3, 60)), cells(a=(100, 50), c=(3, 60)), 103, 103),  # only one in both periods
        (cells(a=(100, 50), b=(50, 60), c=(8, None)), cells(a=(90, 50), b=(60, 60), c=(9, 3)), 158, 159),  # 5.06 % out
        # a large group is hidden beside a small one, so that its n does not show: only the total knows
        (cells(a=(100, 50), b=(100, 60), c=(None, None), d=(None, None)), cells(a=(90, 50), b=(60, 60)), 290, 150),
        (cells(a=(100, 50), b=(100, 60)), cells(a=(90, 50), b=(60, 60), c=(None, None), d=(None, None)), 200, 190),
    ],
)
def test_no_parts_where_too_much_is_hidden(
    before: pd.DataFrame, now: pd.DataFrame, n_before: float, n_now: float
) -> None:
    assert decompose(before, now, n_before, n_now) is None


def test_a_little_may_be_hidden() -> None:
    before, now = cells(a=(100, 50), b=(96, 60), c=(None, None)), cells(a=(100, 50), b=(98, 60), c=(2, 10))
    assert decompose(before, now, 200, 200) is not None


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


def test_events_of_the_first_and_last_day_are_marked(make_warehouse: MakeWarehouse) -> None:
    times = ["2025-12-31T23:59:59", "2026-01-01T00:00:00", "2026-03-31T23:59:59", "2026-04-01T00:00:00"]
    events = [{"event_id": str(i), "occurred_at": time, "title": f"event {i}"} for i, time in enumerate(times)]
    warehouse = make_warehouse({**answers(datetime.date(2026, 1, 10), "phone", 10, 0), "events": events})
    found = trend(warehouse, "csat", Scope(FIRST, LAST, "none"), None, "month")
    assert found.events["title"].tolist() == ["event 1", "event 2"]


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
    """The sample company, large enough for its truths to show."""
    url = embedded.new_url()
    warehouse = Warehouse(url)
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
    within, mix = parts(company, found)
    assert mix < 0 and abs(mix) > abs(within)
    assert f"{mix:+.1f} points come from a different mix (by channel) and {within:+.1f} from changes within" in sentence


def test_no_channel_itself_got_worse(company: Warehouse) -> None:
    within, mix = parts(company, trend(company, "csat", AFTER, "channel", "month"))
    assert mix < -2 and abs(within) < abs(mix)


def parts(company: Warehouse, found: Trend) -> tuple[float, float]:
    """A trend's change within the groups and by their mix."""
    before = found.scope.before() or pytest.fail("no period before")
    old = figures(company, found.metric, before, ("channel",)).rename(columns={"channel": "group"})
    old["group"] = old["group"].fillna(NOT_GIVEN)
    n_before = figures(company, found.metric, before).iloc[0]["n"]
    within, mix, *_ = decompose(old, found.groups, n_before, found.total.n or 0.0) or pytest.fail("no parts")
    return within, mix


def test_the_east_answers_least(company: Warehouse) -> None:
    found = trend(company, "response_rate", AFTER, "region", "month")
    (sentence,) = [text for text in found.sentences if text.startswith("Lowest and highest")]
    assert "Lowest and highest: East" in sentence


def test_the_chat_button_is_marked(company: Warehouse) -> None:
    found = trend(company, "csat", Scope(datetime.date(2025, 9, 1), datetime.date(2025, 12, 31)), None, "week")
    assert "Chat button on every page" in list(found.events["title"])
