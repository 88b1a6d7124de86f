"""Processes that deliver notices, killed at random moments and started again. Run as a program of its own.

python -m tests.analyses.notice_crashes LEDGER PORT SEED: leaves when everything is sent, and prints how often it killed.
"""

from __future__ import annotations

import datetime
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from cx_metrics.analyses.notice_attempts import clock, deliver
from cx_metrics.analyses.notice_outbox import Patience, unfinished
from cx_metrics.analyses.notice_sending import check
from cx_metrics.ledger import Ledger
from cx_metrics.notice_settings import NoticeSettings, Recipient
from cx_metrics.warehouse import Warehouse

RECIPIENTS = ("a", "b", "c", "d")
WORKERS, KILLS = 3, 5
PATIENCE = Patience(datetime.timedelta(seconds=0.6), (datetime.timedelta(seconds=0.01),) * 200)


def told(port: int) -> NoticeSettings:
    """Everybody behind one webhook of this machine."""
    address = f"json://user:hush@127.0.0.1:{port}"
    return NoticeSettings(tuple(Recipient(name, f"{address}/{name}?retry=2") for name in RECIPIENTS))


def work(ledger: str, port: int, warehouse: Warehouse) -> None:
    """Deliver until nothing is left."""
    kept = Ledger(ledger)
    while unfinished(kept.read):
        deliver(warehouse, kept, told(port), clock, PATIENCE, Counter())
        time.sleep(0.05)


def started(ledger: str, port: int, warehouse: Warehouse) -> int:
    """The process id of a new worker."""
    child = os.fork()
    if child == 0:
        work(ledger, port, warehouse)
        os._exit(0)
    return child


def main(ledger: str, port: int, seed: int) -> None:
    """Keep the workers going, and kill one every now and then."""
    chance = random.Random(seed)
    check(told(port).recipients[0].address())  # loads the services once, before the workers part
    warehouse = Warehouse(f"duckdb:///{Path(sys.argv[4]) / 'none'}")
    workers = [started(ledger, port, warehouse) for _ in range(WORKERS)]
    kills = 0
    while workers:
        time.sleep(chance.uniform(0.05, 0.2))
        for child in list(workers):
            if os.waitpid(child, os.WNOHANG)[0]:
                workers.remove(child)  # everything is sent
        if workers and kills < KILLS:
            victim = workers.pop(chance.randrange(len(workers)))
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            kills += 1
            workers.append(started(ledger, port, warehouse))
    print(kills)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
