"""Levels of features as columns of a linear model: the same columns in memory, for fitting, and in the engine.

A level with fewer than FEWEST answers is not learnt: rare ones are pooled, and where even the pool is too small, or for
a level never seen, the mean of the learnt levels stands in, so that it moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.estimate_features import Feature
from cx_metrics.metrics.estimators import Expression

Array = npt.NDArray[np.float64]
FEWEST = 30  # answers that a level needs to have an effect of its own
OTHER = "(other)"
_REDUNDANT = 0.05  # of a column's own variance: what is left of it beside the columns before (inflation factor 20)


@dataclass(frozen=True)
class Part:
    """A feature as learnt: its levels, the one that the others are compared with first, OTHER (rare ones) perhaps last.

    answers: per level.
    """

    feature: Feature
    levels: tuple[str, ...]
    answers: tuple[float, ...]

    @property
    def own(self) -> tuple[str, ...]:
        """Levels that are one by themselves."""
        return tuple(level for level in self.levels if level != OTHER)

    def table(self) -> Array:
        """The columns (all levels but the first) for each level, and in the last row for any other one."""
        shares = np.array(self.answers) / sum(self.answers)
        last = np.eye(len(self.levels))[-1] if self.levels[-1] == OTHER else shares
        return np.vstack([np.eye(len(self.levels)), last])[:, 1:]

    def places(self, given: pd.Series) -> npt.NDArray[np.int64]:
        """Which row of the table each level takes."""
        place = {level: position for position, level in enumerate(self.own)}
        found = given.map(lambda level: place.get(level, len(self.levels)))
        return found.to_numpy(dtype=np.int64)


@dataclass(frozen=True)
class Design:
    """parts: the features with two levels or more. columns: (position of the part, position of the level) of each
    column after the constant; redundant ones are left out."""

    parts: tuple[Part, ...]
    columns: tuple[tuple[int, int], ...]

    def matrix(self, combinations: pd.DataFrame) -> Array:
        """Rows of x_<name> as a matrix, (rows, 1 + columns), its first column constant."""
        found: list[Array] = [np.ones(len(combinations))]
        tables = [part.table()[part.places(combinations[f"x_{part.feature.name}"])] for part in self.parts]
        found += [tables[part][:, level - 1] for part, level in self.columns]
        return np.column_stack(found)

    def expressions(self, rows: sa.FromClause) -> list[Expression]:
        """The same columns in the engine, without the constant, over rows with x_<name>."""
        return [_column(self.parts[part], level, rows) for part, level in self.columns]

    def expected(self, rows: sa.FromClause, coefficients: Array) -> Expression:
        """The model in the engine: a constant and, per feature, the coefficient of its level."""
        found: Expression = sa.literal(float(coefficients[0]), sa.Double)
        for place, part in enumerate(self.parts):
            own = np.zeros(len(part.levels) - 1)
            for value, (at, level) in zip(coefficients[1:], self.columns, strict=True):
                if at == place:
                    own[level - 1] = value
            points = [float(x) for x in part.table() @ own]
            level_here = rows.c[f"x_{part.feature.name}"]
            cases = [(level_here == name, points[i]) for i, name in enumerate(part.own)]
            found = found + sa.case(*cases, else_=points[-1])
        return sa.cast(found, sa.Double)

    def unlearnt(self, rows: sa.FromClause) -> list[Expression]:
        """Per part, 1.0 where the level is none that was learnt by itself."""
        return [sa.case((rows.c[f"x_{part.feature.name}"].in_(part.own), 0.0), else_=1.0) for part in self.parts]


def _column(part: Part, level: int, rows: sa.FromClause) -> Expression:
    here, name = rows.c[f"x_{part.feature.name}"], part.levels[level]
    otherwise = float(part.table()[-1, level - 1])
    if name == OTHER:
        return sa.case((here.in_(part.own), 0.0), else_=1.0)
    if otherwise == 0:
        return sa.case((here == name, 1.0), else_=0.0)
    return sa.case((here == name, 1.0), (here.in_(part.own), 0.0), else_=otherwise)


def design(used: tuple[Feature, ...], combinations: pd.DataFrame) -> Design:
    """What can be learnt from combinations (x_<name>, n: answers). Without anything that varies, a constant alone."""
    parts = tuple(part for part in (_part(feature, combinations) for feature in used) if len(part.levels) > 1)
    columns = tuple((at, level) for at, part in enumerate(parts) for level in range(1, len(part.levels)))
    full = Design(parts, columns)
    kept = _independent(full.matrix(combinations), combinations["n"].to_numpy(dtype=float))
    return Design(parts, tuple(column for column, keep in zip(columns, kept[1:], strict=True) if keep))


def _part(feature: Feature, combinations: pd.DataFrame) -> Part:
    counts = combinations.groupby(f"x_{feature.name}")["n"].sum().sort_values(ascending=False, kind="stable")
    own = [str(level) for level in counts.index if counts[level] >= FEWEST and level != OTHER]
    first = [feature.usual] if feature.usual in own else own[:1]
    named = [*first, *(level for level in own if level not in first)]
    answers = [float(counts[level]) for level in named]
    rest = float(counts.sum() - sum(answers))
    if rest >= FEWEST:
        named, answers = [*named, OTHER], [*answers, rest]
    return Part(feature, tuple(named), tuple(answers))


def _independent(matrix: Array, weights: Array) -> list[bool]:
    """Which columns say something that the constant and those before do not (Gram and Schmidt, from the moments)."""
    moments = (matrix * weights[:, None]).T @ matrix
    moments = moments - np.outer(moments[:, 0], moments[0]) / moments[0, 0]
    size = np.diagonal(moments).copy()
    kept = [True]
    for place in range(1, len(moments)):
        left = moments[place, place]
        kept.append(bool(left > max(_REDUNDANT * size[place], 1e-8 * weights.sum())))
        if kept[-1]:
            moments = moments - np.outer(moments[:, place], moments[place]) / left
    return kept


def column_names(found: Design) -> list[tuple[str, str, str, float]]:
    """Per column after the constant: feature, level, the level it is compared with, answers with it."""
    named: list[tuple[str, str, str, float]] = []
    for at, level in found.columns:
        part = found.parts[at]
        named.append((part.feature.name, part.levels[level], part.levels[0], part.answers[level]))
    return named


def summed(expressions: list[Expression], name: str) -> list[Any]:
    """Expressions as columns name0, name1, ..."""
    return [expression.label(f"{name}{place}") for place, expression in enumerate(expressions)]
