"""The drivers page's questions by hand. The models that follow are the product's own: only what is asked differs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.drivers import drivers
from cx_metrics.analyses.price import price
from cx_metrics.scope import Scope
from tests.benchmarks.friction_by_hand import END, NEWEST, SIGNALS, START, THERE

_DIGITS = "CASE WHEN substr({0}, 2, 1) < '4' THEN '0' WHEN substr({0}, 2, 1) < '8' THEN '1' WHEN substr({0}, 2, 1) < 'c' THEN '2' ELSE '3' END"


def _group(key: str) -> str:
    """The random group of a key: the same as the product's, for its resamples."""
    return f"left(md5({key}), 1) || {_DIGITS.format(f'md5({key})')}"


_FLAGS = ", ".join(
    f"{expression}::INTEGER AS {kind}{place}"
    for place, (name, (judged, _)) in enumerate(SIGNALS.items())
    for kind, expression in (("v", f"coalesce({judged}, false)"), ("x", THERE[name]))
)
_BITS = ", ".join(
    "({})::BIGINT AS {}".format(" + ".join(f"if({held}, {2**place}, 0)" for place, held in enumerate(conditions)), kind)
    for kind, conditions in (
        ("v", [f"coalesce({judged}, false)" for judged, _ in SIGNALS.values()]),
        ("x", THERE.values()),
    )
)
_NAMES = [f"{kind}{place}" for kind in "vx" for place in range(len(SIGNALS))]
_SAID = """respondent = 'customer' AND counts = 1 AND score IS NOT NULL AND instrument IN ('csat', 'nps', 'ces')
    AND answered_at >= '{start}' AND answered_at < '{end}'"""
_POINTS = """CASE instrument WHEN 'csat' THEN if(score >= scale_max - 1, 100.0, 0) WHEN 'ces' THEN if(score >= 5, 100.0, 0)
    ELSE CASE WHEN score >= 9 THEN 100.0 WHEN score <= 6 THEN -100 ELSE 0 END END"""
_CONTACTS = f"contacts AS (SELECT *, {_FLAGS} FROM interactions WHERE {{where}})"
_ANSWERS = f"""
WITH said AS (
    SELECT instrument, answer_id, interaction_id, order_id, customer_id, answered_at, stage, channel, {_POINTS} AS y,
        {_group("coalesce(customer_id, answer_id)")} AS "group"
    FROM survey_answers WHERE {_SAID.format(start=START, end=END)}
), {_CONTACTS.format(where="interaction_id IN (SELECT interaction_id FROM said)")}, answers AS (
    SELECT instrument, y, "group", said.stage, said.channel, segment, {", ".join(_NAMES)}
    FROM said JOIN contacts USING (interaction_id) LEFT JOIN customers ON customers.customer_id = said.customer_id
)
"""
_RELATIONSHIP = f"""
WITH said AS (
    SELECT instrument, answer_id, customer_id, answered_at, stage, channel, {_POINTS} AS y, {_group("customer_id")} AS "group"
    FROM survey_answers WHERE {_SAID.format(start=START, end=END)} AND interaction_id IS NULL AND order_id IS NULL
        AND customer_id IS NOT NULL
), {_CONTACTS.format(where="customer_id IN (SELECT customer_id FROM said)")}, answers AS (
    SELECT instrument, y, "group", said.stage, said.channel, any_value(segment) AS segment,
        {", ".join(f"coalesce(max({name}), 0) AS {name}" for name in _NAMES)}
    FROM said LEFT JOIN contacts ON contacts.customer_id = said.customer_id AND occurred_at <= answered_at
        AND occurred_at >= answered_at - INTERVAL 90 DAY
    LEFT JOIN customers ON customers.customer_id = said.customer_id
    GROUP BY answer_id, instrument, y, "group", said.stage, said.channel
)
"""
_CELLS = f"""
SELECT instrument, stage, channel, segment, "group", count(*) AS n, sum(y) AS y, {", ".join(f"sum({name})::DOUBLE AS {name}" for name in _NAMES)}
FROM answers GROUP BY instrument, stage, channel, segment, "group"
"""
_PEOPLE = """
people AS (
    SELECT customer_id, min(started_at) AS first_at, if(count(*) = count(ended_at), max(ended_at), NULL) AS last_at
    FROM subscriptions WHERE customer_id IS NOT NULL GROUP BY customer_id
)
"""
_STAYED = f"""occurred_at >= '{START}' AND occurred_at < '{END}' AND first_at <= occurred_at
    AND (last_at IS NULL OR last_at - INTERVAL 7 DAY > occurred_at)"""
