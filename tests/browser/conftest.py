"""A browser and dashboards on the small sample company. Without a browser tests are skipped, and fail under CI."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

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


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visitor]:
    """visit(server, width=..., color_scheme=...): a tab of its own, as somebody else's browser."""
    contexts = []

    def begin(server: Server, width: int = 1280, height: int = 900, **look: str) -> Visit:
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **look))  # type: ignore[arg-type]
        return Visit(contexts[-1].new_page(), server.url)

    yield begin
    for context in contexts:
        context.close()
