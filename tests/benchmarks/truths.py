"""Whether what was planted in the sample company is found where it is, and nowhere else, over many seeds.

For example `python -c "from tests.benchmarks.truths import dead_ends; print(dead_ends(50).groupby('planted').mean())"`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from cx_metrics.analyses.dead_ends import dead_ends as cells_of
from cx_metrics.analyses.journey_loops import loops
from cx_metrics.analyses.shifts import shifts
from cx_metrics.intake.load import import_plans
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from sample_data.canonical import COLUMNS, interaction_rows
from sample_data.commerce import make_orders
from sample_data.contacts import make_contacts
from sample_data.files import write_csv
from sample_data.people import make_agents, make_customers
from sample_data.truths import BOT_DEAD_END, MIX_SHIFT, REFUND_LOOP, TRUTHS
from sample_data.world import World

CUSTOMERS, CONTACTS = 5_000, 50_000
PERIODS = {
    "last year": Scope(date(2025, 7, 1), date(2026, 6, 30)), "since it began": Scope(BOT_DEAD_END.start), "all": Scope(),
}  # fmt: skip


def companies(truths: Iterable[str], seeds: Sequence[int]) -> Iterator[tuple[int, bool, Warehouse]]:
    """Seed, whether these truths are in the data, and a warehouse with the contacts of that sample company.

    The contacts are those that the generator makes; e-mails are written as canonical rows like the others, and what
    no contact needs is left out. A warehouse is gone when the next one is asked for.
    """
    for seed in seeds:
        for planted in (True, False):
            with tempfile.TemporaryDirectory(prefix="cx-truths-") as name:
                world = World(seed, frozenset() if planted else frozenset(truths))
                file = _written(Path(name) / "interactions.csv", world)
                warehouse = Warehouse(f"duckdb:///{name}/warehouse")
                import_plans(warehouse, SOURCE.plans([file]))
                yield seed, planted, warehouse


def _written(path: Path, world: World) -> Path:
    customers, agents = make_customers(CUSTOMERS, world), make_agents(CONTACTS, world)
    contacts = make_contacts(CONTACTS, customers, agents, make_orders(customers, world), world)
    ids = [f"I-{number:07d}" for number in range(len(contacts))]
    write_csv(path, COLUMNS["interactions"], interaction_rows(contacts, ids, customers, agents))
    return path


def dead_ends(seeds: int, first: int = 1) -> pd.DataFrame:
    """seed, planted, period, found (1: the planted dead end stands out), elsewhere (how many other cells do)."""
    rows = []
    for seed, planted, warehouse in companies(["bot_dead_end"], range(first, first + seeds)):
        for period, scope in PERIODS.items():
            cells = cells_of(warehouse, scope)
            clear = cells[cells["stands_out"]]
            here = (
                (clear["stage"] == BOT_DEAD_END.stage) & (clear["channel"] == "chat") & (clear["handled_by"] == "bot")
            )
            rows.append((seed, planted, period, int(here.sum()), int((~here).sum())))
    return pd.DataFrame(rows, columns=["seed", "planted", "period", "found", "elsewhere"])


def loops_and_shifts(seeds: int, first: int = 1) -> pd.DataFrame:
    """seed, planted (all truths, or none), what (loop, mix shift), found (1: the planted one), elsewhere (others).

    A mix shift moves every channel's share, so that whatever moves within its ramp belongs to it.
    """
    rows = []
    for seed, planted, warehouse in companies(TRUTHS, range(first, first + seeds)):
        table = loops(warehouse, PERIODS["last year"]).tables["loops"]
        clear = table[table["stands_out"].fillna(False).astype(bool)]
        here = clear["reason"] == REFUND_LOOP.reason
        rows.append((seed, planted, "loop", int(here.sum()), int((~here).sum())))
        moved = shifts(warehouse, Scope())
        start = pd.Timestamp(MIX_SHIFT.start)
        ramp = moved["period"].between(
            start - pd.Timedelta(days=21), start + pd.Timedelta(days=MIX_SHIFT.ramp_days + 21)
        )
        chat = ramp & (moved["channel"] == MIX_SHIFT.channel)
        rows.append((seed, planted, "mix shift", int(chat.any()), int((~ramp).sum())))
    return pd.DataFrame(rows, columns=["seed", "planted", "what", "found", "elsewhere"])
