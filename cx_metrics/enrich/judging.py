"""Judging texts in batches, on all cores, so that a stopped import goes on where it was when it is repeated.

What a batch gave is kept in a file named by its content until the import is done: the same batch is not judged twice.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import joblib

from cx_metrics import settings
from cx_metrics.judges.judge import Judgement, Judges, Recipe, Said, judge, judges_of

BATCH = 2_000  # messages; a stopped import has lost at most so many per core
_FEW = 2 * BATCH  # for fewer, starting further processes takes longer than judging
_IDLE = 20  # seconds until processes that have nothing to do end, also where the import was killed

Progress = Callable[[float, str], object]
Batch = tuple[list[str], list[Said]]  # keys, and the texts in the same order


def judged(
    batches: Iterator[Batch], total: int, judges: Judges, report: Progress, place: str = "judged"
) -> Iterator[tuple[list[str], list[Said], list[Judgement]]]:
    """Each batch with its judgements, in order. total: texts in all, for the progress, which tells the rate. place:
    folder within the data folder where they are kept."""
    folder, began, done = settings.data_folder() / place, time.monotonic(), 0
    cores = 1 if total <= _FEW else joblib.cpu_count()
    with joblib.Parallel(n_jobs=cores, idle_worker_timeout=_IDLE) as parallel:
        while some := list(itertools.islice(batches, 4 * cores)):  # taken here: a connection knows only one thread
            each = joblib.delayed(_judged_there)
            results = parallel(each(os.getpid(), said, judges.version, judges.recipe, folder) for _, said in some)
            for (keys, said), found in zip(some, results, strict=True):
                done += len(found)
                yield keys, said, [Judgement(**row) for row in found]
            rate = done / max(time.monotonic() - began, 0.001)
            report(done / total, f"texts judged: {done:,} of {total:,} ({rate:,.0f} a second)")


def forget(place: str = "judged") -> None:
    """Remove what is kept, once an import is done."""
    for path in (settings.data_folder() / place).glob("*"):
        with contextlib.suppress(OSError):
            path.unlink()


def _judged_there(parent: int, *batch: Any) -> list[dict[str, Any]]:
    """As `_kept`, mostly in another process than the import's own."""
    _end_with(parent)
    return _kept(*batch)


@functools.cache
def _end_with(parent: int) -> None:
    """Let this process end when the one that started it was killed: it would wait for work for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    if os.getppid() == parent:
        threading.Thread(target=watch, daemon=True).start()


@functools.lru_cache(maxsize=2)
def _made(recipe: Recipe, version: str) -> Judges:
    """The judges of a recipe, once per process, as compiling the phrases takes a while. version: as the files of
    phrases that a recipe names may have changed since."""
    return judges_of(recipe)


def _kept(batch: Sequence[Said], version: str, recipe: Recipe, folder: Path) -> list[dict[str, Any]]:
    """The judgements of a batch, out of the file in which they are kept meanwhile, or into it."""
    content = json.dumps([version, [asdict(message) for message in batch]])
    path = folder / f"{hashlib.sha256(content.encode()).hexdigest()[:32]}.json"
    with contextlib.suppress(OSError, ValueError):
        return list(json.loads(path.read_text(encoding="utf-8")))
    found = [asdict(judgement) for judgement in judge(batch, _made(recipe, version))]
    with contextlib.suppress(OSError):  # a folder that cannot be written only makes a repetition slower
        folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(found), encoding="utf-8")
        fresh.replace(path)
    return found
