"""From the map of the journey down to one conversation, in three clicks."""

from __future__ import annotations

from tests.browser.conftest import Visitor
from tests.browser.dashboard import Server

_POINTS = ".js-plotly-plot .scatterlayer .points path"


def test_from_the_map_to_a_conversation(dashboard: Server, visit: Visitor) -> None:
    tab = visit(dashboard).open("friction", period="all")
    points = tab.page.locator(_POINTS)
    points.first.wait_for(state="attached")
    cell = points.nth(4 * 8 + 3)  # pay by chat
    cell.scroll_into_view_if_needed()
    cell.click(force=True)  # 1
    heading = tab.page.get_by_role("heading", name="contacts with any signal: pay, chat")
    heading.wait_for()
    tab.settled()
    assert {"at_stage=pay", "at_channel=chat"} <= set(tab.query.split("&"))
    first = tab.table()[0]
    grid = tab.page.locator("[data-testid=stDataFrame]").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    tab.page.mouse.click(box["x"] + 20, box["y"] + 52)  # 2: the first row
    tab.page.get_by_role("heading", name="What happened with this customer?").wait_for()
    tab.settled()
    assert f"contact={first['contact']}" in tab.query.split("&")
    assert first["customer"] in tab.page.locator("[data-testid=stMain]").inner_text()
    assert "signal of friction" in (tab.page.locator(".js-plotly-plot .legend").first.text_content() or "")
    tab.well()


def test_the_map_by_its_link(dashboard: Server, visit: Visitor) -> None:
    tab = visit(dashboard).open("friction", period="all", at_stage="pay", at_channel="chat", count="cases")
    tab.page.get_by_role("heading", name="contacts with any signal: pay, chat").wait_for()
    tab.page.locator(".js-plotly-plot .shapelayer path").first.wait_for(state="attached")
    assert {"at_stage=pay", "at_channel=chat", "count=cases"} <= set(tab.query.split("&"))
    tab.well()
