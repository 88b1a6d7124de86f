"""What `cx-metrics analyse` does: the same tables and sentences as the pages."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable
from dataclasses import replace

from cx_metrics import settings
from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.bots import bots
from cx_metrics.analyses.changes import changes
from cx_metrics.analyses.consistency import consistency
from cx_metrics.analyses.drivers import drivers
from cx_metrics.analyses.empathy import empathy
from cx_metrics.analyses.empathy_labels import labels
from cx_metrics.analyses.estimates import estimates
from cx_metrics.analyses.friction import friction
from cx_metrics.analyses.gap import gap
from cx_metrics.analyses.initiative_register import registered
from cx_metrics.analyses.initiatives import initiatives_analysis
from cx_metrics.analyses.interventions import interventions
from cx_metrics.analyses.journey_paths import journey
from cx_metrics.analyses.line_of_sight import line_of_sight
from cx_metrics.analyses.prediction_entry import recorded
from cx_metrics.analyses.predictions import predictions
from cx_metrics.analyses.price import price
from cx_metrics.analyses.recoveries import reached, recoveries
from cx_metrics.analyses.retention import retention
from cx_metrics.analyses.rules import current_rules
from cx_metrics.analyses.scripts import scripts
from cx_metrics.analyses.surveys import surveys
from cx_metrics.analyses.taxonomy import current
from cx_metrics.analyses.voice import voice
from cx_metrics.export import rows, safe_csv, to_json, to_table
from cx_metrics.ledger import Ledger
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse

Run = Callable[[Warehouse, Scope, argparse.Namespace], Analysis]


def _friction(warehouse: Warehouse, scope: Scope, given: argparse.Namespace) -> Analysis:
    """Friction with its price, as the issue of what it costs belongs to it."""
    found, cost = friction(warehouse, scope, given.count, given.signal), price(warehouse, scope)
    tables = found.tables | {f"price_{name}": table for name, table in cost.tables.items()}
    said, assumed = (*found.sentences, *cost.sentences), (*found.assumptions, *cost.assumptions)
    return replace(found, tables=tables, sentences=said, assumptions=assumed)


def _journey(warehouse: Warehouse, scope: Scope, given: argparse.Namespace) -> Analysis:
    return journey(warehouse, scope, given.of, tuple(given.groups) if given.groups else None, tuple(given.step))


def _predictions(warehouse: Warehouse, scope: Scope, given: argparse.Namespace) -> Analysis:
    today = datetime.datetime.now(datetime.UTC).date()
    return predictions(warehouse, recorded(Ledger(settings.ledger_url())), scope, today)


def _empathy(warehouse: Warehouse, scope: Scope, given: argparse.Namespace) -> Analysis:
    return empathy(warehouse, labels(Ledger(settings.ledger_url())), scope)


def _voice(warehouse: Warehouse, scope: Scope, given: argparse.Namespace) -> Analysis:
    taxonomy = current(warehouse, Ledger(settings.ledger_url()))
    found = voice(warehouse, taxonomy.themes, scope)
    return replace(found, assumptions=(taxonomy.said, *found.assumptions))


def _interventions(warehouse: Warehouse, scope: Scope, given: argparse.Namespace) -> Analysis:
    return interventions(warehouse, scope, current_rules(Ledger(settings.ledger_url())).rules)


def _recoveries(warehouse: Warehouse, scope: Scope, given: argparse.Namespace) -> Analysis:
    ledger = Ledger(settings.ledger_url())
    return recoveries(warehouse, scope, current_rules(ledger).rules, reached(ledger))


def _initiatives(warehouse: Warehouse, scope: Scope, given: argparse.Namespace) -> Analysis:
    return initiatives_analysis(warehouse, registered(Ledger(settings.ledger_url())), scope)


ANALYSES: dict[str, tuple[Run, str]] = {
    "gap": (lambda warehouse, scope, _: gap(warehouse, scope), "where expectation, experience and belief part"),
    "friction": (_friction, "where customers get stuck, and what it costs"),
    "drivers": (lambda warehouse, scope, _: drivers(warehouse, scope), "which signals move satisfaction and retention"),
    "price": (lambda warehouse, scope, _: price(warehouse, scope), "what friction costs"),
    "journey": (_journey, "how customers move, loop and leave"),
    "consistency": (lambda warehouse, scope, _: consistency(warehouse, scope), "whether help is the same everywhere"),
    "predictions": (_predictions, "what teams expected, marked against what came"),
    "changes": (lambda warehouse, scope, given: changes(warehouse, scope, given.metric), "what changed, and why"),
    "bots": (lambda warehouse, scope, _: bots(warehouse, scope), "whether bots solve it, and who picks up"),
    "scripts": (lambda warehouse, scope, _: scripts(warehouse, scope), "which replies are pasted, and by whom"),
    "empathy": (_empathy, "how empathetic our replies are, and whether it goes with satisfaction"),
    "surveys": (lambda warehouse, scope, _: surveys(warehouse, scope), "who answers, and what the silent would change"),
    "estimates": (lambda warehouse, scope, _: estimates(warehouse, scope), "how satisfied those are whom nobody asked"),
    "voice": (_voice, "what customers say: themes, mood, effect, what is new"),
    "retention": (lambda warehouse, scope, given: retention(warehouse, scope, given.by), "who stays, and their worth"),
    "interventions": (_interventions, "what each rule would have done in the past year"),
    "recoveries": (_recoveries, "whether stepping in helped, against comparable customers"),
    "initiatives": (_initiatives, "what we started, and whether it works"),
    "line-of-sight": (lambda warehouse, scope, given: line_of_sight(warehouse, scope, given.team),
                      "how each team's work reaches customers"),
}  # fmt: skip


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
