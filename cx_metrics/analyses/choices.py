"""What there is to choose from: values of dimensions, in an order that people expect."""

from __future__ import annotations

import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.metrics.catalog import METRICS, with_data
from cx_metrics.model import customers, interactions, survey_answers
from cx_metrics.scope import FILTERS
from cx_metrics.warehouse import Warehouse

_LIMIT = 500
_COLUMNS = {
    "stage": (interactions.c.stage, survey_answers.c.stage),
    "channel": (interactions.c.channel, survey_answers.c.channel),
    "team": (interactions.c.team, survey_answers.c.team),
    "segment": (customers.c.segment,),
    "region": (customers.c.region,),
}


def filter_values(warehouse: Warehouse) -> dict[str, list[str]]:
    """The values of each dimension that the scope bar offers; stages and channels in journey order."""
    found: dict[str, list[str]] = {}
    for name in FILTERS:
        parts = [sa.select(column.label("value")).where(column.is_not(None)).distinct() for column in _COLUMNS[name]]
        rows = warehouse.read(sa.select(sa.union(*parts).subquery().c.value).limit(_LIMIT))
        found[name] = sorted(map(str, rows["value"]), key=journey.current().place)
    return found


def metrics_with_data(warehouse: Warehouse) -> tuple[str, ...]:
    """Names of the headline metrics for which there is anything at all, in the order of their declaration."""
    return tuple(metric.name for metric in with_data(warehouse, [m for m in METRICS.values() if m.headline]))
