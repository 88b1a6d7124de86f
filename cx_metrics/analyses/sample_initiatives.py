"""The initiatives of the sample company: one that works and one that does nothing, as its truths say."""

from __future__ import annotations

import datetime
import importlib
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.initiative_plan import Plan
from cx_metrics.analyses.initiative_register import write
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import initiative_versions

_ROOT = Path(__file__).resolve().parents[2]
_AHEAD = datetime.timedelta(days=14)  # the invented company wrote its plans down before they began
_WHO = "sample company"


def register_sample(ledger: Ledger) -> int:
    """Put the sample company's initiatives into the register, once per ledger; returns how many were added.

    They are marked as belonging to it, and dated two weeks before their start; the audit says when they were added.
    """
    plans = _plans()
    with ledger.alone() as writing:
        c = initiative_versions.c
        known = writing.read(sa.select(c.initiative, c.name, c.sample))
        there = set(known.loc[known["sample"] == 1, "name"])
        number = int(known["initiative"].max()) if len(known) else 0
        added = [plan for plan in plans if plan.name not in there]
        for place, plan in enumerate(added, start=1):
            at = datetime.datetime.combine(plan.start - _AHEAD, datetime.time(9))
            write(writing, plan, (number + place, 1), "registered", _WHO, True, at)
    return len(added)


def _plans() -> tuple[Plan, ...]:
    """The plans; none where the generator of the sample company is not at hand."""
    if str(_ROOT) not in sys.path:
        sys.path.insert(0, str(_ROOT))
    try:
        truths: Any = importlib.import_module("sample_data.truths")
    except ModuleNotFoundError:
        return ()
    works, idle = truths.WORKING_INITIATIVE, truths.IDLE_INITIATIVE
    return (
        Plan(
            idle.title, "Head of Billing", "A warmer greeting makes customers more content with the conversation.",
            "csat", (("team", (idle.team,)),), (("team", ("Delivery", "Front Desk")),), idle.start, 4.0,
            cost=6_000.0, currency="EUR", state="running",
        ),
        Plan(
            works.title, f"Head of {works.team}",
            "Customers who are told when we call back, and whom we do call then, wait less and need not call again.",
            "csat", (("team", (works.team,)),), (("team", (works.comparison,)),), works.start, float(works.points),
            cost=24_000.0, currency="EUR", state="running",
        ),
    )  # fmt: skip
