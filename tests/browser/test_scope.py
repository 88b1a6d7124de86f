"""What the pages show is what the command line says, for the scope that the URL names."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
from typing import Any

import pytest

from cx_metrics.cli import main
from cx_metrics.metrics.catalog import METRICS
from cx_metrics.scope import NOT_GIVEN
from cx_metrics.wording import amount
from tests.browser.conftest import Visitor
from tests.browser.dashboard import Server, Visit
from tests.pages.opened import small_company

HEADLINE = {metric.title: metric for metric in METRICS.values() if metric.headline}


@pytest.fixture(autouse=True)
def _same_warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_WAREHOUSE_URL", small_company())


def show(*arguments: str) -> dict[str, Any]:
    """What `cx-metrics show` prints as JSON."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        assert main(["show", *arguments, "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(output.getvalue())
    return found


def command(tab: Visit) -> list[str]:
    """The arguments behind `cx-metrics show` of the command that the page prints."""
    program, verb, *arguments = shlex.split(tab.page.locator("[data-testid=stCode] code").last.inner_text())
    assert (program, verb) == ("cx-metrics", "show")
    return arguments


def check_cards(tab: Visit) -> dict[str, str]:
    """Every card against the command line; returns the cards."""
    _, *scope = command(tab)
    cards = tab.cards()
    assert len(cards) > 3
    for title, shown in cards.items():
        (row,) = show(HEADLINE[title].name, *scope)["rows"]
        assert shown == ("hidden" if row.get("suppressed") else amount(row["value"], HEADLINE[title].unit)), title
    return cards


def sentence(tab: Visit) -> str:
    """The page's first sentence."""
    return tab.page.locator("h5").first.inner_text()


def test_the_overview_says_what_the_command_line_says(dashboard: Server, visit: Visitor) -> None:
    tab = visit(dashboard).open()
    assert check_cards(tab).keys() == HEADLINE.keys()
    tab.well()


@pytest.mark.parametrize(("metric", "by"), [("csat", "region")])
def test_trends_say_what_the_command_line_says(metric: str, by: str, dashboard: Server, visit: Visitor) -> None:
    tab = visit(dashboard).open("trends", metric=metric, by=by, every="quarter", period="all")
    name, *options = command(tab)
    assert name == metric
    course = show(name, *options)
    assert len(course["rows"]) > 8
    place = options.index("--every")
    groups = {row[by]: row for row in show(name, *options[:place], *options[place + 2 :])["rows"]}
    table = tab.table()
    assert len(table) == len(groups)
    for row in table:
        expected, unit = groups[None if row[by] == NOT_GIVEN else row[by]], METRICS[metric].unit
        assert row["n"] == ("–" if expected["n"] is None else amount(expected["n"], "count"))
        for column in ("value", "low", "high"):
            hidden = column == "value" and expected.get("suppressed")
            assert row[column] == ("hidden" if hidden else amount(expected[column], unit))
    tab.well()


def test_a_filter_and_a_period_change_url_and_figures(dashboard: Server, visit: Visitor) -> None:
    tab = visit(dashboard).open(period="all")
    before = check_cards(tab)
    tab.page.get_by_test_id("stPopover").get_by_role("button", name="Filters").click()
    box = tab.page.get_by_test_id("stMultiSelect").filter(has_text="Channel")
    box.get_by_role("combobox").fill("phone")
    tab.page.get_by_role("option", name="phone").click()
    tab.page.wait_for_url(re.compile("channel=phone"))
    tab.page.locator("[data-testid=stPopover] button", has_text="Filters (1)").wait_for()
    tab.settled()
    after = check_cards(tab)
    assert "--where" in command(tab) and "channel=phone" in command(tab)
    assert after["Contacts"] != before["Contacts"]
    tab.page.keyboard.press("Escape")  # out of the filters, which lie over the period
    tab.page.get_by_test_id("stSelectbox").first.get_by_role("combobox").click()
    tab.page.get_by_role("option", name="Last 90 days").click()
    tab.page.wait_for_url(re.compile("period=90d"))
    tab.page.wait_for_function("old => document.querySelector('h5').innerText !== old", arg=sentence(tab))
    assert check_cards(tab.settled()) != after
    tab.well()


def test_a_reload_and_a_copied_link_show_the_same(dashboard: Server, visit: Visitor) -> None:
    tab = visit(dashboard).open(
        period="custom", **{"from": "2025-02-01", "to": "2025-08-31", "region": ["East", "North"]}
    )
    cards, said, query = check_cards(tab), sentence(tab), tab.query
    assert "From 1 Feb 2025 to 31 Aug 2025" in said
    tab.page.reload()
    tab.settled()
    assert (tab.cards(), sentence(tab), tab.query) == (cards, said, query)
    other = visit(dashboard, locale="de-DE")  # somebody else's browser
    other.page.goto(tab.page.url)
    other.settled().well()
    assert (other.cards(), sentence(other), other.query) == (cards, said, query)


def test_the_scope_survives_a_change_of_page(dashboard: Server, visit: Visitor) -> None:
    tab = visit(dashboard).open(period="all", channel="chat", compare="none")
    cards = check_cards(tab)
    for name, title in (
        ("Trends", "How does a figure move"),
        ("Glossary", "What does each"),
        ("Overview", "How are we"),
    ):
        tab.page.locator("[data-testid=stSidebarNavLink]").filter(has_text=name).click()
        tab.page.locator("h1", has_text=title).wait_for()
        tab.settled()
        assert {"period=all", "channel=chat", "compare=none"} <= set(tab.query.split("&"))
    assert check_cards(tab) == cards
    tab.well()


def test_a_row_of_the_customers_page_leads_to_the_timeline(dashboard: Server, visit: Visitor) -> None:
    tab = visit(dashboard).open("customers", q="an")
    (first, *_) = tab.table()
    grid = tab.page.locator("[data-testid=stDataFrame] .dvn-scroller").first
    grid.click(position={"x": 120, "y": 52})  # the first row below the header
    tab.page.wait_for_url(re.compile("customer="))
    tab.page.locator("[data-testid=stPlotlyChart]").first.wait_for()
    assert f"customer={first['customer']}" in tab.query
    tab.settled().well()
    assert first["customer"] in tab.page.locator("[data-testid=stText]").first.inner_text()
