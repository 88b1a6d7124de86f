"""The queue as the ledger holds it: how each intervention stands, and in which order they wait.

An intervention stands as its newest step says; without a step nobody has it, and team and due time are those with
which it was opened. Who snoozes one until a day lets it rest until that day begins; by the end of that day (its due
time, UTC) somebody should have acted, so what is due within a day no longer rests.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from cx_metrics.ledger import Ledger, Writing
from cx_metrics.ledger_tables import intervention_evidence, intervention_steps, interventions

STATUSES = {
    "open": "needs a person now", "free": "nobody has it yet", "mine": "mine", "overdue": "overdue",
    "snoozed": "snoozed", "done": "done", "all": "all, done ones too",
}  # fmt: skip
HALF_LIFE_DAYS = 7  # after which a moment counts half as much as the newest one
MOST = 5_000  # interventions that are put in order; of more, the overdue and the newest ones
LIMIT = 100  # that a list shows
_DAY = datetime.timedelta(days=1)
_opened, _step, _proof = interventions.c, intervention_steps.c, intervention_evidence.c


@dataclass(frozen=True)
class Asked:
    """Which interventions are asked for. status: key of STATUSES. team, rule: "" = any. assignee: who has them, needed
    by "mine"; "" = whoever. limit: at most so many rows."""

    status: str = "open"
    team: str = ""
    rule: str = ""
    assignee: str = ""
    limit: int = LIMIT


def clock() -> datetime.datetime:
    """The time of day by which work is due: UTC, without a zone."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def standing(now: datetime.datetime, only: Sequence[int] | None = None) -> sa.Subquery:
    """How each intervention stands, one row each. only: the numbers of those that matter; None = all.

    The columns of the table, with team and due_at as they are now; allowed_until (due_at when it was opened); number
    (of its newest step; 0 = none), acted_at, acted_by, action (of that step); kept (status as that step says); status
    (open = nobody has it, claimed, snoozed, done); assignee ("" = nobody), outcome ("" = not yet), overdue (1 or 0).
    """
    last = sa.select(_step.intervention_id, sa.func.max(_step.number).label("number"))
    here = sa.true() if only is None else _step.intervention_id.in_(only)
    newest = last.where(here).group_by(_step.intervention_id).subquery()
    joined = interventions.outerjoin(newest, newest.c.intervention_id == _opened.intervention_id).outerjoin(
        intervention_steps, sa.and_(_step.intervention_id == newest.c.intervention_id,
                                    _step.number == newest.c.number),
    )  # fmt: skip
    same = [column for column in _opened if column.name not in ("team", "due_at")]
    kept, assignee = sa.func.coalesce(_step.status, "open"), sa.func.coalesce(_step.assignee, "")
    due = sa.func.coalesce(_step.due_at, _opened.due_at)
    awake = sa.case((assignee == "", "open"), else_="claimed")
    status = sa.case((sa.and_(kept == "snoozed", due <= now + _DAY), awake), else_=kept)
    late = sa.case((sa.and_(kept != "done", due < now), 1), else_=0)
    columns = {
        "team": sa.func.coalesce(_step.team, _opened.team), "due_at": due, "allowed_until": _opened.due_at,
        "number": sa.func.coalesce(_step.number, 0), "acted_at": _step.at, "acted_by": _step.who,
        "action": _step.action, "kept": kept, "status": status, "assignee": assignee,
        "outcome": sa.func.coalesce(_step.outcome, ""), "overdue": late,
    }  # fmt: skip
    told = [column.label(name) for name, column in columns.items()]
    these = sa.true() if only is None else _opened.intervention_id.in_(only)
    return sa.select(*same, *told).select_from(joined).where(these).subquery("standing")


def _wanted(row: Any, asked: Asked) -> list[sa.ColumnElement[bool]]:
    """What the columns of `standing` must satisfy."""
    here = row.status.in_(("open", "claimed"))
    mine = sa.and_(row.status != "done", row.assignee != "")
    by_status = {
        "open": here, "free": row.status == "open", "mine": mine if asked.assignee else sa.false(),
        "overdue": row.overdue == 1, "snoozed": row.status == "snoozed", "done": row.status == "done",
        "all": sa.true(),
    }  # fmt: skip
    found = [by_status[asked.status]]
    found += [row[name] == value for name, value in (("team", asked.team), ("rule", asked.rule)) if value]
    name = " ".join(asked.assignee.split()).lower()
    return [*found, sa.func.lower(row.assignee) == name] if name else found


