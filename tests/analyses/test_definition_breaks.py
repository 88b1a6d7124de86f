"""Rival definitions over time: spans of a company's own history, and surveys whose scale changed."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cx_metrics.analyses.definition_breaks import breaks, course_of, spans
from cx_metrics.analyses.overview import overview
from cx_metrics.analyses.trend import trend
from cx_metrics.journey import JourneyError
from cx_metrics.metrics.catalog import FAMILIES, METRICS, defined, usual_definitions
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse

DAY = datetime.date
ALL = Scope(DAY(2025, 1, 1), DAY(2025, 6, 30))
HISTORY = """
[[definitions]]
figure = "csat"
use = "csat_mean"
from = 2025-04-15
"""


def answers(scale: tuple[int, int] = (1, 5), months: tuple[int, ...] = (1, 2, 3, 4, 5, 6)) -> list[dict[str, Any]]:
    """Twenty satisfaction answers a month, half of them the highest, half the lowest; ten before the 15th."""
    low, high = scale
    return [
        {"answer_id": f"{scale}{month}-{n}", "customer_id": f"c{scale}{month}{n}", "instrument": "csat", "scale_min": low,
         "scale_max": high, "score": high if n % 2 else low, "answered_at": f"2025-{month:02}-{5 if n < 10 else 25:02}"}
        for month in months for n in range(20)
    ]  # fmt: skip


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "journey.toml"
    file.write_text(HISTORY)
    monkeypatch.setenv("CX_JOURNEY_FILE", str(file))
    return file


def test_every_rival_is_in_one_family_and_says_what_tells_it_apart() -> None:
    named = [name for names in FAMILIES.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) == {metric.name for metric in METRICS.values() if metric.rivals}
    for names in FAMILIES.values():
        variants = [METRICS[name].variant for name in names]
        assert all(variants) and len(set(variants)) == len(variants)
    for figure in (
        "csat",
        "ces",
        "fcr",
        "churn",
        "cohort_retention",
        "wait_median",
        "handle_median",
        "resolution_median",
    ):
        assert len(FAMILIES[figure]) > 1


def test_the_scope_chooses() -> None:
    assert defined("csat", ALL).name == "csat"
    chosen = Scope(definitions=("csat_mean", "fcr_no_reopen"))
    assert (defined("csat", chosen).name, defined("fcr", chosen).name) == ("csat_mean", "fcr_no_reopen")
    assert defined("csat_weighted", chosen).name == "csat_weighted"  # asked for by its own name
    with pytest.raises(ScopeError, match=r"^'revenue' is no rival definition; there are: belief, "):
        defined("csat", Scope(definitions=("revenue",)))


def test_the_overview_shows_the_chosen_definition(embedded: Embedded) -> None:
    warehouse = embedded.warehouse({"survey_answers": answers()})
    cards = {
        card.metric.name for card in overview(warehouse, Scope(ALL.start, ALL.end, definitions=("csat_mean",))).cards
    }
    assert "csat_mean" in cards and "csat" not in cards
    found = overview(warehouse, Scope(ALL.start, ALL.end, definitions=("csat_mean",)))
    assert found.lead and found.lead.metric.name == "csat_mean"


def test_a_history_cuts_the_period(history: Path) -> None:
    assert usual_definitions() == ("csat_mean",)
    scope = Scope(ALL.start, ALL.end, definitions=usual_definitions())
    before, after = spans("csat", scope)
    assert (before[0].name, before[1].start, before[1].end) == ("csat", DAY(2025, 1, 1), DAY(2025, 4, 14))
    assert (after[0].name, after[1].start, after[1].end) == ("csat_mean", DAY(2025, 4, 15), DAY(2025, 6, 30))
    assert [metric.name for metric, _ in spans("csat", Scope(DAY(2025, 5, 1), definitions=("csat_mean",)))] == [
        "csat_mean"
    ]
    assert [metric.name for metric, _ in spans("csat", ALL)] == ["csat"]  # the reader chose the old one for all time


def test_the_line_is_broken_where_the_definition_changed(history: Path, make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse({"survey_answers": answers()})
    scope = Scope(ALL.start, ALL.end, definitions=("csat_mean",))
    found = trend(warehouse, "csat", scope, None, "month")
    assert found.breaks["at"].tolist() == [pd.Timestamp(2025, 4, 15)]
    assert found.breaks["words"].tolist() == ["Mean satisfaction: top two boxes until then, mean score from then on"]
    course = found.course
    assert course["period"].tolist() == [
        pd.Timestamp(2025, m, d) for m, d in ((1, 1), (2, 1), (3, 1), (4, 1), (4, 15), (5, 1), (6, 1))
    ]
    assert course["definition"].tolist() == ["top two boxes"] * 4 + ["mean score"] * 3
    assert course["n"].tolist() == [20, 20, 20, 10, 10, 20, 20]


def test_another_scale_breaks_the_line(make_warehouse: MakeWarehouse) -> None:
    rows = answers((1, 5), (1, 2, 3)) + answers((1, 10), (4, 5, 6)) + answers((1, 10), (2,))[:3]
    found = breaks(make_warehouse({"survey_answers": rows}), "csat", ALL)
    assert found["at"].tolist() == [pd.Timestamp(2025, 4, 1)]
    assert found["words"].tolist() == ["most answers came on a scale of 1-5 until then, 1-10 from then on"]


def test_nothing_changed(embedded: Embedded) -> None:
    warehouse: Warehouse = embedded.warehouse({"survey_answers": answers()})
    assert breaks(warehouse, "csat", ALL).empty and breaks(warehouse, "contacts", ALL).empty
    assert len(course_of(warehouse, spans("csat", ALL), (), "month")) == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('figure = "csat"\nuse = "nps"', r"csat has no definition 'nps'; it has: csat, csat_mean, csat_weighted$"),
        ('figure = "joy"\nuse = "joy"', r"joy has no definition 'joy'; figures with rivals: csat, "),
    ],
)
def test_a_history_that_names_no_definition(history: Path, text: str, said: str) -> None:
    history.write_text("[[definitions]]\n" + text)
    with pytest.raises(JourneyError, match=said):
        usual_definitions()
