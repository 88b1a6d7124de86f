"""The pages' questions as a competent person would write them by hand for the embedded engine, over the same tables.

Each answers the same as the product's own functions, intervals included; only the suppression of small groups, which
large data do not need, is left out. Percentages and the like are computed from the counts in `figures`.
"""

from __future__ import annotations

import datetime
from typing import Any

import duckdb
import pandas as pd

from tests.benchmarks.figures import Figures, KaplanMeier, Ranks, of_counts

ANSWERS = """
SELECT {groups} count(*) FILTER (instrument = 'csat') AS csat__n,
    count(*) FILTER (instrument = 'csat' AND score >= scale_max - 1) AS csat__hits,
    count(*) FILTER (instrument = 'ces') AS ces__n, count(*) FILTER (instrument = 'ces' AND score >= 5) AS ces__hits,
    count(*) FILTER (instrument = 'nps') AS nps__n, count(*) FILTER (instrument = 'nps' AND score >= 9) AS nps__up,
    count(*) FILTER (instrument = 'nps' AND score <= 6) AS nps__down
FROM survey_answers AS t {join}
WHERE respondent = 'customer' AND counts = 1 AND score IS NOT NULL AND {where} {group_by}
"""
INVITATIONS = """
SELECT {groups} count(*) AS response_rate__n, count(*) FILTER (invitation = 2) AS response_rate__hits
FROM survey_answers AS t {join}
WHERE respondent = 'customer' AND invitation >= 1 AND {where} {group_by}
"""
CONTACTS = """
SELECT {groups} count(*) AS contacts__n, count(*) FILTER (resolved AND old) AS fcr__n,
    count(*) FILTER (resolved AND old AND final) AS fcr__hits,
    count(*) FILTER (machine AND outcome IS NOT NULL AND old) AS durable_self_service__n,
    count(*) FILTER (machine AND resolved AND old AND final) AS durable_self_service__hits,
    count(transfers) AS transfer_rate__n, count(*) FILTER (transfers > 0) AS transfer_rate__hits,
    count(outcome) AS abandonment_rate__n, count(*) FILTER (outcome = 'abandoned') AS abandonment_rate__hits,
    count(outcome) AS escalation_free_resolution__n,
    count(*) FILTER (resolved AND coalesce(transfers, 0) = 0) AS escalation_free_resolution__hits,
    count(initiated_by) AS proactive_share__n,
    count(*) FILTER (initiated_by = 'company' AND customer_began_first = 0) AS proactive_share__hits,
    count(*) FILTER (aged) AS friction_rate__n,
    count(*) FILTER (aged AND (wait_seconds > CASE WHEN channel IN ('web', 'email', 'social', 'post') THEN 86400 ELSE 120 END
        OR transfers > 0 OR outcome = 'abandoned' OR machine AND outcome = 'unresolved' OR NOT final OR reopens > 0
        OR stage_visits > 1 AND previous_stage <> stage OR repeated_information = 1 OR sentiment_end < -0.3
        OR sentiment_start - sentiment_end > 0.5 OR hours_late > 0 OR ended_at IS NULL AND outcome IS NULL AND overdue
    )) AS friction_rate__hits
FROM (SELECT *, outcome = 'resolved' AS resolved, handled_by IN ('bot', 'self_service') AS machine,
        occurred_at <= newest - INTERVAL 7 DAY AS aged, customer_id IS NOT NULL AND aged AS old,
        hours_until_next IS NULL OR hours_until_next > 168 AS final, promised_at < newest - INTERVAL 1 DAY AS overdue
    FROM interactions, (SELECT max(occurred_at) AS newest FROM interactions)) AS t {join} WHERE {where} {group_by}
"""
FCR = """
SELECT {groups} count(*) AS fcr__n, count(*) FILTER (hours_until_next IS NULL OR hours_until_next > 168) AS fcr__hits
FROM interactions AS t {join} WHERE outcome = 'resolved' AND t.customer_id IS NOT NULL AND {where}
    AND occurred_at <= (SELECT max(occurred_at) FROM interactions) - INTERVAL 7 DAY {group_by}
"""
WAITS = """
SELECT {groups} wait_seconds AS x, count(*) AS rows_here FROM interactions AS t {join}
WHERE wait_seconds IS NOT NULL AND {where} GROUP BY ALL ORDER BY ALL
"""
RESOLUTIONS = """
WITH cases AS (
    SELECT {groups} case_resolved_seconds / 3600 AS ended,
        coalesce(ended, date_diff('second', occurred_at, (SELECT max(occurred_at) FROM interactions)) / 3600) AS t
    FROM interactions AS t {join} WHERE case_contact = 1 AND case_outcome IS NOT NULL
        AND (case_outcome <> 'resolved' OR case_resolved_seconds IS NOT NULL) AND {where}
), times AS (SELECT {names} t, count(ended) AS d, count(*) AS leave FROM cases GROUP BY ALL),
at_risk AS (
    SELECT *, sum(leave) OVER (PARTITION BY {names} 1 ORDER BY t DESC) AS r, sum(leave) OVER (PARTITION BY {names} 1) AS n
    FROM times
)
SELECT {names} t, d, r, n FROM at_risk WHERE d > 0 ORDER BY ALL
"""
ACTIVE = """
SELECT {groups} count(DISTINCT customer_id) AS active_customers__n
FROM (SELECT customer_id, occurred_at FROM interactions UNION ALL SELECT customer_id, ordered_at FROM orders) AS t
WHERE {where} {group_by}
"""
_KEPT = """(status IS NULL OR lower(status) NOT IN
    ('canceled', 'cancelled', 'refunded', 'returned', 'voided', 'unavailable', 'failed'))"""
