"""How a figure and its 95 % interval come from rows. Each kind builds SQL; nothing is computed in Python.

Additive kinds (`Share`, `Net`, `Mean`, `Total`) are sums per cell and a formula over the sums, so that many metrics can
share one scan. Quantiles need the distribution of values instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Expression = sa.ColumnElement[Any]
Z = 1.959963984540054  # 97.5th percentile of the normal distribution


@dataclass(frozen=True)
class Estimate:
    """n: rows behind the figure. value, low, high: the figure and its 95 % interval, in the metric's unit."""

    n: Expression
    value: Expression
    low: Expression
    high: Expression


def _sum(value: Any) -> Expression:
    return sa.cast(sa.func.coalesce(sa.func.sum(value), 0), sa.Double)


def _divide(a: Any, b: Any) -> Expression:
    return sa.cast(a, sa.Double) / sa.func.nullif(sa.cast(b, sa.Double), 0.0)


def _clamped(value: Expression, low: float, high: float) -> Expression:
    return sa.case((value < low, low), (value > high, high), else_=value)


def students_t(freedom: Any) -> Any:
    """97.5th percentile of Student's t for degrees of freedom, as numbers or in SQL (Abramowitz and Stegun 1964,
    26.7.5); good to 0.1 % from 4 degrees on."""
    z = Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    one, two, three, four = terms
    return z + (one + (two + (three + four / freedom) / freedom) / freedom) / freedom


def wilson(share: Expression, n: Expression) -> tuple[Expression, Expression]:
    """Wilson (1927) score interval of a share (0-1) of n, in per cent."""
    square = Z * Z
    centre = share + _divide(square / 2, n)
    half = Z * sa.func.sqrt(_divide(share * (1 - share), n) + _divide(square / 4, n * n))
    scale = 1 + _divide(square, n)
    return 100 * (centre - half) / scale, 100 * (centre + half) / scale


@dataclass(frozen=True)
class Share:
    """Share of counted rows that hit, in per cent; Wilson interval.

    weight: design weight; the interval then uses Kish's effective n = (sum w)^2 / sum w^2. distinct: count distinct
    values of this column instead of rows.
    """

    counted: Expression
    hit: Expression
    weight: Expression | None = None
    distinct: Expression | None = None

    def sums(self) -> dict[str, Expression]:
        both = sa.and_(self.counted, self.hit)
        if self.distinct is not None:
            return {
                "n": sa.cast(sa.func.count(sa.distinct(sa.case((self.counted, self.distinct)))), sa.Double),
                "hits": sa.cast(sa.func.count(sa.distinct(sa.case((both, self.distinct)))), sa.Double),
            }
        found = {"n": _sum(sa.case((self.counted, 1), else_=0)), "hits": _sum(sa.case((both, 1), else_=0))}
        if self.weight is not None:
            found["weight"] = _sum(sa.case((self.counted, self.weight)))
            found["squares"] = _sum(sa.case((self.counted, self.weight * self.weight)))
            found["weighted"] = _sum(sa.case((both, self.weight)))
        return found

    def estimate(self, sums: dict[str, Expression]) -> Estimate:
        share, n = _divide(sums["hits"], sums["n"]), sums["n"]
        if self.weight is not None:
            share = _divide(sums["weighted"], sums["weight"])
            n = _divide(sums["weight"] * sums["weight"], sums["squares"])
        return Estimate(sums["n"], 100 * share, *wilson(share, n))


@dataclass(frozen=True)
class Net:
    """Share that is up minus share that is down, in points from -100 to 100 (Net Promoter Score).

    The value is the plain difference; the interval is adjusted Wald (Rocks 2016): 3 added to n, 3/4 to each side.
    """

    counted: Expression
    up: Expression
    down: Expression
    weight: Expression | None = None

    def sums(self) -> dict[str, Expression]:
        weight = self.weight if self.weight is not None else sa.literal(1.0)
        found = {"n": _sum(sa.case((self.counted, 1), else_=0))}
        for name, side in (("up", self.up), ("down", self.down), ("weight", sa.true())):
            found[name] = _sum(sa.case((sa.and_(self.counted, side), weight)))
        found["squares"] = _sum(sa.case((self.counted, weight * weight)))
        return found

    def estimate(self, sums: dict[str, Expression]) -> Estimate:
        up, down = _divide(sums["up"], sums["weight"]), _divide(sums["down"], sums["weight"])
        n = _divide(sums["weight"] * sums["weight"], sums["squares"])  # equals the count when weights are equal
        added = n + 3
        up_adjusted, down_adjusted = (up * n + 0.75) / added, (down * n + 0.75) / added
        centre = up_adjusted - down_adjusted
        half = Z * sa.func.sqrt((up_adjusted + down_adjusted - centre * centre) / added)
        low, high = _clamped(centre - half, -1.0, 1.0), _clamped(centre + half, -1.0, 1.0)
        return Estimate(sums["n"], 100 * (up - down), 100 * low, 100 * high)


