"""Whether contacts moved from one channel to another, and when."""

from __future__ import annotations

import math
from dataclasses import astuple, replace

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.change_points import PENALTIES, ChangePoint, change_points
from cx_metrics.dialect import bucket
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.model import interactions as contact
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

_COLUMNS = ["channel", "period", "before", "after", "low", "high"]
_LARGEST = 8  # channels; more would each get too small a share of the false alarms


def shifts(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """When channels got another share of the contacts: channel, period (first week), before, after (% of contacts),
    low, high (95 % interval of the difference, percentage points), in all data under the scope's filters.

    The false alarm rate is shared out over the channels, so that it holds for all of them together. A filter on
    channels leaves nothing to compare.
    """
    asked = replace(scope, start=None, end=None)
    if any(name == "channel" for name, _ in scope.filters):
        return pd.DataFrame(columns=_COLUMNS)
    week = bucket("week", contact.c.occurred_at)
    counted = (
        sa.select(week.label("period"), contact.c.channel, sa.func.count().label("n"))
        .select_from(CONTACTS.source([name for name, _ in asked.filters]))
        .where(*asked.conditions(contact.c.occurred_at, CONTACTS.dimensions), contact.c.channel.is_not(None))
        .group_by(week, contact.c.channel)
    )
    counts = warehouse.read(counted).pivot_table(index="period", columns="channel", values="n", aggfunc="sum")
    counts = counts.fillna(0.0).sort_index()
    whole = counts.sum(axis=1)
    largest = [name for name in counts.sum().sort_values(ascending=False).index if counts[name].sum() >= HIDDEN_BELOW]
    largest = largest[:_LARGEST]
    found = []
    for channel in largest if len(largest) > 1 else []:
        course = pd.DataFrame(
            {"period": counts.index, "n": whole.to_numpy(), "value": 100 * counts[channel].to_numpy() / whole}
        )
        found += [(channel, *astuple(point)) for point in change_points(course) if _stands(point, len(largest))]
    return pd.DataFrame(found, columns=_COLUMNS).sort_values("period", ignore_index=True)


def _stands(point: ChangePoint, series: int) -> bool:
    """Whether a change would be found if the false alarm rate of one series were shared out over several.

    The chance of a large squared standardised difference falls with exp(-x / 2), so k series cost 2 ln(k) more.
    """
    error = (point.high - point.low) / (2 * Z)
    evidence = ((point.after - point.before) / error) ** 2
    return evidence >= max(PENALTIES.values()) + 2 * math.log(series)
