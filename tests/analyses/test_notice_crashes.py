"""At least once across crashes, against a server that fails half of the time, and never twice with one identity."""

from __future__ import annotations

import http.server
import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cx_metrics.analyses.notice_attempts import clock
from cx_metrics.analyses.notice_outbox import newest
from cx_metrics.analyses.notice_words import Draft
from cx_metrics.analyses.notice_writing import write
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import delivery_results
from tests.analyses.notice_crashes import PATIENCE, RECIPIENTS
from tests.conftest import Server

ROOT = Path(__file__).resolve().parents[2]
NOTICES, SEED = 10, 7


class Service:
    """A webhook that fails half of the time, and of what it takes lets some go without an answer."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.accepted: list[str] = []
        chance, lock, seen, accepted = random.Random(SEED), threading.Lock(), self.seen, self.accepted

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                given = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with lock:
                    fails, silent = chance.random() < 0.5, chance.random() < 0.2
                    seen.append(given["id"])
                    accepted.extend([] if fails else [given["notice"]])
                if silent and not fails:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(500 if fails else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


@pytest.fixture
def service() -> Iterator[Service]:
    """A running one."""
    found = Service()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.mark.parametrize("place", ["file", "server"])
def test_at_least_once_and_no_identity_twice(
    place: str, service: Service, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: Server | None = request.getfixturevalue("server") if place == "server" else None
    url = server.new_url() if server else f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger = Ledger(url)
    drafts = [Draft("new", f"interventions {i}", RECIPIENTS[i % len(RECIPIENTS)], f"t{i}", "b") for i in range(NOTICES)]
    assert write(ledger, drafts) == NOTICES == len(newest(ledger))

    command = [sys.executable, "-m", "tests.analyses.notice_crashes", url, str(service.server.server_port), str(SEED),
               str(tmp_path)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0  # workers were killed

    notices = newest(ledger)
    assert {str(notice.number) for notice in notices} == set(service.accepted)
    assert len(service.seen) == len(set(service.seen)) >= NOTICES
    assert {notice.standing(clock(), PATIENCE).state for notice in notices} == {"sent"}
    tried = {f"{notice.number}-{one.number}" for notice in notices for one in notice.tries}
    assert set(service.seen) <= tried  # whatever left was noted before
    assert {"sent", "failed"} <= set(ledger.rows(delivery_results)["state"])
    if server:
        server.drop(url)
