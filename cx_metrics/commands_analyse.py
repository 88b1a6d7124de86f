"""What `cx-metrics analyse` does: the same tables and sentences as the pages."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.friction import friction
from cx_metrics.export import rows, safe_csv, to_json, to_table
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse

Run = Callable[[Warehouse, Scope, argparse.Namespace], Analysis]


def _friction(warehouse: Warehouse, scope: Scope, given: argparse.Namespace) -> Analysis:
    return friction(warehouse, scope, given.count, given.signal)


ANALYSES: dict[str, tuple[Run, str]] = {
    "friction": (_friction, "where customers get stuck, and what it costs"),
}


def analyse(warehouse: Warehouse, scope: Scope, given: argparse.Namespace) -> str:
    """The analysis that was asked for, as text in the format that was asked for. Raises ScopeError."""
    found = ANALYSES[given.analysis][0](warehouse, scope, given)
    if given.format == "json":
        return to_json(found.to_dict())
    if given.format == "csv":
        if given.table not in found.tables:
            raise ScopeError(f"csv prints one table; choose it with --table: {', '.join(found.tables)}")
        return safe_csv(found.tables[given.table]).rstrip("\n")
    parts = [f"{found.name}, {scope.describe()}", *found.sentences]
    parts += [f"\n{name}\n{to_table(table)}" for name, table in found.tables.items() if rows(table)]
    return "\n".join([*parts, "\nThis rests on", *(f"- {text}" for text in found.assumptions)])
