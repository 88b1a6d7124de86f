"""Whether empathy goes with satisfaction and with fewer further contacts, among contacts that are alike otherwise."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import MINIMUM, RANKED, tallied
from cx_metrics.analyses.matched import Comparison, compare
from cx_metrics.metrics.estimators import Share, Z
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.proportions import holm, two_sided
from cx_metrics.metrics.signals import signals
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.metrics.survey import CSAT
from cx_metrics.metrics.words import mood_start
from cx_metrics.model import customers
from cx_metrics.model import interactions as contact
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import Scope
from cx_metrics.texts import EMPATHY
from cx_metrics.warehouse import Warehouse

STRATA = ("stage", "channel", "reason", "team", "mood")
CSAT_OF, BACK = "satisfied", "came back"
RAW, ADJUSTED = "as it is", "like contacts"
_NAMES = ("outcome", "kind", "comparison", "unit", "clear")
_SURE = 0.05


def association(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """outcome (satisfied: answers in the top two boxes; came back: contacts followed by another on the same reason
    within the limit), kind, comparison (as it is; like contacts: within stage, channel, reason, team and mood at the
    start), unit, n_shown, shown, n_not_shown, not_shown (%), difference, low, high (points), strata, strata_left_out,
    shown_left_out, not_shown_left_out, p_holm (of the six adjusted differences together), clear.

    Shown: the kind is there, weakly or strongly. The contacts lie in the scope's period.
    """
    asked = {CSAT_OF: _answers(scope), BACK: _returns(scope)}
    rows: list[dict[str, Any]] = []
    for outcome, question in asked.items():
        cells = warehouse.read(question)
        for kind in EMPATHY:
            own = cells.assign(treated=cells[kind])
            for comparison, strata in ((RAW, ()), (ADJUSTED, STRATA)):
                named = {"outcome": outcome, "kind": kind, "comparison": comparison, "unit": "%"}
                rows.append(named | _row(compare(own, strata), comparison == RAW))
    found = pd.DataFrame(rows).astype({name: float for name in rows[0] if name not in _NAMES})
    found["p_holm"] = holm(found["p"].where(found["comparison"] == ADJUSTED))
    enough = found[["n_shown", "n_not_shown"]].min(axis=1) >= RANKED
    return found.drop(columns="p").assign(clear=enough & (found["p_holm"] < _SURE))


def _traits(scope: Scope) -> list[Any]:
    """The strata, and each kind: 1 where it is shown, 0 where not."""
    upset = sa.case(
        (mood_start.is_(None), "unknown"), (mood_start < scope.limits.sentiment, "upset"), else_="not upset"
    )
    shown = [sa.case((contact.c[f"empathy_{kind}"] >= 1, 1), else_=0).label(kind) for kind in EMPATHY]
    return [*(CONTACTS.dimensions[name].label(name) for name in STRATA[:-1]), upset.label("mood"), *shown]


def _answers(scope: Scope) -> sa.Select[Any]:
    """Cells of satisfaction answers about contacts with a reply that could be judged."""
    csat = CSAT.kind
    assert isinstance(csat, Share)
    source = contact.join(answer, answer.c.interaction_id == contact.c.interaction_id)  # few, so customers after it
    source = source.outerjoin(customers, contact.c.customer_id == customers.c.customer_id)
    return _cells(scope, source, csat.counted, csat.hit)


def _returns(scope: Scope) -> sa.Select[Any]:
    """Cells of contacts with a reply that could be judged and of which it can be said whether the customer came
    back."""
    again = next(signal for signal in signals(scope.limits) if signal.name == "repeat_contact")
    source = CONTACTS.source([name for name, _ in scope.filters])
    return _cells(scope, source, sa.and_(again.judged, contact.c.reason.is_not(None)), again.present)


def _cells(scope: Scope, source: sa.FromClause, counted: Any, hit: Any) -> sa.Select[Any]:
    """The strata, the kinds, n, total and squares (both: how many were hit)."""
    rows = (
        sa.select(*_traits(scope), sa.case((hit, 1), else_=0).label("total"))
        .select_from(source)
        .where(contact.c.empathy_cognitive.is_not(None), counted,
               *scope.conditions(contact.c.occurred_at, CONTACTS.dimensions))
    )  # fmt: skip
    found = tallied(rows, (*STRATA, *EMPATHY), ["total"])
    return sa.select(*found.c, found.c.total.label("squares"))


def _row(found: Comparison, raw: bool) -> dict[str, Any]:
    """Values in per cent; those of small sides hidden as everywhere. raw: no contact needs a like one."""
    sides = {"shown": found.treated, "not_shown": found.untreated}
    seen = all(side.n >= MINIMUM for side in sides.values())
    row: dict[str, Any] = {}
    for name, side in sides.items():
        row[f"n_{name}"] = None if 0 < side.n < HIDDEN_BELOW else side.n
        row[name] = 100 * side.mean if seen else None
    for name, change in (("difference", found.difference), ("low", found.low), ("high", found.high)):
        row[name] = 100 * change if seen and not math.isnan(change) else None
    error = (found.high - found.low) / (2 * Z)
    row["p"] = float(two_sided(found.difference / error)) if seen and error > 0 else None
    row |= {"strata": found.strata, "strata_left_out": found.strata_left_out}
    return row | {f"{name}_left_out": 0 if raw else side.left_out for name, side in sides.items()}
