"""The journey page's questions by hand: ways, transitions, loops, the funnel and two groups of cases."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.benchmarks import by_hand
from tests.benchmarks.figures import KaplanMeier, Ranks
from tests.benchmarks.friction_by_hand import END, START, THERE

GROUPS = ("channel", "chat", "phone")
STEPS = ("discover", "buy", "onboard", "use", "pay", "renew")
_PERIOD = f"occurred_at >= '{START}' AND occurred_at < '{END}'"
_ROUNDED = "if({0} < 2, floor({0} * 60 + 0.5) / 60, floor({0} * 10 + 0.5) / 10)"
_CASES = f"""
CREATE OR REPLACE TEMP TABLE cases AS
WITH begun AS (SELECT case_key FROM interactions WHERE case_contact = 1 AND {_PERIOD})
SELECT case_key, string_agg(stage, ' > ' ORDER BY case_contact) FILTER (case_contact <= 8) AS way, max(case_contacts) AS contacts,
    any_value(case_outcome) AS outcome, sum(case_hours_until_next) AS hours, arg_max(stage, case_contact) AS ended,
    arg_min(stage, case_contact) AS began
FROM interactions SEMI JOIN begun USING (case_key) WHERE occurred_at >= '{START}' GROUP BY case_key
"""
_VARIANTS = """
SELECT way, count(*) AS n, sum(contacts) / count(*) AS contacts, count(outcome) AS known,
    count(*) FILTER (outcome = 'resolved') AS resolved
FROM cases GROUP BY way, contacts > 8 ORDER BY n DESC, way LIMIT 20
"""
_LISTED = "listed AS (SELECT way FROM cases GROUP BY way, contacts > 8 ORDER BY count(*) DESC, way LIMIT 20)"
_WAYS = {
    "cases": "SELECT count(*) AS n, count(*) FILTER (contacts > 1) AS several FROM cases",
    "starts": "SELECT began, outcome, count(*) AS n FROM cases GROUP BY ROLLUP (began, outcome)",
    "ends": "SELECT ended, outcome, count(*) AS n FROM cases GROUP BY ROLLUP (ended, outcome)",
    "steps": """SELECT position, places[position] AS here, places[position + 1] AS following, count(*) AS n
        FROM (SELECT string_split(way, ' > ') AS places, unnest(range(1, 5)) AS position FROM cases)
        WHERE here IS NOT NULL GROUP BY ALL""",
    "variants": _VARIANTS,
    "csat": f"""WITH {_LISTED} SELECT way, count(*) AS n, count(*) FILTER (score >= scale_max - 1) AS hits
        FROM survey_answers JOIN interactions USING (interaction_id) JOIN cases USING (case_key) SEMI JOIN listed USING (way)
        WHERE instrument = 'csat' AND respondent = 'customer' AND counts = 1 AND score IS NOT NULL GROUP BY way""",
}  # fmt: skip
_LASTED = f"""
WITH {_LISTED} SELECT way, {_ROUNDED.format("hours")} AS x, count(*) AS rows_here
FROM cases SEMI JOIN listed USING (way) WHERE contacts > 1 AND x IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
_MOVES = f"""
SELECT stage, next_stage, {_ROUNDED.format("case_hours_until_next")} AS x, count(*) AS rows_here FROM interactions
WHERE case_contact < case_contacts AND {_PERIOD} AND x IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
_LOOPED = f"""
WITH begun AS (
    SELECT case_key, coalesce(reason, '(not given)') AS matter FROM interactions WHERE case_contact = 1 AND {_PERIOD}
), looped AS (
    SELECT matter, stage, previous_stage, case_key FROM interactions JOIN begun USING (case_key)
    WHERE occurred_at >= '{START}' AND {THERE["loop"]}
)
"""
_LOOPS = {
    "reasons": f"""{_LOOPED} SELECT matter, whole.n, coalesce(circled.cases, 0) AS cases
        FROM (SELECT matter, count(*) AS n FROM begun GROUP BY matter) AS whole
        LEFT JOIN (SELECT matter, count(DISTINCT case_key) AS cases FROM looped GROUP BY matter) AS circled USING (matter)""",
    "loop_ways": f"""{_LOOPED} SELECT stage, previous_stage, matter, count(DISTINCT case_key) AS cases
        FROM looped GROUP BY ALL""",
}  # fmt: skip
_REACHED = f"""
CREATE OR REPLACE TEMP TABLE reached AS
WITH contacts AS (
    SELECT customer_id, occurred_at, stage, coalesce(outcome, '-') AS ended FROM interactions
    WHERE customer_id IS NOT NULL AND {_PERIOD}
), step_1 AS (
    SELECT customer_id, min(occurred_at) AS "at", arg_min(ended, occurred_at) AS ended FROM contacts
    WHERE stage = '{STEPS[0]}' GROUP BY customer_id
){
    "".join(
        f''', step_{k + 1} AS (
    SELECT customer_id, min(occurred_at) AS "at", arg_min(c.ended, occurred_at) AS ended FROM contacts AS c
    JOIN step_{k} USING (customer_id) WHERE c.stage = '{stage}' AND occurred_at >= "at" GROUP BY customer_id
)'''
        for k, stage in enumerate(STEPS[1:], start=1)
    )
}
{" UNION ALL ".join(f"SELECT {k} AS step, * FROM step_{k}" for k in range(1, len(STEPS) + 1))}
"""
_GAPS = f"""
SELECT here.step, {_ROUNDED.format("(date_diff('second', was.at, here.at) / 3600)")} AS x, count(*) AS rows_here
FROM reached AS was JOIN reached AS here ON here.customer_id = was.customer_id AND here.step = was.step + 1
GROUP BY ALL ORDER BY ALL
"""
_LEFT = f"""
WITH stopped AS (
    SELECT * FROM reached AS r WHERE step < {len(STEPS)} AND NOT EXISTS (
        FROM reached AS later WHERE later.customer_id = r.customer_id AND later.step = r.step + 1)
), following AS (
    SELECT step, s.customer_id, any_value(ended) AS ended, arg_min({{{{'stage': stage, 'channel': channel}}}}, occurred_at) AS place
    FROM stopped AS s LEFT JOIN interactions AS i ON i.customer_id = s.customer_id AND occurred_at > "at" AND {_PERIOD}
    GROUP BY ALL
)
SELECT step, ended, place, count(*) AS n FROM following GROUP BY ALL
""".replace("{{", "{").replace("}}", "}")
_COMPARED = f"""
WITH begun AS (
    SELECT case_key, channel AS side FROM interactions WHERE case_contact = 1 AND channel IN {GROUPS[1:]} AND {_PERIOD}
), taken AS (
    SELECT side, case_key, max(case_contacts) AS contacts, min(channel) <> max(channel) AS many,
        bool_or({THERE["loop"]}) AS looped, any_value(case_outcome) AS ended
    FROM interactions JOIN begun USING (case_key) WHERE occurred_at >= '{START}' GROUP BY side, case_key
)
SELECT side, count(*) AS n, sum(contacts) / count(*) AS contacts, stddev(contacts) AS spread, count(*) FILTER (many) AS channels,
    count(*) FILTER (looped) AS loops, count(ended) AS known, count(*) FILTER (ended = 'resolved') AS resolved,
    count(*) FILTER (ended = 'abandoned') AS abandoned
