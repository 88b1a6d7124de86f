"""Each signal of friction at its limits, on contacts that can be judged by hand."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cx_metrics.journey import LOWEST, Limits
from cx_metrics.metrics.signals import Signal, any_signal, signals
from cx_metrics.model import interactions
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

Row = dict[str, Any]
Told = tuple[
    str, str, list[Row]
]  # signal, verdict ("yes", "no", or "?": nobody can say), contacts, the first is judged
START = datetime(2024, 3, 4, 9)
END = datetime(2024, 6, 1, 9)  # the newest contact
WEEK, DAY, SECOND = timedelta(days=7), timedelta(days=1), timedelta(seconds=1)
BACK = {"outcome": None, "handled_by": None}
_numbers = itertools.count(1)


def one(at: datetime = START, **more: Any) -> Row:
    """A contact of a customer of its own with nothing but a reason, unless `more` says otherwise."""
    number = next(_numbers)
    who = {"interaction_id": f"i{number:04}", "customer_id": f"c{number:04}", "reason": "bill", "occurred_at": at}
    return {**who, "channel": "phone", **more}


def then(first: Row, after: timedelta, **more: Any) -> list[Row]:
    """A contact, and another one of the same customer that is different in `more`."""
    key = one()["interaction_id"]
    return [first, {**first, **BACK, "interaction_id": key, "occurred_at": first["occurred_at"] + after, **more}]


def steps(*stages: str | None, judged: int) -> list[Row]:
    """One case through these stages; the contact at the place `judged` (from 1) comes first."""
    found = then(one(case_id="k", stage=stages[0]), DAY)[:1]
    for place, stage in enumerate(stages[1:], 1):
        found += then(found[0], place * DAY, stage=stage)[1:]
    return [found.pop(judged - 1), *found]


ON_THE_WAY: list[Told] = [
    ("long_wait", "no", [one(wait_seconds=120)]),
    ("long_wait", "yes", [one(wait_seconds=120.5)]),
    *(
        ("long_wait", "yes", [one(channel=channel, wait_seconds=121)])
        for channel in ("chat", "app", "store", "fax", None)
    ),
    *(
        ("long_wait", "no", [one(channel=channel, wait_seconds=86_400)])
        for channel in ("email", "web", "social", "post")
    ),
    ("long_wait", "yes", [one(channel="email", wait_seconds=86_401)]),
    ("long_wait", "no", [one(wait_seconds=0)]),
    ("long_wait", "?", [one()]),
    ("transfer", "no", [one(transfers=0)]),
    ("transfer", "yes", [one(transfers=1)]),
    ("transfer", "yes", [one(transfers=4)]),
    ("transfer", "?", [one()]),
    ("abandonment", "yes", [one(outcome="abandoned")]),
    *(("abandonment", "no", [one(outcome=outcome)]) for outcome in ("resolved", "unresolved", "escalated")),
    ("abandonment", "?", [one()]),
    ("reopen", "no", [one(reopens=0)]),
    ("reopen", "yes", [one(reopens=1)]),
    ("reopen", "?", [one()]),
]
AFTERWARDS: list[Told] = [
    ("repeat_contact", "no", [one()]),
    ("repeat_contact", "yes", then(one(), WEEK, channel="chat")),
    ("repeat_contact", "no", then(one(), WEEK + SECOND)),
    ("repeat_contact", "yes", then(one(), timedelta())),
    ("repeat_contact", "yes", then(one(reason=None), DAY)),
    ("repeat_contact", "no", then(one(), DAY, reason="login")),
    ("repeat_contact", "?", then(one(customer_id=None), DAY)),
    ("repeat_contact", "no", [one(END - WEEK)]),
    ("repeat_contact", "yes", then(one(END - WEEK), WEEK)),
    ("repeat_contact", "?", then(one(END - WEEK + SECOND), DAY)),
    ("channel_switch", "yes", then(one(outcome="unresolved"), WEEK, channel="chat")),
    ("channel_switch", "yes", then(one(outcome="escalated"), DAY, channel="chat")),
    ("channel_switch", "yes", then(one(), DAY, channel="chat")),
    ("channel_switch", "no", then(one(outcome="resolved"), DAY, channel="chat")),
    ("channel_switch", "no", then(one(outcome="unresolved"), DAY)),
    ("channel_switch", "no", then(one(outcome="unresolved"), DAY, channel=None)),
    ("channel_switch", "no", then(one(outcome="unresolved"), WEEK + SECOND, channel="chat")),
    ("channel_switch", "?", then(one(outcome="unresolved", channel=None), DAY, channel="chat")),
    ("channel_switch", "?", then(one(outcome="unresolved", customer_id=None), DAY, channel="chat")),
    ("channel_switch", "?", then(one(END - WEEK + SECOND, outcome="unresolved"), DAY, channel="chat")),
    ("bot_dead_end", "yes", [one(handled_by="bot", outcome="unresolved")]),
    ("bot_dead_end", "yes", [one(handled_by="self_service", outcome="abandoned")]),
    ("bot_dead_end", "yes", [one(handled_by="bot", outcome="abandoned", customer_id=None)]),
    ("bot_dead_end", "no", [one(handled_by="bot", outcome="resolved")]),
    ("bot_dead_end", "yes", then(one(handled_by="bot", outcome="resolved"), WEEK, channel="chat")),
    ("bot_dead_end", "no", then(one(handled_by="bot", outcome="resolved"), WEEK + SECOND, channel="chat")),
    ("bot_dead_end", "no", then(one(handled_by="bot", outcome="resolved"), DAY)),
    ("bot_dead_end", "no", then(one(handled_by="bot", outcome="escalated"), DAY, channel="chat")),
    ("bot_dead_end", "yes", then(one(handled_by="bot"), DAY, channel="chat")),
    ("bot_dead_end", "no", [one(handled_by="bot")]),
    ("bot_dead_end", "?", [one(handled_by="bot", customer_id=None)]),
    ("bot_dead_end", "?", [one(handled_by="human", outcome="unresolved")]),
    ("bot_dead_end", "?", [one(outcome="unresolved")]),
    ("bot_dead_end", "no", [one(END - WEEK, handled_by="bot", outcome="resolved")]),
    ("bot_dead_end", "?", [one(END - WEEK + SECOND, handled_by="bot", outcome="unresolved")]),
]
WITHIN: list[Told] = [
    ("loop", "yes", steps("buy", "pay", "buy", judged=3)),
    ("loop", "no", steps("buy", "pay", "buy", judged=1)),
    ("loop", "no", steps("buy", "pay", "buy", judged=2)),
    ("loop", "no", steps("buy", "buy", judged=2)),
    ("loop", "no", steps("buy", "pay", "buy", "buy", judged=4)),  # it stays where it came back to
    ("loop", "no", steps("buy", None, "buy", judged=3)),  # nobody knows whether it left
    ("loop", "?", steps("buy", "pay", None, judged=3)),
    ("loop", "yes", steps("buy", "pay", "use", "pay", judged=4)),
    ("repeated_information", "?", [one()]),
    ("negative_sentiment", "no", [one(sentiment_end=-0.3)]),
    ("negative_sentiment", "yes", [one(sentiment_end=-0.31)]),
    ("negative_sentiment", "no", [one(sentiment_start=-1, sentiment_end=-0.1)]),
    ("negative_sentiment", "no", [one(sentiment_start=0.5, sentiment_end=0)]),
    ("negative_sentiment", "yes", [one(sentiment_start=0.75, sentiment_end=0.2)]),
    ("negative_sentiment", "?", [one(sentiment_start=-1)]),
    ("broken_promise", "no", [one(promised_at=START + DAY, ended_at=START + DAY)]),
    ("broken_promise", "yes", [one(promised_at=START + DAY, ended_at=START + DAY + SECOND)]),
    ("broken_promise", "no", [one(promised_at="2024-03-06", ended_at=datetime(2024, 3, 7))]),
    ("broken_promise", "yes", [one(promised_at="2024-03-06", ended_at=datetime(2024, 3, 7, 0, 0, 1))]),
    ("broken_promise", "yes", [one(promised_at=END - DAY - SECOND)]),  # still open, and a day after the promise
    ("broken_promise", "?", [one(promised_at=END - DAY)]),
    ("broken_promise", "?", [one(promised_at=END - 9 * DAY, outcome="resolved")]),  # nobody knows when it ended
    ("broken_promise", "?", [one(promised_at=END + DAY)]),
    ("broken_promise", "?", [one(ended_at=START + DAY)]),
]
SAID: list[Told] = [
    ("repeated_information", "yes", [one()]),
    ("repeated_information", "no", [one()]),
]
MESSAGES = [
    {"message_id": str(number), "interaction_id": rows[0]["interaction_id"], "author": "customer", "text": text}
    for number, ((_, _, rows), text) in enumerate(zip(SAID, ("As I already said.", "Thanks."), strict=True))
]
MOVED: list[tuple[str, dict[str, float], str, list[Row]]] = [  # signal, the limit, verdict under it, contacts
    ("long_wait", {"wait_seconds": 30}, "yes", [one(wait_seconds=31)]),
    ("long_wait", {"wait_seconds": 30}, "no", [one(wait_seconds=30)]),
    ("long_wait", {"written_wait_hours": 0.5}, "yes", [one(channel="email", wait_seconds=1801)]),
    ("long_wait", {"written_wait_hours": 0.5}, "no", [one(channel="email", wait_seconds=1800)]),
    ("transfer", {"transfers": 2}, "no", [one(transfers=1)]),
    ("transfer", {"transfers": 2}, "yes", [one(transfers=2)]),
    ("reopen", {"reopens": 2}, "no", [one(reopens=1)]),
    ("reopen", {"reopens": 2}, "yes", [one(reopens=2)]),
    ("repeat_contact", {"repeat_days": 1.5}, "yes", then(one(), 1.5 * DAY)),
    ("repeat_contact", {"repeat_days": 1.5}, "no", then(one(), 1.5 * DAY + SECOND)),
    ("repeat_contact", {"repeat_days": 1.5}, "no", [one(END - 1.5 * DAY)]),
    ("repeat_contact", {"repeat_days": 1.5}, "?", [one(END - 1.5 * DAY + SECOND)]),
    ("repeat_contact", {"repeat_days": 30}, "yes", then(one(), 30 * DAY)),
    ("repeat_contact", {"repeat_days": 30}, "?", [one(END - 30 * DAY + SECOND)]),
    ("channel_switch", {"repeat_days": 30}, "yes", then(one(), 30 * DAY, channel="chat")),
    ("bot_dead_end", {"repeat_days": 1}, "no", then(one(handled_by="bot"), DAY + SECOND, channel="chat")),
    ("loop", {"stage_visits": 3}, "no", steps("buy", "pay", "buy", judged=3)),
    ("loop", {"stage_visits": 3}, "yes", steps("buy", "pay", "buy", "pay", "buy", judged=5)),
    ("negative_sentiment", {"sentiment": 0.5}, "yes", [one(sentiment_end=0.4)]),
    ("negative_sentiment", {"sentiment": -1}, "no", [one(sentiment_end=-1)]),
    ("negative_sentiment", {"sentiment_fall": 0}, "yes", [one(sentiment_start=0.2, sentiment_end=0.1)]),
    ("broken_promise", {"promise_hours": 24}, "no", [one(promised_at=START, ended_at=START + DAY)]),
    ("broken_promise", {"promise_hours": 24}, "yes", [one(promised_at=START, ended_at=START + DAY + SECOND)]),
    ("broken_promise", {"promise_hours": 24}, "?", [one(promised_at=END - 2 * DAY)]),
    ("broken_promise", {"promise_hours": 24}, "yes", [one(promised_at=END - 2 * DAY - SECOND)]),
]
TOLD = [*ON_THE_WAY, *AFTERWARDS, *WITHIN, *SAID]


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    rows = [row for *_, contacts in (*TOLD, *MOVED) for row in contacts]
    return make_shared_warehouse({"interactions": [one(END), *rows], "messages": MESSAGES})


def named(name: str, limits: Limits) -> Signal:
    return next(signal for signal in signals(limits) if signal.name == name)


def verdicts(warehouse: Warehouse, signal: Signal) -> dict[str, str]:
    """By contact: yes, no, or ?."""
    there = sa.case((signal.there, "yes"), (signal.judged, "no"), else_="?")
    rows = warehouse.read(sa.select(interactions.c.interaction_id, there))
    return {str(key): str(verdict) for key, verdict in rows.itertuples(index=False)}


@pytest.mark.parametrize("name", [signal.name for signal in signals(Limits())])
def test_at_the_usual_limits(warehouse: Warehouse, name: str) -> None:
    mine = [(verdict, contacts) for signal, verdict, contacts in TOLD if signal == name]
    assert {verdict for verdict, _ in mine} == {"yes", "no", "?"}
    found = verdicts(warehouse, named(name, Limits()))
    assert [found[contacts[0]["interaction_id"]] for _, contacts in mine] == [verdict for verdict, _ in mine]


def test_at_limits_that_were_moved(warehouse: Warehouse) -> None:
    found = [
        verdicts(warehouse, named(name, Limits(**moved)))[contacts[0]["interaction_id"]]  # type: ignore[arg-type]
        for name, moved, _, contacts in MOVED
    ]
    assert found == [verdict for *_, verdict, _ in MOVED]
    assert {name for _, moved, *_ in MOVED for name in moved} == set(LOWEST)


def test_written_channels_are_the_companys(warehouse: Warehouse) -> None:
    wait = {
        key: row["wait_seconds"] for *_, (row, *_) in ON_THE_WAY if (key := row["channel"]) and "wait_seconds" in row
    }
    assert wait["fax"] == 121 and wait["web"] == 86_400
    keys = {row["channel"]: row["interaction_id"] for name, _, (row, *_) in ON_THE_WAY if name == "long_wait"}
    found = verdicts(warehouse, named("long_wait", Limits(written=("fax",))))
    assert (found[keys["fax"]], found[keys["web"]]) == ("no", "yes")


def test_any_of_them(warehouse: Warehouse) -> None:
    found = signals(Limits())
    count = sum(sa.case((signal.there, 1), else_=0) for signal in found)
    rows = warehouse.read(sa.select(sa.case((any_signal(found), 1), else_=0).label("any"), count.label("count")))
    assert (rows["any"] == (rows["count"] > 0)).all()
    assert 0 < rows["any"].sum() < len(rows)


def test_a_signal_is_there_or_not_but_never_missing(warehouse: Warehouse) -> None:
    rows = warehouse.read(sa.select(*(signal.there.label(signal.name) for signal in signals(Limits()))))
    assert rows.notna().to_numpy().all()


def test_rules_say_their_limits() -> None:
    """Each limit stands in the rule of every signal that it decides, and rules are a sentence each."""
    usual = {signal.name: signal.rule for signal in signals(Limits())}
    assert all(rule[0].isupper() and rule.endswith(".") and ". " not in rule for rule in usual.values())
    moved = Limits(
        wait_seconds=31, written_wait_hours=32, repeat_days=33, transfers=34, reopens=35, stage_visits=36,
        promise_hours=37, sentiment=0.38, sentiment_fall=0.39, written=("fax",),
    )  # fmt: skip
    said = {signal.name: signal.rule for signal in signals(moved)}
    expected = {
        "long_wait": ("31 seconds", "(fax)", "32 hours"), "transfer": ("34 times",), "abandonment": (),
        "repeat_contact": ("33 days",), "channel_switch": ("33 days",), "bot_dead_end": ("33 days",),
        "reopen": ("35 times",), "loop": ("36th",), "repeated_information": (),
        "negative_sentiment": ("0.38", "0.39"), "broken_promise": ("37 hours",),
    }  # fmt: skip
    assert {name: [text for text in texts if text not in said[name]] for name, texts in expected.items()} == {
        name: [] for name in usual
    }
