"""Rows written into a statement, so that estimators can be asked without a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cx_metrics.metrics.facts import Fact
from cx_metrics.metrics.metric import Kind, Metric


def literal_rows(columns: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> sa.Subquery:
    """Rows of values. columns: name -> type."""
    values = sa.values(*(sa.column(name, kind) for name, kind in columns.items()), name="rows_given")
    values = values.data([tuple(row) for row in rows])
    return sa.select(*(sa.cast(values.c[name], kind).label(name) for name, kind in columns.items())).subquery("given")


def metric_over(rows: sa.Subquery, kind: Kind) -> Metric:
    """A metric of some kind over literal rows, with a column `label` as its dimension."""
    fact = Fact("given", rows, {"label": rows.c.label}, ())
    return Metric("test", "Test", "%", "higher", "Test.", "", "", "", fact, None, kind, minimum_n=0)
