"""Figures and rows as text that leaves the product: CSV that no spreadsheet mistakes for formulas, JSON, tables."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\n", "|")


def safe_csv(frame: pd.DataFrame) -> str:
    """A frame as CSV. Texts that a spreadsheet would run as a formula get a leading apostrophe (OWASP, CSV injection),
    and line ends within a text become line feeds.
    """
    safe = frame.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_safe)
    safe.columns = [_safe(str(name)) for name in safe.columns]
    return str(safe.to_csv(index=False))


def _safe(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")  # a bare \r is not quoted, and begins a row in spreadsheets
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain(value: Any) -> Any:
    """A cell as JSON knows it: times as ISO text, missing as None, whole floats as they are."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, Decimal):
        return plain(float(value))
    if isinstance(value, np.datetime64):  # its own item() is a bare number of nanoseconds
        return plain(pd.Timestamp(value))
    if hasattr(value, "item"):
        return plain(value.item())
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as JSON rows."""
    columns = [str(name) for name in frame.columns]
    return [dict(zip(columns, map(plain, row), strict=True)) for row in frame.astype(object).itertuples(index=False)]


def figure_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Metric figures as JSON rows: n as a whole number, `suppressed` only where it is true."""
    found = rows(frame)
    for row in found:
        if row.get("n") is not None:
            row["n"] = int(row["n"])
        if not row.pop("suppressed", False):
            continue
        row["suppressed"] = True
    return found


def to_json(document: Any) -> str:
    """JSON text for people and scripts."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=plain)


def to_table(frame: pd.DataFrame) -> str:
    """A frame as an aligned text table; missing values are blank."""
    if frame.empty:
        return "(no rows)"
    return str(frame.to_string(index=False, na_rep="", float_format=lambda number: f"{number:,.2f}"))
