"""How many customers stay, and what are they worth?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.leaving import ORDER, SUBSCRIPTION, Rule
from cx_metrics.analyses.retention_churn import churn_course, kept_course, kept_in_a_year
from cx_metrics.analyses.retention_cohorts import COLUMNS, cohorts
from cx_metrics.analyses.retention_lifetimes import PARAMETERS, Bought, bought, parameters
from cx_metrics.analyses.retention_risk import risk_of
from cx_metrics.analyses.retention_scope import GROUPS, Looked, looked_at
from cx_metrics.analyses.retention_survival import CURVE, GROUP, TEST, Survival, main_rule, survival
from cx_metrics.analyses.retention_value import Worth, worth
from cx_metrics.analyses.retention_words import (
    NEEDED,
    assumptions,
    headline,
    of_churn,
    of_held,
    of_kept,
    of_survival,
    of_value,
)
from cx_metrics.metrics.spending import NAMES
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse


@dataclass(frozen=True)
class Staying:
    """Survival under each rule that there are data for, the main one first: tables survival and survival_orders with
    their groups and tests; rules; sentences."""

    tables: dict[str, pd.DataFrame]
    curves: tuple[Survival, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Retained:
    """analysis: everything. said: its sentences by what they are about: answer, value, held, staying, churn, kept,
    risk."""

    analysis: Analysis
    said: dict[str, tuple[str, ...]]


def retention(warehouse: Warehouse, scope: Scope, by: str = "") -> Analysis:
    """Retention and value of a scope whose period is set. by: what the survival curves are split by, of GROUPS; empty:
    one curve of all customers, group "all".

    Tables: survival and survival_orders (CURVE: group, months, survival 0-1, low, high, at_risk; the second where there
    are subscriptions and orders), their groups (GROUP) and tests (TEST); cohorts and cohorts_rolling; churn, kept (by
    month: metric, period, n, value in per cent, low, high), churn_whole, kept_whole, kept_year, kept_bridge; purchases
    and spending (parameters), held_out, held_out_total, tracking, held_out_subscriptions; value, value_by_earlier;
    at_risk. Raises ScopeError for an unknown `by`.
    """
    return retained(warehouse, scope, by).analysis


def retained(warehouse: Warehouse, scope: Scope, by: str = "") -> Retained:
    """`retention`, with its sentences sorted. Raises ScopeError for an unknown `by`."""
    _known(by)
    looked = looked_at(warehouse, scope)
    stay = _staying(warehouse, looked, by)
    if not stay.curves:
        return Retained(Analysis("retention", scope, stay.tables, (NEEDED,), ()), {"answer": (NEEDED,)})
    first = survival(warehouse, looked, stay.curves[0].rule, "") if by else stay.curves[0]
    model = bought(warehouse, looked)
    value = worth(warehouse, looked, model)
    of_time, said = _over_time(warehouse, looked)
    risk, of_risk = risk_of(warehouse, scope)
    said = {
        "answer": (headline(first, value),), "value": of_value(value), "held": of_held(model, value),
        "staying": stay.sentences, **said, "risk": (of_risk,),
    }  # fmt: skip
    tables = stay.tables | of_time | _of_models(model, value) | {"at_risk": risk}
    rules = [found.rule for found in stay.curves]
    told = tuple(sentence for sentences in said.values() for sentence in sentences)
    rests = assumptions(looked, rules, by, model, value)
    return Retained(Analysis("retention", scope, tables, told, rests), said)


def staying(warehouse: Warehouse, scope: Scope, by: str = "") -> Staying:
    """The survival curves alone. Raises ScopeError for an unknown `by`."""
    _known(by)
    return _staying(warehouse, looked_at(warehouse, scope), by)


def _known(by: str) -> None:
    if by and by not in GROUPS:
        raise ScopeError(f"customers cannot be grouped by {by!r} here; they can by: {', '.join(GROUPS)}")


def _staying(warehouse: Warehouse, looked: Looked, by: str) -> Staying:
    main = main_rule(looked)
    if main is None:
        columns = {"survival": CURVE, "survival_groups": GROUP, "survival_test": TEST, "cohorts": COLUMNS}
        return Staying({name: pd.DataFrame(columns=list(names)) for name, names in columns.items()}, (), (NEEDED,))
    rules: dict[str, Rule] = {"survival": main}
    if main is SUBSCRIPTION and looked.orders_until is not None:
        rules["survival_orders"] = ORDER
    found = {name: survival(warehouse, looked, rule, by) for name, rule in rules.items()}
    tables = {name: each.curves for name, each in found.items()}
    tables |= {f"{name}_groups": each.groups for name, each in found.items()}
    tables |= {f"{name}_test": each.test for name, each in found.items()}
    said = tuple(sentence for each in found.values() for sentence in of_survival(each, by))
    return Staying(tables, tuple(found.values()), said)


def _over_time(warehouse: Warehouse, looked: Looked) -> tuple[dict[str, pd.DataFrame], dict[str, tuple[str, ...]]]:
    """What there is by month and by cohort, and what it says."""
    bounded, rolling = cohorts(warehouse, looked)
    churn, churn_whole = churn_course(warehouse, looked)
    kept, kept_whole = kept_course(warehouse, looked)
    year, bridge, month = kept_in_a_year(warehouse, looked)
    tables = {
        "cohorts": bounded, "cohorts_rolling": rolling, "churn": churn, "churn_whole": churn_whole, "kept": kept,
        "kept_whole": kept_whole, "kept_year": year, "kept_bridge": bridge,
    }  # fmt: skip
    of_year = of_kept(year, month, looked.subscriptions_until is not None)
    return tables, {"churn": of_churn(churn_whole), "kept": of_year}


def _of_models(model: Bought, value: Worth) -> dict[str, pd.DataFrame]:
    money = value.spending.parameters.tolist() if value.spending else []
    return {
        "value": value.table, "value_by_earlier": value.by_earlier,
        "purchases": parameters(model.model) if model.model else pd.DataFrame(columns=list(PARAMETERS)),
        "spending": pd.DataFrame(list(zip(NAMES, money, strict=False)), columns=["parameter", "value"]),
        "held_out": model.held.by, "held_out_total": model.held.total, "tracking": model.held.tracking,
        "held_out_subscriptions": value.held,
    }  # fmt: skip
