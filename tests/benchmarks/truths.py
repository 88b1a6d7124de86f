"""Whether what was planted in the sample company is found where it is, and nowhere else, over many seeds.

For example `python -c "from tests.benchmarks.truths import dead_ends; print(dead_ends(50).groupby('planted').mean())"`.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from cx_metrics.analyses.changes import changes
from cx_metrics.analyses.dead_ends import dead_ends as cells_of
from cx_metrics.analyses.gap import gap
from cx_metrics.analyses.journey_loops import loops
from cx_metrics.analyses.shifts import shifts
from cx_metrics.analyses.surveys import surveys
from cx_metrics.intake.load import import_plans
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from sample_data.canonical import COLUMNS, contact_answer_rows, customer_rows, gap_answer_rows, interaction_rows
from sample_data.commerce import make_orders
from sample_data.contacts import make_contacts
from sample_data.files import write_csv
from sample_data.gap_survey import make_gap_answers
from sample_data.people import make_agents, make_customers
from sample_data.surveys import ask_after_contacts
from sample_data.truths import BELIEF_GAP, BOT_DEAD_END, MIX_SHIFT, REFUND_LOOP, TRUTHS
from sample_data.world import World

CUSTOMERS, CONTACTS = 5_000, 50_000
MOVED = Scope(date(2025, 11, 15), date(2026, 6, 30), compare="year")  # after the mix shift against before it
PERIODS = {
    "last year": Scope(date(2025, 7, 1), date(2026, 6, 30)), "since it began": Scope(BOT_DEAD_END.start), "all": Scope(),
}  # fmt: skip


def companies(
    truths: Iterable[str], seeds: Sequence[int], answers: bool = False
) -> Iterator[tuple[int, bool, Warehouse]]:
    """Seed, whether these truths are in the data, and a warehouse with the contacts of that sample company.

    The contacts are those that the generator makes; e-mails are written as canonical rows like the others, and what
    no contact needs is left out. answers: with customers and all surveys but those of e-mails and deliveries. A
    warehouse is gone when the next one is asked for.
    """
    for seed in seeds:
        for planted in (True, False):
            with tempfile.TemporaryDirectory(prefix="cx-truths-") as name:
                world = World(seed, frozenset() if planted else frozenset(truths))
                files = _written(Path(name), world, answers)
                warehouse = Warehouse(f"duckdb:///{name}/warehouse")
                import_plans(warehouse, SOURCE.plans(files))
                yield seed, planted, warehouse


def _written(folder: Path, world: World, answers: bool) -> list[Path]:
    customers, agents = make_customers(CUSTOMERS, world), make_agents(CONTACTS, world)
    contacts = make_contacts(CONTACTS, customers, agents, make_orders(customers, world), world)
    ids = [f"I-{number:07d}" for number in range(len(contacts))]
    rows = {"interactions": interaction_rows(contacts, ids, customers, agents)}
    if answers:
        asked = contact_answer_rows(contacts, ids, ask_after_contacts(contacts, customers, world), customers, world)
        study = gap_answer_rows(make_gap_answers(customers, agents, world), customers)
        numbered = ((f"S-{number}", *row) for number, row in enumerate(itertools.chain(asked, study)))
        rows |= {"customers": customer_rows(customers), "survey_answers": numbered}
    for table, content in rows.items():
        write_csv(folder / f"{table}.csv", COLUMNS[table], content)
    return [folder / f"{table}.csv" for table in rows]


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


def surveyed(seeds: int, first: int = 1) -> pd.DataFrame:
    """seed, planted (all truths, or none), what (belief gap, response bias, mix shift), found (1: the planted one),
    elsewhere (other findings of the kind), size (of the figure that holds it, points).

    Belief gap: the stage that the first sentence names. Response bias: raw satisfaction minus weighted, clearly above
    zero. Mix shift: of the change of satisfaction, what channels' mix clearly did.
    """
    rows = []
    for seed, planted, warehouse in companies(TRUTHS, range(first, first + seeds), answers=True):
        study = gap(warehouse, Scope())
        stage = study.tables["stage"].set_index("stage").loc[BELIEF_GAP.stage, "belief_gap"]
        named = [name for name in study.tables["stage"]["stage"] if f"most of all in {name}" in study.sentences[0]]
        others = [name for name in named if name != BELIEF_GAP.stage]
        rows.append((seed, planted, "belief gap", int(BELIEF_GAP.stage in named), len(others), stage))
        weighted = surveys(warehouse, PERIODS["all"]).tables["weighted"].set_index("instrument")
        csat, more = weighted.loc["csat"], weighted.drop(index="csat")
        rows.append((seed, planted, "response bias", int(csat["clear"] and csat["difference"] > 0), int(more["clear"].sum()),
                     csat["difference"]))  # fmt: skip
        found = changes(warehouse, MOVED, ("csat",)).tables
        mixed = found["findings"][found["findings"]["part"] == "mix"]
        parts = found["parts"].query("dimension == 'channel' and part == 'mix' and group == 'All groups'")
        by_channel = mixed["dimension"].str.contains("channel")
        rows.append((seed, planted, "mix shift", int(by_channel.any()), int((~by_channel).sum()),
                     float(parts["size"].iloc[0]) if len(parts) else float("nan")))  # fmt: skip
    return pd.DataFrame(rows, columns=["seed", "planted", "what", "found", "elsewhere", "size"])
