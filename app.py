"""Entry point of the dashboard: `streamlit run app.py`.

Hands Streamlit `pages/_main.py` on purpose: with `st.navigation` called from here, a fresh server's first deep link
would run a page without its frame.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import re
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HERE = Path(__file__).resolve().parent


def _inline_scripts() -> str:
    """Hashes of the inline scripts in Streamlit's own page, for the content security policy."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
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


class SecurityHeaders:
    """Adds the headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, with_headers)


for module in ("plotly.graph_objects", "pandas", "sqlalchemy", "cx_metrics.analyses.overview", "cx_metrics.charts.trend"):
    importlib.import_module(module)  # before the first visitor, who would wait for it

app = st.App(HERE / "pages" / "_main.py", middleware=[Middleware(SecurityHeaders)])
