"""The sample company: generated on first start, replaced by the first data of one's own."""

from __future__ import annotations

import importlib
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from cx_metrics.intake.formats import plans_for
from cx_metrics.intake.load import LoadReport, Progress, import_plans
from cx_metrics.intake.plan import IntakeError
from cx_metrics.model import SAMPLE_NOTE, loads
from cx_metrics.warehouse import Warehouse

_FOLDERS = {"canonical": "csv", "zendesk": "zendesk", "qualtrics": "qualtrics"}
_ROOT = Path(__file__).resolve().parents[2]


def is_empty(warehouse: Warehouse) -> bool:
    """Whether nothing was ever imported."""
    return warehouse.read(sa.select(loads.c.load_id).limit(1)).empty


def holds_sample(warehouse: Warehouse) -> bool:
    """Whether the warehouse shows the sample company."""
    return not warehouse.read(sa.select(loads.c.load_id).where(loads.c.note.like(f"{SAMPLE_NOTE}%")).limit(1)).empty


def load_sample(
    warehouse: Warehouse, progress: Progress | None = None, customers: int = 20_000, contacts: int = 200_000
) -> list[LoadReport]:
    """Generate the sample company and load it. Raises IntakeError where other data would be mixed with it."""
    report = progress or (lambda share, text: None)
    if not is_empty(warehouse) and not holds_sample(warehouse):
        raise IntakeError(
            "the warehouse holds your own data; point CX_WAREHOUSE_URL elsewhere to look at the sample company"
        )
    with tempfile.TemporaryDirectory(prefix="cx-sample-") as temporary:
        folder = _generated(Path(temporary), customers, contacts, lambda share, text: report(share * 0.4, text))
        plans = [
            replace(plan, note="; ".join(filter(None, (SAMPLE_NOTE, plan.note))))
            for name, source in _FOLDERS.items()
            for plan in plans_for(source, [folder / name])
        ]
        return import_plans(warehouse, plans, lambda share, text: report(0.4 + share * 0.6, text))


def _generated(out: Path, customers: int, contacts: int, progress: Progress) -> Path:
    if str(_ROOT) not in sys.path:
        sys.path.insert(0, str(_ROOT))
    try:
        generate = importlib.import_module("sample_data.generate").generate
    except ModuleNotFoundError:
        raise IntakeError(
            f"the sample company's generator is not in {_ROOT}; run from a clone of the repository"
        ) from None
    generate(out, customers=customers, contacts=contacts, progress=progress)
    return out
