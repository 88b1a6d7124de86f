"""A running dashboard and a browser that looks at it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds for a server to start, or a page to be drawn, on a busy machine
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-quic",
)  # fmt: skip
STREAMLIT = ("-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.port")
SERVE = ("-m", "cx_metrics.cli", "serve", "--port")

_WATCH = """new MutationObserver(() => { window.lastChange = performance.now() })
    .observe(document, {attributes: true, childList: true, subtree: true})"""
_DRAWN = """() => document.querySelector('h1') && performance.now() - window.lastChange > 200
    && !document.querySelector('[data-testid=stSkeleton]')
    && document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"""

_CARDS = """() => Object.fromEntries([...document.querySelectorAll('[data-testid=stMetric]')].map(card =>
    ['Label', 'Value'].map(part => card.querySelector(`[data-testid=stMetric${part}]`).innerText.trim())))"""
_ROWS = "grid => [...grid.rows].map(row => [...row.cells].map(cell => cell.textContent))"


@dataclass
class Server:
    """A dashboard's process. url: where it answers. log: what it said."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def wait(self) -> Server:
        """Until it answers."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5):
                return self
            time.sleep(0.1)
        raise RuntimeError(f"the server did not start: {self.log.read_text()}")

    def stop(self) -> None:
        """End it, and see that it had nothing to complain about."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(PATIENCE)
        assert "Traceback" not in self.log.read_text(), self.log.read_text()


def start(folder: Path, warehouse: str, command: tuple[str, ...] = STREAMLIT) -> Server:
    """Start a dashboard on a warehouse, as a user would; `wait` for it before use. folder: for its log and ledger."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / f"server-{port}.log"
    env = {**os.environ, "CX_WAREHOUSE_URL": warehouse, "CX_LEDGER_URL": f"sqlite:///{folder / f'ledger-{port}.db'}"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command, str(port)],
            cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    return Server(process, f"http://127.0.0.1:{port}", log)


def chromium() -> str | None:
    """Where the operating system keeps a Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextlib.contextmanager
def launched(playwright: Playwright, path: str) -> Iterator[Browser]:
    """A browser that talks to nobody but the pages it is shown."""
    browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
    yield browser
    browser.close()


@dataclass
class Visit:
    """A browser's tab on a dashboard. complaints: errors in the console and in the page, and dialogs."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(_WATCH)
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def open(self, path: str = "", **query: str | list[str]) -> Visit:
        """A page by its link."""
        asked = f"?{urlencode(query, doseq=True)}" if query else ""
        self.page.goto(f"{self.url}/{path}{asked}")
        return self.settled()

    def settled(self) -> Visit:
        """After the page is drawn."""
        self.page.wait_for_function(_DRAWN, timeout=1000 * PATIENCE)
        return self

    def well(self) -> Visit:
        """After a look that nothing went wrong."""
        assert not self.page.locator("[data-testid=stException]").all_inner_texts()
        assert not self.complaints, self.complaints
        return self

    @property
    def query(self) -> str:
        """What the URL says behind the question mark."""
        return self.page.url.partition("?")[2]

    def cards(self) -> dict[str, str]:
        """Values of the metric cards by their labels."""
        self.page.get_by_test_id("stMetric").first.wait_for()
        found: dict[str, str] = self.page.evaluate(_CARDS)
        return found

    def table(self, place: int = 0) -> list[dict[str, str]]:
        """The rows of a table that are drawn, by its column names; read where screen readers read them."""
        grid = self.page.locator("[data-testid=stDataFrame] table[role=grid]").nth(place)
        grid.locator("tbody tr").first.wait_for(state="attached")
        names, *rows = grid.evaluate(_ROWS)
        return [dict(zip(names, row, strict=True)) for row in rows]
