"""A company with three teams: 36 weeks of ten answers each, and North gets better from the 25th week on."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from cx_metrics.analyses.initiative_plan import Plan
from tests.conftest import Tables

FIRST, WEEKS, BEFORE = datetime.date(2025, 9, 1), 36, 24
START = FIRST + datetime.timedelta(weeks=BEFORE)  # 16 February 2026
PLAN = Plan(
    "Callback promise", "Ann", "Whom we call back need not call again.", "csat", (("team", ("North",)),),
    (("team", ("South",)),), START, 20.0, cost=9_000.0, currency="EUR", state="running",
)  # fmt: skip
IDLE = replace(PLAN, name="New greeting", target=(("team", ("West",)),), cost=None, currency="")


def satisfied(team: str, week: int) -> int:
    """How many of the ten answers of a week are good: 5 or 7 in turn, in North 8 or 10 after the start."""
    return 5 + 2 * ((week + len(team)) % 2) + 3 * (team == "North" and week >= BEFORE)


def answers() -> list[dict[str, Any]]:
    """Answers of the three teams, every one from a customer of its own."""
    return [
        {"answer_id": f"{team}-{week}-{i}", "customer_id": f"c-{team}-{week}-{i}", "instrument": "csat", "team": team,
         "channel": "phone" if i % 2 else "chat", "score": 5 if i < satisfied(team, week) else 1,
         "answered_at": f"{FIRST + datetime.timedelta(days=7 * week + i % 7)}T10:00"}
        for team in ("North", "South", "West") for week in range(WEEKS) for i in range(10)
    ]  # fmt: skip


def tables() -> Tables:
    """To make a warehouse of."""
    return {"survey_answers": answers()}
