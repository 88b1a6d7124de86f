"""Entry point of the dashboard: `streamlit run app.py`.

Hands Streamlit `pages/_main.py` on purpose: with `st.navigation` called from here, a fresh server's first deep link
would run a page without its frame.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import importlib
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cx_metrics import settings
from cx_metrics.analyses.acting import watch
from cx_metrics.ledger import Ledger
from cx_metrics.warehouse import Warehouse

HERE = Path(__file__).resolve().parent


# Without this, Streamlit's page looks for its server below a deep link's path first, and the browser logs two errors.
_WHERE = f"window.__streamlit={{BACKEND_BASE_URL:location.origin+'/{st.get_option('server.baseUrlPath').strip('/')}'}}"


def _inline_scripts() -> str:
    """Hashes of the inline scripts in the page, for the content security policy."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = [_WHERE, *re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)]
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


# Everything comes from this server; Plotly and Streamlit write inline styles and draw from data and blob URLs.
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'self'; script-src 'self' {_inline_scripts()}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SafePage:
    """Adds the headers to every response, and to the page where its server is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        if scope["type"] == "http" and b"text/html" in dict(scope["headers"]).get(b"accept", b""):
            # The page itself comes uncompressed, so that it can be changed on its way.
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}

        async def send_safely(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if headers.get("content-type", "").startswith("text/html") and message["status"] == 200:
                    start = message  # held back: its length changes with the body
                    return
            elif start and message["type"] in ("http.response.body", "http.response.pathsend"):
                message = _placed(start, message)
                await send(start)
                start = {}
            await send(message)

        await self._app(scope, receive, send_safely)


def _placed(start: Message, message: Message) -> Message:
    """The page's body with the script that says where the server is; corrects the length in `start`."""
    body: bytes = Path(message["path"]).read_bytes() if "path" in message else message.get("body", b"")
    body = body.replace(b"<head>", f"<head><script>{_WHERE}</script>".encode(), 1)
    MutableHeaders(scope=start)["content-length"] = str(len(body))
    return {"type": "http.response.body", "body": body, "more_body": message.get("more_body", False)}


for module in (
    "plotly.graph_objects",
    "pandas",
    "sqlalchemy",
    "cx_metrics.analyses.bots",
    "cx_metrics.analyses.consistency",
    "cx_metrics.analyses.coverage",
    "cx_metrics.analyses.drivers",
    "cx_metrics.analyses.friction",
    "cx_metrics.analyses.journey_paths",
    "cx_metrics.analyses.overview",
    "cx_metrics.analyses.price",
    "cx_metrics.analyses.timeline",
    "cx_metrics.charts.coverage",
    "cx_metrics.charts.timeline",
    "cx_metrics.charts.trend",
    "cx_metrics.intake.formats",
):
    importlib.import_module(module)  # before the first visitor, who would wait for it


def stores() -> tuple[Warehouse, Ledger]:
    """The two stores that the settings name, opened when they are first needed."""
    return Warehouse(settings.warehouse_url()), Ledger(settings.ledger_url())


@contextlib.asynccontextmanager
async def acting(_: st.App) -> AsyncIterator[None]:
    """While the dashboard runs, somebody looks at the clock: interventions become overdue, notices are due."""
    stop = threading.Event()
    threading.Thread(target=watch, args=(functools.cache(stores), stop), daemon=True).start()
    yield
    stop.set()


app = st.App(HERE / "pages" / "_main.py", middleware=[Middleware(SafePage)], lifespan=acting)
