"""Kaplan-Meier quantiles: how long something takes when some of it is not over yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cx_metrics.metrics.estimators import Expression, Z


@dataclass(frozen=True)
class SurvivalQuantile:
    """The time by which a share q has ended, from durations of which some are censored.

    S(t) = product of (1 - d_i / n_i) (Kaplan and Meier 1958); interval by inverting the log-log band with Greenwood's
    variance (Brookmeyer and Crowley 1982). counted: rows that take part. ended: duration until the end, NULL where it
    has not come. so_far: duration observed where it has not.
    """

    counted: Expression
    ended: Expression
    so_far: Expression
    q: float

    def cells(self, source: sa.FromClause, groups: list[Any], where: list[Any]) -> sa.Select[Any]:
        names = [group.name for group in groups]
        asked = sa.select(*groups, self.ended.label("ended"), self.so_far.label("so_far")).select_from(source)
        rows = _rounded(asked.where(*where, self.counted), names)
        over = sa.cast(sa.func.sum(sa.case((rows.c.ended.is_not(None), 1), else_=0)), sa.Double)
        cells = [rows.c[name] for name in names]
        at_time = (
            sa.select(*cells, rows.c.t, over.label("d"), sa.cast(sa.func.count(), sa.Double).label("left_here"))
            .where(rows.c.t.is_not(None))
            .group_by(*cells, rows.c.t)
            .subquery("at_time")
        )
        partition = [at_time.c[name] for name in names] or None
        gone = sa.func.sum(at_time.c.left_here).over(partition_by=partition, order_by=at_time.c.t)
        everyone = sa.func.sum(at_time.c.left_here).over(partition_by=partition)
        at_risk = sa.select(
            *(at_time.c[name] for name in names), at_time.c.t, at_time.c.d,
            (everyone - gone + at_time.c.left_here).label("r"), everyone.label("n"),
        ).subquery("at_risk")  # fmt: skip
        return self._picked(_curve(at_risk, names), names)

    def _picked(self, curve: sa.Subquery, names: list[str]) -> sa.Select[Any]:
        left = 1 - self.q + 1e-12  # products of shares miss round figures by rounding
        log_log = Z * sa.func.sqrt(curve.c.variance) / sa.func.nullif(sa.func.abs(curve.c.log_s), 0.0)
        inside = sa.and_(curve.c.d > 0, curve.c.survives)
        lower = sa.case((inside, sa.func.exp(curve.c.log_s * sa.func.exp(log_log))), (curve.c.survives, 1.0), else_=0.0)
        upper = sa.case(
            (inside, sa.func.exp(curve.c.log_s * sa.func.exp(-log_log))), (curve.c.survives, 1.0), else_=0.0
        )
        s = sa.case((curve.c.survives, sa.func.exp(curve.c.log_s)), else_=0.0)
        groups = [curve.c[name] for name in names]

        def first(bound: Expression) -> Expression:
            return sa.func.min(sa.case((sa.and_(curve.c.d > 0, bound <= left), curve.c.t)))

        return sa.select(
            *groups, sa.func.coalesce(sa.func.max(curve.c.n), 0.0).label("n"), first(s).label("value"),
            first(lower).label("low"), first(upper).label("high"),
        ).group_by(*groups)  # fmt: skip


def _rounded(asked: sa.Select[Any], names: list[str]) -> sa.Subquery:
    """Rows with their duration t.

    A censored duration matters only by which ends it outlasts: those between two whole numbers with no end between them
    are all the same, and count as the lower. So millions of different ones become few.
    """
    rows, other = asked.subquery("rows"), asked.subquery("other")
    near = sa.select(sa.func.floor(other.c.ended)).where(other.c.ended.is_not(None)).distinct()
    whole = sa.func.floor(rows.c.so_far)
    t = sa.case((rows.c.ended.is_not(None), rows.c.ended), (whole.in_(near), rows.c.so_far), else_=whole)
    return sa.select(*(rows.c[name] for name in names), rows.c.ended, sa.cast(t, sa.Double).label("t")).subquery(
        "rounded"
    )


def _curve(at_risk: sa.Subquery, names: list[str]) -> sa.Subquery:
    """log S(t), Greenwood's sum and whether anyone survives, at each time."""
    d, r = at_risk.c.d, at_risk.c.r
    window: Any = {"partition_by": [at_risk.c[name] for name in names] or None, "order_by": at_risk.c.t}
    log_term = sa.case((d < r, sa.func.ln(1 - sa.case((d < r, d / r), else_=0.0))), else_=0.0)
    greenwood = sa.case((d < r, d / (r * sa.func.nullif(r - d, 0.0))), else_=0.0)
    return sa.select(
        *(at_risk.c[name] for name in names), at_risk.c.t, d, at_risk.c.n,
        sa.func.sum(log_term).over(**window).label("log_s"), sa.func.sum(greenwood).over(**window).label("variance"),
        (sa.func.max(sa.case((d >= r, 1), else_=0)).over(**window) == 0).label("survives"),
    ).subquery("curve")  # fmt: skip
