"""The difference of two instruments over the survey items that both asked about, item by item.

Pooled means would compare unlike things where one side was asked more about one stage than the other: so the means of
each item (stage x dimension) are subtracted first, and the differences averaged. Everything runs in the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cx_metrics.metrics.estimators import Expression, students_t
from cx_metrics.metrics.facts import ITEM

FEWEST = 2  # answers of each side to an item: one answer tells nothing of how far answers differ
_ITEM = ("item_stage", "item_dimension")


@dataclass(frozen=True)
class MatchedGap:
    """minuend - subtrahend: mean over the items with at least two answers on each side, in points.

    minuend, subtrahend: which rows are answers of each side. values: their scores, 0-100. stage, dimension: the item.
    respondent: whose answer it is; answers of one respondent are not independent. general: the minuend's answers that
    name no value of a group stand for all of its values (employees speak of all customers). importance: rows that say
    how much an item's dimension weighs; None = each item counts the same.

    The variance is that of two independent samples where nobody answers twice (Welch 1947); where respondents answer
    several items, or both sides, their influence on the mean is added up per respondent first (Taylor linearisation,
    Wolter 2007, chapter 6). Student's t with Satterthwaite's degrees of freedom.
    """

    minuend: Expression
    subtrahend: Expression
    values: Expression
    stage: Expression
    dimension: Expression
    respondent: Expression
    general: bool = False
    importance: Expression | None = None

    def cells(self, source: sa.FromClause, groups: Sequence[Any], where: Sequence[Any]) -> sa.Select[Any]:
        """Per group: n (respondents of the smaller side), value, low, high."""
        names = [group.name for group in groups]
        answers = self._answers(source, groups, where)
        pairs = self._pairs(answers, groups, self._weights(source, where))
        keys = _keys(groups)
        spread = _spread(answers, pairs, groups, self.general).subquery("spread")
        gap = sa.func.sum(pairs.c.weight * (pairs.c.mean_1 - pairs.c.mean_0)).label("value")
        raw = [sa.func.max(pairs.c[name]).label(name) for name in names]
        met = sa.select(*raw, *(pairs.c[key] for key in keys), gap, sa.func.count().label("items"))
        gaps = met.group_by(*(pairs.c[key] for key in keys)).subquery("gaps")
        same = sa.and_(sa.true(), *(gaps.c[key] == spread.c[key] for key in keys))
        joined = gaps.join(spread, same)
        n = sa.func.coalesce(
            sa.case((spread.c.people_1 < spread.c.people_0, spread.c.people_1), else_=spread.c.people_0), 0
        )
        half = students_t(_freedom(spread, gaps.c["items"])) * sa.func.sqrt(spread.c.variance)
        columns = [gaps.c[name] for name in names]
        return sa.select(
            *columns, sa.cast(n, sa.Double).label("n"), gaps.c.value, (gaps.c.value - half).label("low"),
            (gaps.c.value + half).label("high"),
        ).select_from(joined)  # fmt: skip

    def _answers(self, source: sa.FromClause, groups: Sequence[Any], where: Sequence[Any]) -> sa.CTE:
        keys = [_key(group).label(key) for group, key in zip(groups, _keys(groups), strict=True)]
        item = [
            sa.func.coalesce(c, "").label(name) for c, name in zip((self.stage, self.dimension), _ITEM, strict=True)
        ]
        side = sa.case((self.minuend, 1), else_=0).label("side")
        columns = (
            *groups,
            *keys,
            *item,
            side,
            self.respondent.label("who"),
            sa.cast(self.values, sa.Double).label("y"),
        )
        either = sa.or_(self.minuend, self.subtrahend)
        return sa.select(*columns).select_from(source).where(*where, either, self.values.is_not(None)).cte("answers")

    def _pairs(self, answers: sa.CTE, groups: Sequence[Any], weights: sa.Subquery | None) -> sa.CTE:
        """One row per group and item that both sides answered: the group's columns and keys, the item, n and mean of
        each side, weight (sums to 1 per group)."""
        keys, names = _keys(groups), [group.name for group in groups]
        by = [answers.c[name] for name in (*keys, *_ITEM)]
        raw = [sa.func.max(answers.c[name]).label(name) for name in names]
        sums = (sa.func.count().label("n"), sa.func.sum(answers.c.y).label("total"))
        cells = sa.select(*by, answers.c.side, *raw, *sums).group_by(*by, answers.c.side).cte("sides")
        own, other = cells.alias("own"), cells.alias("other")
        same = sa.and_(own.c.side == 0, other.c.side == 1, *_same(own, other, groups, self.general))
        kept = [own.c[name] for name in (*names, *keys, *_ITEM)]
        n_1, n_0 = sa.func.sum(other.c.n), sa.func.max(own.c.n)
        means = (
            sa.func.sum(other.c.total) / sa.cast(n_1, sa.Double),
            sa.func.max(own.c.total) / sa.cast(n_0, sa.Double),
        )
        met = (
            sa.select(*kept, n_1.label("n_1"), n_0.label("n_0"), means[0].label("mean_1"), means[1].label("mean_0"))
            .select_from(own.join(other, same))
            .group_by(*kept)
            .having(n_1 >= FEWEST, n_0 >= FEWEST)
            .subquery("met")
        )
        line = [met.c[key] for key in keys] or None
        if weights is None:
            return sa.select(
                *met.c, (1.0 / sa.cast(sa.func.count().over(partition_by=line), sa.Double)).label("weight")
            ).cte("pairs")
        share = weights.c.importance / sa.func.sum(weights.c.importance).over(partition_by=line)
        weighed = met.join(weights, weights.c.item_dimension == met.c.item_dimension)
        return sa.select(*met.c, share.label("weight")).select_from(weighed).cte("pairs")

    def _weights(self, source: sa.FromClause, where: Sequence[Any]) -> sa.Subquery | None:
        """Mean importance of each dimension, over all that were asked in the scope; None without importance."""
        if self.importance is None:
            return None
        name = sa.func.coalesce(self.dimension, "")
        asked = sa.select(name.label("item_dimension"), sa.cast(self.values, sa.Double).label("y")).select_from(source)
        rows = asked.where(*where, self.importance, self.values.is_not(None)).subquery("asked")
        mean = sa.func.avg(rows.c.y)
        means = sa.select(rows.c.item_dimension, mean.label("importance")).group_by(rows.c.item_dimension)
        return means.having(mean > 0).subquery("importance")


def _keys(groups: Sequence[Any]) -> list[str]:
    return [f"key_{group.name}" for group in groups]


def _key(group: Any) -> Expression:
    """A group's value to compare by: a missing text is a value of its own."""
    text = isinstance(group.element.type, sa.String)
    return sa.func.coalesce(group.element, "") if text else group.element


