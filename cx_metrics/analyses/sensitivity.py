"""How far the order of places by friction depends on how the signals are weighed."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.signals import old_enough, signals
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse

_RANKED = 30  # smallest n of a place that takes part
_COLUMNS = ["weights", "rank_correlation", "worst"]


def sensitivity(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """The order of stage x channel by friction rate against the order under other weights of the signals.

    weights: in words; rank_correlation: Spearman's with the order by friction rate, 1 = the same order; worst: the
    place that comes out worst. Only places with n of at least 30.
    """
    found = signals(scope.limits)
    cells = _counts(warehouse, scope)
    cells = cells[cells["n"] >= _RANKED]
    if len(cells) < 3:
        return pd.DataFrame(columns=_COLUMNS)
    rate = cells["any"] / cells["n"]
    weighed = {"any signal counts once (the friction rate)": rate, "every signal counts": cells["all"] / cells["n"]}
    weighed |= {f"without {signal.title.lower()}": cells[f"without_{signal.name}"] / cells["n"]
                for signal in found if (cells[signal.name] > 0).any()}  # fmt: skip
    rows = [(words, _spearman(rate, by), _place(cells, by)) for words, by in weighed.items()]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _counts(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """Per place: contacts old enough to be judged, those with any signal, signals in all, and each left out."""
    found, zero = signals(scope.limits), sa.literal(0)
    used = [name for name, _ in scope.filters]
    flags = [sa.case((signal.there, 1), else_=0).label(signal.name) for signal in found]
    where = [*scope.conditions(contact.c.occurred_at, CONTACTS.dimensions), old_enough(scope.limits)]
    rows = sa.select(contact.c.stage, contact.c.channel, *flags).select_from(CONTACTS.source(used)).where(*where)
    flagged = rows.subquery("flagged")
    total = sum((flagged.c[signal.name] for signal in found), start=zero)
    added = sa.select(*flagged.c, total.label("signals")).subquery("added")

    def share(left: sa.ColumnElement[int]) -> sa.ColumnElement[float]:
        return sa.cast(sa.func.sum(sa.case((left > 0, 1), else_=0)), sa.Double)

    sums = {"n": sa.cast(sa.func.count(), sa.Double), "any": share(added.c.signals)}
    sums["all"] = sa.cast(sa.func.sum(added.c.signals), sa.Double)
    sums |= {signal.name: share(added.c[signal.name]) for signal in found}
    sums |= {f"without_{signal.name}": share(added.c.signals - added.c[signal.name]) for signal in found}
    labelled = [value.label(name) for name, value in sums.items()]
    return warehouse.read(sa.select(added.c.stage, added.c.channel, *labelled).group_by(added.c.stage, added.c.channel))


def _spearman(one: pd.Series[float], other: pd.Series[float]) -> float:
    return float(one.rank().corr(other.rank()))


def _place(cells: pd.DataFrame, by: pd.Series[float]) -> str:
    worst = cells.assign(by=by).nlargest(1, "by")[["stage", "channel"]].to_numpy()[0]
    return " by ".join(NOT_GIVEN if x is None or x != x else str(x) for x in worst)
