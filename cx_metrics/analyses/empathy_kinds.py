"""How often replies show each kind of empathy, by team, channel and stage; how many could be judged."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import answered, in_order, share_columns, small_hidden, tallied
from cx_metrics.metrics.catalog import figures, metric_named
from cx_metrics.metrics.estimators import Share
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.metric import Metric
from cx_metrics.model import interactions as contact
from cx_metrics.model import messages
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.texts import EMPATHY
from cx_metrics.warehouse import Warehouse

ALL = "all"
BY = ("team", "channel", "stage")
KINDS = tuple(f"empathy_{kind}" for kind in EMPATHY)
FIGURES = (*KINDS, "empathy_when_upset", "scripted_share")
RECOVERY = "emotion_recovery"
STRONG = "_strong"  # behind a kind's name: graded strong, which a rote apology is not
_NUMBERS = ("n", "value", "low", "high")
JUDGED, NO_TEXT, WAITING, UNTOLD, NO_RULES = (
    "judged", "no text", "not looked at yet", "language cannot be told", "no rules for the language",
)  # fmt: skip


def kinds(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """by (all, team, channel, stage), group, figure (name of the metric), title, n, value (%), low, high, suppressed:
    each of FIGURES and RECOVERY as its metric declares it, and of the kinds the share graded strong (STRONG); teams by
    the alphabet, the rest in journey order."""
    parts = []
    wanted = [metric_named(name, scope.limits) for name in (*FIGURES, RECOVERY)]
    wanted += [_strong(metric) for metric in wanted if metric.name in KINDS]
    for by in (ALL, *BY):
        for metric in wanted:
            found = figures(warehouse, metric, scope, () if by == ALL else (by,))
            groups = [""] * len(found) if by == ALL else [x if isinstance(x, str) else NOT_GIVEN for x in found[by]]
            found = found.assign(by=by, group=groups, figure=metric.name, title=metric.title)
            parts.append(in_order(found, "group")[["by", "group", "figure", "title", *_NUMBERS, "suppressed"]])
    numbers = dict.fromkeys(_NUMBERS, float) | {"suppressed": bool}
    return pd.concat([part.astype(numbers) for part in parts], ignore_index=True)


def _strong(metric: Metric) -> Metric:
    """The same of replies that are graded strong only."""
    kind = metric.kind
    assert isinstance(kind, Share)
    title = f"{metric.title}, strong"
    return replace(metric, name=metric.name + STRONG, title=title, kind=replace(kind, hit=contact.c[metric.name] >= 2))


def coverage(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """state (judged, or why not), language, n (agents' replies), share (%), low, high, suppressed; most first."""
    m = messages.c
    state = sa.case(
        (m.empathy_cognitive.is_not(None), JUDGED), (sa.func.coalesce(m.text, "") == "", NO_TEXT),
        (m.judged_by.is_(None), WAITING), (m.language.is_(None), UNTOLD), else_=NO_RULES,
    )  # fmt: skip
    source = messages.join(
        CONTACTS.source([name for name, _ in scope.filters]), contact.c.interaction_id == m.interaction_id
    )
    where = [m.author == "agent", *scope.conditions(contact.c.occurred_at, CONTACTS.dimensions)]
    language = sa.case((state == NO_RULES, m.language), else_=sa.literal(""))
    rows = sa.select(state.label("state"), language.label("language")).select_from(source).where(*where)
    cells = tallied(rows, ("state", "language"))
    shown = small_hidden(cells, ("state", "language"), ()).subquery()
    total = sa.select(sa.func.sum(cells.c.n)).scalar_subquery()
    c = shown.c
    asked = sa.select(c.state, c.language, c.n, *share_columns(c.n, total), c.suppressed)
    found = answered(warehouse, asked, "n", "share", "low", "high")
    return found.sort_values(["n", "state", "language"], ascending=[False, True, True], ignore_index=True)