def _same(own: Any, other: Any, groups: Sequence[Any], general: bool) -> list[Expression]:
    """That rows of both sides belong together. own: the subtrahend's, which give the group; other: the minuend's."""
    found: list[Expression] = [own.c[name] == other.c[name] for name in _ITEM]
    for group, key in zip(groups, _keys(groups), strict=True):
        equal = own.c[key] == other.c[key]
        speaks_of_all = general and group.name not in ITEM and isinstance(group.element.type, sa.String)
        found.append(sa.or_(equal, other.c[key] == "") if speaks_of_all else equal)
    return found


def _spread(answers: sa.CTE, pairs: sa.CTE, groups: Sequence[Any], general: bool) -> sa.Select[Any]:
    """Per group: variance of the gap, variance_1 and variance_0 of its sides, people_ and answers_ of each side."""
    keys = _keys(groups)
    parts = []
    for side in (1, 0):
        own = [pairs.c[name] == answers.c[name] for name in (*keys, *_ITEM)]
        same = _same(pairs, answers, groups, general) if side else own
        n = sa.cast(pairs.c[f"n_{side}"], sa.Double)
        away = (answers.c.y - pairs.c[f"mean_{side}"]) * pairs.c.weight / sa.func.sqrt(n * (n - 1))
        per_side: dict[str, Any] = {"moved": away, "given": sa.literal(1.0)}
        columns = [(value if side == other else sa.literal(0.0)).label(f"{name}_{other}")
                   for other in (1, 0) for name, value in per_side.items()]  # fmt: skip
        rows = sa.select(*(pairs.c[key] for key in keys), answers.c.who, *columns)
        parts.append(rows.select_from(pairs.join(answers, sa.and_(answers.c.side == side, *same))))
    moved = sa.union_all(*parts).subquery("moved")
    sums = [sa.func.sum(moved.c[name]).label(name) for name in ("moved_1", "given_1", "moved_0", "given_0")]
    by = [moved.c[key] for key in keys]
    one = sa.select(*by, moved.c.who, *sums).group_by(*by, moved.c.who).subquery("respondents")
    both = one.c.moved_1 - one.c.moved_0
    found = [sa.func.sum(both * both).label("variance")]
    for side in (1, 0):
        moved_here, given = one.c[f"moved_{side}"], one.c[f"given_{side}"]
        people = sa.func.sum(sa.case((given > 0, 1.0), else_=0.0))
        found += [sa.func.sum(moved_here * moved_here).label(f"variance_{side}"), people.label(f"people_{side}"),
                  sa.func.sum(given).label(f"answers_{side}")]  # fmt: skip
    return sa.select(*(one.c[key] for key in keys), *found).group_by(*(one.c[key] for key in keys))


def _freedom(spread: Any, items: Expression) -> Expression:
    """Satterthwaite's degrees of freedom: each side has as many as it has respondents, less what the means take."""
    squares: Expression = sa.literal(0.0)
    total: Expression = sa.literal(0.0)
    for side in (1, 0):
        variance, people, answers = (spread.c[f"{name}_{side}"] for name in ("variance", "people", "answers"))
        own = people * (answers - items) / answers
        squares, total = squares + variance * variance / own, total + variance
    found = total * total / sa.func.nullif(squares, 0.0)
    return sa.func.coalesce(sa.case((found < 1, 1.0), else_=found), 1.0)
