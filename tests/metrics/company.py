"""A seeded company of random rows, rich in what goes wrong: missing values, ties, boundary times, currencies.

Also cases that last over a year, contacts with a case of their own amid an episode, and contacts of the last days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

Row = dict[str, Any]
FIRST_DAY = datetime(2024, 1, 10)
DAYS = 430
REASONS = ("invoice", "delivery", "login", "contract", None)
CHANNELS = ("web", "email", "chat", "phone", None)
STAGES = ("buy", "use", "pay", "get help", None)
OUTCOMES = (*["resolved"] * 30, "unresolved", "abandoned", "escalated", None, None)
CURRENCIES = ("EUR", "EUR", "EUR", "USD", None)
ONE_CURRENCY_UNTIL = FIRST_DAY + timedelta(days=250)
STATUSES = ("delivered", "delivered", "shipped", "Canceled", "refunded", None)
GAPS = (0, 5, 48, 72, 73, 167, 168, 169, 400)  # hours; episodes end after 72, returns count until 168
WAITS = (119, 120, 121, 86_399, 86_400, 86_401, 200_000)  # two minutes are fine, on written channels a day
TEXTS = {  # what is written -> whether somebody says to have said it before
    "Where is my order?": 0, "Thank you, that helped.": 0, "I will say it once, in German: danke.": 0,
    "As I already told your colleague, it is broken.": 1, "I’ve ALREADY told you.": 1, "This is the second time!": 0,
    "Wie ich bereits geschrieben habe: kaputt.": 1, "Das habe ich Ihnen schon dreimal gesagt.": 0,
    "J’ai déjà expliqué mon problème.": 1, "Já falei com vocês.": 1, None: None, "This is terrible, I am furious.": 0,
    "I am so sorry that your order never came. I will call you tomorrow.": 0, "Sorry for the inconvenience caused.": 0,
}  # fmt: skip
SCALES = {
    "csat": ((1, 5), (1, 5), (1, 10), (0, 1)), "nps": ((0, 10),), "ces": ((1, 7), (1, 7), (1, 5)),
    "perception": ((1, 7),), "belief": ((1, 5),), "expectation": ((1, 7), (1, 5)), "believed_expectation": ((1, 5),),
    "importance": ((0, 100),), "resolved": ((0, 1),),
}  # fmt: skip


class Dice:
    """Random choices, the same in every run."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def one_of(self, values: Sequence[Any]) -> Any:
        return values[int(self._random.integers(len(values)))]

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return int(self._random.integers(low, high + 1))

    def happens(self, share: float) -> bool:
        return bool(self._random.random() < share)

    def maybe(self, value: Any, share: float = 0.85) -> Any:
        """The value, else missing."""
        return value if self.happens(share) else None

    def hour(self, days: int = DAYS) -> datetime:
        """A full hour, so that many rows share one."""
        return FIRST_DAY + timedelta(hours=self.whole(0, days * 24))


def tables(seed: int = 7) -> dict[str, list[Row]]:
    """Canonical tables: 150 customers, about 3,500 contacts with 2,000 messages, 6,500 answers, 1,200 orders and 260
    subscriptions."""
    dice = Dice(seed)
    customers = [
        {
            "customer_id": f"c{number:03}",
            "region": dice.maybe(dice.one_of(("north", "south", "west"))),
            "segment": dice.maybe(dice.one_of(("home", "business"))),
            "country": dice.one_of(("DE", "FR", "PL")),
        }
        for number in range(150)
    ]
    years = Dice(seed + 1)
    customers = [row | {"birth_year": years.maybe(years.whole(1930, 2015))} for row in customers]
    contacts = _contacts(dice)
    orders = _orders(dice)
    return {
        "customers": customers,
        "interactions": contacts,
        "messages": _messages(dice, contacts),
        "orders": orders,
        "survey_answers": _answers(dice, contacts, orders) + _items(Dice(seed + 2)),
        "subscriptions": _priced(Dice(seed + 3), _subscriptions(dice)),
    }


def _customer(dice: Dice) -> str | None:
    """Also customers that no file describes, and none at all."""
    return dice.maybe(f"c{dice.whole(0, 159):03}", 0.95)


