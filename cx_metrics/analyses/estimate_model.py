"""The model of satisfaction as learnt from all answers in the data: on the first part of the time for the backtest, on
all of it for the estimates."""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.estimate_backtest import Backtest, backtest
from cx_metrics.analyses.estimate_design import design
from cx_metrics.analyses.estimate_features import Feature, answered_rows, features
from cx_metrics.analyses.estimate_fit import Fit, fitted, with_errors
from cx_metrics.dialect import day
from cx_metrics.journey import Limits
from cx_metrics.metrics.survey import CSAT_MEAN
from cx_metrics.model import interactions
from cx_metrics.warehouse import Warehouse

TRAINED = 0.7  # of the answers, the oldest, train the model that the rest test
FEWEST_TRAIN, FEWEST_TEST = 200, 50
PER_COLUMN = 5  # answers in training that each column of the model needs
MOST = 50_000  # combinations of levels that are fetched


@dataclass(frozen=True)
class Learnt:
    """reason: why nothing is estimated, in a clause, else empty. answers: contacts with an answer that could be learnt
    from; early: those left out, whose answer came before their contact had ended. first, split, last: the first day of
    training, of the test, and the last day. dropped: titles of features left out for too many combinations.

    trained, tested: how many answers. model: fitted on all; None without one. backtest: None where there is none.
    """

    reason: str
    answers: int = 0
    early: int = 0
    first: datetime.date | None = None
    split: datetime.date | None = None
    last: datetime.date | None = None
    trained: int = 0
    tested: int = 0
    dropped: tuple[str, ...] = ()
    model: Fit | None = None
    backtest: Backtest | None = None


def learnt(warehouse: Warehouse, limits: Limits) -> Learnt:
    """The model of a warehouse, from all answers whatever the scope; only limits.repeat_days is part of it."""
    return _learnt(warehouse, warehouse.version(), Limits(repeat_days=limits.repeat_days))


@functools.lru_cache(maxsize=8)
def _learnt(warehouse: Warehouse, _version: str, limits: Limits) -> Learnt:
    days = _days(warehouse, limits)
    answers, early = int(days["n"].sum()), int(days["early"].sum())
    if not answers:
        return Learnt(_nothing(warehouse, early), early=early)
    days = days[days["n"] > 0]
    split = _split(days)
    trained = int(days.loc[days["day"] < split, "n"].sum())
    found = Learnt("", answers, early, days["day"].iloc[0], split, days["day"].iloc[-1], trained, answers - trained)
    if trained < FEWEST_TRAIN or found.tested < FEWEST_TEST:
        few = f"{trained:,} answers to learn from and {found.tested:,} later ones to test on"
        return _with(found, f"there are {few}; {FEWEST_TRAIN} and {FEWEST_TEST} are needed")
    return _modelled(warehouse, found, features(limits))


def _modelled(warehouse: Warehouse, found: Learnt, known: tuple[Feature, ...]) -> Learnt:
    assert found.split is not None
    used, combinations = _combinations(warehouse, known, found.split)
    dropped = tuple(feature.title for feature in known if feature not in used)
    train = combinations[combinations["later"] == 0]
    first = design(used, train)
    if not first.columns:
        return _with(found, "nothing that is known of the contacts tells them apart", dropped=dropped)
    if found.trained < PER_COLUMN * (1 + len(first.columns)):
        why = f"{found.trained:,} answers to learn from are too few for {len(first.columns)} effects"
        return _with(found, why, dropped=dropped)
    rows = answered_rows(used).subquery()
    kept = sa.select(*rows.c).where(rows.c.early == 0)
    before = with_errors(warehouse, fitted(first, train), kept.where(rows.c.at < _start(found.split)))
    model = with_errors(warehouse, fitted(design(used, combinations), combinations), kept)
    tested = backtest(warehouse, used, before, model, combinations, _start(found.split))
    return _with(found, tested.reason, dropped=dropped, model=model, backtest=tested)


def _with(found: Learnt, reason: str, **more: Any) -> Learnt:
    return Learnt(**{**found.__dict__, "reason": reason, **more})


def _start(split: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(split, datetime.time())


def _days(warehouse: Warehouse, limits: Limits) -> pd.DataFrame:
    """day, n (answers to learn from), early (answers left out), the oldest first."""
    rows = answered_rows(()).subquery()
    counts = [sa.func.sum(1 - rows.c.early).label("n"), sa.func.sum(rows.c.early).label("early")]
    question = sa.select(day(rows.c.at).label("day"), *counts).group_by(day(rows.c.at)).order_by(day(rows.c.at))
    found = warehouse.read(question)
    return found.assign(day=[pd.Timestamp(one).date() for one in found["day"]]).astype({"n": float, "early": float})


def _split(days: pd.DataFrame) -> datetime.date:
    """The first day of the test: at least TRAINED of the answers lie before it, and it is no later than the last."""
    before = days["n"].cumsum() - days["n"]
    enough = days.loc[before >= TRAINED * days["n"].sum(), "day"]
    found: datetime.date = enough.iloc[0] if len(enough) else days["day"].iloc[-1]
    return found


def _combinations(
    warehouse: Warehouse, known: tuple[Feature, ...], split: datetime.date
) -> tuple[tuple[Feature, ...], pd.DataFrame]:
    """The features in use and one row per combination of their levels: x_<name>, later (1: in the test), n, y, yy.

    Where there are more than MOST combinations, features are dropped, the last first.
    """
    for count in range(len(known), 0, -1):
        used = known[:count]
        rows = answered_rows(used).subquery()
        keys = [rows.c[f"x_{feature.name}"] for feature in used]
        later = sa.case((rows.c.at >= _start(split), 1), else_=0)
        marked = sa.select(*keys, later.label("later"), rows.c.y).where(rows.c.early == 0).subquery()
        by = [marked.c[column.name] for column in keys] + [marked.c.later]
        sums = {"n": sa.func.count(), "y": sa.func.sum(marked.c.y), "yy": sa.func.sum(marked.c.y * marked.c.y)}
        totals = [sa.cast(value, sa.Double).label(name) for name, value in sums.items()]
        found = warehouse.read(sa.select(*by, *totals).group_by(*by).order_by(*by).limit(MOST + 1))
        if len(found) <= MOST:
            break
    return used, found


def _nothing(warehouse: Warehouse, early: int) -> str:
    """Why there is no answer to learn from."""
    if early:
        return f"all {early:,} answers about contacts were given before their contact had ended"
    counted: Any = CSAT_MEAN.kind
    answers = warehouse.read(sa.select(sa.func.count().label("n")).where(counted.counted))["n"].iloc[0]
    contacts = warehouse.read(sa.select(sa.func.count().label("n")).select_from(interactions))["n"].iloc[0]
    if not answers:
        return "there is no answer to a satisfaction question (survey_answers with instrument csat)"
    if not contacts:
        return f"there are {answers:,} satisfaction answers, but no contacts (interactions) to learn from"
    return f"of {answers:,} satisfaction answers none names its contact (survey_answers.interaction_id)"
