"""One person's own scores: for that person and their lead, never a list of persons."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import MINIMUM, RANKED
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.proportions import wilson_interval
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.model import interactions as contact
from cx_metrics.model import messages
from cx_metrics.scope import Scope
from cx_metrics.texts import EMPATHY
from cx_metrics.warehouse import Warehouse

FEWEST_PEOPLE = 5  # a smaller team's figures would tell those of a colleague
MEASURES = {**{f"empathy_{kind}": f"{kind.capitalize()} empathy" for kind in EMPATHY}, "scripted": "Scripted replies"}


def person(warehouse: Warehouse, scope: Scope, key: str) -> pd.DataFrame:
    """measure, title, n, value (%), low, high, team_n, team_value, team_low, team_high: a person's own replies, and
    those of everybody in the teams that they reply for; no rows for a key that nobody has in the scope.

    Empathy: share of the person's conversations (with a reply that could be judged) in which one of the own replies
    shows the kind. Scripted: share of the replies. Below 5 nothing, below 10 only n is told; the team's figures are
    missing below 30 conversations, and where fewer than FEWEST_PEOPLE reply in the teams.
    """
    own = _replies(scope)
    teams = sa.select(own.c.team).where(own.c.person == key).distinct()
    mine = (sa.func.coalesce(own.c.person, "") == key).label("mine")
    kept = sa.or_(own.c.person == key, own.c.team.in_(teams))
    grades = {f"empathy_{kind}": sa.func.max(own.c[f"empathy_{kind}"]).label(f"empathy_{kind}") for kind in EMPATHY}
    looked = sa.func.sum(sa.case((own.c.template.is_not(None), 1), else_=0)).label("looked")
    pasted = sa.func.sum(sa.case((own.c.scripted == 1, 1), else_=0)).label("pasted")
    each = (
        sa.select(own.c.person, mine, own.c.interaction_id, *grades.values(), looked, pasted)
        .where(kept).group_by(own.c.person, own.c.interaction_id).subquery()
    )  # fmt: skip
    sums = [sa.func.count().label("conversations"), sa.func.count(each.c.person.distinct()).label("people")]
    for name in grades:
        sums += [sa.func.count(each.c[name]).label(f"{name}_n"),
                 sa.func.sum(sa.case((each.c[name] >= 1, 1), else_=0)).label(name)]  # fmt: skip
    sums += [sa.func.sum(each.c.looked).label("scripted_n"), sa.func.sum(each.c.pasted).label("scripted")]
    found = warehouse.read(sa.select(each.c.mine, *sums).group_by(each.c.mine)).set_index("mine").astype(float)
    if not found.index.astype(bool).any():
        return pd.DataFrame(columns=["measure", "title", "n", "value", "low", "high"])
    alone, all_of_them = found[found.index.astype(bool)].sum(), found.sum()
    compared = alone["conversations"] >= RANKED and all_of_them["people"] >= FEWEST_PEOPLE
    rows = [
        {"measure": name, "title": title, **_figure(alone, name, True, ""),
         **_figure(all_of_them, name, bool(compared), "team_")} for name, title in MEASURES.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _replies(scope: Scope) -> sa.Subquery:
    """One row per reply in the scope, with who wrote it."""
    m = messages.c
    contacts = CONTACTS.source([name for name, _ in scope.filters])
    columns = (m.interaction_id, m.template, m.scripted, *(m[f"empathy_{kind}"] for kind in EMPATHY), contact.c.team)
    return (
        sa.select(*columns, sa.func.coalesce(m.author_id, contact.c.agent_id).label("person"))
        .select_from(messages.join(contacts, contact.c.interaction_id == m.interaction_id))
        .where(m.author == "agent", *scope.conditions(contact.c.occurred_at, CONTACTS.dimensions))
    ).subquery("own")  # fmt: skip


def _figure(sums: pd.Series[float], name: str, shown: bool, prefix: str) -> dict[str, float | None]:
    """n, value, low, high; hidden where small or not to be shown."""
    n, hits = float(sums[f"{name}_n"]), float(sums[name])
    found: dict[str, float | None] = dict.fromkeys([f"{prefix}{what}" for what in ("n", "value", "low", "high")])
    if shown and n >= HIDDEN_BELOW:
        found[f"{prefix}n"] = n
    if shown and n >= MINIMUM:
        low, high = wilson_interval(hits / n, n)
        found |= {f"{prefix}value": 100 * hits / n, f"{prefix}low": 100 * low, f"{prefix}high": 100 * high}
    return found
