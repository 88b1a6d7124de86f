"""The friction page's questions by hand, and the signals of friction that the other pages share.

Signals are pairs of conditions over `interactions`: of which contacts it can be said, and which of those have it. All
limits are the usual ones. What the product computes from small answers in Python, the reference computes with the same
functions.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.change_points import change_points
from tests.benchmarks.figures import of_counts

START, END = "2024-07-01", "2025-07-01"
BEFORE = ("2023-07-01", "2024-07-01")
NEWEST = "(SELECT max(occurred_at) FROM interactions)"
OLD = f"occurred_at <= {NEWEST} - INTERVAL 7 DAY"
MACHINE = "handled_by IN ('bot', 'self_service')"
_LATE = f"(ended_at IS NULL AND outcome IS NULL AND promised_at < {NEWEST} - INTERVAL 1 DAY)"
_BACK = "hours_until_next <= 168"
_ELSEWHERE = f"({_BACK} AND return_channel <> channel)"
SIGNALS = {  # in the order of the product's own: name -> (it can be said, it is there)
    "long_wait": ("wait_seconds IS NOT NULL",
                  "wait_seconds > if(channel IN ('web', 'email', 'social', 'post'), 86400, 120)"),
    "transfer": ("transfers IS NOT NULL", "transfers >= 1"),
    "abandonment": ("outcome IS NOT NULL", "outcome = 'abandoned'"),
    "repeat_contact": (f"customer_id IS NOT NULL AND {OLD}", _BACK),
    "channel_switch": (f"customer_id IS NOT NULL AND {OLD} AND channel IS NOT NULL",
                       f"outcome IS DISTINCT FROM 'resolved' AND {_ELSEWHERE}"),
    "bot_dead_end": (f"{MACHINE} AND {OLD} AND (outcome IS NOT NULL OR customer_id IS NOT NULL)",
                     f"(outcome IN ('unresolved', 'abandoned') OR ({_ELSEWHERE} AND outcome IS DISTINCT FROM 'escalated'))"),
    "reopen": ("reopens IS NOT NULL", "reopens >= 1"),
    "loop": ("stage IS NOT NULL", "previous_stage <> stage AND stage_visits >= 2"),
    "repeated_information": ("repeated_information IS NOT NULL", "repeated_information = 1"),
    "negative_sentiment": ("sentiment_end IS NOT NULL", "(sentiment_end < -0.3 OR sentiment_start - sentiment_end > 0.5)"),
    "broken_promise": (f"(hours_late IS NOT NULL OR {_LATE})", f"(hours_late > 0 OR {_LATE})"),
}  # fmt: skip
THERE = {name: f"coalesce({judged} AND {present}, false)" for name, (judged, present) in SIGNALS.items()}
ANY = f"({' OR '.join(f'({judged} AND {present})' for judged, present in SIGNALS.values())})"
_RATE = f"""
SELECT {{groups}} count(*) AS friction__n, count(*) FILTER ({ANY}) AS friction__hits
FROM interactions WHERE {OLD} AND {{where}} {{group_by}}
"""
_PERIOD = f"occurred_at >= '{START}' AND occurred_at < '{END}'"
_EARLIER = "occurred_at >= '{}' AND occurred_at < '{}'".format(*BEFORE)
_BY_SIGNAL = "SELECT count(*) AS everyone, {} FROM interactions WHERE {}".format(
    ", ".join(f"count(*) FILTER ({judged}) AS {name}__n, count(*) FILTER ({judged} AND {present}) AS {name}__hits"
              for name, (judged, present) in SIGNALS.items()), _PERIOD)  # fmt: skip
_ALL = " + ".join(SIGNALS)
_WEIGHTS = """
SELECT stage, channel, count(*) AS n, count(*) FILTER ({total} > 0) AS "any", sum({total}) AS "all", {own}, {without}
FROM (SELECT stage, channel, {flags} FROM interactions WHERE {old} AND {period}) GROUP BY ALL
""".format(
    total=f"({_ALL})", own=", ".join(f"sum({name}) AS {name}" for name in SIGNALS), old=OLD, period=_PERIOD,
    without=", ".join(f"count(*) FILTER ({_ALL} - {name} > 0) AS without_{name}" for name in SIGNALS),
    flags=", ".join(f"{there}::INTEGER AS {name}" for name, there in THERE.items()),
)  # fmt: skip
_MIX = """
SELECT date_trunc('week', occurred_at) AS period, channel, count(*) AS n FROM interactions
WHERE channel IS NOT NULL GROUP BY ALL
"""
_ROWS = f"""
SELECT interaction_id, customer_id, occurred_at, stage, channel, reason, team, handled_by, outcome, wait_seconds,
    {", ".join(f"{there} AS {name}" for name, there in THERE.items())}
FROM interactions WHERE {ANY} AND {_PERIOD} ORDER BY occurred_at DESC, interaction_id LIMIT 500
"""


def _rate(connection: Any, where: str = _PERIOD, *by: str) -> pd.DataFrame:
    groups = "".join(f"{group}, " for group in by)
    statement = _RATE.format(groups=groups, where=where, group_by="GROUP BY ALL ORDER BY ALL" if by else "")
    return of_counts(connection.execute(statement).df())["friction"]


def friction(connection: Any) -> dict[str, Any]:
    """The rate now and before, by place and month and, over all data, by week with its change points; contacts by
    signal; what follows from other weights; weekly shares of channels with their change points; the newest contacts."""
    weeks = _rate(connection, "true", "date_trunc('week', occurred_at) AS period")
    mix = (
        connection.execute(_MIX)
        .df()
        .pivot_table(index="period", columns="channel", values="n", aggfunc="sum")
        .fillna(0.0)
    )
    whole = mix.sum(axis=1).to_numpy()
    courses = {
        name: pd.DataFrame({"period": mix.index, "n": whole, "value": 100 * mix[name].to_numpy() / whole})
        for name in mix
    }
    return {
        "total": _rate(connection), "before": _rate(connection, _EARLIER), "cells": _rate(connection, _PERIOD, "stage", "channel"),
        "course": _rate(connection, _PERIOD, "date_trunc('month', occurred_at) AS period"),
        "changes": change_points(weeks), "signals": of_counts(connection.execute(_BY_SIGNAL).df()),
        "weights": connection.execute(_WEIGHTS).df(), "shifts": {name: change_points(own) for name, own in courses.items()},
        "contacts": connection.execute(f"SELECT count(*) FROM interactions WHERE {ANY} AND {_PERIOD}").fetchone()[0],
        "rows": connection.execute(_ROWS).df(),
    }  # fmt: skip
