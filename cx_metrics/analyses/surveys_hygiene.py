"""What survey data consist of: invitations, answers, those that a later one replaced, scales, and what was left out."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import answered, small_hidden
from cx_metrics.analyses.surveys_sendings import OF_CUSTOMERS, sending
from cx_metrics.metrics.estimators import wilson
from cx_metrics.metrics.facts import ANSWERS
from cx_metrics.model import loads
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

WHO = ("instrument", "respondent", "source")
COUNTS = ("invitations", "answered", "rate", "low", "high", "answers", "superseded", "anonymous")
_TIME = sa.func.coalesce(answer.c.invited_at, answer.c.answered_at)


def hygiene(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """instrument, respondent (customer, employee), source, n (rows), invitations (sendings with a known invitation),
    answered (of these), rate (%), low, high, answers (that count), superseded (answers that a later one of the same
    customer, item and wave replaced), anonymous (of customers' answers), suppressed.

    By the time of the invitation, where it is known, else of the answer.
    """
    given = answer.c.score.is_not(None)
    invited = answer.c.invited_at.is_not(None)
    key = sending()
    sums = {
        "n": sa.func.count(),
        "invitations": sa.func.count(sa.distinct(sa.case((invited, key)))),
        "answered": sa.func.count(sa.distinct(sa.case((sa.and_(invited, answer.c.answered_at.is_not(None)), key)))),
        "answers": _number(sa.and_(given, answer.c.counts == 1)),
        "superseded": _number(sa.and_(given, answer.c.counts == 0)),
        "anonymous": _number(sa.and_(given, answer.c.counts == 1, OF_CUSTOMERS, answer.c.customer_id.is_(None))),
    }
    keys: dict[str, Any] = {name: answer.c[name] for name in ("instrument", "respondent")}
    keys["source"] = sa.func.coalesce(answer.c.source, "(not given)")
    counted = _grouped(scope, keys, sums)
    part = counted.c.answered / sa.func.nullif(counted.c.invitations, 0.0)
    low, high = wilson(part, sa.func.nullif(counted.c.invitations, 0.0))
    rated = sa.select(*counted.c, (100 * part).label("rate"), low.label("low"), high.label("high")).cte()
    found = answered(warehouse, small_hidden(rated, WHO, COUNTS), "n", *COUNTS)
    return found[[*WHO, "n", *COUNTS, "suppressed"]].sort_values(list(WHO), ignore_index=True)


def _number(condition: Any) -> sa.ColumnElement[Any]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _grouped(scope: Scope, keys: dict[str, Any], sums: dict[str, Any], *kept: Any) -> sa.CTE:
    named = [key.label(name) for name, key in keys.items()]
    numbers = [sa.cast(value, sa.Double).label(name) for name, value in sums.items()]
    return (
        sa.select(*named, *numbers)
        .select_from(ANSWERS.source([name for name, _ in scope.filters]))
        .where(*kept, *scope.conditions(_TIME, ANSWERS.dimensions))
        .group_by(*keys.values())
    ).cte()  # fmt: skip


def scales(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """instrument, scale_min, scale_max, n (customers' answers that count), suppressed: the scales in use."""
    keys = {name: answer.c[name] for name in ("instrument", "scale_min", "scale_max")}
    counted = _grouped(scope, keys, {"n": sa.func.count()}, OF_CUSTOMERS, answer.c.counts == 1,
                       answer.c.score.is_not(None), answer.c.scale_min.is_not(None),
                       answer.c.scale_max.is_not(None))  # fmt: skip
    found = answered(warehouse, small_hidden(counted, list(keys), []), "n")
    return found.sort_values(["instrument", "n"], ascending=[True, False], ignore_index=True)


def left_out(warehouse: Warehouse) -> pd.DataFrame:
    """What importers left out of survey files, of all time: source, file, read, loaded, quarantined, duplicates,
    skipped, note; the newest load first."""
    names = {"rows_read": "read", **{name: name for name in ("loaded", "quarantined", "duplicates", "skipped", "note")}}
    columns = [loads.c.source, loads.c.file, *(loads.c[name].label(label) for name, label in names.items())]
    question = sa.select(*columns).where(loads.c.table_name == "survey_answers").order_by(loads.c.load_id.desc())
    return warehouse.read(question)
