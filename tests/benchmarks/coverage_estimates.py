"""Whether intervals of estimated satisfaction hold the truth, and how often a model is refused, over made-up companies.

    python -m tests.benchmarks.coverage_estimates 500     coverage per kind of company and grouping, and refusals

Measured on companies of 3,000 contacts with 1,000 answers: of 100 in which satisfaction is pure noise, all are refused,
and in 3 some group is called biased (at a stated 5 %); intervals hold the truth of stages, channels, teams and pairs in
94 to 98 % in every kind of company (20 to 30 companies each), those of all contacts together in 95 to 100 %. Where
experience has nothing to do with satisfaction, it is estimated from it in a fifth of the runs all the same, with 90 %.

Each company's true expected satisfaction is known contact by contact. Everything runs as in the product, its SQL
included, on an engine in memory that is filled without an import.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.estimate_experience import link, predicted
from cx_metrics.analyses.estimate_groups import groups
from cx_metrics.analyses.estimate_model import learnt
from cx_metrics.journey import Limits
from cx_metrics.model import metadata
from cx_metrics.scope import Scope

STAGES, CHANNELS = ("buy", "use", "pay", "get help", "renew", "leave"), ("web", "chat", "phone", "email")
TEAMS = tuple(f"team {place}" for place in range(10))
_BY = {
    "all": ("all",), "stage": ("stage",), "channel": ("channel",), "team": ("team",),
    "stage and channel": ("stage", "channel"),
}  # fmt: skip
_TABLES = ("interactions", "survey_answers", "customers")
KINDS = {  # what the model does not know, in points (standard deviation): teams, stage x channel, customers
    "linear": (0.0, 0.0, 0.0), "teams differ": (5.0, 0.0, 0.0), "cells differ": (0.0, 5.0, 0.0),
    "customers differ": (0.0, 0.0, 8.0), "all of it": (4.0, 4.0, 6.0),
}  # fmt: skip


@functools.cache
def _connection() -> sa.Connection:
    """One connection for all companies: statements once compiled are compiled."""
    connection = sa.create_engine("duckdb:///:memory:", poolclass=sa.pool.StaticPool).connect()
    connection.exec_driver_sql("SET threads = 1")  # the tables are small
    metadata.create_all(connection, tables=[metadata.tables[name] for name in _TABLES])
    return connection


class Memory:
    """A warehouse in memory, one at a time: `read` and `version`, as the analyses use them."""

    def __init__(self, tables: dict[str, pd.DataFrame]) -> None:
        connection: Any = _connection()
        for name in _TABLES:
            connection.exec_driver_sql(f"DELETE FROM {name}")
        for name, frame in tables.items():
            connection.connection.driver_connection.register("given", frame)
            columns = ", ".join(frame.columns)
            connection.exec_driver_sql(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM given")

    def read(self, question: Any) -> pd.DataFrame:
        """The answer to a select."""
        result = _connection().execute(question)
        return pd.DataFrame(result.fetchall(), columns=list(result.keys()))

    def version(self) -> str:
        """Always the same: nothing changes."""
        return "memory"


@dataclass(frozen=True)
class Company:
    """tables: for `Memory`. truth: expected satisfaction of each contact, 0-100, in the order of the interactions."""

    tables: dict[str, pd.DataFrame]
    truth: np.ndarray


def company(
    rng: np.random.Generator, contacts: int = 3_000, answering: float = 0.35, kind: str = "linear", drive: float = 1.0
) -> Company:
    """A company over two years. drive: how much what happens moves satisfaction; 0: nothing does, all is noise.

    Who had a good outcome answers more often, so that the answered are not like the silent.
    """
    teams, cells, people = KINDS[kind]
    stage, channel = rng.integers(len(STAGES), size=contacts), rng.integers(len(CHANNELS), size=contacts)
    team = np.where(rng.random(contacts) < 0.5, stage, rng.integers(len(TEAMS), size=contacts))
    outcome = rng.choice(3, p=[0.75, 0.18, 0.07], size=contacts)
    transfers, reopens = rng.random(contacts) < 0.15 + 0.05 * channel, rng.random(contacts) < 0.08
    wait = rng.exponential(200.0, contacts)
    customer = rng.integers(contacts // 3, size=contacts)
    cost = (
        np.array([0, 14, 10])[outcome]
        + 7 * transfers
        + 6 * reopens
        + 6 * (wait > 120)
        + np.array([0, 4, 2, 6, 8, 3])[stage]
    )
    truth = 85 - drive * cost
    truth = (
        truth + (rng.standard_normal(len(TEAMS)) * teams)[team] + (rng.standard_normal((6, 4)) * cells)[stage, channel]
    )
    truth = np.clip(truth, 3, 97)
    own = np.clip(truth + (rng.standard_normal(contacts // 3 + 1) * people)[customer], 0, 100)
    score = rng.binomial(10, own / 100)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 730 * 1440, size=contacts)), unit="min")
    ids = [f"i{place}" for place in range(contacts)]
    interactions = pd.DataFrame({
        "interaction_id": ids, "customer_id": [f"c{place}" for place in customer], "occurred_at": when,
        "ended_at": when + pd.Timedelta(minutes=20), "stage": np.array(STAGES)[stage],
        "channel": np.array(CHANNELS)[channel], "team": np.array(TEAMS)[team], "transfers": transfers.astype(int),
        "outcome": np.array(["resolved", "unresolved", "escalated"])[outcome], "reopens": reopens.astype(int),
        "wait_seconds": wait, "handle_seconds": rng.exponential(600.0, contacts), "case_contact": 1, "stage_visits": 1,
        "reason": "matter", "handled_by": "human", "initiated_by": "customer",
    })  # fmt: skip
    asked = np.flatnonzero(rng.random(contacts) < answering * np.array([1.1, 0.8, 0.6])[outcome])
    answers = pd.DataFrame({
        "answer_id": [f"a{place}" for place in asked], "interaction_id": [ids[place] for place in asked],
        "customer_id": [f"c{place}" for place in customer[asked]], "respondent": "customer", "instrument": "csat",
        "score": score[asked].astype(float), "scale_min": 0.0, "scale_max": 10.0, "counts": 1,
        "answered_at": when[asked] + pd.Timedelta(hours=20),
    })  # fmt: skip
    return Company({"interactions": interactions, "survey_answers": answers}, truth)


def coverage(times: int, kinds: tuple[str, ...] = tuple(KINDS), seed: int = 1, contacts: int = 3_000) -> pd.DataFrame:
    """kind, by, side (estimated: all contacts; estimated_silent), covered (share of groups whose interval holds the
    truth), intervals, companies (with a model), width (mean, points)."""
    rows = []
    for kind in kinds:
        for run in range(times):
            rng = np.random.default_rng([seed, list(KINDS).index(kind), run])
            rows += _held(company(rng, contacts, kind=kind), kind, run)
    found = pd.DataFrame(rows, columns=["kind", "by", "side", "run", "held", "width"])
    grouped = found.groupby(["kind", "by", "side"], sort=False)
    return grouped.agg(covered=("held", "mean"), intervals=("held", "size"), companies=("run", "nunique"),
                       width=("width", "mean")).reset_index()  # fmt: skip


def _held(made: Company, kind: str, run: int) -> list[tuple[Any, ...]]:
    memory = Memory(made.tables)
    model: Any = learnt(memory, Limits())  # type: ignore[arg-type]
    if model.reason:
        return []
    table = groups(memory, Scope(), model.model, model.backtest.bias)  # type: ignore[arg-type]
    contacts = made.tables["interactions"].assign(truth=made.truth, **{"all": "all contacts"})
    silent = contacts[~contacts["interaction_id"].isin(made.tables["survey_answers"]["interaction_id"])]
    rows = []
    for side, own in (("estimated", contacts), ("estimated_silent", silent)):
        for by, keys in _BY.items():
            truth = own.groupby(list(keys))["truth"].mean()
            for row in table[(table["by"] == by) & table[side].notna()].to_dict("records"):
                true = truth[(row["group"], row["channel"])[: len(keys)] if len(keys) > 1 else row["group"]]
                low, high = row[f"{side}_low"], row[f"{side}_high"]
                rows.append((kind, by, side, run, low <= true <= high, high - low))
    return rows


def refusals(
    times: int, drives: tuple[float, ...] = (0.0, 0.3, 1.0), seed: int = 1, contacts: int = 3_000
) -> pd.DataFrame:
    """drive, companies, refused (share), flagged (share with any group called biased)."""
    rows = []
    for drive in drives:
        for run in range(times):
            made = company(np.random.default_rng([seed, 99, int(10 * drive), run]), contacts, drive=drive)
            memory = Memory(made.tables)
            found = learnt(memory, Limits())  # type: ignore[arg-type]
            biased = found.backtest is not None and bool(found.backtest.bias.table["biased"].any())
            rows.append((drive, bool(found.reason), biased))
    table = pd.DataFrame(rows, columns=["drive", "refused", "flagged"])
    return (
        table.groupby("drive")
        .agg(companies=("refused", "size"), refused=("refused", "mean"), flagged=("flagged", "mean"))
        .reset_index()
    )


def experience_coverage(times: int, stages: int = 8, seed: int = 1) -> pd.DataFrame:
    """slope (true), used (share of runs that did better than the mean), covered (of these, share of left-out stages
    whose experience the interval holds), for experience = 20 + slope x satisfaction + noise of 4 points."""
    from scipy.special import stdtrit

    rows = []
    for slope in (0.0, 0.5, 1.0, 1.5):
        rng = np.random.default_rng([seed, int(10 * slope), stages])
        for _ in range(times):
            true = rng.normal(70, 8, stages + 1)
            error = rng.uniform(0.5, 2.0, stages + 1)
            seen = true + error * rng.standard_normal(stages + 1)
            told = 20 + slope * (true - 30) + 4 * rng.standard_normal(stages + 1)
            found = link(told[:-1], seen[:-1], error[:-1] ** 2)
            value, wide = predicted(found, seen[-1:], error[-1:] ** 2)
            half = stdtrit(found.freedom, 0.975) * wide
            rows.append((slope, found.error < found.error_mean, abs(value[0] - told[-1]) <= half[0]))
    table = pd.DataFrame(rows, columns=["slope", "used", "held"])
    return pd.DataFrame([
        {"slope": slope, "used": own["used"].mean(), "covered": own.loc[own["used"], "held"].mean()}
        for slope, own in table.groupby("slope")
    ])  # fmt: skip


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    print(refusals(count).round(3).to_string(index=False))
    print(coverage(count).round(3).to_string(index=False))
    print(experience_coverage(20 * count).round(3).to_string(index=False))
