"""Pages by their links: the first visitor of a fresh server sees the page, its frame and no error."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visitor
from tests.browser.dashboard import SERVE, STREAMLIT, Server
from tests.pages.opened import small_company

LINKS = {
    "": "How are we doing?",
    "changes": "What changed, and why?",
    "trends": "How does a figure move, and where?",
    "surveys": "Who answers, and who stays silent?",
    "gap": "Where do belief and experience part?",
    "estimates": "How satisfied are those whom nobody asked?",
    "friction": "Where do customers get stuck?",
    "drivers": "What drives satisfaction, and what does friction cost?",
    "journey": "How do customers move, loop and leave?",
    "bots": "Do bots solve it, or only end the conversation?",
    "consistency": "Is help the same on every channel?",
    "voice": "What do customers say?",
    "empathy": "How empathetic are our replies?",
    "scripts": "Do we answer or do we paste?",
    "labels": "Do people agree with the rules?",
    "wall": "Who did it well?",
    "interventions": "Who needs a person now?",
    "rules": "Which moments call for a person?",
    "recoveries": "Did stepping in help?",
    "initiatives": "What did we start, and does it work?",
    "line_of_sight": "How does my work reach customers?",
    "notices": "Who is told what, and did it arrive?",
    "retention": "How many customers stay, and what are they worth?",
    "customers": "What happened with this customer?",
    "data": "Can I trust these data, and how do I bring mine?",
    "events": "What happened when?",
    "predictions": "Who knows the customers best?",
    "glossary": "What does each figure mean?",
}


FITS = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .every(element => element.clientWidth <= 390 && element.scrollWidth <= element.clientWidth)"""
FIRST = ["", "customers"]  # first links: the default page, a search


@pytest.fixture(scope="module")
def fresh(browser: Browser, start_server: Callable[..., Server]) -> Iterator[Iterator[Server]]:
    """Servers that nobody has visited, the next one starting while one is in use; one of them as `cx-metrics serve`."""

    def servers() -> Iterator[Server]:
        commands = [SERVE, *[STREAMLIT] * (len(FIRST) - 1)]
        following = start_server(small_company(), *commands[0])
        for command in [*commands[1:], None]:
            server = following
            if command is not None:
                following = start_server(small_company(), *command)
            yield server.wait()

    return servers()


@pytest.mark.parametrize("link", FIRST)
def test_a_deep_link_on_a_fresh_server(link: str, fresh: Iterator[Server], visit: Visitor) -> None:
    tab = visit(next(fresh)).open(link, period="90d", channel="phone")
    assert tab.page.locator("h1").inner_text() == LINKS[link]
    assert tab.page.locator("[data-testid=stSidebarNavLink]").count() == len(LINKS)
    assert tab.page.locator("[data-testid=stSelectbox]").first.inner_text().startswith("Period")
    assert {"period=90d", "channel=phone"} <= set(tab.query.split("&"))
    tab.well()


def test_every_page_by_the_navigation_and_on_a_phone(dashboard: Server, visit: Visitor) -> None:
    """A page is computed once and then looked at in the width of a phone, too: nothing sticks out sideways."""
    tab = visit(dashboard).open()
    for link, title in LINKS.items():
        tab.page.locator("[data-testid=stSidebarNavLink]").filter(
            has_text=link.capitalize().replace("_", " ") or "Overview"
        ).click()
        tab.page.locator("h1", has_text=title).wait_for()
        tab.settled().well()
        tab.page.set_viewport_size({"width": 390, "height": 844})
        tab.page.wait_for_function(FITS)
        tab.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_page_that_is_not_there(dashboard: Server, visit: Visitor) -> None:
    tab = visit(dashboard).open("no-such-page")
    assert "Page not found" in tab.page.locator("[role=dialog]").inner_text()
