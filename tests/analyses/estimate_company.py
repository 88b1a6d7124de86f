"""A made-up company whose satisfaction follows from what happens in its contacts."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

START = datetime.datetime(2025, 1, 1, 9)
STAGES, CHANNELS, TEAMS, REGIONS = (
    ("buy", "use", "pay", "get help"),
    ("chat", "phone"),
    ("red", "blue", "green"),
    ("N", "S"),
)
Row = dict[str, Any]


def asked(contacts: int = 900, seed: int = 3, noise: bool = False) -> dict[str, list[Row]]:
    """Contacts over 300 days, 60 % of them answered 1-5. Unless noise: unresolved costs 45 points, a transfer 20, a wait
    over two minutes 15, being reopened 10.

    In the stage "pay" they cost 12 points more and in "get help" 6. "leave" has 40 contacts without any answer, "renew"
    12, "rare" 3. Experience answers of the four other stages lie 15 points below what the answered contacts say.
    """
    random = np.random.default_rng(seed)
    people = [
        {"customer_id": f"c{place}", "region": REGIONS[place % 2], "segment": "all", "name": f"P {place}"}
        for place in range(contacts // 3)
    ]
    special = ["leave"] * 40 + ["renew"] * 12 + ["rare"] * 3
    tables: dict[str, list[Row]] = {"customers": people, "interactions": [], "survey_answers": []}
    for place in range(contacts):
        stage = special[place // 7] if place % 7 == 0 and place // 7 < len(special) else STAGES[random.integers(4)]
        when = START + datetime.timedelta(days=300 * place / contacts, minutes=int(random.integers(60)))
        outcome = "resolved" if random.random() < 0.7 else "unresolved"
        wait, transfers = float(random.choice([10.0, 90.0, 400.0])), int(random.random() < 0.25)
        reopens = int(random.random() < 0.15)
        contact = {
            "interaction_id": f"i{place}", "customer_id": f"c{random.integers(len(people))}", "occurred_at": when,
            "ended_at": when + datetime.timedelta(minutes=15), "stage": stage, "outcome": outcome, "reopens": reopens,
            "channel": CHANNELS[random.integers(2)], "team": TEAMS[random.integers(3)], "handled_by": "human",
            "wait_seconds": wait, "transfers": transfers, "reason": f"r{random.integers(40)}",
        }  # fmt: skip
        tables["interactions"].append(contact)
        if random.random() > 0.6 or stage == "leave" or (stage == "renew" and place > 300 + 7 * 42):
            continue
        mean = 90 - (0 if noise else 45 * (outcome != "resolved") + 20 * transfers + 15 * (wait > 120) + 10 * reopens)
        mean -= 0 if noise else {"pay": 12, "get help": 6}.get(stage, 0)
        score = 1 + int(random.binomial(4, np.clip(mean, 0, 100) / 100))
        tables["survey_answers"].append(answer(contact, score))
    tables["survey_answers"] += experience(tables)
    return tables


def experience(tables: dict[str, list[Row]]) -> list[Row]:
    """30 experience answers for each of STAGES, around 15 points below its mean satisfaction."""
    stage_of = {row["interaction_id"]: row["stage"] for row in tables["interactions"]}
    said: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for row in tables["survey_answers"]:
        said.setdefault(stage_of[row["interaction_id"]], []).append(25.0 * (row["score"] - 1))
    return [
        {
            "answer_id": f"p-{stage}-{place}", "customer_id": f"c{place}", "instrument": "perception",
            "dimension": "ease", "stage": stage, "score": np.mean(said[stage]) - 15 + (5 if place % 2 else -5),
            "scale_min": 0, "scale_max": 100, "answered_at": START + datetime.timedelta(days=100 + place),
        }
        for stage in STAGES for place in range(30)
    ]  # fmt: skip


def answer(contact: Row, score: float, days: float = 1.0) -> Row:
    """A satisfaction answer about a contact, given this many days after it began."""
    return {
        "answer_id": f"a-{contact['interaction_id']}", "customer_id": contact["customer_id"], "instrument": "csat",
        "interaction_id": contact["interaction_id"], "score": score, "scale_min": 1, "scale_max": 5,
        "answered_at": contact["occurred_at"] + datetime.timedelta(days=days),
    }  # fmt: skip
