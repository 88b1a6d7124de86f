"""What each command of the command line does. Answers go to standard output, progress to standard error."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from cx_metrics import journey, settings
from cx_metrics.analyses.acting import act
from cx_metrics.analyses.definition_breaks import course_of, definition_words, spans
from cx_metrics.analyses.timeline import customer, timeline
from cx_metrics.commands_analyse import analyse
from cx_metrics.export import figure_rows, rows, safe_csv, to_json, to_table
from cx_metrics.intake.formats import SOURCES, plans_for
from cx_metrics.intake.load import LoadReport, check_plans, import_plans
from cx_metrics.intake.plan import IntakeError
from cx_metrics.intake.quarantine import export_quarantine
from cx_metrics.intake.sample import load_sample
from cx_metrics.journey import LOWEST
from cx_metrics.ledger import Ledger
from cx_metrics.metrics.catalog import defined, figures, metrics, resolved, usual_definitions
from cx_metrics.model import loads, quarantine
from cx_metrics.scope import DIMENSIONS, Scope, ScopeError, from_query
from cx_metrics.warehouse import Warehouse

_ROOT = Path(__file__).resolve().parents[1]


def _warehouse() -> Warehouse:
    return Warehouse(settings.warehouse_url())


def _ledger() -> Ledger:
    return Ledger(settings.ledger_url())


def _progress(share: float, text: str) -> None:
    print(f"{share:4.0%}  {text}", file=sys.stderr)


def _print(frame: pd.DataFrame, form: str) -> None:
    print({"csv": safe_csv, "json": lambda f: to_json(rows(f)), "table": to_table}[form](frame).rstrip("\n"))


def import_command(given: argparse.Namespace) -> int:
    """Load files, or say what would be loaded."""
    plans = plans_for(given.source, given.paths, given.mapping)
    if given.check:
        reports = check_plans(plans)
    else:
        warehouse, ledger = _warehouse(), _ledger()
        reports = import_plans(warehouse, plans, _progress)
        names = ", ".join(dict.fromkeys(report.file for report in reports))
        ledger.record("import", names, f"{sum(report.loaded for report in reports)} rows loaded")
        _follow(warehouse, ledger)
    _account(reports, given.format, given.check)
    return 1 if given.strict and any(report.quarantined for report in reports) else 0


def _follow(warehouse: Warehouse, ledger: Ledger) -> None:
    """What follows from new data, said on standard error."""
    for sentence in act(warehouse, ledger):
        print(sentence, file=sys.stderr)


def _account(reports: Sequence[LoadReport], form: str, check: bool = False) -> None:
    if form != "table":
        _print(pd.DataFrame([{k: v for k, v in asdict(report).items() if k != "examples"} for report in reports]), form)
        return
    for report in reports:
        if report.already is not None:
            print(f"{report.file} -> {report.table}: already loaded (load {report.already}), nothing to do")
            continue
        done = "would load" if check else "loaded"
        print(
            f"{report.file} -> {report.table}: {report.read:,} rows read = {report.loaded:,} {done}"
            + (f" ({report.changed:,} of them changed known rows)" if report.changed else "")
            + f" + {report.quarantined:,} quarantined + {report.duplicates:,} duplicates + {report.skipped:,} skipped"
            + (f"; {report.note}" if report.note else "")
        )
        for example in report.examples:
            print(f"    line {example.line}: {example.reason}")
        if report.quarantined > len(report.examples):
            print(f"    ... and {report.quarantined - len(report.examples):,} more")


def show_command(given: argparse.Namespace) -> int:
    """Print a metric's figures."""
    warehouse = _warehouse()
    scope = _scope(warehouse, given)
    metric, parts = defined(given.metric, scope), spans(given.metric, scope)
    words = definition_words(metric)
    found = figures(warehouse, metric, scope, given.by, given.every)
    if len(parts) > 1 and given.every:
        found = course_of(warehouse, parts, given.by, given.every)
    elif words and given.format == "csv":
        found = found.assign(definition=words)
    if given.format == "json":
        head = {"metric": metric.name, "unit": metric.unit, **({"definition": words} if words else {})}
        print(to_json({**head, "scope": scope.to_dict(), "rows": figure_rows(found)}))
    else:
        if given.format == "table":
            print(f"{metric.title} ({', '.join(filter(None, (metric.unit, words)))}), {scope.describe()}")
        _print(found, given.format)
    if found.empty or found["n"].fillna(1).sum() == 0:
        print(f"cx-metrics: no data for this; {metric.name} needs {metric.needs}", file=sys.stderr)
    elif metric.undefined and (found["value"].isna() & (found["n"] >= metric.minimum_n)).any():
        print(f"cx-metrics: no value where {metric.undefined}", file=sys.stderr)
    return 0