ORDERS = f"""
SELECT {{groups}} count(amount) AS revenue__n, sum(amount) AS revenue__total, sum(amount * amount) AS revenue__squares,
    count(DISTINCT customer_id) AS repeat_purchase__n,
    count(DISTINCT customer_id) FILTER (order_number > 1) AS repeat_purchase__hits
FROM orders AS t {{join}} WHERE {_KEPT} AND {{where}} {{group_by}}
"""
CHURN = """
WITH months AS (
    SELECT unnest(generate_series(date_trunc('month', TIMESTAMP '{start}' + INTERVAL 1 MONTH - INTERVAL 1 DAY), least(
        TIMESTAMP '{end}' - INTERVAL 1 DAY, date_trunc('month', greatest((SELECT max(started_at) FROM subscriptions),
        (SELECT max(ordered_at) FROM orders), (SELECT max(occurred_at) FROM interactions))) - INTERVAL 1 DAY
    ), INTERVAL 1 MONTH)) AS month
), running AS (
    SELECT month, customer_id, bool_or(ended_at IS NULL OR date_trunc('month', ended_at) > month) AS kept
    FROM subscriptions JOIN months ON date_trunc('month', started_at) <= month
        AND (ended_at IS NULL OR date_trunc('month', ended_at) >= month)
    WHERE customer_id IS NOT NULL GROUP BY ALL HAVING bool_or(date_trunc('month', started_at) < month)
)
SELECT {groups} count(*) AS churn__n, count(*) FILTER (NOT kept) AS churn__hits FROM running AS t {group_by}
"""
OVERVIEW = {
    ANSWERS: ("answered_at", of_counts), INVITATIONS: ("invited_at", of_counts), CONTACTS: ("occurred_at", of_counts),
    WAITS: ("occurred_at", Ranks("wait_median", 0.5)), RESOLUTIONS: ("occurred_at", KaplanMeier("resolution_median", 0.5)),
    ACTIVE: ("occurred_at", of_counts), ORDERS: ("ordered_at", of_counts), CHURN: ("month", of_counts),
}  # fmt: skip


