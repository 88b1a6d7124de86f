"""A browser and dashboards on the small sample company. Without a browser tests are skipped, and fail under CI."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.dashboard import Server, Visit, chromium, launched, start
from tests.pages.opened import small_company

Visitor = Callable[..., Visit]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The operating system's Chromium."""
    path = chromium()
    if path is None:
        reason = "no Chromium is installed (Debian: apt-get install chromium)"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    with sync_playwright() as playwright, launched(playwright, path) as found:
        yield found


@pytest.fixture(scope="package")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts dashboards that end with the tests."""
    running: list[Server] = []

    def begin(warehouse: str, *command: str) -> Server:
        running.append(start(tmp_path_factory.mktemp("dashboard"), warehouse, *([command] if command else [])))
        return running[-1]

    yield begin
    for server in running:
        server.stop()


@pytest.fixture(scope="package")
def dashboard(browser: Browser, start_server: Callable[..., Server]) -> Server:
    """A dashboard that many tests share."""
    return start_server(small_company()).wait()


@pytest.fixture(scope="package")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """The browser of somebody who looks at dashboards all day: what it fetched once it keeps."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def visit(browser: Browser, profile: BrowserContext) -> Iterator[Visitor]:
    """visit(server, width=..., height=...): a tab. color_scheme="dark", or any other look, opens a browser of its own."""
    opened: list[Page | BrowserContext] = []

    def begin(server: Server, width: int = 1280, height: int = 900, **look: Any) -> Visit:
        context = browser.new_context(**look) if look else profile
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        opened.append(context if look else page)
        return Visit(page, server.url)

    yield begin
    for one in opened:
        one.close()
