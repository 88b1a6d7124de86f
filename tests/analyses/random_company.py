"""The random company of the metric tests, once per engine, with the signals of each contact as a plain table."""

from __future__ import annotations

import functools
import hashlib

import pandas as pd
import sqlalchemy as sa

from cx_metrics.journey import Limits
from cx_metrics.metrics.signals import signals
from cx_metrics.model import customers, interactions, orders, subscriptions, survey_answers
from cx_metrics.warehouse import Warehouse
from tests.conftest import Engine
from tests.metrics.company import tables

SIGNALS = signals(Limits())


@functools.cache
def random_company(engine: Engine) -> Warehouse:
    """Only read it."""
    return engine.warehouse(tables())


@functools.cache
def contacts(warehouse: Warehouse) -> pd.DataFrame:
    """All contacts with x<i> and v<i>: whether signal i is there, and whether it can be said."""
    flags = [sa.case((signal.there, 1.0), else_=0.0).label(f"x{place}") for place, signal in enumerate(SIGNALS)]
    flags += [sa.case((signal.judged, 1.0), else_=0.0).label(f"v{place}") for place, signal in enumerate(SIGNALS)]
    return _with_segment(warehouse, warehouse.read(sa.select(interactions, *flags)))


@functools.cache
def answers(warehouse: Warehouse) -> pd.DataFrame:
    """All survey answers."""
    return _with_segment(warehouse, warehouse.read(sa.select(survey_answers)))


@functools.cache
def bought(warehouse: Warehouse) -> pd.DataFrame:
    """All orders."""
    return warehouse.read(sa.select(orders))


@functools.cache
def subscribed(warehouse: Warehouse) -> pd.DataFrame:
    """All subscriptions."""
    return warehouse.read(sa.select(subscriptions))


def _with_segment(warehouse: Warehouse, rows: pd.DataFrame) -> pd.DataFrame:
    people = warehouse.read(sa.select(customers.c.customer_id, customers.c.segment))
    return rows.merge(people, on="customer_id", how="left").convert_dtypes(dtype_backend="numpy_nullable")


def group(key: str) -> str:
    """The random group of a key."""
    digest = hashlib.md5(key.encode()).hexdigest()
    return f"{digest[0]}{int(digest[1], 16) // 4}"
