"""How the customer's mood goes from the first words to the last, by how the contact ended."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import RANKED, answered, in_order, share_columns, small_hidden, tallied
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.words import mood_end, mood_start, wrote_on
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount

_SIDES = ("start", "end", "change")
_SUMS = (*_SIDES, *(f"{side}_square" for side in _SIDES), "bad")
_MOOD = [f"{side}{end}" for side in _SIDES for end in ("", "_low", "_high")]
COLUMNS = ("outcome", "n", *_MOOD, "share", "low", "high", "suppressed")


def course(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """outcome, n (contacts in which the customer wrote twice or more), start, end and change (mean mood, -1 to 1, of
    the first and the last words, and their difference, each with _low and _high: normal interval of a mean), share (%
    that end below the limit of moods), low, high, suppressed; the best end first."""
    change = mood_end - mood_start
    values = dict(zip(_SIDES, (mood_start, mood_end, change), strict=True))
    squares = {f"{name}_square": value * value for name, value in values.items()}
    bad = sa.case((mood_end < scope.limits.sentiment, 1.0), else_=0.0)
    sums = values | squares | {"bad": bad}
    source = CONTACTS.source([name for name, _ in scope.filters])
    where = [wrote_on, mood_start.is_not(None), mood_end.is_not(None),
             *scope.conditions(contact.c.occurred_at, CONTACTS.dimensions)]  # fmt: skip
    rows = sa.select(contact.c.outcome, *(sa.cast(value, sa.Double).label(name) for name, value in sums.items()))
    cells = tallied(rows.select_from(source).where(*where), ("outcome",), _SUMS)
    seen = small_hidden(cells, ("outcome",), _SUMS).subquery()
    c = seen.c
    means = [column.label(name) for side in _SIDES for name, column in _mean(c, side).items()]
    asked = sa.select(c.outcome, c.n, *means, *share_columns(c.bad, c.n), c.suppressed)
    found = answered(warehouse, asked, "n", *_MOOD, "share", "low", "high")
    found = in_order(found, "outcome").sort_values("end", ascending=False, na_position="last", kind="stable")
    return found[list(COLUMNS)].reset_index(drop=True)


def _mean(c: Any, side: str) -> dict[str, Any]:
    """The mean of a side and the ends of its interval."""
    mean = c[side] / sa.func.nullif(c.n, 0.0)
    variance = (c[f"{side}_square"] - c.n * mean * mean) / sa.func.nullif(c.n - 1, 0.0)
    half = Z * sa.func.sqrt(sa.case((variance > 0, variance), else_=0.0) / sa.func.nullif(c.n, 0.0))
    return {side: mean, f"{side}_low": mean - half, f"{side}_high": mean + half}


def course_in_words(found: pd.DataFrame) -> list[str]:
    """The outcomes with the best and the worst end, where both have enough contacts; found: as `course` gives."""
    known = found[(found["n"] >= RANKED) & found["end"].notna() & (found["outcome"] != NOT_GIVEN)]
    if len(known) < 2:
        return []
    best, worst = (known.iloc[place].to_dict() for place in (0, -1))
    if best["end_low"] <= worst["end_high"]:
        return ["The mood in the customer's last words does not differ clearly by how the contact ended."]
    ends = [
        f"from {row['start']:+.2f} to {row['end']:+.2f} where the contact was {row['outcome']} "
        f"({amount(row['share'], '%')} left in a bad mood, n = {amount(row['n'], 'count')})"
        for row in (best, worst)
    ]
    return [f"From first to last words, the mood goes {ends[0]}, and {ends[1]}. It is on a scale from -1 to 1."]
