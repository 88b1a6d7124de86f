"""Finding a customer by what one knows of them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.metrics.catalog import data_period
from cx_metrics.model import customers, identities, known_customers
from cx_metrics.warehouse import Warehouse

_person, _known = customers.c, known_customers.c


def find_customers(warehouse: Warehouse, text: str, limit: int = 50) -> pd.DataFrame:
    """Customers whose name, e-mail or key contains each word of a text: customer_id, name, email, segment, region,
    contacts (count), last_contact (UTC); exact matches first. Without a text, those of whom there is the newest news.

    Keys of other sources count too, and customers that no customer table names, but contacts or orders do.
    """
    words = text.lower().split()
    found = (_matching(words) if words else _newest().limit(limit)).subquery()
    joined = found.outerjoin(customers, _person.customer_id == found.c.customer_id)
    joined = joined.outerjoin(known_customers, _known.customer_id == found.c.customer_id)
    details = [_person[name] for name in ("name", "email", "segment", "region")]
    contacts, last = sa.func.coalesce(_known.contacts, 0), _known.last_contact
    question = sa.select(found.c.customer_id, *details, contacts.label("contacts"), last.label("last_contact"))
    given = (found.c.customer_id, _person.name, _person.email)
    exact = sa.or_(*(sa.func.lower(column) == text.strip().lower() for column in given))
    order = (sa.case((exact, 0), else_=1), last.desc().nulls_last(), _person.name, found.c.customer_id)
    return warehouse.read(question.select_from(joined).order_by(*order).limit(limit))


def found_in_words(found: pd.DataFrame, text: str, limit: int = 50) -> str:
    """How many customers `find_customers` found, in a sentence."""
    if not text.strip():
        return "The newest ones; click one, or search."
    return f"{len(found)} found; click one." if len(found) < limit else f"The first {limit}; click one, or say more."


def _matching(words: list[str]) -> sa.Select[Any]:
    def like(*columns: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return sa.and_(*(sa.or_(*(_contains(column, word) for column in columns)) for word in words))

    other = sa.select(identities.c.customer_id).where(like(identities.c.source_customer_key))
    named = like(_person.customer_id, _person.name, _person.email)
    parts = [sa.select(_person.customer_id).where(sa.or_(named, _person.customer_id.in_(other)))]
    parts.append(sa.select(_known.customer_id).where(like(_known.customer_id)))
    return sa.select(sa.union(*parts).subquery().c.customer_id)


def _contains(column: sa.ColumnElement[Any], word: str) -> sa.ColumnElement[bool]:
    for sign in ("!", "%", "_"):
        word = word.replace(sign, "!" + sign)
    return sa.func.lower(column).like(f"%{word}%", escape="!")


def _newest() -> sa.Select[Any]:
    return sa.select(_known.customer_id).where(_known.newest_at.is_not(None)).order_by(_known.newest_at.desc())


def nobody(warehouse: Warehouse, text: str) -> str:
    """Why `find_customers` found none, in a sentence."""
    if any(not warehouse.read(sa.select(key).limit(1)).empty for key in (_person.customer_id, _known.customer_id)):
        return f"No name, e-mail address or key contains “{text.strip()}”; try a part of it."
    if data_period(warehouse) is None:
        return "There are no data yet; import some on the Data page."
    return (
        "The data name no customers, as anonymous surveys do: there is nobody to follow. A customer_id in contacts, "
        "orders or answers makes timelines; the Data page brings them in."
    )
