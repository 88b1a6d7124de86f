"""What happens in contacts: how many, how long they take, how they end, and whether the customer had to come back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.metrics.estimators import Expression, Mean, Quantile, Share, Total
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.signals import SO_FAR
from cx_metrics.metrics.survival import SurvivalQuantile
from cx_metrics.model import interactions as contact

_resolved = contact.c.outcome == "resolved"
_SERVICE = "Service practice (COPC CX Standard, ICMI)"


def _share(
    name: str, title: str, better: str, definition: str, formula: str, needs: str, counted: Any, hit: Any, **more: Any
) -> Metric:
    source = more.pop("source", _SERVICE)
    return Metric(
        name, title, "%", better, definition, formula, source, needs, CONTACTS, contact.c.occurred_at,
        Share(counted, hit), **more,
    )  # fmt: skip


def _duration(name: str, title: str, definition: str, values: Expression, q: float, needs: str, **more: Any) -> Metric:
    quantile = "median" if q == 0.5 else f"{q:.0%} quantile"
    return Metric(
        name, title, "seconds", "lower", definition, f"{quantile} of the contacts' seconds, linearly interpolated",
        "Conover 1999 for the interval", needs, CONTACTS, contact.c.occurred_at,
        Quantile(values.is_not(None), values, q), variant=_variant(q), **more,
    )  # fmt: skip


def _variant(q: float) -> str:
    return "median" if q == 0.5 else f"{100 * q:.0f}th percentile"


def _mean(name: str, title: str, definition: str, values: Expression, needs: str, **more: Any) -> Metric:
    return Metric(
        name, title, "seconds", "lower", definition, "sum of the seconds / contacts whose seconds are known",
        "Normal approximation for the interval", needs, CONTACTS, contact.c.occurred_at,
        Mean(values.is_not(None), values), variant="mean", **more,
    )  # fmt: skip


def _resolution(name: str, title: str, q: float, share: str, **more: Any) -> Metric:
    first = sa.and_(contact.c.case_contact == 1, contact.c.case_outcome.is_not(None))
    known = sa.or_(contact.c.case_outcome != "resolved", contact.c.case_resolved_seconds.is_not(None))
    return Metric(
        name, title, "hours", "lower",
        f"Time from a case's first contact until {share} of the cases are resolved; open cases count as still waiting.",
        f"Kaplan-Meier: first t with S(t) <= {1 - q:g}; cases that are not resolved are censored where the data end",
        "Kaplan and Meier 1958; Brookmeyer and Crowley 1982 for the interval",
        "how contacts ended: interactions.outcome and ended_at", CONTACTS, contact.c.occurred_at,
        SurvivalQuantile(sa.and_(first, known), contact.c.case_resolved_seconds / 3600.0, SO_FAR / 3600.0, q),
        undefined=f"fewer than {share} of the cases were resolved within the data", variant=_variant(q), **more,
    )  # fmt: skip


CONTACT_COUNT = Metric(
    "contacts", "Contacts", "count", "neither", "Number of contacts between customers and the company, on any channel.",
    "count of contacts; interval: Poisson", "Breslow and Day 1987 (Byar) for the interval",
    "contacts: interactions", CONTACTS, contact.c.occurred_at, Total(sa.true()), minimum_n=5, headline=True,
)  # fmt: skip
WAIT = "waiting times: interactions.wait_seconds"
HANDLE = "handling times: interactions.handle_seconds"
OUTCOME = "how contacts ended: interactions.outcome"
METRICS = (
    CONTACT_COUNT,
    _duration("wait_median", "Median wait", "Half of the contacts waited no longer than this for the first answer.",
              contact.c.wait_seconds, 0.5, WAIT, rivals=("wait_p90", "wait_mean"), headline=True),
    _duration("wait_p90", "Wait, 90th percentile",
              "Nine in ten contacts waited no longer than this for the first answer.",
              contact.c.wait_seconds, 0.9, WAIT, rivals=("wait_median",)),
    _mean("wait_mean", "Mean wait", "Mean time that contacts waited for the first answer; a few long ones move it.",
          contact.c.wait_seconds, WAIT, rivals=("wait_median",)),
    _duration("handle_median", "Median handle time", "Half of the contacts took no longer than this to handle.",
              contact.c.handle_seconds, 0.5, HANDLE, rivals=("handle_p90", "handle_mean")),
    _duration("handle_p90", "Handle time, 90th percentile", "Nine in ten contacts took no longer than this to handle.",
              contact.c.handle_seconds, 0.9, HANDLE, rivals=("handle_median",)),
    _mean("handle_mean", "Mean handle time", "Mean time that contacts took to handle; a few long ones move it.",
          contact.c.handle_seconds, HANDLE, rivals=("handle_median",)),
    _resolution("resolution_median", "Median time to resolution", 0.5, "half", rivals=("resolution_p90",),
                headline=True),
    _resolution("resolution_p90", "Time to resolution, 90th percentile", 0.9, "nine in ten",
                rivals=("resolution_median",)),
    _share(
        "fcr_no_reopen", "First contact resolution, by reopens", "higher",
        "Share of resolved contacts that were never opened again.",
        "resolved contacts with no reopen / resolved contacts whose reopens are known",
        "reopens: interactions.reopens and outcome",
        sa.and_(_resolved, contact.c.reopens.is_not(None)), contact.c.reopens == 0, rivals=("fcr",),
        variant="never opened again",
    ),
    _share(
        "escalation_free_resolution", "Resolved without escalation", "higher",
        "Share of contacts that were resolved where they arrived: no escalation, no transfer.",
        "contacts resolved without transfer / contacts whose outcome is known (unknown transfers count as none)",
        OUTCOME, contact.c.outcome.is_not(None),
        sa.and_(_resolved, sa.func.coalesce(contact.c.transfers, 0) == 0), headline=True,
    ),
    _share(
        "proactive_share", "Proactive share", "higher",
        "Share of contacts that the company began before the customer's own first contact on that matter.",
        "contacts begun by the company with no earlier contact by the customer in the case (or, without a case, on the "
        "reason) / contacts of which it is known who began them", "who began the contact: interactions.initiated_by",
        contact.c.initiated_by.is_not(None),
        sa.and_(contact.c.initiated_by == "company", contact.c.customer_began_first == 0), headline=True,
    ),
)  # fmt: skip