def _scope(warehouse: Warehouse, given: argparse.Namespace) -> Scope:
    query: dict[str, list[str]] = {}
    for condition in given.where:
        name, sign, value = condition.partition("=")
        if not sign or name not in DIMENSIONS:
            raise ScopeError(f"--where {condition!r} is not DIM=VALUE; dimensions: {', '.join(DIMENSIONS)}")
        query.setdefault(name, []).append(value)
    for limit in given.limit:
        name, sign, value = limit.partition("=")
        if not sign or name not in LOWEST:
            raise ScopeError(f"--limit {limit!r} is not LIMIT=NUMBER; limits: {', '.join(LOWEST)}")
        query[name] = [value]
    query["definition"] = given.definition or list(usual_definitions())
    query |= {key: [day] for key, day in (("from", given.start), ("to", given.end)) if day}
    return resolved(warehouse, from_query(query, journey.current().limits))


def analyse_command(given: argparse.Namespace) -> int:
    """Print an analysis: its tables, sentences and assumptions."""
    warehouse = _warehouse()
    scope = replace(_scope(warehouse, given), compare=given.compare)
    print(analyse(warehouse, scope, given))
    return 0


def metrics_command(given: argparse.Namespace) -> int:
    """Print every declaration."""
    names = (
        "name",
        "title",
        "unit",
        "better",
        "definition",
        "formula",
        "source",
        "minimum_n",
        "needs",
        "rivals",
        "dimensions",
    )
    declared = metrics(journey.current().limits).values()
    found = [{name: getattr(metric, name) for name in names} for metric in declared]
    if given.format == "table":
        for metric in declared:
            print(f"{metric.name:<28} {metric.unit:<12} {metric.definition}")
        return 0
    if given.format == "csv":
        found = [{k: ", ".join(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in found]
        _print(pd.DataFrame(found), "csv")
        return 0
    print(to_json(found))
    return 0


def sources_command(given: argparse.Namespace) -> int:
    """Print the formats that can be imported."""
    _print(pd.DataFrame([{"name": s.name, "title": s.title, "files": s.files} for s in SOURCES.values()]), given.format)
    return 0


def loads_command(given: argparse.Namespace) -> int:
    """Print the account of every load."""
    columns = [column for column in loads.columns if column.name != "fingerprint"]
    _print(_warehouse().read(sa.select(*columns).order_by(loads.c.load_id)), given.format)
    return 0


def quarantine_command(given: argparse.Namespace) -> int:
    """Print the rows set aside, or write them as files."""
    warehouse = _warehouse()
    if given.out is not None:
        written = export_quarantine(warehouse, given.out)
        _ledger().record("quarantine export", str(given.out), f"{len(written)} files")
        print("\n".join(str(path) for path in written) or "the quarantine is empty")
        return 0
    order = (quarantine.c.load_id, quarantine.c.file, quarantine.c.line)
    columns = [c for c in quarantine.columns if given.format != "table" or c.name != "raw"]
    _print(warehouse.read(sa.select(*columns).order_by(*order)), given.format)
    return 0


def customer_command(given: argparse.Namespace) -> int:
    """Print one customer's timeline."""
    warehouse = _warehouse()
    found = customer(warehouse, given.id)
    if found is None:
        raise ScopeError(f"there is no customer {given.id!r}; the Customers page finds them by name")
    history = timeline(warehouse, found.customer_id, journey.current().limits)
    if given.format == "json":
        print(to_json({"customer": asdict(found), "timeline": rows(history)}))
        return 0
    if given.format == "table":
        print("  ".join([found.customer_id, *(f"{name}: {value}" for name, value in found.details.items())]))
    _print(history, given.format)
    return 0


def sample_command(given: argparse.Namespace) -> int:
    """Load the sample company."""
    warehouse, ledger = _warehouse(), _ledger()
    reports = load_sample(warehouse, _progress)
    ledger.record("sample", "sample company", f"{sum(report.loaded for report in reports)} rows loaded")
    _follow(warehouse, ledger)
    _account(reports, given.format)
    return 0


def serve_command(given: argparse.Namespace) -> int:
    """Start the dashboard and wait until it ends."""
    app = _ROOT / "app.py"
    if not app.exists():
        raise IntakeError(f"there is no dashboard in {_ROOT}; run from a clone of the repository")
    options = ["--server.port", str(given.port), "--server.address", given.address, "--server.headless", "true"]
    print(f"CX Metrics: http://{given.address}:{given.port}", file=sys.stderr)
    try:
        return subprocess.call(
            [sys.executable, "-m", "streamlit", "run", str(app), *options], cwd=_ROOT, env=os.environ
        )
    except KeyboardInterrupt:
        return 0
