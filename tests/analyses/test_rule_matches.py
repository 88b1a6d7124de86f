"""The moments that rules find: small cases by hand, a random company against plain loops, and nothing ahead of time."""

from __future__ import annotations

import datetime
from collections import defaultdict

import pytest

from cx_metrics.analyses.rule_facts import FACTS, SIGNALS
from cx_metrics.analyses.rule_matches import moments
from cx_metrics.analyses.rules import shipped
from cx_metrics.journey import Limits
from cx_metrics.warehouse import Warehouse
from tests.analyses.rule_company import Tables, at, company, found, known_at, marked, rule
from tests.conftest import Embedded, MakeWarehouse

HOUR = datetime.timedelta(hours=1)
CUT = 75.0  # days


def contact(key: str, customer: str | None, day: float, **more: object) -> dict[str, object]:
    """A phone contact of an hour."""
    usual = {"channel": "phone", "reason": "refund", "initiated_by": "customer", "handled_by": "human",
             "ended_at": at(day) + HOUR, "outcome": "resolved", "wait_seconds": 10}  # fmt: skip
    return {"interaction_id": key, "customer_id": customer, "occurred_at": at(day), **usual, **more}


BY_HAND: Tables = {
    "interactions": [
        contact("stuck", "a", 40, channel="chat", handled_by="bot", outcome="abandoned"),
        contact("moved", "b", 40, channel="chat", handled_by="bot"),
        contact("called", "b", 42),
        contact("unknown", None, 40, handled_by="bot", outcome="abandoned"),
        contact("fail1", "c", 10, outcome="unresolved"), contact("fail2", "c", 16, outcome="abandoned"),
        contact("fail3", "c", 30, outcome="unresolved"),
        contact("other", "c", 17, outcome="unresolved", reason="delivery"),
        contact("late", "d", 20, promised_at=at(22) + HOUR, ended_at=at(24)),
        contact("later", "d", 20.1, promised_at=at(22) + HOUR, ended_at=at(22.5)),
        contact("open", "d", 50, promised_at=at(51) + HOUR, ended_at=None, outcome=None),
        contact("form", "e", 60, channel="web", ended_at=None, outcome=None, wait_seconds=None),
        contact("form2", "f", 60, channel="web", ended_at=None, outcome=None, wait_seconds=None),
        contact("call back", "f", 61, initiated_by="company"),
        contact("form3", "g", 89.5, channel="web", ended_at=None, outcome=None, wait_seconds=None),
        contact("end", "z", 90),
    ],
    "survey_answers": [
        {"answer_id": "bad", "customer_id": "a", "instrument": "csat", "score": 2, "invited_at": at(50),
         "answered_at": at(51)},
        {"answer_id": "good", "customer_id": "a", "instrument": "csat", "score": 3, "answered_at": at(51)},
        {"answer_id": "detractor", "customer_id": "f", "instrument": "nps", "score": 6, "answered_at": at(60.5)},
        {"answer_id": "staff", "customer_id": None, "respondent": "employee", "instrument": "belief", "score": 1,
         "answered_at": at(60)},
    ],
    "orders": [
        {"order_id": "o1", "customer_id": "a", "ordered_at": at(45), "amount": 100, "currency": "EUR"},
        {"order_id": "o2", "customer_id": "a", "ordered_at": at(70), "amount": 50, "currency": "EUR",
         "promised_at": at(72), "delivered_at": at(80)},
        {"order_id": "o3", "customer_id": "b", "ordered_at": at(70), "amount": 10, "currency": "EUR",
         "promised_at": at(72)},
        {"order_id": "gone", "customer_id": "c", "ordered_at": at(70), "amount": 10, "status": "cancelled"},
    ],
    "customers": [{"customer_id": "a", "segment": "family"}, {"customer_id": "b", "segment": "business"}],
    "subscriptions": [{"subscription_id": "s", "customer_id": "b", "started_at": at(30), "monthly_amount": 10,
                       "currency": "EUR"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def by_hand(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse(BY_HAND)


CASES = [
    ('any = [ { signal = "bot_dead_end" } ]', "contact", {"stuck": at(40) + HOUR, "moved": at(42)}),
    ('any = [ { signal = "repeat_contact" } ]', "contact",
     {"moved": at(42), "fail1": at(16), "late": at(20.1), "form2": at(61)}),
    ('any = [ { contacts = 2, within_days = 7, same = "reason", which = { fact = "outcome", is = ["unresolved", '
     '"abandoned"] } } ]', "contact", {"fail2": at(16) + HOUR}),
    ('any = [ { contacts = 3, within_days = 7.5, which = { fact = "outcome", is = ["unresolved", "abandoned"] } } ]',
     "contact", {"other": at(17) + HOUR}),
    ('any = [ { signal = "broken_promise" } ]', "contact",
     {"late": at(23) + HOUR, "later": at(22.5), "open": at(52) + HOUR}),
    ('any = [ { fact = "channel", is = "web" } ]\nall = [ { none = "reply", within_hours = 48 } ]', "contact",
     {"form": at(62)}),
    ('any = [ { fact = "low_score", is = "yes" } ]', "answer", {"bad": at(51), "detractor": at(60.5)}),
    ('any = [ { fact = "csat", at_least = 2, below = 3 } ]', "answer", {"bad": at(51)}),
    ('any = [ { fact = "low_score", is = "yes" } ]\nall = [ { none = "contact from us", within_days = 2 } ]', "answer",
     {"bad": at(53)}),
    ('any = [ { fact = "order_number", below = 2 } ]\nall = [ { none = "survey", within_days = 4 } ]', "order",
     {"o1": at(49)}),  # of the orders of day 70 nobody can say yet: surveys end on day 60.5
    ('any = [ { fact = "order_number", below = 2 } ]\nall = [ { none = "survey", within_days = 5 } ]', "order", {}),
    ('any = [ { fact = "delivery", is = "late" } ]', "order", {"o2": at(80)}),
    ('any = [ { fact = "overdue", is = "yes" } ]', "order", {"o2": at(73), "o3": at(73)}),
    ('any = [ { signal = "bot_dead_end" } ]\nall = [ { fact = "segment", is = "family" } ]', "contact",
     {"stuck": at(40) + HOUR}),
    ('any = [ { signal = "bot_dead_end" } ]\nall = [ { fact = "segment", is = "(not given)" } ]', "contact", {}),
    ('any = [ { signal = "bot_dead_end" } ]\nall = [ { fact = "subscription_days", below = 13 } ]', "contact",
     {"moved": at(42)}),
    ('any = [ { signal = "bot_dead_end" } ]\nall = [ { fact = "subscription_days", below = 12 } ]', "contact", {}),
    ('any = [ { signal = "bot_dead_end" } ]\nall = [ { fact = "yearly_value", at_least = 120 } ]', "contact",
     {"moved": at(42)}),  # the order of the other one came later
    ('any = [ { signal = "bot_dead_end" }, { fact = "channel", is = "chat" } ]', "contact",
     {"stuck": at(40), "moved": at(40)}),  # one moment each, the earlier of the two
    ('all = [ { fact = "channel", is = "chat" }, { fact = "outcome", is = "abandoned" } ]', "contact",
     {"stuck": at(40) + HOUR}),
]  # fmt: skip


@pytest.mark.parametrize(("conditions", "of", "expected"), CASES)
def test_by_hand(by_hand: Warehouse, conditions: str, of: str, expected: dict[str, datetime.datetime]) -> None:
    assert found(by_hand, rule(conditions, of)) == {f"{of} {key}": time for key, time in expected.items()}


@pytest.fixture(scope="module")
def everything() -> Tables:
    return company(7)


@pytest.fixture(scope="module")
def whole(embedded: Embedded, everything: Tables) -> Warehouse:
    return embedded.warehouse(marked(marked(everything, at(CUT)), at(121)))


@pytest.fixture(scope="module")
def earlier(embedded: Embedded, everything: Tables) -> Warehouse:
    return embedded.warehouse(marked(known_at(everything, at(CUT)), at(CUT)))


TRIED = [
    *shipped().rules,
    *(rule(f'any = [ {{ signal = "{name}" }} ]') for name in SIGNALS),
    rule('any = [ { fact = "yearly_value", at_least = 1 } ]'.replace("any", "all") + '\nany = [ { signal = "any" } ]'),
    rule('any = [ { signal = "any" } ]\nall = [ { value = "top half" }, { none = "contact", within_hours = 36 } ]'),
    rule('any = [ { fact = "delivery", is = "late" }, { fact = "overdue", is = "yes" } ]', "order"),
    rule('any = [ { fact = "csat", below = 3 } ]\nall = [ { none = "order", within_days = 9 } ]', "answer"),
    rule('any = [ { contacts = 3, within_days = 9, same = "case", which = { fact = "mood_end", below = 0 } } ]'),
    rule('any = [ { fact = "channel", is = "chat" } ]\nall = [ { fact = "subscription_days", below = 30 } ]'),
]  # fmt: skip


def test_a_moment_uses_only_what_was_known_then(whole: Warehouse, earlier: Warehouse) -> None:
    """What rules find in the whole data up to a day is what they found on that day, and at the same times."""
    several = 0
    for asked in TRIED:
        then, now = found(earlier, asked), found(whole, asked)
        assert then == {fact: time for fact, time in now.items() if time <= at(CUT)}, asked
        several += 3 <= len(then) < len(now)
    assert several >= 17


def test_counts_are_those_of_a_loop(whole: Warehouse, everything: Tables) -> None:
    failed = defaultdict(list)
    for row in everything["interactions"]:
        if row["outcome"] in ("unresolved", "abandoned"):
            failed[row["customer_id"], row["reason"]].append((row["ended_at"], row["interaction_id"]))
    week, expected = datetime.timedelta(days=7), {}
    for course in failed.values():
        for place, (time, key) in enumerate(sorted(course)):
            if place and time - sorted(course)[place - 1][0] <= week and time <= at(121):
                expected[f"contact {key}"] = time
    asked = rule('any = [ { contacts = 2, within_days = 7, same = "reason", which = { fact = "outcome", is = '
                 '["unresolved", "abandoned"] } } ]')  # fmt: skip
    assert found(whole, asked) == expected and len(expected) >= 3


def test_values_are_those_of_a_loop(whole: Warehouse, everything: Tables) -> None:
    """The top fifth at the beginning of each quarter, by hand: of the first one nothing is known."""
    begun = datetime.datetime(2026, 1, 1)

    def value(customer: str, time: datetime.datetime) -> float:
        paid = sum(12 * row["monthly_amount"] for row in everything["subscriptions"]
                   if row["customer_id"] == customer and row["started_at"] <= time < row["ended_at"])  # fmt: skip
        bought = sum(row["amount"] for row in everything["orders"]
                     if row["customer_id"] == customer and row["ordered_at"] <= time)  # fmt: skip
        return float(paid + bought)

    people = sorted(value(f"c{number}", begun) for number in range(40) if value(f"c{number}", begun) > 0)
    place = 0.8 * (len(people) - 1)
    least = people[int(place)] + (place - int(place)) * (people[int(place) + 1] - people[int(place)])
    expected = {
        f"contact {row['interaction_id']}": row["occurred_at"] for row in everything["interactions"]
        if row["channel"] == "chat" and begun <= row["occurred_at"]
        and value(row["customer_id"], row["occurred_at"]) >= least
    }  # fmt: skip
    asked = rule('any = [ { fact = "channel", is = "chat" } ]\nall = [ { value = "top fifth" } ]')
    assert found(whole, asked) == expected and len(expected) >= 5


def test_a_period_takes_its_part(whole: Warehouse) -> None:
    for asked in TRIED[:4]:
        since, until = at(60.2), at(90.7)
        rows = whole.read(moments(asked, Limits(), since, until))
        expected = {fact for fact, time in found(whole, asked).items() if since <= time < until}
        assert set(rows["fact"]) == expected, asked


def test_every_fact_can_be_asked_for(by_hand: Warehouse) -> None:
    for of, facts in FACTS.items():
        asked = []
        for name, fact in facts.items():
            value = {"number": "at_least = 0", "flag": 'is = "no"', "text": f'is = ["{(*fact.allowed, "x")[0]}"]'}
            asked.append(f'{{ fact = "{name}", {value[fact.kind]} }}')
        for first in range(0, len(asked), 12):
            assert found(by_hand, rule(f"any = [ {', '.join(asked[first : first + 12])} ]", of)) is not None