_COUNT = f"WITH {_PEOPLE} SELECT count(*) AS n FROM interactions JOIN people USING (customer_id) WHERE {_STAYED}"
_FOLLOW_UPS = f"""
WITH {_PEOPLE}, drawn AS (SELECT *, substr(md5(customer_id), 9) AS digest FROM people WHERE digest < '{{threshold}}'),
course AS (
    SELECT i.*, first_at, last_at, digest, min(occurred_at) OVER (PARTITION BY i.customer_id ORDER BY occurred_at
        RANGE BETWEEN INTERVAL 604801 SECOND FOLLOWING AND UNBOUNDED FOLLOWING) AS next_at
    FROM interactions AS i JOIN drawn USING (customer_id)
)
SELECT course.customer_id, occurred_at AS "at", stage, channel, segment, date_trunc('quarter', occurred_at) AS quarter,
    {_group("course.customer_id")} AS "group", epoch(last_at) - epoch(occurred_at) - 604800 AS until_event,
    epoch(next_at) - epoch(occurred_at) - 604800 AS until_contact, epoch({NEWEST}) - epoch(occurred_at) - 604800 AS until_end,
    {_BITS}
FROM course LEFT JOIN customers USING (customer_id) WHERE {_STAYED}
ORDER BY digest, course.customer_id, occurred_at, interaction_id LIMIT {{limit}}
"""
_KEPT = "status NOT IN ('canceled', 'cancelled', 'refunded', 'returned', 'voided', 'unavailable', 'failed')"
_PATTERNS = f"""
WITH {_PEOPLE}, latest AS (
    SELECT customer_id, max(occurred_at) AS last_contact FROM interactions JOIN people USING (customer_id)
    WHERE {_STAYED} GROUP BY customer_id
), met AS (
    SELECT customer_id, last_contact, count(*) AS contacts,
        {" + ".join(f"max(if({there}, {2**place}, 0))" for place, there in enumerate(THERE.values()))} AS pattern
    FROM interactions JOIN latest USING (customer_id)
    WHERE occurred_at >= '{START}' AND occurred_at <= last_contact AND occurred_at >= last_contact - INTERVAL 90 DAY
    GROUP BY customer_id, last_contact
), paid AS (
    SELECT customer_id, 12 * sum(monthly_amount) AS yearly, min(currency) AS low, max(currency) AS high
    FROM subscriptions JOIN met USING (customer_id)
    WHERE started_at <= last_contact AND (ended_at IS NULL OR ended_at > last_contact) GROUP BY customer_id
), bought AS (
    SELECT customer_id, sum(amount) AS yearly, min(currency) AS low, max(currency) AS high
    FROM orders JOIN met USING (customer_id)
    WHERE ordered_at <= last_contact AND ordered_at > last_contact - INTERVAL 365 DAY AND (status IS NULL OR {_KEPT})
    GROUP BY customer_id
)
SELECT pattern, CASE {" ".join(f"WHEN contacts >= {band} THEN {band}" for band in (15, 10, 7, 5, 4, 3, 2))} ELSE 1 END AS band,
    segment, date_trunc('quarter', last_contact) AS quarter, {_group("customer_id")} AS "group", count(*) AS n,
    sum(coalesce(paid.yearly, 0) + coalesce(bought.yearly, 0)) AS value,
    min(least(paid.low, bought.low)) AS currency_low, max(greatest(paid.high, bought.high)) AS currency_high
FROM met LEFT JOIN paid USING (customer_id) LEFT JOIN bought USING (customer_id) LEFT JOIN customers USING (customer_id)
GROUP BY ALL
"""
_X = [f"x{place}" for place in range(len(SIGNALS))]
_HOURS = f"""
WITH marked AS (
    SELECT stage, if(coalesce(hours_until_next <= 168, false), coalesce(next_handle_seconds, 0) / 3600, 0) AS cost,
        {", ".join(f"{there}::INTEGER AS x{place}" for place, there in enumerate(THERE.values()))}
    FROM interactions WHERE occurred_at >= '{START}' AND occurred_at < '{END}'
), shared AS (SELECT *, cost / nullif({" + ".join(_X)}, 0) AS part FROM marked)
SELECT stage, {", ".join(f"sum({x}) AS contacts{x[1:]}, sum({x} * part) AS value{x[1:]}, sum({x} * part * part) AS squares{x[1:]}" for x in _X)},
    count(part) AS friction, sum(cost) FILTER (part IS NOT NULL) AS hours, sum(cost * cost) FILTER (part IS NOT NULL) AS squares
FROM shared GROUP BY stage
"""


class ByHand:
    """Stands in for the warehouse: what is asked for by certain columns is answered by a statement written by hand.
    The product's models follow from these answers."""

    def __init__(self, connection: Any) -> None:
        self._connection, self._asked, self._total = connection, 0, 0
        self.limit = 20_000

    def version(self) -> str:
        return "by hand"

    def read(self, question: Any) -> pd.DataFrame:
        names = [column.name for column in question.selected_columns]
        found: pd.DataFrame = self._connection.execute(self._statement(names)).df()
        if names == ["n"]:
            self._total = int(found["n"][0])
        return found

    def _statement(self, names: list[str]) -> str:
        if any("*" in name for name in names):
            sums = ", ".join(f'sum({name})::DOUBLE AS "{name}"' for name in names[2:])
            return f'{_ANSWERS} SELECT instrument, "group", {sums} FROM answers GROUP BY instrument, "group"'
        if "y" in names:
            self._asked += 1
            return (_ANSWERS if self._asked % 2 else _RELATIONSHIP) + _CELLS
        if "until_event" in names:
            share = min(1.2 * self.limit / max(self._total, 1), 1)
            threshold = "g" if share == 1 else f"{int(share * 16**8):08x}"
            return _FOLLOW_UPS.format(threshold=threshold, limit=self.limit)
        return _COUNT if names == ["n"] else _HOURS if "friction" in names else _PATTERNS


def answers(connection: Any, scope: Scope) -> tuple[Analysis, Analysis]:
    """The drivers, and the price of friction."""
    asked: Any = ByHand(connection)
    found = drivers(asked, scope)
    asked.limit = 50_000  # contacts that the price looks at
    return found, price(asked, scope)
