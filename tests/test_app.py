"""The middleware around the dashboard: every answer carries the headers, the page says where its server is."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

from app import HEADERS, SafePage, app

PAGE = "<!doctype html><html><head><title>x</title></head><body>" + "ä" * 2_000 + "</body></html>"


@dataclass
class Answer:
    """What came back. headers: names in small letters."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


def ask(served: Starlette, path: str, method: str = "GET", **headers: str) -> Answer:
    """An application's answer to one request."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return await asyncio.get_running_loop().create_future()  # nothing more comes

    async def send(message: Any) -> None:
        sent.append(message)

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": given, "root_path": ""}
    asyncio.run(served(scope, receive, send))
    start, *bodies = sent
    content = b"".join(Path(body["path"]).read_bytes() if "path" in body else body.get("body", b"") for body in bodies)
    return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, content)


def behind(answers: dict[str, Any]) -> Starlette:
    """An application with these answers behind the middleware."""
    routes = [Route(path, answer, methods=["GET", "HEAD"]) for path, answer in answers.items()]
    return Starlette(routes=routes, middleware=[Middleware(SafePage), Middleware(GZipMiddleware)])


@pytest.fixture
def served(tmp_path: Path) -> Starlette:
    """Pages and other answers behind the middleware."""
    file = tmp_path / "index.html"
    file.write_text(PAGE, encoding="utf-8")
    return behind(
        {
            "/page": lambda request: HTMLResponse(PAGE),
            "/file": lambda request: FileResponse(file),
            "/missing": lambda request: HTMLResponse(PAGE, status_code=404),
            "/text": lambda request: PlainTextResponse("<head>"),
            "/json": lambda request: JSONResponse({"head": "<head>"}, headers={"X-Frame-Options": "ALLOWALL"}),
        }
    )


def scripts(page: str) -> list[str]:
    """The inline scripts of a page."""
    return re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)


@pytest.mark.parametrize("path", ["/page", "/file", "/missing", "/text", "/json", "/nowhere"])
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_every_answer_carries_the_headers(path: str, accept: str, served: Starlette) -> None:
    headers = ask(served, path, accept=accept).headers
    assert {name: headers[name.lower()] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("path", ["/page", "/file"])
def test_a_page_says_where_its_server_is(path: str, served: Starlette) -> None:
    answer = ask(served, path, accept="text/html", accept_encoding="gzip")
    (script,) = scripts(answer.text)
    assert answer.text == PAGE.replace("<head>", f"<head><script>{script}</script>", 1)
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("path", ["/missing", "/text", "/json"])
def test_other_answers_are_left_alone(path: str, served: Starlette) -> None:
    answer = ask(served, path, accept="text/html")
    assert not scripts(answer.text)
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_what_is_no_page_still_comes_compressed(served: Starlette) -> None:
    assert ask(served, "/page", accept="application/json", accept_encoding="gzip").headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/page", "/file"])
def test_the_headers_of_a_page_can_be_asked_for_alone(path: str, served: Starlette) -> None:
    answer = ask(served, path, "HEAD", accept="text/html")
    assert answer.status == 200 and answer.headers["x-frame-options"] == "DENY"


def test_the_policy_allows_the_page_s_own_scripts_and_no_others() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    index = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    page = ask(behind({"/": lambda request: HTMLResponse(index)}), "/", accept="text/html").text
    assert len(scripts(page)) == len(scripts(index)) + 1
    for script in scripts(page):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy["script-src"]
    for word in ("unsafe-inline", "unsafe-eval", "*", "http", "data:"):
        assert word not in policy["script-src"]
    assert (
        policy["default-src"] == "'self'" and policy["object-src"] == "'none'" and policy["frame-ancestors"] == "'none'"
    )


def test_nothing_leaves_the_machine_by_default() -> None:
    assert st.get_option("server.address") == "127.0.0.1"
    assert st.get_option("browser.gatherUsageStats") is False
    assert st.get_option("client.showErrorDetails") == "none"


def test_there_is_an_app() -> None:
    assert isinstance(app, st.App)