def ask(
    connection: duckdb.DuckDBPyConnection, statement: str, time: str, start: datetime.date, end: datetime.date,
    every: str | None = None, by: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The rows of one of the statements. start, end: first day and the day after the last."""
    groups = ([f"date_trunc('{every}', {time}) AS period"] if every else []) + ([by] if by else [])
    names = [*(["period"] if every else []), *([by] if by else [])]
    of_customer = "LEFT JOIN customers USING (customer_id)" if by in ("segment", "region", "country") else ""
    return connection.execute(
        statement.format(
            groups="".join(f"{group}, " for group in groups), names="".join(f"{name}, " for name in names),
            join=of_customer, group_by="GROUP BY ALL" if groups else "",
            where=f"{time} >= '{start}' AND {time} < '{end}'", start=start, end=end,
        )
    ).df()  # fmt: skip


def overview(connection: duckdb.DuckDBPyConnection, periods: dict[str, tuple[Any, ...]]) -> dict[str, Figures]:
    """The headline figures of each period: name -> (start, day after the end, every)."""
    found: dict[str, Figures] = {}
    for name, (start, end, every) in periods.items():
        for statement, (time, finish) in OVERVIEW.items():
            rows = ask(connection, statement, time, start, end, every)
            found[name] = {**found.get(name, {}), **finish(rows)}
    return found


def trend(
    connection: duckdb.DuckDBPyConnection, kind: tuple[str, str, Any], now: tuple[Any, Any], before: tuple[Any, Any], by: str,
) -> dict[str, Figures]:  # fmt: skip
    """One metric's total now and before, its course by month, its groups now and before, and their course."""
    statement, time, finish = kind
    asked = {"now": (*now, None, None), "before": (*before, None, None), "course": (*now, "month", None),
             "groups": (*now, None, by), "groups before": (*before, None, by), "split": (*now, "month", by)}  # fmt: skip
    return {name: finish(ask(connection, statement, time, *given)) for name, given in asked.items()}


_FIND = """
WITH found AS (
    SELECT customer_id FROM customers
    WHERE lower(customer_id) LIKE $like OR lower(name) LIKE $like OR lower(email) LIKE $like OR customer_id IN (
        SELECT customer_id FROM identities WHERE lower(source_customer_key) LIKE $like)
    UNION SELECT customer_id FROM interactions WHERE lower(customer_id) LIKE $like
    UNION SELECT customer_id FROM orders WHERE lower(customer_id) LIKE $like
    UNION SELECT customer_id FROM survey_answers WHERE lower(customer_id) LIKE $like
    UNION SELECT customer_id FROM subscriptions WHERE lower(customer_id) LIKE $like
), few AS (SELECT * FROM found LIMIT 50)
SELECT customer_id, any_value(name) AS name, any_value(email) AS email, any_value(segment) AS segment, any_value(region) AS region,
    count(occurred_at) AS contacts, max(occurred_at) AS last_contact
FROM few LEFT JOIN customers USING (customer_id) LEFT JOIN interactions USING (customer_id)
GROUP BY customer_id ORDER BY lower(customer_id) <> $text, last_contact DESC NULLS LAST, name, customer_id
"""
_PERSON = "SELECT * FROM customers WHERE customer_id = $who"
_ALSO = "SELECT source, source_customer_key FROM identities WHERE customer_id = $who AND source_customer_key <> $who"
_TIMELINE = """
SELECT occurred_at AS "at", ended_at AS until, channel AS lane, 'contact' AS kind, coalesce(reason, stage, 'contact') AS title,
    outcome, concat_ws(' · ', stage, touchpoint, team, replace(handled_by, '_', ' ')) AS detail, interaction_id AS key
FROM interactions WHERE customer_id = $who
UNION ALL SELECT coalesce(answered_at, invited_at), NULL, 'survey', 'survey', concat_ws(' · ', upper(instrument), dimension, stage),
    CASE WHEN score IS NULL THEN 'not answered' ELSE concat(score::BIGINT, ' of ', scale_max::BIGINT) END, comment, answer_id
FROM survey_answers WHERE customer_id = $who
UNION ALL SELECT ordered_at, delivered_at, 'order', 'order', 'order ' || order_id, status,
    concat_ws(' · ', concat_ws(' ', amount::DECIMAL(18, 2), currency), delivery), order_id FROM orders WHERE customer_id = $who
UNION ALL SELECT started_at, ended_at, 'subscription', 'subscription', 'subscription ' || subscription_id,
    if(ended_at IS NULL, 'running', 'ended'), concat(monthly_amount::DECIMAL(18, 2), ' ', currency, ' a month'), subscription_id
FROM subscriptions WHERE customer_id = $who ORDER BY "at" NULLS LAST, key
"""
_CONTACT = "SELECT * FROM interactions WHERE interaction_id = $key"
_SAID = "SELECT sent_at, author, text FROM messages WHERE interaction_id = $key ORDER BY sent_at NULLS LAST, message_id"


def customers(connection: duckdb.DuckDBPyConnection, text: str, who: str, key: str) -> dict[str, pd.DataFrame]:
    """Customers found by a text; one of them, with the timeline; one contact, with its messages."""
    asked = {
        "found": (_FIND, {"like": f"%{text}%", "text": text}), "person": (_PERSON, {"who": who}), "also": (_ALSO, {"who": who}),
        "timeline": (_TIMELINE, {"who": who}), "contact": (_CONTACT, {"key": key}), "said": (_SAID, {"key": key}),
    }  # fmt: skip
    return {name: connection.execute(statement, given).df() for name, (statement, given) in asked.items()}


_TIMES = {"interactions": "occurred_at", "survey_answers": "coalesce(answered_at, invited_at)", "orders": "ordered_at",
          "subscriptions": "started_at", "messages": "sent_at", "events": "occurred_at", "customers": "signed_up_at"}  # fmt: skip
_HEADLINES = """
SELECT (SELECT count(*) FROM interactions), (SELECT count(*) FILTER (instrument = 'csat') > 0 AND count(*) FILTER
    (instrument = 'nps') > 0 AND count(*) FILTER (instrument = 'ces') > 0 FROM survey_answers WHERE score IS NOT NULL),
    (SELECT count(*) FROM survey_answers WHERE invitation >= 1), (SELECT count(wait_seconds) FROM interactions),
    (SELECT count(case_outcome) FROM interactions), (SELECT count(transfers) FROM interactions),
    (SELECT count(customer_id) FROM interactions WHERE outcome = 'resolved'), (SELECT count(initiated_by) FROM interactions),
    (SELECT count(*) FROM interactions WHERE handled_by IN ('bot', 'self_service') AND outcome IS NOT NULL),
    (SELECT count(customer_id) FROM orders), (SELECT count(amount) FROM orders), (SELECT count(*) FROM subscriptions)
"""


def data(connection: duckdb.DuckDBPyConnection, needed: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Rows, first and last of each table; rows per source and month; empty cells; what can be measured; loads and
    quarantine. needed: the columns that figures stand on, by table."""
    ends = " UNION ALL ".join(
        f"SELECT '{t}' AS \"table\", count(*) AS rows, min({time}) AS first, max({time}) AS last FROM {t}"
        for t, time in _TIMES.items()
    )
    months = " UNION ALL ".join(
        f"SELECT '{t}' AS \"table\", source, date_trunc('month', {time}) AS month, count(*) AS rows FROM {t} WHERE {time} IS NOT NULL "
        "GROUP BY ALL" for t, time in _TIMES.items()
    )  # fmt: skip
    asked = {
        "tables": ends, "months": months, "measurable": _HEADLINES, "loads": "FROM loads ORDER BY load_id DESC",
        "reasons": "SELECT regexp_replace(reason, '''.*''', '…') AS r, file, count(*) FROM quarantine GROUP BY ALL ORDER BY ALL",
        "set aside": "FROM quarantine ORDER BY load_id DESC, file, line LIMIT 1000",
        "matches": "SELECT source, matched_by, count(*), count(DISTINCT customer_id) FROM identities GROUP BY ALL",
        "matched": "FROM identities LEFT JOIN customers USING (customer_id) ORDER BY identities.load_id DESC LIMIT 200",
    }  # fmt: skip
    for table, columns in needed.items():
        asked[f"missing {table}"] = (
            f"SELECT count(*) AS rows, {', '.join(f'count({c}) AS {c}' for c in columns)} FROM {table}"
        )
    return {name: connection.execute(statement).df() for name, statement in asked.items()}
