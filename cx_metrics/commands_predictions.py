"""What `cx-metrics predict` does: record what a team expects of a coming period."""

from __future__ import annotations

import argparse
import datetime

from cx_metrics import journey, settings
from cx_metrics.analyses.prediction_entry import Expectation, period, record
from cx_metrics.export import to_json
from cx_metrics.ledger import Ledger, account
from cx_metrics.scope import DIMENSIONS, ScopeError
from cx_metrics.warehouse import Warehouse


def predict_options(parser: argparse.ArgumentParser) -> None:
    """The options of `cx-metrics predict`."""
    parser.add_argument("metric", help="its name; `cx-metrics metrics` lists them")
    parser.add_argument("value", type=float, help="what the team expects, in the metric's unit")
    parser.add_argument("--period", required=True, help="a coming one: 2026-12, 2026-Q1 or 2026-12-01..2026-12-24")
    parser.add_argument("--team", required=True, help="whose prediction it is")
    parser.add_argument("--range", nargs=2, type=float, metavar=("LOW", "HIGH"), help="what the team is 90 %% sure of")
    parser.add_argument("--where", action="append", default=[], metavar="DIM=VALUE", help="of whom; may be repeated")
    parser.add_argument("--note", default="", metavar="TEXT", help="why the team expects it")


def predict_command(given: argparse.Namespace) -> int:
    """Record a prediction, and say what was recorded."""
    low, high = given.range or (None, None)
    filters: dict[str, tuple[str, ...]] = {}
    for condition in given.where:
        name, sign, value = condition.partition("=")
        if not sign or name not in DIMENSIONS:
            raise ScopeError(f"--where {condition!r} is not DIM=VALUE; dimensions: {', '.join(DIMENSIONS)}")
        filters[name] = (*filters.get(name, ()), value)
    wanted = Expectation(
        given.team, account(), given.metric, period(given.period), given.value, low, high, tuple(filters.items()),
        given.note,
    )  # fmt: skip
    warehouse, ledger = Warehouse(settings.warehouse_url()), Ledger(settings.ledger_url())
    today = datetime.datetime.now(datetime.UTC).date()
    said = record(warehouse, ledger, wanted, journey.current().limits, today)
    print(to_json({"recorded": said}) if given.format == "json" else said)
    return 0
