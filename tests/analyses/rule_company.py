"""A made-up company for tests of rules: random contacts, orders, answers and subscriptions; and what of it was known at
some earlier time."""

from __future__ import annotations

import datetime
import random
from typing import Any

import pandas as pd

from cx_metrics.analyses.rule_matches import moments
from cx_metrics.analyses.rule_text import Rule, parse
from cx_metrics.journey import Limits
from cx_metrics.warehouse import Warehouse

START = datetime.datetime(2025, 11, 1)
DAYS = 120
Rows = list[dict[str, Any]]
Tables = dict[str, Rows]


def at(days: float) -> datetime.datetime:
    """So many days after the start, to the second."""
    return START + datetime.timedelta(seconds=round(days * 86_400))


def rule(conditions: str, of: str = "contact") -> Rule:
    """A rule with these conditions, as TOML: any = [...] and all = [...]."""
    return parse(f'[[rule]]\nname = "tried"\ntitle = "Tried"\nof = "{of}"\n{conditions}')[0]


def found(warehouse: Warehouse, asked: Rule, limits: Limits | None = None) -> dict[str, datetime.datetime]:
    """fact -> happened_at of each moment."""
    rows = warehouse.read(moments(asked, limits or Limits()))
    assert rows["fact"].is_unique
    return {
        str(fact): pd.Timestamp(time).to_pydatetime()
        for fact, time in zip(rows["fact"], rows["happened_at"], strict=True)
    }


def company(seed: int, contacts: int = 300) -> Tables:
    """Everything that happened in DAYS days."""
    chance = random.Random(seed)
    people = [f"c{number}" for number in range(40)]
    rows: Tables = {"interactions": [], "orders": [], "survey_answers": [], "subscriptions": []}
    for number in range(contacts):
        begun = chance.uniform(0, DAYS)
        ended = None if chance.random() < 0.1 else begun + chance.expovariate(1.0)
        rows["interactions"].append({
            "interaction_id": f"i{number}", "customer_id": chance.choice(people), "occurred_at": at(begun),
            "ended_at": ended and at(ended), "channel": chance.choice(["web", "chat", "phone"]),
            "stage": chance.choice(["buy", "pay"]), "reason": chance.choice(["refund", "delivery"]),
            "initiated_by": chance.choice(["customer", "customer", "company"]),
            "handled_by": chance.choice(["human", "bot", "self_service"]), "wait_seconds": chance.choice([30, 90_000]),
            "outcome": ended and chance.choice(["resolved", "unresolved", "abandoned", "escalated"]),
            "transfers": ended and chance.choice([0, 0, 1]), "reopens": ended and chance.choice([0, 0, 0, 1]),
            "promised_at": at(begun + chance.uniform(0, 3)) if chance.random() < 0.4 else None,
            "sentiment_start": ended and chance.uniform(-1, 1), "sentiment_end": ended and chance.uniform(-1, 1),
        })  # fmt: skip
    for number in range(150):
        day = chance.uniform(0, DAYS)
        rows["orders"].append({
            "order_id": f"o{number}", "customer_id": chance.choice(people), "ordered_at": at(day), "currency": "EUR",
            "amount": chance.randint(10, 500), "promised_at": at(day + 3),
            "delivered_at": at(day + chance.uniform(1, 6)),
        })  # fmt: skip
        asked = chance.uniform(0, DAYS)
        rows["survey_answers"].append({
            "answer_id": f"a{number}", "customer_id": chance.choice(people), "instrument": "csat", "invited_at": at(asked),
            "answered_at": at(asked + chance.uniform(0.1, 5)), "score": chance.randint(1, 5),
        })  # fmt: skip
    for number in range(20):
        day = chance.uniform(0, DAYS)
        rows["subscriptions"].append({
            "subscription_id": f"s{number}", "customer_id": people[number], "started_at": at(day), "currency": "EUR",
            "ended_at": at(day + chance.uniform(5, 60)), "monthly_amount": chance.randint(5, 80),
        })  # fmt: skip
    return rows


def marked(rows: Tables, time: datetime.datetime) -> Tables:
    """With one more contact, order and answer at a time, by a customer of their own, so that all data reach it."""
    stamp = f"{time:%m%d%H%M%S}"
    more: Tables = {
        "interactions": [{"interaction_id": f"end{stamp}", "customer_id": "end", "occurred_at": time}],
        "orders": [{"order_id": f"end{stamp}", "customer_id": "end", "ordered_at": time}],
        "survey_answers": [{"answer_id": f"end{stamp}", "customer_id": "end", "instrument": "csat", "score": 5,
                            "invited_at": time, "answered_at": time}],
    }  # fmt: skip
    return {name: [*table, *more.get(name, [])] for name, table in rows.items()}


def known_at(rows: Tables, time: datetime.datetime) -> Tables:
    """The same company as its data stood at a time."""

    def cut(row: dict[str, Any], when: str, *names: str) -> dict[str, Any]:
        return row if row.get(when) is None or row[when] <= time else {**row, **dict.fromkeys((when, *names))}

    of_end = ("outcome", "transfers", "reopens", "sentiment_start", "sentiment_end")
    contacts = [cut(row, "ended_at", *of_end) for row in rows["interactions"] if row["occurred_at"] <= time]
    waited = [
        {**row, "wait_seconds": None}
        if row.get("wait_seconds") and row["occurred_at"] + datetime.timedelta(seconds=row["wait_seconds"]) > time
        else row
        for row in contacts
    ]
    return {
        "interactions": waited,
        "orders": [cut(row, "delivered_at") for row in rows["orders"] if row["ordered_at"] <= time],
        "survey_answers": [cut(row, "answered_at", "score") for row in rows["survey_answers"]
                           if row["invited_at"] <= time],
        "subscriptions": [cut(row, "ended_at") for row in rows["subscriptions"] if row["started_at"] <= time],
    }  # fmt: skip
