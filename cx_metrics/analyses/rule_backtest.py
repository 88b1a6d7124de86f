"""What rules would have done over the past year, before they are switched on: how often, how well, how early."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.leaving import FEWEST_LEAVERS, ORDER, SUBSCRIPTION, subscribers
from cx_metrics.analyses.leaving import Rule as Leaving
from cx_metrics.analyses.rule_backtest_parts import (
    Period,
    all_moments,
    bad_outcomes,
    by_week,
    comparison,
    counted_outcomes,
    drawn_below,
    followed,
    foreseen,
    overlaps,
)
from cx_metrics.analyses.rule_backtest_words import assumptions, sentences
from cx_metrics.analyses.rule_matches import NEWEST
from cx_metrics.analyses.rule_outcomes import KINDS, OUTCOMES
from cx_metrics.analyses.rule_text import Rule
from cx_metrics.journey import Limits
from cx_metrics.metrics.proportions import wilson_interval
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.model import interactions as contact
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

PAST_DAYS = 365
LIMIT = 20_000  # contacts to compare with; more would make the answer slower, hardly clearer
VALUE_FROM = 10  # a share of fewer is not shown
ANY = "any"
_COLUMNS = ("what", "rule", "kind", "other", "week", "n", "moments", "hits", "could_leave", *KINDS, ANY, "low",
            "middle", "high")  # fmt: skip


def backtest(warehouse: Warehouse, rule: Rule, others: tuple[Rule, ...], limits: Limits) -> Analysis:
    """One rule, active or not, saved or not, over the past year of data; the tables of `backtests` with its rows only.

    others: rules that it may overlap with.
    """
    rules = (rule, *(other for other in others if other.name != rule.name))
    tables, period, leaving = backtests(warehouse, rules, limits, judged=1)
    own = {name: table[table["rule"] == rule.name].reset_index(drop=True) for name, table in tables.items()}
    scope = _scope(period, limits)
    return Analysis("interventions", scope, own, sentences(own, (rule,)), assumptions(leaving))


def _scope(period: Period | None, limits: Limits) -> Scope:
    return Scope(period.start.date(), period.end.date(), "none", limits=limits) if period else Scope(limits=limits)


def backtests(
    warehouse: Warehouse, rules: Sequence[Rule], limits: Limits, judged: int | None = None
) -> tuple[dict[str, pd.DataFrame], Period | None, Leaving]:
    """What rules would have done, the period, and how leaving was seen. judged: only so many of the rules are.

    rules: rule, title, active, n (interventions), moments, weeks, per_week, week_90 (90 % of the weeks had at most so
    many), hours_week (of people), lead_low, lead, lead_high (quartiles of the days until the first outcome).
    outcomes: rule, outcome (any and each kind), n, precision (% that it followed), low, high, base_n, base, base_low,
    base_high (the same after comparable contacts), outcomes (how many there were), recall (% of them that the rule came
    before), recall_low, recall_high. overlap: rule, other, n, share (%), low, high. weeks: rule, week, n.
    Counts below 5 and shares of fewer than 10 are missing, and without any data every table is empty.
    """
    newest = warehouse.read(sa.select(NEWEST.label("at")))["at"].iloc[0]
    leaving = _leaving(warehouse)
    if pd.isna(newest) or not rules:
        return _tables([], [], [], []), None, leaving
    period = Period(newest - timedelta(days=PAST_DAYS), newest)
    asked = rules[: judged if judged is not None else len(rules)]
    answer = warehouse.read(_question(warehouse, rules, asked, leaving, limits, period))
    parts = {str(what): rows for what, rows in answer.groupby("what")}
    rule_rows, outcome_rows, overlap_rows, week_rows = [], [], [], []
    for place, rule in enumerate(asked):
        own = {what: rows[rows["rule"] == place] for what, rows in parts.items()}
        weeks = _weeks(own.get("week"), period)
        rule_rows.append(_rule_row(rule, own, weeks, period))
        outcome_rows += _outcome_rows(rule, own, parts.get("outcomes"))
        overlap_rows += _overlap_rows(rule, rules, own, rule_rows[-1]["n"])
        week_rows += [{"rule": rule.name, "week": week, "n": _count(n)} for week, n in weeks.items()]
    return _tables(rule_rows, outcome_rows, overlap_rows, week_rows), period, leaving


def _question(
    warehouse: Warehouse, rules: Sequence[Rule], asked: Sequence[Rule], leaving: Leaving, limits: Limits, period: Period
) -> sa.CompoundSelect[Any]:
    """Everything in one statement, so that the moments are found once."""
    found, bad = all_moments(rules, limits, period), bad_outcomes(leaving, limits, period)
    lately = sa.select(sa.func.count().label("n")).where(contact.c.occurred_at >= period.start)
    drawn = drawn_below(int(warehouse.read(lately)["n"].iloc[0]), LIMIT)
    against = comparison(asked, found, period, drawn)
    parts = {
        "rule": followed(found, bad, leaving, period), "base": followed(against, bad, leaving, period),
        "foreseen": foreseen(found, bad), "outcomes": counted_outcomes(bad), "week": by_week(found, period),
        "overlap": overlaps(found, period, len(asked)),
    }  # fmt: skip
    return sa.union_all(*(_padded(what, part) for what, part in parts.items()))


def _padded(what: str, part: sa.Select[Any]) -> sa.Select[Any]:
    rows = part.subquery()
    columns: list[Any] = [sa.literal(what).label("what")]
    for name in _COLUMNS[1:]:
        kind: Any = sa.DateTime() if name == "week" else sa.Double()
        columns.append(sa.cast(rows.c[name] if name in rows.c else sa.null(), kind).label(name))
    return sa.select(*columns)


def _leaving(warehouse: Warehouse) -> Leaving:
    """By subscriptions where enough have ended, else by orders."""
    people = subscribers()
    ended = warehouse.read(sa.select(sa.func.count(people.c.last_at).label("n")))["n"].iloc[0]
    return SUBSCRIPTION if int(ended) >= FEWEST_LEAVERS else ORDER


# --- rows ------------------------------------------------------------------------------------------------------------


def _weeks(rows: pd.DataFrame | None, period: Period) -> pd.Series:
    """Interventions of each whole week, 0 included."""
    first = pd.Timestamp(period.start).normalize() + pd.offsets.Week(weekday=0)
    last = pd.Timestamp(period.end) - pd.Timedelta(days=7)
    weeks = pd.date_range(first, last, freq="7D") if first <= last else pd.DatetimeIndex([])
    counts = rows.set_index("week")["n"] if rows is not None else pd.Series(dtype=float)
    return counts.reindex(weeks, fill_value=0.0)


def _rule_row(rule: Rule, own: dict[str, pd.DataFrame], weeks: pd.Series, period: Period) -> dict[str, Any]:
    week, followed_by = own.get("week"), _first(own.get("rule"))
    n = float(week["n"].sum()) if week is not None else 0.0
    all_of_them = float(week["moments"].sum()) if week is not None else 0.0
    length = (period.end - period.start) / timedelta(days=7)
    shown = n == 0 or n >= VALUE_FROM
    per_week = n / length if shown else math.nan
    lead = followed_by if followed_by.get(ANY, 0.0) >= VALUE_FROM else {}
    return {
        "rule": rule.name, "title": rule.title, "active": rule.active, "n": _count(n), "moments": _count(all_of_them),
        "weeks": length, "per_week": per_week,
        "week_90": float(weeks.quantile(0.9, interpolation="higher")) if shown and len(weeks) else math.nan,
        "hours_week": per_week * rule.minutes / 60.0,
        "lead_low": lead.get("low", math.nan), "lead": lead.get("middle", math.nan),
        "lead_high": lead.get("high", math.nan),
    }  # fmt: skip


def _outcome_rows(rule: Rule, own: dict[str, pd.DataFrame], all_of_them: pd.DataFrame | None) -> list[dict[str, Any]]:
    after, base, found = _first(own.get("rule")), _first(own.get("base")), own.get("foreseen")
    hits = dict(zip(found["kind"], found["hits"], strict=True)) if found is not None else {}
    total = dict(zip(all_of_them["kind"], all_of_them["n"], strict=True)) if all_of_them is not None else {}
    rows = []
    for kind in (ANY, *OUTCOMES):
        of = "could_leave" if kind == "left" else "n"
        places = range(len(KINDS)) if kind == ANY else [KINDS.index(kind)]
        came, seen = (sum(float(counts.get(place, 0.0)) for place in places) for counts in (total, hits))
        rows.append({
            "rule": rule.name, "outcome": kind,
            **_share(after.get(kind, 0.0), after.get(of, 0.0), ("n", "precision", "low", "high")),
            **_share(base.get(kind, 0.0), base.get(of, 0.0), ("base_n", "base", "base_low", "base_high")),
            **_share(seen, came, ("outcomes", "recall", "recall_low", "recall_high")),
        })  # fmt: skip
    return rows


def _overlap_rows(
    rule: Rule, rules: Sequence[Rule], own: dict[str, pd.DataFrame], n: float
) -> list[dict[str, Any]]:  # fmt: skip
    found = own.get("overlap")
    hits = dict(zip(found["other"], found["hits"], strict=True)) if found is not None else {}
    return [
        {"rule": rule.name, "other": other.name,
         **_share(float(hits.get(place, 0.0)), n, ("n", "share", "low", "high"))}
        for place, other in enumerate(rules) if other.name != rule.name
    ]  # fmt: skip


def _first(rows: pd.DataFrame | None) -> dict[str, float]:
    return {} if rows is None or rows.empty else {str(name): value for name, value in rows.iloc[0].items()}


def _count(n: float) -> float:
    """A count, missing where it is too small to be shown."""
    return math.nan if 0 < n < HIDDEN_BELOW else n


def _share(hits: float, n: float, names: tuple[str, str, str, str]) -> dict[str, float]:
    """n and, from VALUE_FROM on, the share in per cent with its Wilson interval."""
    n = 0.0 if math.isnan(n) else n
    value = hits / n if n >= VALUE_FROM else math.nan
    low, high = wilson_interval(value, n)
    return dict(zip(names, (_count(n), 100 * value, 100 * low, 100 * high), strict=True))


def _tables(rules: Any, outcomes: Any, overlap: Any, weeks: Any) -> dict[str, pd.DataFrame]:
    shares = ("n", "precision", "low", "high", "base_n", "base", "base_low", "base_high", "outcomes", "recall",
              "recall_low", "recall_high")  # fmt: skip
    columns = {
        "rules": ["rule", "title", "active", "n", "moments", "weeks", "per_week", "week_90", "hours_week", "lead_low",
                  "lead", "lead_high"],
        "outcomes": ["rule", "outcome", *shares], "overlap": ["rule", "other", "n", "share", "low", "high"],
        "weeks": ["rule", "week", "n"],
    }  # fmt: skip
    given = {"rules": rules, "outcomes": outcomes, "overlap": overlap, "weeks": weeks}
    return {name: pd.DataFrame(rows, columns=columns[name]) for name, rows in given.items()}
