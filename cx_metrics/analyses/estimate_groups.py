"""Estimated satisfaction of all contacts of a group, beside what the answered ones said, in one scan.

Per group the engine sums the model's columns; their mean times the coefficients is the mean of what is expected of each
contact. The interval holds the coefficients' error, that of levels nobody answered about, and the model's variance
between groups as the backtest found it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.analyses.cells import MINIMUM, added_up, tallied
from cx_metrics.analyses.estimate_bias import ALL, GROUPINGS, SINGLE, Bias
from cx_metrics.analyses.estimate_features import about_contacts, levels
from cx_metrics.analyses.estimate_fit import Fit, degrees, half_width
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.suppression import suppress
from cx_metrics.model import interactions as contact
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

Array = npt.NDArray[np.float64]
_BY = {ALL: (), **GROUPINGS}
_ESTIMATED = tuple(f"{name}{end}" for name in ("estimated", "estimated_silent") for end in ("", "_low", "_high"))
COLUMNS = ("by", "group", "channel", "contacts", "n", "answered", "answered_low", "answered_high", *_ESTIMATED)


def groups(warehouse: Warehouse, scope: Scope, fit: Fit, bias: Bias) -> pd.DataFrame:
    """Estimated satisfaction in a scope, 0-100: by (all, stage, channel, team, segment, region, stage and channel),
    group, channel (of a pair), contacts, n (answered ones), answered (their mean), answered_low, answered_high,
    estimated, estimated_low, estimated_high (of all contacts), estimated_silent, ... (of those without an answer),
    suppressed, and error and freedom (standard error and degrees of freedom of `estimated`).

    Groups with fewer than 5 contacts or answers are hidden, values below 10; an answered mean that is hidden does not
    hide the estimate. Raises ScopeError for a filter that contacts do not have.
    """
    found = warehouse.read(_question(scope, fit)).sort_values("place", kind="stable")
    contacts, silent = (_estimates(found, fit, bias, side) for side in ("c", "s"))
    suppressed = found["suppressed"].astype(bool).to_numpy()
    table = pd.DataFrame({
        "by": found["by"], "group": found["g0"].where(found["by"] != ALL, "all contacts"), "channel": found["g1"],
        **{name: found[name].astype(float) for name in ("contacts", "n", "answered", "answered_low", "answered_high")},
    })  # fmt: skip
    for prefix, own in (("estimated", contacts), ("estimated_silent", silent)):
        for end, values in (("", own[0]), ("_low", own[0] - own[1]), ("_high", own[0] + own[1])):
            table[f"{prefix}{end}"] = np.where(suppressed, np.nan, np.clip(values, 0.0, 100.0))
    table = table.assign(suppressed=suppressed, error=np.where(suppressed, np.nan, contacts[2]), freedom=contacts[3])
    return _in_order(table)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    place, order = journey.current().place, list(_BY)
    keys = [
        (order.index(by), place(group), place(channel))
        for by, group, channel in table[["by", "group", "channel"]].itertuples(index=False)
    ]
    return table.iloc[sorted(range(len(table)), key=keys.__getitem__)].reset_index(drop=True)


def _estimates(found: pd.DataFrame, fit: Fit, bias: Bias, side: str) -> tuple[Array, Array, Array, Array]:
    """Estimate, half its interval, standard error and degrees of freedom, each (groups,). side: c (all contacts) or s
    (those without an answer); missing below MINIMUM."""
    sums = found[[f"{side}{place}" for place in range(len(fit.coefficients))]].to_numpy(dtype=float)
    count = np.where(sums[:, 0] >= MINIMUM, sums[:, 0], np.nan)
    traits = sums / count[:, None]
    parts = fit.design.parts
    unknown = found[[f"u{side}{place}" for place in range(len(parts))]].to_numpy(dtype=float)
    strange = (unknown / count[:, None]) ** 2 * level_variances(fit)
    between = np.array([bias.of(by) for by in found["by"]], dtype=float).reshape(-1, 2)
    variances = np.nan_to_num(np.vstack([fit.variance(traits), between[:, 0], strange.T]))
    levels_behind = [np.full(len(found), len(part.levels) - 1.0) for part in parts]
    freedom = degrees(variances, np.array([np.full(len(found), len(fit.groups) - 1.0), between[:, 1], *levels_behind]))
    error = np.where(np.isnan(count), np.nan, np.sqrt(variances.sum(axis=0)))
    return fit.expected(traits), half_width(error, freedom), error, freedom


def level_variances(fit: Fit) -> Array:
    """How far the effects of a feature's levels lie apart, as a variance per part of the design: what a level that
    nobody answered about may differ by."""
    found = []
    for at, part in enumerate(fit.design.parts):
        own = np.zeros(len(part.levels))
        for value, (place, level) in zip(fit.coefficients[1:], fit.design.columns, strict=True):
            if place == at:
                own[level] = value
        found.append(float(own.var(ddof=1)))
    return np.array(found)


def _rows(scope: Scope, fit: Fit) -> sa.Select[Any]:
    """All contacts of a scope: the dimensions, answered (1 or 0), y and yy (0 without an answer), x_<name>."""
    about, dimensions = about_contacts(), CONTACTS.dimensions
    source = CONTACTS.source([*SINGLE, *(name for name, _ in scope.filters)])
    joined = source.outerjoin(about, contact.c.interaction_id == about.c.interaction_id)
    y = sa.func.coalesce(about.c.y, 0.0)
    return (
        sa.select(
            *(dimensions[name].label(name) for name in SINGLE), y.label("y"), (y * y).label("yy"),
            sa.case((about.c.y.is_(None), 0), else_=1).label("answered"),
            *levels(tuple(part.feature for part in fit.design.parts)),
        )
        .select_from(joined)
        .where(*scope.conditions(contact.c.occurred_at, dimensions))
    )  # fmt: skip


def _question(scope: Scope, fit: Fit) -> sa.CompoundSelect[Any]:
    """Contacts counted by all their levels first: there are far fewer combinations to make columns of."""
    names = (*SINGLE, "answered")
    alike = tallied(_rows(scope, fit), (*names, *(f"x_{part.feature.name}" for part in fit.design.parts)), ["y", "yy"])
    traits = [sa.literal(1.0, sa.Double), *fit.design.expressions(alike)]
    columns = [f"c{place}" for place in range(len(traits))]
    strange = fit.design.unlearnt(alike)
    unlearnt = [f"u{place}" for place in range(len(strange))]
    each = zip([*columns, *unlearnt], [*traits, *strange], strict=True)
    counted = {name: alike.c.n * value for name, value in each}
    cells = added_up(alike, names, {**{name: alike.c[name] for name in ("n", "y", "yy")}, **counted})
    silent = cells.c.answered == 0
    sums: dict[str, Any] = {"contacts": cells.c.n, "n": sa.case((silent, 0.0), else_=cells.c.n)}
    sums |= {name: cells.c[name] for name in ("y", "yy", *columns)}
    sums |= {f"s{name[1:]}": sa.case((silent, cells.c[name]), else_=0.0) for name in columns}
    sums |= {f"uc{name[1:]}": cells.c[name] for name in unlearnt}
    sums |= {f"us{name[1:]}": sa.case((silent, cells.c[name]), else_=0.0) for name in unlearnt}
    return sa.union_all(*(_grouped(cells, by, names, sums) for by, names in _BY.items()))


def _grouped(cells: sa.FromClause, by: str, names: tuple[str, ...], sums: dict[str, Any]) -> sa.Select[Any]:
    """The groups of one grouping with counts and answered means that may be shown, and sums for the estimates."""
    found = added_up(cells, names, sums)
    keys = [found.c[name] for name in names]
    mean = found.c.y / sa.func.nullif(found.c.n, 0.0)
    spread = (found.c.yy - found.c.n * mean * mean) / sa.func.nullif(found.c.n - 1, 0.0)
    half = Z * sa.func.sqrt(sa.case((spread > 0, spread), else_=0.0) / sa.func.nullif(found.c.n, 0.0))
    said = sa.select(*keys, found.c.n, mean.label("value"), (mean - half).label("low"), (mean + half).label("high"))
    nothing = [sa.literal(0.0).label(name) for name in ("value", "low", "high")]
    counted = sa.select(*keys, found.c.contacts.label("n"), *nothing).where(found.c.contacts > 0)
    seen = suppress(counted.subquery(), names, MINIMUM).subquery()
    answers = suppress(said.subquery(), names, MINIMUM).subquery()
    g0, g1 = ([found.c[name] for name in names] + [sa.cast(sa.null(), sa.Text)] * 2)[:2]
    joined = found.join(seen, sa.and_(sa.true(), *(seen.c[name] == found.c[name] for name in names)))
    joined = joined.join(answers, sa.and_(sa.true(), *(answers.c[name] == found.c[name] for name in names)))
    return sa.select(
        sa.literal(list(_BY).index(by)).label("place"), sa.literal(by).label("by"), g0.label("g0"), g1.label("g1"),
        seen.c.n.label("contacts"), seen.c.suppressed, answers.c.n, answers.c.value.label("answered"),
        answers.c.low.label("answered_low"), answers.c.high.label("answered_high"),
        *(found.c[name] for name in sums if name not in ("contacts", "n", "y", "yy")),
    ).select_from(joined)  # fmt: skip
