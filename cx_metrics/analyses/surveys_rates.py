"""How many of those who were asked answer, where they answer less, and where nobody is asked."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import RANKED, in_order
from cx_metrics.analyses.standing_out import standing_out
from cx_metrics.analyses.surveys_sendings import OF_CUSTOMERS
from cx_metrics.metrics.catalog import figures
from cx_metrics.metrics.facts import ANSWERS, CONTACTS, Fact
from cx_metrics.metrics.survey import RESPONSE_RATE
from cx_metrics.model import interactions as contact
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse

BY = ("stage", "touchpoint", "channel", "segment", "region", "generation")
ALL = "all"
_FIGURES = ["n", "value", "low", "high", "suppressed"]


def response_rates(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """by ("all" first, then BY), group, n (invitations), value (% answered), low, high, suppressed, rest (% of all
    others), p_holm, less: whether the group answers clearly less often than all others together.

    The metric response_rate, by the time of the invitation. Groups of at least 30 are compared, all dimensions
    together; a dimension that has one group only is left out.
    """
    total = figures(warehouse, RESPONSE_RATE, scope).assign(by=ALL, group="")
    parts = []
    for by in BY:
        found = figures(warehouse, RESPONSE_RATE, scope, (by,))
        named = found.assign(by=by, group=[NOT_GIVEN if x is None or x != x else str(x) for x in found[by]])
        if len(named) > 1:
            parts.append(in_order(named, "group"))
    rows = [part[["by", "group", *_FIGURES]].astype(dict.fromkeys(_FIGURES[:-1], float)) for part in [total, *parts]]
    return _compared(pd.concat(rows, ignore_index=True))


def _compared(rates: pd.DataFrame) -> pd.DataFrame:
    """With each group against all others; hidden groups are not compared."""
    n, value = rates["n"].iloc[0], rates["value"].iloc[0]
    silent = (rates["n"] * (1 - rates["value"] / 100)).round()
    counts = rates.assign(silent=silent, rest_n=n - rates["n"], rest_silent=round(n * (1 - value / 100)) - silent
                          if value == value else float("nan"))  # fmt: skip
    counts.loc[counts["by"] == ALL, ["silent", "rest_silent"]] = float("nan")
    found = standing_out(counts, "silent", 1.0, RANKED)
    return rates.assign(rest=100 - found["rest_share"], p_holm=found["p_holm"], less=found["stands_out"])


def not_asked(warehouse: Warehouse, scope: Scope) -> pd.DataFrame | None:
    """Stages, and channels of other stages, with at least 30 contacts in the scope and no survey: stage, channel ("" =
    on all channels), contacts; most contacts first. None where no stage has as many, or where the scope filters by what
    contacts do not have.

    A survey is any item about that stage (and channel) that a customer was asked or answered in the period.
    """
    if any(name not in CONTACTS.dimensions for name, _ in scope.filters):
        return None
    cells = _counted(warehouse, scope, CONTACTS, contact.c.occurred_at, sa.true())
    surveyed = _counted(
        warehouse, scope, ANSWERS, sa.func.coalesce(answer.c.invited_at, answer.c.answered_at), OF_CUSTOMERS
    )
    stages = set(surveyed["stage"])
    whole = cells.groupby("stage", as_index=False)["n"].sum().assign(channel="")
    if not (whole["n"] >= RANKED).any():
        return None
    open_stages = whole[~whole["stage"].isin(stages)]
    pairs = set(zip(surveyed["stage"], surveyed["channel"], strict=True))
    asked = pd.Series([pair in pairs for pair in zip(cells["stage"], cells["channel"], strict=True)], index=cells.index,
                      dtype=bool)  # fmt: skip
    parts = cells[cells["stage"].isin(stages) & cells["channel"].notna() & ~asked]
    found = pd.concat([open_stages, parts])[["stage", "channel", "n"]].rename(columns={"n": "contacts"})
    found = found[found["contacts"] >= RANKED]
    ordered: pd.DataFrame = found.sort_values(["contacts", "stage", "channel"], ascending=[False, True, True])
    return ordered.reset_index(drop=True)


def _counted(
    warehouse: Warehouse, scope: Scope, fact: Fact, time: sa.ColumnElement[object], kept: sa.ColumnElement[bool]
) -> pd.DataFrame:
    """stage, channel, n: rows of known stage in the scope."""
    stage, channel = fact.dimensions["stage"], fact.dimensions["channel"]
    question = (
        sa.select(stage.label("stage"), channel.label("channel"), sa.cast(sa.func.count(), sa.Double).label("n"))
        .select_from(fact.source([name for name, _ in scope.filters]))
        .where(kept, stage.is_not(None), *scope.conditions(time, fact.dimensions))
        .group_by(stage, channel)
    )
    return warehouse.read(question).astype({"stage": object, "channel": object})