@dataclass(frozen=True)
class Mean:
    """Mean of the counted rows' values; interval by the normal approximation."""

    counted: Expression
    values: Expression

    def sums(self) -> dict[str, Expression]:
        value = sa.case((self.counted, self.values))
        return {"n": sa.cast(sa.func.count(value), sa.Double), "mean": sa.cast(sa.func.avg(value), sa.Double),
                "spread": sa.cast(sa.func.stddev_samp(value), sa.Double)}  # fmt: skip

    def estimate(self, sums: dict[str, Expression]) -> Estimate:
        half = Z * _divide(sums["spread"], sa.func.sqrt(sums["n"]))
        return Estimate(sums["n"], sums["mean"], sums["mean"] - half, sums["mean"] + half)


@dataclass(frozen=True)
class Total:
    """Number of counted rows, or sum of their values; the interval treats the rows as a Poisson process.

    Counts use Byar's approximation; sums the compound Poisson variance, the sum of squares. single: the total exists
    only where this column (a currency) has one value. distinct: count distinct values of this column.
    """

    counted: Expression
    values: Expression | None = None
    single: Expression | None = None
    distinct: Expression | None = None

    def sums(self) -> dict[str, Expression]:
        if self.distinct is not None:
            return {"n": sa.cast(sa.func.count(sa.distinct(sa.case((self.counted, self.distinct)))), sa.Double)}
        found = {"n": _sum(sa.case((self.counted, 1), else_=0))}
        if self.values is not None:
            value = sa.case((self.counted, self.values))
            found |= {
                "n": sa.cast(sa.func.count(value), sa.Double),
                "total": _sum(value),
                "squares": _sum(value * value),
            }
        if self.single is not None:
            summed = self.counted if self.values is None else sa.and_(self.counted, self.values.is_not(None))
            unit = sa.case((summed, sa.func.coalesce(self.single, "")))
            found["mixed"] = sa.case((sa.func.min(unit) == sa.func.max(unit), 0.0), else_=1.0)
        return found

    def estimate(self, sums: dict[str, Expression]) -> Estimate:
        n = sums["n"]
        if self.values is None:
            return Estimate(n, n, *byar(n))
        total, half = sums["total"], Z * sa.func.sqrt(sums["squares"])
        if self.single is not None:
            total = sa.case((sums["mixed"] == 0, total))
        return Estimate(n, total, total - half, total + half)


def byar(n: Expression) -> tuple[Expression, Expression]:
    """95 % interval of a Poisson mean from a count (Breslow and Day 1987, eq. 2.13)."""

    def bound(count: Expression, sign: int) -> Expression:
        root = 1 - _divide(1, 9 * count) + sign * _divide(Z / 3, sa.func.sqrt(count))
        return count * root * root * root

    return sa.case((n > 0, bound(n, -1)), else_=0.0), bound(n + 1, 1)


@dataclass(frozen=True)
class Quantile:
    """A quantile of the counted rows' values, linearly interpolated; interval from order statistics (Conover 1999).

    An end of the interval that lies beyond the smallest or largest value is NULL: the data do not reach it. Values are
    counted per distinct value first, so that no engine sorts raw rows.
    """

    counted: Expression
    values: Expression
    q: float

    def cells(self, source: sa.FromClause, groups: list[Any], where: list[Any]) -> sa.Select[Any]:
        names = [group.name for group in groups]
        counts = (
            sa.select(*groups, sa.cast(self.values, sa.Double).label("x"), sa.func.count().label("rows_here"))
            .select_from(source)
            .where(*where, self.counted, self.values.is_not(None))
            .group_by(*(group.element for group in groups), sa.cast(self.values, sa.Double))
            .subquery("counts")
        )
        partition = [counts.c[name] for name in names] or None
        here = sa.func.sum(counts.c.rows_here)
        running = sa.select(
            *(counts.c[name] for name in names), counts.c.x,
            sa.cast(here.over(partition_by=partition, order_by=counts.c.x), sa.Double).label("upto"),
            sa.cast(here.over(partition_by=partition), sa.Double).label("n"),
        ).subquery("running")  # fmt: skip
        return self._picked(running, names)

    def _picked(self, running: sa.Subquery, names: list[str]) -> sa.Select[Any]:
        n, position = running.c.n, self.q * (running.c.n - 1)
        spread = Z * sa.func.sqrt(n * self.q * (1 - self.q))

        def at(place: Expression) -> Expression:  # place: 1-based rank
            return sa.func.min(sa.case((running.c.upto >= place, running.c.x)))

        below, above = at(sa.func.floor(position) + 1), at(sa.func.ceil(position) + 1)
        part = sa.func.max(position - sa.func.floor(position))
        rank = sa.func.ceil(n * self.q - spread)
        low = sa.func.min(sa.case((sa.and_(rank >= 1, running.c.upto >= rank), running.c.x)))
        high = at(sa.func.ceil(n * self.q + spread))
        groups = [running.c[name] for name in names]
        return sa.select(
            *groups, sa.func.coalesce(sa.func.max(n), 0.0).label("n"), (below + part * (above - below)).label("value"),
            low.label("low"), high.label("high"),
        ).group_by(*groups)  # fmt: skip
