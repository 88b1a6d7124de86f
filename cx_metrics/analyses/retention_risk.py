"""The revenue that friction puts at risk, as the price of friction has it, for the Retention page."""

from __future__ import annotations

import pandas as pd

from cx_metrics.analyses.value_at_risk import revenue_at_risk
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import number

AT_RISK = ("customers", "value", "low", "high", "share", "currency")
_FEW = 10  # customers


def risk_of(warehouse: Warehouse, scope: Scope) -> tuple[pd.DataFrame, str]:
    """AT_RISK (one row or none; a year's revenue, share of the customers' yearly value 0-1) and a sentence."""
    empty = pd.DataFrame(columns=list(AT_RISK))
    try:
        found = revenue_at_risk(warehouse, scope)
    except ScopeError as error:
        return empty, f"There is no revenue at risk: {error}."
    total = found.parts[found.parts["signal"] == "total"]
    if total.empty or found.customers < _FEW:
        return empty, f"There is no revenue at risk: {found.reason or 'fewer than 10 customers were priced'}."
    row = total.iloc[0]
    table = pd.DataFrame([(*(row[name] for name in AT_RISK[:-1]), found.currency)], columns=list(AT_RISK))
    unit = f" {found.currency}" if found.currency else ""
    span = f"{number(row['low'])} to {number(row['high'])}; n = {number(row['customers'])} customers"
    figure = f"{number(row['value'])}{unit} of revenue a year"
    if row["low"] > 0:
        return table, f"Friction puts {figure} at risk ({span})."
    return table, f"No revenue at risk from friction can be told from zero: {figure} ({span})."
