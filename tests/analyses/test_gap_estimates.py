"""Gaps of stages that nobody was asked about: both sides' errors in one interval, and the reason where there is none."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from scipy import stats

from cx_metrics.analyses import gap_estimates as module
from cx_metrics.analyses.estimate_experience import COLUMNS, Experience, Link
from cx_metrics.analyses.gap_estimates import estimate_words, gap_estimates
from cx_metrics.metrics.estimators import Z
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded

USE = ("use", 900.0, 60.0, 50.0, 70.0, 4.0, 6.0)
STAGES = pd.DataFrame({
    "stage": ["use"], "belief": [75.0], "belief_low": [75 - 3 * Z], "belief_high": [75 + 3 * Z],
    "expectation": [math.nan], "expectation_low": [math.nan], "expectation_high": [math.nan],
})  # fmt: skip


def estimated(
    monkeypatch: pytest.MonkeyPatch, found: Experience, warehouse: Warehouse, scope: Scope
) -> tuple[pd.DataFrame, str]:
    monkeypatch.setattr(module, "experience", lambda *_: found)
    monkeypatch.setattr(module, "_silent", lambda *_: True)
    return gap_estimates(warehouse, scope, STAGES)


def test_errors_of_both_sides_add_up(monkeypatch: pytest.MonkeyPatch, empty_warehouse: Warehouse) -> None:
    """Standard errors 4 and 3 make 5; the model's six degrees of freedom are kept."""
    given = Experience(pd.DataFrame([USE, ("buy", 400.0, 55.0, 45.0, 65.0, 4.0, 6.0)], columns=list(COLUMNS)), "")
    table, why = estimated(monkeypatch, given, empty_warehouse, Scope())
    half = 5 * stats.t.ppf(0.975, 6)
    row = table.set_index("stage").loc["use"]
    found = [row[f"belief_gap_estimated{end}"] for end in ("", "_low", "_high")]
    assert (found, why) == (pytest.approx([15.0, 15 - half, 15 + half]), "")
    assert math.isnan(row["service_gap_estimated"])  # nobody was asked what they expect
    said = estimate_words(table)
    assert said[0] == (
        "Nobody was asked about the experience of use: it is estimated at 60.0 of 100 (50.0 to 70.0), the belief gap at "
        f"+15.0 ({15 - half:+.1f} to {15 + half:+.1f})."
    )
    assert said[1].endswith("buy: it is estimated at 55.0 of 100 (45.0 to 65.0).")


def test_more_than_three_are_counted(monkeypatch: pytest.MonkeyPatch, empty_warehouse: Warehouse) -> None:
    rows = [(name, *USE[1:]) for name in "abcde"]
    table, _ = estimated(
        monkeypatch, Experience(pd.DataFrame(rows, columns=list(COLUMNS)), ""), empty_warehouse, Scope()
    )
    assert estimate_words(table)[3:] == ["2 more stages are estimated likewise."]
    assert estimate_words(table[:4])[3:] == ["One more stage is estimated likewise."]


def test_a_refusal_is_told_where_something_was_measured(
    monkeypatch: pytest.MonkeyPatch, empty_warehouse: Warehouse
) -> None:
    nothing = pd.DataFrame(columns=list(COLUMNS))
    link = Link(0.0, 1.0, 9.0, 5.0, 3, *[pd.Series(dtype=float).to_numpy()] * 2)
    table, why = estimated(monkeypatch, Experience(nothing, "No better than the mean.", link), empty_warehouse, Scope())
    assert table.empty and why == "No better than the mean."


def test_no_model_is_learnt_where_every_stage_was_asked_about(
    monkeypatch: pytest.MonkeyPatch, embedded: Embedded
) -> None:
    monkeypatch.setattr(module, "experience", lambda *_: pytest.fail("learnt"))
    contacts = [{"interaction_id": "i1", "occurred_at": "2026-01-05", "stage": "use"}]
    told = STAGES.assign(n_experience=[12.0])
    assert gap_estimates(embedded.warehouse({"interactions": contacts}), Scope(), told)[0].empty


def test_filters_that_contacts_lack(empty_warehouse: Warehouse) -> None:
    table, why = gap_estimates(empty_warehouse, Scope(filters=(("dimension", ("ease",)),)), STAGES)
    assert table.empty and why == "" and estimate_words(table) == []
