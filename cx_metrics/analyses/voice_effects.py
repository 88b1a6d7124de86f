"""Whether those who speak of a theme are more or less satisfied than those who do not: an association, not a cause."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import MINIMUM, RANKED
from cx_metrics.analyses.taxonomy import Themes
from cx_metrics.analyses.voice_texts import ALL, bits
from cx_metrics.metrics.facts import ANSWERS
from cx_metrics.metrics.proportions import holm, two_sided
from cx_metrics.metrics.stratified import UNKNOWN, Difference, Sums, newcombe, welch, within_strata
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.metrics.survey import SATISFIED
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse

MEASURES = {"csat": ("CSAT", "%"), "nps": ("NPS", "points")}
ALARM = 0.05
_ENDS = ("difference", "low", "high")
COLUMNS = (
    "theme", "measure", "unit", "n_with", "with", "n_without", "without", *_ENDS, "adjusted", "adjusted_low",
    "adjusted_high", "p_holm", "clear", "suppressed",
)  # fmt: skip


def effects(warehouse: Warehouse, found: sa.CTE, themes: Themes, scope: Scope) -> pd.DataFrame:
    """Table effects, see `voice`: one row per theme and measure. found: as `masks` gives.

    An answer speaks of a theme when its comment does, or the customer's words in the contact that it is about. Answers
    without either are left out.
    """
    try:
        cells = warehouse.read(_counted(found, themes, scope))
    except ScopeError:  # answers cannot be told apart by what is filtered on
        return pd.DataFrame(columns=list(COLUMNS))
    rows = []
    for measure, (title, unit) in MEASURES.items():
        mine = cells[cells["instrument"] == measure]
        whole = mine[mine["no"] == ALL].set_index("stratum")[["n", "total", "squares"]].astype(float)
        for number, theme in enumerate(themes):
            own = mine[mine["no"] == number].set_index("stratum")[["n", "total", "squares"]].astype(float)
            own = own.reindex(whole.index, fill_value=0.0)
            rows.append({"theme": theme.name, "measure": title, "unit": unit, **_compared(own, whole - own, unit)})
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name not in ("p_holm", "clear")] + ["p"])
    adjusted = holm(table["p"].to_numpy(dtype=float))
    clear = np.nan_to_num(adjusted, nan=1.0) <= ALARM
    return table.assign(p_holm=adjusted, clear=clear)[list(COLUMNS)]


def _counted(found: sa.CTE, themes: Themes, scope: Scope) -> sa.Select[Any]:
    """no, instrument, stratum (a number for stage and channel), n, total and squares of values 0-100 (CSAT) or -100 to
    100 (NPS)."""
    c = answer.c
    own, other = found.alias("own"), found.alias("other")
    of_comment = sa.and_(own.c.kind == "answer", own.c.key == c.answer_id)
    of_contact = sa.and_(other.c.kind == "contact", other.c.key == c.interaction_id)
    source = ANSWERS.source([name for name, _ in scope.filters])
    mask = sa.func.coalesce(own.c.mask, 0).bitwise_or(sa.func.coalesce(other.c.mask, 0))
    value = sa.case(
        (c.instrument == "csat", sa.case((SATISFIED, 100.0), else_=0.0)),
        else_=sa.case((c.score >= 9, 100.0), (c.score <= 6, -100.0), else_=0.0),
    )
    said = (
        sa.select(c.instrument, c.stage, c.channel, sa.cast(value, sa.Double).label("value"),
                  sa.cast(mask + (1 << ALL), sa.BigInteger).label("mask"))
        .select_from(source.outerjoin(own, of_comment).outerjoin(other, of_contact))
        .where(*scope.conditions(c.answered_at, ANSWERS.dimensions), c.respondent == "customer", c.counts == 1,
               c.score.is_not(None), c.instrument.in_(tuple(MEASURES)),
               sa.or_(own.c.key.is_not(None), other.c.key.is_not(None)))
        .subquery("said")
    )  # fmt: skip
    numbers = bits(themes)
    place = sa.func.dense_rank().over(order_by=(said.c.stage, said.c.channel)).label("stratum")
    ranked = sa.select(said.c.instrument, said.c.value, said.c.mask, place).subquery("ranked")
    both = ranked.join(numbers, ranked.c.mask.bitwise_and(numbers.c.bit) != 0)
    keys = (numbers.c.no, ranked.c.instrument, ranked.c.stratum)
    sums = {"n": sa.func.count(), "total": sa.func.sum(ranked.c.value),
            "squares": sa.func.sum(ranked.c.value * ranked.c.value)}  # fmt: skip
    summed = (sa.cast(value, sa.Double).label(name) for name, value in sums.items())
    return sa.select(*keys, *summed).select_from(both).group_by(*keys)


def _compared(own: pd.DataFrame, rest: pd.DataFrame, unit: str) -> dict[str, Any]:
    """One theme's row: n and value of both sides, their difference raw and within stage and channel, p of the latter.

    Counts are shown from 5 on, values from 10 on both sides, p from 30 on both.
    """
    (n, total, squares), (rest_n, rest_total, rest_squares) = (side.sum().to_numpy(dtype=float) for side in (own, rest))
    shown = min(n, rest_n) >= MINIMUM
    row: dict[str, Any] = {"n_with": _seen(n), "n_without": _seen(rest_n), "suppressed": not shown}
    raw = adjusted = UNKNOWN
    if shown:
        row |= {"with": total / n, "without": rest_total / rest_n}
        if unit == "%":
            raw = _times(newcombe(total / 100, n, rest_total / 100, rest_n), 100)
        else:
            spreads = _spread(n, total, squares), _spread(rest_n, rest_total, rest_squares)
            raw = welch(total / n, spreads[0], n, rest_total / rest_n, spreads[1], rest_n)
        adjusted = within_strata(_sums(own), _sums(rest))
    if min(n, rest_n) >= RANKED and adjusted.error > 0:
        row["p"] = float(two_sided(adjusted.value / adjusted.error))
    ends = dict(zip(_ENDS, (raw.value, raw.low, raw.high), strict=True))
    return row | ends | {"adjusted": adjusted.value, "adjusted_low": adjusted.low, "adjusted_high": adjusted.high}


def _seen(n: float) -> float:
    return n if n >= HIDDEN_BELOW or n == 0 else math.nan


def _sums(side: pd.DataFrame) -> Sums:
    n, total, squares = (side[name].to_numpy(dtype=float) for name in ("n", "total", "squares"))
    return n, total, squares


def _spread(n: float, total: float, squares: float) -> float:
    """Variance of NPS values with three answers more, one each of promoters and detractors in four (Rocks 2016), so
    that a group of promoters only has one, too."""
    centre, square = total / (n + 3), (squares + 1.5 * 100**2) / (n + 3)
    return square - centre * centre


def _times(found: Difference, factor: float) -> Difference:
    return Difference(found.value * factor, found.low * factor, found.high * factor, found.error * factor)
