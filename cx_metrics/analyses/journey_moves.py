"""Transitions: where customers go from one contact of a case to the next, and how long that takes."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.journey_cells import Places, answers, asked, figures, median, once, part, places, table
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval

_KEYS = ("a", "b")


def transitions(warehouse: Warehouse, scope: Scope, of: str) -> Analysis:
    """Table transitions: from, to, n, share (% of all that went on from `from`), low, high, median_hours (between the
    starts of the two contacts), hours_low, hours_high, suppressed; in journey order. Staying in a place counts too.

    of: "stage" or "channel". Raises ScopeError.
    """
    names = places(warehouse, scope, of)
    assumptions = (
        "Transitions are counted by the contact that they start from, if it lies in the period and meets the filters.",
        "Times between contacts are rounded to the minute below two hours and to a tenth of an hour above.",
    )
    found = _transitions(warehouse, names, scope) if names.names else pd.DataFrame(columns=["from", "to", "share"])
    return Analysis("journey", scope, {"transitions": found}, _sentences(found), assumptions)


def _transitions(warehouse: Warehouse, names: Places, scope: Scope) -> pd.DataFrame:
    source, conditions = asked(scope)
    here, after = contact.c[names.of], contact.c[f"next_{names.of}"]
    goes_on = contact.c.case_contact < contact.c.case_contacts
    groups = [names.number(here).label("a"), names.number(after).label("b")]
    cells = median(goes_on, contact.c.case_hours_until_next).cells(source, groups, conditions)
    timed = once(cells, "timed", whole=True)
    t = timed.c
    shares = sa.select(t.a, t.b, *figures(t.n, t.n, sa.func.sum(t.n).over(partition_by=t.a)))
    found = {"moves": shares.subquery(), "hours": timed}
    # All that goes on from a place sums to what its shares tell, so small cells hide along the next places.
    parts = [
        part(what, sa.select(*rows.c).where(rows.c.a == place), ("b",), {"a": place})
        for what, rows in found.items() for place in names.numbers
    ]  # fmt: skip
    own = table(answers(warehouse, parts), {"moves": "", "hours": "hours"}, ("share", "low", "high"), _KEYS)
    named = {"from": own["a"].map(names.name), "to": own["b"].map(names.name)}
    columns = ["from", "to", "n", "share", "low", "high", "median_hours", "hours_low", "hours_high", "suppressed"]
    return own.assign(**named).rename(columns={"hours": "median_hours"})[columns]


def _sentences(found: pd.DataFrame) -> tuple[str, ...]:
    """The most frequent change of place."""
    moved = found[(found["from"] != found["to"]) & found["share"].notna() & ~found["from"].eq(NOT_GIVEN)]
    moved = moved[~moved["to"].eq(NOT_GIVEN)]
    if moved.empty or float(moved["n"].max()) < RANKED:
        return ()
    row = moved.sort_values("n", ascending=False, kind="stable").iloc[0]
    share = f"{amount(row['share'], '%')} ({interval(row['low'], row['high'], '%')})"
    return (
        f"The most frequent change is from {row['from']} to {row['to']}: {share} of those who make contact again after "
        f"{row['from']} go there, half of them within {amount(row['median_hours'], 'hours')}.",
    )
