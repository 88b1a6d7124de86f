"""How each team's work reaches customers, the back office included."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.line_of_sight_figures import (
    HANDLES,
    HOURS,
    OWNS,
    WAYS,
    able,
    contact_hours,
    customers_touched,
    rates,
)
from cx_metrics.analyses.line_of_sight_reach import HOPS, Sight, reach, sights, unmatched_answers, unowned
from cx_metrics.analyses.line_of_sight_words import sentences
from cx_metrics.metrics.catalog import compared, figures
from cx_metrics.metrics.change import Figure, change
from cx_metrics.metrics.facts import ANSWERS
from cx_metrics.metrics.friction import friction_rate
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.survey import CSAT
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse

SHARES = ("friction", "csat")
ADD_ONE = "a row in touchpoint_owners (touchpoint, team, part)"
_ENDS = ("n", "value", "low", "high")


def line_of_sight(warehouse: Warehouse, scope: Scope, team: str = "") -> Analysis:
    """Each team with the customers behind its work, in a scope whose period is set.

    team: the one that the sentences and the tables course and reach are about; "" = all. Tables: teams (team, part,
    hops, through, touchpoints, customers, basis, contacts, told, hours, hours_low, hours_high, repeats, repeat_hours,
    friction_hours; n, value, low, high and change of friction and csat, in % and points; suppressed), ways (the same
    figures at owned touchpoints and in handled contacts), company (figure, n, value, low, high), course (figure, team,
    period, ...; by month) and reach (see `reach`) of the team, unowned (see `unowned`). basis: owns where a team owns
    touchpoints at which anything happened, else handles. Raises ScopeError for an unknown team.
    """
    known = sights(warehouse, scope)
    if team and team not in known:
        raise ScopeError(f"there is no team {team!r}; there are: {', '.join(known) or 'none'}")
    metrics = dict(zip(SHARES, (friction_rate(scope.limits), CSAT), strict=True))
    ways = _ways(warehouse, scope, metrics)
    teams = _teams(known, ways, customers_touched(warehouse, scope))
    tables = {
        "teams": teams, "ways": ways, "company": _company(warehouse, scope, metrics),
        "course": _course(warehouse, scope, metrics, teams, team), "reach": reach(warehouse, scope, team),
        "unowned": unowned(warehouse, scope),
    }  # fmt: skip
    said = sentences(known, tables, team)
    return Analysis("line-of-sight", scope, tables, said, _assumptions(warehouse, scope, known))


def _ways(warehouse: Warehouse, scope: Scope, metrics: dict[str, Metric]) -> pd.DataFrame:
    """way, team and all figures, with the changes of the shares against the comparison period."""
    table = contact_hours(warehouse, scope).rename(columns={"n": "contacts"})
    earlier = compared(warehouse, scope)
    for name, metric in metrics.items():
        now = rates(warehouse, metric, scope)
        columns = {"n": f"{name}_n", "value": name, "low": f"{name}_low", "high": f"{name}_high"}
        table = table.merge(now.drop(columns="suppressed").rename(columns=columns), how="outer", on=["way", "team"])
        before = rates(warehouse, metric, earlier) if earlier else now.head(0)
        table = pd.concat([table, _changes(metric, table, name, before)], axis=1)
    order = table["way"].map(WAYS.index)
    return _zeroed(table.assign(order=order).sort_values(["order", "team"], ignore_index=True).drop(columns="order"))


def _zeroed(table: pd.DataFrame) -> pd.DataFrame:
    """Rows without any contact have a count of zero, not a hidden one."""
    nothing = table["suppressed"].isna()
    counts = ["contacts", "told", *HOURS]
    table[counts] = table[counts].astype(float).mask(nothing, 0.0)
    return table.assign(suppressed=table["suppressed"].eq(True))


def _changes(metric: Metric, table: pd.DataFrame, name: str, before: pd.DataFrame) -> pd.DataFrame:
    """name_change, name_change_low, name_change_high in points, for the rows of a table."""
    earlier = before.set_index(["way", "team"])[list(_ENDS)] if len(before) else pd.DataFrame()
    rows: list[tuple[Any, ...]] = []
    for row in table.to_dict("records"):
        key = (row["way"], row["team"])
        was = Figure(*earlier.loc[key]) if key in earlier.index else None
        now = Figure(row[f"{name}_n"], row[name], row[f"{name}_low"], row[f"{name}_high"])
        found = change(metric, now, was) if was else None
        rows.append((found.value, found.low, found.high) if found else (None, None, None))
    columns = [f"{name}_change", f"{name}_change_low", f"{name}_change_high"]
    return pd.DataFrame(rows, columns=columns, index=table.index, dtype=float)


def _teams(known: dict[str, Sight], ways: pd.DataFrame, touched: pd.DataFrame) -> pd.DataFrame:
    """One row per known team: the figures of its basis. Nearest to customers first, then by name."""
    people = dict(zip(touched["team"], touched["customers"], strict=True))
    owning = set(ways.loc[ways["way"] == OWNS, "team"])
    rows = [
        {
            "team": team, "part": sight.part or None, "hops": sight.hops, "through": ", ".join(sight.through) or None,
            "touchpoints": len(sight.owned), "customers": people.get(team, 0.0),
            "way": OWNS if team in owning else HANDLES,
        }
        for team, sight in known.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["team", "part", "hops", "through", "touchpoints", "customers", "way"])
    whole = _zeroed(table.merge(ways.drop(columns="customers"), how="left", on=["team", "way"]))
    ordered = whole.rename(columns={"way": "basis"}).astype({"hops": float, "customers": float})
    return ordered.sort_values(["hops", "team"], na_position="last", ignore_index=True)


def _company(warehouse: Warehouse, scope: Scope, metrics: dict[str, Metric]) -> pd.DataFrame:
    """figure, n, value, low, high of everybody in the scope."""
    parts = [
        figures(warehouse, metric, scope).assign(figure=name)[["figure", *_ENDS]]
        for name, metric in metrics.items() if name == SHARES[0] or able(ANSWERS, scope)
    ]  # fmt: skip
    return pd.concat([part.astype(dict.fromkeys(_ENDS, float)) for part in parts], ignore_index=True)


def _course(
    warehouse: Warehouse, scope: Scope, metrics: dict[str, Metric], teams: pd.DataFrame, team: str
) -> pd.DataFrame:
    """figure, team, period (month), n, value, low, high, suppressed of a team, on its basis."""
    columns = ["figure", "team", "period", *_ENDS, "suppressed"]
    if not team:
        return pd.DataFrame(columns=columns)
    (basis,) = teams.loc[teams["team"] == team, "basis"]
    parts = [rates(warehouse, metric, scope, "month", (basis,)).assign(figure=name) for name, metric in metrics.items()]
    found = pd.concat(parts, ignore_index=True)
    return found.loc[found["team"] == team, columns].sort_values(["figure", "period"], ignore_index=True)


def _assumptions(warehouse: Warehouse, scope: Scope, known: dict[str, Sight]) -> tuple[str, ...]:
    rules = "; ".join(f"{hops} = {words}" for hops, words in HOPS.items())
    said = [
        f"Hops to the customer: {rules}; else no line of sight is known, and {ADD_ONE} adds one. They are told from "
        "all contacts of the period, whatever the filters.",
        "Touched are the different customers with a contact at a touchpoint that the team owns or that it handled, or "
        "with an answer about such a touchpoint that goes with no contact.",
        "Hours, friction and satisfaction are those at the touchpoints that a team owns; of a team that owns none, "
        "those of the contacts that it handled. Several teams may own one touchpoint: each of them gets its contacts, "
        "so teams do not add up to the company.",
        "Contact hours are handling times. That a team owns the place where a contact arose says whose work it was "
        "about, not that the team was at fault.",
        f"Repeat contacts are further contacts on the same reason within {scope.limits.repeat_days:g} days. Friction "
        "is any signal of the Friction page, with its limits.",
    ]  # fmt: skip
    if not able(ANSWERS, scope):
        said.append("Answers cannot be filtered in this way, so satisfaction is left out.")
    answers = unmatched_answers(warehouse, scope)
    if answers:
        said.append(f"{answers:,} satisfaction answers name no touchpoint and count for no owner.")
    if known and not any(sight.owned for sight in known.values()):
        said.append(f"No touchpoint has an owner yet: {ADD_ONE} for each brings the back office into view.")
    return tuple(said)
