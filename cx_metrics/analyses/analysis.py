"""What an analysis answers: the tables, sentences and assumptions that its page, the command line and reports show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from cx_metrics.export import figure_rows
from cx_metrics.scope import Scope


@dataclass(frozen=True)
class Analysis:
    """name: what `cx-metrics analyse` calls it. tables: name -> figures. sentences: the answer first, then the details.

    assumptions: what the figures rest on, and what they do not cover.
    """

    name: str
    scope: Scope
    tables: dict[str, pd.DataFrame]
    sentences: tuple[str, ...]
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON: {"analysis", "scope", "tables": {name: [rows]}, "sentences", "assumptions"}."""
        tables = {name: figure_rows(table) for name, table in self.tables.items()}
        return {
            "analysis": self.name, "scope": self.scope.to_dict(), "tables": tables,
            "sentences": list(self.sentences), "assumptions": list(self.assumptions),
        }  # fmt: skip