def queue(ledger: Ledger, asked: Asked, now: datetime.datetime | None = None) -> pd.DataFrame:
    """The interventions that are asked for, in the order in which they should be taken; the columns of `standing`, and
    freshness, assumed, score as `ordered` adds them. What is done comes last, the newest first. now: UTC, for tests.
    """
    row = standing(now or clock()).c
    newest = (sa.case((row.status == "done", 1), else_=0), row.overdue.desc(), row.happened_at.desc())
    question = sa.select(*row).where(*_wanted(row, asked)).order_by(*newest, row.intervention_id).limit(MOST)
    return ordered(ledger.read(question)).head(asked.limit).reset_index(drop=True)


def count(ledger: Ledger, asked: Asked, now: datetime.datetime | None = None) -> int:
    """How many interventions there are of those asked for, whatever the limit. now: UTC, for tests."""
    stands = standing(now or clock())
    question = sa.select(sa.func.count().label("n")).select_from(stands).where(*_wanted(stands.c, asked))
    return int(ledger.read(question)["n"][0])


def ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Interventions in the order in which they should be taken: overdue ones first, then by score, then the newest.

    Added: freshness = 0.5 ^ (days before the newest moment in these rows / HALF_LIFE_DAYS), 0-1; score = yearly value
    at stake x freshness; assumed: the value is unknown, so the median of the known ones stands in (1 where none is
    known). What is done comes last, by its last step.
    """
    happened = pd.to_datetime(rows["happened_at"])
    stake = pd.to_numeric(rows["at_stake"]).astype(float).clip(lower=0)
    usual = stake.median() if stake.notna().any() else 1.0
    days = (happened.max() - happened) / pd.Timedelta(days=1)
    fresh = np.power(0.5, days.astype(float) / HALF_LIFE_DAYS)
    found = rows.assign(freshness=fresh, assumed=stake.isna(), score=stake.fillna(usual) * fresh)
    for name in ("at", "due_at", "allowed_until", "acted_at", "happened_at"):
        found[name] = pd.to_datetime(found[name])  # a column without any time has no type of its own
    found["at_stake"] = pd.to_numeric(found["at_stake"]).astype(float)
    found = found.assign(finished=found["acted_at"].where(found["status"] == "done"), over=found["status"] == "done")
    by = ["over", "finished", "overdue", "score", "happened_at", "intervention_id"]
    rising = [True, False, False, False, False, True]
    return found.sort_values(by, ascending=rising, na_position="first").drop(columns=["finished", "over"])


def one(
    ledger: Ledger | Writing, intervention_id: int, now: datetime.datetime | None = None
) -> dict[str, Any] | None:  # fmt: skip
    """How one intervention stands, as `standing` gives it; None where there is none with that number."""
    found = ledger.read(sa.select(*standing(now or clock(), [intervention_id]).c)).astype(object)
    if found.empty:
        return None
    return {str(name): None if pd.isna(value) else value for name, value in found.iloc[0].items()}


def steps_of(ledger: Ledger, intervention_id: int) -> pd.DataFrame:
    """What people did about an intervention, oldest first: the columns of the table but for its keys."""
    columns = [column for column in _step if column.name not in ("step_id", "intervention_id")]
    mine = sa.select(*columns).where(_step.intervention_id == intervention_id)
    return ledger.read(mine.order_by(_step.number))


def evidence_of(ledger: Ledger, intervention_id: int) -> pd.DataFrame:
    """Why a customer is in the queue, oldest first: happened_at (UTC), rule, said."""
    columns = [_proof[name] for name in ("happened_at", "rule", "said")]
    mine = sa.select(*columns).where(_proof.intervention_id == intervention_id)
    return ledger.read(mine.order_by(_proof.happened_at, _proof.evidence_id))


def said_of(ledger: Ledger, numbers: Sequence[int]) -> dict[int, list[str]]:
    """What happened, in words, the newest first, by the number of the intervention."""
    mine = sa.select(_proof.intervention_id, _proof.said).where(_proof.intervention_id.in_(numbers))
    found: dict[int, list[str]] = {}
    for number, said in ledger.read(mine.order_by(_proof.happened_at.desc(), _proof.evidence_id)).to_numpy().tolist():
        if said not in found.setdefault(int(number), []):
            found[int(number)].append(str(said))
    return found


def choices(ledger: Ledger) -> dict[str, list[str]]:
    """What there is to filter by: the names of every team and rule that an intervention has or had."""
    found = {}
    for name, columns in {"team": (_opened.team, _step.team), "rule": (_opened.rule,)}.items():
        parts = sa.union(*(sa.select(column.label("value")).distinct() for column in columns)).subquery()
        rows = ledger.read(sa.select(parts.c.value).where(parts.c.value != "").order_by(parts.c.value))
        found[name] = [str(value) for value in rows["value"]]
    return found