def _contacts(dice: Dice) -> list[Row]:
    rows: list[Row] = []
    while len(rows) < 3250:
        customer, reason = _customer(dice), dice.one_of(REASONS)
        case = dice.maybe(f"case{len(rows):04}", 0.6)
        at = dice.hour()
        for _ in range(dice.whole(1, 4)):
            another = f"other{len(rows):04}" if case is None else None
            mine = case if dice.happens(0.9) else another
            rows.append(_contact(dice, len(rows), customer, reason, mine, at))
            at += timedelta(hours=dice.one_of(GAPS))
    for number in range(12):  # over a year long, and back and forth between two stages
        at = dice.hour(20)
        for place, days in enumerate((0, 1, 100, 370 + number, 400, 401)):
            moment, case = at + timedelta(days=days), f"long{number:02}"
            row = _contact(dice, len(rows), f"c{number:03}", dice.one_of(REASONS), case, moment)
            rows.append(row | {"stage": STAGES[place % 2]})
    return rows + _last_days(dice, len(rows), max(row["occurred_at"] for row in rows))


def _last_days(dice: Dice, first: int, end: datetime) -> list[Row]:
    """Contacts around a week and two before the data end, some with a return: at the hour, before it and after it."""
    rows = []
    for hours in (0, 1, 24, 167, 168, 169, 335, 336, 337):
        for _ in range(10):
            customer, reason = _customer(dice), dice.one_of(REASONS)
            rows.append(_contact(dice, first + len(rows), customer, reason, None, end - timedelta(hours=hours)))
            back = hours - dice.one_of(GAPS)
            if back >= 0:
                rows.append(_contact(dice, first + len(rows), customer, reason, None, end - timedelta(hours=back)))
    return rows


def _contact(dice: Dice, number: int, customer: str | None, reason: str | None, case: str | None, at: datetime) -> Row:
    lasted = dice.maybe(timedelta(seconds=dice.whole(0, 400_000)), 0.7)
    outcome = dice.one_of(OUTCOMES)
    return {
        "interaction_id": f"i{number:05}",
        "customer_id": customer,
        "case_id": case,
        "occurred_at": at,
        "ended_at": at + lasted if lasted is not None else None,
        "channel": dice.one_of(CHANNELS),
        "stage": dice.one_of(STAGES),
        "touchpoint": dice.one_of(("checkout", "desk", None)),
        "reason": reason,
        "initiated_by": dice.one_of(("customer", "customer", "company", None)),
        "handled_by": dice.one_of(("human", "bot", "self_service", None)),
        "team": dice.one_of(("red", "blue", None)),
        "agent_id": dice.one_of(("ada", "bob", "cem", None)),
        "wait_seconds": dice.maybe(dice.one_of(WAITS) if dice.happens(0.15) else dice.whole(0, 120)),
        "handle_seconds": dice.maybe(30.5 * dice.whole(0, 60)),
        "transfers": dice.maybe(dice.one_of((*[0] * 12, 1, 2))),
        "reopens": dice.maybe(dice.one_of((*[0] * 12, 1, 2))),
        "outcome": outcome,
        "promised_at": dice.maybe(_promise(dice, at, lasted), 0.5),
        "sentiment_start": dice.maybe(dice.whole(-10, 10) / 10, 0.4),
        "sentiment_end": dice.maybe(dice.whole(-4, 10) / 10, 0.4),
    }


def _promise(dice: Dice, at: datetime, lasted: timedelta | None) -> datetime:
    """A time, the very time at which the contact ended, or a day, which may be that on which it ended."""
    end = at + (lasted if lasted is not None else timedelta(hours=30))
    hours = timedelta(hours=dice.whole(0, 120))
    return dice.one_of((at + hours, end, (at + hours).replace(hour=0), end.replace(hour=0, minute=0, second=0)))


def _messages(dice: Dice, contacts: Sequence[Row]) -> list[Row]:
    rows: list[Row] = []
    while len(rows) < 2000:
        contact = dice.one_of(contacts)
        for _ in range(dice.whole(1, 2)):
            rows.append({
                "message_id": f"m{len(rows):04}", "interaction_id": contact["interaction_id"],
                "sent_at": contact["occurred_at"], "author": dice.one_of(("customer", "customer", "agent", "bot")),
                "text": dice.one_of(tuple(TEXTS)),
            })  # fmt: skip
    return rows


def _orders(dice: Dice) -> list[Row]:
    rows = []
    for number in range(1200):
        at = dice.hour()
        promised = at + timedelta(days=dice.whole(1, 5))
        delivered = dice.maybe(at + timedelta(hours=dice.whole(12, 150)))
        rows.append({
            "order_id": f"o{number:04}", "customer_id": _customer(dice), "ordered_at": at,
            "promised_at": dice.maybe(promised), "delivered_at": delivered, "status": dice.one_of(STATUSES),
            "amount": dice.maybe(dice.whole(100, 20_000) / 100),
            "currency": "EUR" if at < ONE_CURRENCY_UNTIL else dice.one_of(CURRENCIES),
        })  # fmt: skip
    return rows