FROM taken GROUP BY side
"""
_FIRST_MOVES = f"""
SELECT channel, stage, next_stage, count(*) AS n FROM interactions
WHERE case_contact = 1 AND case_contacts > 1 AND channel IN {GROUPS[1:]} AND {_PERIOD} GROUP BY ALL
"""
_SIZES = f"SELECT channel, count(*) AS n FROM interactions WHERE case_contact = 1 AND {_PERIOD} GROUP BY channel ORDER BY n DESC"


def journey(connection: Any) -> dict[str, pd.DataFrame]:
    """Cases by way, start, end and step; loops by reason; transitions; the funnel; two groups of cases."""
    connection.execute(_CASES)
    connection.execute(_REACHED)
    resolutions = by_hand.RESOLUTIONS.format(
        groups="channel, ", names="channel, ", join="", where=f"channel IN {GROUPS[1:]} AND {_PERIOD}"
    )
    more = {"funnel": "SELECT step, count(*) AS n FROM reached GROUP BY step ORDER BY step", "leavers": _LEFT,
            "compared": _COMPARED, "first_moves": _FIRST_MOVES, "sizes": _SIZES}  # fmt: skip
    found = {name: connection.execute(statement).df() for name, statement in (_WAYS | _LOOPS | more).items()}
    quantiles = {"lasted": _LASTED, "transitions": _MOVES, "days": _GAPS}
    found |= {name: _medians(name, connection.execute(asked).df()) for name, asked in quantiles.items()}
    return found | KaplanMeier("hours", 0.5)(connection.execute(resolutions).df())


def _medians(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """With their intervals, of groups of at least ten, as the product shows them."""
    groups = [column for column in rows.columns if column not in ("x", "rows_here")]
    large = rows.groupby(groups, dropna=False)["rows_here"].transform("sum") >= 10
    return Ranks(name, 0.5)(rows[large])[name]
