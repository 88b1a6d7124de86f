"""What data there are: how much, from when to when, how new, how complete, and what cannot be measured with them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from cx_metrics.metrics.catalog import METRICS, data_period, with_data
from cx_metrics.metrics.metric import Metric
from cx_metrics.model import CANONICAL, completeness, quarantine
from cx_metrics.model import coverage as held_rows
from cx_metrics.scope import short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import listing, number

NEEDED = {  # the columns that figures stand on
    "interactions": (
        "customer_id", "case_id", "ended_at", "channel", "stage", "touchpoint", "reason", "initiated_by", "handled_by",
        "team", "wait_seconds", "handle_seconds", "transfers", "reopens", "outcome",
    ),
    "survey_answers": ("customer_id", "interaction_id", "stage", "score", "comment", "invited_at", "answered_at"),
    "orders": ("customer_id", "promised_at", "delivered_at", "amount", "currency", "status"),
    "subscriptions": ("customer_id", "ended_at", "monthly_amount"),
    "messages": ("sent_at", "text"),
    "customers": ("name", "email", "segment", "region", "country", "signed_up_at"),
}  # fmt: skip
_ONE = {"interactions": "contact", "survey_answers": "survey answer", "orders": "order", "messages": "message"}
_MONTHS = 120  # the newest ones that are looked at
_NAMED = 3  # gaps that are told one by one
_STEADY = 10  # rows a month from which a month without any is no accident


@dataclass(frozen=True)
class Coverage:
    """tables: table, rows, first, last (UTC), age (days from the last row until today), of tables that hold rows.

    sentence: how much there is and how new it is. known: what share of contacts and answers names its customer.
    """

    tables: pd.DataFrame
    sentence: str
    known: str


def coverage(warehouse: Warehouse, today: datetime.date) -> Coverage:
    """How much there is, and how old the newest of it is on the day `today`."""
    held, given = held_rows.c, completeness.c
    rows = sa.cast(sa.func.sum(held.rows), sa.BigInteger).label("rows")
    ends = [sa.func.min(held.first).label("first"), sa.func.max(held.last).label("last")]
    named = sa.select(given.given).where(given.table_name == held.table_name, given.column_name == "customer_id")
    question = sa.select(held.table_name.label("table"), rows, *ends, named.scalar_subquery().label("named"))
    found = warehouse.read(question.group_by(held.table_name).order_by(rows.desc(), held.table_name))
    found["age"] = (pd.Timestamp(today) - pd.to_datetime(found["last"]).dt.normalize()).dt.days
    bad = int(warehouse.read(sa.select(sa.func.count().label("n")).select_from(quarantine))["n"][0])
    sentence = _sentence(found, data_period(warehouse), bad)
    return Coverage(found.drop(columns="named"), sentence, _known(found))


def _sentence(found: pd.DataFrame, period: tuple[datetime.date, datetime.date] | None, bad: int) -> str:
    if found.empty:
        return f"No row could be used yet; {_count(bad, 'row')} set aside." if bad else "There are no data yet."
    said = f"{_count(len(found), 'table')}, {_count(int(found['rows'].sum()), 'row')}"
    said += f" from {short_date(period[0])} to {short_date(period[1])}" if period else ""
    said += f"; {_count(bad, 'row')} could not be used"
    ages = dict(zip(found["table"], found["age"], strict=True))
    for table, one in _ONE.items():
        if table in ages and ages[table] == ages[table]:
            days = int(ages[table])
            age = "of today" if days <= 0 else f"{_count(days, 'day')} old"
            return f"{said}; the newest {one} is {age}."
    return said + "."


def _count(n: int, word: str) -> str:
    return f"{number(n)} {word}{'' if n == 1 else 's'}"


def _known(found: pd.DataFrame) -> str:
    said = []
    for table, many in (("interactions", "contacts"), ("survey_answers", "survey answers"), ("orders", "orders")):
        for row in found[found["table"] == table].to_dict("records"):
            said.append(f"{100 * row['named'] / row['rows']:.1f} % of the {many}")
    return f"The customer is known for {listing(said)}." if said else ""


def months(warehouse: Warehouse) -> pd.DataFrame:
    """Rows per table, source and month (its first day, UTC), oldest first: table, source, month, rows. The newest 120
    months."""
    held = held_rows.c
    columns = [held.table_name.label("table"), held.source, held.month, held.rows]
    question = sa.select(*columns).where(held.month.is_not(None))
    found = warehouse.read(question.order_by(held.month, held.table_name, held.source))
    if found.empty:
        return found
    oldest = found["month"].max() - pd.DateOffset(months=_MONTHS - 1)
    newest: pd.DataFrame = found[found["month"] >= oldest].reset_index(drop=True)
    return newest


def gaps(found: pd.DataFrame) -> pd.DataFrame:
    """Months without a row between a source's first and last, as an export that failed leaves behind: table, source,
    month. Left out: sources that give few rows a month, and those that come in waves. found: as `months` gives them."""
    parts = []
    for (table, source), part in found[found["table"].isin(list(_ONE))].groupby(["table", "source"], sort=False):
        every = pd.date_range(part["month"].min(), part["month"].max(), freq="MS")
        empty = every.difference(pd.DatetimeIndex(part["month"]))
        if len(empty) <= len(every) / 2 and part["rows"].sum() >= _STEADY * len(every):
            parts.append(pd.DataFrame({"table": table, "source": source, "month": empty}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["table", "source", "month"])


def gaps_in_words(found: pd.DataFrame) -> str:
    """Gaps as a sentence. found: as `gaps` gives them."""
    if found.empty:
        return "No steady source leaves out a month between its first row and its last."
    said = []
    for (table, source), part in found.groupby(["table", "source"], sort=False):
        named = [f"{month:%b %Y}" for month in part["month"].head(_NAMED)]
        more = len(part) - len(named)
        said.append(f"{source} gives no {table} for {listing([*named, *([f'{more} more months'] if more else [])])}")
    return "; ".join(said) + "."


def missing(warehouse: Warehouse) -> pd.DataFrame:
    """How much of what figures stand on is empty: table, column, missing (%), meaning; the emptiest first."""
    counted = warehouse.read(sa.select(completeness).where(completeness.c.rows > 0))
    empty = 100.0 * (1 - counted["given"] / counted["rows"])
    share = dict(zip(zip(counted["table_name"], counted["column_name"], strict=True), empty, strict=True))
    found = [
        (of, c, share[of, c], CANONICAL[of].c[c].comment) for of, columns in NEEDED.items() for c in columns
        if (of, c) in share
    ]  # fmt: skip
    frame = pd.DataFrame(found, columns=["table", "column", "missing", "meaning"])
    return frame.sort_values("missing", ascending=False, kind="stable", ignore_index=True)


def not_measurable(warehouse: Warehouse) -> list[Metric]:
    """Headline figures that the data give no row for."""
    headline = [metric for metric in METRICS.values() if metric.headline]
    measurable = {metric.name for metric in with_data(warehouse, headline)}
    return [metric for metric in headline if metric.name not in measurable]
