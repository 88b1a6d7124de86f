"""What each rule would have done in the past year: one row per rule, for `cx-metrics analyse interventions`."""

from __future__ import annotations

from collections.abc import Sequence

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.rule_backtest import backtests
from cx_metrics.analyses.rule_backtest_words import assumptions, sentences
from cx_metrics.analyses.rule_text import Rule
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse


def interventions(warehouse: Warehouse, scope: Scope, rules: Sequence[Rule]) -> Analysis:
    """The backtest of all rules, active or not, on the past year of data; of the scope only the limits apply.

    Tables: rules, outcomes, overlap, weeks (see `rule_backtest.backtests`).
    """
    tables, _, leaving = backtests(warehouse, rules, scope.limits)
    return Analysis("interventions", scope, tables, sentences(tables, rules), assumptions(leaving))
