"""The Drivers page."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.drivers import drivers
from cx_metrics.analyses.price import price
from cx_metrics.metrics.catalog import data_period
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.test_drivers import asked
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, ROOT, filled, opened, plain, shown, use, well
from tests.pages.test_trends import charts, numbers


@pytest.fixture(scope="module")
def company_url(embedded: Embedded) -> str:
    """A company whose customers dislike abandoned contacts and leave after them; one stage has a hostile name."""
    tables: dict[str, list[dict[str, Any]]] = asked()
    for number, contact in enumerate(tables["interactions"]):
        contact["stage"] = HOSTILE[0] if number % 3 else "pay"
    return filled(embedded, tables)


@pytest.fixture
def company(company_url: str, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    return use(monkeypatch, company_url)


def whole(warehouse: Warehouse) -> Scope:
    """All data."""
    return Scope(*(data_period(warehouse) or pytest.fail("no data")))


def on_page(warehouse: Warehouse, **query: str) -> AppTest:
    """The page alone, with all data as its period, as the scope bar would leave it."""
    test = AppTest.from_file(str(ROOT / "pages" / "drivers.py"), default_timeout=60)
    test.session_state["scope"] = whole(warehouse)
    for name, value in query.items():
        test.query_params[name] = value
    return well(test.run())


def test_the_answer_comes_first_and_the_rest_follows(company: Warehouse) -> None:
    page = on_page(company)
    found, cost = drivers(company, whole(company)), price(company, whole(company))
    assert plain(page.markdown[0].value) == f"##### {found.sentences[0]}"
    assert plain(page.markdown[1].value) == f"##### {cost.sentences[0]}"
    told = shown(page)
    for said in (*found.sentences, *cost.sentences, *found.assumptions, *cost.assumptions):
        assert said in told
    assert [heading.value for heading in page.subheader] == [
        "What moves satisfaction", "Whether customers stay", "What friction costs",
        "What this rests on, and what it does not say",
    ]  # fmt: skip


def test_figures_are_those_of_the_analyses(company: Warehouse) -> None:
    page = on_page(company, outcome="nps", price="csat")
    found, cost = drivers(company, whole(company)), price(company, whole(company))
    weights, hazards, parts = charts(page)
    table = found.tables["nps"].dropna(subset="weight").iloc[::-1]
    assert numbers(weights["data"][1]["x"]) == pytest.approx(table["effect"].tolist())
    ratios = found.tables["retention"]["hazard_ratio"].dropna()
    assert numbers(hazards["data"][0]["x"]) == pytest.approx(ratios.tolist()[::-1])
    points = cost.tables["points"]
    own = points[points["metric"] == "csat"].sort_values("value")
    assert numbers(parts["data"][0]["x"]) == pytest.approx(own["value"].tolist())
    total = cost.tables["totals"].set_index("measure")["value"]["csat"]
    assert f"they sum to {total:,.1f}" in shown(page)
    assert all(chart.proto.alt for chart in page.get("plotly_chart"))


def test_money_is_named_and_shown_by_stage(company: Warehouse) -> None:
    page = on_page(company, price="revenue")
    assert charts(page)[2]["layout"]["xaxis"]["title"]["text"] == "revenue at risk a year, EUR"
    places = page.dataframe[-1].value
    assert set(places["stage"]) == {"pay", HOSTILE[0]}
    written = " ".join(text.value for text in (*page.markdown, *page.caption))
    assert "<script" not in written


def test_choices_are_kept_in_the_link(company: Warehouse) -> None:
    page = on_page(company, outcome="nps", price="hours")
    assert page.selectbox(key="outcome").value == "nps" and page.selectbox(key="price").value == "hours"
    page.selectbox(key="price").select("nps").run()
    assert dict(well(page).query_params)["price"] == "nps"
    odd = on_page(company, outcome="joy", price="spoons")
    assert odd.selectbox(key="outcome").value == "csat" and odd.selectbox(key="price").value == "revenue"


def test_the_commands_name_what_is_shown(company: Warehouse) -> None:
    (code,) = on_page(company).code
    first, second = (shlex.split(line) for line in code.value.splitlines())
    assert first[:3] == ["cx-metrics", "analyse", "drivers"] and second[2] == "price" and first[3:] == second[3:]


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("drivers"))


def test_a_single_contact(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    one = {"interaction_id": "1", "customer_id": "c", "occurred_at": "2026-01-05", "outcome": "resolved"}
    use(monkeypatch, filled(embedded, {"interactions": [one]}))
    page = opened("drivers")
    assert "Drivers need at least 100 answers" in shown(page).replace("**", "")
    assert "There is no price in money" in shown(page) and "cannot be said" in shown(page)
