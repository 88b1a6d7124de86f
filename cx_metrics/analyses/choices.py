"""What there is to choose from: values of dimensions, in an order that people expect."""

from __future__ import annotations

import sqlalchemy as sa

from cx_metrics.model import CHANNELS, STAGES, customers, events, interactions, survey_answers
from cx_metrics.scope import FILTERS
from cx_metrics.warehouse import Warehouse

_LIMIT = 500
_COLUMNS = {
    "stage": (interactions.c.stage, survey_answers.c.stage), "channel": (interactions.c.channel, survey_answers.c.channel),
    "team": (interactions.c.team, survey_answers.c.team), "segment": (customers.c.segment,), "region": (customers.c.region,),
}  # fmt: skip
_ORDER = {name: place for place, name in enumerate((*STAGES, *CHANNELS))}


def filter_values(warehouse: Warehouse) -> dict[str, list[str]]:
    """The values of each dimension that the scope bar offers; stages and channels in journey order."""
    found: dict[str, list[str]] = {}
    for name in FILTERS:
        parts = [sa.select(column.label("value")).where(column.is_not(None)).distinct() for column in _COLUMNS[name]]
        rows = warehouse.read(sa.select(sa.union(*parts).subquery().c.value).limit(_LIMIT))
        found[name] = sorted(map(str, rows["value"]), key=lambda value: (_ORDER.get(value, len(_ORDER)), value))
    return found


def events_between(warehouse: Warehouse, start: object, end: object):  # type: ignore[no-untyped-def]
    """Events from the first to the last day: occurred_at, title, kind, oldest first."""
    return warehouse.read(
        sa.select(events.c.occurred_at, events.c.title, events.c.kind)
        .where(events.c.occurred_at >= start, events.c.occurred_at <= end)
        .order_by(events.c.occurred_at)
    )
