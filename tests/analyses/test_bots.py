"""The analysis of bots: its sentences say what its tables hold, and nothing where there is nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.bots import bots
from cx_metrics.charts.bots import DURABLE
from cx_metrics.export import to_json
from cx_metrics.scope import Scope
from tests.conftest import Embedded

START = datetime(2024, 3, 4, 9)
END = {"interaction_id": "end", "occurred_at": START + timedelta(days=60), "handled_by": "human"}
TABLES = {
    "containment", "containment_by_channel", "containment_by_stage", "containment_by_reason", "left_out", "returns",
    "dead_ends", "hand_over", "escalated",
}  # fmt: skip


def contacts(count: int, **more: Any) -> list[dict[str, Any]]:
    """Contacts that the chat bot resolved, each of a customer of its own, unless `more` says otherwise."""
    usual = {"occurred_at": START, "stage": "pay", "channel": "chat", "handled_by": "bot", "outcome": "resolved"}
    key = json.dumps(more, default=str)
    return [
        {**usual, "interaction_id": f"{key}{i}", "customer_id": f"{key}{i}", "reason": "x", **more}
        for i in range(count)
    ]


def analysed(embedded: Embedded, *rows: list[dict[str, Any]]) -> Analysis:
    return bots(embedded.warehouse({"interactions": [*(row for part in rows for row in part), END]}), Scope())


def test_it_says_what_it_found(embedded: Embedded) -> None:
    ends = contacts(60, outcome="abandoned")
    others = contacts(150, stage="buy") + contacts(30, stage="buy", outcome="unresolved")
    home = contacts(40, handled_by="self_service", channel="web")
    left = contacts(12, outcome=None) + contacts(11, customer_id=None, interaction_id=None)
    left = [{**row, "interaction_id": f"left{i}"} for i, row in enumerate(left)]
    back = [{**row, "interaction_id": f"back{i}", "occurred_at": START + timedelta(hours=2), "channel": "phone",
             "handled_by": "human", "wait_seconds": 30 + i} for i, row in enumerate(ends[:35])]  # fmt: skip
    first = [{**row, "wait_seconds": 10} for row in contacts(30, handled_by="human", channel="phone")]
    found = analysed(embedded, ends, others, home, left, back, first)
    said = found.sentences
    assert said[0].startswith(
        "Bots solved 62.5 % of their contacts for good (56.2 to 68.4 %, n = 240) and handed none on"
    )
    assert (
        "37.5 % only ended: 12.5 % were unresolved, 10.4 % were given up and 14.6 % came back on another channel."
        in said[0]
    )
    assert (
        said[1] == "Self-service solved 100.0 % of its contacts for good (91.2 to 100.0 %, n = 40) and handed none on."
    )
    assert said[2] == "Who came back elsewhere came from chat most often by phone (100.0 % of 35)."
    assert said[3].startswith(
        "Dead end: pay by chat (bot), 72.3 % of 83 contacts (61.8 to 80.8 %), 4.3 times the 16.7 %"
    )
    assert "median wait 47 s against 10 s (difference 31 s to 43 s)" in said[4]
    assert said[5].startswith("Not judged: 11 customer unknown and 12 outcome unknown")
    assert len(said) == 6


def test_the_command_prints_json(embedded: Embedded) -> None:
    document = json.loads(to_json(analysed(embedded, contacts(20), contacts(9, stage="buy")).to_dict()))
    assert document["analysis"] == "bots" and set(document["tables"]) == TABLES
    rows = document["tables"]["containment_by_stage"]
    assert {row["suppressed"] for row in rows if row["stage"] == "buy"} == {True}
    assert [row for row in rows if row["part"] == DURABLE][1]["share"] == 100
    assert document["assumptions"] and all(text.endswith(".") for text in document["sentences"])


def test_no_dead_end(embedded: Embedded) -> None:
    rows = [contacts(count, stage=stage, outcome=outcome) for stage in ("pay", "buy", "use")
            for outcome, count in (("resolved", 60), ("abandoned", 30))]  # fmt: skip
    said = analysed(embedded, *rows).sentences
    assert "No dead end stands out: nowhere clearly more than 1.25 times as many as in the other stages." in said


@pytest.mark.parametrize("rows", [[], contacts(4), contacts(9)])
def test_too_few(rows: list[dict[str, Any]], embedded: Embedded) -> None:
    found = analysed(embedded, rows)
    assert found.sentences[0] == "There are too few contacts of bots and self-service to say what became of them."
    assert found.tables["containment"]["share"].isna().all()


def test_an_empty_warehouse(embedded: Embedded) -> None:
    found = bots(embedded.warehouse({}), Scope())
    assert set(found.tables) == TABLES and found.tables["containment"].empty
    assert "too few" in found.sentences[0]
