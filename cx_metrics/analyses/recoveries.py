"""What came of stepping in: customers whom a person contacted against comparable ones whom nobody did."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.intervention_steps import REACHED
from cx_metrics.analyses.recoveries_compared import balance, effects, recovered
from cx_metrics.analyses.recoveries_moments import Moments, Pairs, cells
from cx_metrics.analyses.recoveries_words import ASSUMPTIONS, sentences
from cx_metrics.analyses.rule_matches import moments
from cx_metrics.analyses.rule_text import Rule
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import intervention_steps, interventions
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse


def recoveries(
    warehouse: Warehouse, scope: Scope, rules: Sequence[Rule], contacted: Pairs, found: Moments = moments
) -> Analysis:
    """What came of the moments that rules find in a scope.

    rules: all that are to be looked at, active or not. contacted: customer_id and when (UTC) a person reached them, as
    `reached` reads it from the ledger; contacts that the company began are read from the data. found: gives a rule's
    moments. Tables: recovered, effects, balance, as `recoveries_compared` gives them. Raises ScopeError for a filter
    that moments do not have.
    """
    rows = warehouse.read(cells(rules, found, scope, contacted)) if rules else pd.DataFrame()
    if rows.empty:
        missing = "No rule found a moment in this scope, so there is nothing that could have been recovered."
        return Analysis("recoveries", scope, {}, (missing if rules else "There are no rules yet.",), ASSUMPTIONS)
    numbers = [name for name in rows.columns if name == "n" or name.startswith(("n_", "total_", "squares_"))]
    numeric = rows.astype(dict.fromkeys(numbers, float))
    tables = {"recovered": recovered(numeric), "effects": effects(numeric), "balance": balance(numeric)}
    said = sentences(tables, {rule.name: rule.title for rule in rules})
    return Analysis("recoveries", scope, tables, said, ASSUMPTIONS)


def reached(ledger: Ledger) -> Pairs:
    """Whom a person of ours reached, as the outcomes of interventions say: customer_id and when (UTC), oldest first.

    Raises LedgerError.
    """
    step = intervention_steps.c
    question = (
        sa.select(interventions.c.customer_id, step.at)
        .join(intervention_steps, step.intervention_id == interventions.c.intervention_id)
        .where(step.action == "outcome", step.outcome.in_(sorted(REACHED)))
        .order_by(step.at, step.step_id)
    )
    rows = ledger.read(question)
    times = pd.to_datetime(rows["at"]).dt.to_pydatetime()
    return tuple(zip(rows["customer_id"].astype(str), times, strict=True))
