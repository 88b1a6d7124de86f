"""The questions of the bots page and of the consistency page by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cx_metrics.analyses.matched import compare
from cx_metrics.analyses.spread import spread
from tests.benchmarks.figures import of_counts
from tests.benchmarks.friction_by_hand import END, MACHINE, OLD, SIGNALS, START, THERE

_PERIOD = f"occurred_at >= '{START}' AND occurred_at < '{END}'"
_PART = f"""CASE WHEN customer_id IS NULL THEN 'customer unknown' WHEN outcome IS NULL THEN 'outcome unknown'
    WHEN NOT {OLD} THEN 'too young to judge' WHEN outcome = 'escalated' THEN 'escalated'
    WHEN hours_until_next <= 168 AND return_channel = channel THEN 'same'
    WHEN hours_until_next <= 168 AND return_channel <> channel THEN 'elsewhere' WHEN hours_until_next <= 168 THEN 'somewhere'
    WHEN outcome = 'resolved' THEN 'durable' WHEN outcome = 'abandoned' THEN 'abandoned' ELSE 'unresolved' END"""
_CONTAINED = f"""
SELECT handled_by, channel, stage, reason, {_PART} AS part, count(*) AS n, grouping(channel, stage, reason) AS cut
FROM interactions WHERE {MACHINE} AND {_PERIOD} GROUP BY GROUPING SETS (
    (handled_by, part), (handled_by, channel, part), (handled_by, stage, part), (handled_by, reason, part))
"""
_RETURNS = f"""
SELECT channel, return_channel, count(*) AS n, sum(count(*)) OVER (PARTITION BY channel) AS whole,
    median(hours_until_next) AS hours
FROM interactions WHERE {MACHINE} AND {_PERIOD} AND {_PART} = 'elsewhere'
GROUP BY channel, return_channel
"""
_DEAD_ENDS = f"""
SELECT *, sum(n) OVER here - n AS rest_n, sum(hits) OVER here - hits AS rest_hits FROM (
    SELECT stage, channel, handled_by, count(*) AS n, count(*) FILTER ({SIGNALS["bot_dead_end"][1]}) AS hits
    FROM interactions WHERE {SIGNALS["bot_dead_end"][0]} AND {_PERIOD} GROUP BY ALL
) WINDOW here AS (PARTITION BY channel, handled_by)
"""
_AFTER = "coalesce(previous_handled_by IN ('bot', 'self_service'), false)"
_PEOPLE = f"""handled_by = 'human' AND ({_AFTER} OR case_contact = 1) AND initiated_by IS DISTINCT FROM 'company'
    AND {_PERIOD}"""
_SIDES = f"""
SELECT channel, reason, {_AFTER}::INTEGER AS treated, count(wait_seconds) AS wait_n, count(wait_seconds) AS long_wait_n,
    count(*) FILTER ({THERE["long_wait"]}) AS long_wait, count(repeated_information) AS repeated_n,
    count(*) FILTER (repeated_information = 1) AS repeated, count(outcome) AS resolved_n,
    count(*) FILTER (outcome = 'resolved') AS resolved
FROM interactions WHERE {_PEOPLE} GROUP BY ALL
"""
_WAITS = f"""
WITH given AS (
    SELECT channel, coalesce(reason, '') AS matter, {_AFTER} AS after, wait_seconds AS x FROM interactions
    WHERE {_PEOPLE} AND wait_seconds IS NOT NULL
), strata AS (
    SELECT channel, matter, count(*) FILTER (after) / count(*) FILTER (NOT after) AS weight FROM given GROUP BY ALL
    HAVING bool_or(after) AND bool_or(NOT after)
)
SELECT after, x, sum(if(after, 1, weight)) AS weight FROM given JOIN strata USING (channel, matter) GROUP BY ALL ORDER BY ALL
"""
_ESCALATED = f"""
SELECT handled_by, count(*) AS n, count(*) FILTER (case_hours_until_next <= 168) AS followed,
    count(*) FILTER (case_outcome = 'resolved') AS solved, median(case_hours_until_next) FILTER (case_hours_until_next <= 168) AS hours
