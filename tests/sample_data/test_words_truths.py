"""The truths about words are found in the judged sample company, by the analyses that its README names."""

from __future__ import annotations

import datetime

import pytest

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.empathy import empathy
from cx_metrics.analyses.scripts import scripts
from cx_metrics.analyses.taxonomy import proposed
from cx_metrics.judges.themes import names_a_matter
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from sample_data.truths import EMPATHIC_TEAM, SCRIPTED_TEAM

ALL_YEARS = Scope(datetime.date(2023, 7, 1), datetime.date(2026, 6, 30))


@pytest.fixture(scope="module")
def found(sample_warehouse: Warehouse) -> Analysis:
    return empathy(sample_warehouse, (), ALL_YEARS)


def by_team(found: Analysis, figure: str) -> dict[str, float]:
    """Team -> value in per cent."""
    kinds = found.tables["kinds"]
    own = kinds[(kinds["by"] == "team") & (kinds["figure"] == figure)]
    return dict(zip(own["group"], own["value"], strict=True))


@pytest.mark.parametrize("kind", ["cognitive", "emotional", "compassionate"])
def test_empathic_team(kind: str, found: Analysis) -> None:
    """Of contacts, of which the team has 26 with words."""
    shares = by_team(found, f"empathy_{kind}_strong")
    own = shares.pop(EMPATHIC_TEAM.team)
    assert own > 100 * EMPATHIC_TEAM.share - 15 and own > max(shares.values()) + 30


def test_scripted_team(found: Analysis, sample_warehouse: Warehouse) -> None:
    shares = by_team(found, "scripted_share")
    assert shares.pop(SCRIPTED_TEAM.team) == pytest.approx(100 * SCRIPTED_TEAM.share, abs=12)
    assert max(shares.values()) < 100 * SCRIPTED_TEAM.share_elsewhere + 8
    said = " ".join(scripts(sample_warehouse, ALL_YEARS).sentences)
    assert f"Most scripted is {SCRIPTED_TEAM.team}" in said
    assert f"scripted are most common in {SCRIPTED_TEAM.team}" in " ".join(found.sentences)
    # Its pasted apologies are weak, so it is not called empathic.
    assert by_team(found, "empathy_emotional_strong")[SCRIPTED_TEAM.team] < 15


def test_course_of_emotion(found: Analysis) -> None:
    """Customers who are helped recover, others leave in a bad mood."""
    course = found.tables["course"].set_index("outcome")
    assert course.loc["resolved", "change_low"] > 0.4 and course.loc["resolved", "share"] < 15
    for outcome in ("unresolved", "escalated"):
        assert course.loc[outcome, "end_high"] < -0.2 and course.loc[outcome, "share"] > 60
    said = " ".join(found.sentences)
    assert "where the contact was resolved" in said and "where the contact was unresolved" in said


def test_what_is_proposed_names_matters(sample_warehouse: Warehouse) -> None:
    themes = proposed(sample_warehouse)
    words = [word for theme in themes for word in theme.words]
    assert len(themes) >= 8 and all(len(theme.words) > 1 for theme in themes)
    assert all(map(names_a_matter, words)) and "nordlicht" not in words
    assert {"order", "refund", "invoice", "delivery"} <= set(words)
