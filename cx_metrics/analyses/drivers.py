"""What moves satisfaction, recommendation and effort, and what makes customers leave: signals of friction, weighed."""

from __future__ import annotations

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.answers_with_signals import OUTCOMES
from cx_metrics.analyses.driver_models import COLUMNS, DriverModel, driver_models
from cx_metrics.analyses.driver_words import assumptions, model_sentences, retention_sentences
from cx_metrics.analyses.retention_drivers import RetentionModel, retention_model
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse


def drivers(warehouse: Warehouse, scope: Scope) -> Analysis:
    """The drivers in a scope whose period is set.

    Tables: csat, nps and ces (signal, title, n, hits, weight, low, high, share, effect, effect_low, effect_high,
    distinguishable; see `DriverModel`), retention (signal, title, n, hits, hazard_ratio, low, high, distinguishable;
    see `RetentionModel`) and models (outcome, n, r_squared, control_r_squared; of retention events and what the event
    is). Raises ScopeError for a filter that answers or contacts do not have.
    """
    models, retention = driver_models(warehouse, scope), retention_model(warehouse, scope)
    tables = {name: _drivers(models.get(name)) for name in OUTCOMES}
    tables |= {"retention": retention.drivers, "models": _models(models, retention)}
    known = [name for name in OUTCOMES if name in models and not models[name].reason]
    unknown = [name for name in OUTCOMES if name not in known]
    said = [sentence for name in known for sentence in model_sentences(name, models[name])]
    said += retention_sentences(retention)
    said += [sentence for name in unknown for sentence in model_sentences(name, models.get(name))]
    return Analysis("drivers", scope, tables, tuple(said), assumptions(scope, retention))


def _drivers(model: DriverModel | None) -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS)) if model is None else model.drivers


def _models(models: dict[str, DriverModel], retention: RetentionModel) -> pd.DataFrame:
    found = [
        {"outcome": name, "n": model.n, "r_squared": model.r_squared, "control_r_squared": model.control_r_squared}
        for name, model in models.items() if not model.reason
    ]  # fmt: skip
    if len(retention.drivers):
        event = retention.rule.event if retention.rule else None
        found.append({"outcome": "retention", "n": retention.n, "events": retention.events, "event": event})
    return pd.DataFrame(found, columns=["outcome", "n", "r_squared", "control_r_squared", "events", "event"])
