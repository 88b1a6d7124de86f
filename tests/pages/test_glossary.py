"""Glossary: every figure as it is declared, and every table as it is defined."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.columns import given_columns
from cx_metrics.metrics.catalog import METRICS
from cx_metrics.model import CANONICAL
from tests.conftest import Embedded
from tests.pages.opened import filled, opened, shown, use, well


@pytest.fixture(autouse=True)
def no_data(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> None:
    """The glossary needs no data."""
    use(monkeypatch, filled(embedded, {}))


def entries(test: AppTest) -> list[str]:
    """Names of the metrics that are shown."""
    anchors = [heading.anchor for heading in test.subheader]
    return [anchor for anchor in anchors if anchor in METRICS]


def test_every_figure_as_declared() -> None:
    test = opened("glossary")
    assert entries(test) == list(METRICS)
    text = shown(test)
    for metric in METRICS.values():
        for declared in (metric.title, metric.definition, metric.formula, metric.source, metric.needs):
            assert declared in text
        assert f"cx-metrics show {metric.name}" in text


def test_links_lead_somewhere() -> None:
    text = shown(opened("glossary"))
    for metric in METRICS.values():
        assert f"(trends?metric={metric.name})" in text and f"](#{metric.name})" in text
        assert all(f"](#{rival})" in text for rival in metric.rivals)


@pytest.mark.parametrize(
    ("text", "names"),
    [("NPS weighted", ["nps_weighted"]), ("dixon ces_mean", ["ces_mean"]), ("kaplan median", ["resolution_median"])],
)
def test_search(text: str, names: list[str]) -> None:
    assert entries(opened("glossary", find=text)) == names


def test_nothing_found() -> None:
    test = opened("glossary", find="zzz **b** <b>")
    assert entries(test) == [] and "None; try another word." in shown(test)


def test_a_link_to_one_figure_shows_its_rivals_too() -> None:
    test = opened("glossary", metric="csat_mean")
    assert entries(test) == ["csat_mean", "csat"]
    assert "(glossary?metric=csat_weighted)" in shown(test)  # a rival's rival is not on this page
    assert entries(well(test.button[0].click().run())) == list(METRICS)
    assert entries(opened("glossary", metric="no such figure")) == list(METRICS)


def test_every_table_and_column() -> None:
    test = opened("glossary")
    text = shown(test)
    assert [h.anchor for h in test.subheader][-len(CANONICAL) :] == [f"table-{name}" for name in CANONICAL]
    for table in CANONICAL.values():
        for column in given_columns(table):
            assert f"`{column.name}`" in text and str(column.comment) in text
    assert "Fewer than 5" in text and "directional" in text
