"""A warm page until its last chart is painted, against a page of the same Streamlit with one chart and no data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

from tests.benchmarks.questions import KEY, SCOPE, WHO
from tests.benchmarks.timing import Ratio
from tests.browser.dashboard import PATIENCE, STREAMLIT, Visit, chromium, launched, start

_ONE_CHART = """
import plotly.graph_objects as go
import streamlit as st

st.title("One chart")
st.plotly_chart(go.Figure(go.Scatter(x=[1, 2, 3], y=[2, 1, 3])))
"""
_WATCH_CHARTS = """new MutationObserver(changes => {
    const charts = '.js-plotly-plot, [data-testid=stMetricChart], [data-testid=stVegaLiteChart]';
    if (changes.some(change => change.target.closest?.(charts))) window.lastPaint = performance.now();
}).observe(document, {attributes: true, childList: true, subtree: true})"""
_STILL = """() => performance.now() - window.lastChange > 1000
    && document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"""
PERIOD = {"period": "custom", "from": str(SCOPE.start), "to": str(SCOPE.end)}
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "overview": ("", PERIOD),
    "trends": ("trends", {**PERIOD, "metric": "fcr", "by": "channel", "every": "month"}),
    "customers": ("customers", {"customer": WHO, "contact": KEY}),
    "data": ("data", {"section": "Coverage"}),
}


def compare(warehouse: Path, folder: Path, times: int = 7) -> Iterator[Ratio]:
    """The ratio of each page, best of `times`, each visited in turn with the reference after a visit that warms up."""
    script = folder / "one_chart.py"
    script.write_text(_ONE_CHART)
    path = chromium()
    if path is None:
        print("no Chromium is installed: pages in a browser are not measured")
        return
    servers = [
        start(folder, f"duckdb:///{warehouse}"),
        start(folder, "", tuple(str(script) if x == "app.py" else x for x in STREAMLIT)),
    ]
    try:
        with sync_playwright() as playwright, launched(playwright, path) as browser:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            ours, reference = (server.wait().url for server in servers)
            for name, (page, query) in PAGES.items():
                found = [
                    (_painted(context, ours, page, query), _painted(context, reference, "", {}))
                    for _ in range(times + 1)
                ]
                best = [min(seconds) for seconds in zip(*found[1:], strict=True)]
                yield Ratio(f"{name} in the browser, against one chart", best[0], best[1], 2.0)
    finally:
        for server in servers:
            server.stop()


def _painted(context: BrowserContext, url: str, page: str, query: dict[str, str]) -> float:
    """Seconds from asking for a page until the last change in one of its charts."""
    visit = Visit(context.new_page(), url)
    visit.page.add_init_script(_WATCH_CHARTS)
    try:
        visit.open(page, **query)
        visit.page.wait_for_function(_STILL, timeout=1000 * PATIENCE)  # late chunks and fonts repaint charts
        return float(visit.page.evaluate("window.lastPaint")) / 1000
    finally:
        visit.page.close()
