"""The frame around the pages: the first start, the scope bar, and the way from page to page."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.intake import sample
from cx_metrics.metrics.catalog import METRICS, data_period, figures
from cx_metrics.scope import FILTERS, Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount
from pages import _start
from tests.conftest import Embedded
from tests.pages.opened import filled, opened, shown, use, well

PAGES = ("overview", "trends", "customers", "data", "glossary")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The sample company is loaded with few customers; the shares of progress that were shown."""
    shares: list[float] = []

    def load(warehouse: Warehouse, progress: Any) -> Any:
        def both(share: float, text: str) -> None:
            shares.append(share)
            progress(share, text)

        return sample.load_sample(warehouse, both, customers=200, contacts=1_000)

    monkeypatch.setattr(_start, "load_sample", load)
    return shares


def go(test: AppTest, page: str) -> AppTest:
    """The same session on another page."""
    return well(test.switch_page(f"{page}.py").run())


def csat(test: AppTest) -> str:
    """The first card's value."""
    card = test.metric[0]
    assert card.label == METRICS["csat"].title
    return str(card.value)


def expected(warehouse: Warehouse, scope: Scope) -> str:
    """What the first card says for a scope."""
    value = figures(warehouse, METRICS["csat"], scope).iloc[0]["value"]
    return amount(value, "%") if value == value and value is not None else "hidden"


# --- first start -----------------------------------------------------------------------------------------------------


def test_a_newcomer_sees_the_sample_company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: list[float]) -> None:
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    for name in ("CX_WAREHOUSE_URL", "CX_LEDGER_URL"):
        monkeypatch.delenv(name, raising=False)
    test = opened("_main")
    assert few[0] == 0.0 and few[-1] == 1.0 and few == sorted(few) and len(few) > 10
    assert "Sample data of an invented company" in shown(test).replace("**", "")
    assert len(test.metric) > 5
    few.clear()
    opened("_main")
    assert not few  # once is enough


def test_who_named_a_warehouse_is_asked_first(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch, few: list[float]
) -> None:
    use(monkeypatch, embedded.new_url())
    test = opened("_main")
    assert not few and "There are no data yet" in shown(test)
    assert not test.selectbox  # no scope bar without data
    (button,) = test.button
    well(button.click().run())
    assert few[-1] == 1.0 and len(test.metric) > 5


def test_own_data_are_not_called_sample_data(company: Warehouse) -> None:
    assert "invented company" not in shown(opened("_main"))


# --- from page to page -----------------------------------------------------------------------------------------------


def test_every_page_opens_in_the_frame(company: Warehouse) -> None:
    test = opened("_main")
    titles = [go(test, page).title[0].value for page in PAGES]
    assert len(set(titles)) == len(PAGES)
    assert all(test.selectbox(key="period") for page in PAGES if go(test, page))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_data(page: str, embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert go(opened("_main"), page).title


def test_the_scope_is_the_same_on_the_next_page(company: Warehouse) -> None:
    test = opened("_main", period="90d", channel=["chat", "phone"])
    value = csat(test)
    go(test, "trends")
    assert test.selectbox(key="period").value == "90d"
    assert test.multiselect(key="channel").value == ["chat", "phone"]
    assert csat(go(test, "overview")) == value
    assert dict(test.query_params) == {"period": "90d", "channel": ["chat", "phone"]}


# --- the scope bar ---------------------------------------------------------------------------------------------------


def test_periods_end_with_the_data(company: Warehouse) -> None:
    first, last = data_period(company) or pytest.fail("no data")
    starts = {
        "12m": last - datetime.timedelta(days=364), "90d": last - datetime.timedelta(days=89),
        "30d": last - datetime.timedelta(days=29), "year": last.replace(month=1, day=1), "all": first,
    }  # fmt: skip
    for period, start in starts.items():
        assert csat(opened("_main", period=period)) == expected(company, Scope(start, last)), period


def test_filters_come_from_the_url(company: Warehouse) -> None:
    test = opened("_main", period="all", channel=["phone", "chat"], region="East")
    first, last = data_period(company) or pytest.fail("no data")
    filters = (("channel", ("phone", "chat")), ("region", ("East",)))
    assert csat(test) == expected(company, Scope(first, last, filters=filters))
    assert csat(test) != csat(opened("_main", period="all"))


def test_a_choice_goes_to_the_url(company: Warehouse) -> None:
    test = opened("_main")
    assert not dict(test.query_params)
    test.multiselect(key="channel").set_value(["chat"])
    well(test.selectbox(key="period").set_value("all").run())
    assert dict(test.query_params) == {"period": "all", "channel": "chat"}
    well(test.selectbox(key="period").set_value("12m").run())
    assert "period" not in dict(test.query_params)  # the usual is not written


def test_days_from_the_url(company: Warehouse) -> None:
    start, end = datetime.date(2025, 1, 15), datetime.date(2025, 9, 20)
    for query in ({"period": "custom"}, {}):
        test = opened("_main", **query, **{"from": str(start), "to": str(end)})
        assert csat(test) == expected(company, Scope(start, end))
    turned = opened("_main", **{"from": str(end), "to": str(start)})
    assert csat(turned) == expected(company, Scope(start, end))


@pytest.mark.parametrize(
    "query",
    [
        {"period": "yesterday"},
        {"compare": "nobody"},
        {"channel": "no such channel"},
        {"region": ["<script>alert(1)</script>", "' OR 1=1 --"]},
        {"team": ""},
        {"nonsense": "x"},
        {"by": "nothing", "metric": "nothing", "every": "day"},
    ],
)
def test_unknown_values_are_ignored(query: dict[str, Any], company: Warehouse) -> None:
    test = opened("_main", **query)
    assert csat(test) == csat(opened("_main"))
    assert not set(dict(test.query_params)) & {"period", "compare", *FILTERS}  # and taken out of the URL
    go(test, "trends")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("yesterday", "2025-12-31"), ("2025-02-30", ""), ("0001-01-01", "9999-12-31"), ("9999-12-31", "0001-01-01"),
        ("1997-01-01", "1998-06-30"),
    ],
)  # fmt: skip
def test_days_that_are_none_or_far_away(start: str, end: str, company: Warehouse) -> None:
    test = opened("_main", **{"from": start, "to": end})
    go(test, "trends")
    assert test.selectbox(key="period").value == "custom"


def test_a_filter_offers_what_the_data_hold(company: Warehouse) -> None:
    test = opened("_main")
    for name in FILTERS:
        assert test.multiselect(key=name).options
    assert test.multiselect(key="region").options == sorted(test.multiselect(key="region").options)


def test_no_filter_without_values(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"order_id": "1", "customer_id": "c", "ordered_at": "2026-01-01"}
    use(monkeypatch, filled(embedded, {"orders": [row]}))
    test = opened("_main")
    assert not test.multiselect and test.selectbox(key="period").value == "all"  # one day is no twelve months