FROM interactions WHERE {MACHINE} AND outcome = 'escalated' AND customer_id IS NOT NULL AND {OLD} AND {_PERIOD} GROUP BY ALL
"""


def bots(connection: Any) -> dict[str, Any]:
    """What became of the contacts of bots and self-service, returns, dead ends, waits and shares after a bot."""
    asked = {"contained": _CONTAINED, "returns": _RETURNS, "dead_ends": _DEAD_ENDS, "sides": _SIDES, "waits": _WAITS,
             "escalated": _ESCALATED}  # fmt: skip
    found = {name: connection.execute(statement).df() for name, statement in asked.items()}
    sides = found["sides"]
    for name in ("long_wait", "repeated", "resolved"):
        cells = sides[["channel", "reason", "treated"]].assign(
            n=sides[f"{name}_n"], total=sides[name], squares=sides[name]
        )
        found[f"compared {name}"] = compare(cells[cells["n"] > 0], ("channel", "reason"))
    medians = {}
    for after, own in found["waits"].groupby("after"):
        upto = own["weight"].cumsum().to_numpy()
        medians[after] = own["x"].to_numpy()[np.searchsorted(upto, upto[-1] / 2 * (1 - 1e-9))]
    return found | {"medians": medians}


_TOOK = "coalesce(case_resolved_seconds, wait_seconds + handle_seconds)"
_REPEAT, _BACK = SIGNALS["repeat_contact"]
_CHANNELS = f"""
WITH usual AS (SELECT reason, median({_TOOK}) AS seconds FROM interactions WHERE {_PERIOD} GROUP BY reason)
SELECT reason, channel, count(*) AS contacts, count(outcome) AS resolved_n, count(*) FILTER (outcome = 'resolved') AS resolved,
    count(*) FILTER ({_REPEAT}) AS repeat_n, count(*) FILTER ({_REPEAT} AND {_BACK}) AS repeat,
    count({_TOOK}) AS slow_n, count(*) FILTER ({_TOOK} > seconds) AS slow
FROM interactions LEFT JOIN usual USING (reason) WHERE {_PERIOD} GROUP BY reason, channel
"""
_FIRST = "initiated_by = 'company' AND customer_began_first = 0"
_PROACTIVE = f"""
SELECT {{0}} count(initiated_by) AS proactive__n, count(*) FILTER ({_FIRST}) AS proactive__hits FROM interactions
WHERE {_PERIOD} {{1}}
"""
_EFFECT = f"""
WITH told AS (
    SELECT a.instrument, i.reason, i.stage, i.channel, segment, date_trunc('quarter', occurred_at) AS quarter,
        if({_FIRST}, 1, if(initiated_by = 'customer', 0, NULL)) AS treated,
        CASE a.instrument WHEN 'csat' THEN (score >= scale_max - 1)::INTEGER ELSE (score >= 9)::INTEGER - (score <= 6)::INTEGER END AS x
    FROM survey_answers AS a JOIN interactions AS i USING (interaction_id) LEFT JOIN customers ON customers.customer_id = i.customer_id
    WHERE a.instrument IN ('csat', 'nps') AND respondent = 'customer' AND counts = 1 AND score IS NOT NULL AND {_PERIOD}
)
SELECT * EXCLUDE (x), count(*) AS n, sum(x)::DOUBLE AS total, sum(x * x)::DOUBLE AS squares FROM told WHERE treated IS NOT NULL
GROUP BY ALL
"""
_ALONE = f"""
SELECT {{0}}, count(outcome) AS alone__n, count(*) FILTER (outcome = 'resolved' AND coalesce(transfers, 0) = 0) AS alone__hits
FROM interactions WHERE {_PERIOD} GROUP BY ALL
"""
STRATA = ("reason", "stage", "channel", "segment", "quarter")


def consistency(connection: Any) -> dict[str, Any]:
    """Shares by reason and channel and how far channels are apart; contacts begun by the company; the front line."""
    table = connection.execute(_CHANNELS).df()
    known = table.dropna(subset=["reason", "channel"])
    cells = pd.concat([
        known[["reason", "channel"]].assign(measure=name, n=known[f"{name}_n"].astype(float), hits=known[name].astype(float))
        for name in ("resolved", "repeat", "slow")
    ])  # fmt: skip
    answers = connection.execute(_EFFECT).df()
    effect = {
        (name, len(by)): compare(answers[answers["instrument"] == name], by)
        for name in ("csat", "nps")
        for by in ((), STRATA)
    }
    begun = {by: of_counts(connection.execute(_PROACTIVE.format(*given)).df())["proactive"] for by, given in {
        "all": ("", ""), **{by: (f"{by},", "GROUP BY ALL") for by in ("stage", "channel", "team")}}.items()}  # fmt: skip
    alone = {by: of_counts(connection.execute(_ALONE.format(by)).df())["alone"] for by in ("team, reason", "team")}
    return {"channels": table, "spread": spread(cells[cells["n"] >= 30].reset_index(drop=True)), "effect": effect,
            "begun": begun, "alone": alone}  # fmt: skip
