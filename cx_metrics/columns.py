"""How a column of a canonical table is declared: its type, its meaning, and what its cells must satisfy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Double, Table, Text


@dataclass(frozen=True)
class Rule:
    """What a cell must satisfy before its row may be loaded; kept in `Column.info["rule"]`.

    `allowed`: closed vocabulary (compared without case). `lowest`, `highest`: smallest and largest number. `happened`:
    a time that lies between 1970 and tomorrow. `long`: free text of any length, where keys and names hold at most 200
    characters.
    """

    required: bool = False
    allowed: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    happened: bool = False
    long: bool = False
    default: Any = None


def column(name: str, kind: Any, comment: str, rule: Rule | None = None, derived: bool = False) -> Column[Any]:
    """A column with its rule, if any."""
    return Column(name, kind, comment=comment, info={"rule": rule or Rule(), "derived": derived})


def text(name: str, comment: str, **rule: Any) -> Column[Any]:
    """A text; keys and names are at most 200 characters long, unless `long`."""
    return column(name, Text, comment, Rule(**rule))


def number(name: str, comment: str, **rule: Any) -> Column[Any]:
    """A number."""
    return column(name, Double, comment, Rule(**rule))


def integer(name: str, comment: str, **rule: Any) -> Column[Any]:
    """A whole number."""
    return column(name, BigInteger, comment, Rule(**rule))


def time(name: str, comment: str, **rule: Any) -> Column[Any]:
    """A time, UTC."""
    return column(name, DateTime, comment, Rule(**rule))


def derived(name: str, kind: Any, comment: str) -> Column[Any]:
    """A column that is computed at import."""
    return column(name, kind, comment, derived=True)


def origin() -> tuple[Column[Any], ...]:
    """The columns of every fact row that say where it came from."""
    return (
        derived("source", Text, "name of the source that the row came from"),
        derived("source_key", Text, "the row's key in that source"),
        derived("load_id", BigInteger, "the load that brought or last changed the row"),
    )


def customer(required: bool = False) -> tuple[Column[Any], ...]:
    """The columns that say whose row it is."""
    return (
        text("customer_id", "the customer, after identities were joined", required=required),
        derived("source_customer_key", Text, "the customer's key in the source, where it differs from customer_id"),
    )


def given_columns(table: Table) -> list[Column[Any]]:
    """The columns of a canonical table that a file may give, in their order."""
    return [column for column in table.columns if not column.info.get("derived")]
