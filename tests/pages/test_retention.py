"""The Retention page: the figures of the analysis, choices in the URL, and words where there is little or nothing."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.retention import retained
from cx_metrics.metrics.catalog import data_period
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.test_retention import company as tables_of
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, ROOT, charts, filled, opened, plain, shown, use, well

SECTIONS = [
    "How long customers stay", "Who comes back, by when they came", "How many are lost each month",
    "How much of the subscription revenue is kept", "What they are worth", "How far the estimates were off",
    "Revenue at risk from friction", "What this rests on, and what it does not say",
]  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> dict[str, list[dict[str, Any]]]:
    """The company of the analysis, with a hostile name for a region."""
    made = tables_of()
    for row in made["customers"]:
        row["region"] = HOSTILE[0] if row["region"] == "south" else row["region"]
    return made


@pytest.fixture(scope="module")
def url(embedded: Embedded, tables: dict[str, list[dict[str, Any]]]) -> str:
    return filled(embedded, tables)


@pytest.fixture
def warehouse(url: str, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    return use(monkeypatch, url)


def whole(warehouse: Warehouse) -> Scope:
    return Scope(*(data_period(warehouse) or pytest.fail("no data")))


def on_page(warehouse: Warehouse, **query: str) -> AppTest:
    """The page alone, with all data as its period, as the scope bar would leave it."""
    test = AppTest.from_file(str(ROOT / "pages" / "retention.py"), default_timeout=60)
    test.session_state["scope"] = whole(warehouse)
    for name, value in query.items():
        test.query_params[name] = value
    return well(test.run())


def test_the_answer_and_its_figures(warehouse: Warehouse) -> None:
    page, found = on_page(warehouse), retained(warehouse, whole(warehouse))
    assert plain(page.markdown[0].value) == f"##### {found.said['answer'][0]}"
    assert [heading.value for heading in page.subheader] == SECTIONS
    text, tables = shown(page), found.analysis.tables
    for sentence in (*found.analysis.sentences, *found.analysis.assumptions):
        assert sentence in text
    assert len(page.metric) == len(tables["value"]) == 6
    drawn = page.get("plotly_chart")
    assert len(drawn) == 7 and all(chart.proto.alt for chart in drawn)
    survival, heatmap, *_ = charts(page)
    assert len(survival["data"]) == 2 and survival["layout"]["showlegend"] is False
    (cells,) = heatmap["data"]
    known = tables["cohorts"].dropna(subset="value")
    assert sum(text != "" for row in cells["text"] for text in row) == len(known)
    assert len(cells["y"]) == tables["cohorts"]["cohort"].nunique() and "(n " in cells["y"][0]


def test_choices_are_in_the_url(warehouse: Warehouse) -> None:
    page = on_page(warehouse, by="region", seen="survival_orders", cohort="cohorts_rolling")
    names = {trace["name"] for trace in charts(page)[0]["data"] if "name" in trace}
    assert {"north", "west"} < names and len(names) == 3
    assert "log-rank test" in shown(page)
    (command,) = page.code
    assert shlex.split(command.value)[-2:] == ["--by", "region"]
    for chart in page.get("plotly_chart"):
        assert "<script" not in chart.proto.spec
    assert not any(HOSTILE[0] in text.value for text in (*page.markdown, *page.caption))
    odd = on_page(warehouse, by="mood", seen="nowhere", cohort="<b>")
    assert [odd.selectbox(key=key).value for key in ("by", "seen", "cohort")] == ["", "survival", "cohorts"]


@pytest.mark.parametrize("kept", [("orders",), ("subscriptions",)])
def test_with_one_half_of_the_data(
    kept: tuple[str, ...], tables: dict[str, list[dict[str, Any]]], embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = on_page(use(monkeypatch, filled(embedded, {name: tables[name] for name in kept})))
    titles = [heading.value for heading in page.subheader]
    assert titles == [title for title in SECTIONS if kept == ("subscriptions",) or "subscription" not in title]
    assert not [box for box in page.selectbox if box.key == "seen"] and len(page.metric) == 2


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("retention"))


def test_contacts_alone(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, filled(embedded, {"interactions": [{"interaction_id": "1", "occurred_at": "2026-01-05"}]}))
    page = opened("retention")
    assert "needs orders or subscriptions with a customer" in shown(page) and not page.subheader


def test_a_single_order(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    one = {"order_id": "1", "customer_id": "c", "ordered_at": "2026-01-05", "amount": 3}
    use(monkeypatch, filled(embedded, {"orders": [one]}))
    text = shown(opened("retention"))
    assert "10 customers are needed" in text and "what they are worth cannot be said yet" in text.lower()
