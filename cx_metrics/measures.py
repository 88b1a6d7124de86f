"""The measures of a contact: columns of `interactions` that are computed once, at import, from the customer's others.

They are measures, not verdicts: limits such as seven days apply when a question is asked (`cx_metrics.journey.Limits`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Double, Text

from cx_metrics.columns import derived

_MEANING = {
    "hours_since_previous": (Double, "hours since the customer's previous contact on the same reason, on any channel"),
    "hours_until_next": (Double, "hours until the customer's next contact on the same reason, on any channel"),
    "return_channel": (Text, "channel of the customer's next contact on the same reason"),
    "next_handle_seconds": (Double, "handling time of the customer's next contact on the same reason, seconds"),
    "hours_since_same_stage": (Double, "hours since the customer's previous contact in the same stage, on any channel"),
    "hours_until_same_stage": (Double, "hours until the customer's next contact in the same stage, on any channel"),
    "customer_began_first": (BigInteger, "1: the customer had already made contact on the matter; else 0"),
    "case_key": (BigInteger, "the case: the source's own, or an episode of one customer on one reason"),
    "case_contact": (BigInteger, "position of the contact within its case, 1 = first"),
    "case_contacts": (BigInteger, "how many contacts the case has"),
    "case_outcome": (Text, "outcome of the case's last contact"),
    "case_resolved_seconds": (Double, "seconds from the case's first contact until resolved; empty = open"),
    "case_hours_until_next": (Double, "hours until the case's next contact"),
    "previous_channel": (Text, "channel of the case's previous contact"),
    "next_channel": (Text, "channel of the case's next contact"),
    "previous_stage": (Text, "stage of the case's previous contact"),
    "next_stage": (Text, "stage of the case's next contact"),
    "previous_handled_by": (Text, "who handled the case's previous contact"),
    "team_hop": (BigInteger, "1: another team had the case's previous contact; else 0"),
    "agent_hop": (BigInteger, "1: another person had the case's previous contact; else 0"),
    "stage_visits": (BigInteger, "how often the case has entered this stage so far, this visit included"),
    "hours_late": (Double, "hours from the promised time (of a day: its end) to the contact's end; negative = early"),
}  # fmt: skip
MEASURES = tuple(_MEANING)


def measure_columns() -> list[Column[Any]]:
    """The columns, for the table's declaration."""
    return [derived(name, kind, meaning) for name, (kind, meaning) in _MEANING.items()]
