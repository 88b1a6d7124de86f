"""What a dashboard must not do: run what data say, be reached from elsewhere, or be drawn into other pages."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from app import HEADERS
from tests.browser.conftest import Visitor
from tests.browser.dashboard import Server
from tests.conftest import Embedded
from tests.pages.opened import filled

BAD = "<img src=x onerror=\"window.hacked='{}'\">"


@pytest.mark.parametrize("path", ["/", "/trends", "/_stcore/health", "/no-such-page", "/static/no-such-file.js"])
def test_every_response_carries_the_headers(path: str, dashboard: Server) -> None:
    connection = http.client.HTTPConnection(urlsplit(dashboard.url).netloc, timeout=20)
    connection.request("GET", path)
    headers = connection.getresponse().headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_only_this_machine_reaches_it(dashboard: Server) -> None:
    port = urlsplit(dashboard.url).port or 0
    with socket.socket() as other:  # a server on all addresses would hold this one too
        other.bind(("127.0.0.2", port))
    for *_, address in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET, socket.SOCK_STREAM):
        if not str(address[0]).startswith("127."):
            with socket.socket() as caller, pytest.raises(OSError):
                caller.settimeout(2)
                caller.connect(address)


def test_what_data_say_is_shown_as_it_is_written(dashboard: Server, visit: Visitor) -> None:
    said = "**b** :material/home: :smile: :red[r] $x$ $$y$$ <i> # a_b `c` ~~d~~ [l](https://x.y) ![m](n) 3 < 4 \\ &amp;"
    tab = visit(dashboard).open("customers", q=said)
    assert said in tab.page.get_by_test_id("stAlert").inner_text().replace("\u2060", "")
    tab.well()


def test_what_data_say_is_not_run(embedded: Embedded, start_server: Callable[..., Server], visit: Visitor) -> None:
    contacts, messages, answers = [], [], []
    for i in range(40):
        names = {name: BAD.format(name) for name in ("channel", "team", "reason", "stage", "touchpoint")}
        outcome = "abandoned" if i % 2 else "resolved"
        contacts.append(
            {"interaction_id": f"i{i}", "customer_id": f"c{i % 2}", "occurred_at": f"2026-01-{i % 28 + 1:02}T10:00:00",
             "outcome": outcome, **names}
        )  # fmt: skip
        messages.append(
            {"message_id": f"m{i}", "interaction_id": f"i{i}", "author": "customer", "text": BAD.format("text")}
        )
        answers.append(
            {"answer_id": f"a{i}", "customer_id": f"c{i}", "interaction_id": f"i{i}", "instrument": "csat", "score": 5,
             "answered_at": "2026-01-20", "comment": BAD.format("comment")}
        )  # fmt: skip
    people = [{"customer_id": f"c{i}", "name": BAD.format("name"), "region": BAD.format("region")} for i in range(2)]
    events = [{"event_id": "e", "occurred_at": "2026-01-15", "title": BAD.format("title")}]
    url = filled(
        embedded,
        {
            "customers": people,
            "interactions": contacts,
            "messages": messages,
            "survey_answers": answers,
            "events": events,
        },
    )
    tab = visit(start_server(url).wait())
    pages: tuple[tuple[str, dict[str, str]], ...] = (
        ("", {"channel": BAD.format("channel")}),
        ("trends", {"metric": "abandonment", "by": "team"}),
        ("customers", {}),
        ("customers", {"contact": "i0"}),
        ("customers", {"q": BAD.format("q")}),
        ("data", {"section": "Coverage"}),
        ("events", {}),
    )
    for path, query in pages:
        tab.open(path, **query)
        tab.page.wait_for_timeout(250)  # for what an image that cannot be found would run
        assert tab.page.evaluate("window.hacked") is None
        assert tab.page.locator("img[src=x]").count() == 0
        tab.well()
        if path == "trends":
            captions = tab.page.locator("[data-testid=stCaptionContainer]").all_inner_texts()
            assert any(BAD.format("title") in caption for caption in captions)
            assert BAD.format("team")[:30] in tab.page.locator("[data-testid=stPlotlyChart]").first.inner_text()
        if query == {"contact": "i0"}:
            assert BAD.format("text") in tab.page.locator("[data-testid=stChatMessage]").first.inner_text()
