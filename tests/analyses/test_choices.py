"""What the scope bar offers: stages and channels as the company's journey goes, other values by the alphabet."""

from __future__ import annotations

from pathlib import Path

import pytest

from cx_metrics.analyses.choices import filter_values
from tests.conftest import Embedded


def test_values_in_the_order_of_the_journey(
    embedded: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [("web", "pay", "red"), ("shop", "play", "amber"), ("phone", "look", "blue"), (None, "buy", None)]
    contacts = [
        {
            "interaction_id": channel or "i",
            "occurred_at": "2024-01-01",
            "channel": channel,
            "stage": stage,
            "team": team,
        }
        for channel, stage, team in told
    ]
    warehouse = embedded.warehouse({"interactions": contacts})
    found = filter_values(warehouse)
    assert (found["channel"], found["stage"]) == (["web", "phone", "shop"], ["buy", "pay", "look", "play"])
    (tmp_path / "journey.toml").write_text('stages = ["look", "play", "pay"]\nchannels = ["shop", "web"]')
    monkeypatch.setenv("CX_JOURNEY_FILE", str(tmp_path / "journey.toml"))
    found = filter_values(warehouse)
    assert (found["channel"], found["stage"]) == (["shop", "web", "phone"], ["look", "play", "pay", "buy"])
    assert found["team"] == ["amber", "blue", "red"]
