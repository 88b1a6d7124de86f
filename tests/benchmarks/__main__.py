"""`python -m tests.benchmarks`: one line per ratio, with its target. Exit 1 where one is missed.

Takes about an hour for 10 million contacts, most of it pandas. With `--keep DIR` data and warehouse stay there for the
next run. Names of parts (import, pages, pandas, browser) run only these; `--only friction` only that page.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from cx_metrics.intake.load import import_plans
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.warehouse import Warehouse
from tests.benchmarks import browser, imports, questions
from tests.benchmarks.data import generate
from tests.benchmarks.timing import Ratio, side_by_side, taken

PARTS = ("import", "pages", "pandas", "browser")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[], help="default: all of them")
    parser.add_argument("--contacts", type=int, default=10_000_000)
    parser.add_argument("--keep", type=Path, help="folder for data and warehouse; default: a temporary one")
    parser.add_argument(
        "--only", default="", help="begin of a page's name (overview, trends, friction, ...); default: all"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cx-benchmarks-") as name:
        folder = given.keep or Path(name)
        missed = 0
        for ratio in _ratios(given.parts or PARTS, folder, given.contacts, given.only):
            missed += not ratio.ok
            print(ratio, flush=True)
    return 1 if missed else 0


def _ratios(parts: tuple[str, ...], folder: Path, contacts: int, only: str):  # type: ignore[no-untyped-def]
    files = generate(folder / f"data-{contacts}", contacts)
    if "import" in parts:
        ratio, memory = imports.compare(files["interactions"], folder)
        yield ratio
        verdict = "ok" if memory <= imports.MOST else "over"
        print(f"{'import, most memory':42s} {memory:.2f} GB (target <= {imports.MOST:g} GB)   {verdict}", flush=True)
    warehouse = _warehouse(folder / f"warehouse-{contacts}", list(files.values()))
    if "pages" in parts or "pandas" in parts:
        yield from _pages(parts, warehouse, folder, contacts, only)
    if "browser" in parts:
        yield from browser.compare(folder / f"warehouse-{contacts}", folder)


def _warehouse(folder: Path, files: list[Path]) -> Warehouse:
    warehouse = Warehouse(f"duckdb:///{folder}")
    import_plans(warehouse, SOURCE.plans(files))  # does nothing where they are there
    return warehouse


def _pages(  # type: ignore[no-untyped-def]
    parts: tuple[str, ...], warehouse: Warehouse, folder: Path, contacts: int, only: str
):
    other = folder / "by-hand.duckdb"  # a second name, as one process may not open a file in two ways
    other.unlink(missing_ok=True)
    os.link(folder / f"warehouse-{contacts}" / warehouse.version(), other)
    with duckdb.connect(str(other), read_only=True) as connection:
        if not only:
            questions.check_metrics(warehouse, connection)
        for name, (ours, by_hand) in questions.pages(warehouse, connection):
            if not name.startswith(only):
                continue
            questions.check(name, ours, by_hand)
            if "pages" in parts:
                yield Ratio(f"{name}, against SQL by hand", *side_by_side(ours, by_hand), 2.0)
            if "pandas" in parts:
                start = time.perf_counter()
                answer = questions.by_pandas(name, folder / f"data-{contacts}")
                seconds = time.perf_counter() - start
                questions.check_pandas(name, answer, by_hand())
                yield Ratio(f"{name}, against pandas", min(taken(ours) for _ in range(3)), seconds, 20.0, faster=True)


if __name__ == "__main__":
    sys.exit(main())
