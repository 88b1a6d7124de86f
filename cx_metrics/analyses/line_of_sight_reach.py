"""How far a team is from customers: who meets them at what it owns, and which friction has no owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import answered, share_columns, small_hidden, tallied
from cx_metrics.analyses.line_of_sight_figures import able
from cx_metrics.metrics.facts import ANSWERS, CONTACTS
from cx_metrics.metrics.signals import any_signal, signals
from cx_metrics.model import interactions as contact
from cx_metrics.model import survey_answers as answer
from cx_metrics.model import touchpoint_owners as owner
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse

MOST = 200  # rows of friction without an owner
HOPS = {
    0: "talks to customers itself",
    1: "owns a touchpoint at which another team meets customers",
    2: "shares a touchpoint that nobody used with a team that has a line of sight",
}


@dataclass(frozen=True)
class Sight:
    """How a team's work reaches customers. part: where it works, in the words of touchpoint_owners, "" = not said.
    owned: its touchpoints. hops: key of HOPS, None = no line of sight known. through: the teams that meet the
    customers, the most contacts first; of 2 hops: those that it shares a touchpoint with."""

    part: str
    owned: tuple[str, ...]
    hops: int | None
    through: tuple[str, ...]


def sights(warehouse: Warehouse, scope: Scope) -> dict[str, Sight]:
    """Every team that contacts, answers or owned touchpoints name, by name.

    Hops are those of all contacts of the scope's period: a filter changes who is looked at, not who meets whom.
    """
    owners = warehouse.read(sa.select(owner.c.touchpoint, owner.c.team, owner.c.part).order_by(owner.c.touchpoint))
    return _sights(owners, warehouse.read(_meetings(replace(scope, filters=()))), _answering(warehouse))


def _meetings(scope: Scope) -> sa.Select[Any]:
    """touchpoint, team, n: which teams meet customers where; answers without a contact count without a team."""
    where = [*CONTACTS.conditions(scope, contact.c.occurred_at)]
    about = [answer.c.respondent == "customer", answer.c.touchpoint.is_not(None), answer.c.score.is_not(None)]
    told = sa.select(answer.c.touchpoint, sa.cast(sa.null(), sa.Text).label("team"), sa.literal(0).label("n")).where(
        *about, answer.c.interaction_id.is_(None), *ANSWERS.conditions(scope, answer.c.answered_at)
    )
    met = sa.select(contact.c.touchpoint, contact.c.team, sa.func.count().label("n")).where(*where)
    both = sa.union_all(met.group_by(contact.c.touchpoint, contact.c.team), told.distinct()).subquery("met")
    return sa.select(*both.c).order_by(both.c.n.desc(), both.c.team, both.c.touchpoint)


def _answering(warehouse: Warehouse) -> set[str]:
    """Teams that employees who answer belong to."""
    asked = sa.select(answer.c.team).where(answer.c.respondent == "employee", answer.c.team.is_not(None)).distinct()
    return set(warehouse.read(asked)["team"])


def _sights(owners: pd.DataFrame, met: pd.DataFrame, others: set[str]) -> dict[str, Sight]:
    """owners: touchpoint, team, part. met: touchpoint, team, n; the most contacts first. others: further teams."""
    owned = {str(team): tuple(rows) for team, rows in owners.groupby("team")["touchpoint"]}
    parts = {str(team): " and ".join(sorted(set(rows))) for team, rows in owners.groupby("team")["part"]}
    talking = set(met["team"].dropna())
    used = set(met["touchpoint"].dropna())
    near = {team for team, own in owned.items() if used.intersection(own)}
    found = {}
    for team in sorted({*owned, *talking, *others}):
        own = owned.get(team, ())
        there = met[met["touchpoint"].isin(own) & met["team"].notna() & (met["team"] != team)]
        through = tuple(there.groupby("team", sort=False)["n"].sum().sort_values(ascending=False, kind="stable").index)
        hops = 0 if team in talking else 1 if team in near else None
        if hops is None:
            through = _sharing(team, owned, talking | near)
            hops = 2 if through else None
        found[team] = Sight(parts.get(team, ""), own, hops, through)
    return found


def _sharing(team: str, owned: Mapping[str, tuple[str, ...]], reaching: set[str]) -> tuple[str, ...]:
    """Teams with a line of sight that own one of its touchpoints, too."""
    own = set(owned.get(team, ()))
    return tuple(other for other in sorted(reaching - {team}) if own.intersection(owned.get(other, ())))


def reach(warehouse: Warehouse, scope: Scope, team: str) -> pd.DataFrame:
    """Where a team's work meets customers: way (owns, handles), touchpoint, through (the team that handled the
    contacts), n (contacts), friction (of these, with a signal), hours, suppressed; the most contacts first.

    Only for handled contacts at touchpoints of others the way is "handles". Empty without a team.
    """
    if not team:
        return pd.DataFrame(columns=["way", "touchpoint", "through", "n", "friction", "hours", "suppressed"])
    cells = small_hidden(_places(scope), ("touchpoint", "through"), ("friction", "hours")).subquery()
    mine = sa.select(owner.c.touchpoint).where(owner.c.team == team)
    owns = cells.c.touchpoint.in_(mine)
    way = sa.case((owns, "owns"), else_="handles").label("way")
    question = sa.select(way, *cells.c).where(sa.or_(owns, cells.c.through == team))
    order = (sa.func.coalesce(cells.c.n, 0.0).desc(), cells.c.touchpoint, cells.c.through)
    return answered(warehouse, question.order_by(*order), "n", "friction", "hours")


def _places(scope: Scope) -> sa.CTE:
    """touchpoint, through, n, friction, hours of the contacts in a scope."""
    rows = (
        sa.select(
            contact.c.touchpoint, contact.c.team.label("through"), _stuck(scope).label("friction"),
            (contact.c.handle_seconds / 3600.0).label("hours"),
        )
        .select_from(CONTACTS.source([name for name, _ in scope.filters]))
        .where(*CONTACTS.conditions(scope, contact.c.occurred_at))
    )  # fmt: skip
    return tallied(rows, ("touchpoint", "through"), ("friction", "hours"))


def _stuck(scope: Scope) -> sa.ColumnElement[float]:
    return sa.case((any_signal(signals(scope.limits)), 1.0), else_=0.0)


def unowned(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """Friction that nobody owns: touchpoint, stage, channel, n (contacts), friction (with a signal), share (%), low,
    high, hours, suppressed; the most contacts with friction first, at most MOST rows, those without friction left out.

    Touchpoints without an owner are told whole (stage and channel are ""), contacts without a touchpoint by stage and
    channel.
    """
    nowhere = contact.c.touchpoint.is_(None)
    parts = [sa.case((nowhere, sa.func.coalesce(contact.c[name], NOT_GIVEN)), else_="").label(name)
             for name in ("stage", "channel")]  # fmt: skip
    rows = (
        sa.select(contact.c.touchpoint, *parts, _stuck(scope).label("friction"),
                  (contact.c.handle_seconds / 3600.0).label("hours"))
        .select_from(CONTACTS.source([name for name, _ in scope.filters]))
        .where(sa.or_(nowhere, contact.c.touchpoint.not_in(sa.select(owner.c.touchpoint))),
               *CONTACTS.conditions(scope, contact.c.occurred_at))
    )  # fmt: skip
    keys = ("touchpoint", "stage", "channel")
    cells = small_hidden(tallied(rows, keys, ("friction", "hours")), keys, ("friction", "hours")).subquery()
    c = cells.c
    shares = share_columns(c.friction, c.n)
    question = sa.select(*(c[name] for name in keys), c.n, c.friction, *shares, c.hours, c.suppressed)
    there = question.where(sa.or_(c.friction > 0, c.friction.is_(None)))
    order = (sa.func.coalesce(c.friction, -1.0).desc(), c.touchpoint, c.stage, c.channel)
    return answered(warehouse, there.order_by(*order).limit(MOST), "n", "friction", "share", "low", "high", "hours")


def unmatched_answers(warehouse: Warehouse, scope: Scope) -> int:
    """How many satisfaction answers of the scope name no touchpoint, so that no team's figure holds them."""
    if not able(ANSWERS, scope):
        return 0
    none = [answer.c.instrument == "csat", answer.c.respondent == "customer", answer.c.counts == 1,
            answer.c.score.is_not(None), answer.c.touchpoint.is_(None)]  # fmt: skip
    source = ANSWERS.source([name for name, _ in scope.filters])
    question = sa.select(sa.func.count().label("n")).select_from(source)
    return int(warehouse.read(question.where(*none, *ANSWERS.conditions(scope, answer.c.answered_at)))["n"][0])
