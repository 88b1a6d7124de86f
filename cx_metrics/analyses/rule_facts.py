"""The words that rules may use: facts of contacts, answers, orders and customers, and from when on each is known.

A rule on past data may use only what was known at its moment. A column of the warehouse holds how things ended, so
each fact says when it became known; what is not known yet does not hold yet.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from cx_metrics.journey import Limits
from cx_metrics.metrics.signals import signals
from cx_metrics.model import customers, survey_answers
from cx_metrics.model import interactions as contact
from cx_metrics.model import orders as order
from cx_metrics.texts import CUES, EMPATHY

START, END, WAITED, ANSWERED, ORDERED, DELIVERED, OVERDUE = range(7)  # from when on a fact is known, see KNOWN
DAY = datetime.timedelta(days=1)
ANY_SIGNAL = "any"
SIGNALS = {ANY_SIGNAL: "any signal of friction", **{signal.name: signal.title for signal in signals(Limits())}}
SAME = {"reason": "on the same reason", "case": "in the same case", "customer": "by the customer"}
SHARES = {"top half": 0.5, "top third": 1 / 3, "top quarter": 0.25, "top fifth": 0.2, "top tenth": 0.1}
NOBODY = {  # what did not follow -> in words, and after which moments it can be asked
    "reply": ("no answer from a person to the contact", ("contact",)),
    "contact from us": ("no contact from us", ("contact", "answer", "order")),
    "contact": ("no contact with us at all", ("contact", "answer", "order")),
    "survey": ("no survey", ("contact", "order")),
    "order": ("no further order", ("contact", "answer", "order")),
}  # fmt: skip


@dataclass(frozen=True)
class RuleFact:
    """kind: text, number or flag (yes or no). words: for people. column: what it is. known: from when on."""

    kind: str
    words: str
    column: Any = field(hash=False, compare=False)
    known: int
    allowed: tuple[str, ...] = ()


def after(time: Any, seconds: Any) -> Any:
    """A time so many seconds later."""
    return time + sa.literal(datetime.timedelta(seconds=1)).op("*", return_type=sa.Interval())(sa.func.round(seconds))


_answer = survey_answers.c
KNOWN = {
    START: contact.c.occurred_at,
    END: sa.func.coalesce(contact.c.ended_at, contact.c.occurred_at),
    WAITED: after(contact.c.occurred_at, contact.c.wait_seconds),
    ANSWERED: _answer.answered_at,
    ORDERED: order.c.ordered_at,
    DELIVERED: order.c.delivered_at,
    OVERDUE: order.c.promised_at + DAY,  # a promise given as a date holds until that day ends
}


def _scaled(instrument: str, low: float, high: float) -> Any:
    """An answer's score on the usual scale of its instrument."""
    lowest = sa.func.coalesce(_answer.scale_min, low)
    width = sa.func.nullif(sa.func.coalesce(_answer.scale_max, high) - lowest, 0.0)
    return sa.case((_answer.instrument == instrument, low + (high - low) * (_answer.score - lowest) / width))


# The bottom two boxes mirror the top two of the metric csat; nps: detractors; ces: below 4 on the scale to 7.
_steps = _answer.scale_max - _answer.scale_min
LOW_SCORE = sa.or_(
    sa.and_(_answer.instrument == "csat", sa.case(
        (_steps < 3, _answer.score <= _answer.scale_min), (_steps <= 10, _answer.score <= _answer.scale_min + 1),
        else_=_answer.score <= _answer.scale_min + _steps / 5.0,
    )),
    sa.and_(_answer.instrument == "nps", _scaled("nps", 0.0, 10.0) <= 6),
)  # fmt: skip


def _flag(condition: Any) -> Any:
    return sa.case((condition, 1), else_=0)


def _texts(table: sa.Table, known: int, *names: str) -> dict[str, RuleFact]:
    found = {}
    for name in names:
        column = table.c[name]
        found[name] = RuleFact("text", name.replace("_", " "), column, known, column.info["rule"].allowed)
    return found


def _mood(name: str) -> Any:
    judged = contact.c[f"judged_{name}"]
    return judged if name == "lowest" else sa.func.coalesce(contact.c[f"sentiment_{name}"], judged)


def _of_contact() -> dict[str, RuleFact]:
    number = {
        "wait_seconds": ("wait for the first answer, seconds", WAITED), "handle_seconds": ("handling, seconds", END),
        "hours_late": ("hours after the promised time", END), "transfers": ("transfers", END),
        "reopens": ("times opened again", END), "stage_visits": ("visits to the stage in the case", START),
        "case_contact": ("contact number in the case", START),
        "hours_since_previous": ("hours since the customer's previous contact on the reason", START),
    }  # fmt: skip
    return {
        **_texts(contact, START, "channel", "stage", "touchpoint", "reason", "initiated_by", "handled_by", "team"),
        **_texts(contact, END, "outcome"),
        **{name: RuleFact("number", words, contact.c[name], known) for name, (words, known) in number.items()},
        **{f"mood_{name}": RuleFact("number", f"{words} mood (-1 to 1)", _mood(name), END)
           for name, words in {"start": "first", "lowest": "lowest", "end": "last"}.items()},
        **{name: RuleFact("flag", name.replace("_", " ") + " in the customer's words", contact.c[name], END)
           for name in CUES},
        **{f"empathy_{kind}": RuleFact("number", f"{kind} empathy of the replies (0 to 2)",
                                       contact.c[f"empathy_{kind}"], END) for kind in EMPATHY},
    }  # fmt: skip


def _of_answer() -> dict[str, RuleFact]:
    scales = {"csat": (1.0, 5.0), "nps": (0.0, 10.0), "ces": (1.0, 7.0)}
    return {
        **_texts(survey_answers, ANSWERED, "stage", "channel", "touchpoint", "team", "dimension"),
        "reason": RuleFact("text", "reason", _answer.reason, ANSWERED),
        **{name: RuleFact("number", f"{name.upper()} score ({low:g} to {high:g})", _scaled(name, low, high), ANSWERED)
           for name, (low, high) in scales.items()},
        "low_score": RuleFact("flag", "low score (CSAT: bottom two boxes, NPS: 0 to 6)", _flag(LOW_SCORE), ANSWERED),
    }  # fmt: skip


def _of_order() -> dict[str, RuleFact]:
    overdue = sa.or_(order.c.delivered_at.is_(None), order.c.delivered_at > order.c.promised_at + DAY)
    late = sa.case((order.c.delivery.in_(("on time", "late")), order.c.delivery))
    return {
        "delivery": RuleFact("text", "delivery", late, DELIVERED, ("on time", "late")),
        "overdue": RuleFact("flag", "not delivered by the promised day", _flag(overdue), OVERDUE),
        "order_number": RuleFact("number", "number of the customer's order", order.c.order_number, ORDERED),
        "amount": RuleFact("number", "amount of the order, in its currency", order.c.amount, ORDERED),
        "currency": RuleFact("text", "currency", order.c.currency, ORDERED),
    }


OF_CUSTOMER: dict[str, RuleFact] = {  # the last two are computed as they stood at the moment, see rule_value
    **{name: RuleFact("text", name, customers.c[name], START) for name in ("segment", "region", "country")},
    "yearly_value": RuleFact("number", "yearly value of the customer", None, START),
    "subscription_days": RuleFact("number", "days since the customer's subscription began", None, START),
}
FACTS: dict[str, dict[str, RuleFact]] = {"contact": _of_contact(), "answer": _of_answer(), "order": _of_order()}
