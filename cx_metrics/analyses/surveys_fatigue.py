"""How often customers are asked, and whether those who were asked more often lately answer less."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace
from typing import Any

import pandas as pd
import sqlalchemy as sa
from scipy import stats

from cx_metrics.analyses.cells import answered, share_columns, small_hidden
from cx_metrics.analyses.surveys_sendings import OF_CUSTOMERS
from cx_metrics.dialect import seconds_between
from cx_metrics.metrics.estimators import wilson
from cx_metrics.metrics.facts import ANSWERS
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

BUCKETS = ("1", "2", "3", "4-5", "6-10", "11 or more")  # invitations of one customer in the period
EARLIER = ("0", "1", "2", "3 or more")  # invitations of the customer in the 90 days before
DAYS = 90
_KNOWN = sa.and_(OF_CUSTOMERS, answer.c.invitation >= 1, answer.c.invited_at.is_not(None),
                 answer.c.customer_id.is_not(None))  # fmt: skip


def invitations_per_customer(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """invitations (one of BUCKETS), n (customers with that many in the scope), share (% of the invited customers), low,
    high, suppressed."""
    customers = (
        sa.select(sa.func.count().label("times"))
        .select_from(ANSWERS.source([name for name, _ in scope.filters]))
        .where(_KNOWN, *scope.conditions(answer.c.invited_at, ANSWERS.dimensions))
        .group_by(answer.c.customer_id)
    ).subquery()
    times = customers.c.times
    step = sa.case((times <= 3, times - 1), (times <= 5, 3), (times <= 10, 4), else_=5)
    cells = _numbered(sa.select(step.label("step")).subquery())
    n = sa.cast(cells.c.n, sa.Double)
    part = n / sa.func.sum(n).over()
    low, high = wilson(part, sa.func.sum(n).over())
    figures = sa.select(cells.c.step, n.label("n"), (100 * part).label("share"), low.label("low"), high.label("high"))
    shown = small_hidden(figures.cte(), ["step"], ["share", "low", "high"])
    found = answered(warehouse, shown, "n", "share", "low", "high").sort_values("step", ignore_index=True)
    return found.assign(invitations=[BUCKETS[int(step)] for step in found["step"]])[
        ["invitations", "n", "share", "low", "high", "suppressed"]
    ]


def _numbered(rows: sa.Subquery) -> sa.Subquery:
    return sa.select(rows.c.step, sa.func.count().label("n")).group_by(rows.c.step).subquery()


def rate_by_earlier(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """earlier (one of EARLIER), n (invitations in the scope), answers, share (% answered), low, high, suppressed.

    earlier: invitations that the same customer had had in the 90 days before, about whatever. Invitations of the first
    90 days after the first one that is known are left out: what came before them is not.
    """
    start = scope.start and datetime.date.fromordinal(max(scope.start.toordinal() - DAYS, 1))
    dimensions = ANSWERS.dimensions
    before = replace(scope, start=start, filters=()).conditions(answer.c.invited_at, dimensions)
    names = [name for name, _ in scope.filters]
    order: Any = {"partition_by": answer.c.customer_id, "order_by": (answer.c.invited_at, answer.c.answer_id)}
    lags = [sa.func.lag(answer.c.invited_at, back).over(**order).label(f"lag{back}") for back in (1, 2, 3)]
    within = replace(scope, end=None).conditions(answer.c.invited_at, dimensions)
    kept = sa.case((sa.and_(*within), 1), else_=0).label("kept") if within else sa.literal(1).label("kept")
    rows = (
        sa.select(answer.c.invited_at, answer.c.invitation, *lags, kept)
        .select_from(ANSWERS.source(names)).where(_KNOWN, *before)
    ).subquery()  # fmt: skip
    first = sa.select(sa.func.min(answer.c.invited_at)).where(_KNOWN).scalar_subquery()
    recent = [seconds_between(rows.c[f"lag{back}"], rows.c.invited_at) <= DAYS * 86_400.0 for back in (3, 2, 1)]
    step = sa.case(*((near, back) for near, back in zip(recent, (3, 2, 1), strict=True)), else_=0)
    judged = (
        sa.select(step.label("step"), sa.case((rows.c.invitation == 2, 1), else_=0).label("answered"))
        .where(rows.c.kept == 1, seconds_between(first, rows.c.invited_at) >= DAYS * 86_400.0)
    ).subquery()  # fmt: skip
    n, hits = sa.cast(sa.func.count(), sa.Double), sa.cast(sa.func.sum(judged.c.answered), sa.Double)
    cells = sa.select(judged.c.step, n.label("n"), hits.label("answers")).group_by(judged.c.step).subquery()
    figures = sa.select(*cells.c, *share_columns(cells.c.answers, cells.c.n)).cte()
    values = ["answers", "share", "low", "high"]
    found = answered(warehouse, small_hidden(figures, ["step"], values), "n", *values)
    found = found.sort_values("step", ignore_index=True)
    return found.assign(earlier=[EARLIER[int(step)] for step in found["step"]])[["earlier", "n", *values, "suppressed"]]


def trend(rates: pd.DataFrame) -> tuple[float, float]:
    """z and two-sided p of the Cochran-Armitage test for a trend over the rows' order (Armitage 1955, Biometrics 11);
    NaN where fewer than two rows are known or all or none answered. rates: n, answers."""
    known = rates[rates["answers"].notna()]
    n, hits = (known[name].to_numpy(dtype=float) for name in ("n", "answers"))
    scores = known["earlier"].map(EARLIER.index).to_numpy(dtype=float)
    if len(known) < 2 or not 0 < hits.sum() < n.sum():
        return math.nan, math.nan
    rate, middle = hits.sum() / n.sum(), (n * scores).sum() / n.sum()
    spread = rate * (1 - rate) * (n * (scores - middle) ** 2).sum()
    z = float(((scores - middle) * hits).sum() / math.sqrt(spread))
    return z, 2 * float(stats.norm.sf(abs(z)))
