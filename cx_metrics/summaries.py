"""The tables in which an import notes what the warehouse holds, so that no page counts it anew."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Double, MetaData, Table, Text


def summary_tables(metadata: MetaData) -> tuple[Table, Table, Table, Table]:
    """known_customers, coverage, completeness, rules."""
    known_customers = Table(
        "known_customers", metadata,
        Column("customer_id", Text, comment="a customer that contacts, answers, orders or subscriptions name"),
        Column("contacts", BigInteger, comment="how many contacts"),
        Column("last_contact", DateTime, comment="when the newest contact began, UTC"),
        Column("newest_at", DateTime, comment="when the customer last did anything, UTC"),
        comment="who did what how often, counted anew with each import",
    )  # fmt: skip
    coverage = Table(
        "coverage", metadata,
        Column("table_name", Text, comment="canonical table"),
        Column("source", Text, comment="name of the source"),
        Column("month", DateTime, comment="first day of the month, UTC; missing for rows without a time"),
        Column("rows", BigInteger, comment="how many rows"),
        Column("first", DateTime, comment="the oldest row's time, UTC"),
        Column("last", DateTime, comment="the newest row's time, UTC"),
        comment="how many rows of each table lie in each month, counted anew with each import",
    )  # fmt: skip
    completeness = Table(
        "completeness", metadata,
        Column("table_name", Text, comment="canonical table"),
        Column("column_name", Text, comment="one of its columns"),
        Column("rows", BigInteger, comment="how many rows the table has"),
        Column("given", BigInteger, comment="in how many of them the column is not empty"),
        comment="how complete each column is, counted anew with each import",
    )  # fmt: skip
    rules = Table(
        "rules", metadata,
        Column("name", Text, comment="a rule by which measures were computed: episode_hours; published_at on a server"),
        Column("value", Double, comment="its value; of published_at: seconds since 1970"),
        comment="the rules that the stored measures follow",
    )  # fmt: skip
    return known_customers, coverage, completeness, rules
