"""Who knows the customers best: what teams expected of a period, marked against what it brought."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.calibration import by_quarter, by_team, errors
from cx_metrics.analyses.overview import figure
from cx_metrics.analyses.prediction_entry import Days, Filters, Prediction, earlier, measured_on
from cx_metrics.analyses.prediction_words import ASSUMPTIONS, sentences
from cx_metrics.journey import Limits
from cx_metrics.metrics.catalog import data_period, figures_together, metrics
from cx_metrics.metrics.change import Figure
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

Question = tuple[str, Days, Filters]
_NOTHING = Figure(None, None, None, None)
COLUMNS = [
    "number", "team", "metric", "unit", "first_day", "last_day", "measured_on", "expected", "expected_low",
    "expected_high", "status", "why", "n", "value", "low", "high", "error", "within", "held", "previous",
    "previous_error", "closer", "year_earlier", "year_earlier_error", "closer_year", "entered_at", "who", "note",
]  # fmt: skip


def predictions(
    warehouse: Warehouse, entries: tuple[Prediction, ...], scope: Scope, today: datetime.date
) -> Analysis:  # fmt: skip
    """Every prediction with what became of it, and how well teams are calibrated. Of the scope only the limits apply.

    Tables: history (see `marked`), teams, errors and quarters (see `calibration`).
    """
    history = marked(warehouse, entries, scope.limits, today)
    scored = history[history["status"] == "marked"]
    tables = {"history": history, "teams": by_team(scored), "errors": errors(scored), "quarters": by_quarter(scored)}
    return Analysis("predictions", scope, tables, sentences(history, tables["teams"]), ASSUMPTIONS)


def marked(warehouse: Warehouse, entries: tuple[Prediction, ...], limits: Limits, today: datetime.date) -> pd.DataFrame:
    """Every prediction, newest first, one row each, with the columns of COLUMNS.

    status: "open" (its period is not over, or the data do not reach its last day), "marked", "late" (entered after its
    period had begun), "replaced" (a later one in time counts), "not markable" (reality is hidden or missing; why says
    so). value, low, high, n: reality. error: expected - reality. within: expected lies in reality's 95 % interval.
    held: the stated range holds reality. previous, year_earlier: the naive forecasts, of the period before and of the
    same period a year earlier, their errors, and whether the team came closer (closer, closer_year).
    """
    data = data_period(warehouse)
    counted = _counted(entries)
    over = {
        entry.number for entry in entries
        if entry.expectation.days[1] < today and data is not None and entry.expectation.days[1] <= data[1]
    }  # fmt: skip
    due = [entry for entry in entries if entry.number in over and entry.number in counted]
    found = _measured(warehouse, {question for entry in due for question in _questions(entry)}, limits)
    rows = [_row(entry, entry.number in counted, entry.number in over, found, limits) for entry in reversed(entries)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _counted(entries: Iterable[Prediction]) -> set[int]:
    """Numbers of the predictions that count: for each team, figure, period and filters the last one made in time."""
    last: dict[Any, int] = {}
    for entry in sorted(entries, key=lambda entry: (entry.entered_at, entry.number)):
        if entry.in_time:
            wanted = entry.expectation
            last[wanted.team, wanted.metric, wanted.days, wanted.filters] = entry.number
    return set(last.values())


def _questions(entry: Prediction) -> tuple[Question, Question, Question]:
    """What is to be measured: the period itself, the one before, and the same a year earlier."""
    wanted = entry.expectation
    periods = wanted.days, earlier(wanted.days), earlier(wanted.days, 12)
    now, before, year = ((wanted.metric, days, wanted.filters) for days in periods)
    return now, before, year


def _measured(warehouse: Warehouse, questions: set[Question], limits: Limits) -> dict[Question, Figure]:
    """The figures that answer the questions, those of one period and filter in as few scans as there can be."""
    declared, together = metrics(limits), dict[tuple[Days, Filters], list[str]]()
    for metric, days, filters in sorted(questions):
        if metric in declared:
            together.setdefault((days, filters), []).append(metric)
    found = {}
    for (days, filters), names in together.items():
        frame = figures_together(warehouse, [declared[name] for name in names], Scope(*days, "none", filters, limits))
        for name, *numbers in frame[["metric", "n", "value", "low", "high"]].itertuples(index=False):
            found[name, days, filters] = figure(*numbers)
    return found


def _row(
    entry: Prediction, counts: bool, over: bool, found: dict[Question, Figure], limits: Limits
) -> dict[str, Any]:  # fmt: skip
    wanted, metric = entry.expectation, metrics(limits).get(entry.expectation.metric)
    now, before, year = (found.get(question, _NOTHING) for question in _questions(entry))
    row: dict[str, Any] = {
        "number": entry.number, "team": wanted.team, "metric": wanted.metric, "unit": metric.unit if metric else "",
        "first_day": wanted.days[0], "last_day": wanted.days[1], "measured_on": measured_on(wanted.filters),
        "expected": wanted.expected, "expected_low": wanted.low, "expected_high": wanted.high,
        "entered_at": entry.entered_at, "who": wanted.who, "note": wanted.note, "why": "",
    }  # fmt: skip
    if not entry.in_time:
        return {**row, "status": "late", "why": "entered after its period had begun"}
    if not counts:
        return {**row, "status": "replaced", "why": "the team changed its mind before the period began"}
    if metric is None:
        return {**row, "status": "not markable", "why": "there is no such figure any more"}
    if not over:
        return {**row, "status": "open", "why": "the data do not reach the end of its period"}
    if now.value is None:
        return {**row, "status": "not markable", "why": _why(now, metric.minimum_n, metric.undefined), "n": now.n}
    compared = {"previous": before.value, "year_earlier": year.value}
    error = wanted.expected - now.value
    return {**row, "status": "marked", **vars(now), "error": error, **compared, **_closer(error, now.value, compared),
            "within": _holds(now.low, wanted.expected, now.high),
            "held": _holds(wanted.low, now.value, wanted.high)}  # fmt: skip


def _why(now: Figure, minimum: int, undefined: str) -> str:
    if now.n is None or now.n < minimum:
        return f"reality is hidden: fewer than {minimum} rows" if now.n != 0 else "there are no data for it"
    return undefined or "there is no value for it"


def _holds(low: float | None, value: float | None, high: float | None) -> bool | None:
    return None if low is None or high is None or value is None else low <= value <= high


def _closer(error: float, value: float, naive: dict[str, float | None]) -> dict[str, Any]:
    """The naive forecasts' errors, and whether this one is smaller; None where there is no such forecast."""
    found: dict[str, Any] = {}
    for name, column in (("previous", "closer"), ("year_earlier", "closer_year")):
        forecast = naive[name]
        found[f"{name}_error"] = None if forecast is None else forecast - value
        found[column] = None if forecast is None else abs(error) < abs(forecast - value)
    return found
