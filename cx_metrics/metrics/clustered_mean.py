"""The mean of answers of which one respondent gives several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cx_metrics.metrics.estimators import Expression, students_t


@dataclass(frozen=True)
class ClusteredMean:
    """Mean of the counted rows' values; interval for answers that hang together within a respondent.

    With one row per respondent it is the plain interval of a mean. Otherwise the variance is that of a ratio of sums
    over respondents (Taylor linearisation, Wolter 2007, chapter 6), with Student's t on respondents - 1.
    """

    counted: Expression
    values: Expression
    respondent: Expression

    def cells(self, source: sa.FromClause, groups: Sequence[Any], where: Sequence[Any]) -> sa.Select[Any]:
        """Per group: n (rows), value, low, high."""
        names = [group.name for group in groups]
        value = sa.cast(self.values, sa.Double)
        rows = (
            sa.select(*groups, self.respondent.label("who"),
                      sa.cast(sa.func.count(value), sa.Double).label("rows_here"), sa.func.sum(value).label("total"))
            .select_from(source)
            .where(*where, self.counted, value.is_not(None))
            .group_by(*(group.element for group in groups), self.respondent)
            .subquery("respondents")
        )  # fmt: skip
        count, total = rows.c.rows_here, rows.c.total
        products = {
            "n": count, "total": total, "tt": total * total, "tc": total * count, "cc": count * count,
            "people": sa.literal(1.0),
        }  # fmt: skip
        summed = [sa.func.sum(product).label(name) for name, product in products.items()]
        by = [rows.c[name] for name in names]
        sums = sa.select(*by, *summed).group_by(*by).subquery("sums")
        n, people, mean = sums.c.n, sums.c.people, sums.c.total / sa.func.nullif(sums.c.n, 0.0)
        around = sums.c.tt - 2 * mean * sums.c.tc + mean * mean * sums.c.cc
        known = sa.case((around > 0, around), else_=0.0)  # rounding can leave less than nothing
        half = students_t(sa.func.nullif(people - 1, 0.0)) * sa.func.sqrt(
            known * people / sa.func.nullif(people - 1, 0.0)
        )
        half = half / sa.func.nullif(n, 0.0)
        columns = [sums.c[name] for name in names]
        return sa.select(
            *columns, sa.func.coalesce(n, 0.0).label("n"), mean.label("value"), (mean - half).label("low"),
            (mean + half).label("high"),
        )  # fmt: skip
