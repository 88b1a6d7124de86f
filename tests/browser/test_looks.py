"""On a phone and in the dark."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visitor
from tests.browser.dashboard import Server

SIZES = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .map(element => [element.scrollWidth, element.clientWidth])"""


@pytest.mark.parametrize("link", ["trends?metric=contacts&by=channel"])  # the others: test_links
def test_a_phone_does_not_scroll_sideways(link: str, dashboard: Server, visit: Visitor) -> None:
    tab = visit(dashboard, width=390, height=844).open(link)
    for wanted, there in tab.page.evaluate(SIZES):
        assert wanted <= there
    tab.well()


def test_the_dark_scheme(dashboard: Server, visit: Visitor) -> None:
    for scheme, ground in (("dark", "rgb(17, 21, 26)"), ("light", "rgb(255, 255, 255)")):
        tab = visit(dashboard, color_scheme=scheme).open("trends", metric="contacts", by="channel")
        app, text = tab.page.locator("[data-testid=stApp]"), tab.page.locator("h1")
        assert app.evaluate("e => getComputedStyle(e).backgroundColor") == ground
        bright = text.evaluate("e => getComputedStyle(e).color.match(/\\d+/g).slice(0, 3).map(Number)")
        assert min(bright) > 200 if scheme == "dark" else max(bright) < 90
        tab.page.locator(".js-plotly-plot .scatterlayer .trace").first.wait_for(state="attached")
        tab.well()
