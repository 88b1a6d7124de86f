"""What is worth celebrating besides single replies: initiatives that are shown to work, and teams."""

from __future__ import annotations

import datetime

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.empathy_kinds import ALL, STRONG, kinds
from cx_metrics.analyses.initiative_effect import WORKS
from cx_metrics.analyses.initiative_register import Registered
from cx_metrics.analyses.initiatives import initiatives_analysis
from cx_metrics.analyses.intervention_queue import standing
from cx_metrics.ledger import Ledger
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval

INITIATIVES = ["number", "name", "owner", "start", "said", "n", "marking"]
TEAMS = ["team", "what", "n", "value", "low", "high", "said"]
SOLVED = "reached and solved"
FEWEST = 5  # customers of a team, below which a count is not shown
ASSUMPTIONS = (
    "An initiative is here when its effect is shown, its 95 % interval leaving out zero; each is tested by itself.",
    f"A team is here for solved interventions from {FEWEST} customers on; and for feeling, when the share of its "
    f"answered contacts that strongly acknowledge it lies clearly above that of all teams (its 95 % interval is above "
    f"their value) from {RANKED} contacts on. Teams stand by the alphabet, not by rank; who is not here did not fail.",
)


def working(warehouse: Warehouse, given: tuple[Registered, ...]) -> pd.DataFrame:
    """The initiatives that are shown to work, by number: INITIATIVES; said: the verdict with its size and interval; n:
    rows of both groups, before and after the start. given: as `initiative_register.registered` gives."""
    found = initiatives_analysis(warehouse, given, Scope())
    table = found.tables["initiatives"]
    own = zip(found.sentences[1:], table["name"], strict=True)  # "name: sentence", and a name may hold a colon
    rows = table.assign(said=[text.removeprefix(f"{name}: ") for text, name in own])
    return rows.loc[rows["verdict"] == WORKS, INITIATIVES].sort_values("number", ignore_index=True)


def empathic(warehouse: Warehouse, first: datetime.date, last: datetime.date) -> pd.DataFrame:
    """Teams whose replies acknowledge the customer's feeling strongly, clearly more often than all teams' together:
    TEAMS, by the alphabet. n: answered contacts from `first` to `last` (both included); value, low, high: %."""
    rows = kinds(warehouse, Scope(first, last))
    rows = rows[rows["figure"] == f"empathy_emotional{STRONG}"]
    everybody = rows.loc[rows["by"] == ALL, "value"]
    own = rows[(rows["by"] == "team") & (rows["group"] != NOT_GIVEN) & (rows["n"] >= RANKED)]
    better = own[own["low"] > float(everybody.iloc[0])] if everybody.notna().all() else own.iloc[:0]
    said = [
        f"strongly acknowledges the customer's feeling in {amount(row['value'], '%')} of answered contacts "
        f"({interval(row['low'], row['high'], '%')}; all teams {amount(float(everybody.iloc[0]), '%')}), "
        f"n = {row['n']:,.0f}"
        for row in better.to_dict("records")
    ]
    named = better.rename(columns={"group": "team"}).assign(what="acknowledges the feeling", said=said)
    return named[TEAMS].sort_values("team", ignore_index=True)


def solved(ledger: Ledger, first: datetime.date, last: datetime.date) -> pd.DataFrame:
    """Teams whose people reached customers who needed a person, and solved it: TEAMS without value, by the alphabet.
    n: interventions that ended so from `first` to `last` (UTC, both included). Raises LedgerError."""
    begin = datetime.datetime.combine(first, datetime.time())
    end = datetime.datetime.combine(last + datetime.timedelta(days=1), datetime.time())
    row = standing(end).c
    n = sa.func.count().label("n")
    within = (row.status == "done", row.outcome == SOLVED, row.acted_at >= begin, row.acted_at < end, row.team != "")
    rows = ledger.read(sa.select(row.team, n).where(*within).group_by(row.team).order_by(row.team))
    rows = rows[rows["n"] >= FEWEST].reset_index(drop=True)
    said = [f"reached and solved {count:,} interventions" for count in rows["n"]]
    return rows.assign(what=SOLVED, value=None, low=None, high=None, said=said)[TEAMS]
