"""Where bots and self-service leave customers without a solution or a way on, clearly more than in other stages."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import (
    MINIMUM,
    added_up,
    answered,
    in_order,
    share_columns,
    small_hidden,
    tallied,
)
from cx_metrics.analyses.standing_out import standing_out
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.signals import signals
from cx_metrics.model import interactions as contact
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

MARGIN = 1.25  # times the other stages' share: smaller differences are part of every company
_PLACE = ("stage", "channel", "handled_by")
_COUNTS = ("dead_ends", "rest_n", "rest_dead_ends")


def dead_ends(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """stage, channel, handled_by, n, dead_ends, share, low, high, rest_n, rest_share, ratio, p, p_holm, stands_out,
    suppressed; stages in journey order.

    share: per cent of n that were dead ends (signal bot_dead_end). rest_share: that of all other stages of the same
    channel and handler together; ratio: share / rest_share. p: one-sided, of a ratio of at most MARGIN; p_holm:
    adjusted for the number of cells compared; stands_out: p_holm <= ALARM.
    """
    cells = small_hidden(_with_rest(scope), _PLACE, _COUNTS).subquery()
    c = cells.c
    keys = (c[name] for name in _PLACE)
    counts = (c[name] for name in _COUNTS)
    shares = share_columns(c.dead_ends, c.n)
    question = sa.select(*keys, c.n, *counts, *shares, c.suppressed)
    return in_order(judged(answered(warehouse, question, "n", *_COUNTS, "share", "low", "high")), *_PLACE)


def judged(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells (n, dead_ends, rest_n, rest_dead_ends, ...) with rest_share, ratio, p, p_holm and stands_out.

    Cells are compared where they and their rest have at least 30 contacts each.
    """
    found = standing_out(cells, "dead_ends", MARGIN, MINIMUM)
    found["rest_n"] = found["rest_n"].astype(float).where(found["rest_n"].astype(float) >= MINIMUM)
    return found[[*_PLACE, "n", "dead_ends", "share", "low", "high", "rest_n", "rest_share", "ratio", "p", "p_holm",
                  "stands_out", "suppressed"]]  # fmt: skip


def _with_rest(scope: Scope) -> sa.CTE:
    """_PLACE, n, dead_ends, and the same of all other stages of the channel and handler: rest_n, rest_dead_ends."""
    signal = next(found for found in signals(scope.limits) if found.name == "bot_dead_end")
    rows = (
        sa.select(*(contact.c[name] for name in _PLACE), sa.case((signal.there, 1), else_=0).label("dead_ends"))
        .select_from(CONTACTS.source([name for name, _ in scope.filters]))
        .where(signal.judged, *scope.conditions(contact.c.occurred_at, CONTACTS.dimensions))
    )
    found = tallied(rows, _PLACE, ["dead_ends"])
    cells = added_up(found, _PLACE, {"n": found.c.n, "dead_ends": found.c.dead_ends})
    whole = added_up(found, _PLACE[1:], {"all_n": found.c.n, "all_ends": found.c.dead_ends})
    same = sa.and_(*(cells.c[name] == whole.c[name] for name in _PLACE[1:]))
    rest = [(whole.c.all_n - cells.c.n).label("rest_n"), (whole.c.all_ends - cells.c.dead_ends).label("rest_dead_ends")]
    return sa.select(*cells.c, *rest).join_from(cells, whole, same).cte()
