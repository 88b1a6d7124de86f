"""In which pieces and in which order files are loaded changes nothing: every stored measure is the same as at one go."""

import csv
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.intake.load import import_plans
from cx_metrics.intake.plan import Plan
from cx_metrics.model import interactions, orders, survey_answers
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

START = datetime(2024, 1, 1)
PEOPLE = range(12)
Rows = list[dict[str, Any]]


def mail(person: int) -> str:
    return f"p{person}@example.org"


def data(pick: random.Random) -> dict[tuple[str, str], Rows]:
    """(source, table) -> rows of two sources that share eight customers by e-mail address, few matters and few days."""

    def time(days: int = 20) -> datetime:
        return START + timedelta(hours=pick.randrange(24 * days), minutes=pick.choice((0, 0, 30)))

    def someone(source: str) -> str | None:
        return pick.choice([f"{source}{person}" for person in PEOPLE] + [None, None])  # type: ignore[list-item]

    found: dict[tuple[str, str], Rows] = {}
    for source in ("a", "b"):
        found[source, "customers"] = [
            {"customer_id": f"{source}{person}", "email": mail(person).upper() if source == "a" else mail(person)}
            for person in PEOPLE if person < 8 or source == "a"
        ]  # fmt: skip
        found[source, "interactions"] = [
            {
                "interaction_id": f"{source}-i{n}", "customer_id": someone(source), "occurred_at": (at := time()),
                "ended_at": pick.choice((None, at + timedelta(minutes=pick.randrange(90)))),
                "case_id": pick.choice((None, None, f"c{pick.randrange(6)}")), "channel": pick.choice(("web", "phone")),
                "stage": pick.choice(("pay", "use", None)), "reason": pick.choice(("bill", "login", None)), "team": pick.choice("xy"),
                "initiated_by": pick.choice(("customer", "company", None)), "wait_seconds": pick.choice((None, 10, 60)),
                "outcome": pick.choice(("resolved", "unresolved", None)), "agent_id": pick.choice(("ada", "bob", None)),
                "promised_at": pick.choice((None, at, at.replace(hour=0, minute=0))), "handled_by": pick.choice(("bot", "human")),
                "handle_seconds": pick.choice((None, 30)),
            }
            for n in range(40)
        ]  # fmt: skip
        found[source, "messages"] = [
            {
                "message_id": f"{source}-m{n}", "interaction_id": f"{source}-i{pick.randrange(45)}",
                "author": pick.choice(("customer", "agent")), "text": pick.choice(("Thanks", "As I already said.", None)),
            }
            for n in range(30)
        ]  # fmt: skip
        found[source, "orders"] = [
            {
                "order_id": f"{source}-o{n}", "customer_id": someone(source), "ordered_at": time(), "amount": n,
                "promised_at": pick.choice((None, time())), "delivered_at": pick.choice((None, time())),
            }
            for n in range(20)
        ]  # fmt: skip
        found[source, "survey_answers"] = [
            {
                "answer_id": f"{source}-s{n}", "customer_id": pick.choice((None, someone(source))),
                pick.choice(("interaction_id", "order_id", "dimension")): f"{source}-{pick.choice('io')}{pick.randrange(10)}",
                "instrument": pick.choice(("csat", "nps")), "score": (score := pick.choice((None, 3, 5))),
                "invited_at": pick.choice((None, at := time(4))), "answered_at": at + timedelta(hours=5) if score else None, "comment": "x",
            }
            for n in range(40)
        ]  # fmt: skip
    return found


def plan(folder: Path, source: str, table: str, rows: Rows) -> Plan:
    path = folder / f"{len(list(folder.iterdir()))}.csv"
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return Plan(source, table, path, {name: name for name in names})


def pieces(pick: random.Random, folder: Path, found: dict[tuple[str, str], Rows]) -> Iterable[list[Plan]]:
    """The rows in shuffled imports of shuffled files."""
    plans = []
    for (source, table), rows in found.items():
        parts: dict[int, Rows] = {}
        for row in pick.sample(rows, len(rows)):
            parts.setdefault(pick.randrange(2), []).append(row)
        plans += [plan(folder, source, table, part) for part in parts.values()]
    pick.shuffle(plans)
    imports = pick.randrange(2, 5)
    return [plans[n::imports] for n in range(imports)]


def stored(warehouse: Warehouse, table: sa.Table) -> pd.DataFrame:
    """All columns but those that tell one load from another; of joined customers only who they are, and of cases only
    which contacts they have."""
    rows = warehouse.read(sa.select(table).order_by(table.columns[0])).drop(columns=["load_id", "source_customer_key"])
    rows["customer_id"] = [person(key) for key in rows["customer_id"]]
    if "case_key" in rows:
        rows["case_key"] = pd.factorize(rows["case_key"])[0]
    return rows.astype(object).where(rows.notna(), None)


def person(key: Any) -> str | None:
    return None if not isinstance(key, str) else key[1:] if int(key[1:]) < 8 else key


@pytest.mark.parametrize("seed", range(1))
def test_same_as_at_one_go(make_warehouse: MakeWarehouse, tmp_path: Path, seed: int) -> None:
    pick = random.Random(seed)
    found = data(pick)
    whole, split = make_warehouse({}), make_warehouse({})
    import_plans(whole, [plan(tmp_path, *key, rows) for key, rows in found.items()])
    for plans in pieces(pick, tmp_path, found):
        import_plans(split, plans)
    for table in (interactions, orders, survey_answers):
        pd.testing.assert_frame_equal(stored(split, table), stored(whole, table), check_dtype=False)
