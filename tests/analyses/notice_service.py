"""A webhook on this machine, and what the tests of notices begin with."""

from __future__ import annotations

import contextlib
import datetime
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import interventions
from cx_metrics.notice_settings import NoticeSettings, Recipient

NOW = datetime.datetime(2026, 11, 18, 12)  # a Wednesday
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
SECRET = "h0sh"


class Webhook:
    """answers: status of each answer in turn, 0 = none at all; the last one goes on. heard: what came, as JSON."""

    def __init__(self, answers: tuple[int, ...]) -> None:
        self.heard: list[dict[str, Any]] = []
        self.paths: list[str] = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                hook.paths.append(self.path)
                status = answers[min(len(hook.heard), len(answers)) - 1]
                if not status:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        """As Apprise reads it, with a password, and asking for what must not be."""
        return f"json://user:{SECRET}@127.0.0.1:{self.server.server_port}/in?retry=3&optional=yes&redirect=yes"


@contextlib.contextmanager
def webhook(*answers: int) -> Iterator[Webhook]:
    """A running one."""
    found = Webhook(answers or (200,))
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()


def telling(*kinds: str, url: str = "json://127.0.0.1:9/", name: str = "all", **more: Any) -> NoticeSettings:
    """Settings with one recipient of these kinds."""
    teams = more.pop("teams", ())
    return NoticeSettings((Recipient(name, url, kinds, teams),), **more)


def opened(ledger: Ledger, customer: str, team: str = "Care", **more: Any) -> int:
    """An intervention opened an hour before NOW and due in an hour."""
    row = {
        "at": NOW - HOUR, "customer_id": customer, "rule": "no_call", "rules_version": 0, "happened_at": NOW - DAY,
        "team": team, "due_at": NOW + HOUR, **more,
    }  # fmt: skip
    with ledger.alone() as writing:
        return writing.add(interventions, row)
