"""How much friction there is: the share of contacts, cases or customers that meet a signal, and any of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.journey import Limits
from cx_metrics.metrics.estimators import Expression, Share
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.signals import AUTOMATIC, KNOWN_CUSTOMER, Signal, any_signal, came_back, old_enough, signals
from cx_metrics.model import interactions as contact

COUNTED: dict[str, Any] = {"contacts": None, "cases": contact.c.case_key, "customers": contact.c.customer_id}
_SERVICE = "Service practice (COPC CX Standard, ICMI)"
_FAMILIAR = {"transfer": "transfer_rate", "abandonment": "abandonment_rate", "reopen": "reopen_rate",
             "repeated_information": "repeated_information"}  # fmt: skip
_HEADLINES = ("transfer_rate", "abandonment_rate")


def rate_name(signal: str, counted: str = "contacts") -> str:
    """Name of the metric that counts a signal, or of the friction rate for ""."""
    name = _FAMILIAR.get(signal, f"{signal}_rate" if signal else "friction_rate")
    return name if counted == "contacts" else f"{name}_of_{counted}"


def declare(limits: Limits) -> tuple[Metric, ...]:
    """The metrics whose meaning depends on limits, under these."""
    found = signals(limits)
    of_signals = tuple(signal_rate(signal) for signal in found)
    return (
        *_resolution(limits),
        friction_rate(limits),
        *of_signals,
        *(friction_rate(limits, c) for c in ("cases", "customers")),
    )


def friction_rate(limits: Limits, counted: str = "contacts") -> Metric:
    """Contacts (cases, customers) with at least one signal / all of them."""
    found = signals(limits)
    titles = ", ".join(signal.title.lower() for signal in found)
    return Metric(
        rate_name("", counted), "Friction rate" + _of(counted), "%", "lower",
        f"Share of {counted} with at least one signal of friction: {titles}.",
        f"{counted} with a signal / {counted}; those younger than {limits.repeat_days:g} days are left out, because a "
        "further contact may still come; signals that the data cannot show count as absent",
        "No industry standard; the signals and their limits are on the Friction page", "contacts: interactions",
        CONTACTS, contact.c.occurred_at, _share(old_enough(limits), any_signal(found), counted),
        rivals=tuple(rate_name("", other) for other in COUNTED if other != counted), headline=counted == "contacts",
        variant=f"of {counted}",
    )  # fmt: skip


def signal_rate(signal: Signal, counted: str = "contacts") -> Metric:
    """Contacts (cases, customers) with the signal / those of which it can be said."""
    name = rate_name(signal.name)
    return Metric(
        rate_name(signal.name, counted), f"{signal.title} rate" + _of(counted), "%", "lower",
        f"Share of {counted} with this signal of friction: {signal.rule[0].lower()}{signal.rule[1:]}",
        f"{counted} with the signal / {counted} of which it can be said", _SERVICE, signal.needs, CONTACTS,
        contact.c.occurred_at, _share(signal.judged, signal.present, counted), headline=name in _HEADLINES,
    )  # fmt: skip


def _of(counted: str) -> str:
    return "" if counted == "contacts" else f", {counted}"


def _share(judged: Expression, present: Expression, counted: str) -> Share:
    of = COUNTED[counted]
    return Share(judged, present) if of is None else Share(sa.and_(judged, of.is_not(None)), present, distinct=of)


def _resolution(limits: Limits) -> tuple[Metric, ...]:
    days = f"{limits.repeat_days:g} days"
    resolved, judged = contact.c.outcome == "resolved", sa.and_(KNOWN_CUSTOMER, old_enough(limits))
    common = (CONTACTS, contact.c.occurred_at)
    return (
        Metric(
            "fcr", "First contact resolution", "%", "higher",
            f"Share of resolved contacts after which the customer had no further contact on the same reason, on any "
            f"channel, within {days}.",
            f"resolved contacts without a further contact within {days} / resolved contacts of known customers that "
            f"are at least {days} older than the newest contact", _SERVICE,
            "contacts with customer, reason and outcome: interactions.customer_id, reason, outcome", *common,
            Share(sa.and_(resolved, judged), sa.not_(came_back(limits))), headline=True,
            rivals=("fcr_no_reopen", "fcr_one_touch", "fcr_surveyed"), variant=f"no further contact within {days}",
        ),
        Metric(
            "durable_self_service", "Durable self-service resolution", "%", "higher",
            f"Share of bot and self-service contacts that resolved the matter for good: no further contact on the same "
            f"reason, on any channel, within {days}.",
            f"bot and self-service contacts that were resolved without a further contact within {days} / bot and "
            f"self-service contacts of known customers at least {days} older than the newest contact", _SERVICE,
            "bot or self-service contacts: interactions.handled_by and outcome", *common,
            Share(sa.and_(AUTOMATIC, contact.c.outcome.is_not(None), judged),
                  sa.and_(resolved, sa.not_(came_back(limits)))), headline=True,
        ),
    )  # fmt: skip
