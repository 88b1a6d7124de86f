"""How often each theme is spoken of, when and where, and in which mood: counted by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import MINIMUM, added_up, answered, in_order, share_columns, small_hidden
from cx_metrics.analyses.taxonomy import Themes
from cx_metrics.analyses.voice_texts import ALL, NONE, bits, texts
from cx_metrics.dialect import bucket
from cx_metrics.judges.themes import EVERYTHING, NOT_COVERED
from cx_metrics.metrics.estimators import Z, wilson
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse

_SUMS = ("texts", "moods", "mood", "squares", "negative")
_KEYS = {"period": sa.DateTime, "stage": sa.Text, "channel": sa.Text}
_SHARE = ("share", "low", "high")
_MOOD = ("mood", "mood_low", "mood_high", "negative", "negative_low", "negative_high")


def figures(warehouse: Warehouse, found: sa.CTE, themes: Themes, scope: Scope, every: str) -> dict[str, pd.DataFrame]:
    """Tables themes, trend (one row per theme and period) and places (per theme, stage and channel), see `voice`.

    found: as `masks` gives. every: week, month, quarter or year.
    """
    cells = _cells(found, themes, scope, every)
    split = [_split(cells, themes, groups) for groups in (("period",), ("stage", "channel"))]
    rows = answered(warehouse, sa.union_all(_themes(cells, themes), *split), "n", "texts", "moods", *_SHARE, *_MOOD)
    names = {**dict(enumerate(theme.name for theme in themes)), NONE: NOT_COVERED, ALL: EVERYTHING}
    rows = rows.assign(theme=[names[int(number)] for number in rows["no"]])
    whole = rows[rows["what"] == "theme"]
    last = whole["no"].clip(lower=NONE - 1)
    order = whole.assign(last=last, size=-whole["texts"]).sort_values(["last", "size", "no"], na_position="last")
    place = {name: at for at, name in enumerate(order["theme"])}
    rows = rows.assign(place=[place[name] for name in rows["theme"]])
    trend = rows[rows["what"] == "period"].sort_values(["place", "period"])
    places = in_order(rows[rows["what"] == "stage"].sort_values("place", kind="stable"), "stage", "channel")
    return {
        "themes": _kept(order, "theme", "texts", "n", *_SHARE, "moods", *_MOOD, "suppressed"),
        "trend": _kept(trend, "theme", "period", "texts", "n", *_SHARE, "suppressed"),
        "places": _kept(places, "stage", "channel", "theme", "texts", "n", *_SHARE, "suppressed"),
    }


def _kept(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return rows[list(columns)].reset_index(drop=True)


def _cells(found: sa.CTE, themes: Themes, scope: Scope, every: str) -> sa.CTE:
    """no, period, stage, channel, and the sums of the texts there: how many, with a mood, the mood, its square, those
    in a bad mood."""
    said, numbers = texts(found, scope), bits(themes)
    place = [sa.func.coalesce(said.c[name], NOT_GIVEN).label(name) for name in ("stage", "channel")]
    keyed = sa.select(bucket(every, said.c.at).label("period"), *place, said.c.mood, said.c.mask).subquery("keyed")
    mood = keyed.c.mood
    bad = sa.case((mood < scope.limits.sentiment, 1), else_=0)
    sums = {"texts": sa.func.count(), "moods": sa.func.count(mood), "mood": sa.func.sum(mood),
            "squares": sa.func.sum(mood * mood), "negative": sa.func.sum(bad)}  # fmt: skip
    doubled = [sa.cast(sa.func.coalesce(value, 0), sa.Double).label(name) for name, value in sums.items()]
    keys = [numbers.c.no, *(keyed.c[name] for name in _KEYS)]
    both = keyed.join(numbers, keyed.c.mask.bitwise_and(numbers.c.bit) != 0)
    return sa.select(*keys, *doubled).select_from(both).group_by(*keys).cte("cells")


def _themes(cells: sa.CTE, themes: Themes) -> sa.Select[Any]:
    """One row per theme; the count is hidden below 5 texts, all else below 10."""
    some = added_up(cells, ("no",), {name: cells.c[name] for name in _SUMS})
    numbers = bits(themes)
    zeros = (sa.func.coalesce(some.c[name], 0.0).label(name) for name in _SUMS)
    every = numbers.outerjoin(some, some.c.no == numbers.c.no)
    own = sa.select(numbers.c.no, *zeros).select_from(every).cte("own")
    all_of = sa.select(own.c.texts).where(own.c.no == ALL).scalar_subquery()
    unseen = own.c.texts < MINIMUM
    shares = share_columns(own.c.texts, all_of)
    part = own.c.negative / sa.func.nullif(own.c.moods, 0.0)
    low, high = wilson(part, own.c.moods)
    mean = own.c.mood / sa.func.nullif(own.c.moods, 0.0)
    variance = (own.c.squares - own.c.moods * mean * mean) / sa.func.nullif(own.c.moods - 1, 0.0)
    half = Z * sa.func.sqrt(sa.case((variance > 0, variance), else_=0.0) / sa.func.nullif(own.c.moods, 0.0))
    moods = dict(zip(_MOOD, (mean, mean - half, mean + half, 100 * part, low, high), strict=True))
    felt = sa.and_(sa.not_(unseen), own.c.moods >= MINIMUM)
    return sa.select(
        sa.literal("theme").label("what"), own.c.no, *_keys(own, ()),
        sa.case((sa.or_(own.c.texts == 0, own.c.texts >= HIDDEN_BELOW), own.c.texts)).label("texts"), all_of.label("n"),
        *(sa.case((sa.not_(unseen), column.element)).label(column.name) for column in shares),
        sa.case((sa.not_(unseen), own.c.moods)).label("moods"),
        *(sa.case((felt, value)).label(name) for name, value in moods.items()),
        unseen.label("suppressed"),
    )  # fmt: skip


def _split(cells: sa.CTE, themes: Themes, groups: Sequence[str]) -> sa.Select[Any]:
    """One row per theme and cell of `groups` that has texts; n: all texts there, small cells are hidden."""
    own = added_up(cells, ("no", *groups), {"texts": cells.c.texts})
    all_of = sa.select(*(own.c[name] for name in groups), own.c.texts.label("n")).where(own.c.no == ALL).cte()
    seen = small_hidden(all_of, groups, []).subquery()
    numbers = bits(themes)
    same = [own.c[name] == seen.c[name] for name in groups]
    both = seen.join(numbers, sa.true()).outerjoin(own, sa.and_(own.c.no == numbers.c.no, *same))
    hits = sa.case((sa.not_(seen.c.suppressed), sa.func.coalesce(own.c.texts, 0.0)))
    missing = [sa.cast(sa.null(), sa.Double).label(name) for name in ("moods", *_MOOD)]
    return sa.select(
        sa.literal(groups[0]).label("what"), numbers.c.no, *_keys(seen, groups),
        hits.label("texts"), seen.c.n, *share_columns(hits, seen.c.n), *missing, seen.c.suppressed,
    ).select_from(both)  # fmt: skip


def _keys(rows: sa.FromClause, groups: Sequence[str]) -> list[sa.Label[Any]]:
    """period, stage and channel, missing where they are not among the groups."""
    keys = (rows.c[name] if name in groups else sa.cast(sa.null(), kind) for name, kind in _KEYS.items())
    return [key.label(name) for key, name in zip(keys, _KEYS, strict=True)]
