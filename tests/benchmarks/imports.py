"""Import of a large file against the engine's own COPY of it into a typed table, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

from cx_metrics.columns import given_columns
from cx_metrics.intake.load import import_plans
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.model import CANONICAL
from cx_metrics.warehouse import Warehouse
from tests.benchmarks.timing import Ratio, taken

_TYPES = {"TEXT": "VARCHAR", "BIGINT": "BIGINT", "DOUBLE": "DOUBLE", "DATETIME": "TIMESTAMP"}
MOST = 4.0  # GB of memory that an import may take


def copied(file: Path, folder: Path) -> float:
    """Seconds for COPY into a typed table and a checkpoint."""
    folder.mkdir(parents=True)
    table = CANONICAL[file.stem]
    kinds = {column.name: _TYPES[str(column.type)] for column in given_columns(table)}
    with file.open(encoding="utf-8") as head:
        columns = ", ".join(f"{name} {kinds[name]}" for name in head.readline().strip().split(","))
    with duckdb.connect(str(folder / "copy.duckdb")) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"CREATE TABLE {table.name} ({columns})")
        return taken(
            lambda: connection.execute(f"COPY {table.name} FROM '{file}' (HEADER, FORMAT csv)").execute("CHECKPOINT")
        )


def imported(files: list[Path], folder: Path) -> float:
    """Seconds for the import of files into a new warehouse."""
    warehouse = Warehouse(f"duckdb:///{folder}")
    return taken(lambda: import_plans(warehouse, SOURCE.plans(files)))


def _alone(work: Callable[..., float], *given: Any) -> tuple[float, float]:
    """Seconds that `work` reports, and the most memory (GB) that its process held."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, work, *given).result()


def _measured(work: Callable[..., float], *given: Any) -> tuple[float, float]:
    seconds = work(*given)
    status = Path("/proc/self/status")  # the other figure begins with the memory of the process that started this one
    if status.exists():
        most = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return seconds, int(most) / 1024**2
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def compare(file: Path, folder: Path, times: int = 2) -> tuple[Ratio, float]:
    """The ratio for one file, best of `times` each, and the import's peak memory in GB."""
    ours, reference, memory = [], [], []
    for _ in range(times):
        with tempfile.TemporaryDirectory(dir=folder) as name:
            reference.append(_alone(copied, file, Path(name) / "copy")[0])
            seconds, peak = _alone(imported, [file], Path(name) / "import")
            ours.append(seconds)
            memory.append(peak)
    return Ratio(f"import of {file.name}, against COPY", min(ours), min(reference), 3.0), max(memory)
