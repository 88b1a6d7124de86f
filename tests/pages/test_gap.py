"""The page of the experience gap: the figures of the analysis, choices in the URL, and words where there is nothing."""

from __future__ import annotations

from typing import Any

import pytest

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.gap import gap
from cx_metrics.charts.gap import SIDES
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, last_year, opened, plain, shown, small_company, use

AT = {"answered_at": "2025-09-05"}


def item(instrument: str, who: str, count: int, **more: Any) -> list[dict[str, Any]]:
    """Answers of 4 and 5 to one item of stage pay."""
    name = "".join(map(str, more.values()))
    return [{"answer_id": f"{instrument}{name}{n}", "instrument": instrument, "respondent": who, "score": 4 + n % 2,
             "stage": "pay", "dimension": "ease", "customer_id": f"c{n}" if who == "customer" else None, **AT, **more}
            for n in range(count)]  # fmt: skip


@pytest.fixture(scope="module")
def found(company_for_all: Warehouse) -> Analysis:
    return gap(company_for_all, last_year(company_for_all))


@pytest.fixture(scope="module")
def company_for_all() -> Warehouse:
    return Warehouse(small_company())


@pytest.mark.parametrize("by", ["stage"])
def test_it_shows_the_analysis(by: str, found: Analysis, company: Warehouse) -> None:
    test = opened("gap", gap_by=by)
    text = shown(test)
    for sentence in (*found.sentences, *found.assumptions):
        assert sentence in text
    assert "belief gap = belief - experience" in text.replace("*", "")
    table = found.tables[by]
    assert sorted(test.dataframe[0].value[by]) == sorted(table[by])
    drawn = {trace["name"]: trace for trace in charts(test)[0]["data"] if trace.get("mode") == "markers"}
    known = [words for side, (words, *_) in SIDES.items() if table[side].notna().any()]
    assert set(drawn) == set(known)
    assert f"cx-metrics analyse gap --from {last_year(company).start}" in test.code[0].value


def test_one_stage(company: Warehouse) -> None:
    test = opened("gap", gap_by="dimension", gap_stage="onboard")
    assert "by survey item in onboard" in shown(test)
    assert test.query_params["gap_stage"] == "onboard"


def test_what_cannot_be_compared(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> None:
    """Customers alone: no gap, but what they say, what is missing, and hostile names as they are written."""
    rows = [row for name in HOSTILE for row in item("perception", "customer", 12, dimension=name)]
    use(monkeypatch, filled(embedded, {"survey_answers": rows}))
    test = opened("gap", gap_by="dimension")
    assert "No gap can be said" in shown(test) and f"{len(HOSTILE)} items asked for experience" in shown(test)
    assert {plain(name) for name in test.dataframe[0].value["dimension"]} == {plain(name) for name in HOSTILE}
    assert "<script>" not in str(charts(test)[0])


def test_nobody_was_asked(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> None:
    use(monkeypatch, filled(embedded, {"interactions": [{"interaction_id": "i1", "occurred_at": "2026-01-05"}]}))
    test = opened("gap")
    assert "**Experience** needs answers of customers about single items" in next(info.value for info in test.info)
    assert not charts(test)
