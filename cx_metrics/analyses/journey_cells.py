"""What the parts of the journey analysis share: places as numbers, and figures of many kinds out of one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.analyses.cells import MINIMUM
from cx_metrics.charts.journey import ENDED, MORE, OTHER
from cx_metrics.metrics.estimators import Expression, Quantile, wilson
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.suppression import suppress
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN, Scope, ScopeError
from cx_metrics.warehouse import Warehouse

OF = ("stage", "channel")
OUTCOMES = ("resolved", "unresolved", "abandoned", "escalated")
KEYS = ("a", "b", "c")
_MOST = 12  # names that are told apart; the rest is "(other)"
THE_END, GOES_ON, _ELSE, _MISSING = 0, 29, 30, 31  # numbers that are no name's
_SPECIAL = {THE_END: ENDED, GOES_ON: MORE, _ELSE: OTHER, _MISSING: NOT_GIVEN}
_FIGURES = ("n", "value", "low", "high", "suppressed")


@dataclass(frozen=True)
class Places:
    """The stages or channels (`of`) that are told apart, in journey order, and their numbers: 1 to 31, 0 is the end.

    Numbers fit five bits, so that a whole path is one number; sorted by number, places are in journey order.
    """

    of: str
    names: tuple[str, ...]

    def number(self, column: Any) -> Expression:
        """The number of a name; missing ones have theirs."""
        known = [(column == name, place) for place, name in enumerate(self.names, start=1)]
        return sa.cast(sa.case(*known, (column.is_(None), _MISSING), else_=_ELSE), sa.BigInteger)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Every number that a contact can have."""
        return (*range(1, len(self.names) + 1), _ELSE, _MISSING)

    def name(self, number: float) -> str:
        """The name behind a number."""
        return _SPECIAL.get(int(number)) or self.names[int(number) - 1]


def places(warehouse: Warehouse, scope: Scope, of: str) -> Places:
    """The most frequent stages or channels among the contacts since the scope's first day. Raises ScopeError.

    Filters do not count here: a case that begins in one channel goes on in others.
    """
    if of not in OF:
        raise ScopeError(f"ways lead through stages or channels: {of!r} is neither {' nor '.join(OF)}")
    name, n = contact.c[of], sa.func.count()
    since = Scope(scope.start).conditions(contact.c.occurred_at, {})
    counted = sa.select(name).where(name.is_not(None), *since).group_by(name).order_by(n.desc(), name).limit(_MOST)
    names = warehouse.read(counted)[of]
    return Places(of, tuple(sorted(names, key=journey.current().place)))


def asked(scope: Scope) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    """What contacts of a scope are selected from, and the conditions that they meet."""
    source = CONTACTS.source([name for name, _ in scope.filters])
    return source, scope.conditions(contact.c.occurred_at, CONTACTS.dimensions)


def once(rows: sa.Select[Any] | sa.CompoundSelect[Any], name: str, whole: bool = False) -> sa.CTE:
    """Rows that several parts of a statement read, computed once: left alone, an engine may do so for each part.

    whole: nor does it look at each contact for what the parts will choose; a limit that is never reached does that.
    """
    return (rows.limit(1 << 40) if whole else rows).cte(name).prefix_with("MATERIALIZED")


def bits(number: Expression, start: int, count: int) -> Expression:
    """`count` bits of a whole number from bit `start` on, as a number."""
    return number.bitwise_rshift(sa.cast(start, sa.Integer)).bitwise_and((1 << count) - 1)


def figures(n: Expression, hits: Expression, of: Expression) -> list[sa.Label[Any]]:
    """n, and hits in per cent of `of` with the Wilson interval, as value, low, high."""
    whole = sa.cast(of, sa.Double)
    share = sa.cast(hits, sa.Double) / sa.func.nullif(whole, 0.0)
    low, high = wilson(share, whole)
    return [sa.cast(n, sa.Double).label("n"), (100 * share).label("value"), low.label("low"), high.label("high")]


def only_value(n: Expression, value: Expression) -> list[sa.Label[Any]]:
    """n and a value that is counted, not estimated, so that it has no interval."""
    missing = sa.cast(sa.null(), sa.Double)
    return [
        sa.cast(n, sa.Double).label("n"), sa.cast(value, sa.Double).label("value"), missing.label("low"),
        missing.label("high"),
    ]  # fmt: skip


def rounded(hours: Expression) -> Expression:
    """Hours to the minute below two hours, else to a tenth: medians are found by counting equal values."""
    minutes = sa.func.floor(hours * 60.0 + 0.5) / 60.0
    return sa.case((hours < 2.0, minutes), else_=sa.func.floor(hours * 10.0 + 0.5) / 10.0)


def median(counted: Expression, hours: Expression) -> Quantile:
    """The median of the counted rows' hours, `rounded`."""
    return Quantile(counted, rounded(hours), 0.5)


def part(
    what: str, cells: sa.Select[Any], keys: Sequence[str] = (), fixed: Mapping[str, int] | None = None
) -> sa.Select[Any]:
    """Cells (keys, n, value, low, high) with small ones hidden, in the shape that `answers` reads.

    keys: of KEYS; cells are hidden along each of them, see `suppress`. fixed: numbers of other KEYS, the same for all.
    """
    given = cells.subquery()
    kept = sa.select(*given.c).where(given.c.n > 0).subquery()
    shown = suppress(kept, keys, MINIMUM).subquery()
    numbers = (
        sa.cast(shown.c[key] if key in keys else (fixed or {}).get(key, 0), sa.BigInteger).label(key) for key in KEYS
    )
    named: list[Any] = [sa.cast(sa.literal(what), sa.Text).label("what"), *numbers]
    return sa.select(*named, *(shown.c[name] for name in _FIGURES))


def answers(warehouse: Warehouse, parts: Sequence[sa.Select[Any]]) -> dict[str, pd.DataFrame]:
    """What -> a, b, c, n, value, low, high, suppressed, by one statement. A part without a row is not there."""
    found = warehouse.read(sa.union_all(*parts))
    numbers = [*KEYS, "n", "value", "low", "high"]
    typed = found.astype(dict.fromkeys(numbers, float) | dict.fromkeys(KEYS, int))
    ordered = typed.sort_values(list(KEYS)).assign(suppressed=found["suppressed"].astype(bool))
    return {str(what): rows.drop(columns="what").reset_index(drop=True) for what, rows in ordered.groupby("what")}


def table(
    found: dict[str, pd.DataFrame], names: dict[str, str], figure: tuple[str, str, str], keys: Sequence[str]
) -> pd.DataFrame:
    """Figures side by side, one row per key. names: what -> its name; with "" the plain n, value, low, high.

    figure: names of value, low and high of the first of `names`; the others get theirs in front (csat, csat_low, ...).
    """
    first, *others = names.items()
    value, low, high = figure
    empty = pd.DataFrame({name: pd.Series(dtype=float) for name in (*KEYS, *_FIGURES)})
    whole = found.get(first[0], empty).rename(columns={"value": value, "low": low, "high": high})
    for what, name in others:
        own = found.get(what, empty)[[*keys, "n", "value", "low", "high"]]
        named = {"n": f"{name}_n", "value": name, "low": f"{name}_low", "high": f"{name}_high"}
        whole = whole.merge(own.rename(columns=named), on=list(keys), how="left")
    return whole