def _answers(dice: Dice, contacts: Sequence[Row], orders: Sequence[Row]) -> list[Row]:
    rows: list[Row] = []
    while len(rows) < 5000:
        about = dice.one_of(("contact", "contact", "order", "nothing"))
        contact = dice.one_of(contacts) if about == "contact" else {}
        order = dice.one_of(orders) if about == "order" else {}
        wave = {
            "customer_id": dice.maybe(contact.get("customer_id") or order.get("customer_id") or _customer(dice), 0.8),
            "interaction_id": contact.get("interaction_id"),
            "order_id": order.get("order_id"),
            "invited_at": dice.maybe(dice.hour(), 0.9),
        }
        rows += _wave(dice, len(rows), wave)
    return rows


def _wave(dice: Dice, first: int, wave: Row) -> list[Row]:
    """The answers to one sending; one instrument may be answered twice, or not at all."""
    rows = []
    asked = wave["invited_at"]
    for number in range(dice.whole(1, 3)):
        instrument = dice.one_of(("csat", "csat", "nps", "ces", "perception", "belief"))
        low, high = dice.one_of(SCALES[instrument])
        answered = asked is None or dice.happens(0.75)
        at = (asked or dice.hour()) + timedelta(hours=dice.whole(0, 5)) if answered else None
        rows.append({
            **wave, "answer_id": f"a{first + number:05}", "instrument": instrument,
            "respondent": "employee" if instrument == "belief" else "customer",
            "dimension": dice.one_of(("ease", "care", None)), "stage": dice.one_of(("pay", None, None)),
            "score": dice.whole(low, high) if answered else None, "scale_min": low, "scale_max": high,
            "answered_at": at, "weight": dice.maybe(dice.one_of((0.5, 1, 2.25))),
        })  # fmt: skip
    return rows


def _items(dice: Dice) -> list[Row]:
    """Answers of customers and employees to single items, some of them asked of one side only."""
    rows: list[Row] = []
    asked = (
        "expectation",
        "perception",
        "perception",
        "belief",
        "belief",
        "believed_expectation",
        "importance",
        "resolved",
    )
    while len(rows) < 1500:
        instrument = dice.one_of(asked)
        employee = instrument in ("belief", "believed_expectation")
        low, high = dice.one_of(SCALES[instrument])
        rows.append({
            "answer_id": f"t{len(rows):05}", "instrument": instrument, "score": dice.whole(low, high),
            "respondent": dice.one_of(("employee", None)) if employee else "customer", "scale_min": low,
            "scale_max": high,
            "customer_id": None if employee else _customer(dice), "answered_at": dice.hour(), "invited_at": None,
            "interaction_id": None, "order_id": None, "weight": None,
            "dimension": dice.one_of(("ease", "care", "price" if employee else "speed", None)),
            "stage": dice.one_of(("pay", "use", None)),
            "channel": dice.maybe(dice.one_of(CHANNELS), 0.3), "team": dice.maybe(dice.one_of(("red", "blue")), 0.3),
        })  # fmt: skip
    return rows


def _subscriptions(dice: Dice) -> list[Row]:
    rows = []
    for number in range(260):
        started = dice.hour(DAYS - 60) - timedelta(days=dice.whole(0, 200))
        if dice.happens(0.2):
            started = started.replace(day=1, hour=0)
        ended = dice.maybe(started + timedelta(days=dice.whole(0, 300)), 0.6)
        if ended is not None and dice.happens(0.2):
            ended = max(started, ended.replace(day=1, hour=0))
        rows.append({
            "subscription_id": f"s{number:03}", "customer_id": _customer(dice), "started_at": started,
            "ended_at": ended,
        })  # fmt: skip
    return rows


def _priced(dice: Dice, rows: list[Row]) -> list[Row]:
    """With amounts of which some are missing, and one currency until the autumn."""
    late = datetime(2024, 9, 1)
    return [
        row | {"monthly_amount": dice.maybe(dice.one_of((0, 9.9, 19.9, 49.9)), 0.95),
               "currency": dice.one_of(CURRENCIES) if row["started_at"] > late else "EUR"}
        for row in rows
    ]  # fmt: skip
