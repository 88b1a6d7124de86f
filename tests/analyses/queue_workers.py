"""Twenty processes that work the queue at once, some of which are killed; a program of its own, which forks them.

Called with the URL of a ledger and a folder for their reports; prints how each of them ended.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from pathlib import Path

from cx_metrics.analyses.intervention_queue import Asked, one, queue
from cx_metrics.analyses.intervention_steps import OUTCOMES, claim, finish, note
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.ledger_tables import intervention_steps

WORKERS, NOTES = 20, 2
SPREAD = 6  # of the first free ones that workers choose among: fewer make them collide more often
NAMES = [f"w{n}" for n in range(WORKERS)]
DIES = {name: "within" if place % 2 else "after" for place, name in enumerate(NAMES[::3])}


def work(url: str, name: str, reports: Path, together: threading.Barrier, dies: str) -> None:
    """What one of many does: take one of the first free ones, wait until all have one, write notes, finish, and so on until
    nothing is free. What the ledger has taken is reported in a file. dies: kill itself in the first note, "within" its
    transaction or right "after" it, before that is reported."""
    ledger, begun = Ledger(url), False
    with reports.open("a", encoding="utf-8", buffering=1) as done:
        while len(rows := queue(ledger, Asked("free", limit=SPREAD))):
            row = rows.iloc[NAMES.index(name) % len(rows)]
            number = int(row["intervention_id"])
            try:
                seen = claim(ledger, number, int(row["number"]), name)
            except LedgerError as error:
                assert "look at it now" in str(error), error
                continue
            done.write(f"claim {number} {seen}\n")
            begun = begun or together.wait(180) >= 0
            for place in range(NOTES):
                if dies == "within":
                    _killed_within(ledger, number, name)
                seen = note(ledger, number, seen, name, f"{number} {place}")
                if dies == "after":
                    os.kill(os.getpid(), signal.SIGKILL)
                done.write(f"note {number} {seen}\n")
            done.write(f"outcome {number} {finish(ledger, number, seen, name, OUTCOMES[number % 5])}\n")


def _killed_within(ledger: Ledger, number: int, name: str) -> None:
    """A step is written but not yet kept when the process is killed."""
    with ledger.alone() as writing:
        row = one(writing, number) or {}
        after = {key: row[key] for key in ("intervention_id", "assignee", "team", "due_at", "outcome")}
        step = {
            "who": name,
            "number": row["number"] + 1,
            "action": "note",
            "words": "never kept",
            "status": row["kept"],
        }
        writing.add(intervention_steps, {**after, **step})
        os.kill(os.getpid(), signal.SIGKILL)


def at_once(url: str, folder: Path) -> list[int | None]:
    """Let all workers work; returns how they ended."""
    fork = multiprocessing.get_context("fork")  # nothing is open yet that they could share
    together = fork.Barrier(WORKERS)
    processes = [fork.Process(target=work, args=(url, name, folder / name, together, DIES.get(name, "")))
                 for name in NAMES]  # fmt: skip
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


if __name__ == "__main__":
    print(*at_once(sys.argv[1], Path(sys.argv[2])))
